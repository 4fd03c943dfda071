-- NetBIOS over TCP and UDP, RFC 1002: the name service, section 4.2, sessions, section 4.3, and
-- datagrams, section 4.4. A name stands as 32 letters (RFC 1001 section 14.1), of which the last two,
-- the suffix, are a field of their own.
--
--    0               16              31
--   +---------------+---------------+
--   |  NAME_TRN_ID  |     FLAGS     |
--   |    QDCOUNT    |    ANCOUNT    |
--   |    NSCOUNT    |    ARCOUNT    |
--   | 32 | 30 letters       |SUFFIX|0|   QUESTION_NAME or RR_NAME
--   +-------------------------------+

local f = require "luapkt.field"

local suffixes = {
  [16705] = "workstation",
  [16708] = "messenger service",
  [16972] = "domain master browser",
  [16973] = "domain controller",
  [16975] = "browser election service",
  [17217] = "file server service",
}

local question_types = {
  [32] = "NB",
  [33] = "NBSTAT",
}

local question_class = { "INTERNET" }

local rr_names = {
  [49164] = "Label String Pointer to QUESTION_NAME",
}

local service_suffixes = {
  [0]  = "workstation",
  [3]  = "messenger service",
  [27] = "domain master browser",
  [28] = "domain controller",
  [30] = "browser election service",
  [32] = "file server service",
}

local unuseds = {
  [0] = "unused",
}

local session_types = {
  [0]   = "Session Message",
  [129] = "Session Request",
  [130] = "Positive Session Response",
  [131] = "Negative Session Response",
  [132] = "Retarget Session Response",
  [133] = "Session Keepalive",
}

-- 15 characters, filled with spaces.
local function name(id)
  return f.bytes(id, { size = 31, netbios = true, default = "windows", class = "NetBIOSNameField" })
end

-- Counters that nobody reads: their first 64 bits as a number.
local function wide_zero(id, size)
  return f.bits(id, 64, { align = size, align_own = true,
                          class = ("BitField (%d bits)"):format(size * 8) })
end

return {
  {
    id     = "NBNSQueryRequest",
    title  = "NBNS query request",
    over   = { UDP = { dport = 137 } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 272 }),
      f.u16("QDCOUNT", { default = 1 }),
      f.u16("ANCOUNT"),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT"),
      name("QUESTION_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("QUESTION_TYPE", { default = 32, names = question_types }),
      f.u16("QUESTION_CLASS", { default = 1, names = question_class }),
    },
  },
  {
    id     = "NBNSRequest",
    title  = "NBNS request",
    over   = { UDP = { dport = 137, read = false } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 10512 }),
      f.u16("QDCOUNT", { default = 1 }),
      f.u16("ANCOUNT"),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT", { default = 1 }),
      name("QUESTION_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("QUESTION_TYPE", { default = 32, names = question_types }),
      f.u16("QUESTION_CLASS", { default = 1, names = question_class }),
      f.u16("RR_NAME", { default = 49164, names = rr_names }),
      f.u16("RR_TYPE", { default = 32, names = question_types }),
      f.u16("RR_CLASS", { default = 1, names = question_class }),
      f.u32("TTL"),
      f.u16("RDLENGTH", { default = 6 }),
      f.bits("G", 1, { names = { [0] = "Unique name", "Group name" } }),
      f.bits("OWNER_NODE_TYPE", 2, { names = { [0] = "B node", "P node", "M node", "H node" } }),
      f.bits("UNUSED", 13, { names = { [0] = "Unused" } }),
      f.ipv4("NB_ADDRESS", { default = "127.0.0.1" }),
    },
  },
  {
    id     = "NBNSQueryResponse",
    title  = "NBNS query response",
    over   = { UDP = { sport = 137, read = false } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 34048 }),
      f.u16("QDCOUNT"),
      f.u16("ANCOUNT", { default = 1 }),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT"),
      name("RR_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("QUESTION_TYPE", { default = 32, names = question_types }),
      f.u16("QUESTION_CLASS", { default = 1, names = question_class }),
      f.u32("TTL", { default = 300000 }),
      f.u16("RDLENGTH", { default = 6 }),
      f.u16("NB_FLAGS"),
      f.ipv4("NB_ADDRESS", { default = "127.0.0.1" }),
    },
  },
  {
    id     = "NBNSQueryResponseNegative",
    title  = "NBNS query response (negative)",
    over   = { UDP = { sport = 137, read = false } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 34054 }),
      f.u16("QDCOUNT"),
      f.u16("ANCOUNT", { default = 1 }),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT"),
      name("RR_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("RR_TYPE", { default = 32, names = question_types }),
      f.u16("RR_CLASS", { default = 1, names = question_class }),
      f.u32("TTL"),
      f.u16("RDLENGTH", { default = 6 }),
      f.bits("G", 1, { names = { [0] = "Unique name", "Group name" } }),
      f.bits("OWNER_NODE_TYPE", 2, { names = { [0] = "B node", "P node", "M node", "H node" } }),
      f.bits("UNUSED", 13, { names = { [0] = "Unused" } }),
      f.ipv4("NB_ADDRESS", { default = "127.0.0.1" }),
    },
  },
  {
    id     = "NBNSNodeStatusResponse",
    title  = "NBNS Node Status Response",
    over   = { UDP = { sport = 137, read = false } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 34048 }),
      f.u16("QDCOUNT"),
      f.u16("ANCOUNT", { default = 1 }),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT"),
      name("RR_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("RR_TYPE", { default = 33, names = question_types }),
      f.u16("RR_CLASS", { default = 1, names = question_class }),
      f.u32("TTL"),
      f.u16("RDLENGTH", { default = 83 }),
      f.u8("NUM_NAMES", { default = 1 }),
    },
  },
  {
    id     = "NBNSNodeStatusResponseService",
    title  = "NBNS Node Status Response Service",
    over   = { NBNSNodeStatusResponse = {}, NBNSNodeStatusResponseService = {} },
    fields = {
      f.bytes("NETBIOS_NAME", { size = 15, default = "WINDOWS         " }),
      f.u8("SUFFIX", { names = service_suffixes }),
      f.u8("NAME_FLAGS", { default = 4 }),
      f.u8("UNUSED", { names = unuseds }),
    },
  },
  {
    id     = "NBNSNodeStatusResponseEnd",
    title  = "NBNS Node Status Response",
    over   = { NBNSNodeStatusResponseService = { {}, rank = 2 } },
    fields = {
      f.mac("MAC_ADDRESS", { class = "SourceMACField", printed = "None" }),
      wide_zero("STATISTICS", 57),
    },
  },
  {
    id     = "NBNSWackResponse",
    title  = "NBNS Wait for Acknowledgement Response",
    over   = { UDP = { sport = 137, read = false } },
    fields = {
      f.u16("NAME_TRN_ID"),
      f.u16("FLAGS", { default = 48135 }),
      f.u16("QDCOUNT"),
      f.u16("ANCOUNT", { default = 1 }),
      f.u16("NSCOUNT"),
      f.u16("ARCOUNT"),
      name("RR_NAME"),
      f.u16("SUFFIX", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      f.u16("RR_TYPE", { default = 32, names = question_types }),
      f.u16("RR_CLASS", { default = 1, names = question_class }),
      f.u32("TTL", { default = 2 }),
      f.u16("RDLENGTH", { default = 2 }),
      f.bits("RDATA", 16, { default = 10512 }),
    },
  },
  {
    id     = "NBTDatagram",
    title  = "NBT Datagram Packet",
    over   = { UDP = { dport = 138 } },
    fields = {
      f.u8("Type", { default = 16 }),
      f.u8("Flags", { default = 2 }),
      f.u16("ID"),
      f.ipv4("SourceIP", { default = "127.0.0.1" }),
      f.u16("SourcePort", { default = 138 }),
      f.u16("Length", { default = 272 }),
      f.u16("Offset"),
      name("SourceName"),
      f.u16("SUFFIX1", { default = 16705, names = suffixes }),
      f.u8("NULL"),
      name("DestinationName"),
      f.u16("SUFFIX2", { default = 16705, names = suffixes }),
      f.u8("NULL"),
    },
  },
  {
    id     = "NBTSession",
    title  = "NBT Session Packet",
    over   = { TCP = { { dport = 139 }, { sport = 139 } , build = { sport = 20, dport = 139 } } },
    pdu    = f.peek(15, 17) + 4, -- RFC 1002 section 4.3.1
    fields = {
      f.u8("TYPE", { names = session_types }),
      f.bits("RESERVED", 7),
      f.bits("LENGTH", 17),
    },
  },
  {
    id     = "NetBIOS_DS",
    title  = "NetBIOS datagram service",
    fields = {
      f.u8("type", { default = 17, names = { [17] = "direct_group" } }),
      f.u8("flags"),
      f.u16("id", { show = "hex" }),
      f.ipv4("src", { default = "127.0.0.1" }),
      f.u16("sport", { default = 138 }),
      f.u16("len", { auto = f.header() + f.payload() - 14 }),
      f.u16("ofs"),
      f.bytes("srcname", { size = 31, netbios = true }),
      f.bytes("dstname", { size = 31, netbios = true }),
    },
  },
}
