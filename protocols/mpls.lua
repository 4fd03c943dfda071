-- Multiprotocol Label Switching, RFC 3032 section 2.1, and what it carries without naming it: the
-- control word of Ethernet pseudowires, RFC 4448 section 4.6; Bit Index Explicit Replication,
-- RFC 8296 section 2.
--
--    0               8              16          20    23 24          31
--   +-------------------------------------------+-----+-+-----------+
--   |                   label                   | cos |s|    ttl    |  MPLS
--   |  zero |        reserved       |              seq              |  EoMCW
--   |  bsl  |      sd       |      set      |    cos    |s|    ttl    |  BIFT
--   +-------------------------------------------+-----+-+-----------+
--   |   id  |version|length |                entropy                |  BIER
--   |OAM|RSV|   DSCP    |   Proto   |             BFRID             |
--   |                  BitString (2^(length+2) bytes)               |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

local bottom = f.ref("s"):eq(1)
-- What follows the last label tells what it is (RFC 4928 section 3, RFC 4448 section 4.6).
local nibble = f.peek(0, 4)
local is_word = f.glance(0, 16):eq(0)

local bier_protocols = {  -- RFC 8296 section 2.1.2
  [2] = "MPLS",
  [4] = "IPv4",
  [6] = "IPv6",
}

return {
  {
    id   = "MPLS",
    link = 219,
    over = {
      Ether = { type = 0x8847 },
      Dot1Q = { type = 0x8847 },
      PPP   = { proto = 0x0281 },
      GRE   = { proto = 0x8847 },
      IP    = { proto = 137 },
      IPv6  = { nh = 137 },
      UDP   = { { dport = 6635, listed = false }, rank = 2 },  -- RFC 7510
      MPLS  = { s = 0 },
    },
    -- Below the last label, what doesn't look like another protocol is taken for a frame.
    next = { { when = bottom:both(nibble:one_of(4, 5, 6):either(is_word):no()), id = "Ether" } },
    fields = {
      f.bits("label", 20, { default = 3 }),
      f.bits("cos",    3),
      f.bits("s",      1, { default = 1 }),
      f.u8  ("ttl"),
    },
  },
  {
    id     = "EoMCW",
    over   = { MPLS = { { s = 1, when = is_word }, build = {} } },
    fields = {
      f.bits("zero",      4),
      f.bits("reserved", 12),
      f.u16 ("seq"),
    },
  },
  -- The label of a packet on a network without MPLS (draft-ietf-bier-non-mpls-bift-encoding).
  {
    id   = "BIFT",
    over = {
      UDP = { { dport = 8138, listed = false }, rank = 2 },
    },
    fields = {
      f.bits("bsl", 4, { default = 2 }),
      f.bits("sd",  8),
      f.bits("set", 8),
      f.bits("cos", 3),
      f.bits("s",   1, { default = 1 }),
      f.u8  ("ttl"),
    },
  },
  {
    id   = "BIER",
    over = {
      BIFT = {},
      MPLS = { { s = 1, when = nibble:eq(5) }, build = {} },
    },
    next = {
      { when = f.ref("Proto"):eq(2), id = "MPLS" },
      { when = f.ref("Proto"):eq(3), id = "Ether" },
      { when = f.ref("Proto"):eq(4), id = "IP" },
      { when = f.ref("Proto"):ne(6), id = "Raw" },
    },
    fallback = "BIER",  -- listed only: the rules above leave nothing to it
    fields = {
      f.bits ("id",       4, { default = 5 }),
      f.bits ("version",  4),
      f.bits ("length",   4, { default = 2, class = "BitFieldLenField (4 bits)" }),
      f.bits ("entropy", 20),
      f.bits ("OAM",      2),
      f.bits ("RSV",      2),
      f.bits ("DSCP",     6),
      f.bits ("Proto",    6, { default = 2, names = bier_protocols }),
      f.u16  ("BFRID"),
      f.bytes("BitString",   { size = 1 << (f.ref "length" + 2) }),
    },
  },
}
