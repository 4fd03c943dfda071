-- Packets as objects: made, joined, printed, read. Bytes are those of RFCs, or built as
-- luapkt.build has them, whose own specs know the right ones.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"
local usual   = require "spec.udp_packet"

local udp_packet, udp_wire = usual.new, usual.wire
local error_of = support.error_of

local hex = support.hex

local Ether, IP, TCP, UDP, DNS = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.DNS
local DNSQR, Raw = luapkt.DNSQR, luapkt.Raw

describe("a constructor", function()
  it("makes a packet, / and + put packets together", function()
    assert.equal(udp_wire, udp_packet():bytes())
    assert.equal(udp_wire, (IP{ src = "10.0.0.1", dst = "10.0.0.2" }
      + UDP{ sport = 1, dport = 2 }):bytes())
  end)

  it("takes defaults, protocols and bytes", function()
    local p = Ether / IP() / UDP{} / "abc"
    assert.equal(luapkt.build { { "Ether" }, { "IP" }, { "UDP" }, { "Raw", { load = "abc" } } },
      p:bytes())
  end)

  it("reads bytes", function()
    local p = IP(udp_wire)
    assert.equal(2, #p)
    assert.equal("10.0.0.1", p.IP.src)
    assert.equal(1, p.UDP.sport)
  end)

  it("answers bytes that are none with an error", function()
    local p, err = IP(("x"):rep(0x40001))
    assert.is_nil(p)
    assert.equal("limit", err.code)
  end)

  it("leaves what it puts together alone", function()
    local ip, udp = IP{}, UDP{}
    local p = ip / udp
    p.UDP.dport = 99
    assert.equal(1, #ip)
    assert.equal(53, udp.UDP.dport)
  end)

  it("raises for a field or value that is wrong", function()
    assert.equal('IP has no field "x"', error_of(IP, { x = 1 }))
    assert.equal("IP.ttl: 300 is out of range: 0 to 255", error_of(IP, { ttl = 300 }))
    assert.equal("bad argument #1 to 'IP' (table of fields or bytes expected, got number)",
      error_of(IP, 7))
    assert.equal("IP: fields are named", error_of(IP, { 7 }))
    assert.equal('IP has no field "true"', error_of(IP, { [true] = 7 }))
    assert.equal('IP has no field "a table"', error_of(IP, { [{}] = 7 }))
    assert.equal('IP has no field "a function"', error_of(IP, { [print] = 7 }))
    assert.equal('IP has no field "2"', error_of(IP, { [2] = 7 }))
    local _, err = luapkt.build { { "IP", 7 } }
    assert.equal("IP: a table of fields expected, got number", err.message)
    _, err = luapkt.packet { { "IP", 7 } }
    assert.equal("IP: a table of fields expected, got number", err.message)
  end)

  it("leaves modules their names, which are members as well", function()
    for _, name in ipairs { "channel_access", "field", "flow", "message", "pcap", "reliable",
      "shark", "socket" } do
      assert.equal(require("luapkt." .. name), luapkt[name])
    end
  end)

  it("is there for every protocol, and for nothing else", function()
    for id in pairs(luapkt.generation().by_id) do assert.equal(id, tostring(luapkt[id])) end
    assert.equal("luapkt has neither a function nor a protocol 'Foo'",
      error_of(function() return luapkt.Foo end))
    assert.equal("luapkt has neither a function nor a protocol 'ether', but 'Ether'",
      error_of(function() return luapkt.ether end))
  end)

  it("is a name in an imported environment", function()
    local chunk = assert(load("return IP{ ttl = 7 } / UDP{}, print", "=x", "t", luapkt.import()))
    local p, print_function = chunk()
    assert.equal(7, p.IP.ttl)
    assert.equal(print, print_function)
    local mine = { IP = 5 }
    local env = luapkt.import(mine)
    env.x = 1
    assert.same({ 5, UDP, 1 }, { env.IP, env.UDP, mine.x })
  end)
end)

describe("a wrong call", function()
  -- The message, and in which line from 'first' on.
  local function where(f)
    local first = debug.getinfo(f, "S").linedefined
    local ok, err = pcall(f)
    assert.is_false(ok)
    local line, message = err:match "packet_spec%.lua:(%d+): (.*)$"
    return message and { message, line - first } or err
  end

  it("says in which line it is", function()
    local p, other, both = udp_packet(), udp_packet(), {}
    both[1], both[2] = both, both
    local q = udp_packet()
    local gone = q.UDP
    q:remove(UDP)
    local range = "IP.ttl: 300 is out of range: 0 to 255"
    local function inner()
      local unmade = IP{ ttl = 300 }
      return unmade
    end
    assert.same({ range, 1 }, where(inner))
    assert.same({ range, 1 }, where(function()
      p.IP.ttl = 300
    end))
    for message, f in pairs {
      ['IP has no field "nix"'] = function() return (p.IP:get "nix") end,
      ['UDP has no field "nix"'] = function() p.UDP:put("nix", 1) end,
      ["bad argument #1 to '/' (packet, protocol or bytes expected, got number)"] =
        function() return 5 / IP{} end,
      ["bad argument #2 to 'insert' (place of 1 to 3 expected, got 9)"] =
        function() p:insert(9, "x") end,
      ["the packet has no layer UDP of another packet to replace"] =
        function() p[other.UDP] = TCP{} end,
      ["IP.ttl: a function is no value of a field"] = function() return (IP{ ttl = print }) end,
      ["UDP.sport: a thread is no value of a field"] =
        function() p.UDP.sport = coroutine.create(print) end,
      ["IP.options: tables nested deeper than 64"] = function() p.IP.options = both end,
      ["IP is a protocol: of a packet p, p.IP.ttl is set"] = function() IP.ttl = 5 end,
      ["bad argument #3 to 'diff' (list of names expected, got string)"] =
        function() p:diff(p, "IP.id") end,
      ["bad argument #1 to 'bytes' (layer expected, got nil)"] =
        function() luapkt.layer.bytes() end,
      ["bad argument #1 to 'range' (layer expected, got packet)"] =
        function() luapkt.layer.range(p) end,
      ["bad argument #1 to 'has' (layer expected, got number)"] =
        function() luapkt.layer.has(5, "ttl") end,
      ["the layer was removed from its packet"] = function() p:append(gone) end,
      ["bad argument #1 to 'build' (table expected, got nil)"] =
        function() luapkt.build(nil) end,
      ["bad argument #1 to 'dissect' (string expected, got number)"] =
        function() luapkt.dissect(5) end,
      ["there is no protocol 'Nope'"] = function() luapkt.dissect("x", "Nope") end,
      ["there is no protocol 'Nix'"] = function() luapkt.rebuild("x", "Nix") end,
      ["bad argument #1 to 'plan' (string expected, got table)"] =
        function() luapkt.plan{} end,
      ["bad argument #1 to 'load' (folder 2 is a number)"] =
        function() luapkt.load{ luapkt.folder(), 5 } end,
    } do
      assert.same({ message, 0 }, where(f))
    end
    assert.equal("bad argument #1 to 'load' (list of folders expected, got nil)",
      error_of(luapkt.load))
  end)
end)

describe("a packet", function()
  it("is equal to one with the same bytes", function()
    assert.is_true(udp_packet() == IP(udp_wire))
    assert.is_false(udp_packet() == IP{})
  end)

  it("dumps its bytes", function()
    assert.equal("0000  45 00 00 1c 00 01 00 00 40 11 66 ce 0a 00 00 01   E.......@.f.....\n"
      .. "0010  0a 00 00 02 00 01 00 02 00 08 eb d8" .. (" "):rep(15) .. "............",
      udp_packet():hexdump())
  end)

  it("can be frozen", function()
    local p = udp_packet():freeze()
    p.IP.ttl = 1
    assert.same({ 0x66ce, 28 }, { p.IP.chksum, p.IP.len })
    p.UDP = nil
    assert.equal(28, p.IP.len)
  end)

  it("that can't be built answers with an error", function()
    local p = UDP{} / Raw{ load = ("x"):rep(0x40000) }
    local bytes, err = p:bytes()
    assert.is_nil(bytes)
    assert.equal("limit", err.code)
    assert.is_nil(p.UDP.len)
    assert.equal(53, p.UDP.dport)
    assert.truthy(tostring(p):find "^%(can't be built: ")
    for method in ("to_json to_lua to_scapy hexdump freeze check identical"):gmatch "%S+" do
      local none, why = p[method](p)
      assert.is_nil(none)
      assert.equal("limit", why.code, method)
    end
  end)

  it("is made of a list", function()
    assert.equal(udp_packet(), luapkt.packet {
      { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } },
      { id = "UDP", fields = { sport = 1, dport = 2 } },
    })
    assert.equal(udp_packet(), luapkt.packet { udp_packet().IP, UDP{ sport = 1, dport = 2 } })
    local none, err = luapkt.packet { { "IP", { ttl = 300 } } }
    assert.is_nil(none)
    assert.equal("IP.ttl: 300 is out of range: 0 to 255", err.message)
    none, err = luapkt.packet { { "Nope" } }
    assert.is_nil(none)
    assert.equal('there is no protocol "Nope"', err.message)
    assert.equal("", luapkt.packet({}):bytes())
    assert.equal('{"binary":null,"data":[]}', luapkt.packet({}):to_json())
    none, err = luapkt.packet({}):to_lua()
    assert.is_nil(none)
    assert.equal("the packet has no layers", err.message)
  end)

  it("is read by a capture's link type, or as a protocol", function()
    assert.equal("Ether", luapkt.packet((Ether{} / IP{}):bytes(), 1)[1].kind)
    assert.equal("Raw", luapkt.packet(udp_wire, 65000)[1].kind)
    assert.equal("IP", luapkt.packet(udp_wire, IP)[1].kind)
    local none, err = luapkt.packet(udp_wire, "Nope")
    assert.is_nil(none)
    assert.equal("unknown", err.code)
  end)

  it("is read as the caller says", function()
    local bytes = (IP{} / UDP{ sport = 9, dport = 8053 } / DNS{ qd = DNSQR{} }):bytes()
    assert.equal("Raw", luapkt.packet(bytes, "IP")[3].kind)
    local p = luapkt.packet(bytes, "IP", { decode = { UDP = { [8053] = "DNS" } } })
    assert.equal("DNS", p[3].kind)
    assert.equal(1, p.DNS.qdcount)
    assert.equal(bytes, p:bytes())
    for _, name in ipairs { "udp", UDP } do
      p = luapkt.packet(bytes, "IP", { decode = { [name] = { [8053] = "dns" } } })
      assert.equal("DNS", p[3].kind)
    end
    p = luapkt.packet(bytes, "IP", { decode = { ["IP.proto"] = { [17] = Raw } } })
    assert.same({ 2, "Raw" }, { #p, p[2].kind })
    assert.equal(bytes, p:bytes())
  end)

  it("raises where what the caller says can't be", function()
    local function raised(options, id)
      return error_of(function() return luapkt.packet(udp_wire, id or "IP", options) end)
    end
    for message, rules in pairs {
      ["decode: there is no protocol 'nope'"] = { nope = {} },
      ['decode: IP has no field "prot"'] = { ["IP.prot"] = {} },
      ["decode: rules are by protocols and fields, not by a boolean"] = { [true] = {} },
      ["decode: of UDP a table of protocols by values expected, got number"] = { UDP = 5 },
      ["decode: a table of rules expected"] = 5,
      ["decode: of UDP a port of 0 to 65535 expected, got '53'"] = { UDP = { ["53"] = "DNS" } },
      ["decode: of UDP a port of 0 to 65535 expected, got 70000"] = { udp = { [70000] = "DNS" } },
      ["decode: of TCP a port of 0 to 65535 expected, got 80.5"] = { TCP = { [80.5] = "HTTP" } },
      ["decode: IP has no ports; ['IP.FIELD'] names a field"] = { IP = { [17] = "TCP" } },
    } do
      assert.equal(message, raised { decode = rules })
    end
    assert.equal("bad argument #3 to 'packet' (there is no option 'decod')", raised { decod = {} })
    assert.equal("bad argument #2 to 'packet' (protocol or LINKTYPE expected, got table)",
      raised(nil, {}))
    assert.equal("bad argument #2 to 'packet' (LINKTYPE of 0 to 65535 expected, got 70000)",
      raised(nil, 70000))
    assert.equal("'dissect' takes no options: 'packet' does",
      error_of(function() luapkt.dissect(udp_wire, "IP", {}) end))
  end)

  it("keeps Padding when something else is read otherwise", function()
    local bytes = (Ether{} / IP{} / UDP{ sport = 9, dport = 8053 } / "abc"):bytes()
      .. ("\0"):rep(15)
    local p = luapkt.packet(bytes, "Ether", { decode = { UDP = { [9] = "DNS" } } })
    assert.equal("Padding", p[#p].kind)
    assert.equal(hex(bytes), hex(p:bytes()))
  end)
end)

describe("whatever is done to a packet", function()
  local raw = require("luapkt.core").packet
  local ids = {}
  for id, decl in pairs(luapkt.generation().by_id) do
    if not decl.abstract then table.insert(ids, id) end
  end
  table.sort(ids)

  local values = {
    0, -1, 255, 1 << 32, math.mininteger, 1.5, true, "", "x", "1.2.3.4", ("y"):rep(300), {},
    { 1, 2 }, { { "MSS", 3 } }, { "NOP" }, { a = 1 }, { id = "Nope" }, { vtype = "RANDOM" },
    { vtype = "BYTES", base64 = "AAAA" }, { { id = "DNSQR", fields = {} } },
  }

  local random -- numbers that are the same in every run
  local function one_of(list) return list[random(#list)] end
  local function any_packet() return luapkt[one_of(ids)]() end

  local function any_field(layer)
    local names = {}
    for field in layer:fields() do table.insert(names, field.id) end
    return names[1] and one_of(names)
  end

  local function edit(layer, value)
    local id = any_field(layer)
    if id then layer[id] = value(layer, id) end
  end

  local edits = {
    function(_, layer) edit(layer, function() return one_of(values) end) end,
    function(_, layer) edit(layer, function() return nil end) end,
    function(_, layer) edit(layer, function(_, id) return layer[id] end) end,
    function(_, layer) edit(layer, any_packet) end,
    function(p) p:insert(random(#p + 1), any_packet()) end,
    function(p) p:remove(random(#p + 1)) end,
    function(p) if p:freeze() then p:recompute() end end,
    function(p) return p:to_json(), p:check(), p:to_scapy(), p:identical() end,
    function(p) return p:to_lua(), tostring(p) end,
    function(p) raw.decode(p, random(#p), one_of(ids)) end,
    function(p) p:insert(1, #p < 20 and p or any_packet()) end,
  }

  -- What a mistake of the caller's raises, not one of the library's.
  local function is_refusal(message)
    return not message:find "attempt to" and not message:find "lua/luapkt/[%w_]+%.lua:%d+: [^b]"
  end

  it("is refused cleanly or done, and leaves a packet", function()
    local state = 1
    function random(n)
      state = state * 6364136223846793005 + 1442695040888963407
      return (state >> 33) % n + 1
    end
    for _ = 1, 1500 do
      local p, kept = any_packet(), {}
      for _ = 1, 8 do
        local layer = p[random(math.max(#p, 1))]
        if not layer then break end
        table.insert(kept, layer)
        local ok, err = pcall(one_of(edits), p, layer)
        assert(ok or is_refusal(err), err)
        local bytes = p:bytes()
        if bytes then assert.equal(bytes, p:copy():bytes()) end
        for _, one in ipairs(kept) do assert.is_string(tostring(one)) end
      end
    end
  end)
end)

local function is_fallback(code) return code:find '^[%w_]+%("' ~= nil end

-- All that a packet of these bytes promises.
local function try(bytes, id)
  local p = assert(luapkt.packet(bytes, id))
  assert.equal(hex(bytes), hex(p:bytes()))
  assert.equal(hex(bytes), hex(p:copy():bytes()))
  local code = p:to_lua()
  assert.equal(hex(bytes), hex(load("return " .. code, "=p", "t", luapkt.import())():bytes()))
  assert.equal(luapkt.rebuild(bytes, id) == bytes, (p:identical()))
  assert.same({}, p:diff(p:copy()))
  for _, entry in ipairs(p:check()) do assert.truthy(entry.right ~= nil or entry.why) end
  assert.equal(hex(bytes), hex(p:copy():freeze():bytes()))
  assert.is_string(tostring(p))
  local again = p:copy():recompute()
  if p:check().right then assert.equal(hex(bytes), hex(again:bytes())) end
  for place = 1, #again do assert.is_string(tostring(again[place])) end
  return p, code
end

describe("every protocol", function()
  it("makes the packet that luapkt.build makes, and reads it", function()
    for _, decl in ipairs(luapkt.generation().decls) do
      if not decl.abstract then
        local bytes = luapkt.build { { decl.id } }
        local p = luapkt[decl.id]()
        assert.equal(hex(bytes), hex(p:bytes()), decl.id)
        assert.equal(bytes, p:copy():freeze():bytes(), decl.id)
        if #bytes > 0 then try(bytes, decl.id) end
      end
    end
  end)
end)

describe("captured packets", function()
  local shared = support.shared_dir()
  local listing = shared and select(2, support.run("ls " .. shared .. "/captures/*.pcap")) or ""
  local packets = {}
  for path in listing:gmatch "[^\n]+" do
    for _, bytes in ipairs(capture.read(path) or {}) do table.insert(packets, bytes) end
  end
  if #packets == 0 then
    pending "are skipped: there is no ../shared/captures"
    return
  end

  it("come back as they were, also through Lua", function()
    local written = 0
    for _, bytes in ipairs(packets) do
      local _, code = try(bytes, "Ether")
      if not is_fallback(code) then written = written + 1 end
    end
    assert.is_true(written > #packets * 0.98)
  end)

  it("have the reply tree that the server answers with", function()
    local service = support.service { extras = true } -- which the library reads, always
    for _, bytes in ipairs(packets) do
      local answer = service:call("reconstruct_pkt", luapkt.wire.base64(bytes), luapkt.json.null)
      local tree = luapkt.json.decode(luapkt.packet(bytes):to_json())
      assert.equal(luapkt.json.encode(answer), luapkt.json.encode(tree))
    end
    service:close()
  end)
end)
