-- Link Aggregation Control Protocol and the marker protocol, IEEE 802.1AX-2014 sections 6.4.2.3 and
-- 6.5.3.3, which are subtypes of the slow protocols, IEEE 802.3 annex 57A.
--
--    0       8       16              31
--   +-------+-------+-------+-------+
--   |subtype|version|type 1 | len 20|
--   |sys. priority  |  actor system |
--   |       actor system            |
--   |     key       | port priority |
--   |     port      | state |  res. |
--   | reserved      |type 2 | len 20|   the partner's the same way
--   +-------+-------+-------+-------+

local f = require "luapkt.field"

local subtypes = { "LACP", "Marker", "OAM", [10] = "OSSP" }

local states = {
  "activity", "timeout", "aggregation", "synchronization", "collecting", "distributing", "defaulted",
  "expired",
}

-- What an actor and its partner say of themselves.
local function station(name, number)
  local function id(rest) return name .. "_" .. rest end
  return
    f.u8   (id "type",            { default = number }),
    f.u8   (id "length",          { default = 20 }),
    f.u16  (id "system_priority", { default = 0x8000 }),
    f.mac  (id "system"),
    f.u16  (id "key"),
    f.u16  (id "port_priority",   { default = 0x8000 }),
    f.u16  (id "port"),
    f.flags(id "state", 8, states),
    f.bytes(id "reserved",        { size = 3, default = "\0\0\0" })
end

local fields = { f.u8("version", { default = 1 }) }
for _, list in ipairs { { station("actor", 1) }, { station("partner", 2) } } do
  table.move(list, 1, #list, #fields + 1, fields)
end
table.move({
  f.u8   ("collector_type",      { default = 3 }),
  f.u8   ("collector_length",    { default = 16 }),
  f.u16  ("collector_max_delay"),
  f.bytes("collector_reserved",  { size = 12, default = ("\0"):rep(12) }),
  f.u8   ("terminator_type"),
  f.u8   ("terminator_length"),
  f.bytes("reserved",            { size = 50, default = ("\0"):rep(50) }),
}, 1, 7, #fields + 1, fields)

return {
  {
    id     = "SlowProtocol",
    title  = "Slow Protocol",
    extra  = true,
    over   = {
      Ether  = { { type = 0x8809 }, build = { type = 0x8809, dst = "01:80:c2:00:00:02" } },
      Dot1Q  = { type = 0x8809 },
      Dot1AD = { type = 0x8809 },
    },
    fields = {
      f.u8("subtype", { default = 1, names = subtypes }),
    },
  },
  {
    id       = "LACP",
    title    = "Link Aggregation Control Protocol",
    extra    = true,
    over     = { SlowProtocol = { subtype = 1 } },
    fallback = "Padding",
    fields   = fields,
  },
  {
    id       = "LACP_Marker",
    title    = "Link Aggregation Marker",
    extra    = true,
    over     = { SlowProtocol = { subtype = 2 } },
    fallback = "Padding",
    fields   = {
      f.u8   ("version",          { default = 1 }),
      f.u8   ("type",             { default = 1, names = { "Marker Information", "Marker Response" } }),
      f.u8   ("length",           { default = 16 }),
      f.u16  ("requester_port"),
      f.mac  ("requester_system"),
      f.u32  ("transaction_id"),
      f.bytes("pad",              { size = 2, default = "\0\0" }),
      f.u8   ("terminator_type"),
      f.u8   ("terminator_length"),
      f.bytes("reserved",         { size = 90, default = ("\0"):rep(90) }),
    },
  },
}
