-- A SYN that asks for explicit congestion notification, RFC 3168 section 6.1.1.
return {
  name        = "SYN with ECN",
  description = "Opens a connection that can do ECN",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "sport", type = "number", min = 0, max = 65535, default = 50000, doc = "source port" },
    { id = "dport", type = "number", min = 0, max = 65535, default = 443,
      doc = "destination port" },
    { id = "seq",   type = "number", min = 0, max = 0xffffffff, default = 1000,
      doc = "sequence number" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst, flags = "DF" },
      { "TCP", sport = p.sport, dport = p.dport, seq = p.seq, flags = "SEC",
        options = { { "MSS", 1460 } } },
    }
  end,
}
