-- Requests with and without return addresses, as pyzmq sends them.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, write_file = support.quote, support.write_file
local python = "/usr/bin/python3"
local folder = support.tmpdir()

-- Each line of the input is an envelope, a list as Python has it. For each that gets a reply, a
-- line: its number, how many frames stood before the reply, and if they are those of the request.
write_file(folder .. "/ask.py", [[
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.linger, socket.rcvtimeo = 0, 30000
socket.connect("tcp://127.0.0.1:" + sys.argv[1])
request = b'{"jsonrpc": "2.0", "id": %d, "method": "get_version", "params": []}'
for number, line in enumerate(sys.stdin):
    envelope = eval(line)
    socket.send_multipart(envelope + [request % number])
    socket.send_multipart([b"", request % 99])
    while True:
        *back, reply = socket.recv_multipart()
        if b'"id":99' in reply:
            break
        print(number, len(back), back == envelope)
]])

describe("a request's envelope", function()
  -- What the server answers to messages with these envelopes.
  local function answers(envelopes)
    local server = servers.start "--port 0"
    write_file(folder .. "/envelopes", table.concat(envelopes, "\n") .. "\n")
    local ok, out, errors = support.run(("%s %s %s <%s"):format(python, quote(folder .. "/ask.py"),
      server.port, quote(folder .. "/envelopes")))
    server:stop()
    assert(ok, errors)
    return out
  end

  it("comes back as it was, if it is one", function()
    if not support.run(python .. " -c 'import zmq'") then return pending "there is no pyzmq" end
    local out = answers {
      "[]", "[b'']", "[b'device', b'']", "[b'd'] * 7 + [b'']", "[b'x' * 255, b'']",
      -- None of ZeroMQ's: without a delimiter, of too many frames, of one that is no routing id.
      "[b'device']", "[b'd'] * 8 + [b'']", "[b'x' * 256, b'']",
    }
    assert.equal("0 0 True\n1 1 True\n2 2 True\n3 8 True\n4 2 True\n", out)
  end)
end)
