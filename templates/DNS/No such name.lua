-- An answer with response code 3, RFC 1035 section 4.1.1.
return {
  name        = "DNS no such name",
  description = "Answers that there is no such name (NXDOMAIN)",
  parameters  = {
    { id = "name", type = "text", max = 253, default = "www.example.com", doc = "the name" },
    { id = "id",   type = "number", min = 0, max = 65535, default = 0x1234,
      doc = "of the message" },
    { id = "src", type = "ipv4", default = "192.0.2.53", doc = "the server" },
    { id = "dst", type = "ipv4", default = "192.0.2.1", doc = "the client" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 53, dport = 50000 },
      { "DNS", id = p.id, qr = 1, rd = 1, ra = 1, rcode = 3,
        qd = { { "DNSQR", qname = p.name, qtype = "A" } } },
    }
  end,
}
