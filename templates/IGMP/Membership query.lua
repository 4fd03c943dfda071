-- A general query of IGMPv2, RFC 2236 section 2, with a response time of 10 s.
return {
  name        = "Membership query",
  description = "A router asks which groups have members",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "the router" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:01" },
      { "IP", tos = 0xc0, ttl = 1, src = p.src, dst = "224.0.0.1",
        options = { { "IPOption_Router_Alert" } } },
      { "IGMP", type = 0x11, mrcode = 100, gaddr = "0.0.0.0" },
    }
  end,
}
