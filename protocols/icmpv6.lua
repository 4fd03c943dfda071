-- Internet Control Message Protocol for IPv6, RFC 4443, and the protocols that use its messages:
-- Multicast Listener Discovery, RFC 2710 and RFC 3810; multicast router discovery, RFC 4286;
-- Neighbor Discovery, RFC 4861 section 4, and its inverse, RFC 3122; node information queries,
-- RFC 4620; Mobile IPv6, RFC 6275 section 6. The options of Neighbor Discovery are in
-- icmpv6_nd_options.lua.
--
--    0               8              16              24              31
--   +---------------+---------------+-------------------------------+
--   |     type      |     code      |             cksum             |
--   |    length     |                    unused                     |  unreachable, time exceeded
--   |              id               |              seq              |  echo
--   |              mrd              |           reserved            |  MLD
--   |     chlim     |M|O|H|prf|P|res|        routerlifetime         |  router advertisement
--   |R|S|O|                        res                              |  neighbor advertisement
--   +---------------+---------------+-------------------------------+

local f = require "luapkt.field"

local types = {
  [1]   = "Destination unreachable",
  [2]   = "Packet too big",
  [3]   = "Time exceeded",
  [4]   = "Parameter problem",
  [128] = "Echo Request",
  [129] = "Echo Reply",
  [130] = "MLD Query",
  [131] = "MLD Report",
  [132] = "MLD Done",
  [133] = "Router Solicitation",
  [134] = "Router Advertisement",
  [135] = "Neighbor Solicitation",
  [136] = "Neighbor Advertisement",
  [137] = "Redirect Message",
  [138] = "Router Renumbering",
  [139] = "ICMP Node Information Query",
  [140] = "ICMP Node Information Response",
  [141] = "Inverse Neighbor Discovery Solicitation Message",
  [142] = "Inverse Neighbor Discovery Advertisement Message",
  [143] = "MLD Report Version 2",
  [144] = "Home Agent Address Discovery Request Message",
  [145] = "Home Agent Address Discovery Reply Message",
  [146] = "Mobile Prefix Solicitation",
  [147] = "Mobile Prefix Advertisement",
  [148] = "Certification Path Solicitation",
  [149] = "Certification Path Advertisement",
  [151] = "Multicast Router Advertisement",
  [152] = "Multicast Router Solicitation",
  [153] = "Multicast Router Termination",
  [201] = "Private Experimentation",  -- 200 is another; it has the same name
}

local unreachable_codes = {
  [0] = "No route to destination",
  [1] = "Communication with destination administratively prohibited",
  [2] = "Beyond scope of source address",
  [3] = "Address unreachable",
  [4] = "Port unreachable",
}

local exceeded_codes = {
  [0] = "hop limit exceeded in transit",
  [1] = "fragment reassembly time exceeded",
}

local problem_codes = {
  [0] = "erroneous header field encountered",
  [1] = "unrecognized Next Header type encountered",
  [2] = "unrecognized IPv6 option encountered",
}

local preferences = {  -- RFC 4191 section 2.1
  [0] = "Medium (default)",
  [1] = "High",
  [2] = "Reserved",
  [3] = "Low",
}

local query_codes = { [0] = "IPv6 Query", [1] = "Name Query", [2] = "IPv4 Query" }

-- The reference has no name for 2, a type of query that is unknown (RFC 4620 section 4): clients
-- are shown the number.
local reply_codes = { [0] = "Successful Reply", [1] = "Response Refusal" }

local query_types = {
  [0] = "NOOP",
  [2] = "Node Name",
  [3] = "IPv6 Address",
  [4] = "IPv4 Address",
}

local zero_nonce = "\0\0\0\0\0\0\0\0"

local mobile_router = { [1] = "MR" }  -- RFC 3963 section 4.3

-- A message of a type on IPv6, or on an extension header, which carries whatever IPv6 does. Fewer
-- bytes than its fixed part make no message. 'lower' is what IPv6 has to say for it beside nh.
local function message(kind, size, lower, more)
  local when = f.peek(0, 8):eq(kind):both(f.left():ge(size))
  local build = lower or {}
  build.nh = 58
  return { IPv6 = { { nh = 58, when = more and when:both(more) or when }, build = build } }
end

-- Recognised all the same, but clients aren't told that IPv6 may carry it.
local function unlisted(over)
  over.IPv6[1].listed = false
  return over
end

-- Neighbor Discovery never crosses a router; MLD doesn't either, but may say so in another way.
local function neighbors(dst) return { hlim = 255, dst = dst } end
local function listeners(dst) return { hlim = 1, dst = dst } end

local function kind(value) return f.u8("type", { default = value, names = types }) end
-- The pseudo-header is that of IPv6 (RFC 4443 section 2.3): on IPv4 there is no sum, as in Scapy.
local function cksum()
  local sum = f.checksum("inet", { pseudo = 58, when = f.below("IP"):no() })
  return f.u16("cksum", { show = "hex", auto = sum })
end

-- Node information, RFC 4620 section 4. A query's code says what its data names: a node by an
-- address or by a name. A reply has a code of its own where it was refused, else the query's type.
--
--    0               8              16                           26  31
--   +---------------+---------------+-----------------------------+-+
--   |     type      |     code      |             cksum             |
--   |             qtype             |         unused          |flags|
--   |                      nonce (8 bytes), data                    |
--   +---------------------------------------------------------------+

-- What a query is about decides its code, where that isn't set.
local code_of_form = f.form("data"):eq(0):pick(0, f.form("data"):eq(1):pick(2, 1))

local function query(id, title, qtype, flags)
  local over = message(139, 7, nil, f.peek(32, 16):eq(qtype))
  return {
    id     = id,
    title  = title,
    base   = id ~= "ICMPv6NIQueryNOOP" and "ICMPv6NIQueryNOOP" or nil,
    hidden = true,
    over   = qtype == 0 and unlisted(over) or over,
    fields = {
      kind(139),
      f.u8   ("code",      { auto = f.given("data"):pick(code_of_form, 1), names = query_codes,
                             class = "NIQueryCodeField" }),
      cksum(),
      f.u16  ("qtype",     { default = qtype, names = query_types }),
      f.bits ("unused", 10),
      f.flags("flags",  6, "TACLSG", { default = flags, printed = flags > 0 and tostring(flags) or nil }),
      f.bytes("nonce",     { size = 8, default = zero_nonce, class = "NonceField" }),
      f.choice("data", {
        { when = f.ref("code"):eq(0), f.ipv6(nil, { node = true }) },
        { when = f.ref("code"):eq(2), f.ipv4(nil, { node = true }) },
        { f.name(nil, { default = "", node = true }) },
      }, { by_value = true, class = "NIQueryDataField" }),
    },
  }
end

-- What a reply says, by type: a time to live and names, or pairs of one and an address.
local replied = {
  [2] = f.layer ("data", { of = "NIReplyNames", default = f.none, class = "NIReplyDataField" }),
  [3] = f.layers("data", { of = "NIReplyIPv6Address", default = f.none, class = "NIReplyDataField" }),
  [4] = f.layers("data", { of = "NIReplyIPv4Address", default = f.none, class = "NIReplyDataField" }),
}
local function address(id, title, kind_of)
  return {
    id = id, title = title, hidden = true, unlisted = true,
    fields = { f.u32("ttl"), kind_of "addr" },
  }
end

local function reply(id, title, code, qtype)
  local which = f.peek(8, 8):eq(code)
  if code == 0 then
    local asked = f.peek(32, 16)
    which = which:both(qtype == 0 and asked:one_of(2, 3, 4):no() or asked:eq(qtype))
  end
  return {
    id     = id,
    title  = title,
    base   = id ~= "ICMPv6NIReplyNOOP" and "ICMPv6NIReplyNOOP" or nil,
    hidden = true,
    over   = message(140, code == 0 and 7 or 3, nil, which),
    fields = {
      kind(140),
      f.u8   ("code",      { default = code, names = reply_codes }),
      cksum(),
      f.u16  ("qtype",     { default = qtype, names = query_types }),
      f.bits ("unused", 10),
      f.flags("flags",  6, "TACLSG"),
      f.bytes("nonce",     { size = 8, default = zero_nonce, class = "NonceField" }),
      replied[qtype] or f.bytes("data", { default = f.none, class = "NIReplyDataField" }),
    },
  }
end

return {
  {
    id     = "ICMPv6Unknown",
    title  = "Unknown ICMPv6",
    hidden = true,
    over   = { IPv6 = { { nh = 58, read = false } } },
    fields = {
      kind(1),
      f.u8   ("code"),
      cksum(),
      f.bytes("msgbody"),
    },
  },

  -- Errors. Each quotes the packet that caused it.

  {
    id     = "ICMPv6DestUnreach",
    scapy  = true,
    title  = "ICMPv6 Destination Unreachable",
    hidden = true,
    over   = message(1, 8),
    fields = {
      kind(1),
      f.u8 ("code",   { names = unreachable_codes }),
      cksum(),
      f.u8 ("length"),
      f.u24("unused", { show = "hex" }),
    },
  },
  {
    id     = "ICMPv6PacketTooBig",
    title  = "ICMPv6 Packet Too Big",
    hidden = true,
    over   = message(2, 8),
    fields = {
      kind(2),
      f.u8 ("code"),
      cksum(),
      f.u32("mtu", { default = 1280 }),
    },
  },
  {
    id     = "ICMPv6TimeExceeded",
    title  = "ICMPv6 Time Exceeded",
    hidden = true,
    over   = message(3, 8),
    fields = {
      kind(3),
      f.u8 ("code",   { names = exceeded_codes }),
      cksum(),
      f.u8 ("length"),
      f.u24("unused", { show = "hex" }),
    },
  },
  {
    id     = "ICMPv6ParamProblem",
    title  = "ICMPv6 Parameter Problem",
    hidden = true,
    over   = message(4, 8),
    fields = {
      kind(4),
      f.u8 ("code", { names = problem_codes }),
      cksum(),
      f.u32("ptr",  { default = 6 }),
    },
  },

  -- Echo.

  {
    id     = "ICMPv6EchoRequest",
    scapy  = true,
    title  = "ICMPv6 Echo Request",
    hidden = true,
    over   = message(128, 8),
    fields = {
      kind(128),
      f.u8   ("code"),
      cksum(),
      f.u16  ("id",  { show = "hex" }),
      f.u16  ("seq", { show = "hex" }),
      f.bytes("data"),
    },
  },
  {
    id     = "ICMPv6EchoReply",
    scapy  = true,
    title  = "ICMPv6 Echo Reply",
    base   = "ICMPv6EchoRequest",
    hidden = true,
    over   = message(129, 8),
    fields = {
      kind(129),
      f.u8   ("code"),
      cksum(),
      f.u16  ("id",  { show = "hex" }),
      f.u16  ("seq", { show = "hex" }),
      f.bytes("data"),
    },
  },

  -- Multicast Listener Discovery. A query longer than version 1's is one of version 2.

  {
    id     = "ICMPv6MLQuery",
    title  = "MLD - Multicast Listener Query",
    hidden = true,
    over   = message(130, 24, listeners "ff02::1", f.left():lt(28)),
    fields = {
      kind(130),
      f.u8  ("code"),
      cksum(),
      f.u16 ("mrd", { default = 10000 }),
      f.u16 ("reserved"),
      f.ipv6("mladdr"),
    },
  },
  {
    id     = "ICMPv6MLReport",
    title  = "MLD - Multicast Listener Report",
    hidden = true,
    over   = message(131, 24, listeners()),
    fields = {
      kind(131),
      f.u8  ("code"),
      cksum(),
      f.u16 ("mrd"),
      f.u16 ("reserved"),
      f.ipv6("mladdr"),
    },
  },
  {
    id     = "ICMPv6MLDone",
    title  = "MLD - Multicast Listener Done",
    hidden = true,
    over   = message(132, 24, listeners "ff02::2"),
    fields = {
      kind(132),
      f.u8  ("code"),
      cksum(),
      f.u16 ("mrd"),
      f.u16 ("reserved"),
      f.ipv6("mladdr"),
    },
  },
  {
    id     = "ICMPv6MLQuery2",
    title  = "MLDv2 - Multicast Listener Query",
    hidden = true,
    over   = message(130, 28, listeners "ff02::1"),
    fields = {
      kind(130),
      f.u8  ("code"),
      cksum(),
      f.u16 ("mrd", { default = 10000 }),
      f.u16 ("reserved"),
      f.ipv6("mladdr"),
      f.bits("Resv", 4),
      f.bits("S",    1),
      f.bits("QRV",  3),
      f.u8  ("QQIC"),
      f.u16 ("sources_number",    { auto = f.count "sources", class = "ShortField" }),
      f.list("sources", f.ipv6(), { count = f.ref "sources_number" }),
    },
  },
  {
    id     = "ICMPv6MLReport2",
    title  = "MLDv2 - Multicast Listener Report",
    hidden = true,
    over   = unlisted(message(143, 9, listeners "ff02::16")),  -- at least one record
    fields = {
      kind(143),
      f.u8    ("res"),
      cksum(),
      f.u16   ("reserved"),
      f.u16   ("records_number", { auto = f.count "records", class = "ShortField" }),
      f.layers("records",        { of = "ICMPv6MLDMultAddrRec", count = f.ref "records_number" }),
    },
  },
  {
    id       = "ICMPv6MLDMultAddrRec",
    title    = "ICMPv6 MLDv2 - Multicast Address Record",
    next     = { { id = "ICMPv6MLDMultAddrRec" } },
    fields   = {
      f.u8   ("rtype", { default = 4 }),
      f.u8   ("auxdata_len",       { auto = f.padded "auxdata" // 4 }),
      f.u16  ("sources_number",    { auto = f.count "sources" }),
      f.ipv6 ("dst"),
      f.list ("sources", f.ipv6(), { count = f.ref "sources_number" }),
      f.bytes("auxdata",           { size = f.ref "auxdata_len" * 4, align = 4,
                                     class = "StrLenField" }),
    },
  },

  -- Multicast router discovery.

  {
    id     = "ICMPv6MRD_Advertisement",
    title  = "ICMPv6 Multicast Router Discovery Advertisement",
    hidden = true,
    over   = message(151, 8, listeners "ff02::2"),
    fields = {
      kind(151),
      f.u8 ("advinter", { default = 20 }),
      cksum(),
      f.u16("queryint"),
      f.u16("robustness"),
    },
  },
  {
    id     = "ICMPv6MRD_Solicitation",
    title  = "ICMPv6 Multicast Router Discovery Solicitation",
    hidden = true,
    over   = message(152, 4, listeners "ff02::2"),
    fields = {
      kind(152),
      f.u8("res"),
      cksum(),
    },
  },
  {
    id     = "ICMPv6MRD_Termination",
    title  = "ICMPv6 Multicast Router Discovery Termination",
    hidden = true,
    over   = message(153, 4, listeners "ff02::6a"),
    fields = {
      kind(153),
      f.u8("res"),
      cksum(),
    },
  },

  -- Neighbor Discovery.

  {
    id     = "ICMPv6ND_RS",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery - Router Solicitation",
    hidden = true,
    over   = message(133, 8, neighbors "ff02::2"),
    fields = {
      kind(133),
      f.u8 ("code"),
      cksum(),
      f.u32("res"),
    },
  },
  {
    id     = "ICMPv6ND_RA",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery - Router Advertisement",
    hidden = true,
    over   = message(134, 16, neighbors "ff02::1"),
    fields = {
      kind(134),
      f.u8  ("code"),
      cksum(),
      f.u8  ("chlim"),
      f.bits("M",   1),
      f.bits("O",   1),
      f.bits("H",   1),  -- RFC 6275 section 7.1
      f.bits("prf", 2, { default = 1, names = preferences }),
      f.bits("P",   1),  -- RFC 4389 section 4.1.3.3
      f.bits("res", 2),
      f.u16 ("routerlifetime", { default = 1800 }),
      f.u32 ("reachabletime"),
      f.u32 ("retranstimer"),
    },
  },
  {
    id     = "ICMPv6ND_NS",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery - Neighbor Solicitation",
    over   = message(135, 24, neighbors "ff02::1"),
    fields = {
      kind(135),
      f.u8  ("code"),
      cksum(),
      f.u32 ("res"),
      f.ipv6("tgt"),
    },
  },
  {
    id     = "ICMPv6ND_NA",
    scapy  = true,
    title  = "ICMPv6 Neighbor Discovery - Neighbor Advertisement",
    over   = message(136, 24, neighbors "ff02::1"),
    fields = {
      kind(136),
      f.u8  ("code"),
      cksum(),
      f.bits("R",    1, { default = 1 }),
      f.bits("S",    1),
      f.bits("O",    1, { default = 1 }),
      f.bits("res", 29, { show = "hex" }),
      f.ipv6("tgt"),
    },
  },
  {
    id     = "ICMPv6ND_Redirect",
    title  = "ICMPv6 Neighbor Discovery - Redirect",
    over   = message(137, 40, neighbors "ff02::1"),
    fields = {
      kind(137),
      f.u8  ("code"),
      cksum(),
      f.u32 ("res", { show = "hex" }),
      f.ipv6("tgt"),
      f.ipv6("dst"),
    },
  },
  {
    id     = "ICMPv6ND_INDSol",
    title  = "ICMPv6 Inverse Neighbor Discovery Solicitation",
    hidden = true,
    over   = message(141, 8, neighbors "ff02::1"),
    fields = {
      kind(141),
      f.u8 ("code"),
      cksum(),
      f.u32("reserved", { show = "hex" }),
    },
  },
  {
    id     = "ICMPv6ND_INDAdv",
    title  = "ICMPv6 Inverse Neighbor Discovery Advertisement",
    hidden = true,
    over   = message(142, 8, neighbors "ff02::1"),
    fields = {
      kind(142),
      f.u8 ("code"),
      cksum(),
      f.u32("reserved", { show = "hex" }),
    },
  },

  -- Node information.

  query("ICMPv6NIQueryNOOP", "ICMPv6 Node Information Query - NOOP Query",         0, 0),
  query("ICMPv6NIQueryName", "ICMPv6 Node Information Query - IPv6 Name Query",    2, 0),
  query("ICMPv6NIQueryIPv6", "ICMPv6 Node Information Query - IPv6 Address Query", 3, 0x3e),
  query("ICMPv6NIQueryIPv4", "ICMPv6 Node Information Query - IPv4 Address Query", 4, 0),

  reply("ICMPv6NIReplyNOOP",    "ICMPv6 Node Information Reply - NOOP Reply",                  0, 0),
  reply("ICMPv6NIReplyName",    "ICMPv6 Node Information Reply - Node Names",                  0, 2),
  reply("ICMPv6NIReplyIPv6",    "ICMPv6 Node Information Reply - IPv6 addresses",              0, 3),
  reply("ICMPv6NIReplyIPv4",    "ICMPv6 Node Information Reply - IPv4 addresses",              0, 4),
  {
    id       = "NIReplyNames",
    title    = "Node Information Reply - Names",
    hidden   = true,
    unlisted = true,
    fields   = { f.u32("ttl"), f.list("names", f.name(nil, { node = true })) },
  },
  address("NIReplyIPv6Address", "Node Information Reply - IPv6 address", f.ipv6),
  address("NIReplyIPv4Address", "Node Information Reply - IPv4 address", f.ipv4),

  reply("ICMPv6NIReplyRefuse",  "ICMPv6 Node Information Reply - Responder refuses to answer", 1, 0),
  reply("ICMPv6NIReplyUnknown", "ICMPv6 Node Information Reply - Qtype unknown to the responder", 2, 0),

  -- Mobile IPv6: finding home agents, and the prefixes of the home link.

  {
    id     = "ICMPv6HAADRequest",
    title  = "ICMPv6 Home Agent Address Discovery Request",
    hidden = true,
    over   = message(144, 8),
    fields = {
      kind(144),
      f.u8  ("code"),
      cksum(),
      f.u16 ("id",      { show = "hex", auto = 0 }),
      f.bits("R",    1, { default = 1, names = mobile_router }),
      f.bits("res", 15, { show = "hex" }),
    },
  },
  {
    id     = "ICMPv6HAADReply",
    title  = "ICMPv6 Home Agent Address Discovery Reply",
    hidden = true,
    over   = message(145, 8),
    fields = {
      kind(145),
      f.u8  ("code"),
      cksum(),
      f.u16 ("id",      { show = "hex", auto = 0 }),
      f.bits("R",    1, { default = 1, names = mobile_router }),
      f.bits("res", 15, { show = "hex" }),
      f.list("addresses", f.ipv6()),
    },
  },
  {
    id     = "ICMPv6MPSol",
    title  = "ICMPv6 Mobile Prefix Solicitation",
    hidden = true,
    over   = message(146, 8),
    fields = {
      kind(146),
      f.u8 ("code"),
      cksum(),
      f.u16("id",  { show = "hex", auto = 0 }),
      f.u16("res", { show = "hex" }),
    },
  },
  {
    id     = "ICMPv6MPAdv",
    title  = "ICMPv6 Mobile Prefix Advertisement",
    hidden = true,
    over   = message(147, 8),
    fields = {
      kind(147),
      f.u8  ("code"),
      cksum(),
      f.u16 ("id",        { show = "hex", auto = 0 }),
      f.bits("flags",  2, { default = 2, names = { [1] = "O", [2] = "M" } }),
      f.bits("res",   14, { show = "hex" }),
    },
  },
}
