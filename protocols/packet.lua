-- What the Scapy server lists beside protocols: what all packets are, what a packet without a payload
-- carries, what some of its packets within DNS are made of, and what those are made of that are elements
-- of ASN.1. They have no fields and can't be built.

local function base(id, title)
  return { id = id, title = title, hidden = true, abstract = true, fields = {} }
end

return {
  base("Packet", "Packet"),
  base("NoPayload", "No Payload"),
  base("InheritOriginDNSStrPacket", "Part of a DNS Message"),
  base("ASN1_Packet", "ASN.1 Packet"),
}
