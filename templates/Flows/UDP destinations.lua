-- The destination address goes through a range, as routing tables and caches are tested.
local address = require "luapkt.template.address"

return {
  name        = "UDP destinations",
  description = "UDP to many addresses",
  parameters  = {
    { id = "src",   type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "first", type = "ipv4", default = "198.51.100.1", doc = "first destination address" },
    { id = "last",  type = "ipv4", default = "198.51.100.254", doc = "last destination address" },
    { id = "op", type = "choice", default = "inc", choices = { "inc", "dec", "random" },
      doc = "how it goes from one packet to the next" },
  },
  build = function(p)
    if address.is_above(p.first, p.last) then return nil, "first is above last" end
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.first },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "dst", size = 4, op = p.op, step = 1,
        init_value = p.first, min_value = p.first, max_value = p.last },
      { "STLVmWrFlowVar", fv_name = "dst", pkt_offset = "IP.dst" },
      { "STLVmFixChecksumHw", l3_offset = "IP", l4_offset = "UDP", l4_type = 11 },
    }
  end,
}
