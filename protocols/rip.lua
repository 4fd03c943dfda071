-- Routing Information Protocol, versions 1 and 2, RFC 2453 section 4; MD5 authentication, RFC 4822.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |  cmd  |version|     null      |
--   +-------+-------+---------------+
--   |      AF       |   RouteTag    |   an entry of 20 bytes; up to 25 of them follow one another
--   |             addr              |
--   |             mask              |
--   |            nextHop            |
--   |            metric             |
--   +-------------------------------+
--
-- An entry of address family 0xffff holds authentication.

local f = require "luapkt.field"

local entries = {
  { when = f.peek(0, 16):eq(0xffff), id = "RIPAuth" },
  { id = "RIPEntry" },
}

return {
  {
    id     = "RIP",
    scapy  = true,
    title  = "RIP header",
    over   = { UDP = { { dport = 520, rank = 2 }, { sport = 520, rank = 2 }, build = { sport = 520, dport = 520 } } },
    next   = entries,
    fields = {
      f.u8 ("cmd",     { default = 1, names = {
        "req", "resp", "traceOn", "traceOff", "sun", "trigReq", "trigResp", "trigAck",
        "updateReq", "updateResp", "updateAck",
      } }),
      f.u8 ("version", { default = 1 }),
      f.u16("null"),
    },
  },

  {
    id     = "RIPEntry",
    scapy  = true,
    title  = "RIP entry",
    hidden = true,
    base   = "RIP",
    over   = { UDP = { { sport = 520, dport = 520, read = false } } },
    next   = entries,
    fields = {
      f.u16 ("AF",     { default = 2, names = { [2] = "IP" } }),
      f.u16 ("RouteTag"),
      f.ipv4("addr"),
      f.ipv4("mask"),
      f.ipv4("nextHop"),
      f.u32 ("metric", { default = 1, names = { [16] = "Unreach" } }),
    },
  },

  {
    id     = "RIPAuth",
    title  = "RIP authentication",
    over   = { RIPAuth = { { read = false, listed = false } } }, -- it is, but isn't offered there
    next   = entries,
    fields = {
      f.u16  ("AF",           { default = 0xffff, names = { [0xffff] = "Auth" } }),
      f.u16  ("authtype",     { default = 2, names = { "md5authdata", "simple", "md5" } }),
      f.bytes("password",     { auto = 0, size = 16, when = f.ref("authtype"):eq(2) }),
      f.u16  ("digestoffset", { when = f.ref("authtype"):eq(3) }),
      f.u8   ("keyid",        { when = f.ref("authtype"):eq(3) }),
      f.u8   ("authdatalen",  { when = f.ref("authtype"):eq(3) }),
      f.u32  ("seqnum",       { when = f.ref("authtype"):eq(3) }),
      f.bytes("zeropad",      { auto = 0, size = 8, when = f.ref("authtype"):eq(3) }),
      f.bytes("authdata",     { default = f.none, size = f.left(), when = f.ref("authtype"):eq(1) }), -- the trailer
    },
  },
}
