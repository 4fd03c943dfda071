-- The VLAN goes through a range: 12 bits of the tag, whose priority stays.
return {
  name        = "VLANs",
  description = "UDP in many VLANs",
  parameters  = {
    { id = "first", type = "number", min = 1, max = 4094, default = 1, doc = "first VLAN" },
    { id = "last",  type = "number", min = 1, max = 4094, default = 100, doc = "last VLAN" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    if p.first > p.last then return nil, "first is above last" end
    return {
      { "Ether" },
      { "Dot1Q", vlan = p.first },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "vlan", size = 2, op = "inc", step = 1,
        init_value = p.first, min_value = p.first, max_value = p.last },
      { "STLVmWrMaskFlowVar", fv_name = "vlan", pkt_offset = "Dot1Q.vlan", pkt_cast_size = 2,
        mask = "0x0fff", shift = 0, add_value = 0, is_big = true },
    }
  end,
}
