-- luapkt serve --curve-secret, --curve-allow: who is let in. The clients, and their keys, are
-- pyzmq's.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local program = quote(support.program())
local python = "/usr/bin/python3"

local folder = support.tmpdir()

write_file(folder .. "/keys.py", [[
import zmq
for _ in range(6):
    print(*(key.decode() for key in zmq.curve_keypair()))
]])

-- What a client is answered, or "nothing" within a time.
write_file(folder .. "/ask.py", [[
import sys, zmq
port, seconds, server, public, secret = sys.argv[1:]
client = zmq.Context().socket(zmq.REQ)
client.linger = 0
client.rcvtimeo = int(float(seconds) * 1000)
if public:
    client.curve_serverkey, client.curve_publickey = server.encode(), public.encode()
    client.curve_secretkey = secret.encode()
client.connect("tcp://127.0.0.1:" + port)
client.send_string('{"jsonrpc": "2.0", "id": 1, "method": "get_version"}')
try:
    print(client.recv().decode())
except zmq.Again:
    print("nothing")
]])

-- Pairs of keys: of the server, and of clients.
local function make_keys()
  local _, out = support.run(python .. " " .. quote(folder .. "/keys.py"))
  local pairs_of = {}
  for public, secret in out:gmatch "(%S+) (%S+)\n" do
    table.insert(pairs_of, { public = public, secret = secret })
  end
  return table.unpack(pairs_of)
end

local function write_secret(key)
  local path = folder .. "/secret"
  write_file(path, key)
  os.execute("chmod 600 " .. quote(path))
  return path
end

-- Run `test` with a server's port. Returns what the server logs, one that ends well.
local function with_server(options, test)
  local server = servers.start("--port 0 --verbose " .. options)
  local ok, err = pcall(test, server.port)
  local _, status, log = server:stop()
  if not ok then error(err, 0) end
  assert.equal(0, status)
  return log
end

-- `seconds`: that an answer may take; where none is expected, as long as it is waited for.
local function ask(port, seconds, server, client)
  local ok, out, err = support.run(("%s %s %s %g %s %s %s"):format(python,
    quote(folder .. "/ask.py"), port, seconds, quote(server.public), quote(client.public or ""),
    quote(client.secret or "")))
  assert(ok, err)
  return out
end

local VERSION = '^{"jsonrpc":"2.0","id":1,"result":{"built_by":"luapkt",'

describe("a server that encrypts", function()
  local server, one, other, third, fourth = make_keys()

  local function test(what, body)
    it(what, function()
      if not server then return pending "there is no pyzmq" end
      body()
    end)
  end

  test("answers who speaks CURVE with its key, and nobody else", function()
    with_server("--curve-secret " .. write_secret(server.secret .. "\n"), function(port)
      for _, client in ipairs { one, other } do
        assert.matches(VERSION, ask(port, 30, server, client))
      end
      assert.equal("nothing\n", ask(port, 0.5, server, {}))
      assert.equal("nothing\n", ask(port, 0.5, other, one))
      assert.matches(VERSION, ask(port, 30, server, one))
    end)
  end)

  test("lets in only those on its list, and says whom it turned away", function()
    local list = folder .. "/list"
    write_file(list, ("# %s\n\n%s the first\n"):format(("x"):rep(1000), one.public))
    local log = with_server(("--curve-secret %s --curve-allow %s"):format(
      write_secret(server.secret), quote(list)), function(port)
      assert.matches(VERSION, ask(port, 30, server, one))
      assert.equal("nothing\n", ask(port, 0.5, server, other))
      assert.matches(VERSION, ask(port, 30, server, one))
    end)
    assert.truthy(log:find("luapkt: turned away a client at 127.0.0.1\n", 1, true))
  end)

  test("lets in all on its list, in whatever order that is", function()
    local list, allowed = folder .. "/list", { one, other, third }
    for _, order in ipairs { { 1, 2, 3 }, { 3, 2, 1 } } do -- one of them isn't that of the keys
      local lines = {}
      for i, place in ipairs(order) do lines[i] = allowed[place].public end
      write_file(list, table.concat(lines, "\n"))
      with_server(("--curve-secret %s --curve-allow %s"):format(write_secret(server.secret),
        quote(list)), function(port)
        for _, client in ipairs(allowed) do
          assert.matches(VERSION, ask(port, 30, server, client))
        end
        assert.equal("nothing\n", ask(port, 0.5, server, fourth))
      end)
    end
  end)

  test("warns of a secret key that others may use, and of no other", function()
    local secret = write_secret(server.secret)
    local warning = "luapkt: others than its owner may use the secret key in " .. secret .. "\n"
    for mode, wanted in pairs { ["600"] = false, ["400"] = false, ["640"] = true, ["620"] = true,
                                ["604"] = true } do
      os.execute(("chmod %s %s"):format(mode, quote(secret)))
      local log = with_server("--curve-secret " .. secret, function() end)
      assert.equal(wanted, log:find(warning, 1, true) ~= nil, mode)
    end
  end)

  it("refuses files without keys", function()
    local secret = write_secret "x\n"
    for options, complaint in pairs {
      ["--curve-secret /nowhere/at/all"] = "can't read /nowhere/at/all: No such file or directory",
      ["--curve-secret /"] = "can't read /: Is a directory",
      ["--curve-secret " .. secret] = secret .. ":1: a key of 40 Z85 characters expected",
    } do
      local _, out, err, status = support.run(("timeout 20 %s serve --port 0 %s"):format(program,
        options))
      assert.same({ "", 1 }, { out, status })
      assert.truthy(err:find("luapkt: " .. complaint .. "\n", 1, true), err)
    end
    local _, _, err = support.run(("timeout 20 %s serve --port 0 --curve-secret %s"):format(program,
      write_secret "# none\n"))
    assert.equal(("luapkt: %s holds no key\n"):format(secret), err)
    os.execute("chmod 644 " .. secret)
    _, _, err = support.run(("timeout 20 %s serve --port 0 --curve-secret %s"):format(program,
      secret))
    assert.matches("^luapkt: others than its owner may use the secret key in ", err)
  end)
end)
