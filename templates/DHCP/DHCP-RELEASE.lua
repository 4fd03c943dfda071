-- A client gives its address back, RFC 2131 section 4.4.6: sent to the server alone.
return {
  name        = "DHCP-RELEASE",
  description = "A client gives its address back",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the client's address" },
    { id = "xid", type = "number", min = 0, max = 0xffffffff, default = 0x3903f326,
      doc = "number of the transaction" },
    { id = "address", type = "ipv4", default = "192.0.2.100", doc = "the address it had" },
    { id = "server",  type = "ipv4", default = "192.0.2.1", doc = "the server it had it from" },
  },
  build = function(p)
    local mac = p.mac:gsub("(%x%x):?", function(hex) return string.char(tonumber(hex, 16)) end)
    return {
      { "Ether", dst = "00:00:5e:00:53:fe", src = p.mac },
      { "IP", src = p.address, dst = p.server },
      { "UDP", sport = 68, dport = 67 },
      { "BOOTP", op = "BOOTREQUEST", xid = p.xid, ciaddr = p.address, chaddr = mac,
        options = "c\x82Sc" },
      { "DHCP", options = { { "message-type", 7 }, { "server_id", p.server }, "end" } },
    }
  end,
}
