-- The answer of who has an address. The order of Ether's fields is the reference's.
return {
  name        = "ARP-REPLY",
  description = "",
  parameters  = {
    { id = "hwsrc", type = "mac", default = "c9:66:d5:9a:00:71", doc = "who answers" },
    { id = "psrc",  type = "ipv4", default = "16.0.0.15", doc = "the address of who answers" },
    { id = "hwdst", type = "mac", default = "64:d4:b6:cf:a3:62", doc = "who asked" },
    { id = "pdst",  type = "ipv4", default = "16.0.0.42", doc = "the address of who asked" },
  },
  build = function(p)
    return {
      { "Ether", { "src", p.hwsrc }, { "type", "0x0806" }, { "dst", p.hwdst } },
      { "ARP", op = 2, hwsrc = p.hwsrc, psrc = p.psrc, hwdst = p.hwdst, pdst = p.pdst },
    }, { cache_size = 5000 }
  end,
}
