-- The frame is built once at its largest and cut; lengths follow. A checksum of UDP would need the
-- whole payload, so there is none.
return {
  name        = "UDP sizes",
  description = "UDP in frames of many sizes",
  parameters  = {
    { id = "smallest", type = "number", min = 60, max = 1514, default = 60,
      doc = "bytes of a frame" },
    { id = "largest",  type = "number", min = 60, max = 1514, default = 1514, doc = "the same" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "op", type = "choice", default = "random", choices = { "inc", "dec", "random" },
      doc = "how it goes from one packet to the next" },
  },
  build = function(p)
    if p.smallest > p.largest then return nil, "smallest is above largest" end
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001, chksum = 0 },
      { "Raw", load = ("x"):rep(p.largest - 14 - 20 - 8) },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "size", size = 2, op = p.op, step = 1,
        init_value = p.smallest, min_value = p.smallest, max_value = p.largest },
      { "STLVmTrimPktSize", fv_name = "size" },
      { "STLVmWrFlowVar", fv_name = "size", pkt_offset = "IP.len", add_val = -14 },
      { "STLVmFixIpv4", offset = "IP" },
      { "STLVmWrFlowVar", fv_name = "size", pkt_offset = "UDP.len", add_val = -34 },
    }
  end,
}
