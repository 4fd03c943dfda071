-- The shark in scripts: what it gives of each message.

local luapkt  = require "luapkt"
local stream  = require "spec.stream"
local support = require "spec.support"

local Ether, IP, UDP, DNS, DNSQR = luapkt.Ether, luapkt.IP, luapkt.UDP, luapkt.DNS, luapkt.DNSQR

local path = support.tmpdir() .. "/in.pcap"

local function dns(id) return DNS{ id = id, qd = DNSQR{ qname = ("host%d.org"):format(id) } } end

local ether = Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
local writer = assert(luapkt.pcap.writer(path))
for i = 1, 3 do
  assert(writer:write(ether / IP{ src = "10.0.0.1", dst = "10.0.0.2" }
    / UDP{ sport = 4000 + i, dport = 53 } / dns(i), { time = 1700000000000000000 + i * 1000 }))
  assert(writer:write(ether / luapkt.ARP{}, { time = 1700000000000000000 }))
end
assert(writer:close())

-- A message over TCP.
local function over_tcp(id) return (">s2"):pack(dns(id):bytes()) end

local function list(source, options)
  local items = {}
  for item in assert(luapkt.shark(source, options)) do items[#items + 1] = item end
  return items
end

describe("the shark", function()
  it("gives an item for each message of a protocol", function()
    local items = list(path, { proto = "DNS" })
    assert.equal(3, #items)
    for i, item in ipairs(items) do
      assert.equal(i * 2 - 1, item.number)
      assert.equal(1700000000000000000 + i * 1000, item.time)
      assert.is_true(math.abs(item.timestamp - 1700000000 - i * 1e-6) < 1e-6)
      assert.same({ "10.0.0.1", "10.0.0.2" }, { item.src, item.dst })
      assert.same({ i, ("host%d.org."):format(i) }, { item.command.id, item.command.qd[1].qname })
      assert.equal("DNS", item.command.kind)
      assert.equal("02:00:00:00:00:01", item.ethernet.src)
      assert.equal(64, item.ip.ttl)
      assert.equal(4000 + i, item.transport.sport)
      assert.equal(4, #item.packet)
      assert.equal(item.packet.DNS, item.command)
      assert.is_nil(item.nothing)
    end
  end)

  it("makes of each the line that the command prints", function()
    local lines = {}
    for i, item in ipairs(list(path, { proto = "DNS" })) do lines[i] = tostring(item) end
    local _, out = support.run(("%s shark --proto DNS %s"):format(support.quote(support.program()),
      path))
    assert.equal(out, table.concat(lines, "\n") .. "\n")
  end)

  it("reads paths, files, pipes and functions", function()
    local file = assert(io.open(path, "rb"))
    assert.equal(3, #list(file, { proto = "DNS" }))
    assert.equal("file", io.type(file)) -- whoever opened it closes it
    file:close()
    local pipe = assert(io.popen("cat " .. support.quote(path)))
    assert.equal(3, #list(pipe, { proto = "DNS" }))
    pipe:close()
    local bytes, at = support.read_file(path), 0
    assert.equal(3, #list(function()
      at = at + 1
      return at <= #bytes and bytes:sub(at, at) or nil
    end, { proto = "DNS" }))
  end)

  it("gives no message that an ICMP error quotes: its sender didn't say it", function()
    local said = IP{ src = "10.0.0.1", dst = "10.0.0.2" } / UDP{ sport = 4001, dport = 5064 }
      / luapkt.CAVersionRequest{} / luapkt.CASearchRequest{ name = "rpi:color", cid = 7 }
    local refused = ether:copy():reverse_address() / IP{ src = "10.0.0.2", dst = "10.0.0.1" }
      / luapkt.ICMP{ type = 3, code = 3 } / said
    local bytes = stream.pcap { refused:bytes(), (ether / luapkt.ARP{}):bytes() }
    support.write_file(path .. ".icmp", bytes)
    assert.same({}, list(path .. ".icmp"))
    local _, out = support.run(("%s shark %s"):format(support.quote(support.program()),
      path .. ".icmp"))
    assert.truthy(out:find "^%S+ 10.0.0.2%->10.0.0.1 ICMP%(type=dest%-unreach[^\n]*\n[^\n]* ARP%(")
    _, out = support.run(("%s shark --format '{command}' %s"):format(
      support.quote(support.program()), path .. ".icmp"))
    assert.truthy(out:find "^ICMP%([^\n]*\nARP%(")
  end)

  it("gives each of several messages in a packet, and each of a stream once", function()
    local client = stream.connection(53)
    local bytes = stream.pcap { client:send(over_tcp(1) .. over_tcp(2) .. over_tcp(3):sub(1, 20)),
      client:send(over_tcp(3):sub(21)) }
    local seen = {}
    local done = false
    for item in assert(luapkt.shark(function()
      if done then return nil end
      done = true
      return bytes
    end, { proto = "DNS" })) do
      seen[#seen + 1] = { item.command.id, item.number, item.src, item.transport.dport,
        #item.command.qd }
    end
    assert.same({ { 1, 1, "10.0.0.1", 53, 1 }, { 2, 1, "10.0.0.1", 53, 1 },
      { 3, 2, "10.0.0.1", 53, 1 } }, seen)
  end)

  it("gives items that stay as they are", function()
    local client, frames = stream.connection(53), {}
    for id = 1, 200 do
      local message = over_tcp(id)
      frames[#frames + 1] = client:send(message:sub(1, 10 + id % 9))
      frames[#frames + 1] = client:send(message:sub(11 + id % 9))
    end
    local file = support.tmpdir() .. "/stream.pcap"
    support.write_file(file, stream.pcap(frames))
    local items = list(file, { proto = "DNS" })
    collectgarbage()
    assert.equal(200, #items)
    for id, item in ipairs(items) do
      assert.same({ id, ("host%d.org."):format(id) },
        { item.command.id, item.command.qd[1].qname })
      assert.equal(over_tcp(id), item.command:bytes())
      assert.equal(40000, item.transport.sport)
      assert.matches(("id=%d, "):format(id), tostring(item))
    end
  end)

  it("gives packets that can be changed", function()
    local item = list(path, { proto = "DNS" })[2]
    item.packet.DNS.id = 99
    assert.equal(99, item.command.id)
    assert.equal(99, luapkt.packet(item.packet:bytes()).DNS.id)
  end)

  it("takes a filter as tcpdump's", function()
    local items = list(path, { proto = "DNS", bpf = "udp port 4002" })
    assert.equal(1, #items)
    assert.same({ 2, 3 }, { items[1].command.id, items[1].number })
  end)

  it("gives messages of any protocol, and of its kinds", function()
    assert.equal(3, #list(path, { proto = "ARP" }))
    assert.equal(6, #list(path, { proto = "Ether" }))
    assert.is_nil(list(path, { proto = "ARP" })[1].ip)
    local client = stream.connection(179)
    local file = support.tmpdir() .. "/bgp.pcap"
    support.write_file(file, stream.pcap { client:send(luapkt.BGP_Open{}:bytes()
      .. luapkt.BGP_Keepalive{}:bytes()) })
    local kinds = {}
    for i, item in ipairs(list(file, { proto = "BGP" })) do kinds[i] = item.command.kind end
    assert.same({ "BGP_Open", "BGP_Keepalive" }, kinds)
  end)

  it("may be left before its end", function()
    for _ = 1, 50 do
      for item in assert(luapkt.shark(path, { proto = "DNS" })) do
        if item.number == 3 then break end
      end
    end
    collectgarbage()
    assert.equal(3, #list(path, { proto = "DNS" }))
  end)

  it("says what is wrong", function()
    local none, err = luapkt.shark(path, { proto = "Nothing" })
    assert.is_nil(none)
    assert.equal("unknown", err.code)
    assert.equal("there is no protocol 'Nothing'", err.message)
    none, err = luapkt.shark(path, { proto = "dns" })
    assert.same({ nil, "there is no protocol 'dns': 'DNS' is meant?" }, { none, err.message })
    assert.has_error(function() luapkt.shark(path, { protocol = "DNS" }) end,
      "bad argument #2 to 'shark' (there is no option 'protocol')")
    assert.has_error(function() luapkt.shark(5) end,
      "bad argument #1 to 'shark' (path, file or function expected, got number)")
    none, err = luapkt.shark("/nowhere/at.all", { proto = "DNS" })
    assert.same({ nil, "/nowhere/at.all: No such file or directory" }, { none, err.message })
    assert.has_error(function() luapkt.shark(7, { proto = "DNS" }) end)
  end)

  it("raises where the capture breaks, behind what came before", function()
    local file = support.tmpdir() .. "/broken.pcap"
    support.write_file(file, support.read_file(path):sub(1, -30))
    local count = 0
    local ok, why = pcall(function()
      for _ in assert(luapkt.shark(file, { proto = "DNS" })) do count = count + 1 end
    end)
    assert.is_false(ok)
    assert.matches("byte %d+: the file ends within a packet of 42 bytes", why)
    assert.equal(3, count)
  end)

  it("refuses a filter that makes no sense before it reads", function()
    local none, err = luapkt.shark(function() error "it was read" end, { bpf = "no such" })
    assert.is_nil(none)
    assert.equal("syntax", err.code)
    assert.matches('^filter "no such": ', err.message)
  end)

  it("writes nothing of a run that a function ended when it runs again", function()
    local written, turn = {}, 0
    local function frame(op) return (ether / luapkt.ARP{ op = op }):bytes() end
    local bytes = stream.pcap { frame(1), frame(2) }
    local shark = stream.shark(function()
      turn = turn + 1
      if turn == 2 then error "broken" end
      return turn == 1 and bytes:sub(1, -20) or turn == 3 and bytes:sub(-19) or nil
    end)
    local run = { hold = 9 }
    function run.write(text)
      written[#written + 1] = text
      return true
    end
    assert.error_matches(function() shark:run(run) end, "broken")
    assert.equal(1, shark:run(run))
    assert.matches("^%S+ %S+ ARP%([^\n]*op=is%-at[^\n]*\n$", table.concat(written))
  end)
end)
