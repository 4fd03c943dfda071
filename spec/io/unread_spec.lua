-- Clients that ask and do not read: pyzmq's, told to take in one reply of its own accord, and many
-- that are sockets.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local python = "/usr/bin/python3"

local folder = support.tmpdir()

-- `asked` requests with nothing read. While they wait, somebody else asks; then all are read. Then
-- one more. A line each: resident kB before, and of all waiting; the other's answer; of the
-- answers, how many are whole and how many are errors, and if each id came back, once; the last
-- error; the bytes of the last reply.
write_file(folder .. "/greedy.py", [[
import json, sys, time, zmq
port, pid, asked, log = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]

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

def replies():
    with open(log) as lines:
        return sum(line.startswith("luapkt: reply ") for line in lines)

greedy, other = connect(zmq.DEALER, 1), connect(zmq.REQ, 10)
before = resident()
for i in range(asked):
    greedy.send_multipart([b"", request(i).encode()])
# The server's log says every reply, those to the other client as well.
for others in range(1, 1200):
    other.send_string(request(1, "get_version", "[]"))
    answer = other.recv().decode()
    if replies() >= asked + others:
        break
    time.sleep(0.05)
print(before, resident())
print(answer)
whole = errors = 0
ids, last = set(), ""
for i in range(asked):
    reply = json.loads(greedy.recv_multipart()[-1])
    ids.add(reply["id"])
    if "error" in reply:
        errors, last = errors + 1, reply["error"]
    else:
        whole += 1
print(whole, errors, ids == set(range(asked)))
print(json.dumps(last))
greedy.send_multipart([b"", request(asked).encode()])
print(len(greedy.recv_multipart()[-1]))
]])

-- Packets of bytes that differ are asked for, some more than 4 MiB of reply, and what is the same
-- for everyone in between. Nothing is read until all have been answered. A line: if each reply is
-- the one that was asked for.
write_file(folder .. "/waiting.py", [==[
import base64, json, struct, sys, zmq
port = sys.argv[1]
context = zmq.Context()
slow, other = context.socket(zmq.DEALER), context.socket(zmq.REQ)
for socket in slow, other:
    socket.linger, socket.rcvtimeo = 0, 60000
    socket.connect("tcp://127.0.0.1:" + port)
slow.rcvhwm = slow.sndhwm = 1

def packets(i):
    frame = b"\2" * 12 + b"\x90\0" + bytes([i]) * (100000 + i * 1000)
    count = 30 if i % 5 == 1 else 3
    return [base64.b64encode(frame).decode()] * count

def capture(frames):
    file = struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
    for frame in map(base64.b64decode, frames):
        file += struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame
    return base64.b64encode(file).decode()

def request(i):
    method, params = "read_pcap", [capture(packets(i))]
    if i % 4 == 3:
        method, params = "get_definitions", [None]
    return {"jsonrpc": "2.0", "id": str(i) * 9, "method": method, "params": params}

for i in range(16):
    slow.send_multipart([b"", json.dumps(request(i)).encode()])
other.send_string('{"jsonrpc": "2.0", "id": 1, "method": "get_version", "params": []}')
other.recv()
right, definitions, left = True, None, set(range(16))
while left:
    reply = json.loads(slow.recv_multipart()[-1]) # in any order, since there are several workers
    i = int(reply["id"][:len(reply["id"]) // 9])
    left.remove(i)
    if i % 4 == 3:
        definitions = definitions or reply["result"]
        right = right and reply["result"] == definitions and len(definitions["protocols"]) > 50
    else:
        right = right and [packet["binary"] for packet in reply["result"]] == packets(i)
print(right)
]==])

-- As many clients ask for `rounds` replies each, of just less than what is counted one by one, and
-- read nothing; the last requests have long ids. A line each: their number; resident kB before, and
-- of all waiting; another client's answer, that it asks for what is large; the id of the last
-- reply to the first client.
write_file(folder .. "/many.py", [==[
import json, re, socket, sys, zmq
port, pid, rounds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
CLIENTS = 65 # a hash table's 64 places and one

def resident():
    with open("/proc/%s/status" % pid) as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

def request(method, params, name=1):
    return json.dumps({"jsonrpc": "2.0", "id": name, "method": method, "params": params}).encode()

def frame(flags, data):
    if len(data) < 256:
        return bytes([flags, len(data)]) + data
    return bytes([flags | 2]) + len(data).to_bytes(8, "big") + data

def connect():
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    sock.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
                 + frame(4, b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"))
    got = b""
    while b"ROUTER" not in got:
        got += sock.recv(4096)
    return sock

def ask(sock, asked):
    sock.sendall(frame(0, asked))

other = zmq.Context().socket(zmq.REQ)
other.linger, other.rcvtimeo = 0, 60000
other.connect("tcp://127.0.0.1:%d" % port)

def answer(asked):
    other.send(asked)
    return other.recv()

model = [[{"id": "Ether"}] + [{"id": "IP"}] * 44]
build = request("build_pkt", model)
size = len(answer(build))
assert 60000 < size < 65536, size
before = resident()
clients = [connect() for _ in range(CLIENTS)]
for i in range(rounds):
    for client in clients:
        ask(client, build)
    if i % 4 == 0:
        answer(request("get_version", []))
for _ in range(100):
    ask(clients[0], request("build_pkt", model, "x" * 1000))
answer(request("get_version", []))
print(CLIENTS)
print(before, resident())
print(answer(request("get_definitions", [None]))[:60].decode())
clients[0].settimeout(30)
last = b""
while b'"id":null,"error"' not in last:
    last = last[-100:] + clients[0].recv(1 << 20)
print("null")
]==])

-- Run one with a server of its own. Its lines, and what the server logs at its end.
local function run(script, asked)
  local server = servers.start "--port 0 --verbose"
  local ok, text, errors = support.run(("%s %s %s %s %d %s"):format(python,
    quote(folder .. script), server.port, server.pid, asked, quote(server.log)))
  local _, _, log = server:stop()
  assert(ok, errors)
  local lines = {}
  for line in text:gmatch "[^\n]+" do table.insert(lines, line) end
  return lines, log
end

describe("a client that reads nothing", function()
  it("gets errors for what would fill the server's memory", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local asked = 1500
    local lines, log = run("/greedy.py", asked)
    local before, after = lines[1]:match "^(%d+) (%d+)$"
    if not support.is_sanitized() then
      assert.is_true(after - before < 200 * 1024, lines[1])
    end
    assert.matches('"result":{"built_by":"luapkt"', lines[2], 1, true)
    local whole, errors, complete = lines[3]:match "^(%d+) (%d+) (%a+)$"
    assert.equal("True", complete)
    assert.equal(asked, whole + errors)
    assert.is_true(tonumber(whole) * 196000 > 100 << 20, lines[3])
    assert.is_true(tonumber(errors) > 0, lines[3])
    assert.equal('{"code": -32098, "message": "Scapy Server: busy, too many replies to this '
      .. 'client are unread: read them first"}', lines[4])
    assert.is_true(tonumber(lines[5]) > 190000)
    assert.matches("unread " .. errors, log, 1, true)
  end)

  it("stays as it was answered", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local lines, log = run("/waiting.py", 16)
    assert.same({ "True" }, lines)
    assert.is_nil(log:find("Sanitizer", 1, true), log)
  end)

  it("is counted also where there are many and replies are small", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    if support.is_sanitized() then return pending "it takes too long" end
    local lines, log = run("/many.py", 400)
    local before, after = lines[2]:match "^(%d+) (%d+)$"
    assert.is_true(after - before < 800 * 1024, lines[2])
    assert.is_true(tonumber(log:match "unread (%d+),") > 0)
    assert.matches('"result":', lines[3], 1, true)
    assert.equal("null", lines[4])
  end)
end)

-- The bounds of src/io/unread.h, reached by a program of its own.
describe("what all leave unread", function()
  local MIB = 1 << 20
  local program

  setup(function() program = support.build_c("spec/io/unread.c", "src/io/unread.c -lzmq") end)

  -- What comes of replies, each a client's letter and a size.
  local function told(replies)
    local ok, out, err = support.run(program .. " " .. table.concat(replies, " "))
    assert(ok, err)
    local lines = {}
    for line in out:gmatch "[^\n]+" do table.insert(lines, line) end
    return lines
  end

  local function sent(n)
    local lines = {}
    for i = 1, n do lines[i] = "sent" end
    return lines
  end

  -- Eight clients with as much as each may leave: 1 GiB.
  local function all_but(less)
    local replies = {}
    for i = 1, 8 do replies[i] = ("%c%d"):format(96 + i, 128 * MIB - (i == 8 and less or 0)) end
    return replies
  end

  local OTHERS = "too many replies to other clients are unread"

  it("is 1 GiB, past which nobody gets a large reply, though they read all else", function()
    local replies, wanted = all_but(100000), sent(9)
    table.insert(replies, "x100000") -- the last one that there is room for
    table.insert(replies, "y65537")
    table.insert(wanted, OTHERS)
    assert.same(wanted, told(replies))
    replies[9], wanted[9] = "x100001", OTHERS
    replies[10], wanted[10] = "y100000", "sent"
    assert.same(wanted, told(replies))
  end)

  it("may be more by replies of up to 64 KiB", function()
    local replies, wanted = all_but(0), sent(9)
    table.insert(replies, "x65536")
    assert.same(wanted, told(replies))
    replies[9], wanted[9] = "x65537", OTHERS
    assert.same(wanted, told(replies))
  end)

  it("is 1 MiB of each that has left something already, past 512 MiB", function()
    local replies, wanted = {}, sent(6)
    for i = 1, 3 do replies[i] = ("%c%d"):format(96 + i, 128 * MIB) end
    table.insert(replies, "d" .. 127 * MIB)
    table.insert(replies, "x65536")
    table.insert(replies, "x" .. MIB - 65536) -- with it, 512 MiB: no bound yet
    table.insert(replies, "x1")
    table.insert(wanted, "too many replies to this client are unread: read them first")
    assert.same(wanted, told(replies))
  end)
end)
