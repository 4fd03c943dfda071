-- A packet above the MTU, RFC 4443 section 3.2, with its beginning.
return {
  name        = "Packet too big",
  description = "A router's answer to a packet above the MTU",
  parameters  = {
    { id = "mtu", type = "number", min = 1280, max = 65535, default = 1280, doc = "MTU" },
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "ICMPv6PacketTooBig", mtu = p.mtu },
      { "IPv6", plen = 1452, nh = 17, src = p.dst, dst = "2001:db8:2::1" },
      { "UDP", sport = 50000, dport = 50001, len = 1452, chksum = 0x1234 },
      { "Raw", load = ("x"):rep(64) },
    }
  end,
}
