-- Messages over Ethernet: the protocol of docs/raw-ethernet.md. A length, so that what Ethernet fills
-- a frame up with isn't taken for the message; and, where the sender wants to know that a message
-- arrived, numbers, sums and acknowledgements behind it.
--
--    0       8       16              31
--   +---------------+---------------+
--   |      len      |  the message  |   len: bytes that follow it
--   +---------------+---------------+
--
--   +---------------+-------+-------+
--   |      len      |     magic     |
--   |version| type  |      to       |
--   |              to               |
--   |             from              |
--   |     from      |    session    |
--   |            session            |
--   |    session    |   receiver    |
--   |   receiver    |    message    |
--   |    message    |      crc      |
--   |      crc      |   by type...  |
--   +---------------+---------------+

local f = require "luapkt.field"

local types = {
  [1] = "hello",
  [2] = "welcome",
  [3] = "data",
  [4] = "ack",
  [5] = "done",
  [6] = "refusal",
}

local reasons = {
  [1] = "too-large",
  [2] = "corrupt",
  [3] = "not-taken",
}

local function is(...) return f.ref "type":one_of(...) end

return {
  {
    id     = "EtherMsg",
    title  = "Message over Ethernet",
    extra  = true,
    over   = { Ether = { type = 0x4321 }, Dot1Q = { type = 0x4321 } },
    extent = 2 + f.ref "len",
    fields = {
      f.u16("len", { auto = f.payload(), label = "Length" }),
    },
  },
  {
    id         = "EtherMsgPart",
    title      = "Part of a message over Ethernet",
    extra      = true,
    variant_of = { EtherMsg = f.peek(16, 24):eq(0x4d6c01) },
    over       = { Ether = { type = 0x4321, read = false }, Dot1Q = { type = 0x4321, read = false } },
    extent     = 2 + f.ref "len",
    fields     = {
      f.u16("len",      { auto = f.header() + f.payload() - 2, label = "Length" }),
      f.u16("magic",    { default = 0x4d6c, show = "hex",      label = "Magic" }),
      f.u8("version",   { default = 1,                         label = "Version" }),
      f.u8("type",      { default = 3, names = types,          label = "Type" }),
      f.mac("to",       { auto = f.under "dst",                label = "To" }),
      f.mac("from",     { auto = f.under "src",                label = "From" }),
      f.u64("session",  { show = "hex",                        label = "Session" }),
      f.u32("receiver", { show = "hex",                        label = "Receiver" }),
      f.u32("message",  { default = 1,                         label = "Message" }),
      f.u32("crc",      { auto = f.checksum "crc32c", show = "hex", label = "CRC-32C" }),
      f.u32("size",     { when = is(2, 3),                   label = "Size of the message" }),
      f.u32("sum",      { when = is(3), show = "hex",          label = "CRC-32C of the message" }),
      f.u16("count",    { when = is(3, 4), default = 1,        label = "Parts" }),
      f.u16("part",     { when = is(3),                        label = "Part" }),
      f.u16("next",     { when = is(4),                        label = "First part missing" }),
      f.u32("stamp",    { when = is(3, 4),                     label = "Time" }),
      f.flags("flags", 8, { "complete", "full" }, { when = is(4), label = "Flags" }),
      f.u8("reason",    { when = is(6), names = reasons, default = 1, label = "Reason" }),
      f.bytes("parts",  { when = is(4), size = (f.ref "len" - 45):max(0), show = "hex",
                          label = "Later parts that came" }),
    },
  },
}
