-- A server grants an address: the head of a captured packet of 576 bytes,
-- whose lengths and checksums it keeps, as the reference has it: the options are left to the user.
return {
  name        = "DHCP-ACK",
  description = "",
  packet      = {
    { "Ether", dst = "30:f7:72:40:c2:cd", src = "e8:94:f6:71:8e:7c", type = "0x800" },
    { "IP", version = 4, ihl = 5, tos = "0x0", len = 576, id = 7908, flags = "", frag = 0, ttl = 64,
      proto = "udp", chksum = "0xd810", src = "192.168.0.1", dst = "192.168.0.103" },
    { "UDP", sport = 67, dport = 68, len = 556, chksum = "0x527" },
    { "BOOTP", op = "BOOTREPLY", htype = 1, hlen = 6, hops = 0, xid = 2450424431, secs = 0,
      flags = "", ciaddr = "0.0.0.0", yiaddr = "192.168.0.103", siaddr = "0.0.0.0",
      giaddr = "0.0.0.0" },
    { "DHCP" },
  },
}
