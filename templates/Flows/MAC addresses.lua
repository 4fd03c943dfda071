-- The last four bytes of the source address count up, to fill a switch's table.
return {
  name        = "MAC addresses",
  description = "Frames from many Ethernet addresses, as switches learn them",
  parameters  = {
    { id = "count", type = "number", min = 1, max = 0xffffff, default = 10000, doc = "addresses" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether", src = "02:00:00:00:00:00" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "mac", size = 4, op = "inc", step = 1,
        init_value = 0, min_value = 0, max_value = p.count - 1 },
      { "STLVmWrFlowVar", fv_name = "mac", pkt_offset = "Ether.src", offset_fixup = 2 },
    }
  end,
}
