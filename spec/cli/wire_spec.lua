-- luapkt send, recv and msg: frames and messages over a virtual wire. What they print, and the
-- bytes that they send, are those of the programs in "Programming with Ethernet in Python using
-- Socket API", which stand here as they are there, save for the names of interfaces.

local network = require "spec.network"
local support = require "spec.support"

local quote = support.quote
local program = quote(support.program())

local A, B = network.mac(1, 1), network.mac(1, 2)
local folder = support.tmpdir()

local function luapkt(rest) return support.run(program .. " " .. rest) end

support.write_file(folder .. "/etherrecv.py", [[
import socket

def main():
  ETH_P_ALL = 3
  sock = socket.socket(
    socket.AF_PACKET,
    socket.SOCK_RAW,
    socket.htons(ETH_P_ALL))
  sock.bind(("left", 0))

  packet = sock.recv(3000)
  sock.close()

  print(f"{repr(packet):s}")

  dst_addr = packet[:6]
  src_addr = packet[6:12]
  type_value = packet[12:14]
  payload = packet[14:]
  print(dst_addr.hex())
  print(src_addr.hex())
  print(type_value.hex())
  print(payload)

if __name__ == "__main__":
  main()
]])

support.write_file(folder .. "/ethersend.py", [[
import socket
import sys
import struct

intf, src_addr, dst_addr, payload = sys.argv[1:]
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
sock.bind((intf, 0))
packet = struct.pack(
        "!6s6s2s",
        bytes.fromhex(dst_addr.replace(":", "")),
        bytes.fromhex(src_addr.replace(":", "")),
        b"\x00\x00")
sock.send(packet + payload.encode("utf-8"))
sock.close()
]])

support.write_file(folder .. "/ethermsgrecv.py", [[
import socket

PROTOCOL_NUM = socket.htons(0x4321)

def main():
  sock = socket.socket(
    socket.AF_PACKET,
    socket.SOCK_RAW,
    PROTOCOL_NUM)
  sock.bind(("left", 0))

  packet = sock.recv(3000)
  sock.close()

  dst_addr = packet[:6]
  src_addr = packet[6:12]
  type_value = packet[12:14]
  protocol_packet = packet[14:]
  length = int.from_bytes(protocol_packet[0:2], byteorder="big")
  print(f"length={length}")
  payload = protocol_packet[2:2+length]
  print(f"{dst_addr.hex()}")
  print(f"{src_addr.hex()}")
  print(f"{type_value.hex()}")
  print(f"{payload}")

if __name__ == "__main__":
  main()
]])

support.write_file(folder .. "/ethermsgsend.py", [[
import socket
import sys
import struct

PROTOCOL_NUM = 0x4321

def protocol_packet(msg):
    return len(msg).to_bytes(length=2, byteorder='big') + msg.encode("utf-8")

intf, src_addr, dst_addr, payload = sys.argv[1:]
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, PROTOCOL_NUM)
sock.bind((intf, 0))
packet = struct.pack(
        "!6s6sh",
        bytes.fromhex(dst_addr.replace(":", "")),
        bytes.fromhex(src_addr.replace(":", "")),
        PROTOCOL_NUM)
sock.send(packet + protocol_packet(payload))
sock.close()
]])

-- What `receiver` prints on host 2 of what `senders` send on host 1.
local function exchange(net, receiver, ...)
  local pipe = net:start(2, receiver)
  for _, sender in ipairs { ... } do
    local ok, _, err = net:run(1, "timeout 20 " .. sender)
    assert(ok, err)
  end
  local out = pipe:read "a"
  pipe:close()
  return out
end

-- Both receivers print the same of what `sender` sends: that.
local function exchange_with_both(net, receivers, sender)
  local theirs = net:start(2, receivers[2])
  local out = exchange(net, receivers[1], sender)
  assert.equal(theirs:read "a", out)
  theirs:close()
  return out
end

local function python(name) return ("python3 %s/%s.py"):format(folder, name) end

network.describe("a frame", 2, function(its)
  local receivers = { program .. " recv left", python "etherrecv" }
  local texts = {
    "Hello, World!", "it's\ttab\\slash\nline\r\1\127", 'say "it\'s \xc3\xbc"' .. ("x"):rep(1470),
  }

  its("is sent and printed as by the document's programs", function(net)
    for _, text in ipairs(texts) do
      local words = (" right %s %s %s"):format(A, B, quote(text))
      assert.equal(exchange_with_both(net, receivers, python "ethersend" .. words),
        exchange(net, receivers[1], program .. " send" .. words))
    end
  end)

  its("has the EtherType and the bytes that are said", function(net)
    local mac = "\\x02\\x00\\x00\\x00\\x01\\x0"
    assert.equal(("b'%s2%s1\\x88\\xb5\\x00\\xffA'\n"):format(mac, mac)
      .. "020000000102\n020000000101\n88b5\nb'\\x00\\xffA'\n",
      exchange(net, program .. " recv --type 0x88b5 left",
        ("%s send right %s %s other"):format(program, A, B),
        ("%s send --type 0x88b5 --hex right %s %s '00 ff:41'"):format(program, A, B)))
  end)

  its("is sent so often, at such a rate", function(net)
    local pipe = net:start(2, program .. " recv --count 200 --filter 'ether proto 0x88b5' left")
    local ok, _, err = net:run(1, ("%s send --stats -n 200 --rate 1000 -t 0x88b5 right %s %s x")
      :format(program, A, B))
    local _, count = pipe:read("a"):gsub("\nb'x'\n", "")
    pipe:close()
    assert.is_true(ok)
    assert.equal(200, count)
    local seconds = tonumber(err:match "^200 frames in ([%d.]+) s, %d+/s\n$")
    assert.is_true(seconds >= 0.19 and seconds < 20, err)
  end)

  its("is counted, too, where sending is interrupted", function(net)
    for signal, number in pairs { INT = 2, TERM = 15 } do
      local pipe = net:start(2, program .. " recv -n 20 --type 0x88b5 left")
      local sender = assert(io.popen(("echo $$; exec %s env --default-signal=INT timeout "
        .. "--foreground --preserve-status 60 %s send --stats -n 1000000000 --rate 100 -t 0x88b5 "
        .. "right %s %s x 2>&1"):format(net:at(1), program, A, B)))
      local pid = sender:read "l"
      pipe:read "a"
      pipe:close()
      os.execute(("kill -%s $(ps -o pid= --ppid %s)"):format(signal, pid)) -- not timeout
      local said = sender:read "a"
      local _, how, by = sender:close()
      local sent = tonumber(said:match "^(%d+) frames in [%d.]+ s, %d+/s\n$")
      assert.is_true(sent ~= nil and sent >= 20 and sent < 1000000, said)
      assert.same({ "signal", number }, { how, by }) -- as timeout passes it on
    end
  end)

  its("is that of a template or a model, varied by its field engine", function(net)
    local _, wanted = luapkt "send --dry-run -n 3 --packet 'Flows/SYN flood' none"
    local payloads = {}
    local out = exchange(net, program .. " recv -n 3 --incoming left",
      program .. " send -n 3 --packet 'Flows/SYN flood' right")
    for line in out:gmatch "[^\n]+" do table.insert(payloads, line) end
    local seen = {}
    for hex in wanted:gmatch "[^\n]+" do
      assert.is_nil(seen[hex])
      seen[hex] = true
      assert.equal(hex:sub(1, 12), payloads[2])
      assert.equal(hex:sub(25, 28), payloads[4])
      for _ = 1, 5 do table.remove(payloads, 1) end
    end
    support.write_file(folder .. "/model.json", [==[ [
      {"id": "Ether", "fields": [{"id": "type", "value": "0x88b5"}]},
      {"id": "Raw", "fields": [{"id": "load", "value": "m"}]}
    ] ]==])
    assert.matches("\n88b5\nb'm'\n$", exchange(net, program .. " recv left",
      ("%s send --packet %s/model.json right"):format(program, folder)))
  end)

  its("is not waited for longer than is said", function(net)
    local _, out, err, status = net:run(2, program .. " recv --timeout 0.1 left")
    assert.same({ "", "luapkt recv: nothing came in time\n", 1 }, { out, err, status })
  end)

  its("is refused where it can't be sent", function(net)
    local function complaint(rest, code)
      local _, out, err, status = net:run(1, program .. " " .. rest)
      assert.same({ "", code or 1 }, { out, status })
      return err
    end
    assert.equal("luapkt send: 2014 bytes are more than right can send: "
      .. "a header and 1500 at most\n",
      complaint(("send right %s %s %s"):format(A, B, ("x"):rep(2000))))
    assert.equal('luapkt send: there is no interface "none"\n',
      complaint(("send none %s %s x"):format(A, B)))
    local _, _, err = net:run(1, ("setpriv --bounding-set -net_raw --inh-caps -net_raw %s send "
      .. "right %s %s x"):format(program, A, B))
    assert.equal("luapkt send: raw sockets need root or the capability CAP_NET_RAW\n", err)
    assert.equal('luapkt recv: filter "no such": can\'t parse filter expression: syntax error\n',
      complaint("recv -f 'no such' right", 2)) -- the command line is wrong
  end)
end)

network.describe("a message in a frame", 2, function(its)
  its("is sent and printed as by the document's programs", function(net)
    local receivers = { program .. " msg recv left", python "ethermsgrecv" }
    for _, text in ipairs { "", "it's", ("x"):rep(1400) } do
      local words = (" right %s %s %s"):format(A, B, quote(text))
      local ours = exchange(net, receivers[1], program .. " msg send" .. words)
      assert.equal(("length=%d\n"):format(#text), ours:match "^[^\n]*\n")
      assert.equal(exchange_with_both(net, receivers, python "ethermsgsend" .. words), ours)
    end
  end)

  its("counts bytes, not characters", function(net)
    assert.matches("^length=3\n.*\nb'\\xe2\\x82\\xac'\n$", exchange(net,
      program .. " msg recv left",
      ("%s msg send right %s %s \xe2\x82\xac"):format(program, A, B)))
  end)

  its("ends where its length says, not where the frame does", function(net)
    local frame = "020000000102020000000101" .. "4321" .. "0002" .. "61626364"
    assert.equal("length=2\n020000000102\n020000000101\n4321\nb'ab'\n", exchange(net,
      program .. " msg recv left", ("%s send --frame %s right"):format(program, frame)))
  end)

  its("is taken as far as it is there, and that is said", function(net)
    local frame = "020000000102020000000101" .. "4321" .. "0009" .. "61626364"
    local out = exchange(net, "sh -c '" .. program:gsub("'", "") .. " msg recv left 2>&1'",
      ("%s send --frame %s right"):format(program, frame))
    assert.matches("luapkt msg: the frame has 4 of the message's 9 bytes\n", out, 1, true)
    assert.matches("length=9\n020000000102\n020000000101\n4321\nb'abcd'\n", out, 1, true)
  end)

  its("is printed without its VLAN tag", function(net)
    local frame = "020000000102020000000101" .. "81000005" .. "4321" .. "0002" .. "6162"
    assert.equal("length=2\n020000000102\n020000000101\n4321\nb'ab'\n", exchange(net,
      program .. " msg recv left", ("%s send --frame %s right"):format(program, frame)))
  end)

  its("comes from a file and goes into one", function(net)
    local path = folder .. "/bytes"
    support.write_file(path, "a\0b")
    assert.equal("a\0ba\0b", exchange(net, program .. " msg recv -n 2 -o - left",
      ("%s msg send -f %s right %s %s"):format(program, path, A, B),
      "sh -c " .. support.quote(("%s msg send -f - right %s %s <%s"):format(program, A, B, path))))
  end)

  its("empties the file that it is written into, not before it comes", function(net)
    local path = folder .. "/kept"
    for _, reliably in ipairs { "", "--reliable " } do
      support.write_file(path, "what was there before")
      local receive = ("%s msg %srecv -o %s left"):format(program, reliably, path)
      local _, _, err, status = net:run(2, receive .. " --timeout 0.1")
      assert.same({ "luapkt msg: no message came in time\n", 1 }, { err, status })
      assert.equal("what was there before", support.read_file(path))
      exchange(net, receive, ("%s msg %ssend right %s %s now"):format(program, reliably, A, B))
      assert.equal("now", support.read_file(path))
    end
  end)

  its("has to fit in it", function(net)
    local _, _, err, status = net:run(1, ("%s msg send right %s %s %s"):format(program, A, B,
      ("x"):rep(2000)))
    assert.same({ "luapkt msg: 2016 bytes are more than right can send: "
      .. "a header and 1500 at most\n--reliable sends messages larger than a frame\n", 1 },
      { err, status })
    for _, size in ipairs { 65536, 65537, 100000 } do
      support.write_file(folder .. "/large", ("x"):rep(size))
      _, _, err = net:run(1, ("%s msg send -f %s/large right %s %s"):format(program, folder, A, B))
      assert.equal("luapkt msg: a message has at most 65535 bytes without --reliable\n", err)
    end
  end)
end)

network.describe("what can't be printed", 2, function(its)
  -- A shell gives `redirection` to the receiver, whose complaint is the output.
  local function receive(net, command, redirection)
    local pipe = net:start(2, "sh -c " .. support.quote(("%s %s 2>&1 %s"):format(program,
      command, redirection)))
    assert(net:run(1, ("%s %s right %s %s hello"):format(program,
      command:match "^msg" and "msg send" or "send", A, B)))
    local out = pipe:read "a"
    return out, select(3, pipe:close())
  end

  local function count_sent(net)
    local ok, count, err = net:run(2, "cat /sys/class/net/left/statistics/tx_packets")
    assert(ok, err)
    return count
  end

  its("is told, and with what", function(net)
    for _, command in ipairs { "recv left", "msg recv left" } do
      assert.same({ ("luapkt %s: the standard output can't be written: No space left on device\n")
        :format(command:match "^%a+"), 1 }, { receive(net, command, ">/dev/full") })
    end
    assert.same({ "luapkt msg: /dev/full can't be written: No space left on device\n", 1 },
      { receive(net, "msg recv -o /dev/full left", "") })
    local _, _, err, status = net:run(2, program .. " msg recv -o /nowhere/at/all left")
    assert.same({ "luapkt msg: /nowhere/at/all: No such file or directory\n", 1 }, { err, status })
  end)

  -- The first socket that is opened would be the standard output, were that closed.
  its("isn't sent instead", function(net)
    local before = count_sent(net)
    for _, command in ipairs { "recv left", "msg recv left", "msg recv -o - left" } do
      assert.same({ ("luapkt %s: the standard output can't be written: Bad file descriptor\n")
        :format(command:match "^%a+"), 1 }, { receive(net, command, ">&-") })
    end
    assert.equal(before, count_sent(net))
  end)
end)

network.describe("an interface", 2, function(its)
  its("that goes down is named", function(net)
    for command, complaint in pairs {
      ["recv left"] = "luapkt recv: receiving on left: Network is down\n",
      ["msg recv left"] = "luapkt msg: receiving on left: Network is down\n",
      ["msg -r recv left"] = "luapkt msg: receiving on left: Network is down\n",
    } do
      local pipe = net:start(2, ("%s %s 2>&1"):format(program, command))
      assert(net:run(2, "ip link set left down"))
      local out = pipe:read "a"
      pipe:close()
      local _, _, err = net:run(2, ("%s send left %s %s x"):format(program, B, A))
      assert(net:run(2, "ip link set left up"))
      assert.equal(complaint, out)
      assert.equal("luapkt send: sending on left: Network is down\n", err)
    end
  end)
end)

describe("the commands for the wire", function()
  it("print frames that they don't send", function()
    local ok, out, err = luapkt(("send --dry-run -n 2 none %s %s Hi"):format(A, B))
    assert(ok, err)
    local line = "020000000102020000000101" .. "0000" .. "4869\n"
    assert.equal(line .. line, out)
    ok, out = luapkt("send --dry-run none 02-00-00-00-01-01 020000000102 ''")
    assert.is_true(ok)
    assert.equal("020000000102020000000101" .. "0000\n", out)
  end)

  it("refuse wrong command lines", function()
    local macs = A .. " " .. B
    for rest, complaint in pairs {
      ["send"] = "an interface, two addresses and a payload are expected",
      ["send eth0 x y z"] = "SRC: a MAC address such as 02:00:00:00:00:01 expected, got 'x'",
      ["send eth0 " .. A .. " 02:00 z"] = "DST: a MAC address such as 02:00:00:00:00:01 expected, "
        .. "got '02:00'",
      ["send -x eth0 " .. macs .. " 0"] = "PAYLOAD: hexadecimal digits, two a byte, expected",
      ["send -t 65536 eth0 " .. macs .. " 0"] = "--type: an EtherType such as 0x0800 expected",
      ["send -n 0 eth0 " .. macs .. " 0"] = "--count: a number from 1 ",
      ["send --frame 00 eth0"] = "a frame has at least 14 bytes, not 1",
      ["send --frame 00 --packet x eth0"] = "either --packet or --frame",
      ["send --frame 00 eth0 " .. A] = "with --frame, an interface alone is expected",
      ["send a b c d e"] = "'e' is one word too many",
      ["recv"] = "which interface?",
      ["recv a b"] = "one interface, not 'b' too",
      ["recv --timeout x a"] = "--timeout: a number of seconds expected, got 'x'",
      ["msg"] = "send or recv?",
      ["msg eth0"] = "send or recv?",
      ["msg send eth0 " .. macs] = "send: an interface, two addresses and a payload are expected",
      ["msg -r send eth0 " .. A .. " ff:ff:ff:ff:ff:ff x"] = "DST: a group can't acknowledge",
      ["msg recv"] = "recv: one interface is expected",
      ["msg recv -f x eth0"] = "recv: --file is for send",
      ["msg send -n 2 eth0 " .. macs .. " x"] = "send: --output and --count are for recv",
    } do
      local _, out, err, status = luapkt(rest)
      assert.same({ "", 2 }, { out, status }, rest)
      assert.truthy(err:find(complaint, 1, true), rest .. ": " .. err)
    end
  end)

  it("list their options", function()
    for _, name in ipairs { "send", "recv", "msg" } do
      local ok, out = luapkt(name .. " --help")
      assert.is_true(ok)
      assert.matches("^usage: luapkt " .. name .. " ", out)
    end
  end)

  it("say what is wrong with a packet to send", function()
    local _, _, err, status = luapkt "send --dry-run --packet 'No such' eth0"
    assert.equal(1, status)
    assert.matches("^luapkt send: there is no file 'No such', and: ", err)
    support.write_file(folder .. "/ip.json", '[{"id": "IP"}]')
    _, _, err = luapkt(("send --dry-run --packet %s/ip.json eth0"):format(folder))
    assert.matches(": packets begin with IP, not with Ethernet\n$", err)
  end)
end)
