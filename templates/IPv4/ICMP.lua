-- A ping, ICMP's default type.
return {
  name        = "ICMP echo request",
  description = "",
  parameters  = {
    { id = "src", type = "ipv4", doc = "source address" },
    { id = "dst", type = "ipv4", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether", type = 2048 },
      { "IP", src = p.src, dst = p.dst },
      { "ICMP" },
    }
  end,
}
