-- IPv4 in PPP in a PPPoE session, RFC 2516 section 6.
return {
  name        = "PPPoE session",
  description = "An IPv4 packet in a PPPoE session",
  parameters  = {
    { id = "session", type = "number", min = 1, max = 0xfffe, default = 1, doc = "session" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "PPPoE", sessionid = p.session },
      { "PPP", proto = 0x21 },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 50001 },
      { "Raw", load = "0123456789" },
    }
  end,
}
