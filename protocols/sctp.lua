-- Stream Control Transmission Protocol, RFC 4960; authenticated chunks, RFC 4895; dynamic address
-- reconfiguration, RFC 5061; partial reliability, RFC 3758; ECN, RFC 4960 appendix A.
--
--    0       8       16              31
--   +---------------+---------------+
--   |     sport     |     dport     |
--   |              tag              |
--   |            chksum             |
--   +-------+-------+---------------+
--   | type  | flags |      len      |   a chunk; more of them follow, each a layer
--   |     as the type says, ...     |
--   |  padded to a multiple of 4    |   len leaves the padding out
--   +-------------------------------+
--
-- Parameters inside chunks are built likewise, with a type of 16 bits and no flags.

local f = require "luapkt.field"

local chunk_types = {
  [0]    = "data",
  [1]    = "init",
  [2]    = "init-ack",
  [3]    = "sack",
  [4]    = "heartbeat-req",
  [5]    = "heartbeat-ack",
  [6]    = "abort",
  [7]    = "shutdown",
  [8]    = "shutdown-ack",
  [9]    = "error",
  [10]   = "cookie-echo",
  [11]   = "cookie-ack",
  [14]   = "shutdown-complete",
  [15]   = "authentication",
  [0x80] = "address-configuration-ack",
  [0xc1] = "address-configuration",
}

-- What follows the common header, and every chunk: the type in its first byte says.
local chunks = {
  { when = f.left():lt(4),        id = "Padding" }, -- no chunk is shorter
  { when = f.peek(0, 8):eq(0),    id = "SCTPChunkData" },
  { when = f.peek(0, 8):eq(1),    id = "SCTPChunkInit" },
  { when = f.peek(0, 8):eq(2),    id = "SCTPChunkInitAck" },
  { when = f.peek(0, 8):eq(3),    id = "SCTPChunkSACK" },
  { when = f.peek(0, 8):eq(4),    id = "SCTPChunkHeartbeatReq" },
  { when = f.peek(0, 8):eq(5),    id = "SCTPChunkHeartbeatAck" },
  { when = f.peek(0, 8):eq(6),    id = "SCTPChunkAbort" },
  { when = f.peek(0, 8):eq(7),    id = "SCTPChunkShutdown" },
  { when = f.peek(0, 8):eq(8),    id = "SCTPChunkShutdownAck" },
  { when = f.peek(0, 8):eq(9),    id = "SCTPChunkError" },
  { when = f.peek(0, 8):eq(10),   id = "SCTPChunkCookieEcho" },
  { when = f.peek(0, 8):eq(11),   id = "SCTPChunkCookieAck" },
  { when = f.peek(0, 8):eq(14),   id = "SCTPChunkShutdownComplete" },
  { when = f.peek(0, 8):eq(15),   id = "SCTPChunkAuthentication" },
  { when = f.peek(0, 8):eq(0x80), id = "SCTPChunkAddressConfAck" },
  { when = f.peek(0, 8):eq(0xc1), id = "SCTPChunkAddressConf" },
}

local param_types = {
  [1]      = "heartbeat-info",
  [5]      = "IPv4",
  [6]      = "IPv6",
  [7]      = "state-cookie",
  [8]      = "unrecognized-param",
  [9]      = "cookie-preservative",
  [11]     = "hostname",
  [12]     = "addrtypes",
  [0x8000] = "ecn-capable",
  [0x8002] = "random",
  [0x8003] = "chunk-list",
  [0x8004] = "requested-HMAC-functions",
  [0x8005] = "padding",
  [0x8008] = "supported-extensions",
  [0xc000] = "forward-tsn-supported",
  [0xc001] = "add-IP",
  [0xc002] = "del-IP",
  [0xc003] = "error-indication",
  [0xc004] = "set-primary-addr",
  [0xc005] = "success-indication",
  [0xc006] = "adaptation-layer",
}

-- Payload protocol identifiers, as IANA lists them.
local payload_protocols = {
  [1]  = "IUA",
  [2]  = "M2UA",
  [3]  = "M3UA",
  [4]  = "SUA",
  [5]  = "M2PA",
  [6]  = "V5UA",
  [7]  = "H.248",
  [8]  = "BICC/Q.2150.3",
  [9]  = "TALI",
  [10] = "DUA",
  [11] = "ASAP",
  [12] = "ENRP",
  [13] = "H.323",
  [14] = "Q.IPC/Q.2150.3",
  [15] = "SIMCO",
  [16] = "DDP Segment",
  [17] = "DDP Stream Session Control",
  [18] = "S1AP",
  [19] = "RUA",
  [20] = "HNBAP",
  [21] = "ForCES-HP",
  [22] = "ForCES-MP",
  [23] = "ForCES-LP",
  [24] = "SBc-AP",
  [25] = "NBAP",
  [27] = "X2AP",
  [28] = "IRCP",
  [29] = "LCS-AP",
  [30] = "MPICH2",
  [31] = "SABP",
  [32] = "FGP",
  [33] = "PPP",
  [34] = "CALCAPP",
  [35] = "SSP",
  [36] = "NPMP-CONTROL",
  [37] = "NPMP-DATA",
  [38] = "ECHO",
  [39] = "DISCARD",
  [40] = "DAYTIME",
  [41] = "CHARGEN",
  [42] = "3GPP RNA",
  [43] = "3GPP M2AP",
  [44] = "3GPP M3AP",
  [45] = "SSH",
  [46] = "Diameter/SCTP",
  [47] = "Diameter/DTLS",
  [48] = "R14P",
  [49] = "RNA over SCTP/SCCP",
  [50] = "WebRTC DCEP",
  [51] = "WebRTC String",
  [52] = "WebRTC Binary Partial",
  [53] = "WebRTC Binary",
  [54] = "WebRTC String Partial",
  [55] = "3GPP PUA",
  [56] = "WebRTC String Empty",
  [57] = "WebRTC Binary Empty",
  [58] = "3GPP XwAP",
  [59] = "3GPP Xw - Control Plane",
  [60] = "3GPP NGAP",
  [61] = "3GPP XnAP",
  [62] = "3GPP F1AP",
  [63] = "HTTP/SCTP",
}

return {
  {
    id     = "SCTP",
    scapy  = true,
    hidden = true,
    link   = 248,
    over   = { IP = { proto = 132 }, IPv6 = { { nh = 132, listed = false } } },
    next   = chunks,
    fields = {
      f.u16("sport",  { auto = 0 }),
      f.u16("dport",  { auto = 0 }),
      f.u32("tag",    { auto = 0, show = "hex" }),
      f.u32("chksum", { auto = f.checksum "crc32c", show = "hex" }), -- low byte first, RFC 4960 appendix B
    },
  },

  -- ------------------------------------------------------------------------------------ chunks

  {
    id     = "SCTPChunkData",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8   ("type",        { default = 0, names = chunk_types }),
      f.bits ("reserved", 4, { auto = 0 }),
      f.bits ("delay_sack", 1),
      f.bits ("unordered", 1),
      f.bits ("beginning", 1),
      f.bits ("ending", 1),
      f.u16  ("len",         { auto = f.size "data" + 16 }),
      f.u32  ("tsn",         { auto = 0, show = "hex" }),
      f.u16  ("stream_id",   { auto = 0, show = "hex" }),
      f.u16  ("stream_seq",  { auto = 0, show = "hex" }),
      f.u32  ("proto_id",    { auto = 0, names = payload_protocols }),
      f.bytes("data",        { default = f.none, size = f.ref "len" - 16, align = 4 }),
    },
  },

  {
    id     = "SCTPChunkInit",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",          { default = 1, names = chunk_types }),
      f.u8 ("flags",         { auto = 0, show = "hex" }),
      f.u16("len",           { auto = f.size "params" + 20 }),
      f.u32("init_tag",      { auto = 0, show = "hex" }),
      f.u32("a_rwnd",        { auto = 0 }),
      f.u16("n_out_streams", { auto = 0 }),
      f.u16("n_in_streams",  { auto = 0 }),
      f.u32("init_tsn",      { auto = 0, show = "hex" }),
      f.layers("params",     { of = "SCTPChunkParam", known = true, size = f.ref "len" - 20,
                               class = "ChunkParamField" }),
    },
  },

  {
    id     = "SCTPChunkInitAck",
    hidden = true,
    base   = "SCTPChunkInit",
    next   = chunks,
    fields = {
      f.u8 ("type",          { default = 2, names = chunk_types }),
      f.u8 ("flags",         { auto = 0, show = "hex" }),
      f.u16("len",           { auto = f.size "params" + 20 }),
      f.u32("init_tag",      { auto = 0, show = "hex" }),
      f.u32("a_rwnd",        { auto = 0 }),
      f.u16("n_out_streams", { auto = 0 }),
      f.u16("n_in_streams",  { auto = 0 }),
      f.u32("init_tsn",      { auto = 0, show = "hex" }),
      f.layers("params",     { of = "SCTPChunkParam", known = true, size = f.ref "len" - 20,
                               class = "ChunkParamField" }),
    },
  },

  {
    id     = "SCTPChunkSACK",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",          { default = 3, names = chunk_types }),
      f.u8 ("flags",         { auto = 0, show = "hex" }),
      f.u16("len",           { auto = f.header() }),
      f.u32("cumul_tsn_ack", { auto = 0, show = "hex" }),
      f.u32("a_rwnd",        { auto = 0 }),
      f.u16("n_gap_ack",     { auto = f.count "gap_ack_list" }),
      f.u16("n_dup_tsn",     { auto = f.count "dup_tsn_list" }),
      -- Start and end of a gap, RFC 9260 section 3.3.4.
      f.list("gap_ack_list", f.u32(nil, { show = "pair" }), { count = f.ref "n_gap_ack" }),
      f.list("dup_tsn_list", f.u32(nil, { show = "hex" }), { count = f.ref "n_dup_tsn" }),
    },
  },

  {
    id     = "SCTPChunkHeartbeatReq",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",      { default = 4, names = chunk_types }),
      f.u8 ("flags",     { auto = 0, show = "hex" }),
      f.u16("len",       { auto = f.size "params" + 4 }),
      f.layers("params", { of = "SCTPChunkParam", known = true, size = f.ref "len" - 4, class = "ChunkParamField" }),
    },
  },

  {
    id     = "SCTPChunkHeartbeatAck",
    base   = "SCTPChunkHeartbeatReq",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",      { default = 5, names = chunk_types }),
      f.u8 ("flags",     { auto = 0, show = "hex" }),
      f.u16("len",       { auto = f.size "params" + 4 }),
      f.layers("params", { of = "SCTPChunkParam", known = true, size = f.ref "len" - 4, class = "ChunkParamField" }),
    },
  },

  {
    id     = "SCTPChunkAbort",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8   ("type",         { default = 6, names = chunk_types }),
      f.bits ("reserved", 7,  { auto = 0 }),
      f.bits ("TCB", 1),
      f.u16  ("len",          { auto = f.size "error_causes" + 4 }),
      f.bytes("error_causes", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id     = "SCTPChunkShutdown",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",          { default = 7, names = chunk_types }),
      f.u8 ("flags",         { auto = 0, show = "hex" }),
      f.u16("len",           { default = 8 }),
      f.u32("cumul_tsn_ack", { auto = 0, show = "hex" }),
    },
  },

  {
    id     = "SCTPChunkShutdownAck",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",  { default = 8, names = chunk_types }),
      f.u8 ("flags", { auto = 0, show = "hex" }),
      f.u16("len",   { default = 4 }),
    },
  },

  {
    id     = "SCTPChunkError",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8   ("type",         { default = 9, names = chunk_types }),
      f.u8   ("flags",        { auto = 0, show = "hex" }),
      f.u16  ("len",          { auto = f.size "error_causes" + 4 }),
      f.bytes("error_causes", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id     = "SCTPChunkCookieEcho",
    base   = "SCTPChunkError",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8   ("type",   { default = 10, names = chunk_types }),
      f.u8   ("flags",  { auto = 0, show = "hex" }),
      f.u16  ("len",    { auto = f.size "cookie" + 4 }),
      f.bytes("cookie", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id     = "SCTPChunkCookieAck",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",  { default = 11, names = chunk_types }),
      f.u8 ("flags", { auto = 0, show = "hex" }),
      f.u16("len",   { default = 4 }),
    },
  },

  {
    id     = "SCTPChunkShutdownComplete",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8  ("type",        { default = 14, names = chunk_types }),
      f.bits("reserved", 7, { auto = 0 }),
      f.bits("TCB", 1),
      f.u16 ("len",         { default = 4 }),
    },
  },

  {
    id     = "SCTPChunkAuthentication",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8   ("type",          { default = 15, names = chunk_types }),
      f.u8   ("flags",         { auto = 0, show = "hex" }),
      f.u16  ("len",           { auto = f.size "HMAC" + 8 }),
      f.u16  ("shared_key_id", { auto = 0 }),
      f.u16  ("HMAC_function", { auto = 0 }),
      f.bytes("HMAC",          { size = f.ref "len" - 8, align = 4 }),
    },
  },

  {
    id     = "SCTPChunkAddressConf",
    hidden = true,
    next   = chunks,
    fields = {
      f.u8 ("type",      { default = 0xc1, names = chunk_types }),
      f.u8 ("flags",     { auto = 0, show = "hex" }),
      f.u16("len",       { auto = f.size "params" + 8 }),
      f.u32("seq"),
      f.layers("params", { of = "SCTPChunkParam", known = true, size = f.ref "len" - 8, class = "ChunkParamField" }),
    },
  },

  {
    id     = "SCTPChunkAddressConfAck",
    hidden = true,
    base   = "SCTPChunkAddressConf",
    next   = chunks,
    fields = {
      f.u8 ("type",      { default = 0x80, names = chunk_types }),
      f.u8 ("flags",     { auto = 0, show = "hex" }),
      f.u16("len",       { auto = f.size "params" + 8 }),
      f.u32("seq"),
      f.layers("params", { of = "SCTPChunkParam", known = true, size = f.ref "len" - 8, class = "ChunkParamField" }),
    },
  },

  -- -------------------------------------------------------------------------------- parameters

  -- A parameter of a type that has no declaration below.
  {
    id       = "SCTPChunkParam",
    fallback = "Padding",
    hidden   = true,
    unlisted = true,
    fields = {
      f.u16  ("type",  { names = param_types }),
      f.u16  ("len",   { auto = f.size "value" + 4 }),
      f.bytes("value", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamHearbeatInfo", -- so spelled
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(1) },
    fields = {
      f.u16  ("type", { default = 1, names = param_types }),
      f.u16  ("len",  { auto = f.size "data" + 4 }),
      f.bytes("data", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamIPv4Addr",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(5) },
    fields = {
      f.u16 ("type", { default = 5, names = param_types }),
      f.u16 ("len",  { default = 8 }),
      f.ipv4("addr", { default = "127.0.0.1" }),
    },
  },

  {
    id         = "SCTPChunkParamIPv6Addr",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(6) },
    fields = {
      f.u16 ("type", { default = 6, names = param_types }),
      f.u16 ("len",  { default = 20 }),
      f.ipv6("addr", { default = "::1" }),
    },
  },

  {
    id         = "SCTPChunkParamStateCookie",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(7) },
    fields = {
      f.u16  ("type",   { default = 7, names = param_types }),
      f.u16  ("len",    { auto = f.size "cookie" + 4 }),
      f.bytes("cookie", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamUnrocognizedParam", -- so spelled
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(8) },
    fields = {
      f.u16  ("type",  { default = 8, names = param_types }),
      f.u16  ("len",   { auto = f.size "param" + 4 }),
      f.bytes("param", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamCookiePreservative",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(9) },
    fields = {
      f.u16("type",           { default = 9, names = param_types }),
      f.u16("len",            { default = 8 }),
      f.u32("sug_cookie_inc", { auto = 0, show = "hex" }),
    },
  },

  {
    id         = "SCTPChunkParamHostname",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(11) },
    fields = {
      f.u16  ("type",     { default = 11, names = param_types }),
      f.u16  ("len",      { auto = f.size "hostname" + 4 }),
      f.bytes("hostname", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamSupportedAddrTypes",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(12) },
    fields = {
      f.u16("type", { default = 12, names = param_types }),
      f.u16("len",  { auto = f.size "addr_type_list" + 4 }),
      f.list("addr_type_list", f.u16(nil, { names = param_types }),
             { default = { 5 }, size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamECNCapable",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0x8000) },
    fields = {
      f.u16("type", { default = 0x8000, names = param_types }),
      f.u16("len",  { default = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamRandom",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0x8002) },
    fields = {
      f.u16  ("type",   { default = 0x8002, names = param_types }),
      f.u16  ("len",    { auto = f.size "random" + 4 }),
      f.bytes("random", { size = f.ref "len" - 4, align = 4, printed = "<RandBin>" }),
    },
  },

  {
    id         = "SCTPChunkParamChunkList",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0x8003) },
    fields = {
      f.u16 ("type",       { default = 0x8003, names = param_types }),
      f.u16 ("len",        { auto = f.size "chunk_list" + 4 }),
      f.list("chunk_list", f.u8(nil, { names = chunk_types }), { size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamRequestedHMACFunctions",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0x8004) },
    fields = {
      f.u16("type", { default = 0x8004, names = param_types }),
      f.u16("len",  { auto = f.size "HMAC_functions_list" + 4 }),
      f.list("HMAC_functions_list", f.u16(nil, { names = { [1] = "SHA-1", [3] = "SHA-256" } }),
             { default = { 1 }, size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamSupportedExtensions",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0x8008) },
    fields = {
      f.u16("type", { default = 0x8008, names = param_types }),
      f.u16("len",  { auto = f.size "supported_extensions" + 4 }),
      f.list("supported_extensions", f.u8(nil, { names = chunk_types }),
             { default = { 15, 193, 128 }, size = f.ref "len" - 4, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamFwdTSN",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc000) },
    fields = {
      f.u16("type", { default = 0xc000, names = param_types }),
      f.u16("len",  { default = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamAddIPAddr",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc001) },
    fields = {
      f.u16 ("type",           { default = 0xc001, names = param_types }),
      f.u16 ("len",            { auto = f.header(), class = "FieldLenField" }),
      f.u32 ("correlation_id", { auto = 0, show = "hex" }),
      f.u16 ("addr_type",      { default = 5, names = param_types }),
      f.u16 ("addr_len",       { auto = f.ref("addr_type"):eq(6):pick(20, 8), class = "FieldLenField" }),
      f.choice("addr", {
        { when = f.ref("addr_type"):eq(6), f.ipv6(nil, { default = "::1" }) },
        { f.ipv4(nil, { default = "127.0.0.1" }) },
      }, { listed_apart = true }),
    },
  },

  {
    id         = "SCTPChunkParamDelIPAddr",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc002) },
    fields = {
      f.u16 ("type",           { default = 0xc002, names = param_types }),
      f.u16 ("len",            { auto = f.header(), class = "FieldLenField" }),
      f.u32 ("correlation_id", { auto = 0, show = "hex" }),
      f.u16 ("addr_type",      { default = 5, names = param_types }),
      f.u16 ("addr_len",       { auto = f.ref("addr_type"):eq(6):pick(20, 8), class = "FieldLenField" }),
      f.choice("addr", {
        { when = f.ref("addr_type"):eq(6), f.ipv6(nil, { default = "::1" }) },
        { f.ipv4(nil, { default = "127.0.0.1" }) },
      }, { listed_apart = true }),
    },
  },

  {
    id         = "SCTPChunkParamErrorIndication",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc003) },
    fields = {
      f.u16  ("type",           { default = 0xc003, names = param_types }),
      f.u16  ("len",            { auto = f.size "error_causes" + 8 }),
      f.u32  ("correlation_id", { auto = 0, show = "hex" }),
      f.bytes("error_causes",   { size = f.ref "len" - 8, align = 4 }),
    },
  },

  {
    id         = "SCTPChunkParamSetPrimaryAddr",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc004) },
    fields = {
      f.u16 ("type",           { default = 0xc004, names = param_types }),
      f.u16 ("len",            { auto = f.header(), class = "FieldLenField" }),
      f.u32 ("correlation_id", { auto = 0, show = "hex" }),
      f.u16 ("addr_type",      { default = 5, names = param_types }),
      f.u16 ("addr_len",       { auto = f.ref("addr_type"):eq(6):pick(20, 8), class = "FieldLenField" }),
      f.choice("addr", {
        { when = f.ref("addr_type"):eq(6), f.ipv6(nil, { default = "::1" }) },
        { f.ipv4(nil, { default = "127.0.0.1" }) },
      }, { listed_apart = true }),
    },
  },

  {
    id         = "SCTPChunkParamSuccessIndication",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc005) },
    fields = {
      f.u16("type",           { default = 0xc005, names = param_types }),
      f.u16("len",            { default = 8 }),
      f.u32("correlation_id", { auto = 0, show = "hex" }),
    },
  },

  {
    id         = "SCTPChunkParamAdaptationLayer",
    hidden     = true,
    base       = "SCTPChunkParam",
    variant_of = { SCTPChunkParam = f.peek(0, 16):eq(0xc006) },
    fields = {
      f.u16("type",       { default = 0xc006, names = param_types }),
      f.u16("len",        { default = 8 }),
      f.u32("indication", { auto = 0, show = "hex" }),
    },
  },
}
