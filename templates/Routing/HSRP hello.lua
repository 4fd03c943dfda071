-- A hello of version 1, RFC 2281 section 5.
return {
  name        = "HSRP hello",
  description = "The active router of a group is alive",
  parameters  = {
    { id = "src",      type = "ipv4", default = "192.0.2.1", doc = "the router" },
    { id = "address",  type = "ipv4", default = "192.0.2.254", doc = "the virtual address" },
    { id = "group",    type = "number", min = 0, max = 255, default = 1, doc = "group" },
    { id = "priority", type = "number", min = 0, max = 255, default = 100, doc = "priority" },
  },
  build = function(p)
    return {
      { "Ether", dst = "01:00:5e:00:00:02", src = ("00:00:0c:07:ac:%02x"):format(p.group) },
      { "IP", ttl = 1, src = p.src, dst = "224.0.0.2" },
      { "UDP", sport = 1985, dport = 1985 },
      { "HSRP", state = 16, priority = p.priority, group = p.group, virtualIP = p.address },
    }
  end,
}
