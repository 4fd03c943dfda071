-- Frames of every size up to Ethernet's usual one.
return {
  name        = "UDP sized",
  description = "A UDP datagram in a frame of a given size",
  parameters  = {
    { id = "size", type = "number", min = 60, max = 1514, default = 60,
      doc = "bytes of the frame, without its checksum" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = ("x"):rep(p.size - 14 - 20 - 8) },
    }
  end,
}
