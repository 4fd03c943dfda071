-- UDP over IPv6. The name is the one that the reference shows for it.
return {
  name        = "ICMP echo request",
  description = "",
  parameters  = {
    { id = "src",   type = "ipv6", doc = "source address" },
    { id = "dst",   type = "ipv6", doc = "destination address" },
    { id = "sport", type = "number", min = 0, max = 65535, doc = "source port" },
    { id = "dport", type = "number", min = 0, max = 65535, doc = "destination port" },
  },
  build = function(p)
    return {
      { "Ether", type = 34525 },
      { "IPv6", src = p.src, dst = p.dst },
      { "UDP", sport = p.sport, dport = p.dport },
    }
  end,
}
