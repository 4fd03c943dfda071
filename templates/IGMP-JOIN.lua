-- An IGMPv2 membership report, RFC 2236: sent to the group that it joins, with a TTL of 1.
return {
  name        = "IGMP-JOIN",
  description = "",
  parameters  = {
    { id = "src", type = "ipv4", doc = "address of the host that joins" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:01:01:01" },
      { "IP", ttl = 1, src = p.src, dst = "239.1.1.1" },
      { "IGMP", type = 0x16, mrcode = 0, gaddr = "239.1.1.1" },
    }
  end,
}
