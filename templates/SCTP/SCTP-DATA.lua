-- One whole message, RFC 9260 section 3.3.1.
return {
  name        = "SCTP-DATA",
  description = "A message in one chunk",
  parameters  = {
    { id = "tag",  type = "number", min = 1, max = 0xffffffff, default = 0x1a2b3c4d, doc = "tag" },
    { id = "tsn",  type = "number", min = 0, max = 0xffffffff, default = 1, doc = "number" },
    { id = "data", type = "bytes", max = 1400, default = "0123456789", doc = "the message" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "SCTP", sport = 50000, dport = 50001, tag = p.tag },
      { "SCTPChunkData", beginning = 1, ending = 1, tsn = p.tsn, data = p.data },
    }
  end,
}
