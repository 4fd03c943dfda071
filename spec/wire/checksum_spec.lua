local wire = require("luapkt.core").wire
local unhex = require("spec.support").unhex

-- RFC 1071 section 1, word by word.
local function plain_sum(s)
  local sum = 0
  for at = 1, #s, 2 do sum = sum + s:byte(at) * 256 + (s:byte(at + 1) or 0) end
  while sum > 0xffff do sum = (sum >> 16) + (sum & 0xffff) end
  return ~sum & 0xffff
end

describe("the Internet checksum", function()
  it("is that of RFC 1071 section 3", function()
    assert.equal(~0xddf2 & 0xffff, wire.inet(unhex "00 01 f2 03 f4 f5 f6 f7"))
  end)

  it("is 0 over a header that holds its checksum", function()
    -- The IPv4 header of a capture: 192.168.0.1 to 192.168.0.199, UDP.
    local header = unhex "4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7"
    assert.equal(0, wire.inet(header))
    assert.equal(0xb861, wire.inet(header:sub(1, 10), "\0\0", header:sub(13)))
  end)

  it("is the complement of zero over nothing and over zeros", function()
    assert.equal(0xffff, wire.inet(""))
    assert.equal(0xffff, wire.inet(("\0"):rep(99)))
  end)

  it("holds for every length and for pieces", function()
    local bytes = {}
    for i = 1, 200 do bytes[i] = string.char((i * 167 + 13) % 256) end
    local all = table.concat(bytes)
    for n = 0, #all do
      local s = all:sub(1, n)
      assert.equal(plain_sum(s), wire.inet(s))
      local cut = n // 2 & ~1
      assert.equal(plain_sum(s), wire.inet(s:sub(1, cut), s:sub(cut + 1)))
    end
  end)

  it("loses no carry", function()
    assert.equal(0, wire.inet(("\xff"):rep(65536)))
  end)

  it("refuses an odd piece before the last", function()
    assert.error_matches(function() wire.inet("abc", "d") end, "bad argument #1 .*odd length")
    assert.has_error(function() wire.inet() end)
  end)
end)

describe("sums of 32 bits", function()
  it("give the check values of their algorithms", function()
    assert.equal(0xcbf43926, wire.crc32 "123456789")
    assert.equal(0xe3069283, wire.crc32c "123456789")
    assert.equal(0x11e60398, wire.adler32 "Wikipedia")
  end)

  it("give the CRC-32C values of RFC 3720 appendix B.4", function()
    local rising, falling = {}, {}
    for i = 0, 31 do
      rising[i + 1] = string.char(i)
      falling[i + 1] = string.char(31 - i)
    end
    -- The RFC prints the bytes in the order of the wire, least significant first.
    assert.equal(0x8a9136aa, wire.crc32c(("\0"):rep(32)))
    assert.equal(0x62a8ab43, wire.crc32c(("\xff"):rep(32)))
    assert.equal(0x46dd794e, wire.crc32c(table.concat(rising)))
    assert.equal(0x113fdb5c, wire.crc32c(table.concat(falling)))
  end)

  it("start from nothing", function()
    assert.equal(0, wire.crc32 "")
    assert.equal(0, wire.crc32c "")
    assert.equal(1, wire.adler32 "")
  end)

  it("go on from the sum so far, wherever the text is cut", function()
    local text = ("The quick brown fox jumps over the lazy dog. "):rep(300)
    for _, sum in ipairs { wire.crc32, wire.crc32c, wire.adler32 } do
      for cut = 0, 50 do
        assert.equal(sum(text), sum(text:sub(cut + 1), sum(text:sub(1, cut))))
      end
    end
  end)

  it("do not overflow in Adler-32", function()
    -- a = 1 + 255 n, b = n + 255 n (n + 1) / 2, both modulo 65521
    local n = 20000
    local a, b = (1 + 255 * n) % 65521, (n + 255 * n * (n + 1) // 2) % 65521
    assert.equal(b << 16 | a, wire.adler32(("\xff"):rep(n)))
  end)

  it("refuse a sum so far that has more bits", function()
    assert.has_error(function() wire.crc32("x", 1 << 32) end)
    assert.has_error(function() wire.adler32("x", -1) end)
  end)
end)

describe("Fletcher's checksum", function()
  local function sums(s)
    local c0, c1 = 0, 0
    for byte in s:gmatch "." do
      c0 = (c0 + byte:byte()) % 255
      c1 = (c1 + c0) % 255
    end
    return c0, c1
  end

  it("is that of an OSPF router LSA", function()
    -- Without its age, RFC 2328 section 12.1.7; scapy works out the same.
    local lsa = unhex [[ 02 01 0a000001 0a000001 80000001 0000 0024
                         03 00 0001 0a010000 ffff0000 03 00 000a ]]
    assert.equal(0xe93b, wire.fletcher(lsa, 14))
  end)

  it("makes both sums vanish, wherever it is, and has no zero bytes", function()
    for n = 2, 300, 7 do
      local bytes = {}
      for i = 1, n do bytes[i] = string.char((i * 167 + n) % 256) end
      local s = table.concat(bytes)
      for at = 0, n - 2, 5 do
        local sum = wire.fletcher(s, at)
        assert.is_true(sum >> 8 ~= 0 and sum & 0xff ~= 0)
        local whole = s:sub(1, at) .. (">I2"):pack(sum) .. s:sub(at + 3)
        assert.same({ 0, 0 }, { sums(whole) })
        assert.equal(sum, wire.fletcher(whole, at)) -- what is there doesn't count
      end
    end
  end)

  it("has a place within the bytes", function()
    assert.has_error(function() wire.fletcher("abc", 2) end)
    assert.has_error(function() wire.fletcher("abc", -1) end)
    assert.has_error(function() wire.fletcher("", 0) end)
  end)
end)

describe("sums of radio frames", function()
  it("give the check values of their algorithms: CRC-16/KERMIT and CRC-24/BLE", function()
    assert.equal(0x2189, wire.crc16 "123456789")
    assert.equal(0xc25a56, wire.crc24 "123456789")
  end)

  it("go on from the sum so far, wherever the text is cut", function()
    for cut = 0, 9 do
      for _, sum in ipairs { wire.crc16, wire.crc24 } do
        local first, rest = ("123456789"):sub(1, cut), ("123456789"):sub(cut + 1)
        assert.equal(sum "123456789", sum(rest, sum(first)))
      end
    end
  end)

  it("are 0 over a frame with its own sum behind it", function()
    assert.equal(0, wire.crc16("123456789" .. unhex "8921"))
    assert.equal(0, wire.crc24("123456789" .. unhex "565ac2"))
  end)
end)
