local wire = require("luapkt.core").wire
local unhex = require("spec.support").unhex

describe("wire bits", function()
  -- RFC 791 section 3.1: version 4, header length 5, type of service 0, total length 21,
  -- identification 111, flags 0, fragment offset 0 (appendix A, example 1).
  local ip = unhex "45 00 00 15 00 6f 00 00"

  it("counts from the most significant bit of the first byte", function()
    assert.equal(4, wire.get_bits(ip, 0, 4))
    assert.equal(5, wire.get_bits(ip, 4, 4))
    assert.equal(21, wire.get_bits(ip, 16, 16))
    assert.equal(111, wire.get_bits(ip, 32, 16))
  end)

  it("reads ranges that touch nine bytes", function()
    assert.equal(0x123456789abcdef0, wire.get_bits(unhex "f1 23 45 67 89 ab cd ef 0f", 4, 64))
    assert.equal(-1, wire.get_bits(("\xff"):rep(9), 7, 64))
  end)

  it("writes a range and leaves the bits around it", function()
    assert.equal(unhex "f5 5f", wire.put_bits("\xff\xff", 4, 8, 0x55))
    assert.equal(unhex "40 00 00", wire.put_bits("\0\0\0", 1, 1, 1))
    assert.equal(unhex "ff ff fe 00 00 00 00 00 00 00 01 ff",
      wire.put_bits(("\xff"):rep(12), 23, 64, 0))
  end)

  it("reads back what it wrote, at every place and width", function()
    for width = 1, 64 do
      local v = 0x5a5aa5a5deadbeef & (-1 >> (64 - width))
      for bit = 0, 15 do
        local s = wire.put_bits(("\xa5"):rep(10), bit, width, v)
        assert.equal(v, wire.get_bits(s, bit, width))
        assert.equal(("\xa5"):rep(10), wire.put_bits(s, bit, width,
          wire.get_bits(("\xa5"):rep(10), bit, width)))
      end
    end
  end)

  it("reads and writes whole bytes in both orders", function()
    local s = unhex "01 02 03 04 05 06 07 08"
    for n = 1, 8 do
      assert.equal((string.unpack(">I" .. n, s)), wire.get_be(s, 0, n))
      assert.equal((string.unpack("<I" .. n, s)), wire.get_le(s, 0, n))
      assert.equal(s:sub(1, n), wire.put_be(("\0"):rep(n), 0, n, string.unpack(">I" .. n, s)))
      assert.equal(s:sub(1, n), wire.put_le(("\0"):rep(n), 0, n, string.unpack("<I" .. n, s)))
    end
    assert.equal(0x0304, wire.get_be(s, 2, 2))
    assert.equal(unhex "00 34 12 00", wire.put_le(("\0"):rep(4), 1, 2, 0x1234))
  end)

  it("refuses places outside the string", function()
    local function refused(place, f, ...)
      local ok, err = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(err:find("bad argument #" .. place, 1, true), err)
    end
    refused(2, wire.get_bits, "ab", -1, 1)
    refused(2, wire.get_bits, "ab", 16, 1)
    refused(2, wire.get_bits, "ab", 9, 8)
    refused(2, wire.get_bits, "", 0, 1)
    refused(2, wire.get_bits, "ab", math.maxinteger, 64)
    refused(3, wire.get_bits, "ab", 0, 0)
    refused(3, wire.get_bits, ("x"):rep(20), 0, 65)
    refused(2, wire.put_bits, "ab", 12, 5, 0)
    refused(4, wire.put_bits, "ab", 0, 4, 16)
    refused(4, wire.put_bits, "ab", 0, 4, -1)
    refused(4, wire.put_bits, ("x"):rep(8), 0, 63, -1)
    refused(3, wire.get_be, ("x"):rep(20), 0, 9)
    refused(2, wire.get_le, "ab", 1, 2)
    refused(4, wire.put_be, "ab", 0, 2, 0x10000)
    refused(4, wire.put_le, "ab", 0, 1, 256)
    refused(1, wire.get_bits, nil, 0, 1)
  end)
end)
