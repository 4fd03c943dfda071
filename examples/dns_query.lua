-- Ask a name server, and print what it answers.
--
--    sudo luapkt run examples/dns_query.lua 10.0.0.1 example.org AAAA

local luapkt = require "luapkt"

local IP, UDP, DNS, DNSQR, DNSRR = luapkt.IP, luapkt.UDP, luapkt.DNS, luapkt.DNSQR, luapkt.DNSRR

local FIRST_DYNAMIC = 49152 -- ports that nobody is registered for, RFC 6335 section 6

local server, name, kind = ...
assert(server and name, "which server, and which name?")

-- What a record has for its name: kinds of records differ in their fields.
local function data_of(record)
  local data = record.rdata or record.exchange or record.target or record.mname or "..."
  return type(data) == "table" and table.concat(data, " ") or data
end

local sock <close> = assert(luapkt.socket.open {
  layer = 3, filter = "icmp or udp src port 53", timeout = 2,
})

-- Nobody else is to guess them: RFC 5452 section 9.2.
local query = IP{ src = "0.0.0.0", dst = server }
  / UDP{ sport = math.random(FIRST_DYNAMIC, 65535), dport = 53 }
  / DNS{ id = math.random(0, 65535), qd = DNSQR{ qname = name, qtype = kind or "A" } }

local answer, took = sock:sr1(query, { retry = 2 })
assert(answer, answer == nil and took.message)

if answer.ICMP then -- it quotes the query
  print(("%s says %s"):format(answer.IP.src, answer.ICMP:show "code"))
else
  local dns = answer.DNS
  print(("%s: %s, %.3f ms"):format(answer.IP.src, dns:show "rcode", took * 1000))
  for _, record in ipairs(dns.an or {}) do
    print(("%s %d %s %s"):format(record.rrname, record.ttl,
      DNSRR{ type = record.type }[1]:show "type", data_of(record)))
  end
end
