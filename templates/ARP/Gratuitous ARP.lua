-- An address is announced, RFC 5227 section 1.2: sender and target are the same.
return {
  name        = "Gratuitous ARP",
  description = "Announces an address to all",
  parameters  = {
    { id = "mac",     type = "mac", default = "00:00:5e:00:53:01", doc = "who announces" },
    { id = "address", type = "ipv4", default = "192.0.2.1", doc = "the address" },
  },
  build = function(p)
    return {
      { "Ether", dst = "ff:ff:ff:ff:ff:ff", src = p.mac },
      { "ARP", op = 1, hwsrc = p.mac, psrc = p.address, hwdst = "00:00:00:00:00:00",
        pdst = p.address },
    }
  end,
}
