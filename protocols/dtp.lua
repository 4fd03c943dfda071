-- Cisco's Dynamic Trunking Protocol, over SNAP with Cisco's OUI. There is no standard: types and
-- lengths are those that tshark knows.
--
--    0       8       16              31
--   +-------+-----------------------
--   |version|   TLVs
--   +-------+-------+---------------+
--   |     type      |    length     |   every TLV; a length counts type and length as well
--   |            value              |
--   +-------------------------------+

local f = require "luapkt.field"

local types = { "Domain", "Status", "Type", "Neighbor" }

local modes     = { "On", "Off", "Desirable", "Auto" }
local operating = { [0] = "Access", "Trunk" }
local encapsulations = { [0] = "Negotiated", "Native", "ISL", [5] = "802.1Q" }

-- A TLV of that type, which bytes are where they have as many as its fields need.
local function tlv(id, number, least, ...)
  return {
    id = id, extra = true, base = "DTP_TLV", extent = f.ref "length",
    variant_of = { DTP_TLV = f.peek(0, 16):eq(number):both(f.peek(16, 16):ge(4 + least)) },
    fields = {
      f.u16("type",   { default = number, names = types }),
      f.u16("length", { auto = f.header() }),
      ...,
    },
  }
end

return {
  {
    id     = "DTP",
    title  = "Dynamic Trunking Protocol",
    extra  = true,
    over   = { SNAP = { OUI = 0x00000c, code = 0x2004 } },
    fields = {
      f.u8    ("version", { default = 1 }),
      f.layers("tlvs",    { of = "DTP_TLV" }),
    },
  },
  {
    id     = "DTP_TLV",
    title  = "DTP TLV",
    extra  = true,
    extent = f.ref "length",
    fields = {
      f.u16  ("type",   { default = 5, names = types }),
      f.u16  ("length", { auto = f.header() }),
      f.bytes("value",  { size = (f.ref "length" - 4):max(0) }),
    },
  },
  tlv("DTP_Domain", 1, 0,
    f.bytes("domain", { size = f.ref "length" - 4 })),
  tlv("DTP_Status", 2, 1,
    f.bits("operating", 1, { names = operating }),
    f.bits("reserved", 4),
    f.bits("mode", 3,      { default = 3, names = modes })),
  tlv("DTP_Type", 3, 1,
    f.bits("operating", 3,  { default = 5, names = encapsulations }),
    f.bits("reserved", 2),
    f.bits("configured", 3, { default = 5, names = encapsulations })),
  tlv("DTP_Neighbor", 4, 6,
    f.mac("neighbor")),
}
