-- Capture files in specs: packets out of pcap and into it, and what tshark says of a file.

local support = require "spec.support"

local capture = {}

--- The packets of a pcap file; nil where it is of another kind.
-- @treturn {string,...}
function capture.read(path)
  local data = assert(support.read_file(path))
  local magic = ("<I4"):unpack(data)
  local order = magic == 0xa1b2c3d4 and "<" or ">"
  if (order .. "I4"):unpack(data) ~= 0xa1b2c3d4 then return nil end
  local packets, at = {}, 25
  while at <= #data do
    local length = (order .. "I4"):unpack(data, at + 8)
    table.insert(packets, data:sub(at + 16, at + 15 + length))
    at = at + 16 + length
  end
  return packets
end

-- A block of a pcapng file: its type and its body, padded, between two lengths.
local function block(kind, body)
  body = body .. ("\0"):rep(-#body % 4)
  return ("<I4I4"):pack(kind, #body + 12) .. body .. ("<I4"):pack(#body + 12)
end

--- A pcapng file of Ethernet interfaces in turn, each with its packets, the first of which came
-- at 0 of its time, the others a microsecond later each. `offset` is added to that, in seconds.
function capture.pcapng(interfaces)
  local parts = { block(0x0a0d0d0a, ("<I4I2I2i8"):pack(0x1a2b3c4d, 1, 0, -1)) }
  for i, interface in ipairs(interfaces) do
    local offset = ("<I2I2i8I4"):pack(14, 8, interface.offset or 0, 0)
    table.insert(parts, block(1, ("<I2I2I4"):pack(1, 0, 0x40000) .. offset))
    for k, bytes in ipairs(interface) do
      local head = ("<I4I4I4I4I4"):pack(i - 1, 0, k - 1, #bytes, #bytes)
      table.insert(parts, block(6, head .. bytes))
    end
  end
  return table.concat(parts)
end

-- Packets of several link types: a pcapng file with an interface for each.
local function write_links(path, packets, links)
  local parts = { block(0x0a0d0d0a, ("<I4I2I2i8"):pack(0x1a2b3c4d, 1, 0, -1)) }
  local interfaces, count = {}, 0
  for _, link in ipairs(links) do
    if not interfaces[link] then
      interfaces[link], count = count, count + 1
      table.insert(parts, block(1, ("<I2I2I4"):pack(link, 0, 0x40000)))
    end
  end
  for i, bytes in ipairs(packets) do
    local head = ("<I4I4I4I4I4"):pack(interfaces[links[i]], 0, i, #bytes, #bytes)
    table.insert(parts, block(6, head .. bytes))
  end
  support.write_file(path, table.concat(parts))
end

--- Write packets as a capture file.
-- @tparam string path
-- @tparam {string,...} packets
-- @tparam[opt] {number,...} links their link types; without, they are Ethernet frames
function capture.write(path, packets, links)
  if links then return write_links(path, packets, links) end
  local parts = { ("<I4I2I2i4I4I4I4"):pack(0xa1b2c3d4, 2, 4, 0, 0, 0x40000, 1) }
  for i, bytes in ipairs(packets) do
    table.insert(parts, ("<I4I4I4I4"):pack(i, 0, #bytes, #bytes) .. bytes)
  end
  support.write_file(path, table.concat(parts))
end

--- The packets of a file of any kind that tshark knows.
function capture.converted(path)
  local copy = support.tmpdir() .. "/converted.pcap"
  local ok, _, err = support.run(
    ("tshark -r %s -F pcap -w %s"):format(support.quote(path), support.quote(copy)))
  assert(ok, err)
  return capture.read(copy)
end

--- Is there a tshark?
function capture.has_tshark()
  return (support.run "command -v tshark")
end

local later -- than 4.0; nil until it is asked

local function is_later()
  if later == nil then
    local major, minor = select(2, support.run "tshark --version"):match "(%d+)%.(%d+)"
    later = major ~= nil and tonumber(major) * 100 + tonumber(minor) > 400
  end
  return later
end

--- One of two names or values: what tshark 4.0 says, or what later ones do, as 4.4 shows.
function capture.either(in_4_0, in_later)
  if is_later() then return in_later end
  return in_4_0
end

-- Later ones take many a frame of IEEE 802.15.4 for one of remote controls.
local function version_options() return capture.either("", "--disable-heuristic rf4ce_nwk") end

local BOOLEAN = { True = "1", False = "0" }

-- Later ones show booleans as words, and a backslash as two.
local function as_4_0_shows(value)
  if not is_later() then return value end
  return (value:gsub("\\\\", "\\"):gsub("%f[^\0,]%a+%f[\0,]", BOOLEAN))
end

--- What tshark says of each packet of a file: the values of some of its fields, as text; several
-- values are separated by commas.
-- @tparam string path
-- @tparam {string,...} fields such as "frame.protocols"
-- @tparam[opt] string options for tshark's command line
-- @treturn {table,...} a table for each packet, by field
function capture.tshark(path, fields, options)
  local command = { "TZ=UTC tshark -T fields -E separator=/t", version_options(), options or "",
                    "-r", support.quote(path) }
  for _, field in ipairs(fields) do table.insert(command, "-e " .. field) end
  local ok, out, err = support.run(table.concat(command, " "))
  assert(ok, err)
  local packets = {}
  for line in out:gmatch "([^\n]*)\n" do
    local packet, i = {}, 0
    for value in (line .. "\t"):gmatch "([^\t]*)\t" do
      i = i + 1
      if fields[i] then packet[fields[i]] = as_4_0_shows(value) end
    end
    table.insert(packets, packet)
  end
  return packets
end

--- Describe what tshark says; without one, that is pending.
function capture.describe_tshark(name, specs)
  local busted = require "busted"
  busted.describe(name, function()
    if capture.has_tshark() then return specs() end
    busted.pending "isn't asked: it is not installed"
  end)
end

local CHECKSUMS = {
  "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status",
  "icmpv6.checksum.status", "igmp.checksum.status", "sctp.checksum.status", "vrrp.checksum.status",
  "gre.checksum.status",
}
local BAD = "0"

--- The severities of what tshark's experts say.
capture.WARNING, capture.ERROR = 0x600000, 0x800000

--- What `capture.judged` asks about a packet, checksums aside.
capture.JUDGEMENT = { "frame.protocols", "_ws.malformed", "_ws.expert.severity",
                      "_ws.expert.message" }

--- What tshark says of each packet of a file, that `capture.objection` looks at, and of `fields`.
-- Checksums are looked at, and fragments left as they are.
-- @tparam string path
-- @tparam[opt] {string,...} fields
-- @tparam[opt] string options more of them
function capture.judged(path, fields, options)
  local all = table.move(capture.JUDGEMENT, 1, #capture.JUDGEMENT, 1, {})
  table.move(CHECKSUMS, 1, #CHECKSUMS, #all + 1, all)
  table.move(fields or {}, 1, #(fields or {}), #all + 1, all)
  return capture.tshark(path, all, "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE"
    .. " -o udp.check_checksum:TRUE -o sctp.checksum:TRUE -o ip.defragment:FALSE"
    .. " -o ipv6.defragment:FALSE " .. (options or ""))
end

--- What tshark has against a packet, or nil: it is malformed, an expert says something of
-- `severity` or worse, a checksum is wrong.
function capture.objection(seen, severity)
  if seen["_ws.malformed"] ~= "" then return "malformed" end
  for said in seen["_ws.expert.severity"]:gmatch "%d+" do
    if tonumber(said) >= severity then return seen["_ws.expert.message"] end
  end
  for _, field in ipairs(CHECKSUMS) do
    for status in (seen[field] or ""):gmatch "%d+" do
      if status == BAD then return "a wrong checksum: " .. field end
    end
  end
end

return capture
