local luapkt = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

local function ids(bytes, first)
  local list = {}
  for i, layer in ipairs(luapkt.dissect(unhex(bytes), first)) do list[i] = layer.id end
  return list
end

describe("IPv6 over IEEE 802.15.4", function()
  it("is told by its first bits", function()
    assert.same({ "LoWPANUncompressedIPv6", "IPv6" }, ids("41 60" .. ("0"):rep(78), "SixLoWPAN"))
    assert.same({ "LoWPANMesh", "LoWPANFragmentationFirst", "Raw" },
      ids("b5 1234 5678 c064 0007 00", "SixLoWPAN"))
    assert.same({ "LoWPANFragmentationSubsequent", "Raw" }, ids("e064 0007 05 aa", "SixLoWPAN"))
    assert.same({ "LoWPAN_HC1", "Raw" }, ids("42 fb 40 aa", "SixLoWPAN"))
    assert.same({ "LoWPAN_IPHC", "Raw" }, ids("7a33 3a 80", "SixLoWPAN"))
  end)

  it("has addresses of the link of both sizes", function()
    local p = luapkt.dissect(unhex "a0 1234 0102030405060708", "LoWPANMesh")[1].fields
    assert.equal(0x1234, p._sourceAddr)
    assert.equal(0x0102030405060708, p._destinyAddr)
  end)

  -- RFC 6282 section 3: traffic class and flow label, next header, hop limit, addresses.
  it("has compressed headers with what their bits leave", function()
    for expected, fields in pairs {
      ["7a333a"] = { tf = 3, hlim = 2, sam = 3, dam = 3, _nhField = 58 },
      ["6833" .. "412345" .. "1107"] = {
        tf = 1, tc_ecn = 1, flowlabel = 0x12345, hlim = 0, _nhField = 17, _hopLimit = 7, sam = 3,
        dam = 3,
      },
      ["6033" .. "81012345" .. "1107"] = {
        tf = 0, tc_ecn = 2, tc_dscp = 1, flowlabel = 0x12345, _nhField = 17, _hopLimit = 7, sam = 3,
        dam = 3,
      },
    } do
      assert.equal(expected, hex(luapkt.build { { "LoWPAN_IPHC", fields } }))
      local read = luapkt.dissect(unhex(expected), "LoWPAN_IPHC")[1].fields
      for id, value in pairs(fields) do assert.equal(value, read[id]) end
    end
  end)

  it("has the bytes of addresses that are not elided", function()
    for bytes, sizes in pairs {
      ["7b00 3a"] = { 16, 16 }, ["7b11 3a"] = { 8, 8 }, ["7b22 3a"] = { 2, 2 },
      ["7b33 3a"] = { 0, 0 },
      ["7b40 3a"] = { 0, 16 }, ["7b51 3a"] = { 8, 8 }, ["7b38 3a"] = { 0, 16 },
      ["7b39 3a"] = { 0, 6 }, ["7b3a 3a"] = { 0, 4 }, ["7b3b 3a"] = { 0, 1 },
      ["7b3c 3a"] = { 0, 6 },
    } do
      local p = luapkt.dissect(unhex(bytes) .. ("\1"):rep(40), "LoWPAN_IPHC")[1].fields
      assert.same(sizes, { #p.sourceAddr, #p.destinyAddr }, bytes)
    end
  end)

  -- RFC 6282 section 4.3.3.
  it("has compressed ports", function()
    local function read(bytes)
      local p = luapkt.dissect(unhex(bytes), "LoWPAN_IPHC")[1].fields
      return { p.udpSourcePort, p.udpDestinyPort, p.udpChecksum }
    end
    assert.same({ 0x1234, 0x5678, 0xabcd }, read "7e33 f0 1234 5678 abcd")
    assert.same({ 0x1234, 0x78, 0xabcd }, read "7e33 f1 1234 78 abcd")
    assert.same({ 0x12, 0x5678, 0xabcd }, read "7e33 f2 12 5678 abcd")
    assert.same({ 1, 2, 0xabcd }, read "7e33 f3 12 abcd")
    assert.same({ 1, 2 }, read "7e33 f7 12 99")
  end)
end)
