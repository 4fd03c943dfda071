-- The network goes through a range: 24 bits, whose last byte is followed by a reserved one.
return {
  name        = "VXLANs",
  description = "Frames in many VXLAN networks",
  parameters  = {
    { id = "first", type = "number", min = 0, max = 0xffffff, default = 1, doc = "first network" },
    { id = "last",  type = "number", min = 0, max = 0xffffff, default = 100, doc = "last network" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    if p.first > p.last then return nil, "first is above last" end
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 49152, dport = 4789, chksum = 0 },
      { "VXLAN", vni = p.first },
      { "Ether", dst = "00:00:5e:00:53:02", src = "00:00:5e:00:53:01" },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "vni", size = 4, op = "inc", step = 1,
        init_value = p.first, min_value = p.first, max_value = p.last },
      { "STLVmWrMaskFlowVar", fv_name = "vni", pkt_offset = "VXLAN.vni", pkt_cast_size = 4,
        mask = "0xffffff00", shift = 8, add_value = 0, is_big = true },
    }
  end,
}
