-- A response with one route, RFC 2453 section 4: to all RIPv2 routers.
return {
  name        = "RIPv2 response",
  description = "A router announces a network",
  parameters  = {
    { id = "src",     type = "ipv4", default = "192.0.2.1", doc = "the router" },
    { id = "network", type = "ipv4", default = "198.51.100.0", doc = "the network" },
    { id = "mask",    type = "ipv4", default = "255.255.255.0", doc = "its mask" },
    { id = "metric",  type = "number", min = 1, max = 16, default = 1, doc = "hops; 16: none" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:09" },
      { "IP", ttl = 1, src = p.src, dst = "224.0.0.9" },
      { "UDP", sport = 520, dport = 520 },
      { "RIP", cmd = 2, version = 2 },
      { "RIPEntry", AF = 2, addr = p.network, mask = p.mask, metric = p.metric },
    }
  end,
}
