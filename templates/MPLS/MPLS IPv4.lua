-- One label, RFC 3032.
return {
  name        = "MPLS IPv4",
  description = "An IPv4 packet behind one label",
  parameters  = {
    { id = "label", type = "number", min = 16, max = 0xfffff, default = 16, doc = "label" },
    { id = "ttl",   type = "number", min = 0, max = 255, default = 64, doc = "time to live" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "MPLS", label = p.label, s = 1, ttl = p.ttl },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
