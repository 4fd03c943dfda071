-- An Ethernet pseudowire with its control word, RFC 4448 section 4.6.
return {
  name        = "Pseudowire",
  description = "An Ethernet frame behind a label, with a control word",
  parameters  = {
    { id = "label", type = "number", min = 16, max = 0xfffff, default = 100, doc = "label" },
    { id = "seq",   type = "number", min = 0, max = 65535, default = 0, doc = "sequence number" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "MPLS", label = p.label, s = 1, ttl = 64 },
      { "EoMCW", seq = p.seq },
      { "Ether", dst = "00:00:5e:00:53:02", src = "00:00:5e:00:53:01" },
      { "IP", src = "10.0.0.1", dst = "10.0.0.2" },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
