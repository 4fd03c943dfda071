-- Packets that nobody here made: the captures of ../shared/captures.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64
local quote = support.quote

-- What tshark calls a layer, and how ours begin that it stands for. What isn't here is no protocol
-- of ours yet, or the payload of one: we read it as Raw.
local known = {
  { "eth", { "Ether" } },
  { "arp", { "ARP" } },
  { "ip", { "IP" } },
  { "ipv6", { "IPv6" } },
  { "ipv6.hopopts", { "IPv6ExtHdrHopByHop" } },
  { "tcp", { "TCP" } },
  { "udp", { "UDP" } },
  { "icmp", { "ICMP" } },
  { "icmpv6", { "ICMPv6[%w_]+" } },
  { "sctp", { "SCTP" } },
  { "dns", { "DNS" } },
  { "dhcp", { "BOOTP", "DHCP" } },
  { "tftp", { "TFTP", "TFTP_%u+" } },
}

local ours = {}
for _, entry in ipairs(known) do ours[entry[1]] = entry[2] end

-- Layers of ours that are within one of tshark's.
local function is_part(id)
  return id:find "^ICMPv6NDOpt" ~= nil or id:find "^SCTPChunk" ~= nil or id:find "^TFTP_" ~= nil
end

local function ids_of(layers)
  local ids = {}
  for i, layer in ipairs(layers) do ids[i] = layer.real_id end
  return ids
end

-- How our layers differ from tshark's, or nil.
local function differ(ids, protocols)
  local at = 1
  for name in protocols:gmatch "[^:]+" do
    local wanted = ours[name]
    -- transfers go on at ports that only the first packet tells
    if name == "tftp" and ids[at] == "Raw" then wanted = nil end
    if wanted then
      for _, pattern in ipairs(wanted) do
        if not (ids[at] or ""):find("^" .. pattern .. "$") then
          return ("layer %d is %s, tshark has %s"):format(at, ids[at], protocols)
        end
        at = at + 1
      end
    elseif name ~= "ethertype" then
      break
    end
  end
  while ids[at] and is_part(ids[at]) do at = at + 1 end
  for i = at, #ids do
    if ids[i] ~= "Raw" and ids[i] ~= "Padding" then
      return ("layer %d is %s, tshark has only %s"):format(i, ids[i], protocols)
    end
  end
end

describe("the packets of", function()
  local shared = support.shared_dir()
  local listing = shared and select(2, support.run("ls " .. quote(shared .. "/captures")))
  local files = {}
  for name in (listing or ""):gmatch "[^\n]+%.pcap" do table.insert(files, name) end
  if #files == 0 then
    pending "captures are skipped: there is no ../shared/captures"
    return
  end

  local service
  local has_tshark = capture.has_tshark()
  local packets_of, seen_of = {}, {}

  -- tshark takes long to start: it reads all packets as one file.
  local function ask_tshark()
    local all = {}
    for _, packets in pairs(packets_of) do
      for _, bytes in ipairs(packets) do table.insert(all, bytes) end
    end
    local path = support.tmpdir() .. "/all.pcap"
    capture.write(path, all)
    local seen = capture.tshark(path, { "frame.protocols" })
    assert.equal(#all, #seen)
    local at = 0
    for name, packets in pairs(packets_of) do
      seen_of[name] = table.move(seen, at + 1, at + #packets, 1, {})
      at = at + #packets
    end
  end

  for _, name in ipairs(files) do
    local path = ("%s/captures/%s"):format(shared, name)
    packets_of[name] = capture.read(path) or has_tshark and capture.converted(path)
  end

  setup(function()
    service = support.service()
    if has_tshark then ask_tshark() end
  end)

  teardown(function() service:close() end)

  local function read(bytes, model)
    return assert(service:call("reconstruct_pkt", base64(bytes), model or service.json.null))
  end

  local function is_same(bytes, result, i)
    assert.equal(support.hex(bytes), support.hex(unbase64(result.binary)), "packet " .. i)
  end

  for _, name in ipairs(files) do
    if packets_of[name] then
      it(name .. " come back as they were", function()
        assert.is_true(#packets_of[name] > 0)
        for i, bytes in ipairs(packets_of[name]) do
          local result, model = read(bytes), service.json.array {}
          is_same(bytes, result, i)
          for k, layer in ipairs(result.data) do
            assert.is_true(layer.valid_structure)
            model[k] = { id = layer.real_id }
          end
          is_same(bytes, read(bytes, model), i)
        end
      end)
    else
      pending(name .. " aren't read: it is no pcap file, and there is no tshark")
    end

    if has_tshark then
      it(name .. " have the layers that tshark sees", function()
        for i, bytes in ipairs(packets_of[name]) do
          local complaint = differ(ids_of(read(bytes).data), seen_of[name][i]["frame.protocols"])
          assert(not complaint, ("packet %d: %s"):format(i, complaint))
        end
      end)
    else
      pending(name .. " aren't compared with tshark: it is not installed")
    end
  end
end)
