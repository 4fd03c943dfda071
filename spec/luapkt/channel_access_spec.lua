local channel_access = require "luapkt.channel_access"
local luapkt         = require "luapkt"
local stream         = require "spec.stream"
local support        = require "spec.support"

local text, unhex = channel_access.text, support.unhex

local NORMAL = "CAStatusCode(name='ECA_NORMAL', code=0, code_with_severity=1, "
  .. "severity=<CASeverity.SUCCESS: 1>, success=1, defunct=False, "
  .. "description='Normal successful completion')"

local function of(bytes) return text(luapkt.packet(bytes, "CA")[1]) end

local function response(fields)
  fields.ioid = 7
  return text(luapkt.CAReadNotifyResponse(fields)[1])
end

-- What is printed of a response's value.
local function data_of(data_type, data)
  local line = response({ data_type = data_type, data = data })
  return line:match "^ReadNotifyResponse%(data=(.*), data_type=<"
end

local function metadata_of(fields) return response(fields):match "metadata=(.*)%)$" end

describe("the text of a Channel Access command", function()
  it("names its arguments", function() -- the example of caproto's documentation
    local p = luapkt.CASearchRequest{ name = "rpi:color", cid = 24593 }
    assert.equal("SearchRequest(name='rpi:color', cid=24593, version=13, reply=5)", text(p[1]))
    p = luapkt.CASearchResponse{ port = 50421, cid = 24593 }
    assert.equal("SearchResponse(port=50421, ip='255.255.255.255', cid=24593, version=13)",
      text(p[1]))
    assert.equal("VersionRequest(priority=0, version=13)", text(luapkt.CAVersionRequest{}[1]))
    assert.equal("RepeaterRegisterRequest(client_address='0.0.0.0')",
      text(luapkt.CARepeaterRegisterRequest{}[1]))
    p = luapkt.CANotFoundResponse{ cid = 3 }
    assert.equal("NotFoundResponse(version=13, cid=3)", text(p[1]))
    assert.equal("EchoRequestOrResponse()", text(luapkt.CAEcho{}[1]))
    assert.equal("EventsOnRequest()", text(luapkt.CAEventsOnRequest{}[1]))
  end)

  it("has all of a value's type, status and data", function()
    local line = "ReadNotifyResponse(data=Array('d', [3.25]), data_type=<ChannelType.DOUBLE: 6>, "
      .. "data_count=1, status=" .. NORMAL .. ", ioid=7, metadata=None)"
    assert.equal(line, response { data_type = "DOUBLE", data = { 3.25 } })
    local p = luapkt.CAReadResponse{ data_type = "LONG", data = { 1 }, sid = 2, ioid = 3 }
    assert.equal("ReadResponse(data=Array('i', [1]), data_type=<ChannelType.LONG: 5>, "
      .. "data_count=1, sid=2, ioid=3, metadata=None)", text(p[1]))
  end)

  it("has data of each type", function()
    assert.equal("[b'one', b'it\\'s \"two\"\\x01']",
      data_of("STRING", { "one", "it's \"two\"\1" }))
    assert.equal("[b\"it's\", b'\\t\\n\\r\\\\\\xff']",
      data_of("STRING", { "it's", "\t\n\r\\\xff" }))
    assert.equal("Array('h', [1, -2])", data_of("INT", { 1, -2 }))
    assert.equal("Array('f', [1.5, 0.10000000149011612])", data_of("FLOAT", { 1.5, 0.1 }))
    assert.equal("Array('H', [65535])", data_of("ENUM", { 65535 }))
    assert.equal("Array('b', [65, -1, 127, -128])", data_of("CHAR", "A\xff\x7f\x80"))
    assert.equal("Array('i', [-7])", data_of("LONG", { -7 }))
    assert.equal("Array('d', [0.1, 1e+16, -0.0, inf, nan, 5e-324])",
      data_of("DOUBLE", { 0.1, 1e16, -0.0, math.huge, 0 / 0, 5e-324 }))
    assert.equal("Array('H', [1])", data_of("PUT_ACKT", { 1 }))
    assert.equal("[b'ai']", data_of("CLASS_NAME", { "ai" }))
  end)

  it("has what stands before a value", function()
    local fields = { data_type = "STS_LONG", data = { 1 }, alarm_status = 17, alarm_severity = 3 }
    assert.equal("DBR_STS_LONG(status=<AlarmStatus.UDF: 17>, "
      .. "severity=<AlarmSeverity.INVALID_ALARM: 3>)", metadata_of(fields))
    fields = { data_type = "GR_ENUM", data = { 1 }, enum_strings = { "off" } }
    assert.match("enum_strings=%(b'off',%)%)$", metadata_of(fields))
    fields.enum_strings = { "off", "on" }
    assert.match("enum_strings=%(b'off', b'on'%)%)$", metadata_of(fields))
    fields = { data_type = "CTRL_INT", data = { 1 }, units = "mm", upper_ctrl_limit = -3 }
    assert.match("lower_alarm_limit=0, upper_ctrl_limit=%-3, lower_ctrl_limit=0, units=b'mm'%)$",
      metadata_of(fields))
    fields = { data_type = "STSACK_STRING", data = { "x" }, ackt = 1, acks = 2 }
    assert.equal("DBR_STSACK_STRING(status=<AlarmStatus.NO_ALARM: 0>, "
      .. "severity=<AlarmSeverity.NO_ALARM: 0>, ackt=1, acks=2)", metadata_of(fields))
    fields = { data_type = "STS_CHAR", data = "x", alarm_status = 99 }
    assert.match("status=%(repr: 99 is not a valid AlarmStatus%)", metadata_of(fields))
  end)

  it("has times in microseconds", function()
    local function time(seconds, nanoseconds)
      return metadata_of({ data_type = "TIME_LONG", data = { 1 }, seconds = seconds,
                           nanoseconds = nanoseconds }):match "timestamp=(.*)%)"
    end
    assert.equal("1549046400.123456", time(917894400, 123456789))
    assert.equal("1549046400.0", time(917894400, 999))
    assert.equal("1549046400.1", time(917894400, 100000000))
    assert.equal("631152000.999999", time(0, 999999999))
    assert.equal("631152001.5", time(0, 1500000000)) -- more than a second of them counts, too
  end)

  it("has the codes of the specification", function()
    local function status(code)
      return text(luapkt.CAWriteNotifyResponse{ status = code }[1]):match "status=(.*), ioid"
    end
    assert.match("name='ECA_INTERNAL', code=17, code_with_severity=142, "
      .. "severity=<CASeverity.FATAL: 6>, success=0, defunct=False", status(142))
    assert.match("name='ECA_CHIDNOTFND', code=15, code_with_severity=123, "
      .. "severity=<CASeverity.INFO: 3>, success=1, defunct=True", status(123))
    assert.match("description=\"Client's protocol revision", status(464))
    assert.equal("(repr: 3)", status(3))
  end)

  it("has rights by name", function()
    local function rights(bits)
      return text(luapkt.CAAccessRightsResponse{ access_rights = bits }[1]):match "rights=(.*)%)"
    end
    assert.equal("<AccessRights.NO_ACCESS: 0>", rights(0))
    assert.equal("<AccessRights.WRITE: 2>", rights(2))
    assert.equal("<AccessRights.READ|WRITE: 3>", rights(3))
    assert.equal("<AccessRights.READ|4: 5>", rights(5))
  end)

  it("has names as Python's strings", function()
    local function name(bytes) return text(luapkt.CAHostNameRequest{ name = bytes }[1]) end
    assert.equal("HostNameRequest(name=\"it's\")", name "it's")
    assert.equal("HostNameRequest(name='k\xc3\xa4se\\\\')", name "k\xc3\xa4se\\")
    assert.equal("HostNameRequest(name='k\\xe4se')", name "k\xe4se")
  end)

  it("quotes what went wrong with the zeros behind it", function()
    local bytes = unhex [[000b 0018 0000 0000 00000009 0000019a
                          000f 0000 0001 0001 00000005 0000004d 6f6f707300000000]]
    assert.match("^ErrorResponse%(original_request=MessageHeader%(command=15, payload_size=0, "
      .. "data_type=1, data_count=1, parameter1=5, parameter2=77%), cid=9, status=CAStatusCode%("
      .. "name='ECA_BADCHID', .*, error_message=bytearray%(b'oops\\x00\\x00\\x00\\x00'%)%)$",
      of(bytes))
  end)

  it("doesn't say whether an event of 16 bytes is a request", function()
    local header = "0001 0010 000f 0001 00000001 00000008 "
    local line = "EventAddRequestOrResponse(data_type=<ChannelType.TIME_INT: 15>, data_count=1, "
      .. "sid=1, subscriptionid=8, low=%s, high=%s, to=%s, mask=%d)"
    assert.equal(line:format("0.0", "0.0", "0.0", 5),
      of(unhex(header .. "00000000 00000000 00000000 00050000")))
    assert.equal(
      line:format("2.7550788977243796e-40", "5.422742106020451e-06", "1.6535997013422565e-34", 0),
      of(unhex(header .. "00030001 36b5f500 075bcd15 000004d2")))
  end)

  it("of an event without a value says that there is no buffer", function()
    assert.equal("EventAddResponse(data=(repr: tuple index out of range), "
      .. "data_type=<ChannelType.DOUBLE: 6>, data_count=1, status=" .. NORMAL
      .. ", subscriptionid=8, metadata=(repr: tuple index out of range))",
      of(unhex "0001 0000 0006 0001 00000001 00000008"))
  end)

  it("has all items of an array", function()
    local numbers = {}
    for i = 1, 5000 do numbers[i] = i * 0.5 end
    local data = (">" .. ("d"):rep(100))
    local parts = {}
    for i = 1, 5000, 100 do parts[#parts + 1] = data:pack(table.unpack(numbers, i, i + 99)) end
    assert.equal("Array('d', [" .. table.concat(numbers, ", ") .. "])",
      data_of("DOUBLE", table.concat(parts)))
  end)

  it("counts by a long header", function()
    local p = luapkt.CAReadNotifyRequest{ data_type = 5, data_count_ext = 70000, sid = 4, ioid = 2 }
    assert.equal("ReadNotifyRequest(data_type=<ChannelType.LONG: 5>, data_count=70000, sid=4, "
      .. "ioid=2)", text(p[1]))
  end)

  it("is none of what is no command, or not whole", function()
    assert.is_nil(text(luapkt.IP{}[1]))
    assert.is_nil(text(luapkt.CA{ command = 5 }[1]))
    local bytes = luapkt.CAReadNotifyResponse{ data_type = "LONG", data = { 1, 2, 3 } }:bytes()
    for n = 1, #bytes - 1 do
      local p = luapkt.packet(bytes:sub(1, n), "CA")
      if p then assert.is_nil(text(p[1])) end -- none where they end within a number of the header
    end
    assert.is_string(of(bytes))
    assert.is_nil(of(luapkt.CASearchRequest{ name = "a" }:bytes():sub(1, 20)))
  end)
end)

-- What caproto-shark prints for the captures that are beside the project: time, addresses, text.
-- A response with an extended header (its count and its size are of 32 bits) of so many doubles.
local function doubles(count, ioid)
  return (">I2I2I2I2I4I4I4I4"):pack(15, 0xffff, 6, 0, 1, ioid, count * 8, count)
    .. ("\0"):rep(count * 8)
end

describe("a stream of Channel Access", function()
  it("goes on behind a message that is longer than a packet may be, which has no text", function()
    local _, server = stream.connection(5064)
    local bytes = doubles(32000, 1) .. doubles(33000, 2) .. doubles(2, 3)
    local frames = { server:send((">I2I2I2I2I4I4"):pack(0, 0, 0, 13, 0, 0)) }
    for at = 1, #bytes, 1448 do frames[#frames + 1] = server:send(bytes:sub(at, at + 1447)) end
    local found = {}
    stream.each(stream.pcap(frames), function(p)
      for layer in p:layers() do
        if layer.kind == "CAReadNotifyResponse" then
          found[#found + 1] = { layer.ioid, text(layer) ~= nil }
        end
      end
    end)
    assert.same({ { 1, true }, { 2, false }, { 3, true } }, found)
  end)
end)

describe("captures of Channel Access", function()
  local shared = support.shared_dir()

  local function stamp(time)
    local digits = ("%d.%06d"):format(time // 1000000000, time % 1000000000 // 1000)
    return (digits:gsub("0+$", ""):gsub("%.$", ".0"))
  end

  local function lines_of(p, time)
    local lines, upper = {}, p.UDP or p.TCP
    local before = ("%s %s:%d->%s:%d "):format(stamp(time), p.IP.src, upper.sport, p.IP.dst,
      upper.dport)
    for layer in p:layers() do
      local line = text(layer)
      if line then lines[#lines + 1] = before .. line end
    end
    return lines
  end

  -- caproto fails on values with bytes behind them that fill up the payload.
  local function is_filled(layer)
    return layer:has "data" and layer.data and layer:bytes():find "\0$" ~= nil
  end

  local function check(name)
    if not shared then return pending "no captures beside the project" end
    local path = shared .. "/captures/" .. name
    if not support.read_file(path .. ".pcap") then return pending "no such capture" end
    local wanted, ours = {}, {}
    for line in io.lines(path .. ".expected.txt") do wanted[#wanted + 1] = line end
    for p, record in assert(luapkt.pcap.reader(path .. ".pcap")):packets() do
      assert.is_true(p:identical())
      local lines, top = lines_of(p, record.time), p[#p]
      assert.is_true(#lines > 0)
      local fails = lines[1] ~= wanted[#ours + 1]
      if fails then assert.is_true(is_filled(top)) end
      for _, line in ipairs(fails and {} or lines) do ours[#ours + 1] = line end
    end
    assert.same(wanted, ours)
  end

  it("of other protocols have none of it", function()
    if not shared then return pending "no captures beside the project" end
    local count = 0
    for path in io.popen("ls " .. support.quote(shared) .. "/captures/packets_*.pcap"):lines() do
      for p in assert(luapkt.pcap.reader(path)):packets() do
        assert.is_false(p:has "CA")
        count = count + 1
      end
    end
    assert.is_true(count > 0)
  end)

  it("are printed as they should be: searches", function() check "channel_access_udp" end)
  it("are printed as they should be: every command", function() check "channel_access_all" end)
end)
