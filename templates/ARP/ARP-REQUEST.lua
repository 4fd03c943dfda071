-- Who has an address? The name is the one that the reference shows for it, and the order of Ether's
-- fields is the reference's.
return {
  name        = "ARP-REPLY",
  description = "",
  parameters  = {
    { id = "hwsrc", type = "mac", default = "64:d4:b6:cf:a3:62", doc = "who asks" },
    { id = "psrc",  type = "ipv4", default = "16.0.0.42", doc = "the address of who asks" },
    { id = "pdst",  type = "ipv4", default = "16.0.0.1", doc = "the address that is asked for" },
  },
  build = function(p)
    return {
      { "Ether", { "src", p.hwsrc }, { "type", "0x0806" }, { "dst", "ff:ff:ff:ff:ff:ff" } },
      { "ARP", op = 1, hwsrc = p.hwsrc, psrc = p.psrc, pdst = p.pdst },
    }, { cache_size = 5000 }
  end,
}
