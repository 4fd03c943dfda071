local luapkt  = require "luapkt"
local support = require "spec.support"

local hex, unhex = support.hex, support.unhex
local CAReadNotifyResponse = luapkt.CAReadNotifyResponse
local CAEventAddRequest    = luapkt.CAEventAddRequest

local function kinds(p)
  local list = {}
  for layer in p:layers() do list[#list + 1] = layer.kind end
  return table.concat(list, " ")
end

-- Commands by themselves, the first of which is read as 'id'.
local function read(bytes, id)
  local p = assert(luapkt.packet(bytes, id or "CA"))
  assert.is_true(p:identical())
  return p
end

local function frame(lower, bytes) return (luapkt.IP{} / lower / bytes):bytes() end

-- What UDP and TCP carry between these ports.
local function read_ports(bytes, sport, dport)
  local udp = luapkt.packet(frame(luapkt.UDP{ sport = sport, dport = dport }, bytes), "IP")
  local tcp = luapkt.packet(frame(luapkt.TCP{ sport = sport, dport = dport }, bytes), "IP")
  local over_udp, over_tcp = kinds(udp):match "UDP ?(.*)", kinds(tcp):match "TCP ?(.*)"
  assert.equal(over_udp, over_tcp)
  return over_udp
end

-- Channel Access Protocol Specification, section 14 "Example conversation".
local conversation = {
  { "0000 0000 0000 000b 00000000 00000000", "CAVersionRequest", { version = 11 } },
  { "0014 0008 0000 0000 00000000 00000000 61707563656c6a00",
    "CAClientNameRequest", { name = "apucelj" } },
  { "0015 0008 0000 0000 00000000 00000000 63736c3036000000",
    "CAHostNameRequest", { name = "csl06" } },
  { "0012 0018 0000 0000 00000001 0000000b 61707563656c6a3a61694578616d706c6531000000000000",
    "CACreateChanRequest", { name = "apucelj:aiExample1", cid = 1, version = 11 } },
  { "0016 0000 0000 0000 00000001 00000003",
    "CAAccessRightsResponse", { cid = 1, access_rights = "READ+WRITE" } },
  { "0012 0000 0006 0001 00000001 00000004",
    "CACreateChanResponse", { data_type = "DOUBLE", cid = 1, sid = 4 } },
  { "000f 0000 0000 0001 00000004 00000001",
    "CAReadNotifyRequest", { data_type = "STRING", sid = 4, ioid = 1 } },
  { "000f 0000 0016 0001 00000004 00000002",
    "CAReadNotifyRequest", { data_type = "GR_INT", sid = 4, ioid = 2 } },
  { [[000f 0020 0016 0001 00000001 00000002 0005 0002 436f756e74730000
      000a 0000 0008 0006 0004 0002 0000 000000000000]],
    "CAReadNotifyResponse", {
      data_type = "GR_INT", ioid = 2, alarm_status = "LOLO", alarm_severity = "MAJOR_ALARM",
      units = "Counts",
      upper_disp_limit = 10, lower_disp_limit = 0, upper_alarm_limit = 8, upper_warning_limit = 6,
      lower_warning_limit = 4, lower_alarm_limit = 2, data = { 0 } } },
  { "000c 0000 0000 0000 00000004 00000001", "CAClearChannel", { sid = 4, cid = 1 } },
}

describe("Channel Access", function()
  it("builds the commands of the specification's conversation", function()
    for _, case in ipairs(conversation) do
      assert.equal(hex(unhex(case[1])), hex(luapkt.build { { case[2], case[3] } }))
    end
  end)

  it("reads them", function()
    for _, case in ipairs(conversation) do
      local layer = read(unhex(case[1]))[1]
      assert.equal(case[2], layer.kind)
      for id, value in pairs(case[3]) do
        if type(value) == "string" then
          assert.equal(value, layer:show(id))
        else
          assert.same(value, layer[id])
        end
      end
    end
  end)

  it("reads a string of less than 40 bytes as it is", function() -- the same conversation
    local p = read(unhex [[000f 0008 0000 0001 00000001 00000001 3000000000060001
                           0017 0000 0000 0000 00000000 00000000]])
    assert.equal("CAReadNotifyResponse CAEcho", kinds(p))
    assert.same({ "0" }, p[1].data)
    assert.equal("ECA_NORMAL", p[1]:show "status")
  end)

  it("has the other commands", function() -- sections 4 to 6 of the specification
    local cases = {
      { "0000 0000 0001 000d 00000007 00000000", "CAVersionResponse", { sequence = 7 } },
      { "0001 0000 0006 0001 00000003 0000002c",
        "CAEventCancelResponse", { data_type = "DOUBLE", sid = 3, subscriptionid = 44 } },
      { "0002 0000 0006 0001 00000003 0000002c",
        "CAEventCancelRequest", { data_type = "DOUBLE", sid = 3, subscriptionid = 44 } },
      { "0003 0000 0005 0001 00000003 00000001",
        "CAReadRequest", { data_type = "LONG", sid = 3, ioid = 1 } },
      { "0003 0008 0005 0001 00000003 00000001 0000000700000000",
        "CAReadResponse", { data_type = "LONG", sid = 3, ioid = 1, data = { 7 } } },
      { "0004 0008 0003 0001 00000003 00000001 0002000000000000",
        "CAWriteRequest", { data_type = "ENUM", sid = 3, ioid = 1, data = { 2 } } },
      { "0006 0008 0005 000d 00000009 00000009 6162630000000000",
        "CASearchRequest", { name = "abc", cid = 9 } },
      { "0006 0008 13c8 0000 ffffffff 00000009 000d000000000000", "CASearchResponse", { cid = 9 } },
      { "0008 0000 0000 0000 00000000 00000000", "CAEventsOffRequest", {} },
      { "0009 0000 0000 0000 00000000 00000000", "CAEventsOnRequest", {} },
      { "000a 0000 0000 0000 00000000 00000000", "CAReadSyncRequest", {} },
      { "000d 0000 000d 13c8 00003039 7f000001",
        "CABeacon", { beacon_id = 12345, address = "127.0.0.1" } },
      { "000e 0000 000a 000d 00000009 00000009", "CANotFoundResponse", { cid = 9 } },
      { "0011 0000 0000 0000 00000000 7f000001",
        "CARepeaterConfirmResponse", { repeater_address = "127.0.0.1" } },
      { "0013 0008 0006 0001 00000003 00000001 400a000000000000",
        "CAWriteNotifyRequest", { data_type = "DOUBLE", sid = 3, ioid = 1, data = { 3.25 } } },
      { "0013 0000 0006 0001 000000a0 00000001",
        "CAWriteNotifyResponse", { data_type = "DOUBLE", status = "ECA_PUTFAIL", ioid = 1 } },
      { "0017 0000 0000 0000 00000000 00000000", "CAEcho", {} },
      { "0018 0000 0000 0000 00000000 c0a85615",
        "CARepeaterRegisterRequest", { client_address = "192.168.86.21" } },
      { "001a 0000 0000 0000 00000005 00000000", "CACreateChFailResponse", { cid = 5 } },
      { "001b 0000 0000 0000 00000004 00000000", "CAServerDisconnResponse", { cid = 4 } },
    }
    for _, case in ipairs(cases) do
      local bytes = unhex(case[1])
      assert.equal(hex(bytes), hex(luapkt.build { { case[2], case[3] } }))
      assert.equal(case[2], kinds(read(bytes)))
    end
  end)

  it("quotes the header of a request that went wrong", function()
    local bytes = unhex [[000b 0020 0000 0000 00000009 0000019a
                          000f 0000 0001 0001 00000005 0000004d]] .. "it went wrong\0\0\0"
    local request = { id = "CAHeader", fields = {
      command = 15, data_type = 1, data_count = 1, parameter1 = 5, parameter2 = 77 } }
    local fields = {
      cid = 9, status = "ECA_BADCHID", original_request = request, error_message = "it went wrong",
    }
    assert.equal(hex(bytes), hex(luapkt.build { { "CAErrorResponse", fields } }))
    local layer = read(bytes)[1]
    assert.equal(15, layer.original_request[1].command)
    assert.equal("it went wrong", layer.error_message)
  end)

  it("knows the fields of a header by their own names, too", function()
    local p = read(unhex "000f 0000 0016 0001 00000004 00000002")
    assert.equal(4, p.CA.parameter1)
    assert.equal(2, p.CA.parameter2)
    assert.equal(10, luapkt.CASearchRequest{ data_type = 10 }.CA.reply)
  end)

  it("has one name for a request and its response", function()
    local request, response = read(unhex(conversation[8][1])), read(unhex(conversation[9][1]))
    assert.is_true(request:has "CAReadNotify" and response:has "CAReadNotify")
    assert.is_false(request:has "CAReadNotifyResponse" or response:has "CASearch")
  end)
end)

-- db_access.h: what stands before a value, as string.pack has it.
local prefixes = {
  STS = ">I2I2", TIME = ">I2I2I4I4", ENUM = ">I2I2I2", INT = ">I2I2c8", CHAR = ">I2I2c8",
  LONG = ">I2I2c8", FLOAT = ">I2I2i2xxc8", DOUBLE = ">I2I2i2xxc8",
}
local gaps = {
  STS_CHAR = 1, STS_DOUBLE = 4, TIME_INT = 2, TIME_ENUM = 2, TIME_CHAR = 3, TIME_DOUBLE = 4,
  GR_CHAR = 1, CTRL_CHAR = 1,
}
local formats = { INT = "i2", FLOAT = "f", CHAR = "B", LONG = "i4", DOUBLE = "d" }
local samples = {
  STRING = { { "one", "two" }, ("one" .. ("\0"):rep(37) .. "two" .. ("\0"):rep(37)) },
  INT    = { { 1234, -2 }, (">i2i2"):pack(1234, -2) },
  FLOAT  = { { 1.5, -2.25 }, (">ff"):pack(1.5, -2.25) },
  ENUM   = { { 2, 65535 }, (">I2I2"):pack(2, 65535) },
  CHAR   = { "AB\xff", "AB\xff" },
  LONG   = { { 7, -7 }, (">i4i4"):pack(7, -7) },
  DOUBLE = { { 0.1, 1e300 }, (">dd"):pack(0.1, 1e300) },
}
local bases = { "STRING", "INT", "FLOAT", "ENUM", "CHAR", "LONG", "DOUBLE" }
local limit_names = {
  "upper_disp_limit", "lower_disp_limit", "upper_alarm_limit", "upper_warning_limit",
  "lower_warning_limit", "lower_alarm_limit", "upper_ctrl_limit", "lower_ctrl_limit",
}

-- What a type has before its value: bytes, and fields that make them.
local function metadata(class, base)
  local fields = { alarm_status = 3, alarm_severity = 1 }
  if class == "" then return "", {} end
  if class == "STS" or base == "STRING" and class ~= "TIME" then
    return prefixes.STS:pack(3, 1), fields
  end
  if class == "TIME" then
    fields.seconds, fields.nanoseconds = 917894400, 123456789
    return prefixes.TIME:pack(3, 1, 917894400, 123456789), fields
  end
  if base == "ENUM" then
    fields.enum_strings = { "off", "on" }
    local strings = "off" .. ("\0"):rep(23) .. "on" .. ("\0"):rep(24 + 14 * 26)
    return prefixes.ENUM:pack(3, 1, 2) .. strings, fields
  end
  local values = { 3, 1 }
  fields.units = "mm"
  if base == "FLOAT" or base == "DOUBLE" then
    fields.precision = 4
    values[3] = 4
  end
  values[#values + 1] = "mm"
  local bytes = prefixes[base]:pack(table.unpack(values))
  for i = 1, class == "GR" and 6 or 8 do
    fields[limit_names[i]] = i
    bytes = bytes .. (">" .. formats[base]):pack(i)
  end
  return bytes, fields
end

local function pad(bytes) return bytes .. ("\0"):rep(-#bytes % 8) end

-- Every type: its name and number, its payload, its fields and its data.
local function each_type(check)
  for c, class in ipairs { "", "STS", "TIME", "GR", "CTRL" } do
    for b, base in ipairs(bases) do
      local name = class == "" and base or class .. "_" .. base
      local bytes, fields = metadata(class, base)
      fields.data_type, fields.data = name, samples[base][1]
      local payload = pad(bytes .. ("\0"):rep(gaps[name] or 0) .. samples[base][2])
      check(name, (c - 1) * 7 + b - 1, payload, fields, #samples[base][1])
    end
  end
end

describe("values of Channel Access", function()
  it("build as db_access.h has them", function()
    each_type(function(_, number, payload, fields, count)
      fields.ioid = 7
      local header = (">I2I2I2I2I4I4"):pack(15, #payload, number, count, 1, 7)
      assert.equal(hex(header .. payload), hex(CAReadNotifyResponse(fields):bytes()))
    end)
  end)

  it("are read so", function()
    each_type(function(name, number, payload, fields, count)
      local header = (">I2I2I2I2I4I4"):pack(15, #payload, number, count, 1, 7)
      local p = read(header .. payload .. header .. payload)
      assert.equal("CAReadNotifyResponse CAReadNotifyResponse", kinds(p))
      local layer = p[2]
      for id, value in pairs(fields) do
        if id == "enum_strings" then
          assert.same(value, { layer[id][1], layer[id][2] })
          assert.equal(2, layer.no_str)
        elseif id == "data" and name:find "FLOAT" then
          assert.same({ 1.5, -2.25 }, layer.data)
        elseif id ~= "data_type" then
          assert.same(value, layer[id])
        end
      end
      assert.equal(name, layer:show "data_type")
      assert.is_nil(fields.units == nil and layer.units or nil)
    end)
  end)

  it("have as many strings as they say, in room for 16", function()
    local rest = ("old" .. ("\0"):rep(23)):rep(14)
    local payload = pad((">I2I2I2"):pack(3, 1, 2) -- dbr_gr_enum of db_access.h
      .. "off" .. ("\0"):rep(23) .. "on" .. ("\0"):rep(24) .. rest .. "\0\1")
    local p = read((">I2I2I2I2I4I4"):pack(15, #payload, 24, 1, 1, 7) .. payload)
    local layer = p[#p]
    assert.same({ "off", "on" }, { table.unpack(layer.enum_strings) })
    assert.same({ 2, rest, 1 }, { layer.no_str, layer.enum_rest, layer.data[1] })
    assert.is_true(p:check().right)
    assert.is_true(p:identical())
  end)

  it("may be acknowledgements", function()
    local bytes = unhex "000f 0030 0025 0001 00000001 00000007 0003 0001 0001 0002"
      .. "off" .. ("\0"):rep(37)
    local layer = read(bytes)[1]
    assert.same({ 3, 1 }, { layer.alarm_status, layer.alarm_severity })
    assert.same({ 1, 2 }, { layer.ackt, layer.acks })
    assert.same({ "off" }, layer.data)
    local fields = {
      data_type = "STSACK_STRING", ioid = 7, alarm_status = 3, alarm_severity = 1, ackt = 1,
      acks = 2, data = { "off" },
    }
    assert.equal(hex(bytes), hex(CAReadNotifyResponse(fields):bytes()))
    for number, name in pairs { [35] = "PUT_ACKT", [36] = "PUT_ACKS" } do
      local p = luapkt.CAWriteNotifyRequest{ data_type = name, data = { 1 } }
      local wanted = "0013 0008 00%02x 0001 00000000 00000000 0001 000000000000"
      assert.equal(hex(unhex(wanted:format(number))), hex(p:bytes()))
    end
  end)

  it("of CTRL_STRING have a time where there is room for it", function()
    local string = "x" .. ("\0"):rep(43)
    local without = unhex "000f 0030 001c 0001 00000001 00000007 0003 0001" .. string
    local with = unhex "000f 0038 001c 0001 00000001 00000007 0003 0001 36b5f500 075bcd15" .. string
    assert.is_nil(read(without)[1].seconds)
    assert.equal(917894400, read(with)[1].seconds)
    assert.same({ "x" }, read(with)[1].data)
    local fields = {
      data_type = "CTRL_STRING", ioid = 7, alarm_status = 3, alarm_severity = 1, data = { "x" },
    }
    assert.equal(hex(without), hex(CAReadNotifyResponse(fields):bytes()))
    fields.seconds, fields.nanoseconds = 917894400, 123456789
    assert.equal(hex(with), hex(CAReadNotifyResponse(fields):bytes()))
  end)

  it("are bytes where they are more than a list holds", function()
    local items = {}
    for i = 1, 5000 do items[i] = (">i4"):pack(i) end
    local data = table.concat(items)
    local header = (">I2I2I2I2I4I4I2I2I4I4"):pack(1, 20016, 19, 5000, 1, 7, 0, 0, 1, 2)
    local bytes = header .. data .. "\0\0\0\0"
    local p = read(bytes .. bytes)
    assert.equal("CAEventAddResponse CAEventAddResponse", kinds(p))
    assert.equal(data, p[2].data)
    local fields = {
      data_type = "TIME_LONG", subscriptionid = 7, seconds = 1, nanoseconds = 2, data = data,
    }
    assert.equal(hex(bytes), hex(luapkt.CAEventAddResponse(fields):bytes()))
  end)

  it("keep what is behind them", function()
    local p = read(unhex [[000f 0018 0005 0001 00000001 00000007 00000007 00000000
                           0102030405060708 0000000000000000]])
    assert.equal(unhex "0102030405060708 0000000000000000", p[1].extra)
  end)

  it("of a payload too small for their type are those of no command", function()
    local p = read(unhex [[000f 0008 0022 0001 00000001 00000007 0003000100000000
                           0017 0000 0000 0000 00000000 00000000]])
    assert.equal("CA CAEcho", kinds(p))
    assert.equal(unhex "0003000100000000", p[1].payload)
  end)
end)

describe("a long header of Channel Access", function()
  it("is there where 16 bits are too few", function()
    local data = {}
    for i = 1, 4000 do data[i] = i * 0.5 end
    local small = CAReadNotifyResponse{ data_type = "DOUBLE", data = data }:bytes()
    assert.equal("000f7d0000060fa00000000100000000", hex(small:sub(1, 16)))
    local bytes = CAReadNotifyResponse{ data_type = "CHAR", data = ("x"):rep(70001) }:bytes()
    assert.equal("000fffff0004000000000001000000000001117800011171", hex(bytes:sub(1, 24)))
    assert.equal(24 + 70008, #bytes)
    local p = read(bytes .. unhex "0017 0000 00000000 00000000 00000000")
    assert.equal("CAReadNotifyResponse CAEcho", kinds(p))
    assert.equal(70001, #p[1].data)
    assert.equal(70001, p[1].data_count_ext)
  end)

  it("is read where there is no need for it", function()
    local p = read(unhex [[
      0001 ffff 0013 0000 00000001 00000007 00000018 00000002
      0003 0001 36b5f500 075bcd15 00000001 00000002 00000000
      000f ffff 0005 0000 00000004 00000002 00000000 00020000
      0001 ffff 0005 0000 00000004 00000002 00000010 00020000
      00000000 00000000 00000000 0005 0000]])
    assert.equal("CAEventAddResponse CAReadNotifyRequest CAEventAddRequest", kinds(p))
    assert.same({ 1, 2 }, p[1].data)
    assert.equal(0x20000, p[2].data_count_ext)
    assert.equal(5, p[3].mask)
  end)

  -- Channel Access Protocol Specification, "Message Header": 0xffff and 0 say that it is there.
  it("is right, and stays when it is recomputed, where there is no need for it", function()
    local write = "0004 ffff 0006 0000 00000001 00000002 00000018 00000003" ..
      "3ff8000000000000 4000000000000000 4008000000000000"
    local without_count = "000f ffff 0006 0000 00000001 00000002 00000000 00000000"
    for _, wire in ipairs { write, without_count } do
      local p = read(unhex(wire))
      assert.is_true(p:check().right)
      assert.equal(hex(unhex(wire)), hex(p:recompute():bytes()))
    end
    local wrong = read(unhex((write:gsub("00000018 00000003", "00000018 00000007"))))
    assert.is_false(wrong:check().right)
    assert.equal(hex(unhex(write)), hex(wrong:recompute():bytes()))
  end)

  it("is there where its fields are set", function()
    local p = luapkt.CAWriteRequest{ data_type = "DOUBLE", data_count_ext = 1, data = { 1.5 } }
    assert.equal("0004ffff000600000000000000000000" .. "0000000800000001" .. "3ff8000000000000",
      hex(p:bytes()))
    assert.is_true(p:check().right)
    p.CAWriteRequest.data_count_ext = nil
    assert.equal("00040008000600010000000000000000" .. "3ff8000000000000", hex(p:bytes()))
  end)

  it("counts for requests as well", function()
    local fields = { data_type = "LONG", data_count_ext = 70000, sid = 4 }
    assert.equal("000fffff0005000000000004000000000000000000011170",
      hex(luapkt.CAReadNotifyRequest(fields):bytes()))
    assert.equal("0001ffff0005000000000004000000000000001000011170" .. ("0"):rep(24) .. "00050000",
      hex(CAEventAddRequest(fields):bytes()))
  end)
end)

describe("an event of Channel Access", function()
  it("is a request where it is what one looks like", function()
    local bytes = unhex "0001 0010 0014 0001 00000003 0000002c 00000000 00000000 00000000 0005 0000"
    local p = CAEventAddRequest{ data_type = "TIME_DOUBLE", sid = 3, subscriptionid = 44 }
    assert.equal(hex(bytes), hex(p:bytes()))
    local layer = read(bytes)[1]
    assert.equal("CAEventAddRequest", layer.kind)
    assert.same({ 0.0, 0.0, 0.0 }, { layer.low, layer.high, layer.to })
    assert.equal("VALUE+ALARM", layer:show "mask")
  end)

  it("is a value otherwise, also one of 16 bytes", function()
    local p = read(unhex [[0001 0010 000f 0001 00000001 00000008
                           0003 0001 36b5f500 075bcd15 0000 04d2]])
    assert.equal("CAEventAddResponse", kinds(p))
    assert.same({ 1234 }, p[1].data)
    p = read(unhex "0001 0010 0006 0002 00000001 00000008" .. ("\0"):rep(16))
    assert.equal("CAEventAddResponse", kinds(p))
  end)
end)

describe("bytes that may be Channel Access", function()
  local version = unhex "0000 0000 0000 000d 00000000 00000000"
  local search = version .. unhex "0006 0008 0005 000d 00000001 00000001 6162630000000000"

  it("are it at its ports", function()
    assert.equal("CAVersionRequest CASearchRequest", read_ports(search, 40000, 5064))
    assert.equal("CAVersionRequest CASearchRequest", read_ports(search, 40000, 5065))
    assert.equal("Raw", read_ports(("\0"):rep(32), 40000, 5064))
    assert.equal("Raw", read_ports("GET / HTTP/1.1\r\n", 40000, 5064))
  end)

  it("are it at others where all of a payload is there", function()
    assert.equal("CAVersionRequest CASearchRequest", read_ports(search, 40000, 40001))
    assert.equal("Raw", read_ports(search:sub(17, 39), 40000, 40001))
    assert.equal("Raw", read_ports(search:sub(17) .. "abcd", 40000, 40001))
    assert.equal("Raw", read_ports(("\0"):rep(16), 40000, 40001))
    assert.equal("CAEcho", read_ports(unhex "0017" .. ("\0"):rep(14), 40000, 40001))
    assert.equal("Raw", read_ports(unhex "0017" .. ("\0"):rep(13) .. "\1", 40000, 40001))
  end)

  it("are a server's VERSION where they come from its port", function()
    assert.equal("CAVersionResponse", read_ports(version, 5064, 40000))
    assert.equal("CAVersionRequest", read_ports(version, 40000, 5064))
    assert.equal("CAVersionRequest", read_ports(version, 40000, 40001))
    local counted = unhex "0000 0000 0001 000d 0000002a 00000000" -- a client that counts datagrams
    assert.equal("CAVersionRequest", read_ports(counted, 40000, 5064))
    assert.equal("CAVersionResponse", read_ports(counted, 40001, 40000))
  end)

  it("hardly ever are it by chance", function()
    local state, found = 42, 0
    local function byte() -- Knuth's generator, the highest bits of it
      state = state * 6364136223846793005 + 1442695040888963407
      return state >> 56
    end
    for _ = 1, 3000 do
      local bytes = {}
      for i = 1, 48 do bytes[i] = string.char(byte()) end
      if read_ports(table.concat(bytes), 40000, 40001) ~= "Raw" then found = found + 1 end
    end
    assert.equal(0, found)
  end)

  it("may end within a payload", function()
    local array = CAReadNotifyResponse{ data_type = "TIME_DOUBLE", data = { 1.5, 2.5, 3.5 } }
    array = array:bytes()
    for n = 16, #array - 1 do
      local p = assert(luapkt.packet(array:sub(1, n), "CA"))
      assert.equal(array:sub(1, n), p:bytes())
      assert.equal(n, select(2, p[1]:range()))
      assert.equal(n < 32 and "CA" or "CAReadNotifyResponse", kinds(p))
    end
    local p = luapkt.packet(array:sub(1, 50), "CA")
    assert.same({ 1.5, 2.5 }, p[1].data)
    assert.equal(array:sub(49, 50), p[1].extra)
    assert.equal("CAVersionRequest CASearchRequest", read_ports(search:sub(1, 34), 40000, 5064))
    assert.equal("CAVersionRequest Raw", read_ports(search:sub(1, 24), 40000, 5064))
  end)

  it("set both ports where they are built", function()
    local p = luapkt.IP{} / luapkt.UDP{} / luapkt.CASearchRequest{ name = "abc", cid = 1 }
    assert.same({ 5064, 5064 }, { p.UDP.sport, p.UDP.dport })
    assert.equal("CASearchRequest", luapkt.packet(p:bytes(), "IP")[3].kind)
  end)
end)
