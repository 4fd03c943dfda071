-- A read request, RFC 1350 section 5.
return {
  name        = "TFTP read",
  description = "Asks for a file",
  parameters  = {
    { id = "file", type = "text", max = 127, default = "boot.bin", doc = "the file's name" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 49000, dport = 69 },
      { "TFTP", op = 1 },
      { "TFTP_RRQ", filename = p.file, mode = "octet" },
    }
  end,
}
