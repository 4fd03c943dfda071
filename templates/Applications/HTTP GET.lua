-- A request in one segment, RFC 9112 section 3.
return {
  name        = "HTTP GET",
  description = "Asks a web server for a page",
  parameters  = {
    { id = "host", type = "text", max = 253, default = "www.example.com",
      doc = "the server's name" },
    { id = "path", type = "text", max = 1024, default = "/", doc = "the page" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst, flags = "DF" },
      { "TCP", sport = 50000, dport = 80, seq = 1, ack = 1, flags = "PA" },
      { "Raw", load = ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n")
        :format(p.path, p.host) },
    }
  end,
}
