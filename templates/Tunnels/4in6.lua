-- IPv4 in IPv6, RFC 2473; DS-Lite (RFC 6333) sends it so.
return {
  name        = "4in6",
  description = "An IPv4 packet in IPv6, as DS-Lite has it",
  parameters  = {
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "IP", src = "192.0.0.2", dst = "198.51.100.1" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
