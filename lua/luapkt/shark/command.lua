--- What `luapkt shark` does: a function of a table of texts, those of the command line by the long
-- names of its options; `fields`, `columns` and `protocols` have a line for each.
-- @module luapkt.shark.command

local commands  = require "luapkt.shark.commands"
local core      = require "luapkt.core"
local fields    = require "luapkt.shark.fields"
local filter    = require "luapkt.shark.filter"
local format    = require "luapkt.shark.format"
local inspect   = require "luapkt.inspect"
local packet    = require "luapkt.packet"
local path      = require "luapkt.shark.path"
local protocols = require "luapkt.protocols"
local stats     = require "luapkt.shark.stats"
local text      = require "luapkt.text"

local raw = core.packet

-- Packets whose lines are kept back until it is known whether the capture has commands.
local HELD = 4096

-- The error for a command line that makes no sense.
local function wrong(what, ...)
  return nil, { message = what:format(...), usage = true }
end

local function lines_of(list)
  local lines = {}
  for line in (list or ""):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

-- ------------------------------------------------------------------------------------- formats

-- One item for each command in the packet; if there is none, one for the packet.
local function each_item(p, about, shark, f)
  local found = {}
  for place = 1, shark:own() do
    local layer = raw.layer(p, place)
    if raw.is(layer, commands.usual) then
      found[#found + 1] = f { packet = p, about = about, shark = shark, layer = layer } .. "\n"
    end
  end
  if #found > 0 then return table.concat(found) end
  return f { packet = p, about = about, shark = shark } .. "\n"
end

local function show_tree(p, about, shark)
  return ("%d %s\n%s\n\n"):format(about.number, shark:line(), tostring(p))
end

local function show_hex(_, about, shark)
  return ("%d %s\n%s\n\n"):format(about.number, shark:line(), text.hexdump(shark:bytes()))
end

local function by_format(options)
  local line, why = format.compile(options.format)
  if not line then return wrong("--format: %s", why) end
  return function(p, about, shark) return each_item(p, about, shark, line) end
end

local function by_fields(options)
  local names = lines_of(options.fields)
  if #names == 0 then return wrong "-T fields: which? -e FIELD names one" end
  local settings, why = fields.settings(lines_of(options.columns))
  if not settings then return wrong("%s", why) end
  local line, head = fields.compile(names, settings)
  if not line then return wrong("%s", head) end
  return function(p, about, shark)
    return line { packet = p, about = about, shark = shark } .. "\n"
  end, head
end

local types = {
  text = function() return "text" end,
  jsonl = function() return "jsonl" end,
  pcap = function() return "pcap" end,
  pcapng = function() return "pcapng" end,
  fields = by_fields,
  tree = function() return show_tree end,
  hex = function() return show_hex end,
}

-- Options that say what is written, of which only one may be given; -e counts as -T fields.
local kinds = { { "write", "-w" }, { "stats", "--stats" }, { "format", "--format" },
  { "type", "-T" }, { "fields", "-e" } }

local function check_kinds(options)
  local first
  for _, kind in ipairs(kinds) do
    local name, shown = table.unpack(kind)
    local columns = name == "fields" and options.type == "fields"
    if options[name] and not columns then
      if first then return wrong("%s and %s: one of them", first, shown) end
      first = shown
    end
  end
  if options.columns and not options.fields then
    return wrong "-E: which columns? -e FIELD names one"
  end
  local lines = not first or options.type == "text"
  if options.dump and not lines then return wrong("-x and %s: one of them", first) end
  return true
end

-- What is written of each packet, as a name or a function for shark:run(); and a text that is
-- written before all of them, or nil. Or nil and an error.
local function choose_format(options)
  if options.write then return options.write:find "%.pcapng$" and "pcapng" or "pcap", "" end
  if options.format then return by_format(options) end
  local name = options.type or options.fields and "fields" or "text"
  if not types[name] then
    return wrong("-T %s: text, jsonl, fields, tree, hex, pcap or pcapng was expected", name)
  end
  return types[name](options)
end

-- --------------------------------------------------------------------------------------- check

-- The entries of a packet that may be wrong: none of one that can't be built again, of which
-- nothing can be told. Raises without memory.
local function entries_of(p)
  if inspect.is_right(p) then return {} end -- as most are, which is found much sooner
  local entries, err = inspect.check(p)
  if not entries and err.code == "memory" then error(err.message, 0) end
  return entries or {}
end

-- The lengths and checksums of a packet that are wrong. What was joined from several packets is
-- looked at apart from the layers that carry it.
local function wrong_entries(p, about, shark)
  local found = {}
  local function look(q, from, to)
    for _, entry in ipairs(entries_of(q)) do
      local inside = entry.layer >= from and entry.layer <= to
      if inside and entry.right == false then found[#found + 1] = entry end
    end
  end
  if not about.own and not about.note then
    look(p, 1, raw.count(p))
    return found
  end
  local alone = packet.new(shark:bytes(), about.link)
  local own = about.own or raw.count(p) - 1
  if alone then look(alone, 1, own) end
  if about.own then look(p, own + 1, raw.count(p)) end
  return found
end

local function describe(entries)
  local parts = {}
  for i, entry in ipairs(entries) do
    parts[i] = ("%s.%s is %s, not %s"):format(entry.kind, entry.field, tostring(entry.value),
      tostring(entry.expected))
  end
  return table.concat(parts, "; ")
end

-- -------------------------------------------------------------------------------------- filters

-- Was the packet captured whole? Whether lengths and checksums of one that was cut are right can't
-- be told.
local function is_whole(about) return about.len == about.wire_len end

-- Put what chooses packets into what shark:run() is told, where `mistakes` are those of the packet
-- that was chosen last. Returns true.
local function choose_filter(options, run)
  local expression, wanted = options["display-filter"], {}
  if expression then
    local compiled, why = filter.compile(expression)
    if not compiled then return wrong("-Y: %s", why) end
    wanted = compiled
  end
  for name, value in pairs(wanted) do run[name] = value end
  if not options.check then return true end
  run.tell = true
  local function checking(is_wanted)
    return function(p, about, shark, ...)
      if is_wanted and not is_wanted(p, about, shark, ...) then return false end
      run.mistakes = is_whole(about) and wrong_entries(p, about, shark) or {}
      return #run.mistakes > 0
    end
  end
  run.filter = checking(wanted.filter)
  run.careful = wanted.careful and checking(wanted.careful)
  return true
end

-- ---------------------------------------------------------------------------------------- input

-- Packets that come on an interface, in place of a file's: a reader, and a function that says true,
-- or nil and what went wrong with it. Packets that are missing are no error; nobody misses them
-- where there were enough.
local function open_live(options)
  local source, check = core.shark.live(options.interface, options.filter, true)
  if not source then return nil, ("%s: %s"):format(options.interface, check.message) end
  core.shark.until_interrupted()
  return core.capture.reader(source), function(enough)
    local lost, err = check()
    if not lost then return nil, ("%s: %s"):format(options.interface, err.message) end
    if lost > 0 and not enough then
      io.stderr:write(("luapkt shark: %s: %d packets came too fast and are missing\n"):format(
        options.interface, lost))
    end
    return true
  end
end

-- A function that tells on the terminal how far a long reading is, for shark:run() to call; nil
-- where there is no terminal to tell it on.
local function progress(input, options)
  local shown = core.shark.is_terminal(2) and (options.write or not core.shark.is_terminal(1))
  if not shown then return nil end
  local begun, said = os.time(), os.time()
  return function()
    local now = os.time()
    local read, size = input:progress()
    if size > 0 and now ~= said and now - begun > 1 then
      io.stderr:write(("\rluapkt shark: %d%%"):format(100 * read // size))
      said = now
    end
    if size > 0 and read >= size and said ~= begun then io.stderr:write "\r\27[K" end
  end
end

local function is_well() return true end

-- A reader, and { idle, live, check }: what is to be called while more bytes are waited for, or
-- nil, whether somebody may look on as packets come, and what says whether all went well.
local function open_reader(options)
  if options.interface then
    local reader, check = open_live(options)
    if not reader then return nil, check end
    return reader, { live = true, check = check }
  end
  if not options.read and core.shark.is_terminal(0) then
    return wrong "which capture? a file, -i INTERFACE, or a pipe: tcpdump -U -w - | luapkt shark"
  end
  local name = options.read or "-"
  local input, err = core.capture.open(name)
  if not input then return nil, ("%s: %s"):format(name, err.message) end
  core.shark.until_interrupted()
  local _, size = input:progress()
  return core.capture.reader(input),
    { idle = progress(input, options), live = size == 0, check = is_well }
end

-- --------------------------------------------------------------------------------------- output

-- Where to write: a file, or nil and a function that opens one; nil, nil and an error where that
-- can't be meant. A file is opened, which empties it, only when what is read is known to be a
-- capture.
local function choose_output(options)
  local name = options.write
  if not name or name == "-" then return io.stdout end
  if not options.interface and core.shark.is_same_file(options.read or "-", name) then
    return nil, nil, select(2, wrong("-w %s: this is the capture that is read", name))
  end
  return nil, function() return io.open(name, "wb") end
end

-- ------------------------------------------------------------------------------------------ run

-- Put into what shark:run() is told which packets have lines of their own: those with commands, or
-- all. True, or nil and an error.
local function choose_lines(options, run)
  run.want = options.proto ~= "any" and options.proto or nil
  local ids = protocols.generation().ids
  if run.want and not ids[run.want] then
    return wrong("--proto: there is no protocol '%s'%s", run.want, path.hint(run.want, ids))
  end
  if not ids[commands.usual] then return true end
  run.commands, run.command = commands.usual, commands.text
  run.only = run.want == commands.usual
  local chosen = options.proto or options["display-filter"] or options.check
  local printed = not options.stats and run.format ~= "pcap" and run.format ~= "pcapng"
  if printed and not chosen then run.hold = HELD end
  return true
end

-- Let lines have what was asked for beside them: the packet's mistakes, its bytes.
local function with_extras(options, run)
  if run.format ~= "text" then return end
  local function dump(_, _, shark) return text.hexdump(shark:bytes()) .. "\n\n" end
  local function checked(_, _, shark)
    local line = ("%s: %s\n"):format(shark:line(), describe(run.mistakes))
    return options.dump and line .. dump(nil, nil, shark) or line
  end
  if options.check then
    run.format = checked
  elseif options.dump then
    run.behind = dump
  end
end

-- https://no-color.org
local function wants_color(options)
  local when = options.color == "" and "always" or options.color or "auto"
  if when == "always" or when == "never" then return true, when == "always" end
  if when ~= "auto" then return wrong("--color %s: always, never or auto was expected", when) end
  local plain = (os.getenv "NO_COLOR" or "") ~= "" or os.getenv "TERM" == "dumb"
  return true, not plain and not options.write and core.shark.is_terminal(1)
end

local function collect_stats()
  local counted = stats.new()
  return counted, function(p, about, shark) counted:add(p, about, shark) end
end

local function check_filter(options)
  if not options.filter then return true end
  local ok, err = core.shark.check_filter(options.filter)
  if not ok then return nil, { message = "-f: " .. err.message, usage = err.code == "syntax" } end
  return true
end

-- All that shark:run() is told, from the options; the text before all lines; and the statistics
-- that are collected, or nil. Or nil and an error.
local function prepare(options)
  local run, counted = {}, nil
  local valid, invalid = check_kinds(options)
  if valid then valid, invalid = check_filter(options) end
  if not valid then return nil, invalid end
  local chosen, head = choose_format(options)
  if not chosen then return nil, head end
  run.format = chosen
  with_extras(options, run)
  if options.stats then counted, run.format = collect_stats() end
  local ok, why = choose_filter(options, run)
  if not ok then return nil, why end
  run.count = math.tointeger(options.count)
  ok, run.color = wants_color(options)
  if not ok then return nil, run.color end
  ok, why = choose_lines(options, run)
  if not ok then return nil, why end
  return run, head or "", counted
end

local function use_protocols(options)
  if not options.protocols then return true end
  local ok, why = protocols.load { protocols.folder(), table.unpack(lines_of(options.protocols)) }
  if not ok then return nil, ("--protocols: %s"):format(why) end
  return true
end

local function list_interfaces()
  local list, err = core.shark.interfaces()
  if not list then return nil, err end
  io.write(list)
  return true
end

-- Lines before and behind those of packets, on the standard output.
local function print_line(line)
  local ok, why = io.stdout:write(line)
  if ok then ok, why = io.stdout:flush() end
  if not ok then return nil, ("the output can't be written: %s"):format(why) end
  return true
end

-- Read the capture and write what was asked for: true, or nil and an error. What was read before
-- the error is written all the same.
local function run_all(options, run, reader, check)
  local shark = core.shark.new(protocols.generation().core, reader,
    not options.interface and options.filter or nil)
  local ok, done, err = pcall(shark.run, shark, run)
  if not ok then return nil, tostring(done) end
  if not done then return nil, err end
  return check(run.count and done >= run.count)
end

-- An error that an expression raised is told with the option that it came from.
local function name_option(err)
  local why, count = tostring(err):gsub("^filter:%d+: ", "-Y: ")
  return count > 0 and why or err
end

local function work(options)
  if options["list-interfaces"] then return list_interfaces() end
  if options.interface and options.read then return wrong "-i and a file: one of them" end
  local ok, why = use_protocols(options)
  if not ok then return nil, why end
  local run, head, counted = prepare(options)
  if not run then return nil, head end
  local reader, source = open_reader(options)
  if not reader then return nil, source end
  run.idle, run.live = source.idle, source.live
  run.write, run.open, why = choose_output(options)
  if why then return nil, why end
  ok, why = print_line(head)
  if not ok then return nil, why end
  local done, err = run_all(options, run, reader, source.check)
  if counted then ok, why = print_line(counted:report()) end
  if not done then return nil, name_option(err) end
  return ok, why
end

return work
