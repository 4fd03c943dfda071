-- The rest of the datagram whose first fragment is 'IPv4/First fragment': 1480 bytes from 1480 on.
return {
  name        = "Last fragment",
  description = "The last fragment of a UDP datagram of 2960 bytes",
  parameters  = {
    { id = "id", type = "number", min = 0, max = 65535, default = 0x1234,
      doc = "what the fragments have in common" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", id = p.id, frag = 1480 // 8, proto = 17, src = p.src, dst = p.dst },
      { "Raw", load = ("x"):rep(1480) },
    }
  end,
}
