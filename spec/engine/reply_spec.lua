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

  -- As scapy 2.5 reads the layer alone: the class itself, where no method is known by the type.
  it("whose bytes are of the general kind it belongs to is read as itself", function()
    local layers = service:call("build_pkt", {
      { id = "Ether" }, { id = "EAPOL" }, { id = "LEAP", fields = { { id = "code", value = 3 } } },
    }).data
    assert.equal("EAP", layers[3].real_id)
    assert.is_true(layers[3].valid_structure)
    assert.equal(5, field_of(layers[3], "version").offset)
    assert.is_nil(field_of(layers[3], "version").ignored)
    assert.is_true(field_of(layers[3], "username").ignored)
  end)

  -- Likewise: the class that the type names.
  it("whose bytes are of another kind of the same is read as that", function()
    local layers = service:call("build_pkt", {
      { id = "Ether" }, { id = "EAPOL" },
      { id = "EAP_MD5", fields = { { id = "type", value = 13 } } },
    }).data
    assert.equal("EAP_TLS", layers[3].real_id)
    assert.is_false(layers[3].valid_structure)
    assert.is_true(field_of(layers[3], "value_size").ignored)
  end)

  -- Which class is a subclass of which, and what the bytes are read as: scapy 2.5.
  describe("counts as what it is a kind of, and the other way round:", function()
    local function asked(id, field, value, real, ...)
      local stack = { ... }
      table.insert(stack, { id = id, fields = { { id = field, value = value } } })
      for i, layer in ipairs(stack) do
        if type(layer) == "string" then stack[i] = { id = layer } end
      end
      it(("%s with %s %s is %s"):format(id, field, value, real), function()
        local layers = service:call("build_pkt", stack).data
        assert.equal(real, layers[#layers].real_id)
        assert.is_true(layers[#layers].valid_structure)
      end)
    end

    local src, dst = "ICMPv6NDOptSrcLLAddr", "ICMPv6NDOptDstLLAddr"
    local client, server = "DHCP6OptClientId", "DHCP6OptServerId"
    local echo, discard = "PPP_LCP_Echo", "PPP_LCP_Discard_Request"
    asked(src, "type", 2, dst, "Ether", "IPv6", "ICMPv6ND_NS")
    asked(dst, "type", 1, src, "Ether", "IPv6", "ICMPv6ND_NS")
    asked("ICMPv6NDOptSrcAddrList", "type", 10, "ICMPv6NDOptTgtAddrList", "Ether", "IPv6",
      "ICMPv6ND_INDSol")
    asked("SCTPChunkHeartbeatReq", "type", 5, "SCTPChunkHeartbeatAck", "Ether", "IP", "SCTP")
    asked("LLMNRQuery", "qr", 1, "LLMNRResponse", "Ether", "IP", "UDP")
    asked("LLMNRResponse", "qr", 0, "LLMNRQuery", "Ether", "IP", "UDP")
    asked(discard, "code", 9, echo, "PPPoE", "PPP")
    asked(echo, "code", 11, discard, "PPPoE", "PPP")
    asked("MIP6MH_HoTI", "mhtype", 2, "MIP6MH_CoTI", "Ether", "IPv6")
    asked("MIP6MH_HoT", "mhtype", 4, "MIP6MH_CoT", "Ether", "IPv6")
    asked(client, "optcode", 2, server, "Ether", "IPv6", "UDP", "DHCP6_Solicit")
    asked(server, "optcode", 1, client, "Ether", "IPv6", "UDP", "DHCP6_Solicit")
    asked("ICMPv6NIQueryNOOP", "qtype", 2, "ICMPv6NIQueryName", "Ether", "IPv6")
    asked("ICMPv6NIReplyNOOP", "code", 1, "ICMPv6NIReplyRefuse", "Ether", "IPv6")
    asked("PPP_IPCP_Option_IPAddress", "type", 129, "PPP_IPCP_Option_DNS1")

    it("PPPoE in a frame of its discovery", function()
      local layers = service:call("build_pkt", {
        { id = "Ether", fields = { { id = "type", value = 0x8863 } } }, { id = "PPPoE" },
      }).data
      assert.equal("PPPoED", layers[2].real_id)
      assert.is_true(layers[2].valid_structure)
    end)

    it("but not what only begins alike", function()
      local layers = service:call("build_pkt", {
        { id = "ISAKMP", fields = { { id = "next_payload", value = 1 } } },
        { id = "ISAKMP_payload" },
      }).data
      assert.equal("ISAKMP_payload_SA", layers[2].real_id)
      assert.is_false(layers[2].valid_structure)
    end)
  end)
end)
