-- A client looks for DHCPv6 servers, RFC 8415 section 18.2.1: from its link-local address to all
-- servers and relay agents.
return {
  name        = "DHCPv6-SOLICIT",
  description = "A client looks for DHCPv6 servers",
  parameters  = {
    { id = "mac",  type = "mac", default = "00:00:5e:00:53:01", doc = "the client's address" },
    { id = "src",  type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
    { id = "trid", type = "number", min = 0, max = 0xffffff, default = 0x1a2b3c,
      doc = "number of the transaction" },
    { id = "iaid", type = "number", min = 0, max = 0xffffffff, default = 1, doc = "of the IA_NA" },
  },
  build = function(p)
    return {
      { "Ether", dst = "33:33:00:01:00:02", src = p.mac },
      { "IPv6", hlim = 1, src = p.src, dst = "ff02::1:2" },
      { "UDP", sport = 546, dport = 547 },
      { "DHCP6_Solicit", trid = p.trid },
      { "DHCP6OptClientId", duid = { "DUID_LL", lladdr = p.mac } },
      { "DHCP6OptElapsedTime" },
      { "DHCP6OptIA_NA", iaid = p.iaid },
    }
  end,
}
