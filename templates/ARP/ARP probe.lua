-- Is an address in use? RFC 5227 section 2.1.1: the sender has none yet.
return {
  name        = "ARP probe",
  description = "Asks whether an address is in use before taking it",
  parameters  = {
    { id = "mac",     type = "mac", default = "00:00:5e:00:53:01", doc = "who asks" },
    { id = "address", type = "ipv4", default = "192.0.2.1", doc = "the address" },
  },
  build = function(p)
    return {
      { "Ether", dst = "ff:ff:ff:ff:ff:ff", src = p.mac },
      { "ARP", op = 1, hwsrc = p.mac, psrc = "0.0.0.0", hwdst = "00:00:00:00:00:00",
        pdst = p.address },
    }
  end,
}
