-- A router's announcement, RFC 4861 section 4.2; the name server's is RFC 8106's.
return {
  name        = "Router advertisement",
  description = "A router announces itself, a prefix and a name server",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the sender's address" },
    { id = "src", type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
    { id = "prefix", type = "ipv6", default = "2001:db8::", doc = "prefix of 64 bits" },
    { id = "mtu", type = "number", min = 1280, max = 65535, default = 1500,
      doc = "MTU of the link" },
    { id = "lifetime", type = "number", min = 0, max = 9000, default = 1800, doc = "in seconds" },
  },
  build = function(p)
    return {
      { "Ether", dst = "33:33:00:00:00:01", src = p.mac },
      { "IPv6", hlim = 255, src = p.src, dst = "ff02::1" },
      { "ICMPv6ND_RA", chlim = 64, routerlifetime = p.lifetime },
      { "ICMPv6NDOptSrcLLAddr", lladdr = p.mac },
      { "ICMPv6NDOptMTU", mtu = p.mtu },
      { "ICMPv6NDOptPrefixInfo", prefixlen = 64, L = 1, A = 1, validlifetime = 86400,
        preferredlifetime = 14400, prefix = p.prefix },
      { "ICMPv6NDOptRDNSS", lifetime = 600, dns = { "2001:db8::53" } },
    }
  end,
}
