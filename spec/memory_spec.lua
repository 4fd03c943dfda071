-- Memory that fails on purpose, after Lua's own testes/memerr.lua: the n-th allocation of a call
-- fails, for n from 1 until the call succeeds. Each failure before that is a clean one, and the
-- call after it is answered as ever. The same where the n-th fails alone.
--
-- The calls are made by this file as a program of its own: spec/failmalloc.c has to be preloaded.

local run_as_program = ...

-- What is called, each a request: built and read packets, lists, text, errors and methods in Lua.
local requests = {
  [=[{"jsonrpc":"2.0","id":"x","method":"build_pkt","params":[[{"id":"Ether"},{"id":"IP"},
      {"id":"TCP","fields":[{"id":"options","value":[["MSS",1460],["NOP"]]}]},
      {"id":"Raw","fields":[{"id":"load","value":{"vtype":"BYTES","base64":"aGVsbG8="}}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[{"id":"DNS","fields":[{"id":"qd",
      "value":[{"id":"DNSQR","fields":[{"id":"qname","value":"x.org"}]}]}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[{"id":"IP","fields":[{"id":"options",
      "value":{"vtype":"EXPRESSION","expr":"[IPOption_RR(routers=['1.2.3.4'])]"}}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"reconstruct_pkt","params":[
      "AAAAAQAAAAAAAgAACABFAAAUAAEAAEAAOxQQAAABMAAAAQ==",
      [{"id":"Ether"},{"id":"IP","fields":[{"id":"ttl","value":1}]},{"id":"UDP"}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt_ex","params":[[{"id":"Ether"},{"id":"IP"}],
      {"field_engine":{"instructions":[{"id":"STLVmFlowVar","parameters":{"name":"v","value_list":
      {"vtype":"EXPRESSION","expr":"[1, 2]"}}},
      {"id":"STLVmWrFlowVar","parameters":{"fv_name":"v","pkt_offset":"IP.src"}}]}}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"run_field_engine","params":[[{"id":"Ether"},{"id":"IP"}],
      {"instructions":[{"type":"flow_var","name":"v","size":1,"min_value":1,"max_value":9},
      {"type":"write_flow_var","name":"v","pkt_offset":22}]},{"count":3}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"run_field_engine","params":[[{"id":"Ether"},{"id":"IP"}],
      {"field_engine":{"instructions":[{"id":"STLVmFixIpv4","parameters":{"offset":"IP"}}],
      "global_parameters":{}}},{}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_payload_classes","params":[[{"id":"Ether"}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_definitions","params":[["IP"]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[
      {"id":"IP","fields":[{"id":"ttl","value":"nonsense"}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_template","params":[{"id":"TCP/SYN with options",
      "parameters":{"mss":1400}}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"nope"}]=],
  [=[not JSON]=],
}

-- Of a long call only some allocations fail: the first ones, then ever fewer of the later ones.
local function step(n)
  return n < 100 and n + 1 or n + n // 12
end

-- Call until it succeeds; 'check' gets what came of the failing calls.
local function sweep(arm, call, check)
  local n = 1
  while true do
    arm(n)
    local ok, result, why = pcall(call)
    local allocations = arm(0)
    if allocations < n then return n, ok, result end
    check(n, ok, result, why)
    n = step(n)
  end
end

local function sweep_requests(core, arm)
  local service = assert(core.service { home = ".", seed = 1 })
  for i, text in ipairs(requests) do
    local wanted = service:handle(text)
    local failures = 0
    sweep(arm, function() return service:handle(text) end, function(n, ok, reply)
      failures = failures + 1
      if not ok then
        assert(tostring(reply):find "memory", reply)
      elseif reply ~= wanted then
        local err = assert(core.json.decode(reply)).error
        local place = ("request %d, allocation %d: "):format(i, n)
        assert(err and err.message:find "memory", place .. reply)
      end
      assert(service:handle(text) == wanted, ("after request %d, allocation %d"):format(i, n))
    end)
    print("request", i, failures)
  end
end

-- A capture whose second packet needs a longer buffer than its first.
local function make_uneven(core)
  local stream = require "spec.stream"
  local short = stream.datagram(1, 2, 17, "short")
  return core.wire.base64(stream.pcap { short, stream.datagram(1, 2, 17, ("long"):rep(300)) })
end

-- Requests that need more than a service begins with: for a packet, for a capture's, and for
-- reading the names of a message, on its own and above others.
local function long_requests(core)
  local names = {}
  for i = 1, 600 do
    names[i] = ('{"id":"DNSQR","fields":[{"id":"qname","value":"x%d.org"}]}'):format(i)
  end
  local dns = ('{"id":"DNS","fields":[{"id":"qd","value":[%s]}]}'):format(table.concat(names, ","))
  local format = '{"jsonrpc":"2.0","id":1,"method":"%s","params":[%s]}'
  return {
    format:format("build_pkt", '[{"id":"Raw","fields":[{"id":"load","value":"' .. ("x"):rep(1000)
      .. '"}]}]'),
    format:format("read_pcap", '"' .. make_uneven(core) .. '"'),
    format:format("build_pkt", "[" .. dns .. "]"),
    format:format("build_pkt", '[{"id":"IP"},{"id":"UDP"},' .. dns .. "]"),
  }
end

-- The first request of a service, whose buffers have no memory yet.
local function sweep_first(core, arm)
  local function open() return assert(core.service { home = ".", seed = 1 }) end
  local other <close> = open()
  local texts = table.move(requests, 1, 3, 1, {})
  for i, text in ipairs(table.move(long_requests(core), 1, 4, 4, texts)) do
    local n = 0
    local wanted = other:handle(text)
    repeat
      local service <close> = open()
      n = n + 1
      arm(n)
      local ok, reply = pcall(service.handle, service, text)
      local allocations = arm(0)
      local message = not ok and reply or core.json.decode(reply).error
      if ok and message then message = message.message end
      assert(message and message:find "memory" or reply == wanted, reply)
      assert(service:handle(text) == wanted, ("after request %d, allocation %d"):format(i, n))
    until allocations < n
    print("first", i, n)
  end
end

-- A packet of a registry of its own: longer than buffers are to begin with, with a checksum that
-- leaves out a field too long for what is left of the first memory.
local function sweep_build(arm)
  local f = require "luapkt.field"
  local made = assert(require("luapkt.registry").compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "X", file = "spec", fields = { f.bytes("key", { size = 60000 }),
      f.u16("sum", { auto = f.checksum("inet", { without = "key" }) }) } },
  })
  local function build() return made.core:build { { "X", { key = ("k"):rep(60000) } } } end
  local wanted, failures = assert(build()), 0
  sweep(arm, build, function(n, ok, bytes, why)
    failures = failures + 1
    local message = ok and type(why) == "table" and why.message or bytes
    if ok and bytes then
      assert(bytes == wanted, ("build, allocation %d: a wrong sum"):format(n))
    else
      assert(tostring(message):find "memory", tostring(message))
    end
  end)
  print("build", 1, failures)
end

-- Fields that take the first of several forms that fits, where the memory for one that fits is
-- lacking: the next one, which takes any text, must not have it. So many values that each of the
-- two allocations for one falls on the end of a block now and then.
local function sweep_choice(core, arm)
  local f = require "luapkt.field"
  local made = assert(require("luapkt.registry").compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "X", file = "spec", fields = { f.u8 "kind",
      f.choice("target", { { when = f.ref("kind"):eq(1), f.ipv4() },
        { when = f.ref("kind"):eq(2), f.ipv6() }, { f.bytes() } }, { by_value = true }) } },
  })
  local packet = core.packet
  local function set_all()
    local p = assert(packet.make(made.core, "X", {}))
    local layer = packet.layer(p, 1)
    for i = 1, 700 do
      local text = i % 3 == 0 and "2001:db8:0:0:0::%x" or "2001:db8::%x" -- 32 bytes, or 16
      local ok, err = packet.set(layer, "target", text:format(i))
      if not ok then return nil, err end
      assert(#assert(packet.bytes(p)) == 17, "an address taken as text")
    end
    return true
  end
  local failures = 0
  sweep(arm, set_all, function(n, ok, result, why)
    failures = failures + 1
    local message = ok and type(why) == "table" and why.message or result
    assert(ok and result == true or tostring(message):find "memory",
      ("choice, allocation %d: %s"):format(n, tostring(message)))
  end)
  print("choice", 1, failures)
end

-- What is asked of a packet that has to be built for it: an answer as ever, or an error.
local function sweep_looks(core, arm)
  local registry = require("luapkt.protocols").generation().core
  local packet = core.packet
  for i, look in ipairs {
    function(layer) return packet.text(layer, "len") end,
    function(layer) return packet.literal(layer, "len") end,
    function(layer) return packet.field(layer, 4).value end,
    function(layer) return select(2, packet.shown(layer, 4)) end,
    function(layer) return packet.value(layer, "len") end,
    function(layer, p)
      packet.recompute(p)
      return packet.value(layer, "len")
    end,
    function() return registry:plan "DNS" end,
  } do
    local function call()
      local p = assert(packet.make(registry, "IP", {}))
      assert(packet.insert(p, 2, assert(packet.make(registry, "Raw", { load = ("x"):rep(9000) }))))
      return look(packet.layer(p, 1), p)
    end
    local wanted, failures = call(), 0
    sweep(arm, call, function(n, ok, got)
      failures = failures + 1
      assert(ok and got == wanted or not ok and tostring(got):find "memory",
        ("look %d, allocation %d: %s"):format(i, n, tostring(got)))
    end)
    print("look", i, failures)
  end
end

local function sweep_opening(core, arm)
  local failures = 0
  local _, ok, service = sweep(arm, function() return core.service { home = "." } end,
    function(_, opened, result, why)
      failures = failures + 1
      local message = opened and why or result
      assert(result == nil or not opened, "opened without memory")
      assert(tostring(message):find "memory", message)
    end)
  assert(ok and service)
  print("opening", 1, failures)
end

-- How many descriptors this process has open. Not through a pipe of its own, whose other end it may
-- still hold when the command looks.
local function count_open()
  local _, count = require("spec.support").run "ls /proc/$PPID/fd | wc -l"
  return assert(tonumber(count))
end

-- Reading files and folders leaves none of them open.
local function sweep_files(core, arm)
  collectgarbage() -- or what others have left is closed meanwhile, and the count is another
  collectgarbage()
  local before = count_open()
  for i, call in ipairs {
    function() return core.read_file "lua/luapkt/text.lua" end,
    function() return core.list_files("templates", "") end,
  } do
    local failures = 0
    local _, ok, result = sweep(arm, call, function() failures = failures + 1 end)
    assert(ok and result)
    print("file", i, failures)
  end
  assert(count_open() == before, "files were left open")
end

-- Calls of the library, each a text of Lua: packets made, read, edited, written out, judged.
local calls = {
  [=[return (Ether{} / IP{ src = "1.2.3.4", options = { IPOption_RR{ routers = { "1.1.1.1" } } } }
      / TCP{ options = { { "MSS", 1460 }, { "NOP" } } } / "hello"):bytes()]=],
  [=[local q = Ether{} / IP{} / UDP{} / DNS{ qd = DNSQR{ qname = "x.org" } }
      local p = luapkt.packet(q:bytes())
      p.IP.ttl = 3
      p:insert(2, Dot1Q{})
      return p:recompute():copy():freeze():bytes() .. p:to_json() .. p:to_lua() .. tostring(p)]=],
  [=[local p = IP{} / UDP{} / "abc"
      local q = p:copy()
      q.UDP.dport = 7
      return #p:check() .. #p:diff(q) .. tostring(p:identical()) .. p:to_scapy() .. p:hexdump()]=],
  [=[local p = Raw{}
      for i = 1, 20 do p.Raw.load = ("x"):rep(60000) .. i end
      return p:bytes()]=],
}

-- The same of captures that are read as protocols. Where there is no memory to join pieces or to
-- hold a message, they are printed as they came: then the answer is another, and no error.
local shark_calls = {
  [=[return shark(capture, "text")]=],
  [=[return shark(capture, "jsonl")]=],
  [=[return shark(capture, "pcapng")]=],
  [=[return shark(capture, function(p, about, s)
        return s:src(true) .. s:summary() .. tostring(about.note) .. #p .. "\n"
      end)]=],
  [=[local line = assert(format.compile "{number} {src:>20} {DNS.qd[1].qname} {command}")
      return shark(capture, function(p, about, s)
        return line { packet = p, about = about, shark = s }
      end)]=],
}

-- The same of a capture with nothing to join: the answer is right, or an error.
local plain_calls = {
  [=[return shark(plain, "text")]=],
  [=[return shark(plain, "text", 9)]=],
  [=[return shark(plain, "jsonl")]=],
  [=[return shark(plain, function(_, _, s) return s:src(true) .. s:dst() .. s:summary() end)]=],
  [=[local kinds, left = "", long
      local function source()
        local bytes = left
        left = nil
        return bytes
      end
      local n, err = luapkt.pcap.reader(source):each(function(p)
        for i = 1, #p do kinds = kinds .. " " .. p[i].kind end
      end)
      return n and kinds, err]=],
}

-- The same of sockets, in a network where nobody but these and the host itself speaks. What fails
-- returns nil and why. None has a filter: where libpcap has no memory to read one, it ends the
-- process.
local network_calls = {
  [=[local all, err = socket.interfaces()
      return all and all[1].name, err]=],
  [=[local sock <close>, err = socket.open{ interface = "lo", type = 0x88b5, timeout = 2 }
      if not sock then return nil, err end
      local sent, list, bytes
      sent, err = sock:send({ frame "a", frame "b":bytes(), frame "c" }, { rate = 100000 })
      if not sent then return nil, err end
      bytes, err = sock:recv()
      if not bytes then return nil, err end
      list, err = sock:recvp{ count = 2, filter = function(p) return #p:bytes() == 15 end }
      return list and bytes .. list[1]:bytes() .. list[2]:bytes(), err]=],
  [=[local sock <close>, err = socket.open{ layer = 3, type = 0x0800, timeout = 2 }
      if not sock then return nil, err end
      local p
      p, err = sock:sr1(IP{ dst = "127.0.0.1", src = "127.0.0.1" } / ICMP{ id = 7 } / "ping")
      return p and p.ICMP.id .. p.Raw.load, err]=],
  [=[local text = ("x"):rep(3000)
      local got
      local from = reliable.sender{ from = zeros, to = zeros, session = 1 }
      local function take(whole)
        got = whole
        return true
      end
      local to = reliable.receiver{ receiver = 1, deliver = take }
      assert(from:start(text, 0))
      repeat
        local bytes = from:output(0)
        local answer = bytes and to:input(bytes, 0)
        if answer then from:input(answer, 0) end
      until not bytes
      return from.state .. tostring(to:is_quiet()) .. tostring(got == text)]=],
  [=[local receiver <close>, err = message.receiver{ interface = "lo" }
      if not receiver then return nil, err end
      local sock <close>, why = socket.open{ interface = "lo", send_only = true }
      if not sock then return nil, why end
      local machine = reliable.sender{ from = zeros, to = zeros, session = 1, mtu = 100 }
      assert(machine:start(("text"):rep(50), 0))
      machine.receiver = receiver.machine.receiver
      local frames, got = {}, nil
      repeat frames[#frames + 1] = machine:output(0) until #frames == machine.count
      machine.bye = true
      frames[#frames + 1] = machine:output(0)
      local ok
      ok, err = sock:send(frames)
      if not ok then return nil, err end
      local function take(text)
        got = text
        return true
      end
      local count
      count, err = receiver:serve(take, { count = 1, timeout = 2 })
      return count and count .. got, err]=],
  [=[local sender <close>, err = message.sender{ interface = "lo", to = "00:00:00:00:00:00" }
      if not sender then return nil, err end
      local machine = sender.machine
      local to = reliable.receiver{ receiver = 1, deliver = function() return true end }
      function sender.sock:recv(options) -- what it sent itself, as if by who answers
        local bytes, why = socket.methods.recv(self, options)
        if not bytes then return nil, why end
        return to:input(bytes, 0) or bytes
      end
      local ok
      ok, err = sender:send "message"
      return ok and machine.state, err]=],
}

-- A capture with a stream whose segments change places and a datagram in pieces.
local function make_capture()
  local stream = require "spec.stream"
  local client = stream.connection(53)
  local query = (">s2"):pack((">I2I2I2I2I2I2"):pack(7, 256, 1, 0, 0, 0) .. "\1x\0\0\1\0\1")
  local head = stream.datagram(1, 2, 17, (">I2I2I2I2"):pack(1, 2, 24, 0) .. "12345678",
    { id = 3, flags_offset = 0x2000 })
  local first, a, b = client:send(query), client:send(query:sub(1, 5)), client:send(query:sub(6))
  return stream.pcap { first, b, a, head, stream.datagram(1, 2, 17, "abcdefgh",
    { id = 3, flags_offset = 2 }) }
end

-- One whose packets are whole.
local function make_plain()
  local stream = require "spec.stream"
  local udp = (">I2I2I2I2"):pack(7, 8, 12, 0) .. "text"
  return stream.pcap { stream.datagram(1, 2, 17, udp), stream.datagram(2, 1, 17, udp) }
end

-- One whose packet, of many names, outgrows what packets begin with.
local function make_long()
  local stream = require "spec.stream"
  local names = ("\1x\3org\0\0\1\0\1"):rep(600)
  local dns = (">I2I2I2I2I2I2"):pack(7, 256, 600, 0, 0, 0) .. names
  return stream.pcap { stream.datagram(1, 2, 17, (">I2I2I2I2"):pack(1, 53, 8 + #dns, 0) .. dns) }
end

-- What a shark prints of it, or nil and an error. So many lines are kept back.
local function run_shark(bytes, format, hold)
  local stream = require "spec.stream"
  local parts = {}
  local done, err = stream.shark(bytes):run { format = format, hold = hold, write = function(text)
    parts[#parts + 1] = text
    return true
  end }
  if not done then return nil, err end
  return table.concat(parts)
end

-- 'spare' says that the system may ask for memory that it can do without: then the answer is right.
-- 'less': a call may make do with less, and give another answer.
local function sweep_library(arm, texts, spare, less)
  local luapkt = require "luapkt"
  local own = { luapkt = luapkt, tostring = tostring, assert = assert, socket = luapkt.socket,
    message = require "luapkt.message", reliable = require "luapkt.reliable",
    zeros = ("\0"):rep(6), shark = run_shark, capture = less and make_capture(),
    plain = spare and make_plain(), long = spare and make_long(),
    format = require "luapkt.shark.format" }
  local names = luapkt.import(own)
  function own.frame(load) return names.Ether{ type = 0x88b5 } / load end
  for i, text in ipairs(texts) do
    local call = assert(load(text, "=call", "t", names))
    local wanted, failures = call(), 0
    local _, ok, result = sweep(arm, call, function(n, made, got, why)
      failures = failures + 1
      local place = ("call %d, allocation %d: "):format(i, n)
      local message = made and type(why) == "table" and why.message or got
      local right = made and (spare and got == wanted or less and got)
      assert(not made or got == nil or right, place .. "an answer without memory")
      assert(right or tostring(message):find "memory", place .. tostring(message))
      assert(call() == wanted, "after " .. place)
    end)
    assert(ok and result == wanted)
    print("call", i, failures)
  end
end

-- One allocation alone fails: what comes of it must not be taken for a value.
local function alone(arm)
  return function(n) return arm(n, n > 0) end
end

if run_as_program == "network" then
  sweep_library(require("failmalloc").arm, network_calls, true)
  return
elseif run_as_program == "sweep" then
  local arm = require("failmalloc").arm
  local core = require "luapkt.core"
  sweep_requests(core, arm)
  sweep_first(core, arm)
  sweep_first(core, alone(arm))
  sweep_library(arm, calls)
  sweep_library(arm, shark_calls, false, true)
  sweep_library(arm, plain_calls, true)
  sweep_library(alone(arm), calls, true)
  sweep_library(alone(arm), plain_calls, true)
  sweep_build(arm)
  sweep_build(alone(arm))
  sweep_choice(core, alone(arm))
  sweep_looks(core, arm)
  sweep_looks(core, alone(arm))
  sweep_opening(core, arm)
  sweep_files(core, arm)
  return
end

-- -------------------------------------------------------------------------------------- specs

local network = require "spec.network"
local support = require "spec.support"

local quote = support.quote

-- Compile what makes memory fail. Words that run this file as a program with it.
local function prepare(what)
  local folder = support.tmpdir()
  local shim = folder .. "/failmalloc.so"
  local compiler = "${CC:-cc} -shared -fPIC $(pkg-config --cflags lua5.4) -o %s %s"
  assert(support.run(compiler:format(quote(shim), "spec/failmalloc.c")))
  local paths = 'LUA_PATH="lua/?.lua;lua/?/init.lua;./?.lua" LUA_CPATH="%s/?.so;build/lib/?.so"'
  return ("LD_PRELOAD=%s %s lua5.4 spec/memory_spec.lua %s"):format(quote(shim),
    paths:format(folder), what)
end

-- Of calls of one kind there were so many, and of each more than `least` failed.
local function assert_swept(out, kind, count, least)
  local swept = 0
  for failures in out:gmatch(kind .. "\t%d+\t(%d+)") do
    assert.is_true(tonumber(failures) > least, kind)
    swept = swept + 1
  end
  assert.equal(count, swept, kind)
end

describe("without memory", function()
  if support.is_sanitized() then
    pending "isn't tried under sanitizers, which have an allocator of their own"
    return
  end

  it("every call fails cleanly, and the next one is answered", function()
    local ok, out, err = support.run(prepare "sweep")
    assert(ok, out .. err)
    assert_swept(out, "request", #requests, 0)
    assert_swept(out, "first", 2 * (3 + 4), 3) -- with long_requests()
    assert_swept(out, "build", 2, 3)
    assert_swept(out, "call", 2 * #calls + #shark_calls + 2 * #plain_calls, 10)
    assert_swept(out, "choice", 1, 3)
    assert_swept(out, "look", 2 * 7, 1)
    assert_swept(out, "opening", 1, 100)
    assert_swept(out, "file", 2, 3)
  end)
end)

network.describe("without memory, on a network,", 1, function(its)
  if support.is_sanitized() then return end

  its("every call of sockets and messages fails cleanly, and the next one works", function(net)
    local ok, out, err = net:run(1, "timeout 300 env " .. prepare "network")
    assert(ok, out .. err)
    assert_swept(out, "call", #network_calls, 10)
  end)
end)
