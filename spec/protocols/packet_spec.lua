local luapkt  = require "luapkt"
local support = require "spec.support"

describe("what packets are made of", function()
  local ids = { "Packet", "NoPayload", "InheritOriginDNSStrPacket", "ASN1_Packet" }

  it("is listed by get_all and nowhere else, and can't be built", function()
    local service = support.service()
    local all = service:call("get_all")
    local _, definitions = {}, service:call("get_definitions", service.json.null)
    for _, id in ipairs(ids) do
      assert.same({}, all.db[id])
      for _, protocol in ipairs(definitions.protocols) do assert.not_equal(id, protocol.id) end
      local bytes, err = luapkt.build { { id } }
      assert.is_nil(bytes)
      assert.equal(("there is no protocol '%s'"):format(id), err.message)
    end
    service:close()
  end)
end)
