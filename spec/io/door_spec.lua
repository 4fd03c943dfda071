-- More clients than there is room for: sockets that connect and say nothing.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local python = "/usr/bin/python3"
local folder = support.tmpdir()

-- Connect until nobody answers, up to 400 times. A line: how many were let in; if a client that was
-- there before has an expression and a reload answered; the seconds of CPU that the server takes in
-- half a second; if a new one is let in when all have left.
write_file(folder .. "/knock.py", [=[
import os, re, socket, sys, time, zmq
port, pid = int(sys.argv[1]), sys.argv[2]

def connect(timeout):
    sock = socket.socket()
    sock.settimeout(timeout)
    try:
        sock.connect(("127.0.0.1", port))
        return sock
    except OSError:
        sock.close()

def cpu():
    with open("/proc/%s/stat" % pid) as stat:
        times = stat.read().rsplit(")", 1)[1].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

old = zmq.Context().socket(zmq.REQ)
old.linger, old.rcvtimeo = 0, 30000
old.connect("tcp://127.0.0.1:%d" % port)

def ask(method, params):
    old.send_string('{"jsonrpc":"2.0","id":1,"method":"%s","params":%s}' % (method, params))
    return b'"result":' in old.recv()

def works():
    raw = '[[{"id":"Raw","fields":[{"id":"load","value":{"vtype":"EXPRESSION","expr":"1 .. 2"}}]}]]'
    return ask("build_pkt", raw) and ask("reload", "[]")

ask("get_version", "[]")
inside = []
while len(inside) < 400:
    sock = connect(0.5)
    if sock is None:
        break
    inside.append(sock)
    time.sleep(0.002) # or the queue of those that aren't accepted yet takes more
works_then = works()
before = cpu()
time.sleep(0.5)
spent = cpu() - before
count = len(inside)
while inside:
    inside.pop().close()
print(count, works_then, round(spent, 2), connect(30) is not None)
]=])

describe("more clients than there is room for", function()
  local function run(setup, options)
    local server = servers.start("--port 0 " .. options, { setup = setup })
    local ok, out, errors = support.run(("%s %s %s %s"):format(python, quote(folder ..
      "/knock.py"), server.port, server.pid))
    local _, _, log = server:stop()
    assert(ok, errors)
    assert.equal("luapkt: no more clients are let in until some have left\n", log)
    local inside, works, cpu, after = out:match "^(%d+) (%a+) (%S+) (%a+)\n$"
    assert.equal("True", works, "the server's own files")
    assert.is_true(tonumber(cpu) < 0.25, "seconds of CPU: " .. cpu)
    assert.equal("True", after, "one who comes later")
    return tonumber(inside)
  end

  it("are passed over, where they are too many", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local inside = run("", "--max-clients 20")
    assert.is_true(inside >= 18 and inside <= 26, "let in: " .. inside)
  end)

  it("leave file descriptors to the server", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local inside = run("ulimit -n 200;", "")
    assert.is_true(inside >= 120 and inside < 190, "let in: " .. inside)
  end)
end)
