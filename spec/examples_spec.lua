-- examples/ and docs/library.md: all of it runs, under stock Lua and under 'luapkt run', and prints
-- what it says that it prints.

local luapkt  = require "luapkt"
local network = require "spec.network"
local support = require "spec.support"

local quote = support.quote
local Ether, IP, TCP, UDP = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP

-- How the specs' own interpreter finds the library.
local stock = ("LUA_PATH=%s LUA_CPATH=%s lua5.4"):format(quote(package.path), quote(package.cpath))

-- A capture of a connection begun, and a query.
local function write_capture(path)
  local syn = Ether{ src = "00:00:00:00:00:01", dst = "00:00:00:00:00:02" }
    / IP{ src = "10.0.0.1", dst = "10.0.0.2" } / TCP{ sport = 1024, dport = 80, flags = "S" }
  local writer = assert(luapkt.pcap.writer(path))
  assert(writer:write(syn, { time = 1000000 }))
  assert(writer:write(syn:copy():reverse_address(), { time = 2000000 }))
  local query = Ether{} / IP{ src = "10.0.0.1", dst = "10.0.0.3" } / UDP{}
  assert(writer:write(query, { time = 3000000 }))
  assert(writer:close())
end

describe("the examples", function()
  local folder = support.tmpdir()
  local input, output = folder .. "/in.pcap", folder .. "/out.pcap"

  setup(function() write_capture(input) end)

  local runners = { ["stock Lua"] = stock, ["luapkt run"] = quote(support.program()) .. " run" }
  if support.is_sanitized() then runners["stock Lua"] = nil end -- needs its library preloaded

  local function run(name, ...)
    local arguments = {}
    for i, word in ipairs { ... } do arguments[i] = quote(word) end
    local printed
    for _, runner in pairs(runners) do
      local ok, out, err = support.run(("%s examples/%s.lua %s"):format(runner, name,
        table.concat(arguments, " ")))
      assert(ok, err)
      assert.equal("", err)
      assert.equal(printed or out, out)
      printed = out
    end
    return printed
  end

  local function packets_of(path)
    local list = {}
    for packet in assert(luapkt.pcap.reader(path)):packets() do table.insert(list, packet) end
    return list
  end

  it("create packets", function()
    local out = run "create"
    assert.truthy(out:find("  src: 127.0.0.1\n  dst: 192.168.0.1\n", 1, true))
    assert.truthy(out:find "type: echo%-request %(8%)\n")
    assert.truthy(out:find("66 6f 6f 62   ", 1, true))
  end)

  it("read captures", function()
    assert.equal("1000000: 10.0.0.1:1024 -> 10.0.0.2:80\n2000000: 10.0.0.2:80 -> 10.0.0.1:1024\n",
      run("read_pcap", input))
  end)

  it("answer packets", function()
    assert.equal("", run("answer", input, output))
    local asked, answers = packets_of(input), packets_of(output)
    assert.equal(3, #answers)
    for i, answer in ipairs(answers) do
      assert.is_true(asked[i]:is_direction(answer, "reverse"))
      assert.is_true(answer:check().right)
    end
  end)

  it("filter packets", function()
    local out = run("filter", input, "80")
    assert.truthy(out:find "^got answer: Ether")
    assert.equal(1, select(2, out:gsub("got answer", "")))
  end)

  it("match replies", function()
    assert.equal("IP/TCP 10.0.0.1 1024 <-> 10.0.0.2 80: 1 there, 1 back\n"
      .. "IP/UDP 10.0.0.1 53 <-> 10.0.0.3 53: 1 there, 0 back\n"
      .. "answers to the first packet: 1\n", run("replies", input))
  end)

  -- The numbers are those of tshark -z io,phs -z conv,ip -z plen,tree.
  it("tell what a capture has", function()
    assert.equal([[
        3 packets          150 bytes  in all
Protocols
        3 packets          150 bytes  Ether
        3 packets          150 bytes  IP
        2 packets          108 bytes  TCP
        1 packets           42 bytes  UDP
Conversations
        2 packets          108 bytes  IP/TCP 10.0.0.1 1024 <-> 10.0.0.2 80
        1 packets           42 bytes  IP/UDP 10.0.0.1 53 <-> 10.0.0.3 53
Sizes
        3 packets          150 bytes  40-79
]], run("pcap_statistics", input))
  end)

  it("edit packets", function()
    assert.equal("", run("edit", input, output))
    for _, packet in ipairs(packets_of(output)) do
      assert.same({ 42, 63, "Dot1Q" }, { packet.Dot1Q.vlan, packet.IP.ttl, packet[2].kind })
    end
  end)

  it("fail where reading doesn't come to the end", function()
    local broken = folder .. "/broken.pcap"
    local whole = support.read_file(input)
    for _, words in ipairs { "read_pcap %s", "answer %s %s", "filter %s 80", "replies %s",
      "pcap_statistics %s", "edit %s %s" } do
      for bytes, complaint in pairs {
        [whole:sub(1, -2)] = "byte %d+: the file ends within a packet ",
        ["no capture"] = "byte 0: 6e6f2063 begins neither a pcap nor a pcapng file",
      } do
        support.write_file(broken, bytes)
        local name, rest = words:match "^([%w_]+) (.*)$"
        local _, _, err, status = support.run(("%s run examples/%s.lua %s"):format(
          quote(support.program()), name, rest:format(quote(broken), quote(output))))
        assert.equal(1, status, name)
        assert.matches("^luapkt run: " .. complaint, err, name)
      end
    end
  end)

  it("add a protocol", function()
    assert.equal("Beacon (Our beacon), 8 bytes at 28\n  version: 1\n  kind: bye (2)\n  len: 7\n"
      .. "  sender: 10.0.0.7\n", run "protocol")
  end)

  it("are all tried here", function()
    local spec = support.read_file "spec/examples_spec.lua"
    local _, listing = support.run "ls examples"
    for name in listing:gmatch "([%w_]+)%.lua" do
      assert.truthy(spec:find('run "' .. name .. '"', 1, true)
        or spec:find('run("' .. name .. '"', 1, true)
        or spec:find('run(net, "' .. name .. '"', 1, true)
        or spec:find("run examples/" .. name .. ".lua", 1, true), name)
    end
  end)
end)

-- The middle one of the three hosts is a router.
network.describe("the examples on the wire", 3, function(its)
  local function run(net, name, ...)
    local words = { quote(support.program()), "run", ("examples/%s.lua"):format(name), ... }
    local ok, out, err = net:run(1, "timeout 20 " .. table.concat(words, " "))
    assert(ok, err)
    return out
  end

  its("find hosts", function(net)
    assert.equal(("%s is at %s\n"):format(network.ip(1, 2), network.mac(1, 2)),
      run(net, "arp_scan", "right"))
  end)

  its("ping", function(net)
    local out = run(net, "ping", network.ip(2, 2), 2)
    local _, count = out:gsub("%d: 6 bytes from 10%.201%.2%.2, ttl 63, [%d.]+ ms\n", "")
    assert.equal(2, count, out)
  end)

  its("ping nobody", function(net)
    assert.equal("1: no answer came in time\n", run(net, "ping", "10.201.1.77", 1))
  end)

  its("trace a route", function(net)
    assert.matches("^ 1  10%.201%.1%.2  [%d.]+ ms\n 2  10%.201%.2%.2  [%d.]+ ms\n$",
      run(net, "traceroute", network.ip(2, 2)))
  end)

  its("ask a port", function(net)
    local out = run(net, "tcp_port", "127.0.0.1", "127.0.0.1", 80)
    assert.matches("^got answer: IP .*\n  flags: RA ", out)
    assert.matches("got layer 3 packet: RA after [%d.]+ ms\n$", out)
  end)

  -- What the answerer says is written out by RFC 1035 section 4.1.
  its("ask a name server", function(net)
    local script = support.tmpdir() .. "/server.lua"
    support.write_file(script, [=[
      local luapkt = require "luapkt"
      local _ENV = luapkt.import()
      local sock = luapkt.socket.open { interface = "left", filter = "udp dst port 53" }
      local function answer(question)
        local id, asked = question:sub(1, 2), question:sub(13)
        local type = asked:sub(-4, -3)
        if type == "\0\1" then
          return id .. "\x81\x80\0\1\0\2\0\0\0\0" .. asked
            .. "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3www\xc0\x0c"
            .. "\3www\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc0\0\2\1"
        end
        return id .. "\x81\x83\0\1\0\0\0\0\0\0" .. asked
      end
      for _ = 1, 2 do
        local p = Ether(sock:recv())
        local reply = IP{ src = p.IP.dst, dst = p.IP.src }
          / UDP{ sport = 53, dport = p.UDP.sport } / answer(p.UDP:payload())
        sock:send(Ether{ src = p.Ether.dst, dst = p.Ether.src } / reply)
      end]=])
    -- The server's address is nobody's, so that no host says that nobody listens there.
    local address = "10.201.1.53"
    net:run(1, ("ip neighbour add %s lladdr %s dev right"):format(address, network.mac(1, 2)))
    net:run(2, "ip route add blackhole " .. address)
    local server = net:start(2, quote(support.program()) .. " run " .. quote(script))
    assert.matches("^10%.201%.1%.53: ok, [%d.]+ ms\n"
      .. "example%.org%. 60 CNAME www%.example%.org%.\n"
      .. "www%.example%.org%. 256 A 192%.0%.2%.1\n$",
      run(net, "dns_query", address, "example.org"))
    assert.matches("^10%.201%.1%.53: name%-error, [%d.]+ ms\n$",
      run(net, "dns_query", address, "nothing.example.org", "MX"))
    server:close()
    assert.matches("^127%.0%.0%.1 says port%-unreachable",
      run(net, "dns_query", "127.0.0.1", "example.org"))
  end)

  its("return frames", function(net)
    local script = support.tmpdir() .. "/ask.lua"
    support.write_file(script, [[
      local luapkt = require "luapkt"
      local sock = luapkt.socket.open { interface = "left", type = 0x88b5, timeout = 10 }
      local frame = luapkt.Ether{ type = 0x88b5, dst = "02:00:00:00:01:01",
                                  src = "02:00:00:00:01:02" } / "hello"
      print(sock:sr1(frame, { timeout = 1, retry = 9 })) -- the other may not listen yet]])
    -- Hosts speak unasked (neighbours, routers), so the frame is asked for by its type.
    local echo = net:start(1, quote(support.program())
      .. " run examples/echo_frame.lua right 1 'ether proto 0x88b5'")
    local ok, out, err = net:run(2, ("timeout 20 %s run %s"):format(quote(support.program()),
      quote(script)))
    local printed = echo:read "a"
    echo:close()
    assert(ok, err)
    assert.matches("  dst: 02:00:00:00:01:02\n  src: 02:00:00:00:01:01\n", out)
    assert.matches("^Got packet: Ether .*load: hello\n$", printed)
  end)
end)

describe("docs/library.md", function()
  local folder = support.tmpdir()
  local text = support.read_file "docs/library.md"

  setup(function() write_capture(folder .. "/in.pcap") end)
  teardown(function() assert(luapkt.load { "protocols" }) end)

  -- What a block prints, and what it says that it prints: behind '-->', in the order of its lines.
  local function try(block)
    local printed, said = {}, {}
    for line in block:gmatch "%-%->%s?([^\n]*)" do table.insert(said, line) end
    local function note(...)
      local words = table.pack(...)
      for i = 1, words.n do words[i] = tostring(words[i]) end
      table.insert(printed, table.concat(words, " "))
    end
    local names = setmetatable({ luapkt = luapkt, print = note }, { __index = _G })
    local here = block:gsub('"([%w_]+%.%l+)"', function(name)
      return name:find "%.pcap" and ("%q"):format(folder .. "/" .. name) or nil
    end)
    local chunk = assert(load(here, "=library.md", "t", luapkt.import(names)))
    local globals = package.loaded._G -- what luapkt.import() begins with
    local real = globals.print
    globals.print = note
    local ok, err = pcall(chunk)
    globals.print = real
    assert(ok, err)
    return table.concat(printed, "\n"), table.concat(said, "\n")
  end

  it("names every method of sockets", function()
    for name in pairs(luapkt.socket.methods) do
      if not name:find "^_" then
        assert.truthy(text:find(":" .. name .. "[^%w_]") or text:find("`" .. name .. "`"), name)
      end
    end
  end)

  local count = 0
  for block in text:gmatch "\n```lua\n(.-)```" do
    count = count + 1
    local heading = block:match "^[^\n]*"
    it(("block %d prints what it says: %s"):format(count, heading), function()
      local printed, said = try(block)
      assert.equal(said, printed)
    end)
  end

  it("has blocks", function() assert.is_true(count > 10) end)

  it("names every method of packets and layers", function()
    local packet = require "luapkt.packet"
    for _, methods in pairs { packet.methods, packet.layer } do
      for name in pairs(methods) do
        assert.truthy(text:find(":" .. name .. "[^%w_]") or text:find("`" .. name .. "`"), name)
      end
    end
  end)
end)

-- Its blocks with sockets run on a host whose neighbour answers as any Linux host does.
network.describe("docs/library.md on the wire", 2, function(its)
  local text = support.read_file "docs/library.md"
  local script = support.tmpdir() .. "/script.lua"

  local function try(net, block)
    local said = {}
    for line in block:gmatch "%-%->%s?([^\n]*)" do table.insert(said, line .. "\n") end
    local here = block:gsub('"eth0"', '"right"'):gsub('"10%.0%.0%.', '"10.201.1.')
    support.write_file(script, "local luapkt = require 'luapkt' local _ENV = luapkt.import() "
      .. here)
    local ok, out, err = net:run(1, ("timeout 20 %s run %s"):format(quote(support.program()),
      quote(script)))
    assert(ok, err)
    assert.equal(table.concat(said),
      (out:gsub("\t", " "):gsub("%f[%d]10%.201%.1%.", "10.0.0.")))
  end

  local count = 0
  for block in text:gmatch "\n```lua network\n(.-)```" do
    count = count + 1
    its(("block %d prints what it says"):format(count), function(net) try(net, block) end)
  end

  its("has blocks", function() assert.equal(3, count) end)
end)
