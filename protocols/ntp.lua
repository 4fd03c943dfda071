-- Network Time Protocol: version 4, RFC 5905; extension fields, RFC 7822; control messages (mode 6),
-- RFC 9327. The private messages of ntpd (mode 7) carry the items of ntp_private.lua.
--
--    0  2    5    8       16      24      31
--   +--+----+----+-------+-------+-------+
--   |le|vers|mode|stratum| poll  | prec. |   modes 1 to 5
--   |               delay                |
--   |             dispersion             |
--   | id (an address), or ref_id (text)  |   stratum 2 and up, or 0 and 1
--   |          ref, 64 bits              |
--   |         orig, 64 bits              |
--   |         recv, 64 bits              |
--   |         sent, 64 bits              |
--   |  extensions; key id and digest     |
--   +------------------------------------+
--
-- The mode, in the same three bits of each kind of message, tells them apart.

local f = require "luapkt.field"

local leaps = {
  [0] = "no warning",
  [1] = "last minute of the day has 61 seconds",
  [2] = "last minute of the day has 59 seconds",
  [3] = "unknown (clock unsynchronized)",
}

local modes = {
  [0] = "reserved",
  [1] = "symmetric active",
  [2] = "symmetric passive",
  [3] = "client",
  [4] = "server",
  [5] = "broadcast",
  [6] = "NTP control message",
  [7] = "reserved for private use",
}

local mode = f.peek(5, 3)

local port = {
  { sport = 123, rank = 2, when = f.left():ge(8) }, { dport = 123, rank = 2, when = f.left():ge(8) },
  build = { sport = 123, dport = 123 },
}

-- Of a message to port 123 the header is tried first; the other kinds are variants of it.
local port_to_build = { { sport = 123, dport = 123, read = false, listed = false } }

local is_response = f.ref("response"):eq(1)
local is_request  = f.ref("response"):eq(0)
local asks        = f.ref "request_code"
local items       = f.ref "nb_items"

return {
  -- The kinds below, taken together: what they are alike in is the place of the mode.
  -- To build one is to build an NTPHeader.
  {
    id     = "NTP",
    builds = "NTPHeader",
    hidden = true,
    fields = {},
  },

  {
    id     = "NTPHeader",
    hidden = true,
    base   = "NTP",
    over   = { UDP = port },
    next   = {
      { when = (f.total() - 48):eq(20), id = "NTPAuthenticator" },
      { when = (f.total() - 48):gt(20), id = "NTPExtensions" },
    },
    fields = {
      f.bits ("leap", 2,       { names = leaps }),
      f.bits ("version", 3,    { default = 4 }),
      f.bits ("mode", 3,       { default = 3, names = modes }),
      f.bits ("stratum", 8,    { default = 2 }),
      f.bits ("poll", 8,       { default = 10 }),
      f.bits ("precision", 8),
      f.bits ("delay", 32,     { show = "fixed16" }),
      f.bits ("dispersion", 32, { show = "fixed16" }),
      f.ipv4 ("id",            { default = "127.0.0.1", when = f.ref("stratum"):ge(2) }),
      f.bytes("ref_id",        { size = 4, when = f.ref("stratum"):lt(2), class = "StrFixedLenEnumField (Cond)" }),
      f.bits ("ref", 64,       { show = "ntp" }),
      f.bits ("orig", 64,      { show = "ntp", auto = 0 }), -- not the clock: packets are the same each time
      f.bits ("recv", 64,      { show = "ntp" }),
      f.bits ("sent", 64,      { show = "ntp", auto = 0 }),
    },
  },

  {
    id     = "NTPAuthenticator",
    title  = "Authenticator",
    fields = {
      f.bytes("padding", { size = (f.left() - 20):max(0), class = "_NTPAuthenticatorPaddingField" }),
      f.u32  ("key_id"),
      f.bytes("dgst",    { size = 16, show = "hex" }),
    },
  },

  {
    id     = "NTPExtensions",
    title  = "NTPv4 extensions",
    fields = {
      f.layers("extensions", { of = "NTPExtension", size = (f.left() - 20):max(0), class = "NTPExtPacketListField" }),
      f.layer ("mac",        { of = "NTPAuthenticator", default = 1 }),
    },
  },

  {
    id     = "NTPExtension",
    title  = "extension",
    payloads = {},
    fields = {
      f.u16  ("type"),
      f.u16  ("len",   { default = 0, auto = f.header() }),
      f.bytes("value", { size = f.ref "len" - 4, align = 4 }),
    },
  },

  -- --------------------------------------------------------------------- mode 6: control messages

  {
    id         = "NTPControl",
    hidden     = true,
    base       = "NTP",
    variant_of = { NTPHeader = mode:eq(6) },
    over       = { UDP = port_to_build },
    fields = {
      f.bits("zeros", 2),
      f.bits("version", 3, { default = 2 }),
      f.bits("mode", 3,    { default = 6 }),
      f.bits("response", 1),
      f.bits("err", 1),
      f.bits("more", 1),
      f.bits("op_code", 5, { names = { -- as ntpd's ntp_control.h calls them
        [0]  = "CTL_OP_UNSPEC",
        [1]  = "CTL_OP_READSTAT",
        [2]  = "CTL_OP_READVAR",
        [3]  = "CTL_OP_WRITEVAR",
        [4]  = "CTL_OP_READCLOCK",
        [5]  = "CTL_OP_WRITECLOCK",
        [6]  = "CTL_OP_SETTRAP",
        [7]  = "CTL_OP_ASYNCMSG",
        [8]  = "CTL_OP_CONFIGURE",
        [9]  = "CTL_OP_SAVECONFIG",
        [10] = "CTL_OP_READ_MRU",
        [11] = "CTL_OP_READ_ORDLIST_A",
        [12] = "CTL_OP_REQ_NONCE",
        [31] = "CTL_OP_UNSETTRAP",
      } }),
      f.u16("sequence"),
      -- The association id, 16 bits on, says whether the system or a peer is spoken of.
      f.choice("status_word", {
        { when = f.ref("err"):eq(1), f.layer(nil, { of = "NTPErrorStatusPacket" }) },
        { when = f.ref("op_code"):one_of(4, 5), f.layer(nil, { of = "NTPClockStatusPacket" }) },
        { when = f.ref("op_code"):between(1, 3):both(f.peek(16, 16):ne(0)), f.layer(nil, { of = "NTPPeerStatusPacket" }) },
        { when = f.ref("op_code"):one_of(1, 2, 3, 6, 7), f.layer(nil, { of = "NTPSystemStatusPacket" }) },
        { f.layer(nil, { of = "NTPStatusPacket" }) },
      }, { when = is_response, class = "NTPControlStatusField (Cond)", printed = "b''" }),
      f.u16("status",      { when = is_request }),
      f.u16("association_id"),
      f.u16("offset"),
      f.u16("count",       { auto = f.size "data", class = "ShortField" }),
      f.choice("data", {
        { when = is_response:both(f.ref("op_code"):eq(1)):both(f.ref("association_id"):eq(0)),
          f.layers(nil, { of = "NTPPeerStatusDataPacket", size = f.ref "count" }) },
        { f.bytes(nil, { size = f.ref "count", align = 4 }) },
      }, { class = "NTPControlDataPacketLenField" }),
      f.layer("authenticator", { of = "NTPAuthenticator", printed = "b''" }),
    },
  },

  {
    id       = "NTPStatusPacket",
    title    = "status",
    fallback = "Padding",
    fields   = {
      f.u16("status"),
    },
  },

  {
    id       = "NTPSystemStatusPacket",
    title    = "system status",
    fallback = "Padding",
    fields   = {
      f.bits("leap_indicator", 2,       { names = leaps }),
      f.bits("clock_source", 6,         { names = {
        [0] = "unspecified or unknown",
        [1] = "Calibrated atomic clock",
        [2] = "VLF (band 4) or LF (band 5) radio",
        [3] = "HF (band 7) radio",
        [4] = "UHF (band 9) satellite",
        [5] = "local net",
        [6] = "UDP/NTP",
        [7] = "UDP/TIME",
        [8] = "eyeball-and-wristwatch",
        [9] = "telephone modem",
      } }),
      f.bits("system_event_counter", 4),
      f.bits("system_event_code", 4,    { names = {
        [0] = "unspecified",
        [1] = "system restart",
        [2] = "system or hardware fault",
        [3] = "system new status word (leap bits or synchronization change)",
        [4] = "system new synchronization source or stratum (sys.peer or sys.stratum change)",
        [5] = "system clock reset (offset correction exceeds CLOCK.MAX)",
        [6] = "system invalid time or date",
        [7] = "system clock exception",
      } }),
    },
  },

  {
    id       = "NTPPeerStatusPacket",
    title    = "peer status",
    fallback = "Padding",
    fields   = {
      f.bits("configured", 1),
      f.bits("auth_enabled", 1),
      f.bits("authentic", 1),
      f.bits("reachability", 1),
      f.bits("reserved", 1),
      f.bits("peer_sel", 3,           { names = {
        [0] = "rejected",
        [1] = "passed sanity checks",
        [2] = "passed correctness checks",
        [3] = "passed candidate checks",
        [4] = "passed outlier checks",
        [5] = "current synchronization source; max distance exceeded",
        [6] = "current synchronization source; max distance okay",
        [7] = "reserved",
      } }),
      f.bits("peer_event_counter", 4),
      f.bits("peer_event_code", 4,    { names = {
        [0] = "unspecified",
        [1] = "peer IP error",
        [2] = "peer authentication failure",
        [3] = "peer unreachable",
        [4] = "peer reachable",
        [5] = "peer clock exception",
      } }),
    },
  },

  {
    id       = "NTPClockStatusPacket",
    title    = "clock status",
    fallback = "Padding",
    fields   = {
      f.bits("clock_status", 8, { names = {
        [0] = "clock operating within nominals",
        [1] = "reply timeout",
        [2] = "bad reply format",
        [3] = "hardware or software fault",
        [4] = "propagation failure",
        [5] = "bad date format or value",
        [6] = "bad time format or value",
      } }),
      f.bits("code", 8),
    },
  },

  {
    id       = "NTPErrorStatusPacket",
    title    = "error status",
    fallback = "Padding",
    fields   = {
      f.bits("error_code", 8, { names = {
        [0] = "unspecified",
        [1] = "authentication failure",
        [2] = "invalid message length or format",
        [3] = "invalid opcode",
        [4] = "unknown association identifier",
        [5] = "unknown variable name",
        [6] = "invalid variable value",
        [7] = "administratively prohibited",
      } }),
      f.bits("reserved", 8),
    },
  },

  {
    id     = "NTPPeerStatusDataPacket",
    title  = "data / peer status",
    fields = {
      f.u16  ("association_id"),
      f.layer("peer_status", { of = "NTPPeerStatusPacket", size = 2, default = 1, class = "PacketField" }),
    },
  },

  -- --------------------------------------------------------------------- mode 7: private messages

  {
    id         = "NTPPrivate",
    hidden     = true,
    base       = "NTP",
    variant_of = { NTPHeader = mode:eq(7) },
    over       = { UDP = port_to_build },
    fields = {
      f.bits("response", 1),
      f.bits("more", 1),
      f.bits("version", 3,         { default = 2 }),
      f.bits("mode", 3),
      f.bits("auth", 1),
      f.bits("seq", 7),
      f.u8  ("implementation",     { names = { [0] = "IMPL_UNIV", [2] = "IMPL_XNTPD_OLD", [3] = "XNTPD" } }),
      f.u8  ("request_code",       { names = {
        [0]  = "REQ_PEER_LIST",
        [1]  = "REQ_PEER_LIST_SUM",
        [2]  = "REQ_PEER_INFO",
        [3]  = "REQ_PEER_STATS",
        [4]  = "REQ_SYS_INFO",
        [5]  = "REQ_SYS_STATS",
        [6]  = "REQ_IO_STATS",
        [7]  = "REQ_MEM_STATS",
        [8]  = "REQ_LOOP_INFO",
        [9]  = "REQ_TIMER_STATS",
        [10] = "REQ_CONFIG",
        [11] = "REQ_UNCONFIG",
        [12] = "REQ_SET_SYS_FLAG",
        [13] = "REQ_CLR_SYS_FLAG",
        [14] = "REQ_MONITOR",
        [15] = "REQ_NOMONITOR",
        [16] = "REQ_GET_RESTRICT",
        [17] = "REQ_RESADDFLAGS",
        [18] = "REQ_RESSUBFLAGS",
        [19] = "REQ_UNRESTRICT",
        [20] = "REQ_MON_GETLIST",
        [21] = "REQ_RESET_STATS",
        [22] = "REQ_RESET_PEER",
        [23] = "REQ_REREAD_KEYS",
        [24] = "REQ_DO_DIRTY_HACK",
        [25] = "REQ_DONT_DIRTY_HACK",
        [26] = "REQ_TRUSTKEY",
        [27] = "REQ_UNTRUSTKEY",
        [28] = "REQ_AUTHINFO",
        [29] = "REQ_TRAPS",
        [30] = "REQ_ADD_TRAP",
        [31] = "REQ_CLR_TRAP",
        [32] = "REQ_REQUEST_KEY",
        [33] = "REQ_CONTROL_KEY",
        [34] = "REQ_GET_CTLSTATS",
        [35] = "REQ_GET_LEAPINFO",
        [36] = "REQ_GET_CLOCKINFO",
        [37] = "REQ_SET_CLKFUDGE",
        [38] = "REQ_GET_KERNEL",
        [39] = "REQ_GET_CLKBUGINFO",
        [41] = "REQ_SET_PRECISION",
        [42] = "REQ_MON_GETLIST_1",
        [43] = "REQ_HOSTNAME_ASSOCID",
        [44] = "REQ_IF_STATS",
        [45] = "REQ_IF_RELOAD",
      } }),
      f.bits("err", 4,             { names = {
        [0] = "no error",
        [1] = "incompatible implementation number",
        [2] = "unimplemented request code",
        [3] = "format error (wrong data items, data size, packet size etc.)",
        [4] = "no data available (e.g. request for details on unknown peer)",
        [5] = "I don't know",
        [6] = "I don't know",
        [7] = "authentication failure (i.e. permission denied)",
      } }),
      f.bits("nb_items", 12),
      f.bits("mbz", 4),
      f.bits("data_item_size", 12),
      f.choice("req_data", {
        { when = asks:eq(10),             f.layers(nil, { of = "NTPConfPeer", count = items }) },
        { when = asks:eq(11),             f.layers(nil, { of = "NTPConfUnpeer", count = items }) },
        { when = asks:one_of(17, 18, 19), f.layers(nil, { of = "NTPConfRestrict", count = items }) },
        { when = asks:one_of(30, 31),     f.layers(nil, { of = "NTPConfTrap", count = items }) },
        { f.layers(nil, { of = "NTPPrivateReqPacket", count = items:min(1) }) }, -- one for the data of all items
      }, { when = is_request, class = "NTPPrivateReqPacketListField (Cond)" }),
      f.choice("data", {
        { when = asks:eq(0),          f.layers(nil, { of = "NTPInfoPeerList", count = items }) },
        { when = asks:eq(1),          f.layers(nil, { of = "NTPInfoPeerSummary", count = items }) },
        { when = asks:eq(2),          f.layers(nil, { of = "NTPInfoPeer", count = items }) },
        { when = asks:eq(3),          f.layers(nil, { of = "NTPInfoPeerStats", count = items }) },
        { when = asks:eq(4),          f.layers(nil, { of = "NTPInfoSys", count = items }) },
        { when = asks:eq(5),          f.layers(nil, { of = "NTPInfoSysStats", count = items }) },
        { when = asks:eq(6),          f.layers(nil, { of = "NTPInfoIOStats", count = items }) },
        { when = asks:eq(7),          f.layers(nil, { of = "NTPInfoMemStats", count = items }) },
        { when = asks:eq(8),          f.layers(nil, { of = "NTPInfoLoop", count = items }) },
        { when = asks:eq(9),          f.layers(nil, { of = "NTPInfoTimerStats", count = items }) },
        { when = asks:eq(16),         f.layers(nil, { of = "NTPConfRestrict", count = items }) },
        { when = asks:eq(28),         f.layers(nil, { of = "NTPInfoAuth", count = items }) },
        { when = asks:eq(34),         f.layers(nil, { of = "NTPInfoControl", count = items }) },
        { when = asks:eq(38),         f.layers(nil, { of = "NTPInfoKernel", count = items }) },
        { when = asks:eq(42),         f.layers(nil, { of = "NTPInfoMonitor1", count = items }) },
        { when = asks:one_of(44, 45), f.layers(nil, { of = "NTPInfoIfStatsIPv4", count = items }) },
        { f.layers(nil, { of = "NTPPrivateReqPacket", count = items:min(1) }) },
      }, { when = is_response, class = "NTPPrivateRespPacketListField (Cond)" }),
      f.layer("authenticator",     { of = "NTPPrivatePktTail", when = f.ref("auth"):eq(1), printed = "b''" }),
    },
  },

  -- Data whose kind the request code doesn't tell; in a request, the time stamp and digest that
  -- may stand behind it are not split off.
  {
    id     = "NTPPrivateReqPacket",
    title  = "request data",
    fields = {
      f.bytes("req_data"),
    },
  },

  {
    id     = "NTPPrivatePktTail",
    title  = "req_pkt_tail",
    fields = {
      f.bits ("tstamp", 64, { show = "ntp" }),
      f.u32  ("key_id"),
      f.bytes("dgst",       { size = 16, show = "hex" }),
    },
  },
}
