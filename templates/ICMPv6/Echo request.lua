-- An echo request, RFC 4443 section 4.1.
return {
  name        = "ICMPv6 echo request",
  description = "A ping",
  parameters  = {
    { id = "id",   type = "number", min = 0, max = 65535, default = 1, doc = "identifier" },
    { id = "seq",  type = "number", min = 0, max = 65535, default = 1, doc = "sequence number" },
    { id = "data", type = "bytes", max = 1400, default = "0123456789", doc = "what comes back" },
    { id = "src", type = "ipv6", default = "2001:db8::1", doc = "source address" },
    { id = "dst", type = "ipv6", default = "2001:db8:1::1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IPv6", src = p.src, dst = p.dst },
      { "ICMPv6EchoRequest", id = p.id, seq = p.seq, data = p.data },
    }
  end,
}
