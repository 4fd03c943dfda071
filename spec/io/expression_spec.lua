-- Expressions at a running server: nobody waits for another's, and no process of theirs is left.

local luapkt  = require "luapkt"
local servers = require "spec.servers"
local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file
local program = quote(support.program())

local server

local function serve(options) server = servers.start("--port 0 " .. options) end

local function stop(signal)
  server:stop(signal)
  server = nil
end

after_each(function()
  if server then stop "KILL" end
end)

local function model(text)
  local value = text and { vtype = "EXPRESSION", expr = text } or "plain"
  return luapkt.json.encode(luapkt.json.array {
    { id = "Raw", fields = luapkt.json.array { { id = "load", value = value } } } })
end

local function command(text, rest)
  return ("%s call --timeout 20000 --port %s build_pkt %s %s"):format(
    program, server.port, quote(model(text)), rest or "")
end

-- The bytes that an expression comes to, or nil and what is printed of the error.
local function value(text)
  local ok, out, err = support.run(command(text))
  if not ok then return nil, out .. err end
  return luapkt.wire.unbase64((out:match '"binary": "([^"]*)"'))
end

local function now() return tonumber(assert(read_file "/proc/uptime"):match "^%S+") end

-- The ids of the server's processes for expressions.
local function helpers()
  local pipe = assert(io.popen(("cat /proc/%s/task/*/children"):format(server.pid)))
  local list = {}
  for pid in pipe:read "a":gmatch "%d+" do table.insert(list, pid) end
  pipe:close()
  return list
end

local function state_of(pid)
  local status = read_file(("/proc/%s/status"):format(pid))
  return status and status:match "State:%s+(%a)"
end

-- The processor's time that a process has taken: utime, in ticks of 10 ms (proc(5)).
local function ticks_of(pid)
  local fields = {}
  local stat = assert(read_file(("/proc/%s/stat"):format(pid))):match "%) (.*)"
  for field in stat:gmatch "%S+" do table.insert(fields, field) end
  return tonumber(fields[12])
end

-- Wait for `truth`, for some seconds.
local function becomes(truth)
  local latest = now() + 10
  while not truth() and now() < latest do os.execute "sleep 0.02" end
  return truth()
end

local function descriptors()
  local pipe = assert(io.popen(("ls /proc/%s/fd | wc -l"):format(server.pid)))
  local n = pipe:read "n"
  pipe:close()
  return n
end

-- One that is killed may still take a question before it is gone, and that one is lost.
local function kill(pid)
  os.execute("kill -9 " .. pid)
  assert.is_true(becomes(function() return (state_of(pid) or "Z") == "Z" end))
end

local endless = "(function() while true do end end)()"

describe("a server with expressions", function()
  it("answers others while one is evaluated, as it is while workers are busy", function()
    serve "--workers 1 --expr-time 10000 --expr-instructions 1000000000"
    assert.equal("known", value "'kno' .. lower('WN')")
    os.execute("{ " .. command(endless) .. "; } >/dev/null 2>&1 &")
    assert.is_true(becomes(function() return state_of(helpers()[1]) == "R" end))
    assert.equal("plain", value(nil))
    assert.equal("known", value "'kno' .. lower('WN')")
    assert.equal("ab", value "b'ab'")
    assert.equal("R", state_of(helpers()[1]))
  end)

  -- More at once than the front answers in a row: it leaves some to workers, which then find that
  -- they take their time.
  it("answers many that come at once", function()
    local python = "/usr/bin/python3"
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    serve "--workers 2"
    local script = support.tmpname()
    write_file(script, [=[
import json, sys, zmq
sock = zmq.Context().socket(zmq.DEALER)
sock.linger, sock.rcvtimeo = 0, 30000
sock.connect("tcp://127.0.0.1:" + sys.argv[1])
def request(i):
    value = {"vtype": "EXPRESSION", "expr": "tostring(%d)" % i}
    layers = [{"id": "Raw", "fields": [{"id": "load", "value": value}]}]
    return json.dumps({"jsonrpc": "2.0", "id": i, "method": "build_pkt", "params": [layers]})
def definitions(i):
    return '{"jsonrpc": "2.0", "id": %d, "method": "get_definitions", "params": [null]}' % i
for i in range(400): # 32 in a row, which the front takes its time for, and some of the others
    sock.send_multipart([b"", (definitions(i) if i % 40 < 32 else request(i)).encode()])
replies = [json.loads(sock.recv_multipart()[-1]) for i in range(400)]
print(sorted(reply["id"] for reply in replies if "result" in reply) == list(range(400)))
]=])
    local ok, out, errors = support.run(("%s %s %s"):format(python, quote(script), server.port))
    assert(ok, errors)
    assert.equal("True\n", out)
  end)

  it("refuses what its process was killed at, and answers the next one", function()
    serve "--workers 1 --expr-time 10000 --expr-instructions 1000000000"
    assert.equal("1", value "tostring(1)")
    local out = support.tmpname()
    os.execute(("{ %s; echo ended; } >%s 2>&1 &"):format(command(endless), out))
    local pid = helpers()[1]
    local before = ticks_of(pid) -- more than a question takes to be read
    assert.is_true(becomes(function() return ticks_of(pid) >= before + 5 end))
    os.execute("kill -9 " .. pid)
    assert.is_true(becomes(function() return read_file(out):find "ended\n$" ~= nil end))
    assert.matches("Raw.load: the expression ended the process that evaluates it",
                   read_file(out), 1, true)
    os.remove(out)
    assert.equal("2", value "tostring(2)")
    assert.not_equal(pid, helpers()[1])
    kill(helpers()[1])
    assert.equal("3", value "tostring(3)")
  end)

  it("leaves no process and no descriptor behind, however often one is ended", function()
    serve "--workers 1 --expr-time 20 --expr-instructions 1000000000"
    assert.equal("x", value "'x' .. ''")
    local before = descriptors()
    -- Where others have the processor, that is said instead, as it should be: then once more.
    local function run_out_of_time()
      local err
      for _ = 1, 50 do
        err = select(2, value(endless))
        if not err:find("the machine is too busy: the process that evaluates expressions had not "
          .. "even the 20 ms that one may take\n$") then break end
      end
      return err
    end
    for i = 1, 20 do
      assert.matches("Raw.load: the expression takes longer than the 20 ms that are allowed",
        run_out_of_time(), 1, true)
      if i % 5 == 0 then
        assert.equal("y" .. i, value(("'y' .. %d"):format(i)))
        kill(helpers()[1])
        assert.equal("z" .. i, value(("'z' .. %d"):format(i)))
      end
    end
    assert.equal(1, #helpers())
    assert.is_true(becomes(function() return descriptors() <= before end))
  end)

  it("takes its processes with it", function()
    for _, signal in ipairs { "TERM", "KILL" } do
      serve "--workers 2"
      assert.equal("x", value "'x' .. ''")
      local pid = helpers()[1]
      assert.is_string(pid)
      stop(signal)
      assert.is_true(becomes(function() return (state_of(pid) or "Z") == "Z" end))
    end
  end)

  it("forgets answers with the protocols that gave them", function()
    local folder = support.tmpdir()
    local path = folder .. "/spec_words.lua"
    write_file(path, [[
local f = require "luapkt.field"

return { { id = "SpecWords", fields = { f.u16("a", { default = 1 }) } } }
]])
    serve("--protocols " .. quote(folder))
    local text = "(function() return type(SpecWords) end)()"
    assert.equal("function", value(text))
    assert.equal("function", value(text))
    os.remove(path)
    assert.is_true((server:call "reload"))
    local _, err = value(text)
    assert.matches("there is no 'SpecWords' in expressions", err, 1, true)
  end)
end)
