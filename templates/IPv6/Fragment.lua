-- A fragment header, RFC 8200 section 4.5: the first 1448 bytes of a datagram of 2000.
return {
  name        = "IPv6 fragment",
  description = "The first fragment of a UDP datagram",
  parameters  = {
    { id = "id", type = "number", min = 0, max = 0xffffffff, default = 0x12345678,
      doc = "what the fragments have in common" },
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "IPv6ExtHdrFragment", m = 1, id = p.id },
      { "UDP", sport = 50000, dport = 50001, len = 2000, chksum = 0x1234 },
      { "Raw", load = ("x"):rep(1440) },
    }
  end,
}
