-- RFC 9293: maximum segment size; RFC 7323: time stamps and window scale; RFC 2018: SACK permitted.
return {
  name        = "SYN with options",
  description = "Opens a connection with the options that hosts send",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
    { id = "sport", type = "number", min = 0, max = 65535, default = 50000, doc = "source port" },
    { id = "dport", type = "number", min = 0, max = 65535, default = 443,
      doc = "destination port" },
    { id = "seq",   type = "number", min = 0, max = 0xffffffff, default = 1000,
      doc = "sequence number" },
    { id = "mss",   type = "number", min = 0, max = 65535, default = 1460, doc = "segment size" },
    { id = "scale", type = "number", min = 0, max = 14, default = 7, doc = "window scale" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst, flags = "DF" },
      { "TCP", sport = p.sport, dport = p.dport, seq = p.seq, flags = "S", window = 64240,
        options = {
          { "MSS", p.mss }, { "SAckOK", "" }, { "Timestamp", { 1, 0 } }, { "NOP" },
          { "WScale", p.scale },
        } },
    }
  end,
}
