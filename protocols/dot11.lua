-- Wireless LAN, IEEE 802.11-2016: frames, section 9.2, of control, 9.3.1, data, 9.3.2, and
-- management, 9.3.3; the fields of management frames, section 9.4.1, and their elements, section
-- 9.4.2; encrypted bodies, sections 12.3.2.2 (WEP), 12.5.2.2 (TKIP) and 12.5.3.2 (CCMP).
-- Capabilities are named as in IEEE 802.11-2007 section 7.3.1.4, save those that were reserved in
-- IEEE 802.11g-2003. Microsoft's element is that of its WPA, which has the fields of the element
-- RSN.
--
-- Numbers are least significant byte first. The duration, ID, isn't: clients of the reference know
-- it so. Flags of 16 bits are numbered as if they weren't, either.
--
--    bits in the order of the wire; a byte's highest first
--    0       4   6   8       16              32
--   +-------+---+---+-------+---------------+
--   |subtype|typ|pro|FCfield|      ID       |
--   | addr1, addr2, addr3, SC, addr4        |
--   +---------------------------------------+

local f = require "luapkt.field"

local reasons = {
  [0] = "reserved",
  [1] = "unspec",
  [2] = "auth-expired",
  [3] = "deauth-ST-leaving",
  [4] = "inactivity",
  [5] = "AP-full",
  [6] = "class2-from-nonauth",
  [7] = "class3-from-nonass",
  [8] = "disas-ST-leaving",
  [9] = "ST-not-auth",
}

local algos = {
  [0] = "open",
  [1] = "sharedkey",
}

local status = {
  [0]  = "success",
  [1]  = "failure",
  [10] = "cannot-support-all-cap",
  [11] = "inexist-asso",
  [12] = "asso-denied",
  [13] = "algo-unsupported",
  [14] = "bad-seq-num",
  [15] = "challenge-failure",
  [16] = "timeout",
  [17] = "AP-full",
  [18] = "rate-unsupported",
}

local ciphers = {
  [0] = "Use group cipher suite",
  [1] = "WEP-40",
  [2] = "TKIP",
  [3] = "Reserved",
  [4] = "CCMP",
  [5] = "WEP-104",
}

local suites = {
  [0] = "Reserved",
  [1] = "IEEE 802.1X / PMKSA caching",
  [2] = "PSK",
}

local ids = {
  [0]   = "SSID",
  [1]   = "Rates",
  [2]   = "FHset",
  [3]   = "DSset",
  [4]   = "CFset",
  [5]   = "TIM",
  [6]   = "IBSSset",
  [7]   = "Country",
  [10]  = "Request",
  [16]  = "challenge",
  [33]  = "PowerCapability",
  [36]  = "Channels",
  [45]  = "HTCapabilities",
  [46]  = "QoSCapability",
  [47]  = "ERPinfo",
  [48]  = "RSNinfo",
  [50]  = "ESRates",
  [52]  = "PowerConstraint",
  [61]  = "HTinfo",
  [68]  = "reserved",
  [107] = "Interworking",
  [127] = "ExtendendCapatibilities",
  [191] = "VHTCapabilities",
  [221] = "vendor",
}

local types = { [0] = "Management", "Control", "Data", "Reserved" }
local frame_flags = { "to-DS", "from-DS", "MF", "retry", "pw-mgt", "MD", "wep", "order" }
local capabilities = {
  "res8", "res9", "short-slot", "res11", "res12", "DSSS-OFDM", "res14", "res15",
  "ESS", "IBSS", "CFP", "CFP-req", "privacy", "short-preamble", "PBCC", "agility",
}

local is_control = f.ref("type"):eq(1)
local is_bridged = f.ref("type"):eq(2):both(f.ref("FCfield"):has(3))
-- More than the fields that are always there, with their suites of 4 bytes.
local has_pmkids = (f.ref "len" - 12 - f.ref "nb_pairwise_cipher_suites" * 4
                    - f.ref "nb_akm_suites" * 4):ge(2)
local is_protected = f.ref("FCfield"):has(0x40)
local is_data = f.ref("type"):eq(2):both(f.ref("subtype"):lt(8))

-- What the key of an encrypted body is used with: the third bit of its fourth byte says whether
-- there is an extended initialization vector, and TKIP's second byte follows from its first.
local has_extended_iv = f.peek(26, 1)
local is_tkip = f.peek(8, 8):eq((f.peek(0, 8) | 0x20) & 0x7f)

-- Of control frames, those that say who sent them.
local has_second = is_control:no():either(f.ref("subtype"):one_of(4, 5, 8, 9, 10, 11, 14, 15))
local has_third = f.ref("type"):one_of(0, 2)

-- The header of a frame; behind that of Dot11FCS the frame has its check sum, section 9.2.4.8.
local function header(last)
  return {
    f.bits("subtype", 4),
    f.bits("type", 2, { names = types }),
    f.bits("proto", 2),
    f.flags("FCfield", 8, frame_flags),
    f.u16("ID"),
    f.mac("addr1"),
    f.mac("addr2", { when = has_second }),
    f.mac("addr3", { when = has_third }),
    f.le16("SC", { when = is_control:no() }),
    f.mac("addr4", { when = is_bridged }),
    last,
  }
end

-- Elements follow the bodies of management frames and each other.
local elements = { { id = "Dot11Elt" } }

-- An element that says so many bytes behind its length, at least: with fewer it has no fields of its
-- own kind.
local function has_room(bytes) return f.peek(8, 8):ge(bytes) end

local unlisted = { read = false, listed = false } -- clients are not offered it there

return {
  {
    id     = "Dot11",
    title  = "802.11",
    over   = { PPI = { dlt = 105 }, PrismHeader = {} },
    link   = 105,
    next   = { { when = is_protected, id = "Dot11Encrypted" }, { when = is_data, id = "LLC" } },
    fields = header(),
  },
  {
    id      = "Dot11FCS",
    hidden  = true,
    base    = "Dot11",
    carries = "Dot11",
    fields  = header(f.le32("fcs", {
      trailer = true, auto = f.checksum "crc32", show = "hex", class = "FCSField",
    })),
  },

  -- Management frames.
  {
    id     = "Dot11AssoReq",
    title  = "802.11 Association Request",
    over   = { Dot11 = { subtype = 0, type = 0 } },
    next   = elements,
    fields = {
      f.flags("cap", 16, capabilities),
      f.le16("listen_interval", { default = 200 }),
    },
  },
  {
    id     = "Dot11AssoResp",
    title  = "802.11 Association Response",
    over   = { Dot11 = { subtype = 1, type = 0 } },
    next   = elements,
    fields = {
      f.flags("cap", 16, capabilities),
      f.le16("status"),
      f.le16("AID"),
    },
  },
  {
    id     = "Dot11ReassoReq",
    title  = "802.11 Reassociation Request",
    over   = { Dot11 = { subtype = 2, type = 0 } },
    next   = elements,
    fields = {
      f.flags("cap", 16, capabilities),
      f.le16("listen_interval", { default = 200 }),
      f.mac("current_AP"),
    },
  },
  {
    id     = "Dot11ReassoResp",
    base   = "Dot11AssoResp",
    hidden = true,
    over   = { Dot11 = { subtype = 3, type = 0 } },
    next   = elements,
    fields = {
      f.flags("cap", 16, capabilities),
      f.le16("status"),
      f.le16("AID"),
    },
  },
  {
    id     = "Dot11ProbeReq",
    hidden = true,
    over   = { Dot11 = { subtype = 4, type = 0 } },
    next   = elements,
  },
  {
    id     = "Dot11ProbeResp",
    hidden = true,
    over   = { Dot11 = { subtype = 5, type = 0 } },
    next   = elements,
    fields = {
      f.le64("timestamp"),
      f.le16("beacon_interval", { default = 100 }),
      f.flags("cap", 16, capabilities),
    },
  },
  {
    id     = "Dot11Beacon",
    hidden = true,
    over   = { Dot11 = { subtype = 8, type = 0 } },
    next   = elements,
    fields = {
      f.le64("timestamp"),
      f.le16("beacon_interval", { default = 100 }),
      f.flags("cap", 16, capabilities),
    },
  },
  {
    id     = "Dot11ATIM",
    hidden = true,
    over   = { Dot11 = { subtype = 9, type = 0 } },
  },
  {
    id     = "Dot11Disas",
    title  = "802.11 Disassociation",
    over   = { Dot11 = { subtype = 10, type = 0 } },
    fields = {
      f.le16("reason", { default = 1, names = reasons }),
    },
  },
  {
    id     = "Dot11Auth",
    title  = "802.11 Authentication",
    over   = { Dot11 = { subtype = 11, type = 0 } },
    next   = elements,
    fields = {
      f.le16("algo", { names = algos }),
      f.le16("seqnum"),
      f.le16("status", { names = status }),
    },
  },
  {
    id     = "Dot11Deauth",
    title  = "802.11 Deauthentication",
    over   = { Dot11 = { subtype = 12, type = 0 } },
    fields = {
      f.le16("reason", { default = 1, names = reasons }),
    },
  },

  -- Control and data frames.
  {
    id     = "Dot11Ack",
    hidden = true,
    over   = { Dot11 = { subtype = 13, type = 1 } },
  },
  {
    id     = "Dot11QoS",
    title  = "802.11 QoS",
    over   = { Dot11 = { { subtype = 8, type = 2, listed = false } } },
    next   = { { id = "LLC" } },
    fields = {
      f.bits("Reserved", 1, { auto = 0 }),
      f.bits("Ack_Policy", 2, { auto = 0 }),
      f.bits("EOSP", 1, { auto = 0 }),
      f.bits("TID", 4, { auto = 0 }),
      f.u8("TXOP", { auto = 0 }),
    },
  },
  {
    id     = "Dot11Encrypted",
    title  = "802.11 Encrypted (unknown algorithm)",
    payloads = { "Raw" },
    fields = {
      f.bytes("data", { default = f.none }),
    },
  },
  {
    id     = "Dot11WEP",
    hidden = true,
    base   = "Dot11Encrypted",
    variant_of = { Dot11Encrypted = has_extended_iv:no() },
    fields = {
      f.bytes("iv", { default = "\0\0\0", size = 3 }),
      f.u8("keyid"),
      f.bytes("wepdata", { default = f.none, size = -4, class = "StrField" }),
      f.u32("icv", { auto = 0 }),
    },
  },
  {
    id     = "Dot11TKIP",
    hidden = true,
    base   = "Dot11Encrypted",
    variant_of = { Dot11Encrypted = has_extended_iv:both(is_tkip) },
    fields = {
      f.u8("TSC1"),
      f.u8("WEPSeed"),
      f.u8("TSC0"),
      f.bits("key_id", 2),
      f.bits("ext_iv", 1),
      f.bits("res", 5),
      f.u8("TSC2", { when = f.ref "ext_iv" }),
      f.u8("TSC3", { when = f.ref "ext_iv" }),
      f.u8("TSC4", { when = f.ref "ext_iv" }),
      f.u8("TSC5", { when = f.ref "ext_iv" }),
      f.bytes("data", { default = f.none }),
    },
  },
  {
    id     = "Dot11CCMP",
    hidden = true,
    base   = "Dot11Encrypted",
    variant_of = { Dot11Encrypted = has_extended_iv:both(is_tkip:no()):both(f.peek(16, 8):eq(0)) },
    fields = {
      f.u8("PN0"),
      f.u8("PN1"),
      f.u8("res0"),
      f.bits("key_id", 2),
      f.bits("ext_iv", 1),
      f.bits("res1", 5),
      f.u8("PN2"),
      f.u8("PN3"),
      f.u8("PN4"),
      f.u8("PN5"),
      f.bytes("data", { default = f.none }),
    },
  },

  -- Elements, section 9.4.2, and what is within them.
  {
    id     = "RSNCipherSuite",
    title  = "Cipher suite",
    fallback = "Padding",
    fields = {
      f.u24("oui", { default = 0x000fac, show = "hex" }),
      f.u8("cipher", { default = 4, names = ciphers }),
    },
  },
  {
    id     = "AKMSuite",
    title  = "AKM suite",
    fallback = "Padding",
    fields = {
      f.u24("oui", { default = 0x000fac, show = "hex" }),
      f.u8("suite", { default = 1, names = suites }),
    },
  },
  {
    id     = "PMKIDListPacket",
    title  = "PMKIDs",
    fallback = "Padding",
    fields = {
      f.le16("nb_pmkids", { default = 0, auto = f.count "pmkid_list" }),
      f.list("pmkid_list", f.bytes(nil, {
        size = 16, show = "hex" }), { count = f.ref "nb_pmkids",
      }),
    },
  },
  {
    id     = "Dot11Elt",
    title  = "802.11 Information Element",
    option = true,
    own    = f.peek(8, 8) + 2,
    next   = elements,
    fields = {
      f.u8("ID", { names = ids }),
      f.u8("len", { auto = f.size "info" }),
      f.bytes("info", { size = f.ref "len" }),
    },
  },
  {
    id     = "Dot11EltRates",
    hidden = true,
    variant_of = { Dot11Elt = f.peek(0, 8):one_of(1, 50) },
    base   = "Dot11Elt",
    fields = {
      f.u8("ID", { default = 1 }),
      f.u8("len", { auto = f.header() - 2 }),
      f.list("rates", f.u8(nil, { show = "hex" }), { count = f.ref "len" }),
    },
  },
  {
    id     = "Dot11EltCountry",
    hidden = true,
    over   = { Dot11AssoReq = { unlisted }, Dot11Auth = { unlisted } },
    variant_of = { Dot11Elt = f.peek(0, 8):eq(7):both(has_room(3)) },
    base   = "Dot11Elt",
    fields = {
      f.u8("ID", { default = 7 }),
      f.u8("len", { auto = f.header() - 2 }),
      f.bytes("country_string", { default = "\0\0\0", size = 3 }),
      f.layers("descriptors", {
        of = "Dot11EltCountryConstraintTriplet", size = (f.ref "len" - 3):max(0) // 3 * 3,
      }),
      f.u8("pad", { when = (f.ref "len" % 3):ne(0) }),
    },
  },
  {
    id     = "Dot11EltCountryConstraintTriplet",
    title  = "802.11 Country Constraint Triplet",
    fallback = "Padding",
    fields = {
      f.u8("first_channel_number", { default = 1 }),
      f.u8("num_channels", { default = 24 }),
      f.u8("mtp"),
    },
  },
  {
    id     = "Dot11EltRSN",
    hidden = true,
    variant_of = { Dot11Elt = f.peek(0, 8):eq(48):both(has_room(12)) },
    base   = "Dot11Elt",
    fields = {
      f.u8("ID", { default = 48 }),
      f.u8("len", { auto = f.header() - 2 }),
      f.le16("version", { default = 1 }),
      f.layer("group_cipher_suite", {
        of = "RSNCipherSuite", size = 4, default = 1, class = "PacketField",
      }),
      f.le16("nb_pairwise_cipher_suites", {
        default = 1, auto = f.count "pairwise_cipher_suites",
      }),
      f.layers("pairwise_cipher_suites", {
        of = "RSNCipherSuite", count = f.ref "nb_pairwise_cipher_suites",
        default = 1, printed = "[<RSNCipherSuite  |>]",
      }),
      f.le16("nb_akm_suites", { default = 1, auto = f.count "akm_suites" }),
      f.layers("akm_suites", {
        of = "AKMSuite", count = f.ref "nb_akm_suites", default = 1, printed = "[<AKMSuite  |>]",
      }),
      f.bits("mfp_capable", 1),
      f.bits("mfp_required", 1),
      f.bits("gtksa_replay_counter", 2),
      f.bits("ptksa_replay_counter", 2),
      f.bits("no_pairwise", 1),
      f.bits("pre_auth", 1),
      f.bits("reserved", 8),
      f.layer("pmkids", {
        of = "PMKIDListPacket", when = has_pmkids, default = f.none, class = "PacketField (Cond)",
      }),
    },
  },
  {
    id     = "Dot11EltMicrosoftWPA",
    hidden = true,
    variant_of = {
      Dot11Elt = f.peek(0, 8):eq(221):both(has_room(14)):both(f.peek(16, 32):eq(0x0050f201)),
    },
    base   = "Dot11Elt",
    fields = {
      f.u8("ID", { default = 221 }),
      f.u8("len", { auto = f.header() - 2 }),
      f.u24("oui", { default = 0x0050f2, show = "hex" }),
      f.u8("type", { default = 1, show = "hex" }),
      f.le16("version", { default = 1 }),
      f.layer("group_cipher_suite", {
        of = "RSNCipherSuite", size = 4, default = 1, class = "PacketField",
      }),
      f.le16("nb_pairwise_cipher_suites", {
        default = 1, auto = f.count "pairwise_cipher_suites",
      }),
      f.layers("pairwise_cipher_suites", {
        of = "RSNCipherSuite", count = f.ref "nb_pairwise_cipher_suites",
        default = 1, printed = "[<RSNCipherSuite  |>]",
      }),
      f.le16("nb_akm_suites", { default = 1, auto = f.count "akm_suites" }),
      f.layers("akm_suites", {
        of = "AKMSuite", count = f.ref "nb_akm_suites", default = 1, printed = "[<AKMSuite  |>]",
      }),
    },
  },
  {
    id     = "Dot11EltVendorSpecific",
    hidden = true,
    variant_of = { Dot11Elt = f.peek(0, 8):eq(221):both(has_room(3)) },
    base   = "Dot11Elt",
    fields = {
      f.u8("ID", { default = 221 }),
      f.u8("len", { auto = f.header() - 2 }),
      f.u24("oui", { show = "hex" }),
      f.bytes("info", { size = (f.ref "len" - 3):max(0) }),
    },
  },
}
