-- Messages over Ethernet. The bytes of the simple form are those that the programs of the document
-- "Programming with Ethernet in Python using Socket API" send; sums are worked out by
-- luapkt.core.wire, whose own specs have the RFC's values.

local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex
local Ether, EtherMsg, EtherMsgPart = luapkt.Ether, luapkt.EtherMsg, luapkt.EtherMsgPart

local hello = unhex "080027080da1 080027cb671d 4321 000d" .. "Hello, World!"
local from, to = "08:00:27:cb:67:1d", "08:00:27:08:0d:a1"

-- A part with a message of five bytes, laid out by hand.
local part_head = unhex [[0039 4d6c 01 03 080027080da1 080027cb671d
  0000000000000005 00000006 00000007]]
local part_rest = unhex "00000005 00000009 0001 0000 0000000b" .. "hello"

local function swapped(n) return ("<I4"):pack(n) end

describe("EtherMsg", function()
  it("works out its length", function()
    assert.equal(hello, (Ether{ src = from, dst = to } / EtherMsg{} / "Hello, World!"):bytes())
  end)

  it("keeps a length that is set, even a wrong one", function()
    local bytes = (Ether{ src = from, dst = to } / EtherMsg{ len = 9 } / "Hello, World!"):bytes()
    assert.equal(unhex "0009", bytes:sub(15, 16))
  end)

  it("is read, without what fills up the frame", function()
    local p = luapkt.packet(hello .. ("\0"):rep(31))
    assert.same({ 13, "Hello, World!", "Padding" }, { p.EtherMsg.len, p.Raw.load, p[4].kind })
    assert.equal(hello .. ("\0"):rep(31), p:bytes())
  end)

  it("is read as far as it is there", function()
    for n = 14, #hello do
      local p = assert(luapkt.packet(hello:sub(1, n)))
      assert.equal(hello:sub(1, n), p:bytes())
    end
  end)

  it("is no protocol of the Scapy server's", function()
    assert.is_true(luapkt.generation().by_id.EtherMsg.extra)
    assert.is_true(luapkt.generation().by_id.EtherMsgPart.extra)
  end)
end)

describe("EtherMsgPart", function()
  local sum = swapped(luapkt.wire.crc32c(part_head .. "\0\0\0\0" .. part_rest))
  local wire = unhex "080027080da1 080027cb671d 4321" .. part_head .. sum .. part_rest

  it("works out its addresses, length and sum", function()
    local p = Ether{ src = from, dst = to }
      / EtherMsgPart{ session = 5, receiver = 6, message = 7, size = 5, sum = 9, stamp = 11 }
      / "hello"
    assert.equal(support.hex(wire), support.hex(p:bytes()))
  end)

  it("is told from a message by its first bytes", function()
    local p = luapkt.packet(wire .. "fill")
    assert.same({ 57, 3, from, 7, 5, "hello" },
      { p.EtherMsgPart.len, p.EtherMsgPart.type, p.EtherMsgPart.from, p.EtherMsgPart.message,
        p.EtherMsgPart.size, p.Raw.load })
    assert.is_true(p:check().right)
    assert.equal(wire .. "fill", p:bytes())
    assert.is_false(luapkt.packet(wire:sub(1, -2) .. "x"):check().right)
  end)

  it("has the fields of its type", function()
    local ack = Ether{} / EtherMsgPart{ type = "ack", count = 9, next = 3, flags = "full",
                                        parts = "\x40" }
    local p = luapkt.packet(ack:bytes())
    assert.same({ 9, 3, "full", "\x40" },
      { p.EtherMsgPart.count, p.EtherMsgPart.next, p.EtherMsgPart:show "flags":match "%l+",
        p.EtherMsgPart.parts })
    assert.is_nil(p.EtherMsgPart.size)
    p = luapkt.packet((Ether{} / EtherMsgPart{ type = "refusal", reason = "not-taken" }):bytes())
    assert.equal(3, p.EtherMsgPart.reason)
  end)
end)
