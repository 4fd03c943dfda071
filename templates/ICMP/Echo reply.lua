-- The answer to an echo request, RFC 792.
return {
  name        = "ICMP echo reply",
  description = "The answer to a ping",
  parameters  = {
    { id = "id",   type = "number", min = 0, max = 65535, default = 1, doc = "identifier" },
    { id = "seq",  type = "number", min = 0, max = 65535, default = 1, doc = "sequence number" },
    { id = "data", type = "bytes", max = 1400, default = "0123456789", doc = "what came" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP", type = 0, id = p.id, seq = p.seq },
      p.data ~= "" and { "Raw", load = p.data } or nil,
    }
  end,
}
