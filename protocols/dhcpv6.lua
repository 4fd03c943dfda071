-- Dynamic Host Configuration Protocol for IPv6, RFC 8415, with the options of RFC 3319 (SIP), RFC 3646 (DNS),
-- RFC 3898 (NIS), RFC 4075 (SNTP), RFC 4280 (BCMCS), RFC 4649, RFC 4580, RFC 4704 (FQDN), RFC 4833 (time zones),
-- RFC 4994 (ERO), RFC 5007 (leasequery), RFC 5192 (PANA), RFC 5970 (boot), RFC 6422, RFC 6440, RFC 6607 (VSS) and
-- RFC 6939.
--
--    0       8                       31
--   +-------+-----------------------+
--   |msgtype|         trid          |   a relay's message: msgtype, hopcount, linkaddr, peeraddr
--   +-------+-------+---------------+
--   |    optcode    |    optlen     |   options, each a layer
--   |             data              |
--   +-------------------------------+

local f = require "luapkt.field"

local message_types = {
  [1] = "SOLICIT",
  [2] = "ADVERTISE",
  [3] = "REQUEST",
  [4] = "CONFIRM",
  [5] = "RENEW",
  [6] = "REBIND",
  [7] = "REPLY",
  [8] = "RELEASE",
  [9] = "DECLINE",
  [10] = "RECONFIGURE",
  [11] = "INFORMATION-REQUEST",
  [12] = "RELAY-FORW",
  [13] = "RELAY-REPL",
}

local option_codes = {
  [1] = "CLIENTID",
  [2] = "SERVERID",
  [3] = "IA_NA",
  [4] = "IA_TA",
  [5] = "IAADDR",
  [6] = "ORO",
  [7] = "PREFERENCE",
  [8] = "ELAPSED_TIME",
  [9] = "RELAY_MSG",
  [11] = "AUTH",
  [12] = "UNICAST",
  [13] = "STATUS_CODE",
  [14] = "RAPID_COMMIT",
  [15] = "USER_CLASS",
  [16] = "VENDOR_CLASS",
  [17] = "VENDOR_OPTS",
  [18] = "INTERFACE_ID",
  [19] = "RECONF_MSG",
  [20] = "RECONF_ACCEPT",
  [21] = "SIP Servers Domain Name List",
  [22] = "SIP Servers IPv6 Address List",
  [23] = "DNS Recursive Name Server Option",
  [24] = "Domain Search List option",
  [25] = "OPTION_IA_PD",
  [26] = "OPTION_IAPREFIX",
  [27] = "OPTION_NIS_SERVERS",
  [28] = "OPTION_NISP_SERVERS",
  [29] = "OPTION_NIS_DOMAIN_NAME",
  [30] = "OPTION_NISP_DOMAIN_NAME",
  [31] = "OPTION_SNTP_SERVERS",
  [32] = "OPTION_INFORMATION_REFRESH_TIME",
  [33] = "OPTION_BCMCS_SERVER_D",
  [34] = "OPTION_BCMCS_SERVER_A",
  [36] = "OPTION_GEOCONF_CIVIC",
  [37] = "OPTION_REMOTE_ID",
  [38] = "OPTION_SUBSCRIBER_ID",
  [39] = "OPTION_CLIENT_FQDN",
  [40] = "OPTION_PANA_AGENT",
  [41] = "OPTION_NEW_POSIX_TIMEZONE",
  [42] = "OPTION_NEW_TZDB_TIMEZONE",
  [48] = "OPTION_LQ_CLIENT_LINK",
  [59] = "OPT_BOOTFILE_URL",
  [60] = "OPT_BOOTFILE_PARAM",
  [61] = "OPTION_CLIENT_ARCH_TYPE",
  [62] = "OPTION_NII",
  [65] = "OPTION_ERP_LOCAL_DOMAIN_NAME",
  [66] = "OPTION_RELAY_SUPPLIED_OPTIONS",
  [68] = "OPTION_VSS",
  [79] = "OPTION_CLIENT_LINKLAYER_ADDR",
}

local status_codes = {
  [0] = "Success",
  [1] = "UnspecFail",
  [2] = "NoAddrsAvail",
  [3] = "NoBinding",
  [4] = "NotOnLink",
  [5] = "UseMulticast",
}

local duid_types = {
  "Link-layer address plus time",
  "Vendor-assigned unique ID based on Enterprise Number",
  "Link-layer Address",
  "UUID",
}

local enterprises = {
  [9] = "ciscoSystems",
  [43] = "3Com",
  [311] = "Microsoft",
  [2636] = "Juniper Networks, Inc.",
  [4526] = "Netgear",
  [5771] = "Cisco Systems, Inc.",
  [5842] = "Cisco Systems",
  [16885] = "Nortel Networks",
}

local hardware = {
  [0] = "NET/ROM pseudo",
  [1] = "Ethernet (10Mb)",
  [2] = "Experimental Ethernet (3Mb)",
  [3] = "Amateur Radio AX.25",
  [4] = "Proteon ProNET Token Ring",
  [5] = "Chaos",
  [6] = "IEEE 802 Networks",
  [7] = "ARCNET",
  [8] = "Hyperchannel",
  [9] = "Lanstar",
  [10] = "Autonet Short Address",
  [11] = "LocalTalk",
  [12] = "LocalNet (IBM PCNet or SYTEK LocalNET)",
  [13] = "Ultra link",
  [14] = "SMDS",
  [15] = "Frame Relay",
  [16] = "Asynchronous Transmission Mode (ATM)",
  [17] = "HDLC",
  [18] = "Fibre Channel",
  [19] = "Asynchronous Transmission Mode (ATM)",
  [20] = "Serial Line",
  [21] = "Asynchronous Transmission Mode (ATM)",
  [22] = "MIL-STD-188-220",
  [23] = "Metricom",
  [24] = "IEEE 1394.1995",
  [25] = "MAPOS",
  [26] = "Twinaxial",
  [27] = "EUI-64",
  [28] = "HIPARP",
  [29] = "IP and ARP over ISO 7816-3",
  [30] = "ARPSec",
  [31] = "IPsec tunnel",
  [32] = "InfiniBand (TM)",
  [33] = "TIA-102 Project 25 Common Air Interface (CAI)",
}

local message = f.left():ge(2):pick(f.peek(0, 8), 0) -- a byte alone is no message
local code    = f.peek(0, 16)

-- Behind a message, and behind every option, stand options: variants of the unknown one.
local options = { { when = f.left():gt(2), id = "DHCP6OptUnknown" } }

return {
  {
    id     = "DHCP6",
    title  = "DHCPv6 Generic Message",
    hidden = true,
    over   = { UDP = { { sport = 546, dport = 547, read = false } } },
    next   = options,
    fields = {
      f.u8 ("msgtype", { auto = 0, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Solicit",
    title      = "DHCPv6 Solicit Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(1) },
    over       = { UDP = { { dport = 547, when = message:eq(1) }, { dport = 546, when = message:eq(1) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 1, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Advertise",
    title      = "DHCPv6 Advertise Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(2) },
    over       = { UDP = { { dport = 547, when = message:eq(2) }, { dport = 546, when = message:eq(2) },
                           build = { sport = 547, dport = 546 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 2, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Request",
    title      = "DHCPv6 Request Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(3) },
    over       = { UDP = { { dport = 547, when = message:eq(3) }, { dport = 546, when = message:eq(3) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 3, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Confirm",
    title      = "DHCPv6 Confirm Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(4) },
    over       = { UDP = { { dport = 547, when = message:eq(4) }, { dport = 546, when = message:eq(4) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 4, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Renew",
    title      = "DHCPv6 Renew Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(5) },
    over       = { UDP = { { dport = 547, when = message:eq(5) }, { dport = 546, when = message:eq(5) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 5, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Rebind",
    title      = "DHCPv6 Rebind Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(6) },
    over       = { UDP = { { dport = 547, when = message:eq(6) }, { dport = 546, when = message:eq(6) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 6, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Reply",
    title      = "DHCPv6 Reply Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(7) },
    over       = { UDP = { { dport = 547, when = message:eq(7) }, { dport = 546, when = message:eq(7) },
                           build = { sport = 547, dport = 546 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 7, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Release",
    title      = "DHCPv6 Release Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(8) },
    over       = { UDP = { { dport = 547, when = message:eq(8) }, { dport = 546, when = message:eq(8) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 8, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Decline",
    title      = "DHCPv6 Decline Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(9) },
    over       = { UDP = { { dport = 547, when = message:eq(9) }, { dport = 546, when = message:eq(9) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 9, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_Reconf",
    title      = "DHCPv6 Reconfigure Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(10) },
    over       = { UDP = { { dport = 547, when = message:eq(10) }, { dport = 546, when = message:eq(10) },
                           build = { sport = 547, dport = 546 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 10, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_InfoRequest",
    title      = "DHCPv6 Information Request Message",
    hidden     = true,
    base       = "DHCP6",
    variant_of = { DHCP6 = message:eq(11) },
    over       = { UDP = { { dport = 547, when = message:eq(11) }, { dport = 546, when = message:eq(11) },
                           build = { sport = 546, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8 ("msgtype", { default = 11, names = message_types }),
      f.u24("trid",    { show = "hex" }),
    },
  },

  {
    id         = "DHCP6_RelayForward",
    title      = "DHCPv6 Relay Forward Message (Relay Agent/Server Message)",
    variant_of = { DHCP6 = message:eq(12) },
    over       = { UDP = { { dport = 547, when = message:eq(12) }, { dport = 546, when = message:eq(12) },
                           build = { sport = 547, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8  ("msgtype", { default = 12, names = message_types }),
      f.u8  ("hopcount"),
      f.ipv6("linkaddr"),
      f.ipv6("peeraddr"),
    },
  },

  {
    id         = "DHCP6_RelayReply",
    title      = "DHCPv6 Relay Reply Message (Relay Agent/Server Message)",
    hidden     = true,
    base       = "DHCP6_RelayForward",
    variant_of = { DHCP6 = message:eq(13) },
    over       = { UDP = { { dport = 547, when = message:eq(13) }, { dport = 546, when = message:eq(13) },
                           build = { sport = 547, dport = 547 } } },
    next       = options,
    fields     = {
      f.u8  ("msgtype", { default = 13, names = message_types }),
      f.u8  ("hopcount"),
      f.ipv6("linkaddr"),
      f.ipv6("peeraddr"),
    },
  },

  -- ----------------------------------------------------------------------------------- options

  -- An option of a code that has no declaration below.
  {
    id     = "DHCP6OptUnknown",
    title  = "Unknown DHCPv6 Option",
    option = true,
    hidden = true,
    next   = options,
    fields = {
      f.u16  ("optcode", { default = 0, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "data" }),
      f.bytes("data",    { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptClientId",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(1) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 1, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "duid" }),
      f.layer("duid",    { of = "DUID", size = f.ref "optlen", known = true, class = "_DUIDField" }),
    },
  },

  {
    id         = "DHCP6OptServerId",
    base       = "DHCP6OptClientId",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(2) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 2, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "duid" }),
      f.layer("duid",    { of = "DUID", size = f.ref "optlen", known = true, class = "_DUIDField" }),
    },
  },

  {
    id         = "DHCP6OptIA_NA",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(3) },
    next       = options,
    fields     = {
      f.u16   ("optcode",  { default = 3, names = option_codes }),
      f.u16   ("optlen",   { auto = f.size "ianaopts" + 12 }),
      f.u32   ("iaid",     { show = "hex" }),
      f.u32   ("T1"),
      f.u32   ("T2"),
      f.layers("ianaopts", { of = "DHCP6OptUnknown", size = f.ref "optlen" - 12 }),
    },
  },

  {
    id         = "DHCP6OptIA_TA",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(4) },
    next       = options,
    fields     = {
      f.u16   ("optcode",  { default = 4, names = option_codes }),
      f.u16   ("optlen",   { auto = f.size "iataopts" + 4 }),
      f.u32   ("iaid",     { show = "hex" }),
      f.layers("iataopts", { of = "DHCP6OptUnknown", size = f.ref "optlen" - 4 }),
    },
  },

  {
    id         = "DHCP6OptIAAddress",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(5) },
    next       = options,
    fields     = {
      f.u16  ("optcode",    { default = 5, names = option_codes }),
      f.u16  ("optlen",     { auto = f.size "iaaddropts" + 24 }),
      f.ipv6 ("addr"),
      f.u32  ("preflft"),
      f.u32  ("validlft"),
      f.bytes("iaaddropts", { size = f.ref "optlen" - 24 }),
    },
  },

  {
    id         = "DHCP6OptOptReq",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(6) },
    next       = options,
    fields     = {
      f.u16 ("optcode", { default = 6, names = option_codes }),
      f.u16 ("optlen",  { auto = f.size "reqopts" }),
      f.list("reqopts", f.u16(nil, { names = option_codes }), { default = { 23, 24 }, size = f.ref "optlen", class = "_OptReqListField" }),
    },
  },

  {
    id         = "DHCP6OptPref",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(7) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 7, names = option_codes }),
      f.u16("optlen",  { default = 1 }),
      f.u8 ("prefval", { default = 255 }),
    },
  },

  -- The time is in hundredths of a second, RFC 8415 section 21.9.
  {
    id         = "DHCP6OptElapsedTime",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(8) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 8, names = option_codes }),
      f.u16("optlen",  { default = 2 }),
      f.u16("elapsedtime", { show = "centi", class = "_ElapsedTimeField" }),
    },
  },

  {
    id         = "DHCP6OptRelayMsg",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(9) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 9, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "message" }),
      f.layer("message", { of = "DHCP6", size = f.ref "optlen", known = true, stack = true,
                           default = 1 }),
    },
  },

  {
    id         = "DHCP6OptAuth",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(11) },
    next       = options,
    fields     = {
      f.u16  ("optcode",  { default = 11, names = option_codes }),
      f.u16  ("optlen",   { auto = f.size "authinfo" + 11 }),
      f.u8   ("proto",    { default = 3 }),
      f.u8   ("alg",      { default = 1 }),
      f.u8   ("rdm"),
      f.bytes("replay",   { size = 8, default = "AAAAAAAA" }),
      f.bytes("authinfo", { size = f.ref "optlen" - 11 }),
    },
  },

  {
    id         = "DHCP6OptServerUnicast",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(12) },
    next       = options,
    fields     = {
      f.u16 ("optcode", { default = 12, names = option_codes }),
      f.u16 ("optlen",  { default = 16 }),
      f.ipv6("srvaddr", { auto = 0, class = "_SrvAddrField" }),
    },
  },

  {
    id         = "DHCP6OptStatusCode",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(13) },
    next       = options,
    fields     = {
      f.u16  ("optcode",    { default = 13, names = option_codes }),
      f.u16  ("optlen",     { auto = f.size "statusmsg" + 2 }),
      f.u16  ("statuscode", { auto = 0, names = status_codes }),
      f.bytes("statusmsg",  { size = f.ref "optlen" - 2 }),
    },
  },

  {
    id         = "DHCP6OptRapidCommit",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(14) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 14, names = option_codes }),
      f.u16("optlen",  { default = 0 }),
    },
  },

  {
    id         = "DHCP6OptUserClass",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(15) },
    next       = options,
    fields     = {
      f.u16   ("optcode",       { default = 15, names = option_codes }),
      f.u16   ("optlen",        { auto = f.size "userclassdata" }),
      f.layers("userclassdata", { of = "USER_CLASS_DATA", size = f.ref "optlen", class = "_UserClassDataField" }),
    },
  },

  {
    id         = "DHCP6OptVendorClass",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(16) },
    next       = options,
    fields     = {
      f.u16   ("optcode",       { default = 16, names = option_codes }),
      f.u16   ("optlen",        { auto = f.size "vcdata" + 4 }),
      f.u32   ("enterprisenum", { auto = 0, names = enterprises }),
      f.layers("vcdata",        { of = "VENDOR_CLASS_DATA", size = f.ref "optlen" - 4, class = "_VendorClassDataField" }),
    },
  },

  {
    id         = "DHCP6OptVendorSpecificInfo",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(17) },
    next       = options,
    fields     = {
      f.u16   ("optcode",       { default = 17, names = option_codes }),
      f.u16   ("optlen",        { auto = f.size "vso" + 4 }),
      f.u32   ("enterprisenum", { auto = 0, names = enterprises }),
      f.layers("vso",           { of = "VENDOR_SPECIFIC_OPTION", size = f.ref "optlen" - 4, class = "_VendorClassDataField" }),
    },
  },

  {
    id         = "DHCP6OptIfaceId",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(18) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 18, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "ifaceid" }),
      f.bytes("ifaceid", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptReconfMsg",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(19) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 19, names = option_codes }),
      f.u16("optlen",  { default = 1 }),
      f.u8 ("msgtype", { default = 11, names = { [5] = "Renew Message", [11] = "Information Request" } }),
    },
  },

  {
    id         = "DHCP6OptReconfAccept",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(20) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 20, names = option_codes }),
      f.u16("optlen",  { default = 0 }),
    },
  },

  {
    id         = "DHCP6OptSIPDomains",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(21) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 21, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "sipdomains" }),
      f.list("sipdomains", f.name(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptSIPServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(22) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 22, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "sipservers" }),
      f.list("sipservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptDNSServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(23) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 23, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "dnsservers" }),
      f.list("dnsservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptDNSDomains",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(24) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 24, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "dnsdomains" }),
      f.list("dnsdomains", f.name(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptIA_PD",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(25) },
    next       = options,
    fields     = {
      f.u16   ("optcode", { default = 25, names = option_codes }),
      f.u16   ("optlen",  { auto = f.size "iapdopt" + 12 }),
      f.u32   ("iaid",    { show = "hex" }),
      f.u32   ("T1"),
      f.u32   ("T2"),
      f.layers("iapdopt", { of = "DHCP6OptUnknown", size = f.ref "optlen" - 12 }),
    },
  },

  {
    id         = "DHCP6OptIAPrefix",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(26) },
    next       = options,
    fields     = {
      f.u16  ("optcode",    { default = 26, names = option_codes }),
      f.u16  ("optlen",     { auto = f.size "iaprefopts" + 25 }),
      f.u32  ("preflft"),
      f.u32  ("validlft"),
      f.u8   ("plen",       { default = 48 }),
      f.ipv6 ("prefix",     { default = "2001:db8::" }),
      f.bytes("iaprefopts", { size = f.ref "optlen" - 25 }),
    },
  },

  {
    id         = "DHCP6OptNISServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(27) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 27, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "nisservers" }),
      f.list("nisservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptNISPServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(28) },
    next       = options,
    fields     = {
      f.u16 ("optcode",     { default = 28, names = option_codes }),
      f.u16 ("optlen",      { auto = f.size "nispservers" }),
      f.list("nispservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptNISDomain",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(29) },
    next       = options,
    fields     = {
      f.u16 ("optcode",   { default = 29, names = option_codes }),
      f.u16 ("optlen",    { auto = f.size "nisdomain" }),
      f.name("nisdomain", { size = f.ref "optlen", default = "", optional = true }),
    },
  },

  {
    id         = "DHCP6OptNISPDomain",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(30) },
    next       = options,
    fields     = {
      f.u16 ("optcode",    { default = 30, names = option_codes }),
      f.u16 ("optlen",     { auto = f.size "nispdomain" }),
      f.name("nispdomain", { size = f.ref "optlen", default = "", optional = true }),
    },
  },

  {
    id         = "DHCP6OptSNTPServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(31) },
    next       = options,
    fields     = {
      f.u16 ("optcode",     { default = 31, names = option_codes }),
      f.u16 ("optlen",      { auto = f.size "sntpservers" }),
      f.list("sntpservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptInfoRefreshTime",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(32) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 32, names = option_codes }),
      f.u16("optlen",  { default = 4 }),
      f.u32("reftime", { default = 86400 }),
    },
  },

  {
    id         = "DHCP6OptBCMCSDomains",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(33) },
    next       = options,
    fields     = {
      f.u16 ("optcode",      { default = 33, names = option_codes }),
      f.u16 ("optlen",       { auto = f.size "bcmcsdomains" }),
      f.list("bcmcsdomains", f.name(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptBCMCSServers",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(34) },
    next       = options,
    fields     = {
      f.u16 ("optcode",      { default = 34, names = option_codes }),
      f.u16 ("optlen",       { auto = f.size "bcmcsservers" }),
      f.list("bcmcsservers", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  -- Built by name only: read as DHCP6OptUnknown, as clients know it.
  {
    id     = "DHCP6OptGeoConf",
    hidden = true,
    option = true,
    next   = options,
    fields = {
      f.u16  ("optcode", { default = 36, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptRemoteID",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(37) },
    next       = options,
    fields     = {
      f.u16  ("optcode",       { default = 37, names = option_codes }),
      f.u16  ("optlen",        { auto = f.size "remoteid" + 4 }),
      f.u32  ("enterprisenum", { auto = 0, names = enterprises }),
      f.bytes("remoteid",      { size = f.ref "optlen" - 4 }),
    },
  },

  {
    id         = "DHCP6OptSubscriberID",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(38) },
    next       = options,
    fields     = {
      f.u16  ("optcode",      { default = 38, names = option_codes }),
      f.u16  ("optlen",       { auto = f.size "subscriberid" }),
      f.bytes("subscriberid", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptClientFQDN",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(39) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 39, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "fqdn" + 1 }),
      f.bits ("res",     5),
      f.flags("flags",   3, "SON"),
      f.name ("fqdn",    { size = f.ref "optlen" - 1, default = "", partial = true }), -- RFC 4704 section 4.2
    },
  },

  {
    id         = "DHCP6OptPanaAuthAgent",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(40) },
    next       = options,
    fields     = {
      f.u16 ("optcode", { default = 40, names = option_codes }),
      f.u16 ("optlen",  { auto = f.size "paaaddr" }),
      f.list("paaaddr", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptNewPOSIXTimeZone",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(41) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 41, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptNewTZDBTimeZone",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(42) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 42, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptRelayAgentERO",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(43) },
    next       = options,
    fields     = {
      f.u16 ("optcode", { default = 43, names = option_codes }),
      f.u16 ("optlen",  { auto = f.size "reqopts" }),
      f.list("reqopts", f.u16(nil, { names = option_codes }), { default = { 23, 24 }, size = f.ref "optlen", class = "_OptReqListField" }),
    },
  },

  {
    id         = "DHCP6OptLQClientLink",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(48) },
    next       = options,
    fields     = {
      f.u16 ("optcode",     { default = 48, names = option_codes }),
      f.u16 ("optlen",      { auto = f.size "linkaddress" }),
      f.list("linkaddress", f.ipv6(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptBootFileUrl",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(59) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 59, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptClientArchType",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(61) },
    next       = options,
    fields     = {
      f.u16 ("optcode",   { default = 61, names = option_codes }),
      f.u16 ("optlen",    { auto = f.size "archtypes" }),
      f.list("archtypes", f.u16(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptClientNetworkInterId",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(62) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 62, names = option_codes }),
      f.u16("optlen",  { default = 3 }),
      f.u8 ("iitype"),
      f.u8 ("iimajor"),
      f.u8 ("iiminor"),
    },
  },

  {
    id         = "DHCP6OptERPDomain",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(65) },
    next       = options,
    fields     = {
      f.u16 ("optcode",   { default = 65, names = option_codes }),
      f.u16 ("optlen",    { auto = f.size "erpdomain" }),
      f.list("erpdomain", f.name(), { size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptRelaySuppliedOpt",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(66) },
    next       = options,
    fields     = {
      f.u16   ("optcode",       { default = 66, names = option_codes }),
      f.u16   ("optlen",        { auto = f.size "relaysupplied" }),
      f.layers("relaysupplied", { of = "DHCP6OptUnknown", size = f.ref "optlen" }),
    },
  },

  {
    id         = "DHCP6OptVSS",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(68) },
    next       = options,
    fields     = {
      f.u16  ("optcode", { default = 68, names = option_codes }),
      f.u16  ("optlen",  { auto = f.size "data" + 1 }),
      f.u8   ("type",    { default = 255 }),
      f.bytes("data",    { size = f.ref "optlen" - 1 }),
    },
  },

  {
    id         = "DHCP6OptClientLinkLayerAddr",
    hidden     = true,
    variant_of = { DHCP6OptUnknown = code:eq(79) },
    next       = options,
    fields     = {
      f.u16("optcode", { default = 79, names = option_codes }),
      f.u16("optlen",  { auto = f.size "clladdr" + 2 }),
      f.u16("lltype",  { default = 1 }),
      f.mac("clladdr", { class = "_LLAddrField" }),
    },
  },

  -- ------------------------------------------------------------------------ parts of options

  {
    id       = "USER_CLASS_DATA",
    title    = "user class data",
    fallback = "Padding",
    fields   = {
      f.u16  ("len",  { auto = f.size "data" }),
      f.bytes("data", { size = f.ref "len" }),
    },
  },

  {
    id       = "VENDOR_CLASS_DATA",
    title    = "vendor class data",
    hidden   = true,
    fallback = "Padding",
    fields   = {
      f.u16  ("len",  { auto = f.size "data" }),
      f.bytes("data", { size = f.ref "len" }),
    },
  },

  {
    id       = "VENDOR_SPECIFIC_OPTION",
    title    = "vendor specific option data",
    hidden   = true,
    fallback = "Padding",
    fields   = {
      f.u16  ("optcode"),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  -- ------------------------------------------------------------- unique identifiers, section 11

  -- An identifier of a type that has no declaration below.
  {
    id       = "DUID",
    title    = "DUID",
    hidden   = true,
    unlisted = true,
    fields = {
      f.u16  ("type", { names = duid_types }),
      f.bytes("data"),
    },
  },

  {
    id         = "DUID_LLT",
    title      = "DUID - Link-layer address plus time",
    base       = "DUID",
    variant_of = { DUID = code:eq(1) },
    fields     = {
      f.u16("type",    { default = 1, names = duid_types }),
      f.u16("hwtype",  { default = 1, names = hardware, show = "hex" }),
      f.u32("timeval", { show = "utc", epoch = 946684800 }), -- since 2000, section 11.2
      f.mac("lladdr"),
    },
  },

  {
    id         = "DUID_EN",
    title      = "DUID - Assigned by Vendor Based on Enterprise Number",
    base       = "DUID",
    variant_of = { DUID = code:eq(2) },
    fields     = {
      f.u16  ("type",          { default = 2, names = duid_types }),
      f.u32  ("enterprisenum", { default = 311, names = enterprises }),
      f.bytes("id"),
    },
  },

  {
    id         = "DUID_LL",
    title      = "DUID - Based on Link-layer Address",
    base       = "DUID",
    variant_of = { DUID = code:eq(3) },
    fields     = {
      f.u16("type",   { default = 3, names = duid_types }),
      f.u16("hwtype", { default = 1, names = hardware, show = "hex" }),
      f.mac("lladdr"),
    },
  },

  {
    id         = "DUID_UUID",
    title      = "DUID - Based on UUID",
    base       = "DUID",
    variant_of = { DUID = code:eq(4) },
    fields     = {
      f.u16  ("type", { default = 4, names = duid_types }),
      f.bytes("uuid", { size = 16, show = "uuid", default = ("\0"):rep(16) }),
    },
  },
}
