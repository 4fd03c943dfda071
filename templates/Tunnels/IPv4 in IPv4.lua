-- IP in IP, RFC 2003.
return {
  name        = "IPv4 in IPv4",
  description = "An IPv4 packet in another",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
