-- Lightweight User Datagram Protocol, RFC 3828. Its checksum covers so many bytes as 'cov' says, all
-- where that is 0, and the pseudo-header with the length of all of them (section 3.1).
--
--    0               16             31
--   +---------------+---------------+
--   |     sport     |     dport     |
--   |      cov      |    chksum     |
--   +---------------+---------------+

local f = require "luapkt.field"

local all = f.header() + f.payload()
local cov = f.ref "cov"

return {
  id     = "UDPLite",
  title  = "UDP-Lite",
  extra  = true,
  over   = { IP = { proto = 136 }, IPv6 = { nh = 136 } },
  fields = {
    f.u16("sport",  { default = 53, label = "Source port" }),
    f.u16("dport",  { default = 53, label = "Destination port" }),
    f.u16("cov",    { label = "Checksum coverage" }),
    f.u16("chksum", { show = "hex", auto = f.checksum("inet", {
      pseudo = 136, whole = true, over = cov:eq(0):pick(all, cov), zero_as = 0xffff }) }),
  },
}
