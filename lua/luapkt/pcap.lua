--- Capture files: pcap and pcapng, read and written in memory that doesn't grow with them.
--
--    for time, bytes in assert(pcap.reader "in.pcap") do print(time, #bytes) end
--
-- Times are nanoseconds since 1970, as integers.
-- @module luapkt.pcap

local arguments = require "luapkt.arguments"
local core      = require "luapkt.core"
local packet    = require "luapkt.packet"
local protocols = require "luapkt.protocols"

local capture = core.capture

local pcap = {}

local CHUNK = 0x10000 -- bytes that are asked for at once

local Reader, Writer = {}, {}
Reader.__index, Writer.__index = Reader, Writer

-- What has a method of this name: a file, a pipe, or an object that acts like one.
local function has_method(v, name)
  return (type(v) == "userdata" or type(v) == "table") and type(v[name]) == "function"
end

local function fail(message)
  return core.fail("value", message)
end

-- A file by its path, which the message has.
local function open(path, mode)
  local file, why = io.open(path, mode)
  if file then return file end
  return fail(why)
end

-- What the core reads from, of what isn't a path; nil where that is no source.
local function to_source(source)
  local kind = io.type(source)
  if kind == "file" or type(source) == "function" then return source end
  if kind or not has_method(source, "read") then return nil end
  return function() return source:read(CHUNK) end
end

--- Read a capture. Of a pipe, each packet comes as soon as it is there.
-- @param source a path, `"-"` being standard input; a file or pipe that is open; or a function that
--   returns the next bytes with each call, and nil at the end
-- @return a reader: called, it returns the next packet's time, its bytes, and
--   `{ bytes, time, wire_len, link, interface, fcs_len, comment, cut }`, the comment being all
--   comments of the packet, a line each; nothing at the end, and where reading ends in an error,
--   which `reader:check()` then tells. Or nil and `{ code, message }`
function pcap.reader(source)
  local own, from, err
  if source == "-" then
    from = io.stdin
  elseif type(source) == "string" then
    own, err = open(source, "rb")
    if not own then return nil, err end
  else
    from = to_source(source)
    if not from then
      error(("bad argument #1 to 'reader' (path, file or function expected, got %s)"):format(
        io.type(source) or type(source)), 2)
    end
  end
  local reader, why = capture.reader(own or from)
  if reader then return setmetatable({ core = reader, own = own }, Reader) end
  if not own then return nil, why end
  own:close()
  return core.fail(why.code, ("%s: %s"):format(source, why.message))
end

--- The same from a capture's bytes.
function pcap.parse(bytes)
  arguments.check(bytes, "string", "parse", 1)
  return setmetatable({ core = capture.reader(bytes) }, Reader)
end

function Reader.__call(reader)
  if not reader.core then return nil end
  local record = reader.core:next()
  if record then return record.time, record.bytes, record end
  reader:close()
end

--- Iterate over the packets, dissected by the capture's link type: packet, record.
-- What can't be read even as its first layer is Raw.
function Reader:packets()
  return function()
    local _, bytes, record = self()
    if not bytes then return nil end
    return packet.new(bytes, record.link) or assert(packet.new(bytes, "Raw")), record
  end
end

--- Call a function with every packet: the fastest way through a capture.
-- @tparam function f called with the packet, its time, its length when it was captured, and its
--   LINKTYPE. The packet is the same object every time, with other layers: keep `p:copy()`, not
--   `p`. Where it returns false or closes the reader, no more packets are read.
-- @treturn integer how many packets there were, or nil and `{ code, message }` where reading ended
--   in an error
function Reader:each(f)
  if type(f) ~= "function" then
    error(("bad argument #1 to 'each' (function expected, got %s)"):format(type(f)), 2)
  end
  if not self.core then return 0 end
  return self.core:each(protocols.generation().core, f)
end

--- Did reading come to the capture's end, or is it on its way there?
-- @treturn boolean true, or nil and `{ code, message }`
function Reader:check()
  if self.err then return nil, self.err end
  if not self.core then return true end
  return self.core:check()
end

--- Close the file, if the reader opened it.
function Reader:close()
  if self.core then
    local _
    _, self.err = self.core:check()
    self.core:close()
  end
  self.core = nil
  if self.own then self.own:close() end
  self.own = nil
end
Reader.__close = Reader.close

local function is_target(v) return io.type(v) ~= "closed file" and has_method(v, "write") end

local formats = { pcap = true, pcap_ns = true, pcapng = true }

local function format_of(path)
  return type(path) == "string" and path:find "%.pcapng$" and "pcapng" or "pcap"
end

--- Write a capture.
-- @param target a path, or a file or pipe that is open
-- @tparam[opt] table options `format`: "pcap", "pcap_ns" (nanoseconds) or "pcapng" (and comments),
--   by the path's ending if left out; `link`: the LINKTYPE, 1 (Ethernet) if left out
-- @return a writer, or nil and `{ code, message }`
function pcap.writer(target, options)
  options = arguments.options(options, { format = "text", link = "count" }, "writer", 2)
  if type(target) ~= "string" and not is_target(target) then
    error(("bad argument #1 to 'writer' (path or file expected, got %s)"):format(
      io.type(target) or type(target)), 2)
  end
  local format = options.format or format_of(target)
  if not formats[format] then
    local what = "invalid option '%s': pcap, pcap_ns or pcapng expected"
    error(("bad argument #2 to 'writer' (%s)"):format(what:format(format)), 2)
  end
  -- Before the file is opened, which empties it.
  local writer, why = capture.writer(format, options.link or 1)
  if not writer then return nil, why end
  local file = target
  if type(target) == "string" then
    file, why = open(target, "wb")
    if not file then return nil, why end
  end
  return setmetatable({ core = writer, file = file, own = file ~= target,
    link = options.link or 1, fitting = {} }, Writer)
end

-- Link types whose packets are often put where those of another are expected: Ethernet, IP, 802.11,
-- Linux's "cooked" frames, Radiotap, and the second version of the cooked ones.
local common_links = { 1, 101, 105, 113, 127, 276 }

-- What a packet of a link type begins with; "Raw" where that isn't known.
local function first_kind(bytes, link)
  local p = packet.new(bytes, link)
  return p and p[1] and p[1].kind or "Raw"
end

-- The link type, other than the capture's, whose packets begin as this one does; nil: there is none
-- that we know, or the packet is read from the capture as what it is.
local function other_link(writer, kind, bytes, from)
  local read = first_kind(bytes, writer.link)
  if read == kind or read == "Raw" then return nil end
  if from and first_kind(bytes, from) == kind then return from end
  for _, link in ipairs(common_links) do
    if first_kind(bytes, link) == kind then return link end
  end
end

-- Would the packet be read from the capture as something else than it is? True, or nil and an
-- error. It is looked at of the first packet of each kind, and of bytes as a reader gave them.
local function check_link(writer, what, bytes, about)
  local from = type(about) == "table" and about.link or nil
  local kind
  if packet.is_packet(what) then
    kind = what[1] and what[1].kind
  elseif from and from ~= writer.link and about.bytes == bytes then
    kind = first_kind(bytes, from)
  end
  if not kind or writer.fitting[kind] then return true end
  local link = other_link(writer, kind, bytes, from)
  if link then
    return fail(("a packet that begins with %s is of link type %d, the capture of %d: "
      .. "writer(path, { link = %d }) takes it"):format(kind, link, writer.link, link))
  end
  writer.fitting[kind] = true
  return true
end

local function flush(writer)
  local ok, why = writer.file:write(writer.core:take())
  if ok then return true end
  return fail(why)
end

--- Write a packet, or bytes.
-- @param what a packet or a string
-- @tparam[opt] table about `time` (0 if left out), `comment`, `wire_len`; or what a reader gave
--   beside the packet: its length on the wire then follows what the packet gained or lost since
-- A packet that would be read from the capture as something else, such as IP in a capture of
-- Ethernet, is an error.
-- @treturn boolean true, or nil and `{ code, message }`
function Writer:write(what, about)
  if not self.core then error("write: the writer is closed", 2) end
  local bytes = what
  if packet.is_packet(what) then
    local built, why = what:bytes()
    if not built then return nil, why end
    bytes = built
  elseif type(what) ~= "string" then
    error(("bad argument #2 to 'write' (packet or bytes expected, got %s)"):format(type(what)), 2)
  end
  local fits, unfit = check_link(self, what, bytes, about)
  if not fits then return nil, unfit end
  local ok, err = self.core:write(bytes, about)
  if not ok then return nil, err end
  return flush(self)
end

--- Write what is left, and close the file if the writer opened it.
-- @treturn boolean true, or nil and `{ code, message }`
function Writer:close()
  if not self.core then return true end
  local ok, err = flush(self)
  self.core = nil
  if self.own then
    local closed, why = self.file:close()
    if ok and not closed then return fail(why) end
  else
    self.file:flush()
  end
  return ok, err
end
Writer.__close = Writer.close

return pcap
