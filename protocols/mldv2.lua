-- Multicast Listener Report of MLD version 2, RFC 3810 section 5.2, with its records as layers of
-- their own: for building only. ICMPv6MLReport2, in icmpv6.lua, has them in a list and is what a
-- report is read as.
--
--    0               8              16                             31
--   +---------------+---------------+-------------------------------+
--   |     type      |     code      |             cksum             |
--   |           reserved            |         records_count         |
--   +---------------+---------------+-------------------------------+
--   |     type      |    aux_len    |              len              |  a record
--   |                   multicast_addr (16 bytes)                   |
--   |                 addrlist (16 bytes each)                      |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

local record_types = {
  [1] = "Mode is include (1)",
  [2] = "Mode is exclude (2)",
  [3] = "Change to include mode (3)",
  [4] = "Change to exclude mode (4)",
  [5] = "Alloc new sources (5)",
  [6] = "Block old sources (6)",
}

return {
  {
    id     = "ICMPv6MLReportV2",
    title  = "MLDv2 - Multicast Listener Report",
    hidden = true,
    over   = { IPv6 = { { nh = 58, read = false }, build = { nh = 58, hlim = 1, dst = "ff02::16" } } },
    fields = {
      f.u8 ("type",          { default = 143, names = { [143] = "MLD Report Version 2" } }),
      f.u8 ("code"),
      f.u16("cksum",         { show = "hex",
                               auto = f.checksum("inet", { pseudo = 58, when = f.below("IP"):no() }) }),
      f.u16("reserved"),
      f.u16("records_count", { default = 1 }),
    },
  },
  {
    id     = "MLDv2Addr",
    title  = "MLDv2 - Address group",
    over   = { ICMPv6MLReportV2 = {}, MLDv2Addr = {} },
    fields = {
      f.u8  ("type", { default = 3, names = record_types }),
      f.u8  ("aux_len"),
      f.u16 ("len"),
      f.ipv6("multicast_addr"),
      f.list("addrlist", f.ipv6(), { count = f.ref "len" }),
    },
  },
}
