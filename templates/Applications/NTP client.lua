-- A client's request, RFC 5905 section 7.3: not synchronized, no times but the one it is sent at.
return {
  name        = "NTP client",
  description = "Asks a time server",
  parameters  = {
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 50000, dport = 123 },
      { "NTPHeader", leap = 3, version = 4, mode = 3, stratum = 0, poll = 6, precision = 0xec },
    }
  end,
}
