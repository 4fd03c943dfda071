-- Mobile IP for IPv4, RFC 5944 section 3, and its data within UDP, RFC 3519 section 3.3.

local f = require "luapkt.field"

local types = {
  [1] = "RRQ",
  [3] = "RRP",
}

return {
  {
    id     = "MobileIP",
    title  = "Mobile IP (RFC3344)",
    over   = { UDP = { { dport = 434 }, { sport = 434 }, build = { sport = 434, dport = 434 } } },
    fields = {
      f.u8("type", { default = 1, names = types }),
    },
  },
  {
    id     = "MobileIPRRQ",
    title  = "Mobile IP Registration Request (RFC3344)",
    over   = { MobileIP = { type = 1 } },
    fields = {
      f.u8("flags", { show = "hex" }),
      f.u16("lifetime", { default = 180 }),
      f.ipv4("homeaddr"),
      f.ipv4("haaddr"),
      f.ipv4("coaddr"),
      f.u64("id"),
    },
  },
  {
    id     = "MobileIPRRP",
    title  = "Mobile IP Registration Reply (RFC3344)",
    over   = { MobileIP = { type = 3 } },
    fields = {
      f.u8("code"),
      f.u16("lifetime", { default = 180 }),
      f.ipv4("homeaddr"),
      f.ipv4("haaddr"),
      f.u64("id"),
    },
  },
  {
    id     = "MobileIPTunnelData",
    title  = "Mobile IP Tunnel Data Message (RFC3519)",
    over   = { MobileIP = { type = 4 } },
    next   = { { when = f.ref("nexthdr"):eq(4), id = "IP" } },
    fields = {
      f.u8("nexthdr", { default = 4 }),
      f.u16("res"),
    },
  },
}
