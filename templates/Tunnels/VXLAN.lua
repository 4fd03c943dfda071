-- An Ethernet frame in UDP, RFC 7348: the outer checksum should be zero, and the source port tells
-- flows apart.
return {
  name        = "VXLAN",
  description = "An Ethernet frame in VXLAN",
  parameters  = {
    { id = "vni",   type = "number", min = 0, max = 0xffffff, default = 5000,
      doc = "VXLAN network" },
    { id = "sport", type = "number", min = 49152, max = 65535, default = 49152,
      doc = "outer port" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = p.sport, dport = 4789, chksum = 0 },
      { "VXLAN", vni = p.vni },
      { "Ether", dst = "00:00:5e:00:53:02", src = "00:00:5e:00:53:01" },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
