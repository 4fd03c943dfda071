-- Half-open connections, RFC 4987 section 2, to test defences against them.
return {
  name        = "SYN flood",
  description = "SYNs from random addresses, the same ones in every run",
  parameters  = {
    { id = "dst",   type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "dport", type = "number", min = 0, max = 65535, default = 80, doc = "destination port" },
    { id = "seed",  type = "number", min = 1, max = 0xffffffff, default = 1,
      doc = "the same seed draws the same addresses" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = "198.18.0.1", dst = p.dst },
      { "TCP", sport = 50000, dport = p.dport, flags = "S", options = { { "MSS", 1460 } } },
    }, {
      cache_size = 0,
      { "STLVmFlowVarRepeatableRandom", name = "src", size = 4, limit = 10000, seed = p.seed,
        min_value = "198.18.0.1", max_value = "198.19.255.254" },
      { "STLVmWrFlowVar", fv_name = "src", pkt_offset = "IP.src" },
      { "STLVmFixChecksumHw", l3_offset = "IP", l4_offset = "TCP", l4_type = 13 },
    }
  end,
}
