-- An advertisement of version 2, RFC 3768 section 5, from the virtual router's own address.
return {
  name        = "VRRP advertisement",
  description = "The master of a virtual router is alive",
  parameters  = {
    { id = "src",      type = "ipv4", default = "192.0.2.1", doc = "the router" },
    { id = "address",  type = "ipv4", default = "192.0.2.254", doc = "the virtual address" },
    { id = "vrid",     type = "number", min = 1, max = 255, default = 1, doc = "virtual router" },
    { id = "priority", type = "number", min = 0, max = 255, default = 100, doc = "priority" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:12", src = ("00:00:5e:00:01:%02x"):format(p.vrid) },
      { "IP", ttl = 255, src = p.src, dst = "224.0.0.18" },
      { "VRRP", vrid = p.vrid, priority = p.priority, addrlist = { p.address } },
    }
  end,
}
