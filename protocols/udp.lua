-- User Datagram Protocol, RFC 768; over IPv6 the checksum is required, RFC 8200 section 8.1.
--
--    0               16             31
--   +---------------+---------------+
--   |     sport     |     dport     |
--   |      len      |    chksum     |
--   +---------------+---------------+

local f = require "luapkt.field"

return {
  {
    id     = "UDP",
    scapy  = true,
    over   = { IP = { proto = 17 }, IPv6 = { nh = 17 } },
    required = "len",
    -- A length below that of the header leaves out so many bytes at the end, as the reference has it.
    extent = f.ref("len"):ge(8):pick(f.ref "len", (f.total() + f.ref "len" - 8):max(8)),
    fields = {
      f.u16("sport",  { default = 53, names = {} }),
      f.u16("dport",  { default = 53, names = {} }),
      f.u16("len",    { auto = f.header() + f.payload() }),
      f.u16("chksum", { auto = f.checksum("inet", { pseudo = 17, zero_as = 0xffff }),
                        show = "hex" }),
    },
  },
  -- The start of a datagram quoted in an ICMP error.
  {
    id      = "UDPerror",
    title   = "UDP in ICMP",
    base    = "UDP",
    carries = "UDP",
    hidden  = true,
    over    = { IPerror = { proto = 17 }, IPerror6 = { nh = 17 } },
  },
}
