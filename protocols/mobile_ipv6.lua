-- Mobility Support in IPv6, RFC 6275 section 6.1: the mobility header, its messages, and mobility
-- options, section 6.2, with those of RFC 3963, 4068, 4283, 4285 and 4866.
--
--    0       8       16      24      31
--   +-------+-------+-------+-------+
--   |  nh   |  len  |mhtype |  res  |   len: in 8 bytes, the first 8 not counted
--   |     cksum     |  message ...  |
--   +---------------+---------------+

local f = require "luapkt.field"

local messages = {
  [0]  = "BRR",
  [1]  = "HoTI",
  [2]  = "CoTI",
  [3]  = "HoT",
  [4]  = "CoT",
  [5]  = "BU",
  [6]  = "BA",
  [7]  = "BE",
  [8]  = "Fast BU",
  [9]  = "Fast BA",
  [10] = "Fast NA",
}

local statuses = {  -- RFC 6275 section 6.1.8 and the RFCs named above
  [0]   = "Binding Update accepted",
  [1]   = "Accepted but prefix discovery necessary",
  [128] = "Reason unspecified",
  [129] = "Administratively prohibited",
  [130] = "Insufficient resources",
  [131] = "Home registration not supported",
  [132] = "Not home subnet",
  [133] = "Not home agent for this mobile node",
  [134] = "Duplicate Address Detection failed",
  [135] = "Sequence number out of window",
  [136] = "Expired home nonce index",
  [137] = "Expired care-of nonce index",
  [138] = "Expired nonces",
  [139] = "Registration type change disallowed",
  [140] = "Mobile Router Operation not permitted",
  [141] = "Invalid Prefix",
  [142] = "Not Authorized for Prefix",
  [143] = "Forwarding Setup failed (prefixes missing)",
  [144] = "MIPV6-ID-MISMATCH",
  [145] = "MIPV6-MESG-ID-REQD",
  [146] = "MIPV6-AUTH-FAIL",
  [147] = "Permanent home keygen token unavailable",
  [148] = "CGA and signature verification failed",
  [149] = "Permanent home keygen token exists",
  [150] = "Non-null home nonce index expected",
}

local errors = {  -- section 6.1.9
  "Unknown binding for Home Address destination option", "Unrecognized MH Type value",
}

local option_types = {
  [2]  = "Binding Refresh Advice",
  [3]  = "Alternate Care-of Address",
  [4]  = "Nonce Indices",
  [5]  = "Binding Authorization Data",
  [6]  = "Mobile Network Prefix (RFC3963)",
  [7]  = "Link-Layer Address (RFC4068)",
  [8]  = "Mobile Node Identifier (RFC4283)",
  [9]  = "Mobility Message Authentication (RFC4285)",
  [10] = "Replay Protection (RFC4285)",
  [11] = "CGA Parameters Request (RFC4866)",
  [12] = "CGA Parameters (RFC4866)",
  [13] = "Signature (RFC4866)",
  [14] = "Home Keygen Token (RFC4866)",
  [15] = "Care-of Test Init (RFC4866)",
  [16] = "Care-of Test (RFC4866)",
}

local autopad = { [0] = "Off", [1] = "On" }

local zeros = "\0\0\0\0\0\0\0\0"

-- What every message begins with.
local function nh() return f.u8("nh", { default = 59, names = "ipv6_nh" }) end
local function len() return f.u8("len", { auto = (f.header() - 8) // 8 }) end
local function mhtype(number) return f.u8("mhtype", { default = number, names = messages }) end
local function res() return f.u8("res", { auto = 0 }) end
-- Its pseudo-header is that of IPv6 (RFC 6275 section 6.1.1): on IPv4 there is no sum, as in Scapy.
local function cksum()
  local sum = f.checksum("inet", { pseudo = 135, over = "header", when = f.below("IP"):no() })
  return f.u16("cksum", { show = "hex", auto = sum })
end
local function cookie(id) return f.bytes(id, { size = 8, default = zeros }) end
local function pad() return f.phantom("autopad", { default = 1, names = autopad }) end

-- Options behind so many bytes of the message.
local function options(before, autopads)
  return f.layers("options", {
    of = "MIP6OptUnknown", size = f.ref "len" * 8 + 8 - before, align = 8, class = "_OptionsField",
    pad = { one = "Pad1", many = "PadN", when = autopads },
  })
end

local function padded_options(before) return options(before, f.ref "autopad") end

-- Fewer bytes don't say how many there should be, and of what message.
local is_whole = f.left():ge(4)

local function over(kind)
  local match = { nh = 135, when = is_whole:both(f.peek(16, 8):eq(kind)) }
  local build = { nh = 135 }
  return { IPv6 = { match, build = build } }
end

-- An item of the messages' lists, which are all of one kind.
local function option(number) return { ["MIP6MH_BU.options"] = { otype = number } } end

-- An option whose first byte is this is no unknown one.
local function unknown(number) return { MIP6OptUnknown = f.peek(0, 8):eq(number) } end

local function otype(number) return f.u8("otype", { default = number, names = option_types }) end
local function olen(number) return f.u8("olen", { default = number }) end

-- Where an option wants to begin, from the start of the message: so many bytes behind a multiple.
local places = {
  [2] = { 2, 0 }, [3] = { 8, 6 }, [4] = { 2, 0 }, [5] = { 8, 2 }, [6] = { 8, 4 }, [9] = { 4, 1 },
  [10] = { 8, 2 },
}

-- Nothing but bytes behind the length.
local function opaque(id, number, bytes, default)
  return {
    id = id, hidden = true, fallback = "Padding",
    over = option(number), variant_of = unknown(number),
    fields = {
      otype(number),
      f.u8("olen", { auto = f.size(bytes) }),
      f.bytes(bytes, { size = f.ref "olen", default = default }),
    },
  }
end

local function mobility_option(id, number, title, ...)
  return {
    id = id, title = title, hidden = true, fallback = "Padding", place = places[number],
    over = option(number), variant_of = unknown(number),
    fields = { otype(number), ... },
  }
end

-- The messages of a care-of test are kinds of those of a home test.
local bases = { MIP6MH_CoTI = "MIP6MH_HoTI", MIP6MH_CoT = "MIP6MH_HoT" }

local function message(id, kind, title, ...)
  return {
    id = id, title = title, hidden = true, base = bases[id], over = over(kind),
    fallback = "Padding", extent = f.ref "len" * 8 + 8,
    fields = { nh(), len(), mhtype(kind), res(), cksum(), ... },
  }
end

return {
  {
    id     = "MIP6MH_Generic",
    hidden = true,
    title  = "IPv6 Mobility Header - Generic Message",
    over   = { IPv6 = { { nh = 135, when = is_whole, rank = 2 }, build = { nh = 135 } } },
    fields = {
      nh(), len(), f.u8("mhtype", { auto = 0, names = messages }), res(), cksum(),
      f.bytes("msg", { default = "\0\0", size = f.ref "len" * 8 + 2 }),
    },
  },
  message("MIP6MH_BRR", 0, "IPv6 Mobility Header - Binding Refresh Request",
    f.u16("res2", { auto = 0 }), pad(), padded_options(8)),
  message("MIP6MH_HoTI", 1, "IPv6 Mobility Header - Home Test Init",
    f.bytes("reserved", { size = 2, default = "\0\0" }), cookie "cookie", pad(), padded_options(16)),
  message("MIP6MH_CoTI", 2, "IPv6 Mobility Header - Care-of Test Init",
    f.bytes("reserved", { size = 2, default = "\0\0" }), cookie "cookie", pad(), padded_options(16)),
  message("MIP6MH_HoT", 3, "IPv6 Mobility Header - Home Test",
    f.u16("index", { auto = 0 }), cookie "cookie", cookie "token", pad(), padded_options(24)),
  message("MIP6MH_CoT", 4, "IPv6 Mobility Header - Care-of Test",
    f.u16("index", { auto = 0 }), cookie "cookie", cookie "token", pad(), padded_options(24)),
  message("MIP6MH_BU", 5, "IPv6 Mobility Header - Binding Update",
    f.u16("seq", { auto = 0, show = "hex" }), f.flags("flags", 7, "PRMKLHA", { default = "KHA" }),
    f.bits("reserved", 9, { show = "hex" }),
    f.u16("mhtime", { default = 3, show = "quad" }), pad(), padded_options(12)),
  message("MIP6MH_BA", 6, "IPv6 Mobility Header - Binding ACK",
    f.u8("status", { names = statuses }), f.flags("flags", 3, "PRK", { default = "K" }),
    f.bits("res2", 5, { auto = 0, show = "hex" }), f.u16("seq", { auto = 0, show = "hex" }),
    f.u16("mhtime", { show = "hex" }), pad(), padded_options(12)),
  message("MIP6MH_BE", 7, "IPv6 Mobility Header - Binding Error",
    f.u8("status", { names = errors }), f.u8 "reserved", f.ipv6 "ha", options(24)),

  {
    id       = "MIP6OptUnknown",
    title    = "Scapy6 - Unknown Mobility Option",
    hidden   = true,
    fallback = "Padding",
    fields   = {
      otype(6),
      f.u8   ("olen",  { auto = f.size "odata" }),
      f.bytes("odata", { size = f.ref "olen" }),
    },
  },
  mobility_option("MIP6OptBRAdvice", 2, nil, olen(2), f.u16 "rinter"),
  mobility_option("MIP6OptAltCoA", 3, nil, olen(16), f.ipv6 "acoa"),
  mobility_option("MIP6OptNonceIndices", 4, nil, olen(16), f.u16 "hni", f.u16 "coni"),
  -- A number of 96 bits in the reference; its first 64 here, the others zero.
  mobility_option("MIP6OptBindingAuthData", 5, nil, olen(16),
    f.bits("authenticator", 64, { align = 12, align_own = true, class = "BitField (96 bits)" })),
  mobility_option("MIP6OptMobNetPrefix", 6, nil, olen(18),
    f.u8 "reserved", f.u8("plen", { default = 64 }), f.ipv6 "prefix"),
  mobility_option("MIP6OptLLAddr", 7, nil, olen(7),
    f.u8("ocode", { default = 2, names = {
      [0] = "Wildcard requesting resolution for all nearby AP",
      "LLA of the new AP", "LLA of the MN", "LLA of NAR",
      "LLA of the sender", "The AP belongs to the current interface of the router",
      "No preprefix information available for AP", "No fast handovers support available for AP",
    } }),
    f.u8 "pad", f.mac "lla"),
  mobility_option("MIP6OptMNID", 8, nil,
    f.u8("olen", { auto = f.size "id" + 1 }),
    f.u8("subtype", { default = 1, names = { "NAI" } }),
    f.bytes("id", { size = f.ref "olen" - 1 })),
  mobility_option("MIP6OptMsgAuth", 9, nil,
    f.u8("olen", { auto = f.size "authdata" + 5 }),
    f.u8("subtype", { default = 1, names = {
      "MN-HA authentication mobility option", "MN-AAA authentication mobility option",
    } }),
    f.u32("mspi", { auto = 0 }),
    f.bytes("authdata", { default = "AAAAAAAAAAAA", size = f.ref "olen" - 5 })),
  mobility_option("MIP6OptReplayProtection", 10, nil, olen(8),
    f.u64("timestamp", { show = "ntp_number", class = "NTPTimestampField" })),
  mobility_option("MIP6OptCGAParamsReq", 11, nil, olen(0)),
  opaque("MIP6OptCGAParams", 12, "cgaparams"),
  opaque("MIP6OptSignature", 13, "sig"),
  opaque("MIP6OptHomeKeygenToken", 14, "hkt"),
  mobility_option("MIP6OptCareOfTestInit", 15, nil, olen(0)),
  opaque("MIP6OptCareOfTest", 16, "cokt", zeros),
}
