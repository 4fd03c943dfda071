-- Asks routers to announce themselves, RFC 4861 section 4.1.
return {
  name        = "Router solicitation",
  description = "A host looks for routers",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the sender's address" },
    { id = "src", type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
  },
  build = function(p)
    return {
      { "Ether", dst = "33:33:00:00:00:02", src = p.mac },
      { "IPv6", hlim = 255, src = p.src, dst = "ff02::2" },
      { "ICMPv6ND_RS" },
      { "ICMPv6NDOptSrcLLAddr", lladdr = p.mac },
    }
  end,
}
