-- A TCP segment that opens a connection: empty flags are the default ones, SYN.
return {
  name        = "TCP-SYN",
  description = "",
  parameters  = {
    { id = "src",   type = "ipv4", doc = "source address" },
    { id = "dst",   type = "ipv4", doc = "destination address" },
    { id = "sport", type = "number", min = 0, max = 65535, doc = "source port" },
    { id = "dport", type = "number", min = 0, max = 65535, doc = "destination port" },
  },
  build = function(p)
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "TCP", sport = p.sport, dport = p.dport, flags = "" },
    }
  end,
}
