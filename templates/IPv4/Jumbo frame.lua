-- A frame above Ethernet's 1500 bytes of payload, which both ends have to allow.
return {
  name        = "Jumbo frame",
  description = "A UDP datagram of 9000 bytes",
  parameters  = {
    { id = "size", type = "number", min = 1515, max = 16000, default = 9014,
      doc = "bytes of the frame, without its checksum" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst, flags = "DF" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = ("x"):rep(p.size - 14 - 20 - 8) },
    }
  end,
}
