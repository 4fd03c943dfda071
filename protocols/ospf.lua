-- Open Shortest Path First: version 2, RFC 2328 appendix A, whose options are those of RFC 5250 and
-- RFC 4915, NSSA RFC 3101, opaque LSAs RFC 5250; version 3, RFC 5340 appendix A. The digest of
-- cryptographic authentication lies behind the packet, whose length leaves it out, RFC 2328 section
-- D.4.3: it is an OSPF_Digest on top of the message. So does that of link-local signaling, RFC 5613:
-- it is an OSPF_LLS on top of a Hello or a database description whose option L says so. (Behind a
-- digest it is Padding.)
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |version| type  |      len      |
--   |           router_id           |
--   |            area_id            |
--   |    chksum     |   authtype    |
--   |        auth, 8 bytes          |   version 3: instance_id and a reserved byte instead of both
--   +-------------------------------+
--
--   +---------------+-------+-------+
--   |      age      |options| type  |   the header of an LSA
--   |              id               |
--   |      advertising_router       |
--   |              seq              |
--   |    chksum     |    length     |
--   +-------------------------------+

local f = require "luapkt.field"

local packet_types = {
  "Hello", "Database Description", "Link State Request", "Link State Update", "Link State Acknowledgment",
}

local lsa_types = {
  "Router", "Network", "Summary (network)", "Summary (ASBR)", "AS-External", "Group membership", "NSSA",
  "External attributes", "Opaque (link)", "Opaque (area)", "Opaque (AS)",
}

-- With the bits of their scope, RFC 5340 section A.4.2.1.
local lsa_types_v3 = {
  [0x2001] = "Router", [0x2002] = "Network", [0x2003] = "Inter-Area-Prefix", [0x2004] = "Inter-Area-Router",
  [0x4005] = "AS-External", [0x2007] = "NSSA", [0x0008] = "Link", [0x2009] = "Intra-Area-Prefix",
}

local link_types = { "Point-to-point", "Transit network", "Stub network", "Virtual link" }

local link_types_v3 = { "Point-to-point", "Transit network", [4] = "Virtual link" }

-- IANA, "Open Shortest Path First (OSPF) Link-Local Signalling (LLS) - Type/Length/Value Identifiers".
local signaling_types = { "Extended Options and Flags", "Cryptographic Authentication" }

local authentications = { [0] = "Null", "Simple password", "Cryptographic" }

local option_bits    = { "MT", "E", "MC", "NP", "L", "DC", "O", "DN" }
local option_bits_v3 = { "V6", "E", "x", "N", "R", "DC", "", "", "AF", "L" }
local router_bits    = { "B", "E", "V", "W", "Nt" }
local router_bits_v3 = { "B", "E", "V", "x", "Nt" }
local prefix_bits    = { "NU", "LA", "x", "P", "DN" }
local route_bits     = { "T", "F", "E" }
local exchange_bits  = { "MS", "M", "I", "R" }

local HEADER     = 24 -- bytes
local HEADER_V3  = 16
local LSA_HEADER = 20
local CRYPTOGRAPHIC = 2

local is_cryptographic = f.ref "authtype":eq(CRYPTOGRAPHIC)
local digest = is_cryptographic:pick(f.ref "auth_len", 0) -- bytes

-- Everything but the age, RFC 2328 section 12.1.7.
local lsa_sum = f.checksum("fletcher", { from = 2 })

-- The bytes of a message behind the first 'taken': up to what the header's length leaves out.
local function message_left(taken)
  return f.below("OSPF"):pick(f.left():min((f.under "len" - HEADER - taken):max(0)), f.left())
end
local function message_left_v3(taken)
  return f.below("OSPFv3"):pick(f.left():min((f.under "len" - HEADER_V3 - taken):max(0)), f.left())
end

-- Does the option L say that link-local signaling follows? In messages by their options, in headers
-- by where those lie in the message of a type.
local signals    = f.ref "options":has(0x10)
local has_block  = signals:both(f.under "authtype":ne(CRYPTOGRAPHIC))
local signals_v3 = f.ref "options":has(0x200)
local will_signal = is_cryptographic:no():both(f.ref "type":eq(1):both(f.glance(51, 1))
  :either(f.ref "type":eq(2):both(f.glance(19, 1))))
local will_signal_v3 = f.ref "type":eq(1):both(f.glance(54, 1))
  :either(f.ref "type":eq(2):both(f.glance(22, 1)))

-- The header and the message, which are what the length and the checksum count.
local message_size = f.header() + f.payload() - f.behind "OSPF_LLS"

local packet_sum = f.checksum("inet", { over = message_size, without = "auth", when = is_cryptographic:no() })

local function message(id, number, ...)
  return { id = id, extra = true, over = { OSPF = { type = number } }, fallback = "Padding", fields = { ... } }
end

local function signaling(decl, when)
  decl.next = { { when = when, id = "OSPF_LLS" } }
  return decl
end

-- On any message, it says in the header below that it is there.
local digest_of = { {}, below = { OSPF = { authtype = CRYPTOGRAPHIC } } }

local function message_v3(id, number, ...)
  return { id = id, extra = true, over = { OSPFv3 = { type = number } }, fallback = "Padding", fields = { ... } }
end

-- The header of an LSA, of which the fields behind the age differ by version, and its body.
local function lsa_fields(differing, ...)
  local rest = {
    f.ipv4("id"),
    f.ipv4("advertising_router"),
    f.u32 ("seq",    { default = 0x80000001, show = "hex" }),
    f.u16 ("chksum", { auto = lsa_sum, show = "hex" }),
    f.u16 ("length", { auto = f.header() }),
    ...,
  }
  local fields = { f.u16("age", { default = 1 }), table.unpack(differing) }
  return table.move(rest, 1, #rest, #fields + 1, fields)
end

local function lsa_fields_v2(number, ...)
  return lsa_fields({
    f.flags("options", 8, option_bits, { default = "E" }),
    f.u8   ("type",    { default = number, names = lsa_types }),
  }, ...)
end

local function lsa_fields_v3(number, ...)
  return lsa_fields({ f.u16("type", { default = number, names = lsa_types_v3, show = "hex" }) }, ...)
end

-- What declares an LSA of some types, which bytes are where they have as many as its fields need:
-- `kind` are the type's bits in bytes that are to be read.
local function declare_lsa(base, kind, fields_of)
  return function(id, numbers, least, ...)
    return {
      id = id, extra = true, base = base, extent = f.ref "length",
      variant_of = { [base] = kind:one_of(table.unpack(numbers))
        :both(f.peek(144, 16):ge(LSA_HEADER + least)) },
      fields = fields_of(numbers[1], ...),
    }
  end
end

local lsa    = declare_lsa("OSPF_LSA", f.peek(24, 8), lsa_fields_v2)
local lsa_v3 = declare_lsa("OSPFv3_LSA", f.peek(16, 16), lsa_fields_v3)

local function body_left(taken) return f.ref "length" - LSA_HEADER - taken end

local function options_v3() return f.flags("options", 24, option_bits_v3, { default = "V6+E+R" }) end

-- Section A.4.1: of the address as many words of 32 bits as the prefix needs.
local function prefix(between)
  return f.u8("prefix_length", { default = 64 }), f.flags("prefix_options", 8, prefix_bits), between,
    f.ipv6("prefix", { size = (f.ref "prefix_length" + 31) // 32 * 4 })
end

-- Of a route to elsewhere: what its first bits, and a type, say is there follows; section A.4.7.
local function external_v3()
  local fields = {
    f.flags("flags", 8, route_bits),
    f.u24  ("metric", { default = 20 }),
    prefix(f.u16("referenced_type", { names = lsa_types_v3, show = "hex" })),
  }
  table.move({
    f.ipv6("forwarding_address", { when = f.ref "flags":has(2) }),
    f.u32 ("tag",                { when = f.ref "flags":has(1) }),
    f.ipv4("referenced_id",      { when = f.ref "referenced_type":ne(0) }),
  }, 1, 3, #fields + 1, fields)
  return table.unpack(fields)
end

return {
  {
    id     = "OSPF",
    title  = "Open Shortest Path First",
    extra  = true,
    over   = { IP = { { proto = 89, when = f.peek(0, 8):eq(2) } } },
    extent = will_signal:pick(f.total(), f.ref "len" + digest),
    fields = {
      f.u8   ("version",   { default = 2 }),
      f.u8   ("type",      { default = 1, names = packet_types }),
      f.u16  ("len",       { auto = message_size - digest }),
      f.ipv4 ("router_id"),
      f.ipv4 ("area_id"),
      -- Not of the authentication, and 0 with a cryptographic one, sections D.4.1 and D.4.3.
      f.u16  ("chksum",    { auto = packet_sum, show = "hex" }),
      f.u16  ("authtype",  { names = authentications }),
      f.bytes("auth",      { size = 8, default = ("\0"):rep(8), when = is_cryptographic:no() }),
      f.u16  ("reserved",  { when = is_cryptographic }),
      f.u8   ("key_id",    { default = 1, when = is_cryptographic }),
      f.u8   ("auth_len",  { default = 16, when = is_cryptographic }),
      f.u32  ("crypto_seq", { when = is_cryptographic }),
    },
  },

  signaling(message("OSPF_Hello", 1,
    f.ipv4 ("network_mask",   { default = "255.255.255.0" }),
    f.u16  ("hello_interval", { default = 10 }),
    f.flags("options", 8, option_bits, { default = "E" }),
    f.u8   ("router_priority", { default = 1 }),
    f.u32  ("dead_interval",  { default = 40 }),
    f.ipv4 ("designated_router"),
    f.ipv4 ("backup_designated_router"),
    f.list ("neighbors",      f.ipv4(), { size = message_left(20) })), has_block),

  signaling(message("OSPF_DBDesc", 2,
    f.u16   ("mtu",         { default = 1500 }),
    f.flags ("options", 8, option_bits, { default = "E" }),
    f.flags ("flags", 8, exchange_bits),
    f.u32   ("dd_sequence", { default = 1 }),
    f.layers("lsa_headers", { of = "OSPF_LSAHeader", size = message_left(8) })), has_block),

  message("OSPF_LSReq", 3,
    f.layers("requests", { of = "OSPF_LSReqItem", size = message_left(0) })),

  message("OSPF_LSUpdate", 4,
    f.u32   ("count", { auto = f.count "lsas" }),
    f.layers("lsas",  { of = "OSPF_LSA", count = f.ref "count" })),

  message("OSPF_LSAck", 5,
    f.layers("lsa_headers", { of = "OSPF_LSAHeader", size = message_left(0) })),

  {
    id     = "OSPF_Digest",
    title  = "OSPF Cryptographic Authentication",
    extra  = true,
    over   = {
      OSPF_Hello = digest_of, OSPF_DBDesc = digest_of, OSPF_LSReq = digest_of, OSPF_LSUpdate = digest_of,
      OSPF_LSAck = digest_of,
    },
    fields = {
      f.bytes("digest", { show = "hex", default = ("\0"):rep(16) }),
    },
  },

  {
    id     = "OSPF_LLS",
    title  = "OSPF Link-Local Signaling",
    extra  = true,
    option = true,
    over   = {
      OSPF_Hello   = { { options = 0x12, read = false } },  OSPF_DBDesc   = { { options = 0x12, read = false } },
      OSPFv3_Hello = { { options = 0x213, read = false } }, OSPFv3_DBDesc = { { options = 0x213, read = false } },
    },
    required = "length",
    fallback = "Padding",
    fields = {
      f.u16   ("chksum", { auto = f.checksum("inet", { over = "header" }), show = "hex" }),
      f.u16   ("length", { auto = f.header() // 4 }), -- in words of 32 bits
      f.layers("tlvs",   { of = "OSPF_LLS_TLV", size = (f.ref "length" * 4 - 4):max(0) }),
    },
  },
  {
    id     = "OSPF_LLS_TLV",
    title  = "OSPF Link-Local Signaling TLV",
    extra  = true,
    extent = (f.ref "length" + 3) // 4 * 4 + 4,
    fields = {
      f.u16  ("type",   { default = 1, names = signaling_types }),
      f.u16  ("length", { auto = f.size "value" }),
      f.bytes("value",  { size = f.ref "length", align = 4, show = "hex" }),
    },
  },
  {
    id     = "OSPF_LLS_Options",
    title  = "OSPF Link-Local Signaling Extended Options",
    extra  = true,
    base   = "OSPF_LLS_TLV",
    variant_of = { OSPF_LLS_TLV = f.peek(0, 32):eq(1 << 16 | 4):both(f.left():ge(8)) },
    fields = {
      f.u16  ("type",    { default = 1, names = signaling_types }),
      f.u16  ("length",  { auto = f.header() - 4 }),
      f.flags("options", 32, { "LR", "RS" }), -- out-of-band resynchronization, restart, RFC 4811, RFC 4812
    },
  },

  {
    id     = "OSPF_LSReqItem",
    title  = "OSPF Link State Request",
    extra  = true,
    fields = {
      f.u32 ("type", { default = 1, names = lsa_types }),
      f.ipv4("id"),
      f.ipv4("advertising_router"),
    },
  },

  -- The header of an LSA that isn't there: its checksum can't be worked out.
  {
    id     = "OSPF_LSAHeader",
    title  = "OSPF LSA Header",
    extra  = true,
    fields = {
      f.u16  ("age",     { default = 1 }),
      f.flags("options", 8, option_bits, { default = "E" }),
      f.u8   ("type",    { default = 1, names = lsa_types }),
      f.ipv4 ("id"),
      f.ipv4 ("advertising_router"),
      f.u32  ("seq",     { default = 0x80000001, show = "hex" }),
      f.u16  ("chksum",  { show = "hex" }),
      f.u16  ("length",  { default = 36 }), -- of a router with one link
    },
  },

  -- An LSA of a type that has no declaration below, or too short for it.
  {
    id     = "OSPF_LSA",
    title  = "OSPF LSA",
    extra  = true,
    extent = f.ref "length",
    fields = lsa_fields_v2(6, f.bytes("body", { size = body_left(0):max(0) })),
  },

  lsa("OSPF_RouterLSA", { 1 }, 4,
    f.flags ("flags", 8, router_bits),
    f.u8    ("reserved"),
    f.u16   ("nlinks", { auto = f.count "links" }),
    f.layers("links",  { of = "OSPF_Link", count = f.ref "nlinks", size = body_left(4) })),
  lsa("OSPF_NetworkLSA", { 2 }, 4,
    f.ipv4("network_mask", { default = "255.255.255.0" }),
    f.list("routers", f.ipv4(), { size = body_left(4) })),
  lsa("OSPF_SummaryLSA", { 3, 4 }, 8,
    f.ipv4  ("network_mask", { default = "255.255.255.0" }),
    f.u8    ("tos"),
    f.u24   ("metric",       { default = 1 }),
    f.layers("tos_metrics",  { of = "OSPF_SummaryTOS", size = body_left(8) })),
  lsa("OSPF_ExternalLSA", { 5, 7 }, 16,
    f.ipv4  ("network_mask", { default = "255.255.255.0" }),
    f.bits  ("E", 1),
    f.bits  ("tos", 7),
    f.u24   ("metric",       { default = 20 }),
    f.ipv4  ("forwarding_address"),
    f.u32   ("tag"),
    f.layers("tos_routes",   { of = "OSPF_ExternalTOS", size = body_left(16) })),
  lsa("OSPF_OpaqueLSA", { 10, 9, 11 }, 0, -- the first byte of its id is a type
    f.bytes("opaque", { size = body_left(0) })),

  {
    id     = "OSPF_Link",
    title  = "OSPF Router Link",
    extra  = true,
    fields = {
      f.ipv4  ("id"),
      f.ipv4  ("data"),
      f.u8    ("type",   { default = 3, names = link_types }),
      f.u8    ("ntos",   { auto = f.count "tos_metrics" }),
      f.u16   ("metric", { default = 1 }),
      f.layers("tos_metrics", { of = "OSPF_LinkTOS", count = f.ref "ntos" }),
    },
  },
  {
    id     = "OSPF_LinkTOS",
    title  = "OSPF Link TOS Metric",
    extra  = true,
    fields = {
      f.u8 ("tos"),
      f.u8 ("reserved"),
      f.u16("metric"),
    },
  },
  {
    id     = "OSPF_SummaryTOS",
    title  = "OSPF Summary TOS Metric",
    extra  = true,
    fields = {
      f.u8 ("tos"),
      f.u24("metric"),
    },
  },
  {
    id     = "OSPF_ExternalTOS",
    title  = "OSPF External TOS Route",
    extra  = true,
    fields = {
      f.bits("E", 1),
      f.bits("tos", 7),
      f.u24 ("metric"),
      f.ipv4("forwarding_address"),
      f.u32 ("tag"),
    },
  },

  {
    id     = "OSPFv3",
    title  = "Open Shortest Path First version 3",
    extra  = true,
    over   = { IPv6 = { { nh = 89, when = f.peek(0, 8):eq(3) } } },
    extent = will_signal_v3:pick(f.total(), f.ref "len"),
    fields = {
      f.u8  ("version",     { default = 3 }),
      f.u8  ("type",        { default = 1, names = packet_types }),
      f.u16 ("len",         { auto = message_size }),
      f.ipv4("router_id"),
      f.ipv4("area_id"),
      f.u16 ("chksum",      { auto = f.checksum("inet", { pseudo = 89, over = message_size }), show = "hex" }),
      f.u8  ("instance_id"),
      f.u8  ("reserved"),
    },
  },

  signaling(message_v3("OSPFv3_Hello", 1,
    f.u32  ("interface_id",    { default = 1 }),
    f.u8   ("router_priority", { default = 1 }),
    f.flags("options", 24, option_bits_v3, { default = "V6+E+R" }),
    f.u16  ("hello_interval",  { default = 10 }),
    f.u16  ("dead_interval",   { default = 40 }),
    f.ipv4 ("designated_router"),
    f.ipv4 ("backup_designated_router"),
    f.list ("neighbors",       f.ipv4(), { size = message_left_v3(20) })), signals_v3),

  signaling(message_v3("OSPFv3_DBDesc", 2,
    f.u8    ("reserved"),
    f.flags ("options", 24, option_bits_v3, { default = "V6+E+R" }),
    f.u16   ("mtu",         { default = 1500 }),
    f.u8    ("reserved2"),
    f.flags ("flags", 8, exchange_bits),
    f.u32   ("dd_sequence", { default = 1 }),
    f.layers("lsa_headers", { of = "OSPFv3_LSAHeader", size = message_left_v3(12) })), signals_v3),

  message_v3("OSPFv3_LSReq", 3,
    f.layers("requests", { of = "OSPFv3_LSReqItem" })),

  message_v3("OSPFv3_LSUpdate", 4,
    f.u32   ("count", { auto = f.count "lsas" }),
    f.layers("lsas",  { of = "OSPFv3_LSA", count = f.ref "count" })),

  message_v3("OSPFv3_LSAck", 5,
    f.layers("lsa_headers", { of = "OSPFv3_LSAHeader" })),

  {
    id     = "OSPFv3_LSReqItem",
    title  = "OSPFv3 Link State Request",
    extra  = true,
    fields = {
      f.u16 ("reserved"),
      f.u16 ("type", { default = 0x2001, show = "hex" }),
      f.ipv4("id"),
      f.ipv4("advertising_router"),
    },
  },
  {
    id     = "OSPFv3_LSAHeader",
    title  = "OSPFv3 LSA Header",
    extra  = true,
    fields = {
      f.u16 ("age",    { default = 1 }),
      f.u16 ("type",   { default = 0x2001, show = "hex" }),
      f.ipv4("id"),
      f.ipv4("advertising_router"),
      f.u32 ("seq",    { default = 0x80000001, show = "hex" }),
      f.u16 ("chksum", { show = "hex" }),
      f.u16 ("length", { default = 40 }),
    },
  },
  {
    -- Of a type that has no declaration below, or too short for it.
    id     = "OSPFv3_LSA",
    title  = "OSPFv3 LSA",
    extra  = true,
    extent = f.ref "length",
    fields = lsa_fields_v3(0x2001, f.bytes("body", { size = body_left(0):max(0) })),
  },

  lsa_v3("OSPFv3_RouterLSA", { 0x2001 }, 4,
    f.flags ("flags", 8, router_bits_v3),
    options_v3(),
    f.layers("interfaces", { of = "OSPFv3_Interface", size = body_left(4) })),
  lsa_v3("OSPFv3_NetworkLSA", { 0x2002 }, 4,
    f.u8  ("reserved"),
    options_v3(),
    f.list("routers", f.ipv4(), { size = body_left(4) })),
  lsa_v3("OSPFv3_InterAreaPrefixLSA", { 0x2003 }, 8,
    f.u8 ("reserved"),
    f.u24("metric", { default = 1 }),
    prefix(f.u16 "reserved2")),
  lsa_v3("OSPFv3_InterAreaRouterLSA", { 0x2004 }, 12,
    f.u8  ("reserved"),
    options_v3(),
    f.u8  ("reserved2"),
    f.u24 ("metric", { default = 1 }),
    f.ipv4("destination_router")),
  lsa_v3("OSPFv3_ExternalLSA", { 0x4005, 0x2007 }, 8, external_v3()),
  lsa_v3("OSPFv3_LinkLSA", { 0x0008 }, 24,
    f.u8    ("router_priority", { default = 1 }),
    options_v3(),
    f.ipv6  ("link_local_address", { default = "fe80::1" }),
    f.u32   ("nprefixes", { auto = f.count "prefixes" }),
    f.layers("prefixes",  { of = "OSPFv3_LinkPrefix", count = f.ref "nprefixes", size = body_left(24) })),
  lsa_v3("OSPFv3_IntraAreaPrefixLSA", { 0x2009 }, 12,
    f.u16   ("nprefixes", { auto = f.count "prefixes" }),
    f.u16   ("referenced_type", { default = 0x2001, names = lsa_types_v3, show = "hex" }),
    f.ipv4  ("referenced_id"),
    f.ipv4  ("referenced_router"),
    f.layers("prefixes",  { of = "OSPFv3_Prefix", count = f.ref "nprefixes", size = body_left(12) })),

  {
    id     = "OSPFv3_Interface",
    title  = "OSPFv3 Router Interface",
    extra  = true,
    fields = {
      f.u8  ("type",   { default = 2, names = link_types_v3 }),
      f.u8  ("reserved"),
      f.u16 ("metric", { default = 1 }),
      f.u32 ("interface_id"),
      f.u32 ("neighbor_interface_id"),
      f.ipv4("neighbor_router"),
    },
  },
  {
    id     = "OSPFv3_LinkPrefix",
    title  = "OSPFv3 Prefix of a Link",
    extra  = true,
    fields = { prefix(f.u16 "reserved") },
  },
  {
    id     = "OSPFv3_Prefix",
    title  = "OSPFv3 Prefix",
    extra  = true,
    fields = { prefix(f.u16 "metric") },
  },
}
