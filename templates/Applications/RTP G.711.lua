-- A packet of PCMU audio, RFC 3551 section 4.5.14: 160 bytes are 20 ms; 0xff is silence.
return {
  name        = "RTP G.711",
  description = "20 ms of speech, 160 samples of silence",
  parameters  = {
    { id = "seq",  type = "number", min = 0, max = 65535, default = 1, doc = "sequence number" },
    { id = "time", type = "number", min = 0, max = 0xffffffff, default = 160, doc = "in samples" },
    { id = "ssrc", type = "number", min = 0, max = 0xffffffff, default = 0x12345678,
      doc = "source" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", tos = 0xb8, src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 5004 },
      { "RTP", payload_type = 0, sequence = p.seq, timestamp = p.time, sourcesync = p.ssrc },
      { "Raw", load = ("\xff"):rep(160) },
    }
  end,
}
