-- Two labels, RFC 4364 section 5: the lower one names the VPN.
return {
  name        = "L3VPN",
  description = "An IPv4 packet behind a transport label and a VPN label",
  parameters  = {
    { id = "transport", type = "number", min = 16, max = 0xfffff, default = 16,
      doc = "outer label" },
    { id = "vpn",       type = "number", min = 16, max = 0xfffff, default = 100,
      doc = "inner label" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "MPLS", label = p.transport, s = 0, ttl = 64 },
      { "MPLS", label = p.vpn, s = 1, ttl = 64 },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
