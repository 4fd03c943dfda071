-- Time to live exceeded in transit, RFC 792.
return {
  name        = "Time exceeded",
  description = "A packet's time to live ran out, as traceroute expects",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP", type = 11, code = 0 },
      { "IPerror", src = p.dst, dst = "203.0.113.1" },
      { "UDPerror", sport = 50000, dport = 50001 },
    }
  end,
}
