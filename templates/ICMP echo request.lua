-- A ping.
return {
  name        = "ICMP echo request",
  description = "",
  parameters  = {
    { id = "src", type = "ipv4", doc = "source address" },
    { id = "dst", type = "ipv4", doc = "destination address" },
    { id = "id",  type = "number", min = 0, max = 65535, doc = "identifier" },
    { id = "seq", type = "number", min = 0, max = 65535, doc = "sequence number" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP", type = 8, id = p.id, seq = p.seq },
    }
  end,
}
