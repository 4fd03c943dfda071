-- Border Gateway Protocol 4, RFC 4271 section 4: every message is a layer of its own, and what
-- follows one in a segment is the next. Capabilities, RFC 5492; communities, RFC 1997, RFC 4360 and
-- RFC 8092; route reflection, RFC 4456; multiprotocol extensions, RFC 4760; route refresh, RFC 2918
-- and RFC 7313; four-octet AS numbers, RFC 6793; graceful restart, RFC 4724; ADD-PATH, RFC 7911.
-- https://www.iana.org/assignments/bgp-parameters names them.
--
--    0       8       16              31
--   +-------------------------------+
--   |       marker, 16 bytes        |
--   |      len      | type  |
--   +---------------+-------+
--
--   +-------+-------+---------------+
--   | flags | type  | len, 1 or 2   |   path attributes
--   +-------+-------+---------------+

local f = require "luapkt.field"

local OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH = 1, 2, 3, 4, 5
local HEADER = 19 -- bytes
local ONES = 0xffffffff

local types = { "OPEN", "UPDATE", "NOTIFICATION", "KEEPALIVE", "ROUTE-REFRESH" }

local attribute_types = {
  "ORIGIN", "AS_PATH", "NEXT_HOP", "MULTI_EXIT_DISC", "LOCAL_PREF", "ATOMIC_AGGREGATE", "AGGREGATOR",
  "COMMUNITIES", "ORIGINATOR_ID", "CLUSTER_LIST", [14] = "MP_REACH_NLRI", [15] = "MP_UNREACH_NLRI",
  [16] = "EXTENDED COMMUNITIES", [17] = "AS4_PATH", [18] = "AS4_AGGREGATOR", [22] = "PMSI_TUNNEL",
  [23] = "Tunnel Encapsulation", [26] = "AIGP", [29] = "BGP-LS", [32] = "LARGE_COMMUNITY",
  [33] = "BGPsec_Path", [35] = "ONLY_TO_CUSTOMER", [40] = "BGP Prefix-SID", [128] = "ATTR_SET",
}

local capability_codes = {
  [1] = "Multiprotocol", [2] = "Route Refresh", [3] = "Outbound Route Filtering", [5] = "Extended Next Hop",
  [6] = "Extended Message", [9] = "BGP Role", [64] = "Graceful Restart", [65] = "Four-octet AS number",
  [67] = "Dynamic Capability", [69] = "ADD-PATH", [70] = "Enhanced Route Refresh", [71] = "Long-Lived Graceful Restart",
  [73] = "FQDN",
}

local segment_types = { "AS_SET", "AS_SEQUENCE", "AS_CONFED_SEQUENCE", "AS_CONFED_SET" }
local origins       = { [0] = "IGP", "EGP", "INCOMPLETE" }
local afis          = { [1] = "IPv4", [2] = "IPv6", [25] = "L2VPN", [16388] = "BGP-LS" }
local safis         = {
  [1] = "Unicast", [2] = "Multicast", [4] = "MPLS-labelled", [65] = "VPLS", [70] = "EVPN", [128] = "VPN",
  [133] = "Flow specification",
}

local errors = {
  "Message Header Error", "OPEN Message Error", "UPDATE Message Error", "Hold Timer Expired",
  "Finite State Machine Error", "Cease", "ROUTE-REFRESH Message Error",
}
local suberrors = {
  ref = "code",
  [1] = { "Connection Not Synchronized", "Bad Message Length", "Bad Message Type" },
  [2] = {
    "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier", "Unsupported Optional Parameter",
    [6] = "Unacceptable Hold Time", [7] = "Unsupported Capability",
  },
  [3] = {
    "Malformed Attribute List", "Unrecognized Well-known Attribute", "Missing Well-known Attribute",
    "Attribute Flags Error", "Attribute Length Error", "Invalid ORIGIN Attribute",
    [8] = "Invalid NEXT_HOP Attribute", [9] = "Optional Attribute Error", [10] = "Invalid Network Field",
    [11] = "Malformed AS_PATH",
  },
  [6] = {
    "Maximum Number of Prefixes Reached", "Administrative Shutdown", "Peer De-configured", "Administrative Reset",
    "Connection Rejected", "Other Configuration Change", "Connection Collision Resolution", "Out of Resources",
  },
}
local refreshes = { [0] = "Request", "Beginning of refresh", "End of refresh" }

local OPTIONAL, TRANSITIVE = 0x80, 0x40

-- ------------------------------------------------------------------------------------ messages

local has_marker = f.peek(0, 32):eq(ONES):both(f.peek(32, 32):eq(ONES)):both(f.peek(64, 32):eq(ONES))
  :both(f.peek(96, 32):eq(ONES))

local function with_header(number, ...)
  return {
    f.bytes("marker", { size = 16, show = "hex", default = ("\xff"):rep(16) }),
    f.u16  ("len",    { auto = f.header() }),
    f.u8   ("type",   { default = number, names = types }),
    ...,
  }
end

-- A message of that type, which bytes are where they have as many as its fields need.
local function message(id, number, least, ...)
  return {
    id = id, extra = true, base = "BGP",
    variant_of = { BGP = has_marker:both(f.peek(144, 8):eq(number)):both(f.peek(128, 16):ge(HEADER + least)) },
    fields = with_header(number, ...),
  }
end

-- The bytes of a message behind those that were counted.
local function rest(taken) return (f.ref "len" - HEADER - taken):max(0) end

-- ---------------------------------------------------------------------------------- attributes

local function attribute_fields(flags, number, ...)
  return {
    f.bits("optional", 1,   { default = flags & OPTIONAL ~= 0 and 1 or 0 }),
    f.bits("transitive", 1, { default = flags & TRANSITIVE ~= 0 and 1 or 0 }),
    f.bits("partial", 1),
    f.bits("extended_length", 1),
    f.bits("unused", 4),
    f.u8  ("type",          { default = number, names = attribute_types }),
    f.u8  ("attr_len",      { auto = f.header() - 3, when = f.ref "extended_length":eq(0) }),
    f.u16 ("attr_ext_len",  { auto = f.header() - 4, when = f.ref "extended_length" }),
    ...,
  }
end

local value_len = f.ref "extended_length":pick(f.ref "attr_ext_len", f.ref "attr_len")

-- The length of the attribute that is about to be read, and its first bytes.
local is_long    = f.peek(3, 1)
local coming_len = is_long:pick(f.peek(16, 16), f.peek(16, 8))
local function coming(bit, width) return is_long:pick(f.peek(32 + bit, width), f.peek(24 + bit, width)) end

local function attribute(id, flags, number, rule, ...)
  local is_it = f.peek(8, 8):eq(number)
  return {
    id = id, extra = true, base = "BGP_PathAttribute", extent = 3 + f.ref "extended_length" + value_len,
    variant_of = { BGP_PathAttribute = rule and is_it:both(rule) or is_it },
    fields = attribute_fields(flags, number, ...),
  }
end

-- AS numbers have two octets, or four where both speakers said so (RFC 6793), of which nothing is
-- seen here: two, where the first segment is all the path, or longer than that, with numbers of
-- four.
local first_count = coming(8, 8)
local has_two_octets = coming_len:eq(2 + 2 * first_count):either(coming_len:lt(2 + 4 * first_count))

-- Networks of an address family, when it is known how they are written.
local function networks(id, size)
  local unicast = f.ref "safi":one_of(1, 2)
  return f.choice(id, {
    { when = unicast:both(f.ref "afi":eq(1)), f.layers(nil, { of = "BGP_Prefix", size = size }) },
    { when = unicast:both(f.ref "afi":eq(2)), f.layers(nil, { of = "BGP_PrefixIPv6", size = size }) },
    { f.bytes(nil, { size = size }) },
  })
end

-- -------------------------------------------------------------------------------- capabilities

local function capability(id, code, rule, ...)
  local is_it = f.peek(0, 8):eq(code)
  return {
    id = id, extra = true, base = "BGP_Capability", extent = 2 + f.ref "length",
    variant_of = { BGP_Capability = rule and is_it:both(rule) or is_it },
    fields = {
      f.u8("code",   { default = code, names = capability_codes }),
      f.u8("length", { auto = f.header() - 2 }),
      ...,
    },
  }
end

local function of_length(n) return f.peek(8, 8):eq(n) end

return {
  -- A message of a type that has no declaration below, or too short for it.
  {
    id     = "BGP",
    title  = "Border Gateway Protocol",
    extra  = true,
    over   = { TCP = {
      { dport = 179, when = has_marker }, { sport = 179, when = has_marker }, build = { sport = 179, dport = 179 },
    } },
    next   = { { when = has_marker, id = "BGP" } },
    pdu    = has_marker:pick(f.peek(128, 16), 0),
    fields = with_header(6, f.bytes("body", { size = rest(0) })),
  },

  message("BGP_Open", OPEN, 10,
    f.u8    ("version",       { default = 4 }),
    f.u16   ("my_as",         { default = 65000 }),
    f.u16   ("hold_time",     { default = 180 }),
    f.ipv4  ("bgp_id",        { default = "192.0.2.1" }),
    f.u8    ("opt_param_len", { auto = f.size "opt_params" }),
    f.layers("opt_params",    { of = "BGP_OptParam", size = f.ref "opt_param_len":min(rest(10)) })),

  message("BGP_Update", UPDATE, 4,
    f.u16   ("withdrawn_len",    { auto = f.size "withdrawn_routes" }),
    f.layers("withdrawn_routes", { of = "BGP_Prefix", size = f.ref "withdrawn_len":min(rest(4)) }),
    f.u16   ("path_attr_len",    { auto = f.size "path_attributes" }),
    f.layers("path_attributes",  { of = "BGP_PathAttribute",
                                   size = f.ref "path_attr_len":min(rest(4 + f.ref "withdrawn_len")) }),
    f.layers("nlri",             { of = "BGP_Prefix",
                                   size = rest(4 + f.ref "withdrawn_len" + f.ref "path_attr_len") })),

  message("BGP_Notification", NOTIFICATION, 2,
    f.u8   ("code",    { default = 6, names = errors }),
    f.u8   ("subcode", { default = 2, names_by = suberrors }),
    f.bytes("data",    { size = rest(2) })),

  message("BGP_Keepalive", KEEPALIVE, 0),

  message("BGP_RouteRefresh", ROUTE_REFRESH, 4,
    f.u16  ("afi",     { default = 1, names = afis }),
    f.u8   ("subtype", { names = refreshes }),
    f.u8   ("safi",    { default = 1, names = safis }),
    f.bytes("data",    { size = rest(4) })), -- route filters, RFC 5291

  -- A network: as many bytes of it as its length needs.
  {
    id     = "BGP_Prefix",
    title  = "BGP Prefix",
    extra  = true,
    fields = {
      f.u8  ("length", { default = 24 }),
      f.ipv4("prefix", { size = (f.ref "length" + 7) // 8 }),
    },
  },
  {
    id     = "BGP_PrefixIPv6",
    title  = "BGP IPv6 Prefix",
    extra  = true,
    fields = {
      f.u8  ("length", { default = 64 }),
      f.ipv6("prefix", { size = (f.ref "length" + 7) // 8 }),
    },
  },

  -- ------------------------------------------------------------------------------ parameters

  {
    id     = "BGP_OptParam",
    title  = "BGP Optional Parameter",
    extra  = true,
    extent = 2 + f.ref "length",
    fields = {
      f.u8   ("type",   { default = 1, names = { "Authentication", "Capabilities" } }),
      f.u8   ("length", { auto = f.header() - 2 }),
      f.bytes("value",  { size = f.ref "length" }),
    },
  },
  {
    id         = "BGP_Capabilities",
    title      = "BGP Capabilities",
    extra      = true,
    base       = "BGP_OptParam",
    extent     = 2 + f.ref "length",
    variant_of = { BGP_OptParam = f.peek(0, 8):eq(2) },
    fields = {
      f.u8    ("type",         { default = 2, names = { "Authentication", "Capabilities" } }),
      f.u8    ("length",       { auto = f.header() - 2 }),
      f.layers("capabilities", { of = "BGP_Capability", size = f.ref "length" }),
    },
  },

  -- A capability that has no declaration below, or of another length.
  {
    id     = "BGP_Capability",
    title  = "BGP Capability",
    extra  = true,
    extent = 2 + f.ref "length",
    fields = {
      f.u8   ("code",   { default = 2, names = capability_codes }),
      f.u8   ("length", { auto = f.header() - 2 }),
      f.bytes("value",  { size = f.ref "length" }),
    },
  },
  capability("BGP_CapMultiprotocol", 1, of_length(4),
    f.u16("afi", { default = 1, names = afis }), f.u8("reserved"), f.u8("safi", { default = 1, names = safis })),
  capability("BGP_CapRouteRefresh", 2, of_length(0)),
  capability("BGP_CapGracefulRestart", 64, (f.peek(8, 8) % 4):eq(2),
    f.bits  ("R", 1),
    f.bits  ("N", 1),
    f.bits  ("reserved", 2),
    f.bits  ("time", 12, { default = 120 }),
    f.layers("families", { of = "BGP_RestartFamily", size = f.ref "length" - 2 })),
  capability("BGP_CapAS4", 65, of_length(4), f.u32("asn", { default = 65000 })),
  capability("BGP_CapAddPath", 69, nil,
    f.layers("families", { of = "BGP_AddPathFamily", size = f.ref "length" })),
  capability("BGP_CapEnhancedRouteRefresh", 70, of_length(0)),
  {
    id     = "BGP_RestartFamily",
    title  = "BGP Graceful Restart Family",
    extra  = true,
    fields = {
      f.u16("afi",   { default = 1, names = afis }),
      f.u8 ("safi",  { default = 1, names = safis }),
      f.u8 ("flags", { show = "hex" }),
    },
  },
  {
    id     = "BGP_AddPathFamily",
    title  = "BGP ADD-PATH Family",
    extra  = true,
    fields = {
      f.u16("afi",          { default = 1, names = afis }),
      f.u8 ("safi",         { default = 1, names = safis }),
      f.u8 ("send_receive", { default = 3, names = { "Receive", "Send", "Both" } }),
    },
  },

  -- -------------------------------------------------------------------------- path attributes

  -- An attribute of a type that has no declaration below, or of another length.
  {
    id     = "BGP_PathAttribute",
    title  = "BGP Path Attribute",
    extra  = true,
    extent = 3 + f.ref "extended_length" + value_len,
    fields = attribute_fields(OPTIONAL | TRANSITIVE, 26, f.bytes("value", { size = value_len })),
  },
  attribute("BGP_Origin", TRANSITIVE, 1, coming_len:eq(1), f.u8("origin", { names = origins })),
  attribute("BGP_ASPath", TRANSITIVE, 2, has_two_octets,
    f.layers("segments", { of = "BGP_ASSegment", size = value_len })),
  attribute("BGP_ASPathLong", TRANSITIVE, 2, has_two_octets:no(), -- of four octets
    f.layers("segments", { of = "BGP_ASSegmentLong", size = value_len })),
  attribute("BGP_NextHop", TRANSITIVE, 3, coming_len:eq(4), f.ipv4("next_hop")),
  attribute("BGP_MultiExitDisc", OPTIONAL, 4, coming_len:eq(4), f.u32("med")),
  attribute("BGP_LocalPref", TRANSITIVE, 5, coming_len:eq(4), f.u32("local_pref", { default = 100 })),
  attribute("BGP_AtomicAggregate", TRANSITIVE, 6),
  attribute("BGP_Aggregator", OPTIONAL | TRANSITIVE, 7, coming_len:eq(6), f.u16("asn"), f.ipv4("address")),
  attribute("BGP_AggregatorLong", OPTIONAL | TRANSITIVE, 7, coming_len:eq(8), f.u32("asn"), f.ipv4("address")),
  attribute("BGP_Communities", OPTIONAL | TRANSITIVE, 8, (coming_len % 4):eq(0),
    f.list("communities", f.u32(nil, { show = "pair" }), { size = value_len })),
  attribute("BGP_OriginatorID", OPTIONAL, 9, coming_len:eq(4), f.ipv4("originator_id")),
  attribute("BGP_ClusterList", OPTIONAL, 10, (coming_len % 4):eq(0),
    f.list("clusters", f.ipv4(), { size = value_len })),
  attribute("BGP_MPReachNLRI", OPTIONAL, 14, coming_len:ge(5),
    f.u16  ("afi",          { default = 2, names = afis }),
    f.u8   ("safi",         { default = 1, names = safis }),
    f.u8   ("next_hop_len", { auto = f.size "next_hop" }),
    f.choice("next_hop", {
      { when = f.left():eq(0):either(f.ref "next_hop_len":eq(4)):both(f.ref "afi":eq(1)), f.ipv4() },
      { when = f.left():eq(0):either(f.ref "next_hop_len":eq(16)):both(f.ref "afi":eq(2)), f.ipv6() },
      { f.bytes(nil, { size = f.ref "next_hop_len":min(value_len - 5) }) },
    }),
    f.u8   ("reserved"),
    networks("nlri", (value_len - 5 - f.ref "next_hop_len"):max(0))),
  attribute("BGP_MPUnreachNLRI", OPTIONAL, 15, coming_len:ge(3),
    f.u16("afi",  { default = 2, names = afis }),
    f.u8 ("safi", { default = 1, names = safis }),
    networks("withdrawn_routes", value_len - 3)),
  attribute("BGP_ExtendedCommunities", OPTIONAL | TRANSITIVE, 16, (coming_len % 8):eq(0),
    f.list("communities", f.u64(nil, { show = "hex" }), { size = value_len })),
  attribute("BGP_AS4Path", OPTIONAL | TRANSITIVE, 17, nil,
    f.layers("segments", { of = "BGP_ASSegmentLong", size = value_len })),
  attribute("BGP_AS4Aggregator", OPTIONAL | TRANSITIVE, 18, coming_len:eq(8), f.u32("asn"), f.ipv4("address")),
  attribute("BGP_LargeCommunities", OPTIONAL | TRANSITIVE, 32, (coming_len % 12):eq(0),
    f.layers("communities", { of = "BGP_LargeCommunity", size = value_len })),

  {
    id     = "BGP_ASSegment",
    title  = "BGP AS Path Segment",
    extra  = true,
    fields = {
      f.u8  ("type",  { default = 2, names = segment_types }),
      f.u8  ("count", { auto = f.count "path" }),
      f.list("path",  f.u16(), { count = f.ref "count" }),
    },
  },
  {
    id     = "BGP_ASSegmentLong",
    title  = "BGP AS Path Segment of four octets",
    extra  = true,
    fields = {
      f.u8  ("type",  { default = 2, names = segment_types }),
      f.u8  ("count", { auto = f.count "path" }),
      f.list("path",  f.u32(), { count = f.ref "count" }),
    },
  },
  {
    id     = "BGP_LargeCommunity",
    title  = "BGP Large Community",
    extra  = true,
    fields = {
      f.u32("global"),
      f.u32("local1"),
      f.u32("local2"),
    },
  },
}
