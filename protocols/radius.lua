-- Remote Authentication Dial In User Service, RFC 2865; accounting, RFC 2866; EAP, RFC 3579; dynamic
-- authorization, RFC 5176. Codes, attribute types and values as IANA lists them.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   | code  |  id   |      len      |
--   |    authenticator, 16 bytes    |
--   +-------+-------+---------------+
--   | type  |  len  |    value      |   attributes; their len counts type and len as well
--   +-------+-------+---------------+

local f = require "luapkt.field"

local attribute_types = {
  [1] = "User-Name",
  [2] = "User-Password",
  [3] = "CHAP-Password",
  [4] = "NAS-IP-Address",
  [5] = "NAS-Port",
  [6] = "Service-Type",
  [7] = "Framed-Protocol",
  [8] = "Framed-IP-Address",
  [9] = "Framed-IP-Netmask",
  [10] = "Framed-Routing",
  [11] = "Filter-Id",
  [12] = "Framed-MTU",
  [13] = "Framed-Compression",
  [14] = "Login-IP-Host",
  [15] = "Login-Service",
  [16] = "Login-TCP-Port",
  [18] = "Reply-Message",
  [19] = "Callback-Number",
  [20] = "Callback-Id",
  [22] = "Framed-Route",
  [23] = "Framed-IPX-Network",
  [24] = "State",
  [25] = "Class",
  [26] = "Vendor-Specific",
  [27] = "Session-Timeout",
  [28] = "Idle-Timeout",
  [29] = "Termination-Action",
  [30] = "Called-Station-Id",
  [31] = "Calling-Station-Id",
  [32] = "NAS-Identifier",
  [33] = "Proxy-State",
  [34] = "Login-LAT-Service",
  [35] = "Login-LAT-Node",
  [36] = "Login-LAT-Group",
  [37] = "Framed-AppleTalk-Link",
  [38] = "Framed-AppleTalk-Network",
  [39] = "Framed-AppleTalk-Zone",
  [40] = "Acct-Status-Type",
  [41] = "Acct-Delay-Time",
  [42] = "Acct-Input-Octets",
  [43] = "Acct-Output-Octets",
  [44] = "Acct-Session-Id",
  [45] = "Acct-Authentic",
  [46] = "Acct-Session-Time",
  [47] = "Acct-Input-Packets",
  [48] = "Acct-Output-Packets",
  [49] = "Acct-Terminate-Cause",
  [50] = "Acct-Multi-Session-Id",
  [51] = "Acct-Link-Count",
  [52] = "Acct-Input-Gigawords",
  [53] = "Acct-Output-Gigawords",
  [55] = "Event-Timestamp",
  [56] = "Egress-VLANID",
  [57] = "Ingress-Filters",
  [58] = "Egress-VLAN-Name",
  [59] = "User-Priority-Table",
  [60] = "CHAP-Challenge",
  [61] = "NAS-Port-Type",
  [62] = "Port-Limit",
  [63] = "Login-LAT-Port",
  [64] = "Tunnel-Type",
  [65] = "Tunnel-Medium-Type",
  [66] = "Tunnel-Client-Endpoint",
  [67] = "Tunnel-Server-Endpoint",
  [68] = "Acct-Tunnel-Connection",
  [69] = "Tunnel-Password",
  [70] = "ARAP-Password",
  [71] = "ARAP-Features",
  [72] = "ARAP-Zone-Access",
  [73] = "ARAP-Security",
  [74] = "ARAP-Security-Data",
  [75] = "Password-Retry",
  [76] = "Prompt",
  [77] = "Connect-Info",
  [78] = "Configuration-Token",
  [79] = "EAP-Message",
  [80] = "Message-Authenticator",
  [81] = "Tunnel-Private-Group-ID",
  [82] = "Tunnel-Assignment-ID",
  [83] = "Tunnel-Preference",
  [84] = "ARAP-Challenge-Response",
  [85] = "Acct-Interim-Interval",
  [86] = "Acct-Tunnel-Packets-Lost",
  [87] = "NAS-Port-Id",
  [88] = "Framed-Pool",
  [89] = "CUI",
  [90] = "Tunnel-Client-Auth-ID",
  [91] = "Tunnel-Server-Auth-ID",
  [92] = "NAS-Filter-Rule",
  [94] = "Originating-Line-Info",
  [95] = "NAS-IPv6-Address",
  [96] = "Framed-Interface-Id",
  [97] = "Framed-IPv6-Prefix",
  [98] = "Login-IPv6-Host",
  [99] = "Framed-IPv6-Route",
  [100] = "Framed-IPv6-Pool",
  [101] = "Error-Cause",
  [102] = "EAP-Key-Name",
  [103] = "Digest-Response",
  [104] = "Digest-Realm",
  [105] = "Digest-Nonce",
  [106] = "Digest-Response-Auth",
  [107] = "Digest-Nextnonce",
  [108] = "Digest-Method",
  [109] = "Digest-URI",
  [110] = "Digest-Qop",
  [111] = "Digest-Algorithm",
  [112] = "Digest-Entity-Body-Hash",
  [113] = "Digest-CNonce",
  [114] = "Digest-Nonce-Count",
  [115] = "Digest-Username",
  [116] = "Digest-Opaque",
  [117] = "Digest-Auth-Param",
  [118] = "Digest-AKA-Auts",
  [119] = "Digest-Domain",
  [120] = "Digest-Stale",
  [121] = "Digest-HA1",
  [122] = "SIP-AOR",
  [123] = "Delegated-IPv6-Prefix",
  [124] = "MIP6-Feature-Vector",
  [125] = "MIP6-Home-Link-Prefix",
  [126] = "Operator-Name",
  [127] = "Location-Information",
  [128] = "Location-Data",
  [129] = "Basic-Location-Policy-Rules",
  [130] = "Extended-Location-Policy-Rules",
  [131] = "Location-Capable",
  [132] = "Requested-Location-Info",
  [133] = "Framed-Management-Protocol",
  [134] = "Management-Transport-Protection",
  [135] = "Management-Policy-Id",
  [136] = "Management-Privilege-Level",
  [137] = "PKM-SS-Cert",
  [138] = "PKM-CA-Cert",
  [139] = "PKM-Config-Settings",
  [140] = "PKM-Cryptosuite-List",
  [141] = "PKM-SAID",
  [142] = "PKM-SA-Descriptor",
  [143] = "PKM-Auth-Key",
  [144] = "DS-Lite-Tunnel-Name",
  [145] = "Mobile-Node-Identifier",
  [146] = "Service-Selection",
  [147] = "PMIP6-Home-LMA-IPv6-Address",
  [148] = "PMIP6-Visited-LMA-IPv6-Address",
  [149] = "PMIP6-Home-LMA-IPv4-Address",
  [150] = "PMIP6-Visited-LMA-IPv4-Address",
  [151] = "PMIP6-Home-HN-Prefix",
  [152] = "PMIP6-Visited-HN-Prefix",
  [153] = "PMIP6-Home-Interface-ID",
  [154] = "PMIP6-Visited-Interface-ID",
  [155] = "PMIP6-Home-IPv4-HoA",
  [156] = "PMIP6-Visited-IPv4-HoA",
  [157] = "PMIP6-Home-DHCP4-Server-Address",
  [158] = "PMIP6-Visited-DHCP4-Server-Address",
  [159] = "PMIP6-Home-DHCP6-Server-Address",
  [160] = "PMIP6-Visited-DHCP6-Server-Address",
  [161] = "PMIP6-Home-IPv4-Gateway",
  [162] = "PMIP6-Visited-IPv4-Gateway",
  [163] = "EAP-Lower-Layer",
  [164] = "GSS-Acceptor-Service-Name",
  [165] = "GSS-Acceptor-Host-Name",
  [166] = "GSS-Acceptor-Service-Specifics",
  [167] = "GSS-Acceptor-Realm-Name",
  [168] = "Framed-IPv6-Address",
  [169] = "DNS-Server-IPv6-Address",
  [170] = "Route-IPv6-Information",
  [171] = "Delegated-IPv6-Prefix-Pool",
  [172] = "Stateful-IPv6-Address-Pool",
  [173] = "IPv6-6rd-Configuration",
  [174] = "Allowed-Called-Station-Id",
  [175] = "EAP-Peer-Id",
  [176] = "EAP-Server-Id",
  [177] = "Mobility-Domain-Id",
  [178] = "Preauth-Timeout",
  [179] = "Network-Id-Name",
  [180] = "EAPoL-Announcement",
  [181] = "WLAN-HESSID",
  [182] = "WLAN-Venue-Info",
  [183] = "WLAN-Venue-Language",
  [184] = "WLAN-Venue-Name",
  [185] = "WLAN-Reason-Code",
  [186] = "WLAN-Pairwise-Cipher",
  [187] = "WLAN-Group-Cipher",
  [188] = "WLAN-AKM-Suite",
  [189] = "WLAN-Group-Mgmt-Cipher",
  [190] = "WLAN-RF-Band",
  [191] = "Unassigned",
}

local service_types = {
  [1] = "Login",
  [2] = "Framed",
  [3] = "Callback Login",
  [4] = "Callback Framed",
  [5] = "Outbound",
  [6] = "Administrative",
  [7] = "NAS Prompt",
  [8] = "Authenticate Only",
  [9] = "Callback NAS Prompt",
  [10] = "Call Check",
  [11] = "Callback Administrative",
  [12] = "Voice",
  [13] = "Fax",
  [14] = "Modem Relay",
  [15] = "IAPP-Register",
  [16] = "IAPP-AP-Check",
  [17] = "Authorize Only",
  [18] = "Framed-Management",
  [19] = "Additional-Authorization",
}

local framed_protocols = {
  [1] = "PPP",
  [2] = "SLIP",
  [3] = "AppleTalk Remote Access Protocol (ARAP)",
  [4] = "Gandalf proprietary SingleLink/MultiLink protocol",
  [5] = "Xylogics proprietary IPX/SLIP",
  [6] = "X.75 Synchronous",
  [7] = "GPRS PDP Context",
}

local port_types = {
  [0] = "Async",
  [1] = "Sync",
  [2] = "ISDN Sync",
  [3] = "ISDN Async V.120",
  [4] = "ISDN Async V.110",
  [5] = "Virtual",
  [6] = "PIAFS",
  [7] = "HDLC Clear Channel",
  [8] = "X.25",
  [9] = "X.75",
  [10] = "G.3 Fax",
  [11] = "SDSL - Symmetric DSL",
  [12] = "ADSL-CAP - Asymmetric DSL, Carrierless Amplitude Phase Modulation",
  [13] = "ADSL-DMT - Asymmetric DSL, Discrete Multi-Tone",
  [14] = "IDSL - ISDN Digital Subscriber Line",
  [15] = "Ethernet",
  [16] = "xDSL - Digital Subscriber Line of unknown type",
  [17] = "Cable",
  [18] = "Wireless - Other",
  [19] = "Wireless - IEEE 802.11",
  [20] = "Token-Ring",
  [21] = "FDDI",
  [22] = "Wireless - CDMA2000",
  [23] = "Wireless - UMTS",
  [24] = "Wireless - 1X-EV",
  [25] = "IAPP",
  [26] = "FTTP - Fiber to the Premises",
  [27] = "Wireless - IEEE 802.16",
  [28] = "Wireless - IEEE 802.20",
  [29] = "Wireless - IEEE 802.22",
  [30] = "PPPoA - PPP over ATM",
  [31] = "PPPoEoA - PPP over Ethernet over ATM",
  [32] = "PPPoEoE - PPP over Ethernet over Ethernet",
  [33] = "PPPoEoVLAN - PPP over Ethernet over VLAN",
  [34] = "PPPoEoQinQ - PPP over Ethernet over IEEE 802.1QinQ",
  [35] = "xPON - Passive Optical Network",
  [36] = "Wireless - XGP",
}

return {
  {
    id     = "Radius",
    title  = "RADIUS",
    over   = { UDP = {
      { dport = 1812, rank = 2 }, { sport = 1812, rank = 2 },
      { dport = 1813, rank = 2 }, { sport = 1813, rank = 2 },
      { dport = 3799, rank = 2 }, { sport = 3799, rank = 2 }, -- dynamic authorization
      build = { dport = 1813 },
    } },
    fields = {
      f.u8    ("code",          { default = 1, names = {
        [1] = "Access-Request",
        [2] = "Access-Accept",
        [3] = "Access-Reject",
        [4] = "Accounting-Request",
        [5] = "Accounting-Response",
        [6] = "Accounting-Status (now Interim Accounting)",
        [7] = "Password-Request",
        [8] = "Password-Ack",
        [9] = "Password-Reject",
        [10] = "Accounting-Message",
        [11] = "Access-Challenge",
        [12] = "Status-Server (experimental)",
        [13] = "Status-Client (experimental)",
        [21] = "Resource-Free-Request",
        [22] = "Resource-Free-Response",
        [23] = "Resource-Query-Request",
        [24] = "Resource-Query-Response",
        [25] = "Alternate-Resource-Reclaim-Request",
        [26] = "NAS-Reboot-Request",
        [27] = "NAS-Reboot-Response",
        [29] = "Next-Passcode",
        [30] = "New-Pin",
        [31] = "Terminate-Session",
        [32] = "Password-Expired",
        [33] = "Event-Request",
        [34] = "Event-Response",
        [40] = "Disconnect-Request",
        [41] = "Disconnect-ACK",
        [42] = "Disconnect-NAK",
        [43] = "CoA-Request",
        [44] = "CoA-ACK",
        [45] = "CoA-NAK",
        [50] = "IP-Address-Allocate",
        [51] = "IP-Address-Release",
        [52] = "Protocol-Error",
        [253] = "Experimental Use",
        [255] = "Reserved",
      } }),
      f.u8    ("id"),
      f.u16   ("len",           { auto = f.header() + f.payload(), class = "FieldLenField" }),
      f.bytes ("authenticator", { size = 16, show = "hex" }),
      f.layers("attributes",    { of = "RadiusAttribute", size = f.ref "len" - 20 }),
    },
  },

  -- An attribute of a type that has no declaration below.
  {
    id       = "RadiusAttribute",
    title    = "Radius Attribute",
    fallback = "Padding",
    fields = {
      f.u8   ("type",  { default = 1, names = attribute_types }),
      f.u8   ("len",   { auto = f.size "value" + 2 }),
      f.bytes("value", { size = f.ref "len" - 2 }),
    },
  },

  {
    id         = "RadiusAttr_NAS_IP_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(4) },
    fields = {
      f.u8  ("type", { default = 4, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_NAS_Port",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(5) },
    fields = {
      f.u8 ("type", { default = 5, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Service_Type",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(6) },
    fields = {
      f.u8 ("type",  { default = 6, names = attribute_types }),
      f.u8 ("len",   { default = 6 }),
      f.u32("value", { names = service_types }),
    },
  },

  {
    id         = "RadiusAttr_Framed_Protocol",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(7) },
    fields = {
      f.u8 ("type",  { default = 7, names = attribute_types }),
      f.u8 ("len",   { default = 6 }),
      f.u32("value", { names = framed_protocols }),
    },
  },

  {
    id         = "RadiusAttr_Framed_IP_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(8) },
    fields = {
      f.u8  ("type", { default = 8, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_Framed_IP_Netmask",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(9) },
    fields = {
      f.u8  ("type", { default = 9, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_Framed_MTU",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(12) },
    fields = {
      f.u8 ("type", { default = 12, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Login_IP_Host",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(14) },
    fields = {
      f.u8  ("type", { default = 14, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_Login_TCP_Port",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(16) },
    fields = {
      f.u8 ("type", { default = 16, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Framed_IPX_Network",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(23) },
    fields = {
      f.u8 ("type", { default = 23, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.ipv4("value"), -- the number of a network, RFC 2865 section 5.23
    },
  },

  {
    id         = "RadiusAttr_State",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(24) },
    fields = {
      f.u8   ("type",  { default = 24, names = attribute_types }),
      f.u8   ("len",   { auto = f.size "value" + 2 }),
      f.bytes("value", { size = f.ref "len" - 2 }),
    },
  },

  {
    id         = "RadiusAttr_Vendor_Specific",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(26) },
    fields = {
      f.u8   ("type",       { default = 26, names = attribute_types }),
      f.u8   ("len",        { auto = f.size "value" + 8 }),
      f.u32  ("vendor_id"),
      f.u8   ("vendor_type"),
      f.u8   ("vendor_len", { auto = f.size "value" + 2 }),
      f.bytes("value",      { size = f.ref "vendor_len" - 2 }),
    },
  },

  {
    id         = "RadiusAttr_Session_Timeout",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(27) },
    fields = {
      f.u8 ("type", { default = 27, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Idle_Timeout",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(28) },
    fields = {
      f.u8 ("type", { default = 28, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Framed_AppleTalk_Link",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(37) },
    fields = {
      f.u8 ("type", { default = 37, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Framed_AppleTalk_Network",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(38) },
    fields = {
      f.u8 ("type", { default = 38, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Delay_Time",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(41) },
    fields = {
      f.u8 ("type", { default = 41, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Input_Octets",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(42) },
    fields = {
      f.u8 ("type", { default = 42, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Output_Octets",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(43) },
    fields = {
      f.u8 ("type", { default = 43, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Session_Time",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(46) },
    fields = {
      f.u8 ("type", { default = 46, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Input_Packets",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(47) },
    fields = {
      f.u8 ("type", { default = 47, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Output_Packets",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(48) },
    fields = {
      f.u8 ("type", { default = 48, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Link_Count",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(51) },
    fields = {
      f.u8 ("type", { default = 51, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Input_Gigawords",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(52) },
    fields = {
      f.u8 ("type", { default = 52, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Output_Gigawords",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(53) },
    fields = {
      f.u8 ("type", { default = 53, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Egress_VLANID",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(56) },
    fields = {
      f.u8 ("type", { default = 56, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_NAS_Port_Type",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(61) },
    fields = {
      f.u8 ("type",  { default = 61, names = attribute_types }),
      f.u8 ("len",   { default = 6 }),
      f.u32("value", { names = port_types }),
    },
  },

  {
    id         = "RadiusAttr_Port_Limit",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(62) },
    fields = {
      f.u8 ("type", { default = 62, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_ARAP_Security",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(73) },
    fields = {
      f.u8 ("type", { default = 73, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Password_Retry",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(75) },
    fields = {
      f.u8 ("type", { default = 75, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_EAP_Message",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(79) },
    fields = {
      f.u8   ("type",  { default = 79, names = attribute_types }),
      f.u8   ("len",   { auto = f.size "value" + 2 }),
      f.bytes("value", { size = f.ref "len" - 2 }), -- a fragment of an EAP packet
    },
  },

  {
    id         = "RadiusAttr_Message_Authenticator",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(80) },
    fields = {
      f.u8   ("type",  { default = 80, names = attribute_types }),
      f.u8   ("len",   { default = 18 }),
      f.bytes("value", { size = 16, default = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", show = "hex" }),
    },
  },

  {
    id         = "RadiusAttr_Tunnel_Preference",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(83) },
    fields = {
      f.u8 ("type", { default = 83, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Interim_Interval",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(85) },
    fields = {
      f.u8 ("type", { default = 85, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Acct_Tunnel_Packets_Lost",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(86) },
    fields = {
      f.u8 ("type", { default = 86, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Management_Privilege_Level",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(136) },
    fields = {
      f.u8 ("type", { default = 136, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Home_LMA_IPv4_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(149) },
    fields = {
      f.u8  ("type", { default = 149, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Visited_LMA_IPv4_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(150) },
    fields = {
      f.u8  ("type", { default = 150, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Home_DHCP4_Server_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(157) },
    fields = {
      f.u8  ("type", { default = 157, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Visited_DHCP4_Server_Address",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(158) },
    fields = {
      f.u8  ("type", { default = 158, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Home_IPv4_Gateway",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(161) },
    fields = {
      f.u8  ("type", { default = 161, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_PMIP6_Visited_IPv4_Gateway",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(162) },
    fields = {
      f.u8  ("type", { default = 162, names = attribute_types }),
      f.u8  ("len",  { default = 6 }),
      f.ipv4("value"),
    },
  },

  {
    id         = "RadiusAttr_Mobility_Domain_Id",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(177) },
    fields = {
      f.u8 ("type", { default = 177, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_Preauth_Timeout",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(178) },
    fields = {
      f.u8 ("type", { default = 178, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_Venue_Info",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(182) },
    fields = {
      f.u8 ("type", { default = 182, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_Reason_Code",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(185) },
    fields = {
      f.u8 ("type", { default = 185, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_Pairwise_Cipher",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(186) },
    fields = {
      f.u8 ("type", { default = 186, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_Group_Cipher",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(187) },
    fields = {
      f.u8 ("type", { default = 187, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_AKM_Suite",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(188) },
    fields = {
      f.u8 ("type", { default = 188, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_Group_Mgmt_Cipher",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(189) },
    fields = {
      f.u8 ("type", { default = 189, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },

  {
    id         = "RadiusAttr_WLAN_RF_Band",
    hidden     = true,
    base       = "RadiusAttribute",
    variant_of = { RadiusAttribute = f.peek(0, 8):eq(190) },
    fields = {
      f.u8 ("type", { default = 190, names = attribute_types }),
      f.u8 ("len",  { default = 6 }),
      f.u32("value"),
    },
  },
}
