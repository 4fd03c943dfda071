-- Who has an address? RFC 4861 section 4.3: sent to the group of the address's last 24 bits (its
-- solicited-node address, RFC 4291 section 2.7.1).

-- The last 24 bits of an address, as two groups of an address in text.
local function last_groups(address)
  local before, last = address:match "(%x*):(%x*)$"
  local high = tonumber(before ~= "" and before or "0", 16) & 0xff
  return high, tonumber(last ~= "" and last or "0", 16)
end

return {
  name        = "Neighbor solicitation",
  description = "Asks who has an IPv6 address",
  parameters  = {
    { id = "mac", type = "mac", default = "00:00:5e:00:53:01", doc = "the sender's address" },
    { id = "src", type = "ipv6", default = "fe80::200:5eff:fe00:5301", doc = "source address" },
    { id = "target", type = "ipv6", default = "fe80::200:5eff:fe00:5302",
      doc = "the address that is asked for, without a dotted part" },
  },
  build = function(p)
    if p.target:find "%." then return nil, "target: an address without a dotted part is needed" end
    local high, low = last_groups(p.target)
    return {
      { "Ether", src = p.mac,
        dst = ("33:33:ff:%02x:%02x:%02x"):format(high, low >> 8, low & 0xff) },
      { "IPv6", hlim = 255, src = p.src, dst = ("ff02::1:ff%02x:%x"):format(high, low) },
      { "ICMPv6ND_NS", tgt = p.target },
      { "ICMPv6NDOptSrcLLAddr", lladdr = p.mac },
    }
  end,
}
