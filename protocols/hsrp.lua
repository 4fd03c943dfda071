-- Cisco Hot Standby Router Protocol, RFC 2281 section 5; MD5 authentication as a TLV behind it.
--
--    0       8       16      24      31
--   +-------+-------+-------+-------+
--   |version|opcode | state | hello |
--   | hold  | prior.| group |reserv.|
--   |         auth, 8 bytes         |
--   |           virtualIP           |
--   +-------------------------------+

local f = require "luapkt.field"

return {
  {
    id     = "HSRP",
    payloads = {},
    scapy  = true,
    over   = { UDP = {
      { dport = 1985, rank = 2 }, { sport = 1985, rank = 2 }, { dport = 2029, rank = 2 }, { sport = 2029, rank = 2 },
      build = { sport = 2029, dport = 2029 }, below = { IPv6 = { dst = "ff02::66" } },
    } },
    next   = { { id = "HSRPmd5" } },
    fields = {
      f.u8   ("version"),
      f.u8   ("opcode",    { names = { [0] = "Hello", "Coup", "Resign", "Advertise" } }),
      f.u8   ("state",     { default = 16, names = {
        [0] = "Initial", [1] = "Learn", [2] = "Listen", [4] = "Speak", [8] = "Standby", [16] = "Active",
      } }),
      f.u8   ("hellotime", { default = 3 }),
      f.u8   ("holdtime",  { default = 10 }),
      f.u8   ("priority",  { default = 120 }),
      f.u8   ("group",     { default = 1 }),
      f.u8   ("reserved"),
      f.bytes("auth",      { size = 8, default = "cisco\0\0\0" }),
      f.ipv4 ("virtualIP", { default = "192.168.1.1" }),
    },
  },

  {
    id     = "HSRPmd5",
    title  = "HSRP MD5 Authentication",
    payloads = {},
    fields = {
      f.u8   ("type",       { default = 4, names = { [4] = "MD5 authentication" } }),
      f.u8   ("len",        { auto = f.under("virtualIP"):ne(0):pick(f.header() - 2, 0) }), -- none when it stands alone
      f.u8   ("algo",       { names = { "MD5" } }),
      f.u8   ("padding"),
      f.u16  ("flags",      { show = "hex" }),
      f.ipv4 ("sourceip",   { default = "16.0.0.1", class = "SourceIPField" }),
      f.u32  ("keyid",      { show = "hex" }),
      f.bytes("authdigest", { size = 16, default = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" }),
    },
  },
}
