-- An answer with one address, RFC 1035 sections 4.1.3 and 3.4.1.
return {
  name        = "DNS answer",
  description = "Answers with an IPv4 address",
  parameters  = {
    { id = "name", type = "text", max = 253, default = "www.example.com", doc = "the name" },
    { id = "id",   type = "number", min = 0, max = 65535, default = 0x1234,
      doc = "of the message" },
    { id = "address", type = "ipv4", default = "198.51.100.80", doc = "the name's address" },
    { id = "ttl", type = "number", min = 0, max = 0x7fffffff, default = 300, doc = "in seconds" },
    { id = "src", type = "ipv4", default = "192.0.2.53", doc = "the server" },
    { id = "dst", type = "ipv4", default = "192.0.2.1", doc = "the client" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 53, dport = 50000 },
      { "DNS", id = p.id, qr = 1, rd = 1, ra = 1,
        qd = { { "DNSQR", qname = p.name, qtype = "A" } },
        an = { { "DNSRR", rrname = p.name, type = "A", ttl = p.ttl, rdata = p.address } } },
    }
  end,
}
