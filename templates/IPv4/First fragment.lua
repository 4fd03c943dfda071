-- A datagram in two fragments, RFC 791 section 2.3: this one has the header and 1472 bytes. Without
-- the rest its checksum can't be worked out, so it has none.
return {
  name        = "First fragment",
  description = "The first fragment of a UDP datagram of 2960 bytes",
  parameters  = {
    { id = "id", type = "number", min = 0, max = 65535, default = 0x1234,
      doc = "what the fragments have in common" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", id = p.id, flags = "MF", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001, len = 2960, chksum = 0 },
      { "Raw", load = ("x"):rep(1472) },
    }
  end,
}
