-- UDP over IPv4. The name is the one that the reference shows for it.
return {
  name        = "ICMP echo request",
  description = "",
  parameters  = {
    { id = "src",   type = "ipv4", doc = "source address" },
    { id = "dst",   type = "ipv4", doc = "destination address" },
    { id = "sport", type = "number", min = 0, max = 65535, doc = "source port" },
    { id = "dport", type = "number", min = 0, max = 65535, doc = "destination port" },
  },
  build = function(p)
    return {
      { "Ether", type = 2048 },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = p.sport, dport = p.dport },
    }
  end,
}
