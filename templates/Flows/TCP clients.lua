-- Pairs of address and port, each a client that opens a connection; the card works out checksums.
local address = require "luapkt.template.address"

return {
  name        = "TCP clients",
  description = "Connections of many clients, each opened once",
  parameters  = {
    { id = "first", type = "ipv4", default = "192.0.2.1", doc = "first source address" },
    { id = "last",  type = "ipv4", default = "192.0.2.254", doc = "last source address" },
    { id = "dst",   type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "dport", type = "number", min = 0, max = 65535, default = 443,
      doc = "destination port" },
    { id = "flows", type = "number", min = 1, max = 10000000, default = 10000,
      doc = "connections before they repeat" },
  },
  build = function(p)
    if address.is_above(p.first, p.last) then return nil, "first is above last" end
    return {
      { "Ether" },
      { "IP", src = p.first, dst = p.dst },
      { "TCP", sport = 1025, dport = p.dport, flags = "S" },
    }, {
      cache_size = 0,
      { "STLVmTupleGen", name = "client", ip_min = p.first, ip_max = p.last, port_min = 1025,
        port_max = 65535, limit_flows = p.flows, flags = 0 },
      { "STLVmWrFlowVar", fv_name = "client.ip", pkt_offset = "IP.src" },
      { "STLVmWrFlowVar", fv_name = "client.port", pkt_offset = "TCP.sport" },
      { "STLVmFixChecksumHw", l3_offset = "IP", l4_offset = "TCP", l4_type = 13 },
    }
  end,
}
