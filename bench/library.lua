-- library.lua PART SECONDS [CAPTURE] - what the Lua library does in a second, on one core: prints
-- "RATE/s". Parts:
--   mixed     writes a capture of 200,000 mixed packets to CAPTURE (some 70 MB, always the same)
--   read      packets of CAPTURE through a callback that reads three fields of each
--   change    Ether/IP/TCP with options: three fields changed, and the bytes
--   tables    the same from new tables, by luapkt.build
--   objects   the same from new objects: Ether{} / IP{...} / TCP{...}

local luapkt = require "luapkt"

local Ether, IP, IPv6, TCP, UDP, DNS = luapkt.Ether, luapkt.IP, luapkt.IPv6, luapkt.TCP, luapkt.UDP,
                                       luapkt.DNS

local part, seconds, capture = arg[1], tonumber(arg[2]), arg[3]

local options = { { "MSS", 1460 }, { "SAckOK", "" }, { "Timestamp", { 1, 2 } }, { "NOP" },
                  { "WScale", 7 } }

-- Call with how many times until the time is up.
local function print_rate(work)
  local n, count, start = 1000, 0, os.clock()
  repeat
    work(n)
    count = count + n
  until os.clock() - start > seconds
  print(("%.0f/s"):format(count / (os.clock() - start)))
end

-- Of a hundred packets so many are of a kind: TCP above all, as on a backbone.
local kinds = {
  { 48, function(n)
    return Ether{} / IP{ id = n } / TCP{ seq = n, flags = "PA", options = options }
  end },
  { 20, function(n)
    return Ether{} / IP{ id = n } / UDP{ dport = 53 }
      / DNS{ id = n, qd = luapkt.DNSQR{ qname = ("host%d.example.org"):format(n) } }
  end },
  { 10, function(n) return Ether{} / IP{ id = n } / luapkt.ICMP{ type = 8, seq = n } end },
  { 8, function(n) return Ether{} / IPv6{} / TCP{ seq = n, options = options } end },
  { 5, function(n)
    return Ether{} / luapkt.Dot1Q{ vlan = 5 } / IP{ id = n } / UDP{ dport = 9 }
  end },
  { 4, function() return Ether{} / luapkt.ARP{} end },
  { 3, function(n)
    return Ether{} / IP{} / UDP{} / luapkt.VXLAN{ vni = n } / Ether{} / IP{} / TCP{ seq = n }
  end },
  { 2, function(n) return Ether{} / IP{ id = n } / luapkt.GRE{} / IP{} / UDP{ dport = 9 } end },
}

local parts = {}

function parts.mixed()
  local drawn = {}
  for _, kind in ipairs(kinds) do
    for n = 1, kind[1] do
      local p = kind[2](n)
      if n % 2 == 0 then p = p / ("x"):rep(n * 41 % 1200) end
      drawn[#drawn + 1] = p:bytes()
    end
  end
  local writer = assert(luapkt.pcap.writer(capture))
  for i = 1, 200000 do assert(writer:write(drawn[i * 37 % #drawn + 1], { time = i * 1000 })) end
  assert(writer:close())
end

function parts.read()
  local sum = 0
  local function look(p)
    local ip = p.IP
    if ip then sum = sum + ip.len + ip.ttl + ip.proto end
  end
  local count, start = 0, os.clock()
  repeat
    count = count + assert(assert(luapkt.pcap.reader(capture)):each(look))
  until os.clock() - start > seconds
  print(("%.0f/s"):format(count / (os.clock() - start)))
end

function parts.change()
  local p = Ether{} / IP{} / TCP{ options = options }
  local ip, tcp = p.IP, p.TCP
  print_rate(function(n)
    for i = 1, n do
      ip.id, tcp.seq, tcp.window = i, i, i
      assert(#p:bytes() == 74)
    end
  end)
end

function parts.tables()
  print_rate(function(n)
    for i = 1, n do
      local bytes = luapkt.build {
        { "Ether" }, { "IP", { id = i } },
        { "TCP", {
          seq = i,
          options = { { "MSS", 1460 }, { "SAckOK", "" }, { "Timestamp", { 1, 2 } }, { "NOP" },
                      { "WScale", 7 } },
        } },
      }
      assert(#bytes == 74)
    end
  end)
end

function parts.objects()
  print_rate(function(n)
    for i = 1, n do
      local p = Ether{} / IP{ id = i } / TCP{ seq = i, options = options }
      assert(#p:bytes() == 74)
    end
  end)
end

parts[part]()
