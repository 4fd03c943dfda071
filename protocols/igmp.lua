-- Internet Group Management Protocol: versions 1 and 2, RFC 1112 and RFC 2236; version 3, RFC 3376;
-- multicast router discovery, RFC 4286.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   | type  | mrcode|    chksum     |
--   +-------+-------+---------------+
--   |             gaddr             |   version 3 has a query, report or advertisement here instead
--   +-------------------------------+
--
-- A query of 8 bytes is of version 1 or 2; one of 12 or more is of version 3 (RFC 3376 section 7.1).

local f = require "luapkt.field"

return {
  {
    id         = "IGMP",
    over       = { IP = { proto = 2, ttl = 1 } },
    variant_of = {
      IGMPv3 = f.peek(0, 8):one_of(0x12, 0x16, 0x17):both(f.left():ge(4))
               :either(f.peek(0, 8):eq(0x11):both(f.left():between(4, 11))),
    },
    fields = {
      f.u8("type",    { default = 0x11, names = {
        [0x11] = "Group Membership Query",
        [0x12] = "Version 1 - Membership Report",
        [0x16] = "Version 2 - Membership Report",
        [0x17] = "Leave Group",
      } }),
      f.u8("mrcode",  { default = 20 }),
      f.u16("chksum", { show = "hex", auto = f.checksum "inet" }),
      f.ipv4("gaddr"),
    },
  },

  {
    id         = "IGMPv3",
    hidden     = true,
    base       = "IGMP",
    variant_of = {
      IGMP = f.peek(0, 8):one_of(0x22, 0x30, 0x31, 0x32):both(f.left():ge(4))
             :either(f.peek(0, 8):eq(0x11):both(f.left():ge(12))),
    },
    over = {
      IP = { { proto = 2, read = false }, build = { proto = 2, ttl = 1, tos = 0xc0, dst = "224.0.0.22" } },
    },
    fields = {
      f.u8("type",    { default = 0x11, names = {
        [0x11] = "Membership Query",
        [0x22] = "Version 3 Membership Report",
        [0x30] = "Multicast Router Advertisement",
        [0x31] = "Multicast Router Solicitation",
        [0x32] = "Multicast Router Termination",
      } }),
      f.u8("mrcode",  { default = 20, auto = f.ref("type"):eq(0x22):pick(0, 20) }), -- reserved in a report
      f.u16("chksum", { show = "hex", auto = f.checksum "inet" }),
    },
  },

  {
    id     = "IGMPv3mq",
    over   = { IGMPv3 = { type = 0x11 } },
    fields = {
      f.ipv4("gaddr"),
      f.bits("resv", 4),
      f.bits("s", 1),
      f.bits("qrv", 3),
      f.u8("qqic"),
      f.u16("numsrc",    { auto = f.count "srcaddrs" }),
      f.list("srcaddrs", f.ipv4(), { count = f.ref "numsrc" }),
    },
  },

  {
    id     = "IGMPv3mr",
    over   = { IGMPv3 = { type = 0x22 } },
    fields = {
      f.u16("res2",       { show = "hex" }),
      f.u16("numgrp",     { auto = f.count "records" }),
      f.layers("records", { of = "IGMPv3gr", count = f.ref "numgrp" }),
    },
  },

  {
    id       = "IGMPv3gr",
    fallback = "Padding",
    fields   = {
      f.u8("rtype",      { default = 1, names = {
        "Mode Is Include",
        "Mode Is Exclude",
        "Change To Include Mode",
        "Change To Exclude Mode",
        "Allow New Sources",
        "Block Old Sources",
      } }),
      f.u8("auxdlen"),
      f.u16("numsrc",    { auto = f.count "srcaddrs" }),
      f.ipv4("maddr"),
      f.list("srcaddrs", f.ipv4(), { count = f.ref "numsrc" }),
    },
  },

  {
    id     = "IGMPv3mra",
    over   = { IGMPv3 = { type = 0x30 } },
    fields = {
      f.u16("qryIntvl"),
      f.u16("robust"),
    },
  },
}
