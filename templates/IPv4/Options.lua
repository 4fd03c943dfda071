-- Options make routers take the slow path, RFC 791 section 3.1; router alert: RFC 2113.
return {
  name        = "IPv4 options",
  description = "A datagram with a router alert and a record of its route",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst, options = {
        { "IPOption_Router_Alert" },
        { "IPOption_RR", routers = { "0.0.0.0", "0.0.0.0", "0.0.0.0" } },
      } },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
