-- Checksums over as much as a rule says, where that is more than there is, or less than nothing.

local luapkt  = require "luapkt"
local support = require "spec.support"

local hex, wire = support.hex, luapkt.wire

local PROTOCOLS = [[
local f = require "luapkt.field"
return {
  { id = "Over", fields = {
      f.u8 "n", f.u8("x", { default = 7 }),
      f.u16("sum", { auto = f.checksum("inet", { over = f.ref "n" - 8 }) }) } },
  { id = "From", fields = {
      f.u8 "n", f.u8("x", { default = 7 }),
      f.u16("sum", { auto = f.checksum("inet", { from = 2, over = f.ref "n" }) }) } },
  { id = "Last", fields = {
      f.u8("x", { default = 7 }), f.u16("sum", { auto = f.checksum "fletcher" }) } },
}
]]

describe("a checksum", function()
  setup(function()
    local folder = support.tmpdir()
    support.write_file(folder .. "/sums.lua", PROTOCOLS)
    assert(luapkt.load { "protocols", folder })
  end)
  teardown(function() assert(luapkt.load { "protocols" }) end)

  -- RFC 1071: of no bytes it is all ones.
  it("covers what is there of what a rule says", function()
    for n, covered in pairs { [0] = 0, [8] = 0, [10] = 2, [12] = 4, [13] = 4, [255] = 4 } do
      local head = string.char(n, 7)
      local sum = wire.inet((head .. "\0\0"):sub(1, covered))
      assert.equal(hex(head .. (">I2"):pack(sum)), hex(luapkt.build { { "Over", { n = n } } }))
    end
  end)

  it("covers nothing where that ends before it begins", function()
    for n, wanted in pairs { [0] = "ffff", [1] = "ffff", [2] = "ffff", [4] = "ffff" } do
      assert.equal(("%02x07%s"):format(n, wanted), hex(luapkt.build { { "From", { n = n } } }))
    end
    local carried = luapkt.build { { "From", { n = 6 } }, { "Raw", { load = "ab" } } }
    assert.equal("06079e9d" .. "6162", hex(carried))
  end)

  -- RFC 905 annex B: both sums over all bytes come to 0.
  it("may be the last two bytes", function()
    local c0, c1 = 0, 0
    local bytes = luapkt.build { { "Last" } }
    for i = 1, #bytes do
      c0 = (c0 + bytes:byte(i)) % 255
      c1 = (c1 + c0) % 255
    end
    assert.same({ 3, 0, 0 }, { #bytes, c0, c1 })
    assert.not_equal("\0\0", bytes:sub(2))
  end)
end)

describe("a header length", function()
  -- 15 words are the most that RFC 791 section 3.1 has room for; the reference keeps the low bits.
  it("that has no room in its bits is its low bits, in the bytes and in what is shown", function()
    local service <close> = setmetatable({}, { __close = function(s) s.it:close() end })
    service.it = support.service()
    local load = { vtype = "BYTES", base64 = wire.base64(("\1"):rep(44)) }
    local array = luapkt.json.array
    local result = assert(service.it:call("build_pkt", array {
      { id = "IP", fields = array { { id = "options", value = load } } } }))
    assert.equal(0x40, wire.unbase64(result.binary):byte(1))
    local ihl = result.data[1].fields[2]
    assert.same({ "ihl", 0, "0" }, { ihl.id, ihl.value, ihl.hvalue })
  end)
end)
