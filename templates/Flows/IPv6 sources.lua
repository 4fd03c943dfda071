-- The last four bytes of the source address count up; the card works out checksums.
return {
  name        = "IPv6 sources",
  description = "UDP over IPv6 from many addresses",
  parameters  = {
    { id = "count", type = "number", min = 1, max = 0xffffffff, default = 10000,
      doc = "addresses" },
    { id = "src", type = "ipv6", default = "2001:db8::", doc = "the first, with zeros at its end" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "src", size = 4, op = "inc", step = 1,
        init_value = 0, min_value = 0, max_value = p.count - 1 },
      { "STLVmWrFlowVar", fv_name = "src", pkt_offset = "IPv6.src", offset_fixup = 12 },
      { "STLVmFixChecksumHw", l3_offset = "IPv6", l4_offset = "UDP", l4_type = 11 },
    }
  end,
}
