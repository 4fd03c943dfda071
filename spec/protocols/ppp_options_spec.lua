local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- An option by itself: what is set in it, and its bytes.
local cases = {
  { "PPP_LCP_MRU_Option", { max_recv_unit = 1492 }, "01 04 05d4" },
  { "PPP_LCP_ACCM_Option", { accm = 0xa0000 }, "02 06 000a0000" },
  { "PPP_LCP_Auth_Protocol_Option", {}, "03 04 c023" },
  { "PPP_LCP_Auth_Protocol_Option", { auth_protocol = 0xc223, algorithm = 0x81 }, "03 05 c223 81" },
  { "PPP_LCP_Quality_Protocol_Option", { data = "\0\0\0\9" }, "04 08 c025 00000009" },
  { "PPP_LCP_Magic_Number_Option", { magic_number = 0x11223344 }, "05 06 11223344" },
  { "PPP_LCP_Callback_Option", { operation = 1, message = "555" }, "0d 06 01 353535" },
  { "PPP_LCP_Option", { type = 7 }, "07 02" },
  { "PPP_IPCP_Option_IPAddress", { data = "10.0.0.1" }, "03 06 0a000001" },
  { "PPP_IPCP_Option_DNS1", { data = "10.0.0.1" }, "81 06 0a000001" },
  { "PPP_IPCP_Option_NBNS1", { data = "10.0.0.1" }, "82 06 0a000001" },
  { "PPP_IPCP_Option_DNS2", { data = "10.0.0.1" }, "83 06 0a000001" },
  { "PPP_IPCP_Option_NBNS2", { data = "10.0.0.1" }, "84 06 0a000001" },
  { "PPP_IPCP_Option", { type = 2, data = "\0\45\15\1" }, "02 06 002d0f01" },
  { "PPP_ECP_Option", { type = 1, data = "ab" }, "01 04 6162" },
  { "PPP_ECP_Option_OUI", { oui = "\0\1\2", subtype = 3, data = "x" }, "00 07 000102 03 78" },
}

describe("an option of PPP", function()
  for _, case in ipairs(cases) do
    local id, fields, bytes = case[1], case[2], unhex(case[3])

    it("is built: " .. id, function()
      assert.equal(bytes, luapkt.build { { id, fields } })
    end)

    it("is read: " .. id, function()
      local option = luapkt.dissect(bytes, id)[1]
      assert.equal(id, option.id)
      for name, value in pairs(fields) do assert.equal(value, option.fields[name]) end
    end)
  end
end)

describe("a list of options", function()
  -- RFC 1661 section 6: maximum receive unit 1492 and a magic number.
  local wire = unhex "01 01 000e  01 04 05d4  05 06 11223344"

  it("is built of the kinds of options", function()
    local options = {
      { id = "PPP_LCP_MRU_Option", fields = { max_recv_unit = 1492 } },
      { id = "PPP_LCP_Magic_Number_Option", fields = { magic_number = 0x11223344 } },
    }
    assert.equal(wire, luapkt.build { { "PPP_LCP_Configure", { id = 1, options = options } } })
  end)

  it("is read by their types", function()
    local options = luapkt.dissect(wire, "PPP_LCP_Configure")[1].fields.options
    assert.equal("PPP_LCP_MRU_Option", options[1].id)
    assert.equal("PPP_LCP_Magic_Number_Option", options[2].id)
    assert.equal(0x11223344, options[2].fields.magic_number)
  end)

  -- RFC 1332 section 3.3, RFC 1877 section 1.1
  it("asks for addresses", function()
    local bytes = unhex "01 01 0016  03 06 00000000  81 06 00000000  83 06 00000000"
    local options = luapkt.dissect(bytes, "PPP_IPCP")[1].fields.options
    assert.equal("PPP_IPCP_Option_IPAddress", options[1].id)
    assert.equal("PPP_IPCP_Option_DNS1", options[2].id)
    assert.equal("PPP_IPCP_Option_DNS2", options[3].id)
  end)

  it("leaves an option of an unknown type as bytes", function()
    local option = luapkt.dissect(unhex "01 09 0008  63 04 6162", "PPP_ECP")[1].fields.options[1]
    assert.equal("PPP_ECP_Option", option.id)
    assert.equal("ab", option.fields.data)
  end)

  -- As scapy 2.5 has them, and the recorded default-ppp_ecp_option.
  it("is told by its type where it is alone, too", function()
    local function read(hex, id) return luapkt.dissect(unhex(hex), id)[1].id end
    assert.equal("PPP_LCP_Auth_Protocol_Option", read("03 04 c023", "PPP_LCP_Option"))
    assert.equal("PPP_LCP_Option", read("07 02", "PPP_LCP_Option"))
    assert.equal("PPP_IPCP_Option_DNS1", read("81 06 0a000001", "PPP_IPCP_Option"))
    assert.equal("PPP_IPCP_Option", read("00 02", "PPP_IPCP_Option"))
    assert.equal("PPP_ECP_Option_OUI", read("00 06 00000000", "PPP_ECP_Option"))
  end)
end)
