-- PPP over Ethernet, RFC 2516: the session that carries PPP, and the discovery that comes before
-- it, with its tags (section 4 and appendix A; later ones RFC 4638 and RFC 5578).
--
--    0       4       8              16                             31
--   +-------+-------+---------------+-------------------------------+
--   |version| type  |     code      |           sessionid           |
--   |              len              |                               |
--   +-------------------------------+-------------------------------+
--   |           tag_type            |            tag_len            |  a tag
--   |                           tag_value                           |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

local discovery_codes = {
  [0x07] = "PPPoE Active Discovery Offer (PADO)",
  [0x09] = "PPPoE Active Discovery Initiation (PADI)",
  [0x19] = "PPPoE Active Discovery Request (PADR)",
  [0x65] = "PPPoE Active Discovery Session-confirmation (PADS)",
  [0xa7] = "PPPoE Active Discovery Terminate (PADT)",
}

local tag_types = {
  [0x0000] = "End-Of-List",
  [0x0101] = "Service-Name",
  [0x0102] = "AC-Name",
  [0x0103] = "Host-Uniq",
  [0x0104] = "AC-Cookie",
  [0x0105] = "Vendor-Specific",
  [0x0106] = "Credits",
  [0x0107] = "Metrics",
  [0x0108] = "Sequence Number",
  [0x0109] = "Credit Scale Factor",
  [0x0110] = "Relay-Session-Id",
  [0x0120] = "PPP-Max-Payload",
  [0x0201] = "Service-Name-Error",
  [0x0202] = "AC-System-Error",
  [0x0203] = "Generic-Error",
}

return {
  {
    id     = "PPPoE",
    scapy  = true,
    title  = "PPP over Ethernet",
    link   = 51,
    over   = {
      Ether       = { type = 0x8864 },
      Dot1Q       = { type = 0x8864 },
      CookedLinux = { proto = 0x8864 },
    },
    extent = 6 + f.ref "len",
    payloads = { "PPP", "PPP_", "Raw" },
    fields = {
      f.bits("version", 4, { default = 1 }),
      f.bits("type",    4, { default = 1 }),
      f.u8  ("code",       { names = { [0] = "Session" } }),
      f.u16 ("sessionid",  { show = "hex" }),
      f.u16 ("len",        { auto = f.payload() }),
    },
  },
  {
    id     = "PPPoED",
    title  = "PPP over Ethernet Discovery",
    base   = "PPPoE",
    hidden = true,
    over   = {
      Ether       = { type = 0x8863 },
      Dot1Q       = { type = 0x8863 },
      CookedLinux = { proto = 0x8863 },
    },
    extent = 6 + f.ref "len",
    fields = {
      f.bits("version", 4, { default = 1 }),
      f.bits("type",    4, { default = 1 }),
      f.u8  ("code",       { default = 0x09, names = discovery_codes }),
      f.u16 ("sessionid",  { show = "hex" }),
      f.u16 ("len",        { auto = f.payload() }),
    },
  },
  {
    id     = "PPPoED_Tags",
    title  = "PPPoE Tag List",
    over   = { PPPoED = { type = 1 } }, -- whatever the code: RFC 5578 has more of them
    fields = {
      f.layers("tag_list", { of = "PPPoETag" }),
    },
  },
  {
    id       = "PPPoETag",
    title    = "PPPoE Tag",
    fallback = "Padding",
    fields   = {
      f.u16  ("tag_type",  { auto = 0, names = tag_types }),
      f.u16  ("tag_len",   { auto = f.size "tag_value" }),
      f.bytes("tag_value", { size = f.ref "tag_len" }),
    },
  },
}
