-- Options of Neighbor Discovery messages: RFC 4861 section 4.6; inverse discovery, RFC 3122;
-- Mobile IPv6, RFC 6275 section 7, its fast handovers, RFC 5568 section 6.4, and hierarchical
-- form, RFC 5380; route information, RFC 4191; DNS, RFC 8106; expanded flags, RFC 5175.
--
--    0               8              16                             31
--   +---------------+---------------+-------------------------------+
--   |     type      |      len      |              ...              |
--   +---------------+---------------+-------------------------------+
--
-- 'len' counts 8 bytes each, type and len included. Options follow one another, in any order, to
-- the end of the message.

local f = require "luapkt.field"

-- RFC 5568 sections 6.4.1 and 6.4.3
local address_codes = {
  [1] = "Old Care-Of Address",
  [2] = "New Care-Of Address",
  [3] = "NAR's IP address",
}

local link_codes = {
  [0] = "Wildcard requesting resolution for all nearby AP",
  [1] = "LLA for the new AP",
  [2] = "LLA of the MN",
  [3] = "LLA of the NAR",
  [4] = "LLA of the src of TrSolPr or PrRtAdv msg",
  [5] = "AP identified by LLA belongs to current iface of router",
  [6] = "No preifx info available for AP identified by the LLA",
  [7] = "No fast handovers support for AP identified by the LLA",
}

local preferences = {  -- RFC 4191 section 2.1
  [0] = "Medium (default)",
  [1] = "High",
  [2] = "Reserved",
  [3] = "Low",
}

-- What options follow: messages, and other options.
local lower = {
  "ICMPv6ND_RS", "ICMPv6ND_RA", "ICMPv6ND_NS", "ICMPv6ND_NA", "ICMPv6ND_Redirect",
  "ICMPv6ND_INDSol", "ICMPv6ND_INDAdv", "ICMPv6MPAdv",
  "ICMPv6NDOptUnknown", "ICMPv6NDOptSrcLLAddr", "ICMPv6NDOptDstLLAddr", "ICMPv6NDOptPrefixInfo",
  "ICMPv6NDOptRedirectedHdr", "ICMPv6NDOptMTU", "ICMPv6NDOptShortcutLimit", "ICMPv6NDOptAdvInterval",
  "ICMPv6NDOptHAInfo", "ICMPv6NDOptSrcAddrList", "ICMPv6NDOptTgtAddrList", "ICMPv6NDOptIPAddr",
  "ICMPv6NDOptNewRtrPrefix", "ICMPv6NDOptLLA", "ICMPv6NDOptMAP", "ICMPv6NDOptRouteInfo",
  "ICMPv6NDOptRDNSS", "ICMPv6NDOptEFA", "ICMPv6NDOptDNSSL",
}

local function on_messages(way)
  local over = {}
  for _, id in ipairs(lower) do over[id] = way end
  return over
end

local length = f.peek(8, 8)

-- A byte alone is no option.
local function after(kind, more)
  local claims = f.peek(0, 8):eq(kind):both(f.left():ge(2))
  return on_messages { when = more and claims:both(more) or claims }
end

-- An option of so many times 8 bytes. Where it is longer it has another form, such as a link-layer
-- address of 64 bits (RFC 4944 section 8) or one that is filled up (RFC 5568),
-- and is what its length says.
local function sized(kind, size)
  return after(kind, length:gt(size):both((length * 8):le(f.left())):no())
end

-- An option with data and the length that is right for it.
local needed    = (f.size "data" + 9) // 8
local is_filled = f.size("data"):gt(0):both(f.ref("len"):eq(needed))

local function kind(value) return f.u8("type", { default = value }) end

-- Of a kind that isn't known an option is what its length says: 0 is none, and it isn't cut (RFC 4861
-- section 4.6). Anything else behind a message is no option.
local is_whole = f.left():ge(2):both(length:ge(1)):both((length * 8):le(f.left()))

-- A length that is worked out, and the bytes it says for what follows the first 8.
local function len() return f.u8("len", { auto = f.header() // 8, class = "FieldLenField" }) end
local rest = f.ref "len" * 8 - 8

return {
  {
    id     = "ICMPv6NDOptUnknown",
    title  = "ICMPv6 Neighbor Discovery Option - Scapy Unimplemented",
    option = true,
    sample = { data = "dummy!" },
    over   = on_messages { { when = is_whole, listed = false }, rank = 2 },
    fields = {
      f.u8   ("type", { auto = 0 }),
      -- Without data the option is 2 bytes long, and says so in bytes.
      f.u8   ("len",  { auto = f.size("data"):eq(0):pick(2, needed) }),
      f.bytes("data", { size = f.ref "len" * 8 - 2, align = 8, pad = { when = is_filled }, class = "StrLenField" }),
    },
  },
  {
    id     = "ICMPv6NDOptSrcLLAddr",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery Option - Source Link-Layer Address",
    option = true,
    over   = sized(1, 1),
    fields = {
      kind(1),
      f.u8 ("len", { default = 1 }),
      f.mac("lladdr"),
    },
  },
  {
    id     = "ICMPv6NDOptDstLLAddr",
    base   = "ICMPv6NDOptSrcLLAddr",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery Option - Destination Link-Layer Address",
    option = true,
    hidden = true,
    over   = sized(2, 1),
    fields = {
      kind(2),
      f.u8 ("len", { default = 1 }),
      f.mac("lladdr"),
    },
  },
  {
    id     = "ICMPv6NDOptPrefixInfo",
    title  = "ICMPv6 Neighbor Discovery Option - Prefix Information",
    option = true,
    over   = sized(3, 4),
    fields = {
      kind(3),
      f.u8  ("len",               { default = 4 }),
      f.u8  ("prefixlen",         { auto = 0 }),
      f.bits("L",    1,           { default = 1 }),
      f.bits("A",    1,           { default = 1 }),
      f.bits("R",    1),          -- RFC 6275 section 7.2
      f.bits("res1", 5),
      f.u32 ("validlifetime",     { default = 0xffffffff, show = "hex" }),
      f.u32 ("preferredlifetime", { default = 0xffffffff, show = "hex" }),
      f.u32 ("res2",              { show = "hex" }),
      f.ipv6("prefix"),
    },
  },
  {
    id     = "ICMPv6NDOptRedirectedHdr",
    title  = "ICMPv6 Neighbor Discovery Option - Redirected Header",
    option = true,
    over   = after(4),
    fields = {
      kind(4),
      len(),
      f.bytes("res", { size = 6, default = "\0\0\0\0\0\0" }),
      f.bytes("pkt", { size = rest, align = 8, class = "TruncPktLenField" }),
    },
  },
  {
    id     = "ICMPv6NDOptMTU",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery Option - MTU",
    option = true,
    over   = sized(5, 1),
    fields = {
      kind(5),
      f.u8 ("len", { default = 1 }),
      f.u16("res", { show = "hex" }),
      f.u32("mtu", { default = 1280 }),
    },
  },
  {
    id     = "ICMPv6NDOptShortcutLimit",  -- RFC 2491 section 6
    title  = "ICMPv6 Neighbor Discovery Option - NBMA Shortcut Limit",
    option = true,
    over   = sized(6, 1),
    fields = {
      kind(6),
      f.u8 ("len",         { default = 1 }),
      f.u8 ("shortcutlim", { default = 40 }),
      f.u8 ("res1"),
      f.u32("res2"),
    },
  },
  {
    id     = "ICMPv6NDOptAdvInterval",
    title  = "ICMPv6 Neighbor Discovery - Interval Advertisement",
    option = true,
    over   = sized(7, 1),
    fields = {
      kind(7),
      f.u8 ("len", { default = 1 }),
      f.u16("res"),
      f.u32("advint"),
    },
  },
  {
    id     = "ICMPv6NDOptHAInfo",
    title  = "ICMPv6 Neighbor Discovery - Home Agent Information",
    option = true,
    over   = sized(8, 1),
    fields = {
      kind(8),
      f.u8 ("len",      { default = 1 }),
      f.u16("res"),
      f.u16("pref"),
      f.u16("lifetime", { default = 1 }),
    },
  },
  {
    id     = "ICMPv6NDOptSrcAddrList",
    title  = "ICMPv6 Inverse Neighbor Discovery Option - Source Address List",
    option = true,
    over   = after(9),
    fields = {
      kind(9),
      len(),
      f.bytes("res", { size = 6, default = "\0\0\0\0\0\0" }),
      f.list ("addrlist", f.ipv6(), { size = rest }),
    },
  },
  {
    id     = "ICMPv6NDOptTgtAddrList",
    title  = "ICMPv6 Inverse Neighbor Discovery Option - Target Address List",
    base   = "ICMPv6NDOptSrcAddrList",
    option = true,
    hidden = true,
    over   = after(10),
    fields = {
      kind(10),
      len(),
      f.bytes("res", { size = 6, default = "\0\0\0\0\0\0" }),
      f.list ("addrlist", f.ipv6(), { size = rest }),
    },
  },
  {
    id     = "ICMPv6NDOptIPAddr",
    title  = "ICMPv6 Neighbor Discovery - IP Address Option (FH for MIPv6)",
    option = true,
    over   = sized(17, 3),
    fields = {
      kind(17),
      f.u8  ("len",     { default = 3 }),
      f.u8  ("optcode", { default = 1, names = address_codes }),
      f.u8  ("plen",    { default = 64 }),
      f.u32 ("res"),
      f.ipv6("addr"),
    },
  },
  {
    id     = "ICMPv6NDOptNewRtrPrefix",
    title  = "ICMPv6 Neighbor Discovery - New Router Prefix Information Option (FH for MIPv6)",
    option = true,
    over   = sized(18, 3),
    fields = {
      kind(18),
      f.u8  ("len",     { default = 3 }),
      f.u8  ("optcode"),
      f.u8  ("plen",    { default = 64 }),
      f.u32 ("res"),
      f.ipv6("prefix"),
    },
  },
  {
    id     = "ICMPv6NDOptLLA",
    title  = "ICMPv6 Neighbor Discovery - Link-Layer Address (LLA) Option (FH for MIPv6)",
    option = true,
    over   = sized(19, 1),
    fields = {
      kind(19),
      f.u8 ("len",     { default = 1 }),
      f.u8 ("optcode", { names = link_codes }),
      f.mac("lla"),
    },
  },
  {
    id     = "ICMPv6NDOptMAP",
    title  = "ICMPv6 Neighbor Discovery - MAP Option",
    option = true,
    over   = sized(23, 3),
    fields = {
      kind(23),
      f.u8  ("len",     { default = 3 }),
      f.bits("dist", 4, { default = 1 }),
      f.bits("pref", 4, { default = 15 }),
      f.bits("R",    1, { default = 1 }),
      f.bits("res",  7),
      f.u32 ("validlifetime", { default = 0xffffffff }),
      f.ipv6("addr"),
    },
  },
  {
    id     = "ICMPv6NDOptRouteInfo",
    title  = "ICMPv6 Neighbor Discovery Option - Route Information Option",
    option = true,
    over   = after(24, f.left():ge((f.peek(8, 8) * 8):min(24))),  -- all of the prefix is there
    fields = {
      kind(24),
      len(),
      f.u8  ("plen",    { auto = 0 }),
      f.bits("res1", 3),
      f.bits("prf",  2, { names = preferences }),
      f.bits("res2", 3),
      f.u32 ("rtlifetime", { default = 0xffffffff }),
      -- A prefix without its last 8 bytes, or none, where 'len' leaves no room for them.
      f.choice("prefix", {
        { when = f.given "len", f.ipv6(nil, { size = f.ref "len" * 8 - 8 }) },
        { f.ipv6(nil, { default = f.none }) },
      }, { default = f.none, when = f.given("len"):no():either(f.ref("len"):gt(1)), class = "_IP6PrefixField" }),
    },
  },
  {
    id     = "ICMPv6NDOptRDNSS",
    title  = "ICMPv6 Neighbor Discovery Option - Recursive DNS Server Option",
    option = true,
    over   = after(25),
    fields = {
      kind(25),
      len(),
      f.u16 ("res",      { auto = 0 }),
      f.u32 ("lifetime", { default = 0xffffffff }),
      f.list("dns", f.ipv6(), { size = rest }),
    },
  },
  {
    id     = "ICMPv6NDOptEFA",
    title  = "ICMPv6 Neighbor Discovery Option - Expanded Flags Option",
    option = true,
    over   = sized(26, 1),
    fields = {
      kind(26),
      f.u8  ("len", { default = 1 }),
      f.bits("res", 48),
    },
  },
  {
    id     = "ICMPv6NDOptDNSSL",
    title  = "ICMPv6 Neighbor Discovery Option - DNS Search List Option",
    option = true,
    over   = after(31),
    fields = {
      kind(31),
      len(),
      f.u16 ("res",      { auto = 0 }),
      f.u32 ("lifetime", { default = 0xffffffff }),
      -- Padding is read as root names.
      f.list("searchlist", f.name(), { size = rest, align = 8, class = "DomainNameListField" }),
    },
  },
}
