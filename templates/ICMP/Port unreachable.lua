-- A datagram for a port without a listener, RFC 792; of the datagram comes the head.
return {
  name        = "Port unreachable",
  description = "Nobody listens at a port",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP", type = 3, code = 3 },
      { "IPerror", src = p.dst, dst = "203.0.113.1" },
      { "UDPerror", sport = 50000, dport = 50001 },
    }
  end,
}
