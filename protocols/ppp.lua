-- Point-to-Point Protocol, RFC 1661, in frames like HDLC's, RFC 1662, and the protocols that set a
-- link up: link control, RFC 1661 section 5; control of IP, RFC 1332, and of encryption, RFC 1968;
-- authentication by password, RFC 1334, and by challenge, RFC 1994. The options are in
-- ppp_options.lua.
--
--    0               8              16                             31
--   +---------------+---------------+-------------------------------+
--   |    address    |    control    |             proto             |  HDLC, PPP
--   |     code      |      id       |              len              |  LCP and the others
--   |                              ...                              |
--   +---------------+---------------+-------------------------------+

local f = require "luapkt.field"

-- https://www.iana.org/assignments/ppp-numbers. Of numbers with the same name, the name stands for
-- the highest.
local protocols = {
  [0x0001] = "Padding Protocol",
  [0x0003] = "ROHC small-CID [RFC3095]",
  [0x0005] = "ROHC large-CID [RFC3095]",
  [0x0021] = "Internet Protocol version 4",
  [0x0023] = "OSI Network Layer",
  [0x0025] = "Xerox NS IDP",
  [0x0027] = "DECnet Phase IV",
  [0x0029] = "Appletalk",
  [0x002b] = "Novell IPX",
  [0x002d] = "Van Jacobson Compressed TCP/IP",
  [0x002f] = "Van Jacobson Uncompressed TCP/IP",
  [0x0031] = "Bridging PDU",
  [0x0033] = "Stream Protocol (ST-II)",
  [0x0035] = "Banyan Vines",
  [0x0037] = "reserved (until 1993) [Typo in RFC1172]",
  [0x0039] = "AppleTalk EDDP",
  [0x003b] = "AppleTalk SmartBuffered",
  [0x003d] = "Multi-Link [RFC1717]",
  [0x003f] = "NETBIOS Framing",
  [0x0041] = "Cisco Systems",
  [0x0043] = "Ascom Timeplex",
  [0x0045] = "Fujitsu Link Backup and Load Balancing (LBLB)",
  [0x0047] = "DCA Remote Lan",
  [0x0049] = "Serial Data Transport Protocol (PPP-SDTP)",
  [0x004b] = "SNA over 802.2",
  [0x004d] = "SNA",
  [0x004f] = "IPv6 Header Compression",
  [0x0051] = "KNX Bridging Data [ianp]",
  [0x0053] = "Encryption [Meyer]",
  [0x0055] = "Individual Link Encryption [Meyer]",
  [0x0057] = "Internet Protocol version 6 [Hinden]",
  [0x0059] = "PPP Muxing [RFC3153]",
  [0x005b] = "Vendor-Specific Network Protocol (VSNP) [RFC3772]",
  [0x0061] = "RTP IPHC Full Header [RFC3544]",
  [0x0063] = "RTP IPHC Compressed TCP [RFC3544]",
  [0x0065] = "RTP IPHC Compressed Non TCP [RFC3544]",
  [0x0067] = "RTP IPHC Compressed UDP 8 [RFC3544]",
  [0x0069] = "RTP IPHC Compressed RTP 8 [RFC3544]",
  [0x006f] = "Stampede Bridging",
  [0x0071] = "Reserved [Fox]",
  [0x0073] = "MP+ Protocol [Smith]",
  [0x007d] = "reserved (Control Escape) [RFC1661]",
  [0x007f] = "reserved (compression inefficient [RFC1662]",
  [0x0083] = "Reserved Until 20-Oct-2000 [IANA]",
  [0x00c1] = "NTCITS IPI [Ungar]",
  [0x00cf] = "reserved (PPP NLID)",
  [0x00fb] = "single link compression in multilink [RFC1962]",
  [0x00fd] = "compressed datagram [RFC1962]",
  [0x00ff] = "reserved (compression inefficient)",
  [0x0201] = "802.1d Hello Packets",
  [0x0203] = "IBM Source Routing BPDU",
  [0x0205] = "DEC LANBridge100 Spanning Tree",
  [0x0207] = "Cisco Discovery Protocol [Sastry]",
  [0x0209] = "Netcs Twin Routing [Korfmacher]",
  [0x020b] = "STP - Scheduled Transfer Protocol [Segal]",
  [0x020d] = "EDP - Extreme Discovery Protocol [Grosser]",
  [0x0213] = "Optical Supervisory Channel Protocol (OSCP)[Prasad]",
  [0x0231] = "Luxcom",
  [0x0233] = "Sigma Network Systems",
  [0x0235] = "Apple Client Server Protocol [Ridenour]",
  [0x0281] = "MPLS Unicast [RFC3032]  ",
  [0x0283] = "MPLS Multicast [RFC3032]",
  [0x0285] = "IEEE p1284.4 standard - data packets [Batchelder]",
  [0x0287] = "ETSI TETRA Network Protocol Type 1 [Nieminen]",
  [0x0289] = "Multichannel Flow Treatment Protocol [McCann]",
  [0x2063] = "RTP IPHC Compressed TCP No Delta [RFC3544]",
  [0x2065] = "RTP IPHC Context State [RFC3544]",
  [0x2067] = "RTP IPHC Compressed UDP 16 [RFC3544]",
  [0x2069] = "RTP IPHC Compressed RTP 16 [RFC3544]",
  [0x4001] = "Cray Communications Control Protocol [Stage]",
  [0x4003] = "CDPD Mobile Network Registration Protocol [Quick]",
  [0x4005] = "Expand accelerator protocol [Rachmani]",
  [0x4007] = "ODSICP NCP [Arvind]",
  [0x4009] = "DOCSIS DLL [Gaedtke]",
  [0x400b] = "Cetacean Network Detection Protocol [Siller]",
  [0x4021] = "Stacker LZS [Simpson]",
  [0x4023] = "RefTek Protocol [Banfill]",
  [0x4025] = "Fibre Channel [Rajagopal]",
  [0x4027] = "EMIT Protocols [Eastham]",
  [0x405b] = "Vendor-Specific Protocol (VSP) [RFC3772]",
  [0x8021] = "Internet Protocol Control Protocol",
  [0x8023] = "OSI Network Layer Control Protocol",
  [0x8025] = "Xerox NS IDP Control Protocol",
  [0x8027] = "DECnet Phase IV Control Protocol",
  [0x8029] = "Appletalk Control Protocol",
  [0x802b] = "Novell IPX Control Protocol",
  [0x802d] = "reserved",
  [0x802f] = "reserved",
  [0x8031] = "Bridging NCP",
  [0x8033] = "Stream Protocol Control Protocol",
  [0x8035] = "Banyan Vines Control Protocol",
  [0x8037] = "reserved (until 1993)",
  [0x8039] = "reserved",
  [0x803b] = "reserved",
  [0x803d] = "Multi-Link Control Protocol",
  [0x803f] = "NETBIOS Framing Control Protocol",
  [0x8041] = "Cisco Systems Control Protocol",
  [0x8043] = "Ascom Timeplex",
  [0x8045] = "Fujitsu LBLB Control Protocol",
  [0x8047] = "DCA Remote Lan Network Control Protocol (RLNCP)",
  [0x8049] = "Serial Data Control Protocol (PPP-SDCP)",
  [0x804b] = "SNA over 802.2 Control Protocol",
  [0x804d] = "SNA Control Protocol",
  [0x804f] = "IP6 Header Compression Control Protocol",
  [0x8051] = "KNX Bridging Control Protocol [ianp]",
  [0x8053] = "Encryption Control Protocol [Meyer]",
  [0x8055] = "Individual Link Encryption Control Protocol [Meyer]",
  [0x8057] = "IPv6 Control Protovol [Hinden]",
  [0x8059] = "PPP Muxing Control Protocol [RFC3153]",
  [0x805b] = "Vendor-Specific Network Control Protocol (VSNCP) [RFC3772]",
  [0x806f] = "Stampede Bridging Control Protocol",
  [0x8071] = "Reserved [Fox]",
  [0x8073] = "MP+ Control Protocol [Smith]",
  [0x8083] = "Reserved Until 20-Oct-2000 [IANA]",
  [0x80c1] = "NTCITS IPI Control Protocol [Ungar]",
  [0x80fb] = "single link compression in multilink control [RFC1962]",
  [0x80fd] = "Compression Control Protocol [RFC1962]",
  [0x80ff] = "Not Used - reserved [RFC1661]",
  [0x8207] = "Cisco Discovery Protocol Control [Sastry]",
  [0x8209] = "Netcs Twin Routing [Korfmacher]",
  [0x820b] = "STP - Control Protocol [Segal]",
  [0x820d] = "EDPCP - Extreme Discovery Protocol Ctrl Prtcl [Grosser]",
  [0x8235] = "Apple Client Server Protocol Control [Ridenour]",
  [0x8281] = "MPLSCP [RFC3032]",
  [0x8285] = "IEEE p1284.4 standard - Protocol Control [Batchelder]",
  [0x8287] = "ETSI TETRA TNP1 Control Protocol [Nieminen]",
  [0x8289] = "Multichannel Flow Treatment Protocol [McCann]",
  [0xc021] = "Link Control Protocol",
  [0xc023] = "Password Authentication Protocol",
  [0xc025] = "Link Quality Report",
  [0xc027] = "Shiva Password Authentication Protocol",
  [0xc029] = "CallBack Control Protocol (CBCP)",
  [0xc02b] = "BACP Bandwidth Allocation Control Protocol [RFC2125]",
  [0xc02d] = "BAP [RFC2125]",
  [0xc05b] = "Vendor-Specific Authentication Protocol (VSAP) [RFC3772]",
  [0xc081] = "Container Control Protocol [KEN]",
  [0xc223] = "Challenge Handshake Authentication Protocol",
  [0xc225] = "RSA Authentication Protocol [Narayana]",
  [0xc227] = "Extensible Authentication Protocol [RFC2284]",
  [0xc229] = "Mitsubishi Security Info Exch Ptcl (SIEP) [Seno]",
  [0xc26f] = "Stampede Bridging Authorization Protocol",
  [0xc281] = "Proprietary Authentication Protocol [KEN]",
  [0xc283] = "Proprietary Authentication Protocol [Tackabury]",
  [0xc481] = "Proprietary Node ID Authentication Protocol [KEN]",
}

local directions = { [0] = "received", [1] = "sent" }

local link_codes = {
  [1]  = "Configure-Request",
  [2]  = "Configure-Ack",
  [3]  = "Configure-Nak",
  [4]  = "Configure-Reject",
  [5]  = "Terminate-Request",
  [6]  = "Terminate-Ack",
  [7]  = "Code-Reject",
  [8]  = "Protocol-Reject",
  [9]  = "Echo-Request",
  [10] = "Echo-Reply",
  [11] = "Discard-Request",
}

local control_codes = {  -- RFC 1332 section 2
  [1] = "Configure-Request",
  [2] = "Configure-Ack",
  [3] = "Configure-Nak",
  [4] = "Configure-Reject",
  [5] = "Terminate-Request",
  [6] = "Terminate-Ack",
  [7] = "Code-Reject",
}

local encryption_codes = {  -- RFC 1968 section 2
  [1]  = "Configure-Request",
  [2]  = "Configure-Ack",
  [3]  = "Configure-Nak",
  [4]  = "Configure-Reject",
  [5]  = "Terminate-Request",
  [6]  = "Terminate-Ack",
  [7]  = "Code-Reject",
  [14] = "Reset-Request",
  [15] = "Reset-Ack",
}

local password_codes = {
  [1] = "Authenticate-Request",
  [2] = "Authenticate-Ack",
  [3] = "Authenticate-Nak",
}

local challenge_codes = {
  [1] = "Challenge",
  [2] = "Response",
  [3] = "Success",
  [4] = "Failure",
}

-- What every message of these protocols begins with.
local function code(default, names) return f.u8("code", { default = default, names = names }) end
local function id() return f.u8("id", { show = "hex" }) end
local function len() return f.u16("len", { auto = f.header() }) end

-- The codes of the message that is about to be read.
local its_code = f.peek(0, 8)

-- A kind of LCP message: found through PPP_LCP, by its code.
local function link_control(kind)
  kind.base       = kind.base or "PPP_LCP"
  kind.hidden     = true
  kind.over       = { PPP = { { proto = 0xc021, read = false } } }
  return kind
end

local is_framed = f.peek(0, 16):eq(0xff03)

return {
  {
    id     = "HDLC",
    hidden = true,
    link   = { 50, { 9, when = is_framed } },
    -- In tunnels, where its fields aren't left out: RFC 1661 section 6.6. 0xff is no protocol.
    over   = {
      L2TP     = { { when = is_framed, rank = 0, listed = false } },
      GRE      = { { proto = 0x880b, when = is_framed, rank = 0, listed = false } },
      GRE_PPTP = { { proto = 0x880b, when = is_framed, rank = 0, listed = false } },
    },
    fields = {
      f.u8("address", { default = 0xff, show = "hex" }),
      f.u8("control", { default = 0x03, show = "hex" }),
    },
  },
  -- The first byte of a capture with LINKTYPE_PPP_WITH_DIR.
  {
    id     = "DIR_PPP",
    hidden = true,
    link   = 204,
    fields = {
      f.u8("direction", { names = directions }),
    },
  },
  {
    id    = "PPP",
    title = "PPP Link Layer",
    link  = 9,
    over  = {
      PPPoE    = { code = 0, when = f.peek(7, 1):eq(0) }, -- a session: RFC 2516 section 6
      L2TP     = { when = f.peek(7, 1):eq(0) },
      HDLC     = {},
      DIR_PPP  = {},
      GRE      = { { proto = 0x880b }, build = {} },
      GRE_PPTP = { proto = 0x880b },
    },
    fields = {
      f.u16("proto", { default = 0x0021, names = protocols }),
    },
  },
  -- With the protocol in one byte, RFC 1661 section 6.5: the last byte of a number is always odd,
  -- the first one never.
  {
    id     = "PPP_",
    title  = "PPP Link Layer, compressed protocol",
    hidden = true,
    over   = {
      PPPoE = { code = 0, when = f.peek(7, 1):eq(1) },
      L2TP  = { when = f.peek(7, 1):eq(1) },
      HDLC     = { { listed = false, rank = 2 } },
      DIR_PPP  = { { listed = false, rank = 2 } },
      GRE      = { { proto = 0x880b, read = false } },
      GRE_PPTP = { { proto = 0x880b, read = false, listed = false } },
    },
    variant_of = { PPP = f.peek(7, 1):eq(1) },
    next   = {
      { when = f.ref("proto"):eq(0x21), id = "IP" },
      { when = f.ref("proto"):eq(0x57), id = "IPv6" },
    },
    fields = {
      f.u8("proto", { default = 0x21, names = protocols }),
    },
  },

  -- Link control.

  {
    id     = "PPP_LCP",
    title  = "PPP Link Control Protocol",
    over   = { PPP = { proto = 0xc021 } },
    extent = f.ref "len",
    fields = {
      code(5, link_codes),
      id(),
      len(),
      f.bytes("data", { size = f.ref "len" - 4 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Configure",
    title      = "PPP Link Control Protocol - Configure",
    variant_of = { PPP_LCP = its_code:between(1, 4) },
    fields     = {
      code(1, link_codes),
      id(),
      len(),
      f.layers("options", { of = "PPP_LCP_Option", size = f.ref "len" - 4 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Terminate",
    title      = "PPP Link Control Protocol - Terminate",
    variant_of = { PPP_LCP = its_code:between(5, 6) },
    fields     = {
      code(5, link_codes),
      id(),
      len(),
      f.bytes("data", { size = f.ref "len" - 4 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Code_Reject",
    title      = "PPP Link Control Protocol - Code reject",
    variant_of = { PPP_LCP = its_code:eq(7) },
    fields     = {
      code(7, link_codes),
      id(),
      len(),
      f.layer("rejected_packet", { of = "PPP_LCP", size = f.ref "len" - 4 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Protocol_Reject",
    title      = "PPP Link Control Protocol - Protocol reject",
    variant_of = { PPP_LCP = its_code:eq(8) },
    fields     = {
      code(8, link_codes),
      id(),
      len(),
      f.u16  ("rejected_protocol",    { names = protocols }),
      f.bytes("rejected_information", { size = f.ref "len" - 6 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Echo",
    title      = "PPP Link Control Protocol - Echo",
    base       = "PPP_LCP_Discard_Request",
    variant_of = { PPP_LCP = its_code:between(9, 10) },
    fields     = {
      code(9, link_codes),
      id(),
      len(),
      f.u32  ("magic_number"),
      f.bytes("data", { size = f.ref "len" - 8 }),
    },
  },
  link_control {
    id         = "PPP_LCP_Discard_Request",
    title      = "PPP Link Control Protocol - Discard Request",
    variant_of = { PPP_LCP = its_code:eq(11) },
    fields     = {
      code(11, link_codes),
      id(),
      len(),
      f.u32  ("magic_number"),
      f.bytes("data", { size = f.ref "len" - 8 }),
    },
  },

  -- Control of IP and of encryption.

  {
    id     = "PPP_IPCP",
    title  = "PPP Internet Protocol Control Protocol",
    hidden = true,
    over   = { PPP = { proto = 0x8021 }, Ether = { type = 0x8021 } },
    extent = f.ref "len",
    fields = {
      code(1, control_codes),
      id(),
      len(),
      f.layers("options", { of = "PPP_IPCP_Option", size = f.ref "len" - 4 }),
    },
  },
  {
    id     = "PPP_ECP",
    title  = "PPP Encryption Control Protocol",
    hidden = true,
    over   = { PPP = { proto = 0x8053 }, Ether = { type = 0x8053 } },
    extent = f.ref "len",
    fields = {
      code(1, encryption_codes),
      id(),
      len(),
      f.layers("options", { of = "PPP_ECP_Option", size = f.ref "len" - 4 }),
    },
  },

  -- Authentication.

  {
    id     = "PPP_PAP",
    title  = "PPP Password Authentication Protocol",
    over   = { PPP = { proto = 0xc023 } },
    extent = f.ref "len",
    fields = {
      code(1, password_codes),
      id(),
      len(),
      f.bytes("data", { size = f.ref "len" - 4 }),
    },
  },
  {
    id         = "PPP_PAP_Request",
    title      = "PPP Password Authentication Protocol - Request",
    base       = "PPP_PAP",
    hidden     = true,
    variant_of = { PPP_PAP = its_code:eq(1) },
    over       = { PPP = { { proto = 0xc023, read = false } } },
    fields     = {
      code(1, password_codes),
      id(),
      len(),
      f.u8   ("username_len", { auto = f.size "username" }),
      f.bytes("username",     { size = f.ref "username_len" }),
      f.u8   ("passwd_len",   { auto = f.size "password" }),
      f.bytes("password",     { size = f.ref "passwd_len" }),
    },
  },
  {
    id         = "PPP_PAP_Response",
    title      = "PPP Password Authentication Protocol - Response",
    base       = "PPP_PAP",
    hidden     = true,
    variant_of = { PPP_PAP = its_code:between(2, 3) },
    over       = { PPP = { { proto = 0xc023, read = false } } },
    fields     = {
      code(2, password_codes),
      id(),
      len(),
      f.u8   ("msg_len", { auto = f.size "message" }),
      f.bytes("message", { size = f.ref "msg_len" }),
    },
  },
  {
    id     = "PPP_CHAP",
    title  = "PPP Challenge Handshake Authentication Protocol",
    payloads = {},
    over   = { PPP = { proto = 0xc223 } },
    extent = f.ref "len",
    fields = {
      code(1, challenge_codes),
      id(),
      len(),
      f.bytes("data", { size = f.ref "len" - 4 }),
    },
  },
  {
    id         = "PPP_CHAP_ChallengeResponse",
    title      = "PPP Challenge Handshake Authentication Protocol - Challenge and Response",
    base       = "PPP_CHAP",
    hidden     = true,
    variant_of = { PPP_CHAP = its_code:between(1, 2) },
    over       = { PPP = { { proto = 0xc223, read = false } } },
    fields     = {
      code(1, challenge_codes),
      id(),
      len(),
      f.u8   ("value_size",    { auto = f.size "value" }),
      f.bytes("value",         { size = f.ref "value_size", default = "\0\0\0\0\0\0\0\0" }),
      f.bytes("optional_name", { size = f.ref "len" - f.ref "value_size" - 5 }),
    },
  },
}
