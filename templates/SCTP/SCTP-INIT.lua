-- Opens an association, RFC 9260 section 3.3.2: the verification tag is 0.
return {
  name        = "SCTP-INIT",
  description = "Opens an association",
  parameters  = {
    { id = "sport", type = "number", min = 1, max = 65535, default = 50000, doc = "source port" },
    { id = "dport", type = "number", min = 1, max = 65535, default = 3868,
      doc = "destination port" },
    { id = "tag",   type = "number", min = 1, max = 0xffffffff, default = 0x1a2b3c4d,
      doc = "tag that the other side is to use" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "SCTP", sport = p.sport, dport = p.dport, tag = 0 },
      { "SCTPChunkInit", init_tag = p.tag, a_rwnd = 106496, n_out_streams = 10, n_in_streams = 10,
        init_tsn = 1 },
    }
  end,
}
