local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- RFC 792, a message of every shape; the checksums are those of RFC 1071.
local cases = {
  { "an echo request", { type = 8, id = 1, seq = 2 }, "0800f7fc 0001 0002" },
  { "an echo reply", { type = 0, id = 7, seq = 8 }, "0000fff0 0007 0008" },
  { "fragmentation needed", { type = 3, code = 4, nexthopmtu = 1500 }, "0304f71f 00 00 05dc" },
  { "a source quench", { type = 4 }, "0400fbff 00000000" },
  { "a redirect", { type = 5, code = 1, gw = "10.0.0.254" }, "0501f000 0a0000fe" },
  { "an exceeded time", { type = 11, code = 1, length = 5 }, "0b01f4f9 00 05 0000" },
  { "a parameter problem", { type = 12, ptr = 1, length = 5 }, "0c00f2fa 01 05 0000" },
  { "a time stamp", { type = 13, id = 1, seq = 2, ts_ori = 1, ts_rx = 2, ts_tx = 3 },
    "0d00f2f6 0001 0002 00000001 00000002 00000003" },
  { "an address mask", { type = 18, id = 1, seq = 2, addr_mask = "255.255.255.0" },
    "1200eefb 0001 0002 ffffff00" },
}

describe("ICMP", function()
  for _, case in ipairs(cases) do
    local what, fields, bytes = case[1], case[2], unhex(case[3])

    it("builds " .. what, function()
      assert.equal(bytes, luapkt.build { { "ICMP", fields } })
    end)

    it("reads " .. what, function()
      local icmp = luapkt.dissect(bytes, "ICMP")[1].fields
      for name, value in pairs(fields) do assert.equal(value, icmp[name]) end
    end)
  end

  it("keeps a checksum that was set wrong", function()
    assert.equal(unhex "dead", luapkt.build { { "ICMP", { chksum = 0xdead } } }:sub(3, 4))
  end)

  it("takes a code by the name it has for the type", function()
    local bytes = luapkt.build { { "ICMP", { type = "redirect", code = "host-redirect" } } }
    assert.equal(unhex "0501", bytes:sub(1, 2))
  end)

  it("takes no code that the type doesn't have", function()
    local bytes, err = luapkt.build { { "ICMP", { type = "redirect", code = "bad-spi" } } }
    assert.is_nil(bytes)
    assert.same({
      code = "value",
      message = 'ICMP.code: "bad-spi" is not a number or a name such as network-redirect',
    }, err)
  end)
end)
