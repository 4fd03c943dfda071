-- Asks what a SIP server can do, RFC 3261 section 11; many clients send it to see who is alive.

local REQUEST = table.concat({
  "OPTIONS sip:%s SIP/2.0",
  "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK776asdhds",
  "Max-Forwards: 70",
  "To: <sip:%s>",
  "From: <sip:%s>;tag=1928301774",
  "Call-ID: a84b4c76e66710",
  "CSeq: 1 OPTIONS",
  "Content-Length: 0",
  "", "",
}, "\r\n")

return {
  name        = "SIP OPTIONS",
  description = "Asks what a SIP server can do",
  parameters  = {
    { id = "to",  type = "text", max = 200, default = "bob@example.com", doc = "who is asked" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 5060, dport = 5060 },
      { "Raw", load = REQUEST:format(p.to, p.src, p.to, p.src) },
    }
  end,
}
