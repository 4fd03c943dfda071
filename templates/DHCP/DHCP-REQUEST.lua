-- A client asks for the address that it was offered, RFC 2131 section 3.1.
return {
  name        = "DHCP-REQUEST",
  description = "",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the client's address" },
    { id = "xid", type = "number", min = 0, max = 0xffffffff, default = 0x3903f326,
      doc = "number of the transaction" },
    { id = "address", type = "ipv4", default = "192.0.2.100", doc = "the address it asks for" },
    { id = "server",  type = "ipv4", default = "192.0.2.1", doc = "the server that offered it" },
  },
  build = function(p)
    local mac = p.mac:gsub("(%x%x):?", function(hex) return string.char(tonumber(hex, 16)) end)
    return {
      { "Ether", dst = "ff:ff:ff:ff:ff:ff", src = p.mac },
      { "IP", src = "0.0.0.0", dst = "255.255.255.255" },
      { "UDP", sport = 68, dport = 67 },
      { "BOOTP", op = "BOOTREQUEST", xid = p.xid, chaddr = mac, options = "c\x82Sc" },
      { "DHCP", options = {
        { "message-type", 3 }, { "requested_addr", p.address }, { "server_id", p.server },
        { "param_req_list", 1, 3, 6, 15 }, "end",
      } },
    }
  end,
}
