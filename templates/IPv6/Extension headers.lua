-- Two headers of options, both only padding, RFC 8200 sections 4.3 and 4.6.
return {
  name        = "IPv6 extension headers",
  description = "A datagram behind hop-by-hop and destination options",
  parameters  = {
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "IPv6ExtHdrHopByHop", options = { { "PadN", optdata = "\0\0\0\0" } } },
      { "IPv6ExtHdrDestOpt", options = { { "PadN", optdata = "\0\0\0\0" } } },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
