local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- Every case: an option and its bytes by RFC 791, 1063, 1393, 1475, 1770 or 2113.
local cases = {
  { "IPOption_EOL", {}, "00" },
  { "IPOption_NOP", {}, "01" },
  { "IPOption_Security", { security = 1, compartment = 2, handling_restrictions = 3,
                           transmission_control_code = "abc" }, "820b 0001 0002 0003 616263" },
  { "IPOption_LSRR", { routers = { "1.2.3.4" } }, "830704 01020304" },
  { "IPOption_RR", { routers = { "1.2.3.4", "5.6.7.8" } }, "070b04 01020304 05060708" },
  { "IPOption_Stream_Id", { security = 77 }, "8804 004d" },
  { "IPOption_SSRR", { routers = { "1.2.3.4" }, pointer = 8 }, "890708 01020304" },
  { "IPOption_MTU_Probe", { mtu = 1400 }, "0b04 0578" },
  { "IPOption_MTU_Reply", { mtu = 1400 }, "0c04 0578" },
  { "IPOption_Traceroute", { id = 1, outbound_hops = 2, return_hops = 3,
                             originator_ip = "9.9.9.9" }, "120c 0001 0002 0003 09090909" },
  { "IPOption_Address_Extension", { src_ext = "1.1.1.1", dst_ext = "2.2.2.2" },
    "930a 01010101 02020202" },
  { "IPOption_Router_Alert", { alert = 1 }, "9404 0001" },
  { "IPOption_SDBM", { addresses = { "1.2.3.4" } }, "9506 01020304" },
  { "IPOption", { optclass = 2, option = 4, value = "xy" }, "4404 7879" },
}

describe("IP options", function()
  for _, case in ipairs(cases) do
    local id, fields, bytes = case[1], case[2], unhex(case[3])

    it(id .. " is built", function()
      assert.equal(bytes, luapkt.build { { id, fields } })
    end)

    it(id .. " is read inside a header", function()
      local padded = bytes .. ("\0"):rep(-#bytes % 4)
      local header = unhex "45000000 00010000 40000000 10000001 30000001"
      header = string.char(0x45 + #padded // 4) .. header:sub(2)
      local option = luapkt.dissect(header .. padded, "IP")[1].fields.options[1]
      assert.equal(id, option.id)
      for name, value in pairs(fields) do assert.same(value, option.fields[name]) end
    end)
  end

  it("pad the header to 32 bits", function()
    local options = { { id = "IPOption_RR", fields = { routers = { "1.1.1.1" } } } }
    local bytes = luapkt.build { { "IP", { options = options } } }
    assert.equal(28, #bytes)
    assert.equal(unhex "47", bytes:sub(1, 1))
    assert.equal(unhex "07070401010101 00", bytes:sub(21))
  end)

  it("keep a length that was set wrong", function()
    assert.equal(unhex "8308 04", luapkt.build { { "IPOption_LSRR", { length = 8 } } })
  end)
end)
