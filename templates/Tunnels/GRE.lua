-- Generic routing encapsulation, RFC 2784; the key is RFC 2890's.
return {
  name        = "GRE",
  description = "IPv4 in GRE, with a key if one is given",
  parameters  = {
    { id = "key", type = "number", min = 0, max = 0xffffffff, doc = "key; none if left out" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "GRE", key_present = p.key and 1, key = p.key },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
