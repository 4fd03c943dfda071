-- An ICMPv6 redirect. The name is the one that the reference shows for it.
return {
  name        = "ICMP echo request",
  description = "",
  parameters  = {
    { id = "src", type = "ipv6", doc = "source address" },
    { id = "dst", type = "ipv6", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether", type = 34525 },
      { "IPv6", src = p.src, dst = p.dst },
      { "ICMPv6ND_Redirect" },
    }
  end,
}
