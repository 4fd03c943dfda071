-- The reply tree: what is said of a layer that its bytes don't bear out.

local luapkt  = require "luapkt"
local support = require "spec.support"

local base64 = luapkt.wire.base64

describe("a layer", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  local field_of = support.field_of

  it("that lies elsewhere by the lengths below is read where it was asked for", function()
    local frame = luapkt.build {
      { "Ether" }, { "IP" }, { "TCP", { options = { "NOP", "NOP", "NOP", "NOP" } } },
      { "Raw", { load = ("\xff"):rep(20) } },
    }
    local longer = { { id = "Ether" }, { id = "IP", fields = { { id = "ihl", value = 6 } } } }
    local layers = service:call("reconstruct_pkt", base64(frame), longer).data
    assert.equal(34, layers[3].offset)
    assert.is_true(layers[3].valid_structure)
    assert.equal('{{"NOP"}, {"NOP"}, {"NOP"}, {"NOP"}}', field_of(layers[3], "options").hvalue)
  end)

  -- As scapy 2.5 reads the layer alone: an empty field that ends it isn't there.
  it("on Padding, which is written behind it, ends before that", function()
    local layers = service:call("build_pkt", {
      { id = "Ether" }, { id = "Padding" }, { id = "TCP" }, { id = "Padding" },
      { id = "IPv6" }, { id = "ICMPv6EchoRequest" },
    }).data
    assert.is_nil(field_of(layers[3], "options").ignored)
    assert.is_true(field_of(layers[6], "data").ignored)
  end)

  it("whose bytes are its 'load' has the id that the reference gives it", function()
    local layer = service:call("build_pkt", { { id = "ISAKMP_payload_Hash" } }).data[1]
    assert.equal("Raw", layer.id)
    assert.equal("ISAKMP_payload_Hash", layer.real_id)
  end)

  it("that is read as another kind with other fields shows its own", function()
    local layers = service:call("build_pkt", { { id = "UDP" }, { id = "RIPEntry" } }).data
    assert.equal("RIP", layers[2].real_id)
    assert.is_true(layers[2].valid_structure)
    assert.equal(16, field_of(layers[2], "metric").offset)
    assert.is_nil(field_of(layers[2], "metric").ignored)
  end)
end)
