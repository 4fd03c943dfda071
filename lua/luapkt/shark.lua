--- Captures read as protocols: each command or message, with who said it to whom.
--
--    for p in luapkt.shark "traffic.pcap" do print(p.timestamp, p.src, p.dst, p.command) end
--
-- Datagrams in pieces are joined; what TCP carries is put in order, so that a message which several
-- segments carry is read once and whole (of protocols that say how long their messages are).
-- @module luapkt.shark

local arguments = require "luapkt.arguments"
local core      = require "luapkt.core"
local commands  = require "luapkt.shark.commands"
local path      = require "luapkt.shark.path"
local pcap      = require "luapkt.pcap"
local protocols = require "luapkt.protocols"

local raw = core.packet

local Item = {}

-- Members of an item that are looked for only when they are asked for, and kept then.
local parts = {
  ethernet  = path.find("ethernet"),
  ip        = path.find("ip"),
  transport = path.find("transport"),
}

function Item.__index(item, name)
  local find = parts[name]
  local value = find and find(item)
  rawset(item, name, value)
  return value
end

function Item.__tostring(item)
  return ("%s %s->%s %s"):format(item.time_text, item.from, item.to, item.text)
end

-- The places of the packet's own layers of the protocol `want`, not of those that an ICMP error
-- quotes: somebody else has sent these, to another host.
local function places(p, shark, want)
  local found = {}
  for place = 1, shark:own() do
    if raw.is(raw.layer(p, place), want) then found[#found + 1] = place end
  end
  return found
end

-- What there is to say of a message in the packet that `self` has read last.
local function make_item(self, about, p, layer)
  return setmetatable({
    timestamp = about.time / 1e9, time = about.time, number = about.number,
    src = self:src(), dst = self:dst(), packet = p, command = layer,
    time_text = self:time(), from = self:src(true), to = self:dst(true),
    text = commands.text(layer) or self:summary(),
  }, Item)
end

-- Yield an item for each message of the protocol `want`.
-- @treturn table the error in which reading ended; nil: it came to the capture's end
local function yield_items(self, want)
  local p, about = self:next()
  while p do
    local found = places(p, self, want)
    local kept = #found > 0 and raw.copy(p) -- `p` is filled anew by the next packet
    for _, place in ipairs(found) do
      coroutine.yield(make_item(self, about, kept, raw.layer(kept, place)))
    end
    p, about = self:next()
  end
  return about
end

local known = { proto = "text", bpf = "text" }
local sources = { ["string"] = true, ["function"] = true, userdata = true, table = true }

--- Read a capture.
-- @param source a path, "-" for the standard input, a file or pipe that is open, or a function that
--   returns the next bytes with each call
-- @tparam[opt] table options `proto`: the id of a protocol whose messages are wanted, "CA" (Channel
--   Access) if left out; `bpf`: a filter in the language of pcap-filter(7)
-- @treturn function an iterator over the messages. Each is a table: `timestamp` (seconds since
--   1970), `time` (the same in nanoseconds, exact), `number` of the packet, `src` and `dst`
--   (addresses), `packet`, its layers `ethernet`, `ip` and `transport` (nil where there is none),
--   and `command`: the message's layer. `tostring` makes the line of it that `luapkt shark` prints.
--   Or nil and `{ code, message }`. Where reading ends in an error, the iterator raises it
local function shark(source, options)
  if not sources[type(source)] then
    error(("bad argument #1 to 'shark' (path, file or function expected, got %s)"):format(
      type(source)), 2)
  end
  options = arguments.options(options, known, "shark", 2)
  local want = options.proto or commands.usual
  if not protocols.generation().ids[want] then
    local hint = path.hint(want, protocols.generation().ids)
    return core.fail("unknown", ("there is no protocol '%s'%s"):format(want, hint))
  end
  if options.bpf then
    local valid, invalid = core.shark.check_filter(options.bpf)
    if not valid then return nil, invalid end
  end
  local reader, err = pcap.reader(source)
  if not reader then return nil, err end
  local self = core.shark.new(protocols.generation().core, reader.core, options.bpf)
  return coroutine.wrap(function()
    local failure = yield_items(self, want)
    self:close()
    reader:close()
    if failure then error(failure.message, 0) end
  end)
end

return shark
