--- Which packet answers which.
--
-- An answer goes the other way between the same addresses and ports. Beyond that: an ARP reply
-- tells what was asked (RFC 826), an echo has its request's numbers (RFC 792, RFC 4443), a
-- neighbour advertisement its target (RFC 4861), a DNS response its query's id (RFC 1035), and what
-- acknowledges a SYN its number (RFC 9293); and an ICMP error answers the packet that it quotes.
-- @module luapkt.matching

local check   = require("luapkt.arguments").check_packet
local find    = require("luapkt.layer").find
local inspect = require "luapkt.inspect"
local raw     = require("luapkt.core").packet

local matching = {}

local value = raw.value

-- Is an address, as text, that of many hosts? IPv6 ff00::/8, IPv4 224.0.0.0/4 and broadcast.
local function is_group(address)
  if address:find("^ff") or address == "255.255.255.255" then return true end
  local first = tonumber(address:match "^(%d+)%.")
  return first ~= nil and first >= 224 and first < 240
end

-- Is it an address in whose place the system puts one of its own?
local function is_unset(address) return address == "0.0.0.0" or address == "::" end

local function is_group_mac(mac) return tonumber(mac:sub(1, 2), 16) & 1 == 1 end

-- ---------------------------------------------------------------------------- errors that quote

local quoted_ids = {
  IP  = { "IPerror", same = { "src", "dst", "proto", "id" } },
  IPv6 = { "IPerror6", same = { "src", "dst" } },
  TCP = { "TCPerror", same = { "sport", "dport" } },
  UDP = { "UDPerror", same = { "sport", "dport" } },
  ICMP = { "ICMPerror", same = { "type", "id", "seq" } },
  ICMPv6EchoRequest = { "ICMPv6EchoRequest", same = { "id", "seq" } },
}

-- Has a quoted layer the field's value, as it was sent? The system replaces a source that is unset
-- and, in IPv4, an id of 0.
local function is_same(layer, quoted, field)
  if not (raw.has(layer, field) and raw.has(quoted, field)) then return true end
  local wanted = value(layer, field)
  if wanted == nil or wanted == value(quoted, field) then return true end
  return field == "src" and is_unset(wanted) or field == "id" and wanted == 0
    and raw.kind(layer) == "IP"
end

local function quotes_layer(layer, q, how)
  local quoted = find(q, how[1])
  if not quoted then return false end
  for _, field in ipairs(how.same) do
    if not is_same(layer, quoted, field) then return false end
  end
  return true
end

-- What of `p` must be in the quotation: its network layer, and what it carries as far as that is
-- known.
local function is_quoted(p, q)
  local network = find(p, "IP") and find(q, "IPerror") and "IP"
    or find(p, "IPv6") and find(q, "IPerror6") and "IPv6"
  if not network then return false end
  for id, how in pairs(quoted_ids) do
    local layer = (id == network or not id:find "^IP") and find(p, id)
    if layer and not quotes_layer(layer, q, how) then return false end
  end
  return true
end

-- ------------------------------------------------------------------------------- what was asked

-- The type of an ICMP message's answer, by its own (RFC 792, RFC 950).
local icmp_answers = { [8] = 0, [13] = 14, [15] = 16, [17] = 18 }

local function is_icmp_answer(a, b)
  local wanted = icmp_answers[value(a, "type")]
  return wanted == value(b, "type") and value(a, "id") == value(b, "id")
    and value(a, "seq") == value(b, "seq")
end

local function has_same(field)
  return function(a, b) return value(a, field) == value(b, field) end
end

local SYN, ACK = 0x02, 0x10

-- A SYN counts as one byte, before those that the segment carries. What answers it acknowledges at
-- least that one, and at most all of them (RFC 9293 section 3.10.7.3).
local function is_tcp_answer(a, b)
  if value(a, "flags") & SYN == 0 or value(b, "flags") & ACK == 0 then return true end
  local first, size = raw.range(a)
  local carried = inspect.end_of(raw.of(a)) - first - size
  local acknowledged = (value(b, "ack") - value(a, "seq")) & 0xffffffff
  return acknowledged >= 1 and acknowledged <= 1 + carried
end

-- The layer of a question, that of its answer, and a function: does this one answer that one?
local pairs_of_layers = {
  { "ICMP", "ICMP", is_icmp_answer },
  { "TCP", "TCP", is_tcp_answer },
  { "ICMPv6EchoRequest", "ICMPv6EchoReply", function(a, b)
    return value(a, "id") == value(b, "id") and value(a, "seq") == value(b, "seq")
  end },
  { "ICMPv6ND_NS", "ICMPv6ND_NA", has_same "tgt" },
  { "DNS", "DNS", function(a, b)
    return value(a, "id") == value(b, "id") and value(a, "qr") ~= value(b, "qr")
  end },
}

local function is_told(p, q)
  for _, pair in ipairs(pairs_of_layers) do
    local a = find(p, pair[1])
    if a then
      local b = find(q, pair[2])
      if not b or not pair[3](a, b) then return false end
    end
  end
  return true
end

-- Does the network layer `b` go to the source of `a`, from its destination (or from any host, where
-- that is a group)?
local function goes_back(a, b)
  if not (a and b) then return a == b end
  local from, to = value(a, "src"), value(a, "dst")
  return (is_unset(from) or value(b, "dst") == from)
    and (is_group(to) or is_unset(to) or value(b, "src") == to)
end

local function ports_go_back(p, q)
  for _, id in ipairs { "TCP", "UDP", "SCTP" } do
    local a, b = find(p, id), find(q, id)
    if (a == nil) ~= (b == nil) then return false end
    if a and (value(a, "sport") ~= value(b, "dport") or value(a, "dport") ~= value(b, "sport")) then
      return false
    end
  end
  return true
end

local function is_arp_answer(a, b)
  return b ~= nil and value(a, "op") == 1 and value(b, "op") == 2
    and value(b, "psrc") == value(a, "pdst") and value(b, "pdst") == value(a, "psrc")
end

-- For frames with no layer above Ethernet that has addresses.
local function is_frame_answer(p, q)
  local a, b = find(p, "Ether"), find(q, "Ether")
  if not (a and b) or value(a, "type") ~= value(b, "type") then return false end
  local to = value(a, "dst")
  return value(b, "dst") == value(a, "src") and (is_group_mac(to) or value(b, "src") == to)
end

local function is_network_answer(p, q)
  for _, id in ipairs { "IP", "IPv6" } do
    local a = find(p, id)
    if a and not goes_back(a, find(q, id)) then return false end
  end
  return ports_go_back(p, q) and is_told(p, q)
end

--- Does `q` answer `p`? An ICMP error does that quotes it.
-- @treturn boolean
function matching.is_answered_by(p, q)
  check(p, "is_answered_by", 1)
  check(q, "is_answered_by", 2)
  if is_quoted(p, q) then return true end
  local arp = find(p, "ARP")
  if arp then return is_arp_answer(arp, find(q, "ARP")) end
  if find(p, "IP") or find(p, "IPv6") then return is_network_answer(p, q) end
  return is_frame_answer(p, q)
end

return matching
