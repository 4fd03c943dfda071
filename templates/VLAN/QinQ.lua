-- A service tag around a customer's, IEEE 802.1Q (once 802.1ad).
return {
  name        = "QinQ",
  description = "A UDP datagram with a service tag and a customer tag",
  parameters  = {
    { id = "outer", type = "number", min = 0, max = 4094, default = 1000, doc = "service VLAN" },
    { id = "inner", type = "number", min = 0, max = 4094, default = 100, doc = "customer VLAN" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "Dot1AD", vlan = p.outer },
      { "Dot1Q", vlan = p.inner },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
