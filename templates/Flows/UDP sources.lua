-- The source address and the source port go through a range each; the card works out checksums.
local address = require "luapkt.template.address"

return {
  name        = "UDP sources",
  description = "UDP from many addresses and ports",
  parameters  = {
    { id = "first", type = "ipv4", default = "192.0.2.1", doc = "first source address" },
    { id = "last",  type = "ipv4", default = "192.0.2.254", doc = "last source address" },
    { id = "dst",   type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "op", type = "choice", default = "inc", choices = { "inc", "dec", "random" },
      doc = "how it goes from one packet to the next" },
  },
  build = function(p)
    if address.is_above(p.first, p.last) then return nil, "first is above last" end
    return {
      { "Ether" },
      { "IP", src = p.first, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }, {
      cache_size = 0,
      { "STLVmFlowVar", name = "src", size = 4, op = p.op, step = 1,
        init_value = p.first, min_value = p.first, max_value = p.last },
      { "STLVmWrFlowVar", fv_name = "src", pkt_offset = "IP.src" },
      { "STLVmFlowVar", name = "sport", size = 2, op = p.op, step = 1,
        init_value = 1025, min_value = 1025, max_value = 65535 },
      { "STLVmWrFlowVar", fv_name = "sport", pkt_offset = "UDP.sport" },
      { "STLVmFixChecksumHw", l3_offset = "IP", l4_offset = "UDP", l4_type = 11 },
    }
  end,
}
