-- A leave message of IGMPv2, RFC 2236 section 3: to all routers.
return {
  name        = "Leave group",
  description = "A host leaves a group",
  parameters  = {
    { id = "src",   type = "ipv4", default = "192.0.2.1", doc = "the host" },
    { id = "group", type = "ipv4", default = "239.1.1.1", doc = "the group" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:02" },
      { "IP", tos = 0xc0, ttl = 1, src = p.src, dst = "224.0.0.2",
        options = { { "IPOption_Router_Alert" } } },
      { "IGMP", type = 0x17, mrcode = 0, gaddr = p.group },
    }
  end,
}
