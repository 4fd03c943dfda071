-- Capture files: what is written as tshark reads it, what tshark's tools write as it is read, and
-- files that end early or lie. Layouts by hand are those of draft-ietf-opsawg-pcap and
-- draft-ietf-opsawg-pcapng.

local capture = require("luapkt.core").capture
local files   = require "spec.capture"
local support = require "spec.support"

local quote, unhex = support.quote, support.unhex

local first = unhex "000000010000 000000020000 9000" .. ("a"):rep(46)
local second = unhex "ffffffffffff 000000020000 0806 0001080006040001 001122334455 0a000001 \
  000000000000 0a000002"
local time = 1700000000123456789

-- All packets that a source holds, and the error in which it ends.
local function read(source)
  local reader, packets = capture.reader(source), {}
  for packet in reader do packets[#packets + 1] = packet end
  local _, err = reader:check()
  return packets, err
end

-- The same in chunks of so many bytes.
local function chunks(text, size)
  local at = 1
  return function()
    if at > #text then return nil end
    at = at + size
    return text:sub(at - size, at - 1)
  end
end

local function written(format, link, ...)
  local writer = assert(capture.writer(format, link))
  for _, packet in ipairs { ... } do assert(writer:write(table.unpack(packet))) end
  return writer:take()
end

local function pcap(order, magic, ...)
  local head = (order .. "I4I2I2i4I4I4I4"):pack(magic, 2, 4, 0, 0, 0x40000, 1)
  return head .. table.concat { ... }
end

-- A record of the header's numbers and bytes.
local function record(order, bytes, seconds, rest, length)
  return (order .. "I4I4I4I4"):pack(seconds, rest, length or #bytes, #bytes) .. bytes
end

local function pad(bytes) return bytes .. ("\0"):rep(-#bytes % 4) end

local function block(order, kind, body)
  body = pad(body)
  return (order .. "I4I4"):pack(kind, #body + 12) .. body .. (order .. "I4"):pack(#body + 12)
end

local function option(order, code, value)
  return (order .. "I2I2"):pack(code, #value) .. pad(value)
end

local function section(order)
  return block(order, 0x0a0d0d0a, (order .. "I4I2I2i8"):pack(0x1a2b3c4d, 1, 0, -1))
end

local function interface(order, link, options, snap)
  return block(order, 1, (order .. "I2I2I4"):pack(link, 0, snap or 0) .. (options or ""))
end

local function enhanced(order, bytes, units, options, number, length)
  local head = (order .. "I4I4I4I4I4"):pack(number or 0, units >> 32, units & 0xffffffff,
    length or #bytes, #bytes)
  return block(order, 6, head .. pad(bytes) .. (options or ""))
end

describe("a capture writer", function()
  local path = support.tmpdir() .. "/written"
  local fields = { "frame.time_epoch", "frame.len", "frame.cap_len", "frame.comment",
    "frame.interface_id" }

  -- What tshark shows of the file: a row of values for each packet.
  local function shown(bytes, of)
    if not files.has_tshark() then pending "tshark is not installed" end
    support.write_file(path, bytes)
    local rows = {}
    for i, packet in ipairs(files.tshark(path, of or fields)) do
      rows[i] = {}
      for k, field in ipairs(of or fields) do rows[i][k] = packet[field] end
    end
    return rows
  end

  it("writes pcap with times in microseconds", function()
    assert.same({ { "1700000000.123456000", "60", "60", "", "" },
      { "1700000001.000000000", "1500", "42", "", "" } },
      shown(written("pcap", 1, { first, { time = time } },
        { second, { time = 1700000001000000999, wire_len = 1500 } })))
  end)

  it("writes pcap with times in nanoseconds", function()
    assert.same({ { "1700000000.123456789", "60", "60", "", "" } },
      shown(written("pcap_ns", 1, { first, { time = time } })))
  end)

  it("writes pcapng with comments", function()
    assert.same({ { "1700000000.123456789", "60", "60", "five!", "0" },
      { "0.000000000", "42", "42", "", "0" } },
      shown(written("pcapng", 1, { first, { time = time, comment = "five!" } }, { second })))
  end)

  it("writes pcapng of several interfaces", function()
    local writer = assert(capture.writer("pcapng", 1))
    assert.equal(1, writer:interface(101))
    assert(writer:write(first))
    assert(writer:write(unhex "450000140000000040003b96 0a000001 0a000002", { interface = 1 }))
    assert.same({ { "eth:ethertype:loop:data", "0" }, { "raw:ip", "1" } },
      shown(writer:take(), { "frame.protocols", "frame.interface_id" }))
  end)

  it("hands out its bytes as often as asked", function()
    local writer = assert(capture.writer "pcap")
    local parts = { writer:take() }
    for _, bytes in ipairs { first, second } do
      assert(writer:write(bytes))
      parts[#parts + 1] = writer:take()
    end
    assert.equal("", writer:take())
    assert.same({ 24, 16 + 60, 16 + 42 }, { #parts[1], #parts[2], #parts[3] })
    assert.equal(2, #read(table.concat(parts)))
  end)

  it("says what its format can't hold", function()
    local function refused(format, ...)
      local writer = assert(capture.writer(format))
      local before = writer:take()
      local ok, err = writer:write(...)
      assert.is_nil(ok)
      assert.equal("", writer:take())
      assert.is_true(#before > 0)
      return err.message
    end
    assert.equal("time -1 ns: no time before 1970 can be written",
      refused("pcapng", first, { time = -1 }))
    assert.equal("time 4294967296000000000 ns: a pcap file has times until 2106",
      refused("pcap", first, { time = 4294967296 * 1000000000 }))
    assert.equal("a pcap file has no comments; pcapng files have",
      refused("pcap", first, { comment = "x" }))
    assert.equal("interface 1: there are 1", refused("pcapng", first, { interface = 1 }))
    assert.equal("a packet of 262145 bytes; at most 262144 are written",
      refused("pcap", ("x"):rep(262145)))
    assert.equal("a packet of 60 bytes, 59 on the wire", refused("pcap", first, { wire_len = 59 }))
    assert.equal("a comment of 65536 bytes; at most 65535 are written",
      refused("pcapng", first, { comment = ("x"):rep(65536) }))
    local writer, err = capture.writer("pcap", 65536)
    assert.is_nil(writer)
    assert.equal("link type 65536: 0 to 65535 expected", err.message)
    writer, err = capture.writer("pcap"):interface(1)
    assert.is_nil(writer)
    assert.equal("a pcap file has one interface; pcapng files have several", err.message)
  end)

  it("raises for what is no number or text", function()
    local writer = capture.writer "pcap"
    assert.error_matches(function() writer:write(first, { time = 1.5 }) end, "'time' is no whole")
    assert.error_matches(function() writer:write(first, { comment = 1 }) end, "is no text")
    assert.error_matches(function() capture.writer "pcap2" end, "invalid option 'pcap2'")
  end)
end)

describe("a capture reader", function()
  local two = { first, second }

  local function check_two(packets, err, unit)
    assert.is_nil(err)
    assert.equal(2, #packets)
    for i, packet in ipairs(packets) do
      assert.equal(two[i], packet.bytes)
      assert.equal(#two[i], packet.wire_len)
      assert.equal(1, packet.link)
      assert.equal(1700000000 * 1000000000 + 123456 * 1000 + i * unit, packet.time)
    end
  end

  for _, order in ipairs { "<", ">" } do
    local name = order == "<" and "little" or "big"

    it("reads pcap, " .. name .. "-endian", function()
      local text = pcap(order, 0xa1b2c3d4, record(order, first, 1700000000, 123457),
        record(order, second, 1700000000, 123458))
      check_two(read(text), nil, 1000)
    end)

    it("reads pcap in nanoseconds, " .. name .. "-endian", function()
      local text = pcap(order, 0xa1b23c4d, record(order, first, 1700000000, 123456001),
        record(order, second, 1700000000, 123456002))
      check_two(read(text), nil, 1)
    end)

    it("reads pcapng, " .. name .. "-endian", function()
      local units = 1700000000123456
      check_two(read(section(order) .. interface(order, 1) .. enhanced(order, first, units + 1)
        .. block(order, 0x0bad, ("x"):rep(100)) .. enhanced(order, second, units + 2)), nil, 1000)
    end)
  end

  it("reads chunks of any size as it reads the whole", function()
    local text = section ">" .. interface(">", 1) .. enhanced(">", first, 1)
      .. block(">", 5, ("x"):rep(40)) .. section "<" .. interface("<", 113)
      .. enhanced("<", second, 2, option("<", 1, "said"))
    local whole = read(text)
    assert.same({ 1, 113 }, { whole[1].link, whole[2].link })
    assert.equal("said", whole[2].comment)
    for _, size in ipairs { 1, 2, 3, 7, 28, 64, 1000 } do
      local packets, err = read(chunks(text, size))
      assert.is_nil(err)
      assert.same(whole, packets)
    end
  end)

  it("takes each interface's unit of time and offset", function()
    local function time_with(options, units)
      local text = section "<" .. interface("<", 1, options) .. enhanced("<", first, units)
      return assert(read(text)[1]).time
    end
    local function resolution(n) return option("<", 9, string.char(n)) end
    assert.equal(1500000000, time_with(resolution(0x80 | 10), 1536))
    assert.equal(2000000000, time_with(resolution(0), 2))
    assert.equal(1234, time_with(resolution(12), 1234567))
    assert.equal(0, time_with(resolution(127), 1))
    assert.equal(0, time_with(resolution(255), 1))
    assert.equal(1700000000500000000, time_with(resolution(0x80 | 30), 3400000001 << 29))
    assert.equal(1, time_with(resolution(28), -1)) -- 2^64 - 1 units of 10^-28 s
    assert.equal(0, time_with(resolution(29), -1))
    assert.equal(-7999000000, time_with(option("<", 14, ("<i8"):pack(-8)), 1000))
    assert.equal(math.maxinteger, time_with(option("<", 14, ("<i8"):pack(math.maxinteger)), 0))
  end)

  it("reads simple and obsolete packet blocks", function()
    -- What is captured of a packet may be fewer bytes than the block has, which is padded; and an
    -- obsolete block says how many packets were dropped before it, here 7.
    local simple = block("<", 3, ("<I4"):pack(#first) .. first:sub(1, 18))
    local obsolete = block("<", 2, ("<I2I2I4I4I4I4"):pack(1, 7, 0, 5, #second, #second) .. second)
    local packets, err = read(section "<" .. interface("<", 1, nil, 18) .. interface("<", 101)
      .. simple .. obsolete)
    assert.is_nil(err)
    assert.same({ first:sub(1, 18), 60, 1 },
      { packets[1].bytes, packets[1].wire_len, packets[1].link })
    assert.same({ second, 101, 5000, 1 },
      { packets[2].bytes, packets[2].link, packets[2].time, packets[2].interface })
  end)

  -- draft-ietf-opsawg-pcapng section 3.5: opt_comment may be there several times.
  it("joins a packet's comments, as far as 65535 bytes hold them", function()
    local function comments(...)
      local options = {}
      for i, text in ipairs { ... } do options[i] = option("<", 1, text) end
      return enhanced("<", first, 0, table.concat(options))
    end
    local long = ("x"):rep(65530)
    local packets, err = read(section "<" .. interface("<", 1) .. comments("one", "", "three")
      .. comments("alone") .. comments("", "two") .. comments(long, "1234", "5") .. comments())
    assert.is_nil(err)
    local found = {}
    for i, packet in ipairs(packets) do found[i] = packet.comment or "none" end
    assert.same({ "one\n\nthree", "alone", "\ntwo", long .. "\n1234", "none" }, found)
  end)

  it("says how many bytes are a frame check sequence", function()
    local text = section "<" .. interface("<", 1, option("<", 13, "\32")) .. enhanced("<", first, 0)
      .. enhanced("<", first, 0, option("<", 2, ("<I4"):pack(2 << 5)))
      .. enhanced("<", first, 0, option("<", 2, ("<I4"):pack(15 << 5))) -- bits 5 to 8
    local packets = read(text)
    assert.same({ 4, 2, 15 }, { packets[1].fcs_len, packets[2].fcs_len, packets[3].fcs_len })
    local old = pcap("<", 0xa1b2c3d4):sub(1, 20) .. ("<I4"):pack(0x24000001)
    packets = read(old .. record("<", first, 0, 0))
    assert.same({ 4, 1 }, { packets[1].fcs_len, packets[1].link })
  end)

  it("puts the lengths of a record in order where old files had them swapped", function()
    local swapped = ("<I4I4I4I4"):pack(0, 0, 1000, #first) .. first
    for _, version in ipairs { { 2, 3 }, { 543, 0 } } do
      local head = ("<I4I2I2i4I4I4I4"):pack(0xa1b2c3d4, version[1], version[2], 0, 0, 0x40000, 1)
      local packet = read(head .. swapped)[1]
      assert.same({ first, 1000 }, { packet.bytes, packet.wire_len })
    end
  end)

  it("reads no packets from a file without packets", function()
    for _, text in ipairs { pcap("<", 0xa1b2c3d4), section "<", section ">" .. section "<" } do
      local packets, err = read(text)
      assert.same({ {}, nil }, { packets, err })
    end
  end)
end)

describe("a capture that ends early", function()
  local head = pcap("<", 0xa1b2c3d4, record("<", first, 1, 0))
  local ng = section "<" .. interface("<", 1)

  it("gives the packets before, and what there is of the last", function()
    local packets, err = read(head .. record("<", second, 2, 0):sub(1, -3))
    assert.equal(2, #packets)
    assert.is_nil(packets[1].cut)
    assert.is_true(packets[2].cut)
    assert.equal(second:sub(1, -3), packets[2].bytes)
    assert.equal("truncated", err.code)
    assert.equal("byte 156: the file ends within a packet of 42 bytes that begins at "
      .. "byte 100", err.message)
  end)

  it("gives no packet of a block that isn't whole", function()
    local packets, err = read(ng .. enhanced("<", second, 1) .. enhanced("<", first, 1):sub(1, -2))
    assert.equal(1, #packets)
    assert.equal("byte 215: the file ends within a block that begins at byte 124", err.message)
  end)

  it("gives what there is of a packet whose length is beyond all bounds", function()
    local packets, err = read(head .. record("<", second, 1, 0, 0xffffffff))
    assert.same({ second, true }, { packets[2].bytes, packets[2].cut })
    assert.equal("byte 158: the file ends within a packet of 4294967295 bytes that begins at "
      .. "byte 100", err.message)
  end)

  it("is told at whatever byte it ends, in chunks as in one piece", function()
    local ends = { [24] = true, [100] = true }
    for n = 0, #head do
      local packets, err = read(head:sub(1, n))
      local again, same_err = read(chunks(head:sub(1, n), 5))
      assert.same({ packets, err }, { again, same_err })
      assert.equal(ends[n] or false, err == nil)
    end
    local text = ng .. enhanced("<", first, 1) .. block("<", 3, ("<I4"):pack(4) .. "abcd")
    ends = { [28] = true, [48] = true, [#text - 20] = true, [#text] = true }
    for n = 0, #text do
      local packets, err = read(text:sub(1, n))
      local again, same_err = read(chunks(text:sub(1, n), 5))
      assert.same({ packets, err }, { again, same_err })
      assert.equal(ends[n] or false, err == nil)
      assert.equal(err and "truncated", err and err.code)
    end
  end)
end)

describe("a capture that lies", function()
  local ng = section "<" .. interface("<", 1)

  local function refused(code, message, text, count)
    local packets, err = read(text)
    assert.equal(count or 0, #packets)
    assert.same({ code = code, message = message }, err)
    assert.same(err, select(2, read(chunks(text, 3))))
  end

  it("is no capture at all", function()
    refused("truncated", "byte 0: an empty file is no capture", "")
    refused("malformed", "byte 0: 74686973 begins neither a pcap nor a pcapng file", "this is text")
    refused("malformed", "byte 0: a section whose byte order is 00000000: 1a2b3c4d or 4d3c2b1a "
      .. "were expected", "\n\r\r\n" .. ("\0"):rep(30))
    refused("malformed", "byte 0: a section of version 2; 1 is known",
      block("<", 0x0a0d0d0a, ("<I4I2I2i8"):pack(0x1a2b3c4d, 2, 0, -1)))
  end)

  it("claims a packet too long", function()
    refused("limit", "byte 100: a packet of 4294967295 bytes, it says; at most 262144 are taken",
      pcap("<", 0xa1b2c3d4, record("<", first, 1, 0),
        record("<", ("\0"):rep(262145), 1, 0, 0xffffffff)), 1)
    refused("limit", "byte 48: a packet of 262145 bytes, it says; at most 262144 are taken",
      ng .. enhanced("<", first, 0, nil, 0, 262145))
    refused("malformed", "byte 48: a packet of 61 bytes in a block with room for 60",
      ng .. enhanced("<", first, 0, nil, 0, 61))
  end)

  it("has a block of impossible length", function()
    local kinds = { { 6, 8, 12 }, { 77, 8, 12 }, { 77, 30, 12 }, { 0x0a0d0d0a, 12, 16 } }
    for _, case in ipairs(kinds) do
      local text = ("<I4I4I4"):pack(case[1], case[2], 0x1a2b3c4d)
      refused("malformed", ("byte 48: a block of type %d and %d bytes: at least %d, a multiple of "
        .. "4, were expected"):format(case[1], case[2], case[3]), ng .. text)
    end
    refused("limit", "byte 48: a block of 4294967292 bytes, it says; at most 393216 are taken",
      ng .. ("<I4I4"):pack(6, 0xfffffffc))
    refused("malformed", "byte 48: a block of 16 bytes that says at its end that it has 12",
      ng .. ("<I4I4I4I4"):pack(77, 16, 0, 12) .. enhanced("<", first, 0))
    refused("malformed", "byte 48: a block of 16 bytes that says at its end that it has 12",
      ng .. ("<I4I4I4I4"):pack(3, 16, 0, 12))
  end)

  it("has blocks too short for what they are", function()
    refused("malformed", "byte 28: an interface block of 16 bytes",
      section "<" .. block("<", 1, "abcd"))
    refused("malformed", "byte 48: a packet block of 28 bytes", ng .. block("<", 6, ("x"):rep(16)))
    refused("malformed", "byte 48: a packet block of 12 bytes", ng .. block("<", 3, ""))
    refused("malformed", "byte 48: option 1 of 100 bytes goes beyond its block",
      ng .. enhanced("<", first, 0, ("<I2I2I4"):pack(1, 100, 0)))
  end)

  it("names an interface that isn't there", function()
    refused("malformed", "byte 48: a packet of interface 1; 1 are described before it",
      ng .. enhanced("<", first, 0, nil, 1))
    refused("malformed", "byte 76: a packet of interface 0; 0 are described before it",
      ng .. section "<" .. enhanced("<", first, 0))
    refused("malformed", "byte 28: a packet of interface 0; 0 are described before it",
      section "<" .. block("<", 3, ("<I4"):pack(0)))
  end)

  it("describes interfaces without end", function()
    refused("limit", "byte 81948: more than 4096 interfaces in one section",
      section "<" .. interface("<", 1):rep(5000))
  end)

  it("is read without holding what is passed over", function()
    local size, count = 64 << 20, 0
    local parts = { ng .. ("<I4I4"):pack(77, size) }
    for i = 1, (size - 12) // 65536 do parts[i + 1] = false end -- a chunk of zeros
    parts[#parts + 1] = ("\0"):rep((size - 12) % 65536) .. ("<I4"):pack(size)
    parts[#parts + 1] = enhanced("<", first, 1)
    local zeros, at = ("\0"):rep(65536), 0
    local reader = capture.reader(function()
      at = at + 1
      return parts[at] == false and zeros or parts[at]
    end)
    for packet in reader do
      count = count + 1
      assert.equal(first, packet.bytes)
    end
    assert(reader:check())
    assert.equal(1, count)
  end)
end)

describe("a reader's source", function()
  it("is a string or a function of strings", function()
    assert.error_matches(function() capture.reader {} end, "string expected, got table")
    local reader = capture.reader(function() return 1 end)
    assert.error_matches(function() reader:next() end, "the source returned a number")
    reader = capture.reader(function() error "broken pipe" end)
    assert.error_matches(function() reader:next() end, "broken pipe")
  end)
end)

describe("captures of other programs", function()
  local folder = support.tmpdir()

  local function made(options, format)
    if not files.has_tshark() then pending "tshark is not installed" end
    local from, to = folder .. "/from", folder .. "/to"
    support.write_file(from, written("pcapng", 1, { first, { time = time, comment = "one" } },
      { second, { time = time + 1000 } }))
    local ok, _, err = support.run(("editcap -F %s %s %s %s"):format(format, options, quote(from),
      quote(to)))
    assert(ok, err)
    return assert(support.read_file(to))
  end

  for format, unit in pairs { pcap = 1000, nsecpcap = 1, pcapng = 1, modpcap = 1000 } do
    it("are read as editcap writes them: " .. format, function()
      local packets, err = read(made("", format))
      assert.is_nil(err)
      assert.same({ first, second }, { packets[1].bytes, packets[2].bytes })
      assert.same({ time // unit * unit, (time + 1000) // unit * unit },
        { packets[1].time, packets[2].time })
    end)
  end

  it("keep their comments", function()
    local packets = read(made("-a 2:'second, too'", "pcapng"))
    assert.same({ "one", "second, too" }, { packets[1].comment, packets[2].comment })
  end)

  it("are cut as they say", function()
    local packets = read(made("-s 20", "pcap"))
    assert.same({ first:sub(1, 20), 60, nil },
      { packets[1].bytes, packets[1].wire_len, packets[1].cut })
  end)

  it("have many interfaces when merged", function()
    if not files.has_tshark() then pending "tshark is not installed" end
    local paths = {}
    for i, link in ipairs { 1, 101 } do
      paths[i] = ("%s/%d"):format(folder, link)
      support.write_file(paths[i], written("pcapng", link, { first, { time = time + i } }))
    end
    local to = folder .. "/merged"
    local ok, _, err = support.run(("mergecap -w %s %s"):format(quote(to),
      table.concat(paths, " ")))
    assert(ok, err)
    local packets = read(assert(support.read_file(to)))
    assert.same({ 1, 101 }, { packets[1].link, packets[2].link })
    assert.same({ 0, 1 }, { packets[1].interface, packets[2].interface })
  end)
end)
