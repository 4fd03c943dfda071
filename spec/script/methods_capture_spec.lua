-- read_pcap and write_pcap: captures in base64 to packets and back.

local luapkt  = require "luapkt"
local support = require "spec.support"

local capture = require("luapkt.core").capture
local array = luapkt.json.array
local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64
local unhex = support.unhex

local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

local ip = unhex "4500001c 00010000 40113b8e 0a000001 0a000002  0001 0002 0008 ebd8"
local ip6 = unhex "60000000 0000 3b40 20010db8000000000000000000000001 \
  20010db8000000000000000000000002"
local frame = unhex "ffffffffffff 000000020000 0800" .. ip

-- A capture of packets of one link type.
local function file(link, ...)
  local writer = assert(capture.writer("pcap", link))
  for _, bytes in ipairs { ... } do assert(writer:write(bytes)) end
  return writer:take()
end

local function read(bytes) return service:call("read_pcap", base64(bytes)) end

local function refused(message, ...)
  local result, err = service:call(...)
  assert.is_nil(result)
  assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
end

-- The ids of a packet's layers, as one text.
local function layers(packet)
  local ids = {}
  for i, layer in ipairs(packet.data) do ids[i] = layer.id end
  return table.concat(ids, "/")
end

describe("read_pcap", function()
  it("answers for each packet what reconstruct_pkt answers", function()
    local packets = read(file(1, frame, frame:sub(1, 40)))
    assert.equal(2, #packets)
    assert.same(service:call("reconstruct_pkt", base64(frame), array {}), packets[1])
    assert.same(service:call("reconstruct_pkt", base64(frame:sub(1, 40)), array {}), packets[2])
  end)

  -- https://www.tcpdump.org/linktypes.html
  local links = {
    { 0, "Loopback/IP/UDP", unhex "02000000" .. ip },
    { 1, "Ether/IP/UDP", frame },
    { 9, "PPP/IP/UDP", unhex "0021" .. ip },
    { 9, "HDLC/PPP/IP/UDP", unhex "ff03 0021" .. ip },
    { 12, "IP/UDP", ip },
    { 50, "HDLC/PPP/IP/UDP", unhex "ff03 0021" .. ip },
    { 51, "PPPoE/PPP/IP/UDP", unhex "1100 0001 001e 0021" .. ip },
    { 101, "IP/UDP", ip },
    { 101, "IPv6", ip6 },
    { 113, "CookedLinux/IP/UDP", unhex "0000 0001 0006 001122334455 0000 0800" .. ip },
    { 147, "Raw", ip },
    { 204, "DIR_PPP/PPP/IP/UDP", unhex "00 0021" .. ip },
    { 219, "MPLS/IP/UDP", unhex "00001140" .. ip },
    { 228, "IP/UDP", ip },
    { 229, "IPv6", ip6 },
  }
  for _, case in ipairs(links) do
    it(("reads packets of link type %d as %s"):format(case[1], case[2]), function()
      local packet = read(file(case[1], case[3]))[1]
      assert.equal(case[2], layers(packet))
      assert.equal(case[3], unbase64(packet.binary))
    end)
  end

  it("takes each interface's link type from pcapng", function()
    local writer = capture.writer("pcapng", 1)
    writer:interface(101)
    writer:write(frame)
    writer:write(ip, { interface = 1 })
    local packets = read(writer:take())
    assert.same({ "Ether/IP/UDP", "IP/UDP" }, { layers(packets[1]), layers(packets[2]) })
  end)

  it("reads what is too short for its link as Raw", function()
    assert.equal("Raw", layers(read(file(1, "abc"))[1]))
  end)

  it("answers an empty list for a capture without packets", function()
    local packets = read(file(1))
    assert.equal(0, #packets)
    assert.is_true(packets ~= nil)
  end)

  -- The packets that come with the error.
  local function read_up_to(message, bytes)
    local packets, err = read(bytes)
    assert.is_nil(packets)
    assert.same({ -32098, "Scapy Server: " .. message }, { err.code, err.message })
    return err.data
  end

  it("reads a file that ends early up to there, with a part of the last packet", function()
    local second = 24 + 16 + #frame
    local packets = read_up_to(("byte %d: the file ends within a packet of %d bytes that begins "
      .. "at byte %d"):format(second + 16 + #frame - 10, #frame, second),
      file(1, frame, frame):sub(1, -11))
    assert.equal(2, #packets)
    assert.equal(frame:sub(1, -11), unbase64(packets[2].binary))
    packets = read_up_to(("byte %d: the file ends within the head of a packet that begins at "
      .. "byte %d"):format(second + 5, second), file(1, frame, frame):sub(1, second + 5))
    assert.equal(1, #packets)
    assert.equal(frame, unbase64(packets[1].binary))
  end)

  it("reads a file that lies up to there", function()
    local good = file(1, frame)
    local packets = read_up_to(("byte %d: a packet of 4294967295 bytes, it says; at most 262144 "
      .. "are taken"):format(#good), good .. ("\xff"):rep(16) .. ("\0"):rep(262145))
    assert.equal(1, #packets)
  end)

  it("says what is wrong with a file, and where", function()
    refused("byte 0: an empty file is no capture", "read_pcap", "")
    refused("byte 4: the file ends within the head of the capture that begins at byte 0",
      "read_pcap", base64(file(1):sub(1, 4)))
    refused("byte 0: 74657874 begins neither a pcap nor a pcapng file", "read_pcap",
      base64 "text")
    refused("byte 24: a packet of 4294967295 bytes, it says; at most 262144 are taken",
      "read_pcap", base64(file(1) .. ("\xff"):rep(16) .. ("\0"):rep(262145)))
    refused("the capture is no base64 at character 1", "read_pcap", "!!!")
    refused("the capture is a number, not text in base64", "read_pcap", 5)
  end)

  it("reads a thousand packets, and not more than it can answer", function()
    local one = file(1, frame):sub(25)
    assert.equal(1000, #read(file(1) .. one:rep(1000)))
    local all = read_up_to("the capture has more than 20000 packets", file(1) .. one:rep(20001))
    assert.equal(20000, #all)
  end)

  it("takes a handle, any, or none", function()
    local text = base64(file(1, frame))
    local binary = service:call("read_pcap", text)[1].binary
    assert.equal(binary, service:call("read_pcap", "gCpT7kGF+TG7Jmm90XmxdQ==", text)[1].binary)
    assert.equal(binary, service:call("read_pcap", "another", text)[1].binary)
    local _, err = service:call("read_pcap")
    assert.equal(-32603, err.code)
    _, err = service:call("read_pcap", "a", text, text)
    assert.equal(-32603, err.code)
  end)
end)

describe("write_pcap", function()
  local function written(list)
    local reader, packets = capture.reader(unbase64(assert(service:call("write_pcap", list)))), {}
    for packet in reader do packets[#packets + 1] = packet end
    assert(reader:check())
    return packets
  end

  it("writes Ethernet packets, with the time when they were written", function()
    local before = os.time()
    local packets = written(array { base64(frame), base64 "ab" })
    assert.same({ frame, "ab" }, { packets[1].bytes, packets[2].bytes })
    for _, packet in ipairs(packets) do
      assert.equal(1, packet.link)
      assert.is_true(packet.time // 1000000000 >= before)
      assert.is_true(packet.time // 1000000000 <= os.time() + 1)
    end
  end)

  it("writes a file without packets", function()
    assert.equal(0, #written(array {}))
  end)

  it("says which packet is none", function()
    refused("packet 2 is no base64 at character 1", "write_pcap", array { base64(frame), "!" })
    refused("packet 1 is an array, not text in base64", "write_pcap", array { array {} })
    refused("packet 2: a packet of 262145 bytes; at most 262144 are written", "write_pcap",
            array { base64(frame), base64(("x"):rep(262145)) })
    refused("packets_base64 is a string, not an array", "write_pcap", base64(frame))
    refused("20001 packets; at most 20000 are written", "write_pcap", array((function()
      local list = {}
      for i = 1, 20001 do list[i] = "" end
      return list
    end)()))
  end)

  it("writes what read_pcap reads", function()
    local text = service:call("write_pcap", array { base64(frame) })
    local packets = service:call("read_pcap", text)
    assert.equal(base64(frame), packets[1].binary)
  end)
end)

describe("a reply of megabytes", function()
  it("leaves the next ones alone", function()
    local one = file(1, frame):sub(25)
    local many = base64(file(1) .. one:rep(500))
    local small = read(file(1, frame))
    for _ = 1, 3 do
      assert.equal(500, #service:call("read_pcap", many))
      assert.same(small, read(file(1, frame)))
    end
  end)
end)
