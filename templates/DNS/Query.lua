-- A question, RFC 1035 section 4.1.2.
return {
  name        = "DNS query",
  description = "Asks for the records of a name",
  parameters  = {
    { id = "name", type = "text", max = 253, default = "www.example.com", doc = "the name" },
    { id = "id",   type = "number", min = 0, max = 65535, default = 0x1234,
      doc = "of the message" },
    { id = "type", type = "choice", default = "A", doc = "type of the records",
      choices = { "A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT" } },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "the client" },
    { id = "dst", type = "ipv4", default = "192.0.2.53", doc = "the server" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 53 },
      { "DNS", id = p.id, rd = 1, qd = { { "DNSQR", qname = p.name, qtype = p.type } } },
    }
  end,
}
