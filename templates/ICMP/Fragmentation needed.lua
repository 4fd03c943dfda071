-- Path MTU discovery, RFC 1191 section 4.
return {
  name        = "Fragmentation needed",
  description = "A packet above the MTU that may not be fragmented",
  parameters  = {
    { id = "mtu", type = "number", min = 68, max = 65535, default = 1400, doc = "MTU" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP", type = 3, code = 4, nexthopmtu = p.mtu },
      { "IPerror", src = p.dst, dst = "203.0.113.1" },
      { "UDPerror", sport = 50000, dport = 50001 },
    }
  end,
}
