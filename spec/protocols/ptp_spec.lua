local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function head(first, rest) -- the common header of IEEE 1588 table 35
  return unhex(first .. " 00 00" .. rest)
end

describe("PTP", function()
  local sync = head("00 02 002c", [[ 0200 0000000000010000 00000000
    001122fffe334455 0001 0007 00 00   000000000005 00000008 ]])

  it("has a message of each type", function()
    assert.equal(sync, luapkt.build { { "PTP_Sync", {
      flags = "twoStep", correction = 65536, clock_identity = unhex "001122fffe334455",
      sequence_id = 7, origin_seconds = 5, origin_nanoseconds = 8 } } })
    local announce = luapkt.build { { "PTP_Announce", {
      grandmaster_identity = unhex "001122fffe334455", steps_removed = 1 } } }
    assert.equal(head("0b 02 0040",
      [[ 0000 0000000000000000 00000000 0000000000000000 0001 0000 05 01
      00000000000000000000 0025 00 80 f8fe ffff 80 001122fffe334455 0001 a0 ]]), announce)
  end)

  it("is read by its type", function()
    local fields = luapkt.dissect(sync .. "\0\0", "PTP")
    assert.equal("PTP_Sync", fields[1].id)
    assert.equal("Padding", fields[2].id)
    assert.equal(5, fields[1].fields.origin_seconds)
    assert.equal(65536, fields[1].fields.correction)
  end)

  it("goes to the port of its kind, or to its own address", function()
    local I = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    assert.equal(unhex "013f013f", luapkt.build({ I, { "UDP" }, { "PTP_Delay_Req" } }):sub(21, 24))
    assert.equal(unhex "01400140", luapkt.build({ I, { "UDP" }, { "PTP_Follow_Up" } }):sub(21, 24))
    local frame = luapkt.build { { "Ether" }, { "PTP_Sync" } }
    assert.equal(unhex "011b19000000", frame:sub(1, 6))
    assert.equal(unhex "88f7", frame:sub(13, 14))
  end)

  it("ends in TLVs", function()
    local bytes = luapkt.build { { "PTP_Management", { action = "SET", tlvs = {
      { id = "PTP_ManagementTLV", fields = { management_id = 0x2005, value = "\1\0" } } } } } }
    assert.equal(unhex "ffffffffffffffff ffff 01 01 01 00  0001 0004 2005 0100", bytes:sub(35))
    local fields = luapkt.dissect(bytes, "PTP")[1].fields
    assert.equal(0x2005, fields.tlvs[1].fields.management_id)
  end)

  it("is version 2: others stay bytes", function()
    local bytes = unhex "011b19000000 020000000001 88f7 0001" .. ("\0"):rep(60)
    assert.equal("Raw", luapkt.dissect(bytes)[2].id)
  end)
end)
