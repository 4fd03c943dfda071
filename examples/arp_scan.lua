-- Who is there? Every address of an interface's network is asked for.
--
--    sudo luapkt run examples/arp_scan.lua eth0

local luapkt = require "luapkt"

local Ether, ARP = luapkt.Ether, luapkt.ARP

local MOST = 1024 -- addresses that are asked for: a /22

local interface = assert(luapkt.socket.interface(assert(..., "which interface?")))

-- The interface's first IPv4 address, and its network's bits.
local function own_address()
  for _, a in ipairs(interface.addresses) do
    if not a.address:find ":" then return a.address, a.prefix end
  end
  error(interface.name .. " has no IPv4 address")
end

local function number_of(address)
  return (">I4"):unpack(string.char(address:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"))
end

local function address_of(n)
  return ("%d.%d.%d.%d"):format(n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255)
end

local function questions()
  local own, prefix = own_address()
  local size = 1 << (32 - prefix)
  local first, list = number_of(own) & ~(size - 1), {}
  for n = first + 1, first + math.min(size, MOST) - 2 do
    table.insert(list, Ether{ src = interface.mac, dst = "ff:ff:ff:ff:ff:ff" }
      / ARP{ hwsrc = interface.mac, psrc = own, pdst = address_of(n) })
  end
  return list
end

local sock <close> = assert(luapkt.socket.open { interface = interface.name, filter = "arp" })
local answers = assert(sock:sr(questions(), { timeout = 0.5, gap = 0.0005 }))
for _, found in ipairs(answers) do
  print(found.answer.ARP.psrc .. " is at " .. found.answer.ARP.hwsrc)
end
