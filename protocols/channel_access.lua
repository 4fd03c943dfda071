-- Channel Access, the network protocol of EPICS, version 4.13: Channel Access Protocol Specification
-- (https://docs.epics-controls.org, "Channel Access Protocol"), sections 3 "Data Types", 4 to 6
-- "Commands" and 7 "Payload Data Types"; the structures of values, db_access.h of EPICS Base; names of
-- alarms, alarm.h. Every command is a layer, and what follows one in a datagram or segment is the next.
--
--    0               16              32              48
--   +---------------+---------------+---------------+---------------+
--   |    command    | payload_size  |   data_type   |  data_count   |  the last four have names of
--   |          parameter1           |          parameter2           |  their own in most commands
--   +---------------+---------------+---------------+---------------+
--   |       payload_size_ext        |        data_count_ext         |  where payload_size is 0xffff
--   +---------------+---------------+---------------+---------------+  and data_count is 0
--   |              the payload, filled up to 8 bytes                |
--   +---------------------------------------------------------------+
--
-- A request and its response have the same number. They are told apart by what is in them; VERSION,
-- which old servers answer with zeros, by ports where it is the first command.

local f      = require "luapkt.field"
local status = require "luapkt.channel_access_status"

local HEADER, LONG_HEADER = 16, 24 -- bytes
local LONG = 0xffff                -- the payload_size that a long header has
local VERSION = 13
local MAX_ITEMS = 4096             -- of a list
local EPOCH = 631152000            -- 1990-01-01, in seconds since 1970

local commands = {
  [0] = "VERSION", "EVENT_ADD", "EVENT_CANCEL", "READ", "WRITE", "SNAPSHOT", "SEARCH", "BUILD",
  "EVENTS_OFF", "EVENTS_ON", "READ_SYNC", "ERROR", "CLEAR_CHANNEL", "RSRV_IS_UP", "NOT_FOUND",
  "READ_NOTIFY", "READ_BUILD", "REPEATER_CONFIRM", "CREATE_CHAN", "WRITE_NOTIFY", "CLIENT_NAME",
  "HOST_NAME", "ACCESS_RIGHTS", "ECHO", "REPEATER_REGISTER", "SIGNAL", "CREATE_CH_FAIL",
  "SERVER_DISCONN",
}
local LAST_COMMAND = 27

-- Types are a kind of value and what stands before it: nothing, its status, a time, limits.
local STRING, INT, FLOAT, ENUM, CHAR, LONG_INT, DOUBLE = 0, 1, 2, 3, 4, 5, 6
local values = { [0] = "STRING", "INT", "FLOAT", "ENUM", "CHAR", "LONG", "DOUBLE" }
local STS, TIME, GR, CTRL = 1, 2, 3, 4
local prefixes = { [0] = "", "STS_", "TIME_", "GR_", "CTRL_" }
local PUT_ACKT, PUT_ACKS, STSACK_STRING, CLASS_NAME, LAST_TYPE = 35, 36, 37, 38, 38
local CTRL_STRING = CTRL * 7 + STRING

local types = {
  [PUT_ACKT] = "PUT_ACKT", [PUT_ACKS] = "PUT_ACKS", [STSACK_STRING] = "STSACK_STRING",
  [CLASS_NAME] = "CLASS_NAME",
}
for number = 0, 34 do types[number] = prefixes[number // 7] .. values[number % 7] end

local alarms = {
  [0] = "NO_ALARM", "READ", "WRITE", "HIHI", "HIGH", "LOLO", "LOW", "STATE", "COS", "COMM", "TIMEOUT",
  "HWLIMIT", "CALC", "SCAN", "LINK", "SOFT", "BAD_SUB", "UDF", "DISABLE", "SIMM", "READ_ACCESS",
  "WRITE_ACCESS",
}
local severities = { [0] = "NO_ALARM", "MINOR_ALARM", "MAJOR_ALARM", "INVALID_ALARM" }
local replies = { [5] = "DONT_REPLY", [10] = "DO_REPLY" }

-- ------------------------------------------------------------------- a header that is to be read

local number, size = f.peek(0, 16), f.peek(16, 16)
local kind, count  = f.peek(32, 16), f.peek(48, 16)

local is_long = size:eq(LONG):both(count:eq(0))
local body    = is_long:pick(f.glance(128, 32), size)

local function is_version(peeked) return peeked:between(1, 31) end

-- The commands whose data_type and data_count are zeros; have a type; or the version of a client.
local NO_TYPE  = { 8, 9, 10, 11, 12, 17, 20, 21, 22, 23, 24, 26, 27 }
local TYPED    = { 1, 2, 3, 4, 15, 18, 19 }
local UNUSED   = { 8, 9, 10, 20, 21, 23 } -- whose parameters are zeros, too
local EMPTY    = { 0, 2, 8, 9, 10, 12, 13, 14, 17, 22, 23, 24, 26, 27 } -- without a payload
local LADEN    = { 4, 6, 11, 20, 21 }     -- never without

local function unless_in(numbers, rule) return rule:either(number:one_of(table.unpack(numbers)):no()) end

-- A header that makes sense: of a known command, with a payload that it may have.
local is_typed  = number:one_of(table.unpack(TYPED)):both(kind:le(LAST_TYPE))
local is_header = number:le(LAST_COMMAND):both(is_typed
  :either(number:one_of(table.unpack(NO_TYPE)):both(f.peek(32, 32):eq(0)))
  :either(number:one_of(0, 6, 14):both(is_version(count)))
  :either(number:eq(13):both(is_version(kind)))
  :either(number:eq(6):both(count:eq(0)):both(size:eq(8))))
  :both((body & 7):eq(0))
  :both(unless_in(EMPTY, body:eq(0)))
  :both(unless_in(LADEN, body:ge(8)))
  :both(unless_in(UNUSED, (f.peek(64, 32) | f.peek(96, 32)):eq(0)))

-- Where ports don't tell: all of the payload is there, in bytes that can be commands to their end; what
-- is 0 is 0; a command without a payload is the last, or a header follows it.
local is_exact = (number:gt(0):either(kind:le(99):both(count:between(8, 15)):both(f.peek(96, 32):eq(0))
    :both(kind:eq(1):either(f.peek(64, 32):eq(0)))))
  :both(number:ne(22):either(f.peek(96, 32):le(3)))
  :both(unless_in({ 26, 27 }, f.peek(96, 32):eq(0)))
  :both(unless_in({ 13, 17, 24 }, f.total():eq(HEADER)))
  :both(body:gt(0):either(f.glance(128, 16):le(LAST_COMMAND):both((f.glance(144, 16) & 7):eq(0))
    :both(f.glance(160, 16):le(99))))

-- A version that a command's header follows, whose first 16 bits are its number and whose payload is
-- whole units: what every connection begins with, wherever its first segment ends.
local is_opening = number:eq(0):both(is_exact):both(is_header):both(f.total():ge(HEADER * 2))
local is_whole = number:le(LAST_COMMAND):both((f.total() & 7):eq(0)):both(f.total():ge(HEADER)):both(is_header)
  :both((is_long:pick(LONG_HEADER, HEADER) + body):le(f.total())):both(is_exact)

local function ports(others)
  return {
    { dport = 5064, when = is_header }, { sport = 5064, when = is_header },
    { dport = 5065, when = is_header }, { sport = 5065, when = is_header },
    { when = others, rank = 3 },
    build = { sport = 5064, dport = 5064 },
  }
end

-- What stands before a value of each type, in units of 8 bytes, rounded up: four bits each.
local function sizes_from(first, list)
  local packed = 0
  for i, n in ipairs(list) do packed = packed | n << 4 * (i - 1) end
  return packed >> kind * 4 - first * 4
end
local least_size = (
  sizes_from(0,  { 1, 1, 1, 1, 1, 1, 1,  1, 1, 1, 1, 1, 1, 1,  2, 2 }) |
  sizes_from(16, { 2, 2, 2, 2, 2,  1, 3, 5, 15, 3, 5, 8,  1, 4, 6, 15 }) |
  sizes_from(32, { 3, 6, 10,  1, 1, 1, 1 })) & 15

-- Is it this command, without or with a payload, or with a value in it? Where bytes end before what
-- stands before the value does, it is only a header.
local function is_empty(n) return f.peek(0, 32):eq(n << 16) end
local function is_laden(n) return number:eq(n):both(size:ge(8)):both((size & 7):eq(0)) end
local function has_value(n)
  return number:eq(n):both(kind:le(LAST_TYPE)):both((body & 7):eq(0))
    :both(is_long:pick(body:gt(0), (size >> 3):ge(least_size)))
    :both(f.left():ge(is_long:pick(LONG_HEADER, HEADER) + kind:gt(DOUBLE) * least_size * 8))
end
-- With no payload, whose count may be in a long header.
local function has_count(n) return number:eq(n):both(body:eq(0)) end

-- ------------------------------------------------------------------------------------- headers

local payload_size = f.u16("payload_size", { auto = f.header() - HEADER })

local has_long_header = f.ref "payload_size":eq(LONG):both(f.ref "data_count":eq(0))

local function type_field(default) return f.u16("data_type", { default = default, names = types }) end
local type_of_count, type_of_value = type_field(DOUBLE), type_field(CHAR)

local reserved_type, reserved_count = f.u16 "data_type", f.u16 "data_count"
local parameter1, parameter2 = f.u32 "parameter1", f.u32 "parameter2"

local function number_field(n) return f.u16("command", { default = n, names = commands }) end

-- The fields of a header in a row; those left out are reserved.
local function header(n, fields)
  return number_field(n), fields.size or payload_size, fields.type or reserved_type,
    fields.count or reserved_count, fields.p1 or parameter1, fields.p2 or parameter2
end

local function p1(id) return f.u32(id, { alias = "parameter1" }) end
local function p2(id) return f.u32(id, { alias = "parameter2" }) end
local version_count = f.u16("version", { default = VERSION, alias = "data_count" })

local function status_of(alias)
  return f.u32("status", { default = 1, names = status.names, alias = alias })
end

-- A long header that was read stays one, also where a short one would do.
local was_long = f.size "payload_size_ext":gt(0)

-- Of commands that name a count, but have no value: more than 16 bits of it take a long header.
local takes_long   = f.ref "data_count_ext":gt(0):both(f.ref "data_count":eq(0)):either(was_long)
local counted_size = f.u16("payload_size", { auto = takes_long:pick(LONG, f.header() - HEADER) })
local counted      = f.u16("data_count", { auto = f.ref "data_count_ext":eq(0) })
local size_ext     = f.u32("payload_size_ext", { when = has_long_header, auto = f.header() - LONG_HEADER })
local count_ext    = f.u32("data_count_ext",   { when = has_long_header })

-- -------------------------------------------------------------------------------------- values

local data_kind = f.ref "data_type"

local function types_of(...)
  local list = {}
  for _, base in ipairs { ... } do
    for class = 0, CTRL do list[#list + 1] = class * 7 + base end
  end
  return list
end
local function is_type(list) return data_kind:one_of(table.unpack(list)) end

local strings = types_of(STRING)
table.move({ STSACK_STRING, CLASS_NAME }, 1, 2, #strings + 1, strings)
local words = types_of(ENUM)
table.move({ PUT_ACKT, PUT_ACKS }, 1, 2, #words + 1, words)

local is_string, is_word = is_type(strings), is_type(words)
local is_float,  is_char = is_type(types_of(FLOAT)), is_type(types_of(CHAR))
local is_int,    is_long_int = is_type(types_of(INT)), is_type(types_of(LONG_INT))
local is_double = is_type(types_of(DOUBLE))

-- Types of classes: of GR and CTRL those of numbers have limits, in the form of the value.
local function classes(list, ...)
  local of = {}
  for _, class in ipairs(list) do
    for _, base in ipairs { ... } do of[#of + 1] = class * 7 + base end
  end
  return of
end
local any     = { STRING, INT, FLOAT, ENUM, CHAR, LONG_INT, DOUBLE }
local numbers = { INT, FLOAT, CHAR, LONG_INT, DOUBLE }
local has_status = is_type { STSACK_STRING, table.unpack(classes({ STS, TIME, GR, CTRL }, table.unpack(any))) }
local has_limits = is_type(classes({ GR, CTRL }, table.unpack(numbers)))
local has_bounds = is_type(classes({ CTRL }, table.unpack(numbers)))
local has_precision = is_type(classes({ GR, CTRL }, FLOAT, DOUBLE))
local has_strings   = is_type(classes({ GR, CTRL }, ENUM))
local is_stsack     = data_kind:eq(STSACK_STRING)

-- How many items the value has, and how many bytes there are of what hasn't been read.
local items        = has_long_header:pick(f.ref "data_count_ext", f.ref "data_count")
local payload_left = (has_long_header:pick(f.ref "payload_size_ext" + LONG_HEADER, f.ref "payload_size" + HEADER)
  - f.header()):max(0)

-- db_access.h has no structure for CTRL_STRING, so servers send that of STS_STRING, and some that of
-- TIME_STRING: there are bytes enough for it.
local has_time = is_type(classes({ TIME }, table.unpack(any))):either(data_kind:eq(CTRL_STRING)
  :both(f.left():gt(0):pick((payload_left - items * 40):ge(8), f.given "seconds")))

-- Bytes between what stands before a value and the value, so that it is aligned.
local gap = is_type { STS * 7 + CHAR, GR * 7 + CHAR, CTRL * 7 + CHAR }:pick(1,
  is_type { TIME * 7 + INT, TIME * 7 + ENUM }:pick(2,
  is_type { TIME * 7 + CHAR }:pick(3,
  is_type { STS * 7 + DOUBLE, TIME * 7 + DOUBLE }:pick(4, 0))))

local function limit(id, when)
  return f.choice(id, {
    { when = is_int,      f.s16() },
    { when = is_float,    f.f32() },
    { when = is_char,     f.u8() },
    { when = is_long_int, f.s32() },
    { f.f64() },
  }, { when = when })
end

-- Items that are there as a whole.
local function array(item)
  return f.list(nil, item, { count = items:min(f.left() // (item.width // 8)), size = payload_left })
end

local item_size = is_string:pick(40, is_char:pick(1, is_float:either(is_long_int):pick(4,
  is_int:either(is_word):pick(2, 8))))

-- A value with all that its type has before it. Strings end in a zero within their bytes. More items
-- than a list holds are bytes.
local value = {
  f.u16   ("alarm_status",        { when = has_status, names = alarms }),
  f.u16   ("alarm_severity",      { when = has_status, names = severities }),
  f.u16   ("ackt",                { when = is_stsack }),
  f.u16   ("acks",                { when = is_stsack }),
  f.u32   ("seconds",             { when = has_time, show = "utc", epoch = EPOCH }),
  f.u32   ("nanoseconds",         { when = has_time }),
  f.u16   ("no_str",              { when = has_strings, auto = f.count "enum_strings" }),
  f.list  ("enum_strings", f.bytes(nil, { size = 26, ends = 0 }), {
            when = has_strings, count = f.ref "no_str":min(16), size = 416 }),
  f.bytes ("enum_rest",           { when = has_strings, size = 416 - f.size "enum_strings", fit = true, show = "hex" }),
  f.s16   ("precision",           { when = has_precision }),
  f.u16   ("precision_pad",       { when = has_precision }),
  f.bytes ("units",               { when = has_limits, size = 8, ends = 0 }),
  limit   ("upper_disp_limit",    has_limits),
  limit   ("lower_disp_limit",    has_limits),
  limit   ("upper_alarm_limit",   has_limits),
  limit   ("upper_warning_limit", has_limits),
  limit   ("lower_warning_limit", has_limits),
  limit   ("lower_alarm_limit",   has_limits),
  limit   ("upper_ctrl_limit",    has_bounds),
  limit   ("lower_ctrl_limit",    has_bounds),
  f.bytes ("gap",                 { when = gap:gt(0), size = gap, fit = true, show = "hex" }),
  f.choice("data", {
    { when = items:gt(MAX_ITEMS), f.bytes(nil, { size = (items * item_size):min(payload_left) }) },
    { when = is_string,   f.list(nil, f.bytes(nil, { size = 40, ends = 0 }), { count = items, size = payload_left }) },
    { when = is_int,      array(f.s16()) },
    { when = is_float,    array(f.f32()) },
    { when = is_word,     array(f.u16()) },
    { when = is_long_int, array(f.s32()) },
    { when = is_double,   array(f.f64()) },
    { f.bytes(nil, { size = items:min(payload_left), default = "\0" }) },
  }, { align = 8 }),
  f.bytes ("extra",               { size = payload_left, show = "hex" }),
}

-- More than fits in 16 bits takes a long header, and so does what is set in one.
local count_of_data = f.form "data":eq(0):either(is_char):pick(f.size "data" // item_size, f.count "data")
local is_large = (count_of_data * item_size + 424):gt(LONG - 1):either(count_of_data:gt(LONG))

local needs_long = is_large:either(f.given "data_count_ext"):either(f.given "payload_size_ext"):either(was_long)
local has_long   = needs_long:both(f.given "data_count":no():either(f.ref "data_count":eq(0)))

local value_size  = f.u16("payload_size", { auto = has_long:pick(LONG, f.header() - HEADER) })
local value_count = f.u16("data_count",   { auto = needs_long:pick(0, count_of_data) })
local items_ext   = f.u32("data_count_ext",   { when = has_long_header, auto = count_of_data })

-- ------------------------------------------------------------------------------------ commands

-- A name, which ends in a zero, with zeros behind it; what else there is of a payload.
local name_left = (f.ref "payload_size" + HEADER - f.header()):max(0)
local name  = f.bytes("name", { size = name_left, ends = 0, align = 8 })
local extra = f.bytes("extra", { size = name_left, show = "hex" })

local function title_of(id) return "Channel Access " .. id:gsub("(%l)(%u)", "%1 %2") end

-- The fields begin with a header's six, without the last of which there is no command.
local function command(id, when, base, ...)
  local fields = { ... }
  return {
    id = "CA" .. id, title = title_of(id), extra = true, base = base and "CA" .. base or "CA",
    variant_of = when and { CA = when }, required = fields[6].id, fields = fields,
  }
end

-- A command with a value.
local function value_command(id, n, base, p1_field, p2_field)
  local decl = command(id, has_value(n), base,
    header(n, { size = value_size, type = type_of_value, count = value_count, p1 = p1_field, p2 = p2_field }))
  decl.fields[7], decl.fields[8] = size_ext, items_ext
  table.move(value, 1, #value, 9, decl.fields)
  return decl
end

-- One that has a type and a count, but no value.
local function count_command(id, when, n, base, p1_field, p2_field)
  local decl = command(id, when, base,
    header(n, { size = counted_size, type = type_of_count, count = counted, p1 = p1_field, p2 = p2_field }))
  decl.fields[7], decl.fields[8] = size_ext, count_ext
  return decl
end

-- What two commands have in common: a name for both.
local function family(id)
  return { id = "CA" .. id, title = title_of(id), extra = true, base = "CA", abstract = true }
end

-- VERSION as the first command, where the ports say whose it is.
local function first_version(below, other)
  local when = number:eq(0):both(is_header):both(f.under(other):ne(5064))
  return { { [below] = 5064, when = when, rank = 0 }, build = { sport = 5064, dport = 5064 } }
end

local is_search_response = number:eq(6):both(size:eq(8)):both(count:eq(0)):both(f.left():ge(HEADER + 8))

-- A subscription: three floats that nobody uses, and what to be told of. A value of 16 bytes that
-- looks so is taken for one.
local function is_subscription_at(bit)
  return (f.glance(bit, 32) | f.glance(bit + 32, 32) | f.glance(bit + 64, 32)):eq(0)
    :both(f.glance(bit + 96, 16):between(1, 31)):both(f.glance(bit + 112, 16):eq(0))
end
local is_subscription = number:eq(1):both(body:eq(16)):both(kind:le(LAST_TYPE))
  :both(is_long:pick(is_subscription_at(LONG_HEADER * 8), is_subscription_at(HEADER * 8)))

local cid, ioid = "cid", "ioid"

local list = {
  -- A command that isn't known, or doesn't have the form that it should have.
  {
    id       = "CA",
    title    = "Channel Access",
    extra    = true,
    over     = { UDP = ports(is_whole), TCP = ports(is_whole:either(is_opening)) },
    next     = { { when = is_header, id = "CA" } },
    pdu      = number:le(LAST_COMMAND):pick(body + is_long:pick(LONG_HEADER, HEADER), 0),
    required = "parameter2",
    fields   = {
      f.u16  ("command",          { default = 5, names = commands }),
      counted_size,
      f.u16  "data_type",
      f.u16  "data_count",
      f.u32  "parameter1",
      f.u32  "parameter2",
      size_ext,
      count_ext,
      f.bytes("payload",          { size = payload_left, align = 8 }),
    },
  },

  family "EventAdd", family "ReadNotify", family "WriteNotify", family "Read", family "Version",
  family "Search", family "CreateChan",

  count_command("EventAddRequest", is_subscription, 1, "EventAdd", p1 "sid", p2 "subscriptionid"),
  value_command("EventAddResponse", 1, "EventAdd", status_of "parameter1", p2 "subscriptionid"),
  -- An event without a value: the answer to EVENT_CANCEL.
  count_command("EventCancelResponse", has_count(1), 1, nil, p1 "sid", p2 "subscriptionid"),
  value_command("ReadNotifyResponse", 15, "ReadNotify", status_of "parameter1", p2(ioid)),
  count_command("ReadNotifyRequest", has_count(15), 15, "ReadNotify", p1 "sid", p2(ioid)),
  value_command("WriteRequest", 4, nil, p1 "sid", p2(ioid)),
  value_command("WriteNotifyRequest", 19, "WriteNotify", p1 "sid", p2(ioid)),
  count_command("WriteNotifyResponse", has_count(19), 19, "WriteNotify", status_of "parameter1", p2(ioid)),
  count_command("EventCancelRequest", has_count(2), 2, nil, p1 "sid", p2 "subscriptionid"),
  value_command("ReadResponse", 3, "Read", p1 "sid", p2(ioid)),
  count_command("ReadRequest", has_count(3), 3, "Read", p1 "sid", p2(ioid)),

  command("VersionRequest", is_empty(0):both(f.peek(64, 32):eq(0)), "Version",
    header(0, { type = f.u16("priority", { alias = "data_type" }), count = version_count })),
  -- Servers that count datagrams say so by a data_type of 1.
  command("VersionResponse", is_empty(0):both(f.peek(64, 32):ne(0)), "Version",
    header(0, { type = f.u16("data_type", { default = 1 }), count = version_count,
                p1 = f.u32("sequence", { default = 1, alias = "parameter1" }) })),
  command("SearchRequest", is_laden(6):both(size:ne(8):either(count:ne(0))), "Search",
    header(6, { type = f.u16("reply", { default = 5, names = replies, alias = "data_type" }),
                count = version_count, p1 = p1(cid), p2 = p2(cid) })),
  command("SearchResponse", is_search_response, "Search",
    header(6, { type = f.u16("port", { default = 5064, alias = "data_type" }),
                p1 = f.ipv4("ip", { default = "255.255.255.255", alias = "parameter1" }), p2 = p2(cid) })),
  command("NotFoundResponse", is_empty(14), nil,
    header(14, { type = f.u16("reply", { default = 10, names = replies, alias = "data_type" }),
                 count = version_count, p1 = p1(cid), p2 = p2(cid) })),
  command("CreateChanRequest", is_laden(18), "CreateChan",
    header(18, { p1 = p1(cid), p2 = f.u32("version", { default = VERSION, alias = "parameter2" }) })),
  count_command("CreateChanResponse", has_count(18), 18, "CreateChan", p1(cid), p2 "sid"),
  command("AccessRightsResponse", is_empty(22), nil,
    header(22, { p1 = p1(cid), p2 = f.flags("access_rights", 32, { "READ", "WRITE" },
                                            { default = 3, alias = "parameter2" }) })),
  command("ClientNameRequest", is_laden(20), nil, header(20, {})),
  command("HostNameRequest", is_laden(21), nil, header(21, {})),
  command("ClearChannel", is_empty(12), nil, header(12, { p1 = p1 "sid", p2 = p2(cid) })),
  command("CreateChFailResponse", is_empty(26), nil, header(26, { p1 = p1(cid) })),
  command("ServerDisconnResponse", is_empty(27), nil, header(27, { p1 = p1(cid) })),
  command("EventsOffRequest", is_empty(8), nil, header(8, {})),
  command("EventsOnRequest", is_empty(9), nil, header(9, {})),
  command("ReadSyncRequest", is_empty(10), nil, header(10, {})),
  command("Echo", is_empty(23), nil, header(23, {})),
  command("ErrorResponse", is_laden(11):both(size:ge(HEADER)):both(f.left():ge(HEADER * 2)), nil,
    header(11, { p1 = p1(cid), p2 = status_of "parameter2" })),
  command("Beacon", is_empty(13), nil,
    header(13, { type = f.u16("version", { default = VERSION, alias = "data_type" }),
                 count = f.u16("server_port", { default = 5064, alias = "data_count" }),
                 p1 = p1 "beacon_id", p2 = f.ipv4("address", { alias = "parameter2" }) })),
  command("RepeaterConfirmResponse", is_empty(17), nil,
    header(17, { p2 = f.ipv4("repeater_address", { alias = "parameter2" }) })),
  command("RepeaterRegisterRequest", is_empty(24), nil,
    header(24, { p2 = f.ipv4("client_address", { alias = "parameter2" }) })),

  -- The header that an ERROR quotes.
  {
    id     = "CAHeader",
    title  = "Channel Access Header",
    extra  = true,
    fields = {
      f.u16("command", { names = commands }), f.u16 "payload_size", f.u16 "data_type", f.u16 "data_count",
      f.u32 "parameter1", f.u32 "parameter2",
      f.u32("payload_size_ext", { when = has_long_header }), f.u32("data_count_ext", { when = has_long_header }),
    },
  },
}

-- What those of another form have behind their headers.
local payloads = {
  CAEventAddRequest = {
    f.f32("low"), f.f32("high"), f.f32("to"),
    f.flags("mask", 16, { "VALUE", "LOG", "ALARM", "PROPERTY" }, { default = 5 }), f.u16("padding"),
  },
  CASearchRequest     = { name, extra },
  CASearchResponse    = { f.u16("version", { default = VERSION, align = 8 }) },
  CACreateChanRequest = { name, extra },
  CAClientNameRequest = { name, extra },
  CAHostNameRequest   = { name, extra },
  CAErrorResponse     = {
    f.layer("original_request", { of = "CAHeader", default = 1,
                                  size = f.peek(16, 16):eq(LONG):both(f.peek(48, 16):eq(0)):pick(LONG_HEADER, HEADER) }),
    f.bytes("error_message", { size = name_left, ends = 0, align = 8 }),
    extra,
  },
}
for _, decl in ipairs(list) do
  for _, field in ipairs(payloads[decl.id] or {}) do table.insert(decl.fields, field) end
  local below = decl.id == "CAVersionRequest" and "dport" or decl.id == "CAVersionResponse" and "sport"
  if below then
    local ways = first_version(below, below == "dport" and "sport" or "dport")
    decl.over = { UDP = ways, TCP = ways }
  end
end

return list
