-- Internet Control Message Protocol, RFC 792; length and next-hop MTU RFC 4884 and RFC 1191.
--
--    0               8              16              24              31
--   +---------------+---------------+-------------------------------+
--   |     type      |     code      |            chksum             |
--   |              id               |              seq              |  echo, timestamp, ...
--   |                              gw                               |  redirect
--   |   reserved    |    length     |          nexthopmtu           |  destination unreachable
--   |   reserved    |    length     |            unused             |  time exceeded
--   |      ptr      |    length     |            unused             |  parameter problem
--   |                            unused                             |  others
--   +---------------+---------------+-------------------------------+
--
-- Below the second row: three time stamps (types 13 and 14) or an address mask (17 and 18).

local f = require "luapkt.field"

local types = {
  [0]  = "echo-reply",
  [3]  = "dest-unreach",
  [4]  = "source-quench",
  [5]  = "redirect",
  [8]  = "echo-request",
  [9]  = "router-advertisement",
  [10] = "router-solicitation",
  [11] = "time-exceeded",
  [12] = "parameter-problem",
  [13] = "timestamp-request",
  [14] = "timestamp-reply",
  [15] = "information-request",
  [16] = "information-response",
  [17] = "address-mask-request",
  [18] = "address-mask-reply",
  [30] = "traceroute",
  [31] = "datagram-conversion-error",
  [32] = "mobile-host-redirect",
  [33] = "ipv6-where-are-you",
  [34] = "ipv6-i-am-here",
  [35] = "mobile-registration-request",
  [36] = "mobile-registration-reply",
  [37] = "domain-name-request",
  [38] = "domain-name-reply",
  [39] = "skip",
  [40] = "photuris",
}

local codes = {
  ref  = "type",
  [3]  = {
    [0]  = "network-unreachable",
    [1]  = "host-unreachable",
    [2]  = "protocol-unreachable",
    [3]  = "port-unreachable",
    [4]  = "fragmentation-needed",
    [5]  = "source-route-failed",
    [6]  = "network-unknown",
    [7]  = "host-unknown",
    [9]  = "network-prohibited",
    [10] = "host-prohibited",
    [11] = "TOS-network-unreachable",
    [12] = "TOS-host-unreachable",
    [13] = "communication-prohibited",
    [14] = "host-precedence-violation",
    [15] = "precedence-cutoff",
  },
  [5]  = {
    [0] = "network-redirect",
    [1] = "host-redirect",
    [2] = "TOS-network-redirect",
    [3] = "TOS-host-redirect",
  },
  [11] = { [0] = "ttl-zero-during-transit", [1] = "ttl-zero-during-reassembly" },
  [12] = { [0] = "ip-header-bad", [1] = "required-option-missing" },
  [40] = {
    [0] = "bad-spi",
    [1] = "authentication-failed",
    [2] = "decompression-failed",
    [3] = "decryption-failed",
    [4] = "need-authentification",
    [5] = "need-authorization",
  },
}

local kind     = f.ref "type"
local query    = kind:one_of(0, 8, 13, 14, 15, 16, 17, 18)
local stamps   = kind:one_of(13, 14)
local mask     = kind:one_of(17, 18)
local extended = kind:one_of(3, 11, 12)
local known    = query:either(extended):either(kind:eq(5))

return {
  {
    id     = "ICMP",
    scapy  = true,
    over   = { IP = { proto = 1 } },
    fields = {
      f.u8  ("type",       { default = 8, names = types }),
      f.u8  ("code",       { names_by = codes }),
      f.u16 ("chksum",     { auto = f.checksum "inet", show = "hex" }),
      f.u16 ("id",         { when = query, show = "hex" }),
      f.u16 ("seq",        { when = query, show = "hex" }),
      f.u32 ("ts_ori",     { when = stamps, show = "ms_of_day" }),
      f.u32 ("ts_rx",      { when = stamps, show = "ms_of_day" }),
      f.u32 ("ts_tx",      { when = stamps, show = "ms_of_day" }),
      f.ipv4("gw",         { when = kind:eq(5) }),
      f.u8  ("ptr",        { when = kind:eq(12) }),
      f.u8  ("reserved",   { when = kind:one_of(3, 11) }),
      f.u8  ("length",     { when = extended }),
      f.ipv4("addr_mask",  { when = mask }),
      f.u16 ("nexthopmtu", { when = kind:eq(3) }),
      f.u16 ("unused",     { when = kind:one_of(11, 12) }),
      f.u32 ("unused",     { when = known:no() }),
    },
  },
  -- A message quoted in an ICMP error.
  {
    id      = "ICMPerror",
    title   = "ICMP in ICMP",
    base    = "ICMP",
    carries = "ICMP",
    hidden  = true,
    over    = { IPerror = { proto = 1 } },
  },
}
