-- Requests that come faster than the front answers them, on a host that has processors for more.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local python = "/usr/bin/python3"

local folder = support.tmpdir()

-- Clients with many requests on the way, of many kinds. Prints how many replies were other than
-- the reply to the same request alone: none may be.
write_file(folder .. "/flood.py", [==[
import json, os, signal, sys, time, zmq
CLIENTS, ROUNDS = 4, 200
port, pid = sys.argv[1], int(sys.argv[2])

def connect(kind):
    socket = zmq.Context.instance().socket(kind)
    socket.linger, socket.rcvtimeo, socket.rcvhwm, socket.sndhwm = 0, 60000, 0, 0
    socket.connect("tcp://127.0.0.1:" + port)
    return socket

def request(i, method, params):
    return json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": params}).encode()

def fields(**values):
    return [{"id": name, "value": value} for name, value in values.items()]

ip, udp = {"id": "IP", "fields": fields(dst="10.0.0.1", ttl=3)}, {"id": "UDP"}
text = {"vtype": "EXPRESSION", "expr": "rep('x', pkt.IP.ttl)"}
kinds = [
    ("build_pkt", [[{"id": "Ether"}, ip, udp, {"id": "DNS"}]]),
    ("build_pkt", [[ip, udp, {"id": "Raw", "fields": fields(load=text)}]]),
    ("build_pkt", [[{"id": "IP", "fields": fields(ttl=300)}]]),
    ("reconstruct_pkt", ["AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGRskBAgMEMAAAAQ==", []]),
    ("get_definitions", [["TCP"]]),
    ("get_tree", []),
    ("no_such_method", []),
]

alone = connect(zmq.REQ)
wanted = []
for method, params in kinds:
    alone.send(request(0, method, params))
    wanted.append(json.loads(alone.recv()))

# All of them are waiting when the server goes on.
clients = [connect(zmq.DEALER) for _ in range(CLIENTS)]
waiting = [{} for _ in clients]
time.sleep(0.2)
os.kill(pid, signal.SIGSTOP)
for i in range(ROUNDS):
    for client, ids in zip(clients, waiting):
        kind = len(ids) % len(kinds)
        ids[i] = kind
        client.send_multipart([b"", request(i, *kinds[kind])])
time.sleep(0.3)
os.kill(pid, signal.SIGCONT)
other = 0
for client, ids in zip(clients, waiting):
    while ids:
        reply = json.loads(client.recv_multipart()[-1])
        other += reply != dict(wanted[ids.pop(reply["id"])], id=reply["id"])
print(other)
]==])

describe("what the front has no time for", function()
  it("is shared among workers, and answered as it would be alone", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local server = servers.start("--port 0 --workers 3 --verbose",
      { under = support.preload "spec/io/processors.c" })
    local ok, text, errors = support.run(("%s %s %s %s"):format(python,
      quote(folder .. "/flood.py"), server.port, server.pid))
    local _, status, log = server:stop()
    assert(ok, errors)
    assert.equal("0\n", text)
    assert.equal(0, status)
    local requests, shared = log:match "requests (%d+), deferred %d+, shared (%d+), refused 0,"
    assert.equal(4 * 200 + 7, tonumber(requests))
    assert.is_true(tonumber(shared) > 0, log:match "[^\n]*\n$")
  end)
end)
