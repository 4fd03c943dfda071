-- A tag with VLAN 0 gives a priority only, IEEE 802.1Q clause 9.6.
return {
  name        = "Priority tag",
  description = "A frame with a priority but in no VLAN",
  parameters  = {
    { id = "prio", type = "number", min = 0, max = 7, default = 5, doc = "priority" },
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "Dot1Q", prio = p.prio, vlan = 0 },
      { "IPv6", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
