-- A client looks for servers: the head of a captured packet of 576 bytes,
-- whose lengths and checksums it keeps, as the reference has it: the options are left to the user.
return {
  name        = "DHCP-DISCOVER",
  description = "",
  packet      = {
    { "Ether", dst = "ff:ff:ff:ff:ff:ff", src = "cc:b0:da:00:a3:99", type = "0x800" },
    { "IP", version = 4, ihl = 5, tos = "0x0", len = 576, id = 0, flags = "", frag = 0, ttl = 64,
      proto = "udp", chksum = "0x78ae", src = "0.0.0.0", dst = "255.255.255.255" },
    { "UDP", sport = 68, dport = 67, len = 556, chksum = "0xe0e9" },
    { "BOOTP", op = "BOOTREQUEST", htype = 1, hlen = 6, hops = 0, xid = 3317261851, secs = 0,
      flags = "", ciaddr = "0.0.0.0", yiaddr = "0.0.0.0", siaddr = "0.0.0.0",
      giaddr = "0.0.0.0" },
    { "DHCP" },
  },
}
