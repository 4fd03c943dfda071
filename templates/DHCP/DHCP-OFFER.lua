-- A server's offer, RFC 2131 section 3.1; the options are RFC 2132's.
return {
  name        = "DHCP-OFFER",
  description = "A server offers an address, a router and a lease of an hour",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the client's address" },
    { id = "xid", type = "number", min = 0, max = 0xffffffff, default = 0x3903f326,
      doc = "number of the transaction" },
    { id = "address", type = "ipv4", default = "192.0.2.100", doc = "the address it offers" },
    { id = "server",  type = "ipv4", default = "192.0.2.1", doc = "the server, and router" },
    { id = "lease",   type = "number", min = 0, max = 0xffffffff, default = 3600,
      doc = "in seconds" },
  },
  build = function(p)
    local mac = p.mac:gsub("(%x%x):?", function(hex) return string.char(tonumber(hex, 16)) end)
    return {
      { "Ether", dst = p.mac, src = "00:00:5e:00:53:fe" },
      { "IP", src = p.server, dst = p.address },
      { "UDP", sport = 67, dport = 68 },
      { "BOOTP", op = "BOOTREPLY", xid = p.xid, yiaddr = p.address, siaddr = p.server, chaddr = mac,
        options = "c\x82Sc" },
      { "DHCP", options = {
        { "message-type", 2 }, { "server_id", p.server }, { "lease_time", p.lease },
        { "subnet_mask", "255.255.255.0" }, { "router", p.server }, { "name_server", p.server },
        "end",
      } },
    }
  end,
}
