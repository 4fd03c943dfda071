-- luapkt.socket: raw sockets, on a pair of interfaces in a network of their own.

local luapkt  = require "luapkt"
local network = require "spec.network"
local support = require "spec.support"

local quote = support.quote
local socket = luapkt.socket

local function raises(pattern, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.matches(pattern, err)
end

network.describe("a raw socket", 1, function(its)
  local folder = support.tmpdir()

  -- What a script prints that has the library's names, and sockets on both ends of a wire.
  local function run(net, script)
    net:run(1, [[ip link show one >/dev/null 2>&1 || {
      ip link add one type veth peer name two
      ip link set one address 02:00:00:00:00:01 up
      ip link set two address 02:00:00:00:00:02 up; }]])
    support.write_file(folder .. "/script.lua", [[
      local luapkt = require "luapkt"
      local _ENV = luapkt.import()
      local socket = luapkt.socket
      local function open(name, options)
        options = options or {}
        options.interface, options.timeout = name, options.timeout or 2
        return assert(socket.open(options))
      end
      local function frame(payload, fields)
        local all = { src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02", type = 0x88b5 }
        for k, v in pairs(fields or {}) do all[k] = v end
        return Ether(all) / payload
      end
      ]] .. script)
    local ok, out, err = net:run(1, ("timeout 20 %s run %s"):format(quote(support.program()),
      quote(folder .. "/script.lua")))
    assert(ok, err)
    return out
  end

  its("sends bytes and packets, and receives bytes with what is known of them", function(net)
    assert.equal("1\nhello\ttrue\ttrue\t19\thost\t34997\n3\nb c d\n", run(net, [[
      local one, two = open "one", open "two"
      local before = os.time()
      print(one:send(frame "hello"))
      local bytes, about = two:recv()
      print(bytes:sub(15), bytes == frame("hello"):bytes(),
        about.time // 1000000000 - before <= 1, about.wire_len, about.kind, about.type)
      print(one:send { frame "b", frame("c"):bytes(), frame "d" })
      local got = {}
      for _ = 1, 3 do table.insert(got, (two:recv():sub(15))) end
      print(table.concat(got, " "))]]))
  end)

  its("sends one packet often, at a rate", function(net)
    assert.equal("1000\ttrue\n1000\t0\t1000\n", run(net, [[
      local one, two = open "one", open "two"
      local core = require "luapkt.core"
      local start = core.socket.now()
      local sent = one:send(frame "x", { count = 1000, rate = 10000 })
      local took = (core.socket.now() - start) / 1e9
      print(sent, took > 0.09)
      print(two:stats().received, two:stats().dropped, one:stats().sent)]]))
  end)

  its("loops over what comes until nothing does", function(net)
    assert.equal("1\n2\n3\ntrue\n", run(net, [[
      local one, two = open "one", open("two", { timeout = 0.1 })
      for i = 1, 3 do one:send(frame(tostring(i))) end
      for raw in two do print(raw:sub(15)) end
      print(two:check())]]))
  end)

  its("gives packets, those that a function wants", function(net)
    assert.equal("2\tEther\n2 4\ttimeout\n", run(net, [[
      local one, two = open "one", open("two", { timeout = 0.1 })
      for i = 1, 5 do one:send(frame(tostring(i))) end
      local function is_even(p) return tonumber(p.Raw.load) % 2 == 0 end
      local got = two:recvp { count = 3, filter = is_even }
      print(#got, got[1][1].kind)
      print(got[1].Raw.load .. " " .. got[2].Raw.load, select(2, two:recv()).code)]]))
  end)

  its("receives by a filter of tcpdump's language from the first frame on", function(net)
    assert.equal("1\tUDP\nnil\tsyntax\n1\tTCP\n", run(net, [[
      local one, two = open "one", open("two", { filter = "udp port 53", timeout = 0.1 })
      local function send_both()
        one:send { Ether{} / IP{} / TCP{}, Ether{} / IP{} / UDP{ dport = 53 } }
      end
      send_both()
      local got = two:recvp { count = 2 }
      print(#got, got[1][3].kind)
      local ok, err = two:set_filter "no such thing"
      print(ok, err.code)
      send_both()
      assert(two:set_filter "tcp") -- what waits is thrown away
      send_both()
      got = two:recvp { count = 4 }
      print(#got, got[1][3].kind)]]))
  end)

  -- Frames of 60 bytes take 768 of the buffer each: about 87,000 fit in twice 32 MiB.
  its("throws away all that waits, however large its buffer is", function(net)
    assert.equal("40000\ttrue\n1\tafter\n", run(net, [[
      local one, two = open "one", open("two", { buffer = 32 << 20, timeout = 0.1 })
      print(one:send(frame(("b"):rep(46)), { count = 40000 }), two:stats().dropped == 0)
      assert(two:set_filter "ether proto 0x88b5")
      one:send(frame "after")
      local got = two:recvp { count = 2 }
      print(#got, got[1].Raw.load)]]))
  end)

  its("puts VLAN tags back", function(net)
    assert.equal("true\t4101\ttrue\ntrue\ntrue\t1\t5\n", run(net, [[
      local one, two = open "one", open "two"
      local tagged = Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
        / Dot1Q{ prio = 0, id = 1, vlan = 5, type = 0x88b5 } / "xyz"
      one:send(tagged)
      local bytes, about = two:recv()
      print(bytes == tagged:bytes(), about.tag, about.wire_len == #bytes)
      one:send(tagged)
      print(two:recv { filter = function(p) return p.Dot1Q.vlan == 5 end } == bytes)
      local only = open("two", { filter = "vlan 5", timeout = 0.1 })
      one:send { frame "untagged", tagged, frame "untagged" }
      local got = only:recvp { count = 3 }
      print(got[1]:bytes() == bytes, #got, got[1].Dot1Q.vlan)]]))
  end)

  its("puts back the outer of two tags, with its own type", function(net)
    assert.equal("true\n", run(net, [[
      local one, two = open "one", open "two"
      local tagged = Ether{ type = 0x88a8 } / Dot1Q{ vlan = 7 } / Dot1Q{ vlan = 5, type = 0x88b5 }
      one:send(tagged)
      print(two:recv() == tagged:bytes())]]))
  end)

  its("receives one EtherType, also one that is a length", function(net)
    assert.equal("b\nlength\t0\n", run(net, [[
      local one, two = open "one", open("two", { type = 0x88b6 })
      local zero = open("two", { type = 0 })
      one:send { frame "a", frame("b", { type = 0x88b6 }), frame("length", { type = 0 }) }
      print(two:recv():sub(15))
      local bytes, about = zero:recv()
      print(bytes:sub(15), about.type)]]))
  end)

  its("sees what its host sends only if asked to", function(net)
    assert.equal("0\n1\toutgoing\n", run(net, [[
      local one, quiet = open "one", open("one", { timeout = 0.05 })
      local nosy = open("one", { outgoing = true, timeout = 0.05 })
      one:send(frame "x")
      print(#quiet:recvp())
      local _, about = nosy:recv()
      print(nosy:stats().received, about.kind)]]))
  end)

  its("counts what found no room", function(net)
    assert.equal("true\ttrue\n", run(net, [[
      local one, two = open "one", open("two", { buffer = 4096 })
      one:send(frame(("x"):rep(1000)), { count = 1000 })
      local stats = two:stats()
      print(stats.dropped > 0, stats.received + stats.dropped == 1000)]]))
  end)

  its("waits no longer than it is told to", function(net)
    assert.equal("nil\ttimeout\ttrue\nnil\ttimeout\ttrue\n", run(net, [[
      local core = require "luapkt.core"
      local one, two = open "one", open "two"
      local function try(options)
        local start = core.socket.now()
        local got, err = two:recv(options)
        local took = (core.socket.now() - start) / 1e9
        print(got, err.code, took >= options.timeout and took < options.timeout + 1)
      end
      try { timeout = 0.1 }
      try { timeout = 0 }]]))
  end)

  its("says what can't be sent", function(net)
    assert.equal("nil\tvalue\t0\n2 bytes\nnil\tvalue\t1\nvalue\n"
      .. "more bytes than a packet may have\ntoo often\nvalue\nvalue\n", run(net, [[
      local one = open "one"
      local sent, err, count = one:send "xx"
      print(sent, err.code, count)
      print(err.message:match "not (2)" .. " bytes")
      sent, err, count = one:send { frame "good", frame(("x"):rep(2000)) }
      print(sent, err.code, count)
      print(select(2, one:send(("x"):rep(262144))).code)
      print((select(2, pcall(one.send, one, ("x"):rep(262145))):match "%((.*)%)"))
      print((select(2, pcall(one.send, one, frame "x", { count = 1 << 40 })):match "%((.*)%)"))
      print(select(2, assert(socket.open {}):send(frame "x")).code)
      print(select(2, assert(socket.open { layer = 3 }):send "no packet").code)]]))
  end)

  its("says so where it was closed meanwhile", function(net)
    assert.equal("packets: the socket is closed\n"
      .. ("the socket was closed while it received\n"):rep(2), run(net, [[
      local one = open "one"
      local function try(sock, use)
        local _, err = pcall(use, sock)
        print((err:gsub("^[^ ]*:%d+: ", "")))
      end
      local function close(sock)
        return function() sock:close() end
      end
      local a, b, c = open "two", open "two", assert(socket.open { layer = 3, timeout = 2 })
      one:send { frame "a", frame "b" }
      try(a, function() for _ in a:packets() do a:close() end end)
      try(b, function() b:recv { filter = close(b) } end)
      local echo = IP{ src = "127.0.0.1", dst = "127.0.0.1" } / ICMP{ type = 8 }
      try(c, function() c:sr({ echo, echo }, { gap = 0.1, filter = close(c) }) end)]]))
  end)

  its("asks and is answered, whatever waited before", function(net)
    assert.equal("1\t0\ttrue\t02:00:00:00:00:02\ntrue\tnil\n1\t1\n", run(net, [[
      local one, two = open("one", { timeout = 0.2 }), open "two"
      local function who(ip)
        return Ether{ src = "02:00:00:00:00:01", dst = "ff:ff:ff:ff:ff:ff" }
          / ARP{ hwsrc = "02:00:00:00:00:01", psrc = "10.0.0.1", pdst = ip }
      end
      local function is(ip)
        return Ether{ src = "02:00:00:00:00:02", dst = "02:00:00:00:00:01" }
          / ARP{ op = 2, hwsrc = "02:00:00:00:00:02", psrc = ip, pdst = "10.0.0.1" }
      end
      -- Both ends are here: a gap in which the answer is sent is a filter that answers.
      local answered = false
      local function answer_once()
        if not answered then
          answered = true
          two:send { is "10.0.0.9", is "10.0.0.2" }
        end
        return true
      end
      two:send(is "10.0.0.2") -- it comes too early
      two:send(is "10.0.0.2")
      local helper = { who "10.0.0.2" }
      local sock = one
      local core = sock.core
      local wire = setmetatable({}, { __index = function(_, name)
        return function(_, ...)
          local result = table.pack(core[name](core, ...))
          if name == "send" then answer_once() end
          return table.unpack(result, 1, result.n)
        end
      end })
      sock.core = wire
      local answers, rest = sock:sr(helper)
      print(#answers, #rest, answers[1].took < 10, answers[1].answer.ARP.hwsrc)
      print(answers[1].request == helper[1], rest[1])
      answered = false
      answers, rest = sock:sr { who "10.0.0.2", who "10.0.0.3" }
      print(#answers, #rest)]]))
  end)

  its("tells of interfaces", function(net)
    assert.equal("one\t02:00:00:00:00:01\t1500\ttrue\nlo\t127.0.0.1\t8\nnil\tunknown\n", run(net, [[
      local one, lo = socket.interface "one", socket.interface "lo"
      print(one.name, one.mac, one.mtu, one.up)
      print(lo.name, lo.addresses[1].address, lo.addresses[1].prefix)
      local none, err = socket.interface "nothing"
      print(none, err.code)]]))
  end)

  its("sends and receives IP packets by the system's routes", function(net)
    assert.equal("ICMP\t0\t7\ttrue\nTCP\tRA\n2\n", run(net, [[
      local sock = assert(socket.open { layer = 3, timeout = 2 })
      local here, any = "127.0.0.1", "0.0.0.0"
      local echo = IP{ src = any, dst = here } / ICMP{ type = 8, id = 7, seq = 1 } / "x"
      local answer, took = sock:sr1(echo)
      print(answer[2].kind, answer.ICMP.type, answer.ICMP.id, took < 10)
      local syn = IP{ src = here, dst = here } / TCP{ sport = 9999, dport = 9, flags = "S" }
      answer = sock:sr1(syn)
      print(answer[2].kind, answer.TCP:show "flags")
      local seen = sock:sr({ echo, echo }, { several = true, timeout = 0.1 })
      print(#seen)]]))
  end)

  -- The kernel throws away a UDP packet with a wrong sum: RFC 768, RFC 8200 section 8.1.
  its("sends from the route's source what leaves it out", function(net)
    assert.equal("10.9.0.1\tport-unreachable\t10.9.0.1\tRA\n"
      .. "10.9.0.1\ttrue\tport-unreachable\nfd00::1\t4\n::\tfd00::2\n", run(net, [[
      os.execute "ip address replace 10.9.0.1/24 dev lo"
      os.execute "sysctl -qw net.ipv6.conf.lo.disable_ipv6=0"
      os.execute "ip -6 address replace fd00::1/128 dev lo"
      local sock = assert(socket.open { layer = 3, timeout = 2 })
      local to = IP{ src = "0.0.0.0", dst = "10.9.0.1" }
      local a = assert(sock:sr(to / UDP{ sport = 1234, dport = 9999 } / "hello"))[1]
      local b = assert(sock:sr(to / TCP{ sport = 1234, dport = 9 }))[1]
      print(a.request.IP.src, a.answer.ICMP:show("code"):match "%S+", b.request.IP.src,
        b.answer.TCP:show "flags")
      local bound = assert(socket.open { layer = 3, interface = "lo", timeout = 2 })
      local p = to / UDP{ sport = 1234, dport = 9999 }
      a = assert(bound:sr(p))[1]
      print(a.request.IP.src, p.IP.src == "0.0.0.0", a.answer.ICMP:show("code"):match "%S+")
      local six = IPv6{ src = "::", dst = "fd00::1" } / UDP{ sport = 1234, dport = 9999 }
      a = assert(sock:sr(six))[1]
      print(a.request.IPv6.src, a.answer[2].code)
      local outgoing = open("one", { layer = 3, outgoing = true })
      os.execute "sysctl -qw net.ipv6.conf.one.disable_ipv6=0"
      os.execute "ip -6 address replace fd00::3/64 dev one nodad"
      outgoing:send(IPv6{ src = "::", dst = "ff02::1:ff00:2" } / ICMPv6ND_NS{ tgt = "fd00::2" })
      local function is_ours(q) -- the host asks for its own address too
        return q.ICMPv6ND_NS and q.ICMPv6ND_NS.tgt == "fd00::2"
      end
      local seen = outgoing:recvp { filter = is_ours }[1]
      print(seen.IPv6.src, seen.ICMPv6ND_NS.tgt)]]))
  end)

  its("is refused without the right to", function(net)
    local command = ("setpriv --bounding-set -net_raw --inh-caps -net_raw %s run %s"):format(
      quote(support.program()), quote(folder .. "/denied.lua"))
    support.write_file(folder .. "/denied.lua", [[
      for layer = 2, 3 do
        local sock, err = require "luapkt".socket.open { layer = layer }
        print(sock, err.code, err.message)
      end]])
    local ok, out, err = net:run(1, command)
    assert(ok, err)
    local line = "nil\tdenied\traw sockets need root or the capability CAP_NET_RAW\n"
    assert.equal(line .. line, out)
  end)

  its("loses its interface with a word", function(net)
    assert.equal("system\treceiving on gone: Network is down\n", run(net, [[
      os.execute "ip link add gone type veth peer name gone2; ip link set gone up"
      local sock = open "gone"
      os.execute "ip link del gone"
      local _, err = sock:recv { timeout = 1 }
      print(err.code, err.message)]]))
  end)

  its("says where it can't send to", function(net)
    assert.matches("^sending to 192.0.2.1: Network is unreachable\nsending to 2001:db8::1: %u",
      run(net, [[
      for _, packet in ipairs {
        IP{ src = "10.0.0.1", dst = "192.0.2.1" } / UDP{},
        IPv6{ src = "fe80::1", dst = "2001:db8::1" } / UDP{},
      } do
        print((select(2, assert(socket.open { layer = 3 }):send(packet))))
      end]]))
  end)

  its("says how much may be sent", function(net)
    local right = "1000 bytes are more than one can send: a header and 900 at most\n"
      .. "1000 bytes are more than one can send: 900 at most\n"
    assert.equal(right, run(net, [[
      os.execute "ip link set one mtu 900"
      print((select(2, open("one"):send(("x"):rep(1000)))))
      local packet = IP{ src = "10.0.0.1", dst = "10.0.0.2" } / ("x"):rep(980)
      print((select(2, open("one", { layer = 3 }):send(packet))))
      os.execute "ip link set one mtu 1500"]]))
  end)
end)

-- On a socket of the system's that is played: what waits to be received is a list, to which every
-- packet that is sent adds what `answer` makes of its bytes.
describe("a socket", function()
  local IP, ICMP = luapkt.IP, luapkt.ICMP

  local function played(waiting, answer)
    local core = { waiting = waiting, sent = {}, left = {} }
    function core:receive(left)
      table.insert(self.left, left)
      local bytes = table.remove(self.waiting, 1)
      if bytes then return bytes, { time = 0 } end
      return nil, { code = "timeout", message = "nothing came in time" }
    end
    function core:send(bytes)
      table.insert(self.sent, bytes)
      for _, one in ipairs(answer and answer(bytes) or {}) do table.insert(self.waiting, one) end
      return 1
    end
    function core:drain()
      self.waiting = {}
      return true
    end
    return setmetatable({ core = core, layer = 3, timeout = 0 }, socket.methods), core
  end

  local function echo(seq, type)
    return IP{ src = "10.0.0.1", dst = "10.0.0.1" } / ICMP{ type = type or 8, id = 1, seq = seq }
  end
  local function reply(seq) return assert(echo(seq, 0):bytes()) end
  local function reply_to(bytes) return reply(IP(bytes).ICMP.seq) end

  it("takes as many packets as are asked for, and leaves the others", function()
    local sock, core = played { reply(1), reply(2), reply(3) }
    assert.equal(2, #sock:recvp { count = 2 })
    assert.same({ reply(3) }, core.waiting)
  end)

  it("passes over what isn't wanted only as long as there is time", function()
    local sock, core = played { reply(1), reply(2) }
    local bytes, err = sock:recv { timeout = 0, filter = function() return false end }
    assert.is_nil(bytes)
    assert.equal("timeout", err.code)
    assert.same({ reply(2) }, core.waiting)
  end)

  it("waits for ever where that is how long it is told to", function()
    local sock, core = played { reply(1), reply(2) }
    for _, seconds in ipairs { 1e9, math.huge } do
      assert.is_string((sock:recv { timeout = seconds }))
    end
    assert.same({ -1, -1 }, core.left)
  end)

  it("that nothing comes to any more is no error", function()
    local sock = played { reply(1) }
    for p in sock:packets() do assert.equal(1, p.ICMP.seq) end
    assert.is_true(sock:check())
  end)

  it("takes one answer to each packet, or as many as come", function()
    local function twice(bytes) return { reply_to(bytes), reply_to(bytes) } end
    local answers, rest = played({}, twice):sr { echo(1), echo(2) }
    assert.same({ 1, 2, 0 }, { answers[1].answer.ICMP.seq, answers[2].request.ICMP.seq, #rest })
    assert.equal(2, #played({}, twice):sr(echo(1), { several = true }))
  end)

  it("asks until it has as many answers as are enough", function()
    local sock, core = played({}, function(bytes) return { reply_to(bytes) } end)
    local answers, rest = sock:sr({ echo(1), echo(2), echo(3) }, { count = 1 })
    assert.same({ 1, 2, 1 }, { #answers, #rest, #core.sent })
  end)

  it("asks again what has no answer, and nothing else", function()
    local sock, core = played({}, function(bytes)
      return { IP(bytes).ICMP.seq == 1 and reply_to(bytes) or nil }
    end)
    local answers, rest = sock:sr({ echo(1), echo(2) }, { retry = 2 })
    assert.same({ 1, 1, 4 }, { #answers, #rest, #core.sent })
  end)

  it("takes no answer that came before the question", function()
    local answers, rest = played({ reply(1) }):sr(echo(1))
    assert.same({ 0, 1 }, { #answers, #rest })
  end)

  it("sends a packet without a source as it is where there is no route", function()
    local sock, core = played {}
    function core.source() return "" end
    local p = IP{ src = "0.0.0.0", dst = "192.0.2.1" } / ICMP{}
    assert.equal(1, sock:send(p))
    assert.same({ p:bytes() }, core.sent)
  end)
end)

describe("luapkt.socket", function()
  it("needs no libpcap to be loaded", function()
    local path = assert(package.searchpath("luapkt.core", package.cpath))
    local ok, out = support.run("ldd " .. quote(path))
    assert.is_true(ok)
    assert.is_nil(out:find "pcap")
  end)

  it("answers an interface that isn't there", function()
    local sock, err = socket.open { interface = "no\1such" }
    assert.is_nil(sock)
    assert.same({ code = "unknown", message = [[there is no interface "no\x01such"]] }, err)
    sock, err = socket.open { interface = ("x"):rep(100) }
    assert.is_nil(sock)
    assert.equal("unknown", err.code)
  end)

  it("raises for wrong calls", function()
    raises("bad argument #1 to 'open' %(table expected, got number%)$", socket.open, 1)
    raises("#1 to 'open' %('timeout': number expected, got string%)$", socket.open,
      { timeout = "x" })
    raises("#1 to 'open' %('timeout': number expected, got %-1%)$", socket.open, { timeout = -1 })
    raises("#1 to 'open' %(there is no option 'colour'%)$", socket.open, { colour = "red" })
    raises("layer 2 or 3 expected, got 4$", socket.open, { layer = 4 })
    raises("^'type': a number from 0 to 65535 expected, got 70000", socket.open, { type = 70000 })
    raises("^'interface' has a zero byte", socket.open, { interface = "a\0b" })
    raises("#1 to 'interface' %(text expected, got nil%)$", socket.interface)
    raises("#1 to 'recv' %(socket expected, got number%)$", socket.methods.recv, 1)
    local random = require("luapkt.core").socket.random
    assert.equal(256, #random(256))
    for _, n in ipairs { -1, 257 } do raises("0 to 256 expected", random, n) end
    for _, name in ipairs { "send", "sr", "sr1" } do
      local sock = setmetatable({ core = {} }, socket.methods)
      local here = debug.getinfo(1, "S").short_src:gsub("%p", "%%%0")
      raises("^" .. here .. ":%d+: bad argument #2 to '" .. name .. "' .*, got nil%)$",
        function() sock[name](sock) end)
    end
  end)
end)
