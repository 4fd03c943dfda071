-- One customer tag, IEEE 802.1Q clause 9.6.
return {
  name        = "802.1Q",
  description = "A UDP datagram with a VLAN tag",
  parameters  = {
    { id = "vlan", type = "number", min = 0, max = 4094, default = 100, doc = "VLAN identifier" },
    { id = "prio", type = "number", min = 0, max = 7, default = 0, doc = "priority" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "Dot1Q", prio = p.prio, vlan = p.vlan },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
