-- An Ethernet frame in GRE, RFC 7637: the key holds the virtual subnet (24 bits) and the
-- flow (8 bits).
return {
  name        = "NVGRE",
  description = "An Ethernet frame in GRE",
  parameters  = {
    { id = "vsid", type = "number", min = 0x1000, max = 0xfffffe, default = 5000,
      doc = "virtual subnet" },
    { id = "flow", type = "number", min = 0, max = 255, default = 0, doc = "flow" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "GRE", key_present = 1, proto = 0x6558, key = p.vsid << 8 | p.flow },
      { "Ether", dst = "00:00:5e:00:53:02", src = "00:00:5e:00:53:01" },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
