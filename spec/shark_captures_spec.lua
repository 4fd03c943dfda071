-- luapkt shark on packets that nobody here made, and on one of each protocol: its JSON as two other
-- programs read it, its layers as tshark sees them, its counts as tshark counts.

local capture   = require "spec.capture"
local has_cjson, cjson = pcall(require, "cjson")
local filter    = require "luapkt.shark.filter"
local luapkt    = require "luapkt"
local protocols = require "luapkt.protocols"
local stream    = require "spec.stream"
local support   = require "spec.support"

local quote, run = support.quote, support.run
local program = quote(support.program())
local folder = support.tmpdir()

-- What a shark prints of a capture, each packet's line though there be Channel Access.
local function printed(path, words)
  local ok, out, err = run(("%s shark --proto any %s %s"):format(program, words, quote(path)))
  assert(ok, err)
  return out
end

-- --------------------------------------------------------------------------------- the captures

-- Those that are pcap or pcapng files. Programs take long to start: what can be seen of all packets
-- together is, in one file.
local files = {}
local merged = { name = "the captures", path = folder .. "/merged.pcapng", from = {} }
do
  local shared = support.shared_dir()
  local listing = shared and select(2, run("ls " .. quote(shared .. "/captures")))
  for name in (listing or ""):gmatch "[^\n]+%.pcap" do
    local path = ("%s/captures/%s"):format(shared, name)
    local magic = support.read_file(path):sub(1, 4)
    if magic == "\xd4\xc3\xb2\xa1" or magic == "\xa1\xb2\xc3\xd4" or magic == "\10\13\13\10" then
      files[#files + 1] = { name = name, path = path }
    end
  end
  local bytes_of, links = {}, {}
  for _, file in ipairs(files) do
    local count = 0
    for _, bytes, record in assert(luapkt.pcap.reader(file.path)) do
      count = count + 1
      bytes_of[#bytes_of + 1], links[#links + 1] = bytes, record.link
      merged.from[#bytes_of] = ("%s, packet %d"):format(file.name, count)
    end
  end
  capture.write(merged.path, bytes_of, links)
end

-- ------------------------------------------------------------------------- one of each protocol

-- The link types that begin with a protocol.
local function links_of(decl)
  return type(decl.link) == "table" and decl.link or { decl.link }
end

-- For each protocol a list of ids from one that a capture's link type begins with up to it: the
-- shortest way by what its declaration says it is over.
local function find_paths()
  local above, paths, queue = {}, {}, {}
  for _, decl in ipairs(protocols.generation().decls) do
    for lower in pairs(decl.over or {}) do
      above[lower] = above[lower] or {}
      table.insert(above[lower], decl.id)
    end
    local link = links_of(decl)[1]
    if link then
      paths[decl.id] = { link = link, decl.id }
      queue[#queue + 1] = decl.id
    end
  end
  table.sort(queue)
  for _, id in ipairs(queue) do
    table.sort(above[id] or {})
    for _, upper in ipairs(above[id] or {}) do
      if not paths[upper] then
        paths[upper] = table.move(paths[id], 1, #paths[id], 1, { link = paths[id].link })
        table.insert(paths[upper], upper)
        queue[#queue + 1] = upper
      end
    end
  end
  return paths
end

-- Its samples, and each several times with some bytes that aren't as they were.
local function make_samples()
  local bytes, links = {}, {}
  local core = protocols.generation().core
  math.randomseed(11)
  local ids = {}
  for id in pairs(protocols.generation().by_id) do ids[#ids + 1] = id end
  table.sort(ids)
  local paths = find_paths()
  for _, id in ipairs(ids) do
    local layers = {}
    for i, name in ipairs(paths[id] or {}) do layers[i] = { name } end
    local built = #layers > 0 and core:build(layers)
    if built and #built > 0 then
      for turn = 0, 3 do
        local changed = built
        for _ = 1, turn do
          local at = math.random(#changed)
          local byte = string.char(math.random(0, 255))
          changed = changed:sub(1, at - 1) .. byte .. changed:sub(at + 1)
        end
        bytes[#bytes + 1], links[#links + 1] = changed, paths[id].link
      end
    end
  end
  return bytes, links
end

local every = { name = "a packet of each protocol", path = folder .. "/every.pcapng" }
do
  local bytes, links = make_samples()
  every.count = #bytes
  capture.write(every.path, bytes, links)
end

local all = #files > 0 and { every, merged } or { every }

-- -------------------------------------------------------------------------------------- JSON

-- Reads lines, each of which must be an object without a member twice, at any depth, and UTF-8.
local PYTHON = [[
import json, sys
def members(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)
def no_constant(name):
    raise ValueError(name)
count = 0
for number, line in enumerate(sys.stdin.buffer, 1):
    try:
        assert line.endswith(b"}\n")
        value = json.loads(line.decode("utf-8"), object_pairs_hook=members,
                           parse_constant=no_constant)
        assert isinstance(value["number"], int) and isinstance(value["len"], int)
        assert isinstance(value["timestamp"], (int, float))
    except Exception as e:
        sys.exit(f"line {number}: {e!r}: {line[:2000]}")
    count += 1
print(count)
]]

local function count_packets(path)
  local count = 0
  for _ in assert(luapkt.pcap.reader(path)) do count = count + 1 end
  return count
end

describe("the JSON of", function()
  support.write_file(folder .. "/check.py", PYTHON)

  for _, file in ipairs(all) do
    local out = folder .. "/out.jsonl"

    it(file.name .. " is JSON, a line for each packet at least", function()
      assert(run(("%s shark --proto any -T jsonl %s >%s"):format(program, quote(file.path), out)))
      local ok, count, err = run(("python3 %s/check.py <%s"):format(folder, out))
      assert(ok, err)
      local numbers = {}
      for line in io.lines(out) do
        local value = has_cjson and cjson.decode(line) or luapkt.json.decode(line)
        numbers[value.number] = true
      end
      assert.equal(count_packets(file.path), #numbers)
      assert.is_true(tonumber(count) >= #numbers)
    end)
  end

  it("a packet of each protocol has most of them", function()
    assert.is_true(every.count > 1500, every.count .. " packets")
    local seen, count = {}, 0
    for line in printed(every.path, "-T jsonl"):gmatch "[^\n]+" do
      for id in line:gmatch '[,{]"([%w_]+)[:%d]*":{' do
        if not seen[id] then seen[id], count = true, count + 1 end
      end
    end
    assert.is_true(count > 300, count .. " protocols")
  end)

  it("the captures has the values that tshark has", function()
    if not capture.has_tshark() or #files == 0 then return pending "there is nothing to compare" end
    local seen = capture.tshark(merged.path, { "frame.len", "frame.time_epoch", "ip.src", "ip.ttl",
      "ip.id", "tcp.seq_raw", "udp.length", "eth.src", "dns.id" })
    local ours = {}
    for line in printed(merged.path, "-T jsonl"):gmatch "[^\n]+" do
      local value = luapkt.json.decode(line)
      ours[value.number] = ours[value.number] or value
    end
    local compared = 0
    for i, theirs in ipairs(seen) do
      local value = ours[i]
      local function same(field, id, name)
        local text = theirs[field]:match "^[^,]*" -- the outermost
        local layer = value[id]
        if text == "" or not layer then return end
        local wanted = math.tointeger(tonumber(text)) or text
        assert.equal(wanted, layer[name], ("%s: %s"):format(merged.from[i], field))
        compared = compared + 1
      end
      assert.equal(tonumber(theirs["frame.len"]), value.len)
      assert.is_true(math.abs(tonumber(theirs["frame.time_epoch"]) - value.timestamp) < 1e-6)
      same("ip.src", "IP", "src")
      same("ip.ttl", "IP", "ttl")
      same("ip.id", "IP", "id")
      same("tcp.seq_raw", "TCP", "seq")
      same("udp.length", "UDP", "len")
      same("eth.src", "Ether", "src")
      same("dns.id", "DNS", "id")
    end
    assert.is_true(compared > 300, compared .. " values")
  end)
end)

-- ------------------------------------------------------------------------------------- filters

-- The numbers of the packets that a filter is true of.
local function passed(path, text)
  local options = assert(filter.compile(text))
  local numbers = {}
  function options.write() return true end
  function options.format(_, about) numbers[#numbers + 1] = about.number end
  assert(stream.shark(support.read_file(path)):run(options))
  return table.concat(numbers, " ")
end

-- Some of all protocols, and those between which packets mostly are told apart.
local function some_protocols()
  local ids, sorted = { "IP", "IPv6", "TCP", "UDP", "ICMP", "DNS", "IPerror", "CA" }, {}
  for id in pairs(protocols.generation().by_id) do sorted[#sorted + 1] = id end
  table.sort(sorted)
  for i = 3, #sorted, 9 do ids[#ids + 1] = sorted[i] end
  return ids
end

-- For a layer a packet is read only as far as one may come; for what is asked of the packet, whole.
describe("a filter on", function()
  for _, file in ipairs(all) do
    it(file.name .. " finds layers wherever they are", function()
      local found = 0
      for _, id in ipairs(some_protocols()) do
        local there = passed(file.path, "p." .. id)
        assert.equal(there, passed(file.path, id), id)
        if there ~= "" then found = found + 1 end
      end
      assert.is_true(found > 5, found .. " protocols")
    end)
  end
end)

-- ------------------------------------------------------------------------------- other formats

describe("each format of", function()
  for _, file in ipairs(all) do
    it(file.name .. " is written to its end", function()
      local count = count_packets(file.path)
      for _, words in ipairs { "", "-T tree", "-T hex", "-x", "-e number -e src -e dst -e command",
        "--format '{number} {src} {command}'", "--stats" } do
        assert.is_true(#printed(file.path, words) > 0, words)
      end
      local numbers = {}
      for number in printed(file.path, "-e number"):gmatch "%d+" do
        numbers[tonumber(number)] = true
      end
      assert.equal(count, #numbers)
      -- a line has nothing that does something to a terminal
      assert.is_nil(printed(file.path, ""):find "[\0-\9\11-\31\127]")
      assert.is_not_nil(utf8.len(printed(file.path, "")))
    end)

    it(file.name .. " is written as it was", function()
      local copy = folder .. "/copy.pcapng"
      assert.equal("", printed(file.path, "-w " .. copy))
      local wanted, got = {}, {}
      for time, bytes, record in assert(luapkt.pcap.reader(file.path)) do
        wanted[#wanted + 1] = { time, bytes, record.wire_len, record.link }
      end
      for time, bytes, record in assert(luapkt.pcap.reader(copy)) do
        got[#got + 1] = { time, bytes, record.wire_len, record.link }
      end
      assert.same(wanted, got)
    end)
  end
end)

-- -------------------------------------------------------------------------------------- tshark

-- What tshark calls a layer, and what it may be of ours. What stands in no row is read as bytes, or
-- within another layer.
local known = {
  eth = "^Ether$", arp = "^ARP$", ip = "^IP$", ipv6 = "^IPv6$", tcp = "^TCP$", udp = "^UDP$",
  icmp = "^ICMP$", icmpv6 = "^ICMPv6", sctp = "^SCTP$", dns = "^DNS$", dhcp = "^BOOTP$",
  tftp = "^TFTP", ospf = "^OSPF$", bgp = "^BGP", lldp = "^LLDP$", tls = "^TLS", telnet = "^Telnet$",
  ["ipv6.hopopts"] = "^IPv6ExtHdrHopByHop$", http = "^HTTP", mdns = "^DNS$", llc = "^LLC$",
}

-- Names of tshark's that aren't layers.
local no_layer = { ethertype = true, ["x509sat"] = true, ["pkix1explicit"] = true, data = true,
  ["data-text-lines"] = true }

-- Where we differ, and why: what tshark calls the layer, and a packet or all of a capture.
local reasons = {
  ["tftp packets_tftp.pcap"] = "transfers go on at ports that only their first packet tells",
  ["http packets_ether.pcap, packet 44"] = "chunks are not put together with their head",
  ["megaco packets_sctp.pcap"] = "no protocol of ours",
}

local function is_explained(name, from)
  return reasons[name .. " " .. from] or reasons[name .. " " .. from:match "^[^,]*"]
end

local function layers_of(value)
  local ids = {}
  for key, member in pairs(value) do
    if type(member) == "table" then ids[#ids + 1] = key:match "^[^:]+" end
  end
  return ids
end

local function has_layer(ids, pattern)
  for _, id in ipairs(ids) do
    if id:find(pattern) then return true end
  end
  return false
end

it("the layers that the shark sees are those that tshark sees", function()
  if not capture.has_tshark() or #files == 0 then return pending "there is nothing to compare" end
  local seen = capture.tshark(merged.path, { "frame.protocols" })
  local ours, differing, explained = {}, {}, 0
  for line in printed(merged.path, "-T jsonl"):gmatch "[^\n]+" do
    local value = luapkt.json.decode(line)
    local ids = ours[value.number] or {}
    ours[value.number] = table.move(layers_of(value), 1, #layers_of(value), #ids + 1, ids)
  end
  assert.equal(#seen, #ours)
  for i, packet in ipairs(seen) do
    for name in packet["frame.protocols"]:gmatch "[^:]+" do
      local pattern, from = known[name], merged.from[i]
      local good = no_layer[name] or pattern and has_layer(ours[i], pattern)
      if not good and is_explained(name, from) then
        explained = explained + 1
      elseif not good then
        differing[#differing + 1] = ("%s: %s in %s, ours %s"):format(from, name,
          packet["frame.protocols"], table.concat(ours[i], " "))
      end
    end
  end
  assert.same({}, differing)
  assert.is_true(explained >= 3, "a reason explains nothing")
end)

-- Numbers of "tshark -q -z io,phs": frames and bytes by protocol, the first of each name.
local function count_by_tshark(path)
  local ok, out, err = run("tshark -q -z io,phs -r " .. quote(path))
  assert(ok, err)
  local counts = {}
  for name, frames, bytes in out:gmatch "([%w.-]+) +frames:(%d+) bytes:(%d+)" do
    counts[name] = counts[name] or { tonumber(frames), tonumber(bytes) }
  end
  return counts
end

describe("the statistics of", function()
  if not capture.has_tshark() or #files == 0 then
    pending "nothing: there is no tshark, or no capture"
    return
  end

  local names = { eth = "Ether", ip = "IP", ipv6 = "IPv6", tcp = "TCP", udp = "UDP", arp = "ARP",
    sctp = "SCTP" }

  local looked_at = {}
  for _, file in ipairs(files) do
    local few = ("dns ether sctp"):find(file.name:match "^packets_(%w+)" or "none", 1,
      true)
    if few then looked_at[#looked_at + 1] = file end
  end

  for _, file in ipairs(looked_at) do
    it(file.name .. " are tshark's", function()
      local theirs, out = count_by_tshark(file.path), printed(file.path, "--stats")
      local ours = {}
      for id, packets, bytes in out:gmatch "\n *([%w_]+) +(%d+) +[%d.]+%% +(%d+) +[%d.]+%%" do
        ours[id] = ours[id] or { tonumber(packets), tonumber(bytes) }
      end
      local compared = 0
      for name, id in pairs(names) do
        if theirs[name] then
          assert.same(theirs[name], ours[id], name)
          compared = compared + 1
        end
      end
      assert.is_true(compared > 0)
      -- the whole
      local seen = capture.tshark(file.path, { "frame.len" })
      local bytes = 0
      for _, packet in ipairs(seen) do bytes = bytes + tonumber(packet["frame.len"]) end
      assert.equal(("%d packets, %d bytes"):format(#seen, bytes),
        out:match "^%d+ packets, %d+ bytes")
    end)

    it(file.name .. " have tshark's conversations", function()
      local theirs = {}
      for _, kind in ipairs { "udp", "tcp" } do
        local ok, out, err = run(("tshark -q -z conv,%s -r %s"):format(kind, quote(file.path)))
        assert(ok, err)
        for a, b, n1, n2, n in out:gmatch
          "\n(%S+:%d+) +<%-> (%S+:%d+) +(%d+) [%d%s]-%a+ +(%d+) [%d%s]-%a+ +(%d+) " do
          theirs[#theirs + 1] = { a, b, tonumber(n1), tonumber(n2), tonumber(n) }
        end
      end
      local ours = {}
      for a, b, ab, _, ba in printed(file.path, "--stats"):gmatch
        "\n([^%s]+:%d+) +([^%s]+:%d+) +(%d+) +(%d+) +(%d+)" do
        a, b = a:gsub("[%[%]]", ""), b:gsub("[%[%]]", "")
        ours[a .. " " .. b], ours[b .. " " .. a] = { tonumber(ab), tonumber(ba) }, { tonumber(ba),
          tonumber(ab) }
      end
      for _, talk in ipairs(theirs) do
        local found = ours[talk[1] .. " " .. talk[2]]
        if found then -- they show 20
          assert.equal(talk[5], found[1] + found[2])
          assert.same({ talk[4], talk[3] }, found) -- its first column is of what comes back
        else
          assert.is_true(#theirs > 20 or talk[1]:find ":.*:.*:" ~= nil, talk[1] .. " " .. talk[2])
        end
      end
    end)
  end
end)
