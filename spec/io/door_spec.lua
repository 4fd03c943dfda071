-- More clients than there is room for: sockets that connect and say nothing.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local python = "/usr/bin/python3"
local folder = support.tmpdir()

-- Connect until nobody answers, up to 400 times. A line: how many were let in and not out again; if
-- a client that was there before has an expression and a reload answered; the seconds of CPU that
-- the server takes in half a second; if a new one is let in when all have left; if the server then
-- has as many files open as before. Where there are few, as many come a second time.
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

# Whoever stays gets the server's greeting, and nothing else yet.
def stays(sock):
    try:
        sock.setblocking(False)
        while sock.recv(4096):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False

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

def files():
    return len(os.listdir("/proc/%s/fd" % pid))

def fill():
    inside = []
    while len(inside) < 400:
        sock = connect(0.5)
        if sock is None:
            break
        inside.append(sock)
        time.sleep(0.002) # or the queue of those that aren't accepted yet takes more
    return inside

works() # it has what expressions need, too
files_before = files()
inside = fill()
time.sleep(0.2)
gone = [sock for sock in inside if not stays(sock)]
works_then = works()
before = cpu()
time.sleep(0.5)
spent = cpu() - before
count = len(inside) - len(gone)
while inside:
    inside.pop().close()
later = connect(30)
time.sleep(0.2)
end = time.time() + 30
while files() > files_before + 1 and time.time() < end:
    time.sleep(0.01)
print(count, works_then, round(spent, 2), later is not None and stays(later),
      files() <= files_before + 1)
if count < 50:
    fill()
]=])

describe("more clients than there is room for", function()
  local function run(options, more)
    local server = servers.start("--port 0 " .. options, more)
    local ok, out, errors = support.run(("%s %s %s %s"):format(python, quote(folder ..
      "/knock.py"), server.port, server.pid))
    local _, _, log = server:stop()
    assert(ok, errors)
    assert.equal("luapkt: no more clients are let in until some have left\n", log)
    local inside, works, cpu, after, closed = out:match "^(%d+) (%a+) (%S+) (%a+) (%a+)\n$"
    assert.equal("True", works, "the server's own files")
    assert.is_true(tonumber(cpu) < 0.25, "seconds of CPU: " .. cpu)
    assert.equal("True", after, "one who comes later")
    assert.equal("True", closed, "no more files than before")
    return tonumber(inside)
  end

  for how, source in pairs {
    ["are passed over"] = false,
    ["are turned away where the kernel takes no filter"] = "spec/io/no_filter.c",
  } do
    local under
    setup(function() under = source and support.preload(source) end)

    it(how .. ", where they are too many", function()
      if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
      local inside = run("--max-clients 20", { under = under })
      assert.is_true(inside >= 18 and inside <= 26, "let in: " .. inside)
    end)

    it(how .. ", which leaves file descriptors to the server", function()
      if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
      local inside = run("", { setup = "ulimit -n 200;", under = under })
      assert.is_true(inside >= 120 and inside < 190, "let in: " .. inside)
    end)
  end
end)
