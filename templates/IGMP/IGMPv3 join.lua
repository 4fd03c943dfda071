-- A report that joins a group from any source, RFC 3376 section 4.2.
return {
  name        = "IGMPv3 join",
  description = "A host joins a group",
  parameters  = {
    { id = "src",   type = "ipv4", default = "192.0.2.1", doc = "the host" },
    { id = "group", type = "ipv4", default = "239.1.1.1", doc = "the group" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:16" },
      { "IP", tos = 0xc0, ttl = 1, src = p.src, dst = "224.0.0.22",
        options = { { "IPOption_Router_Alert" } } },
      { "IGMPv3", type = 0x22, mrcode = 0 },
      { "IGMPv3mr", records = { { "IGMPv3gr", rtype = 4, maddr = p.group } } },
    }
  end,
}
