-- The answer to a solicitation, RFC 4861 section 4.4.
return {
  name        = "Neighbor advertisement",
  description = "Answers who has an IPv6 address",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the sender's address" },
    { id = "src", type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
    { id = "dst", type = "ipv6", default = "fe80::200:5eff:fe00:5302", doc = "who asked" },
    { id = "router", type = "boolean", default = false, doc = "is the sender a router?" },
  },
  build = function(p)
    return {
      { "Ether", dst = "00:00:5e:00:53:02", src = p.mac },
      { "IPv6", hlim = 255, src = p.src, dst = p.dst },
      { "ICMPv6ND_NA", R = p.router, S = 1, O = 1, tgt = p.src },
      { "ICMPv6NDOptDstLLAddr", lladdr = p.mac },
    }
  end,
}
