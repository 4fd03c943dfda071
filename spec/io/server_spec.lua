-- The running server: its options, its endings, its reloads. It is driven by 'luapkt call'.

local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file
local program = quote(support.program())
local with_server = require("spec.servers").with

-- One protocol with one field, whose default tells the generations apart.
local function protocol(default)
  return ([[
local f = require "luapkt.field"

return {
  {
    id     = "SpecReload",
    fields = {
      f.u16("generation", { default = %s }),
    },
  },
}
]]):format(default)
end

local build = [[build_pkt '[{"id":"SpecReload"}]']]

local function generation(server)
  local _, out = server:call(build)
  return out:match '"value": (%d+)'
end

-- Ask until the answers are of generation `wanted`, for some seconds.
local function becomes(server, wanted)
  local latest = os.time() + 30
  local got
  repeat
    got = generation(server)
  until got == wanted or os.time() >= latest
  return got
end

-- The addresses that somebody listens on at a port, as the kernel has them: "0200007F".
local function listeners(port)
  local found = {}
  local entry = ("%%d+: (%%x+):%04X %%x+:0000 0A "):format(port) -- 0A: it listens
  for address in read_file "/proc/net/tcp":gmatch(entry) do table.insert(found, address) end
  return found
end

describe("luapkt serve", function()
  it("prints the banner of the document", function()
    local port = support.free_port()
    with_server("-s " .. port, function(server)
      assert.equal("***Scapy Server Started***", server.banner[1])
      assert.equal("Listening on port: " .. port, server.banner[2])
      assert.matches("^Server IP address: %d+%.%d+%.%d+%.%d+$", server.banner[3])
      assert.is_true((server:call "get_version"))
    end)
  end)

  it("takes the port under all its names", function()
    for _, option in ipairs { "-s", "-p", "--port", "--scapy-port" } do
      local port = support.free_port()
      with_server(("%s %d"):format(option, port), function(server)
        assert.equal(tostring(port), server.port)
      end)
    end
  end)

  it("finds a free port itself when told 0", function()
    with_server("--port 0", function(server)
      assert.is_true(tonumber(server.port) > 0)
      assert.is_true((server:call "get_version"))
    end)
  end)

  it("listens on one address only", function()
    with_server("--bind 127.0.0.2 --port 0", function(server)
      assert.equal("Server IP address: 127.0.0.2", server.banner[3])
      assert.is_true((support.run(("%s call --timeout 30000 --endpoint tcp://127.0.0.2:%s %s")
        :format(program, server.port, "get_version"))))
      assert.same({ "0200007F" }, listeners(server.port))
    end)
  end)

  it("says that the port is taken", function()
    with_server("--port 0", function(server)
      local _, out, err, status = support.run(("%s serve -s %s"):format(program, server.port))
      assert.equal(1, status)
      assert.equal("", out)
      assert.equal(
        ("luapkt: can't listen on port %s: the port is taken\n"):format(server.port), err)
    end)
  end)

  it("says that there is no such address, without a name lookup", function()
    local _, _, err, status = support.run(program .. " serve --port 0 --bind no.such.example")
    assert.equal(1, status)
    assert.matches("can't listen on no.such.example: no such address or interface", err, 1, true)
  end)

  for _, name in ipairs { "INT", "TERM" } do
    it("ends cleanly on SIG" .. name, function()
      with_server("--port 0", function(server)
        server:signal(name)
        local rest, status, errors = server:ended()
        assert.equal(0, status)
        assert.equal("", rest)
        assert.equal("", errors)
      end)
    end)
  end

  it("answers shut_down and ends", function()
    with_server("--port 0", function(server)
      assert.is_true((server:call "shut_down"))
      local rest, status = server:ended()
      assert.equal(0, status)
      assert.equal("Server: Shut down by remote user\n", rest)
    end)
  end)

  it("tells of requests and counts them when verbose", function()
    with_server("-v --port 0", function(server)
      server:call "get_version"
      local _, _, errors = server:stop()
      assert.matches('request .-"method":"get_version"', errors)
      assert.matches("reply .-\"result\"", errors)
      assert.matches("requests 1, deferred", errors)
    end)
  end)

  it("keeps a log, and appends to it", function()
    local log = support.tmpdir() .. "/log"
    for _ = 1, 2 do
      with_server("--port 0 --log " .. quote(log), function(server)
        server:call "get_version"
        local _, _, errors = server:stop()
        assert.equal("", errors)
      end)
    end
    local _, lines = read_file(log):gsub("requests 1,", "")
    assert.equal(2, lines)
  end)

  it("goes on in a new log after SIGHUP, or in the old one", function()
    local log = support.tmpdir() .. "/log"
    with_server("--port 0 --log " .. quote(log), function(server)
      -- Until a line of the file says this, requests that are logged somewhere.
      local function is_told(what, path)
        server:signal "HUP"
        for _ = 1, 200 do
          server:call "get_version"
          if (read_file(path) or ""):find(what, 1, true) then return true end
        end
      end
      assert(os.rename(log, log .. ".1"))
      assert.is_true(is_told("get_version", log))
      assert(os.rename(log, log .. ".2"))
      support.run("mkdir " .. quote(log)) -- nothing that a log can be
      assert.is_true(is_told("log again: Is a directory", log .. ".2"))
      local _, _, errors = server:stop()
      assert.matches("^luapkt: can't open the log file .-/log again: Is a directory\n", errors)
      assert.matches("requests", read_file(log .. ".2"))
    end)
  end)

  it("draws the same values with the same seed", function()
    local function draw(seed)
      local drawn
      with_server("--port 0 --workers 1 --seed " .. seed, function(server)
        local _, out = server:call([[build_pkt '[{"id":"IP","fields":[]},{"id":"TCP",]] ..
          [["fields":[{"id":"seq","value":{"vtype":"RANDOM"}}]}]']])
        drawn = out
      end)
      return drawn
    end
    assert.equal(draw(7), draw(7))
    assert.not_equal(draw(7), draw(8))
  end)

  it("cuts off a client whose message is too large, and no other", function()
    with_server("--port 0 --max-message 2000", function(server)
      local large = quote('"' .. ("x"):rep(3000) .. '"')
      local ok, _, err = server:call("--timeout 150 get_version " .. large)
      assert.is_false(ok)
      assert.matches("^luapkt call: no answer from ", err) -- not even an error
      assert.is_true((server:call "get_version"))
    end)
  end)

  it("refuses what it doesn't know", function()
    for _, options in ipairs {
      "--nonsense", "word", "--port x", "--port 65536", "--port -1", "--workers 0", "--seed -5",
      "--max-message 1", "--max-message 67108865", "--curve-allow file",
    } do
      local _, out, err, status = support.run(("%s serve %s"):format(program, options))
      assert.equal(2, status)
      assert.equal("", out)
      assert.matches("^luapkt serve: ", err)
    end
  end)
end)

describe("a reload of templates", function()
  local dir, file

  -- One template with one field, whose value tells the generations apart.
  local function template(port)
    return ("return {\n  packet = { { 'UDP', dport = %s } },\n}\n"):format(port)
  end

  local function options()
    return "--port 0 --templates " .. quote(dir)
  end

  local function port_of(server, id)
    local _, out = server:call(([[get_template '"%s"']]):format(id or "t"))
    local text = require("luapkt").wire.unbase64(out:match '"(.*)"' or "")
    return text and text:match '"value":"(%d+)"'
  end

  -- Ask until the answer is `wanted`, for some seconds: a busy machine is slow.
  local function port_becomes(server, wanted, id)
    local latest = os.time() + 10
    while port_of(server, id) ~= wanted and os.time() < latest do end -- each call starts a program
    return port_of(server, id)
  end

  before_each(function()
    dir = support.tmpdir()
    file = dir .. "/t.lua"
    write_file(file, template(11))
  end)

  it("follows a file that is written, and a new one in a new folder", function()
    with_server(options(), function(server)
      assert.equal("11", port_of(server))
      write_file(file, template(12))
      assert.equal("12", port_becomes(server, "12"))
      os.execute("mkdir " .. quote(dir .. "/group"))
      write_file(dir .. "/group/new.lua", template(13))
      assert.equal("13", port_becomes(server, "13", "group/new"))
      os.remove(file)
      assert.is_true((server:call "reload"))
      assert.is_nil(port_of(server))
    end)
  end)

  for what, text in pairs {
    ["that can't be read"] = "return {\n  packet = = }",
    ["of the wrong shape"] = "return {\n\n x = 5 }",
    ["whose packet can't be built"] = "return { packet = {\n { 'IP', ttl = 300 } } }",
  } do
    it("with a file " .. what .. " keeps the old ones, and says which line", function()
      with_server(options(), function(server)
        assert.equal("11", port_of(server))
        write_file(file, text)
        local ok, _, err = server:call "reload"
        assert.is_false(ok)
        assert.matches("^error %-32098: Scapy Server: .*/t%.lua:[23]: ", err)
        assert.is_nil(err:find(dir, 1, true))
        assert.equal("11", port_of(server))
        write_file(file, template(14))
        assert.equal("14", port_becomes(server, "14"))
        local _, status, errors = server:stop()
        assert.equal(0, status)
        assert.matches("not reloaded: .*/t%.lua:[23]: ", errors)
      end)
    end)
  end

  it("is needed for a file that was broken at the start: the others are there", function()
    write_file(file, "return {\n  packet = = }")
    write_file(dir .. "/good.lua", template(15))
    with_server(options(), function(server)
      assert.equal("15", port_of(server, "good"))
      local ok, _, err = server:call([[get_template '"t"']])
      assert.is_false(ok)
      assert.is_nil(err:find("t.lua", 1, true))
      local latest = os.time() + 10
      repeat
        local log = read_file(server.log)
      until log:find "/t%.lua:2: " or os.time() >= latest
      assert.matches("/t%.lua:2: ", read_file(server.log))
      write_file(file, template(16))
      assert.equal("16", port_becomes(server, "16"))
      server:stop()
    end)
  end)
end)

-- Kilobytes that the server has in memory.
local function resident(server)
  return tonumber(read_file("/proc/" .. server.pid .. "/status"):match "VmRSS:%s*(%d+)")
end

describe("a worker", function()
  local model = quote '[{"id":"Ether"},{"id":"IP"}]'
  local options = quote [[{"field_engine":{"global_parameters":{},"instructions":[
    {"id":"STLVmFlowVar","parameters":{"name":"v","size":"1",
      "value_list":{"vtype":"EXPRESSION","expr":"[1, 2]"}}},
    {"id":"STLVmWrFlowVar","parameters":{"fv_name":"v","pkt_offset":"IP.ttl"}}]}}]]

  it("answers build_pkt_ex and decompile_vm_raw, and the front all else", function()
    with_server("-v --port 0 --workers 2", function(server)
      for _ = 1, 4 do
        local ok, out = server:call(("build_pkt_ex %s %s"):format(model, options))
        assert.is_true(ok)
        assert.matches('"pkt_offset": 22', out)
        assert.is_true((server:call("build_pkt " .. model)))
      end
      local ok, out = server:call("decompile_vm_raw " .. quote '"AAAA"' .. " " .. quote
        '{"instructions":[{"type":"fix_checksum_ipv4","pkt_offset":14}]}')
      assert.is_true(ok)
      assert.matches('"STLVmFixIpv4"', out)
      assert.is_true((server:call(("load_instruction_parameter_values %s {} %s"):format(
        model, quote '"offset"'))))
      local _, status, errors = server:stop()
      assert.equal(0, status)
      assert.matches("requests 10, deferred 5, shared 0", errors)
    end)
  end)

  it("that has its Lua open takes little memory", function()
    if support.is_sanitized() then pending "is not measured with sanitizers" end
    with_server("--port 0 --workers 2", function(server)
      for _ = 1, 20 do
        assert.is_true((server:call(("build_pkt_ex %s %s"):format(model, options))))
      end
      assert.is_true(resident(server) < 25000, resident(server) .. " kB")
    end)
  end)

  it("has the server's new protocols after a reload", function()
    local dir = support.tmpdir()
    write_file(dir .. "/spec_reload.lua", protocol(21))
    with_server("--port 0 --protocols " .. quote(dir), function(server)
      local ex = "build_pkt_ex " .. quote '[{"id":"SpecReload"}]' .. " " .. quote "{}"
      for _, default in ipairs { 21, 22, 23 } do
        write_file(dir .. "/spec_reload.lua", protocol(default))
        assert.is_true((server:call "reload"))
        local _, out = server:call(ex)
        assert.equal(tostring(default), out:match '"value": (%d+)')
      end
    end)
  end)
end)

describe("a reload", function()
  local dir, file

  before_each(function()
    dir = support.tmpdir()
    file = dir .. "/spec_reload.lua"
    write_file(file, protocol(11))
  end)

  local function options()
    return "--port 0 --protocols " .. quote(dir)
  end

  it("follows a file that is written in place", function()
    with_server(options(), function(server)
      assert.equal("11", generation(server))
      write_file(file, protocol(12))
      assert.equal("12", becomes(server, "12"))
    end)
  end)

  it("follows an editor that renames its new file over the old one", function()
    with_server(options(), function(server)
      write_file(dir .. "/.new", protocol(13))
      assert(os.rename(dir .. "/.new", file))
      assert.equal("13", becomes(server, "13"))
    end)
  end)

  it("finds a file in a new folder's place", function()
    with_server(options(), function(server)
      os.execute(("rm -r %s && mkdir %s"):format(quote(dir), quote(dir)))
      write_file(file, protocol(14))
      assert.equal("14", becomes(server, "14"))
    end)
  end)

  it("keeps its answers while the folder is gone, and finds it when it is back", function()
    with_server(options(), function(server)
      assert(os.execute("rm -r " .. quote(dir)))
      local ok, _, err = server:call "reload" -- what is gone has been noticed by then
      assert.is_false(ok)
      assert.matches("No such file or directory", err)
      assert.equal("11", generation(server))
      assert(os.execute("mkdir " .. quote(dir)))
      write_file(file, protocol(17))
      assert.equal("17", becomes(server, "17"))
      write_file(file, protocol(18))
      assert.equal("18", becomes(server, "18"))
    end)
  end)

  it("is done on SIGHUP", function()
    with_server(options(), function(server)
      write_file(file, protocol(15))
      server:signal "HUP"
      assert.equal("15", becomes(server, "15"))
    end)
  end)

  it("is over when 'reload' is answered", function()
    with_server(options(), function(server)
      write_file(file, protocol(16))
      local ok, _, err = server:call "reload"
      assert.is_true(ok, err)
      assert.equal("16", generation(server))
    end)
  end)

  it("of a file that asks for the end keeps the server and its old answers", function()
    with_server(options(), function(server)
      write_file(file, "os.exit(3)")
      local ok, _, err = server:call "reload"
      assert.is_false(ok)
      assert.matches("spec_reload%.lua:1: os%.exit: ", err)
      assert.equal("11", generation(server))
    end)
  end)

  -- Lua runs no hook within string.match.
  it("of a file with a pattern that has no end is given up, and later ones work", function()
    with_server(options(), function(server)
      write_file(file, "\nlocal x = ('a'):rep(40)\nx:match(('a?'):rep(40) .. x .. 'b')\n")
      local ok, _, err = server:call "--timeout 120000 reload" -- on a busy machine
      assert.is_false(ok)
      assert.matches("spec_reload%.lua:3: takes more than 10000 ms of processor time", err)
      assert.equal("11", generation(server))
      write_file(file, protocol(18))
      assert.equal("18", becomes(server, "18"))
      local _, status = server:stop()
      assert.equal(0, status)
    end)
  end)

  -- In Lua 5.4.4 the message of such an error takes some of C's stack for each name of the chain.
  it("of a file that crashes Lua is refused, and later ones work", function()
    with_server(options(), function(server)
      write_file(file, "local a = {} a.b = a\nreturn a" .. (".b"):rep(30000) .. ".c.d")
      local ok, _, err = server:call "reload"
      assert.is_false(ok)
      if not err:find("spec_reload.lua:2: attempt to index a nil value", 1, true) then
        assert.matches("loading the files crashes: ", err, 1, true)
      end
      assert.equal("11", generation(server))
      write_file(file, protocol(18))
      assert.equal("18", becomes(server, "18"))
    end)
  end)

  it("goes on where all of the server's processes are told to read the files again", function()
    with_server(options(), function(server)
      local marker = dir .. "/.tried"
      write_file(file, ("assert(io.open(%q, 'a')):write('x'):close()\n"):format(marker) ..
        "for _ = 1, 5e7 do end\n" .. protocol(19))
      server:signal "HUP"
      repeat until read_file(marker)
      os.execute(("kill -HUP $(ps -o pid= --ppid %s)"):format(server.pid))
      local ok, _, err = server:call "reload"
      assert.is_true(ok, err)
      assert.equal("19", generation(server))
      local _, _, log = server:stop()
      assert.equal("", log)
    end)
  end)

  it("of a broken file keeps the old answers and says which line", function()
    with_server(options(), function(server)
      write_file(file, protocol "= oops")
      local ok, _, err = server:call "reload"
      assert.is_false(ok)
      assert.matches("^error %-32098: Scapy Server: .*spec_reload%.lua:7: ", err)
      assert.equal("11", generation(server))
      write_file(file, protocol(17))
      assert.equal("17", becomes(server, "17"))
      local _, status, errors = server:stop()
      assert.equal(0, status)
      assert.matches("not reloaded: .*spec_reload%.lua:7: ", errors)
    end)
  end)

  -- The bounds of requests that the front answers itself are not those of a reload's answer.
  it("that fails is answered with its id, however long that is", function()
    local python = "/usr/bin/python3"
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    write_file(dir .. "/long_id.py", [=[
import json, sys, zmq
sock = zmq.Context().socket(zmq.REQ)
sock.linger, sock.rcvtimeo = 0, 30000
sock.connect("tcp://127.0.0.1:" + sys.argv[1])
def ask(method, params, name):
    request = {"jsonrpc": "2.0", "id": name, "method": method, "params": params}
    sock.send_string(json.dumps(request))
    return json.loads(sock.recv())
assert "result" in ask("build_pkt", [[{"id": "Ether"}, {"id": "IP"}]], 1)
name = "\n" * 400000
reply = ask("reload", [], name)
print(reply["id"] == name, reply["error"]["code"])
]=])
    with_server(options(), function(server)
      write_file(file, protocol "= oops")
      local ok, out, err = support.run(("%s %s %s"):format(python,
        quote(dir .. "/long_id.py"), server.port))
      assert(ok, err)
      assert.equal("True -32098\n", out)
    end)
  end)
end)
