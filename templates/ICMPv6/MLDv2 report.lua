-- A report that joins a group, RFC 3810 section 5.2: to all MLDv2 routers, with a router alert.
return {
  name        = "MLDv2 report",
  description = "A host joins a group",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the sender's address" },
    { id = "src", type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
    { id = "group", type = "ipv6", default = "ff05::1:3", doc = "the group" },
  },
  build = function(p)
    return {
      { "Ether", dst = "33:33:00:00:00:16", src = p.mac },
      { "IPv6", hlim = 1, src = p.src, dst = "ff02::16" },
      { "IPv6ExtHdrHopByHop", options = { { "RouterAlert" } } },
      { "ICMPv6MLReport2", records = { { "ICMPv6MLDMultAddrRec", rtype = 4, dst = p.group } } },
    }
  end,
}
