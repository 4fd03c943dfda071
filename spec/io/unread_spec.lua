-- A client that asks and does not read: pyzmq's, told to take in one reply of its own accord.

local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file
local program = quote(support.program())
local python = "/usr/bin/python3"

local folder = support.tmpdir()

-- `asked` requests with nothing read. While they wait, somebody else asks; then all are read. Then
-- one more. A line each: resident kB before, and of all waiting; the other's answer; of the
-- answers, how many are whole and how many are errors, and if all ids came back in order; the last
-- error; the bytes of the last reply.
write_file(folder .. "/greedy.py", [[
import json, sys, zmq
port, pid, asked = sys.argv[1], sys.argv[2], int(sys.argv[3])

def connect(kind, hwm):
    socket = zmq.Context().socket(kind)
    socket.linger, socket.rcvtimeo, socket.rcvhwm, socket.sndhwm = 0, 60000, hwm, 0
    socket.connect("tcp://127.0.0.1:" + port)
    return socket

def resident():
    for line in open("/proc/%s/status" % pid):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])

def request(i, method="get_definitions", params="[null]"):
    return '{"jsonrpc": "2.0", "id": %d, "method": "%s", "params": %s}' % (i, method, params)

greedy, other = connect(zmq.DEALER, 1), connect(zmq.REQ, 10)
before = resident()
for i in range(asked):
    greedy.send_multipart([b"", request(i).encode()])
# Once what was asked behind all of it has been answered, all of it has been.
other.send_string(request(1, "get_version", "[]"))
answer = other.recv().decode()
for _ in range(200):
    seen = resident()
    other.send_string(request(1, "get_version", "[]"))
    other.recv()
    if zmq.select([greedy], [], [], 0.05)[0] and resident() == seen:
        break
print(before, seen)
print(answer)
whole = errors = 0
good, last = True, ""
for i in range(asked):
    reply = json.loads(greedy.recv_multipart()[-1])
    good = good and reply["id"] == i
    if "error" in reply:
        errors, last = errors + 1, reply["error"]
    else:
        whole += 1
print(whole, errors, good)
print(json.dumps(last))
greedy.send_multipart([b"", request(asked).encode()])
print(len(greedy.recv_multipart()[-1]))
]])

-- Run it with a server of its own. Its lines, and what the server logs at its end.
local function run(asked)
  local log = folder .. "/log"
  local out = assert(io.popen(("echo $$; exec %s serve --port 0 --verbose 2>%s"):format(program,
    quote(log))))
  local pid = out:read "l"
  out:read "l"
  local port = (out:read "l" or ""):match "%d+$"
  local ok, text, errors = support.run(("%s %s %s %s %d"):format(python,
    quote(folder .. "/greedy.py"), port, pid, asked))
  os.execute("kill " .. pid)
  out:read "a"
  out:close()
  assert(ok, errors)
  local lines = {}
  for line in text:gmatch "[^\n]+" do table.insert(lines, line) end
  return lines, read_file(log)
end

describe("a client that reads nothing", function()
  it("gets errors for what would fill the server's memory", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local asked = 1500
    local lines, log = run(asked)
    local before, after = lines[1]:match "^(%d+) (%d+)$"
    if not support.is_sanitized() then
      assert.is_true(after - before < 200 * 1024, lines[1])
    end
    assert.matches('"result":{"built_by":"luapkt"', lines[2], 1, true)
    local whole, errors, good = lines[3]:match "^(%d+) (%d+) (%a+)$"
    assert.equal("True", good)
    assert.equal(asked, whole + errors)
    assert.is_true(tonumber(whole) * 196000 > 100 << 20, lines[3])
    assert.is_true(tonumber(errors) > 0, lines[3])
    assert.equal('{"code": -32098, "message": "Scapy Server: busy, too many replies to this '
      .. 'client are unread: read them first"}', lines[4])
    assert.is_true(tonumber(lines[5]) > 190000)
    assert.matches("unread " .. errors, log, 1, true)
  end)
end)
