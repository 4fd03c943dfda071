-- IPv6 in IPv4, RFC 4213 section 3.
return {
  name        = "6in4",
  description = "An IPv6 packet in IPv4",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "IPv6", src = "2001:db8::1", dst = "2001:db8::2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
