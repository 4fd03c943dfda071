local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

describe("L2CAP", function()
  it("carries the attribute protocol", function()
    local bytes = luapkt.build {
      { "L2CAP_Hdr" }, { "ATT_Hdr" }, { "ATT_Read_Request", { gatt_handle = 3 } },
    }
    assert.equal(unhex "0300 0400 0a 0300", bytes)
    assert.equal("ATT_Read_Request", luapkt.dissect(bytes, "L2CAP_Hdr")[3].id)
  end)

  it("carries the security manager", function()
    local bytes = luapkt.build { { "L2CAP_Hdr" }, { "SM_Hdr" }, { "SM_Failed", { reason = 5 } } }
    assert.equal(unhex "0200 0600 05 05", bytes)
  end)

  it("asks for new parameters of a connection", function()
    local bytes = luapkt.build {
      { "L2CAP_Hdr" }, { "L2CAP_CmdHdr", { id = 1 } },
      { "L2CAP_Connection_Parameter_Update_Request", { min_interval = 6 } },
    }
    assert.equal(unhex "0c00 0500 12 01 0800 0600 0000 0000 0000", bytes)
  end)

  it("lists handles with values of one length", function()
    local layer = luapkt.dissect(unhex "09 04 0100 6162 0200 6364", "ATT_Hdr")[2]
    assert.equal(2, #layer.fields.handles)
    assert.equal("cd", layer.fields.handles[2].fields.value)
    local function handle(n, value)
      return { id = "ATT_Handle_Variable", fields = { handle = n, value = value } }
    end
    assert.equal(unhex "09 05 0100 616263 0200 646566", luapkt.build {
      { "ATT_Hdr" },
      { "ATT_Read_By_Type_Response", { handles = { handle(1, "abc"), handle(2, "def") } } },
    })
  end)

  it("lists handles in either form", function()
    local layer = luapkt.dissect(unhex "05 01 0100 0028", "ATT_Hdr")[2]
    assert.equal("ATT_Find_Information_Response", layer.id)
    assert.equal(unhex "05 01 0100 0028", luapkt.build {
      { "ATT_Hdr" },
      { "ATT_Find_Information_Response", {
        handles = { { id = "ATT_Handle", fields = { handle = 1, value = 0x2800 } } } } },
    })
    local uuid = unhex "ffeeddccbbaa99887766554433221100"
    local long = unhex "05 02 0100" .. uuid
    layer = luapkt.dissect(long, "ATT_Hdr")[2]
    assert.equal(uuid, layer.fields.handles[1].fields.value)
    assert.equal(long, luapkt.build {
      { "ATT_Hdr" },
      { "ATT_Find_Information_Response", { format = 2, handles = {
        { id = "ATT_Handle_UUID128", fields = {
          handle = 1, value = "00112233-4455-6677-8899-aabbccddeeff" } } } } },
    })
  end)
end)

describe("An error of the attribute protocol", function()
  -- As scapy 2.5 shows it: a handle is a plain number there, and only there.
  it("is about a handle", function()
    local service = support.service()
    local layer = assert(service:call("build_pkt", { { id = "ATT_Error_Response" } })).data[1]
    service:close()
    local shown = {}
    for _, field in ipairs(layer.fields) do shown[field.id] = field end
    assert.equal("0x0", shown.request.hvalue)
    assert.equal("0", shown.handle.hvalue)
  end)
end)
