--- Raw sockets: frames and IP packets, sent and received as they are.
--
--    local sock <close> = assert(luapkt.socket.open { interface = "eth0", timeout = 2 })
--    assert(sock:send(Ether{ dst = "ff:ff:ff:ff:ff:ff" } / ARP{ pdst = "10.0.0.1" }))
--    for raw, about in sock do print(about.time, #raw) end
--
-- Layer 2 sends and receives frames, of one interface or of all; layer 3 IP packets, for which the
-- system finds the way and makes the frames. It takes root or the capability CAP_NET_RAW. From
-- `open` on, all that comes is kept until it is received (`buffer` bounds it).
--
-- Times that are waited are in seconds, times of packets in nanoseconds since 1970. What can be
-- expected to fail returns nil and `{ code, message }`, the code being "denied" (no right to),
-- "unknown" (no such interface), "syntax" (of a filter), "timeout", "value" (can't be sent) or
-- "system".
-- @module luapkt.socket

local arguments = require "luapkt.arguments"
local asked     = require "luapkt.asked"
local core      = require "luapkt.core"
local matching  = require "luapkt.matching"
local packet    = require "luapkt.packet"

local raw = core.socket

local socket = {}

local Socket = {}
Socket.__index = Socket

local SECOND = 1000000000
local LINKTYPE_RAW = 101 -- packets that begin with an IP header, of either version
local MOST_SECONDS = 1e9 -- a timeout beyond is for ever

local check_options = arguments.options

-- -------------------------------------------------------------------------------- wrong calls

local function wrong(level, what, ...) error(what:format(...), level + 1) end

local function check_socket(sock, name)
  if getmetatable(sock) ~= Socket then
    wrong(3, "bad argument #1 to '%s' (socket expected, got %s)", name, type(sock))
  end
  if not sock.core then wrong(3, "%s: the socket is closed", name) end
end

-- ------------------------------------------------------------------------------------- opening

local opening = {
  layer = "count", interface = "text", filter = "text", type = "count", timeout = "number",
  promiscuous = "boolean", outgoing = "boolean", send_only = "boolean", buffer = "count",
}

--- Open a socket. All options may be left out:
--
--    layer        2 (the default) or 3
--    interface    by its name; without one all are received from, and layer 2 can't send
--    filter       receive only what passes, in the language of tcpdump: "arp or udp port 53"
--    type         receive only this EtherType
--    timeout      seconds that receiving waits; for ever if left out
--    promiscuous  also frames to other hosts' addresses, if the interface gets them
--    outgoing     also what this host sends
--    send_only    nothing is received
--    buffer       bytes of packets that wait to be received, with the kernel's overhead (4 MiB)
--
-- @treturn socket or nil and `{ code, message }`
function socket.open(options)
  options = check_options(options, opening, "open", 1)
  local layer = options.layer or 2
  if layer ~= 2 and layer ~= 3 then wrong(2, "open: layer 2 or 3 expected, got %d", layer) end
  local called, opened, err = pcall(raw.open, options)
  if not called then error(opened, 2) end -- in the caller's line
  if not opened then return nil, err end
  return setmetatable({ core = opened, layer = layer, timeout = options.timeout }, Socket)
end

local function text_of(address)
  local version = #address == 4 and "IP" or "IPv6"
  return packet.protocol(version) { src = address }[1].src
end

--- The host's network interfaces: a list of `{ name, index, mtu, up, mac, addresses }`; `mac` as
-- text, where there is one, `addresses` a list of `{ address, prefix }`, as text and the network's
-- bits. Or nil and `{ code, message }`
function socket.interfaces()
  local all, err = raw.interfaces()
  if not all then return nil, err end
  for _, one in ipairs(all) do
    if one.mac then
      one.mac = ("%02x:%02x:%02x:%02x:%02x:%02x"):format(one.mac:byte(1, 6))
    end
    for _, a in ipairs(one.addresses) do a.address = text_of(a.address) end
  end
  return all
end

--- One of them by its name; or nil and `{ code, message }`
function socket.interface(name)
  if type(name) ~= "string" then
    wrong(2, "bad argument #1 to 'interface' (text expected, got %s)", type(name))
  end
  local all, err = socket.interfaces()
  if not all then return nil, err end
  for _, one in ipairs(all) do
    if one.name == name then return one end
  end
  return core.fail("unknown", ("there is no interface %q"):format(name))
end

-- ------------------------------------------------------------------------------------- sending

-- The sources of IP packets that stand for the source address of the packet's route.
local left_out = { IP = "0.0.0.0", IPv6 = "::" }

-- The packet with the source of its route where its own was left out, as the checksums of what it
-- carries are over that. Where there is no route it stays as it is, and sending will say so. In a
-- packet to an IPv6 group "::" is meant, as in duplicate address detection (RFC 4862 section
-- 5.4.2).
local function with_source(sock, p)
  local first = p[1]
  local none = first and left_out[first.kind]
  if sock.layer ~= 3 or not none or first.src ~= none or first.dst:find "^ff%x%x:" then return p end
  local bytes, err = p:bytes()
  if not bytes then return nil, err end
  local source, why = sock.core:source(bytes)
  if not source then return nil, why end
  if source == "" then return p end
  local filled = p:copy()
  filled[1].src = text_of(source)
  return filled
end

-- The bytes of one packet, or bytes.
local function bytes_of(sock, what, name)
  if type(what) == "string" then return what end
  if not packet.is_packet(what) then
    wrong(4, "bad argument #2 to '%s' (packet, bytes or a list of them expected, got %s)", name,
      type(what))
  end
  local whole, err = with_source(sock, what)
  if not whole then return nil, err end
  return whole:bytes()
end

-- The bytes of one, or of each in a list, which stays a list; or nil and an error.
local function all_bytes(sock, what, name)
  if type(what) ~= "table" then
    local bytes, err = bytes_of(sock, what, name) -- no tail call: who called is told by levels
    return bytes, err
  end
  local list = {}
  for i, one in ipairs(what) do
    local bytes, err = bytes_of(sock, one, name)
    if not bytes then return nil, err end
    list[i] = bytes
  end
  return list
end

--- Send a packet, bytes, or a list of them.
--
-- At layer 3 it begins with the IP header, whose destination says where it goes. A packet's source
-- of `0.0.0.0`, or `::` where it doesn't go to a group, becomes that of its route; the system fills
-- in an IPv4 header's length and checksum, and its id where that is 0.
-- @param what
-- @tparam[opt] table options `count`: so many times (1); `rate`: packets a second (as fast as it
--   goes)
-- @treturn integer how many were sent; or nil, `{ code, message }` and how many were sent before
function Socket:send(what, options)
  check_socket(self, "send")
  options = check_options(options, { count = "count", rate = "count" }, "send", 3)
  local bytes, err = all_bytes(self, what, "send")
  if not bytes then return nil, err, 0 end
  return self.core:send(bytes, options.count or 1, options.rate or 0)
end

-- ----------------------------------------------------------------------------------- receiving

-- When waiting is over, on the clock of raw.now; nil: never.
local function deadline_of(seconds)
  if not seconds or seconds >= MOST_SECONDS then return nil end
  return raw.now() + math.floor(seconds * SECOND)
end

local function left_until(deadline)
  if not deadline then return -1 end
  return math.max(0, deadline - raw.now())
end

--- A packet from bytes that a socket received. What can't be read even as its first layer is Raw.
function Socket:packet(bytes)
  return packet.new(bytes, self.layer == 3 and LINKTYPE_RAW or "Ether")
    or assert(packet.new(bytes, "Raw"))
end

-- The core's socket; raises where a filter has closed it meanwhile.
local function core_of(sock)
  return sock.core or error("the socket was closed while it received", 0)
end

-- The next packet that the filter lets through: its bytes, what is told about it and, where there
-- is a filter, the packet; or nil and an error.
local function receive(sock, deadline, filter)
  while true do
    local bytes, about = core_of(sock):receive(left_until(deadline))
    if not bytes then return nil, about end
    if not filter then return bytes, about end
    local p = sock:packet(bytes)
    if filter(p, about) then return bytes, about, p end
    if deadline and raw.now() >= deadline then
      return core.fail("timeout", "nothing came in time")
    end
  end
end

local receiving = { timeout = "number", filter = "function" }

--- Receive the next packet as bytes.
-- @tparam[opt] table options `timeout`: the socket's if left out; `filter`: a function that is
--   called with each packet and what is told about it, and says whether it is wanted
-- @treturn string its bytes; and a table: `time`, `wire_len` (more than the bytes where `cut` is
--   true), `kind` ("host", "broadcast", "multicast", "other", "outgoing"), `type` (EtherType),
--   `interface` (its index); `tag`: the 16 bits of a VLAN tag that the system had taken out and
--   that the bytes of a frame have again; `unsummed`: this host sent it, and left its checksum to
--   the device. Or nil and `{ code, message }`, the code being "timeout" where none came
function Socket:recv(options)
  check_socket(self, "recv")
  options = check_options(options, receiving, "recv", 2)
  local bytes, about = receive(self, deadline_of(options.timeout or self.timeout), options.filter)
  return bytes, about
end

--- Receive packets, dissected.
-- @tparam[opt] table options `count`: so many (1); `timeout`: for all of them together; `filter`
-- @treturn {packet,...} fewer than `count` where the time was over; or nil and `{ code, message }`
function Socket:recvp(options)
  check_socket(self, "recvp")
  local known = { count = "count", timeout = "number", filter = "function" }
  options = check_options(options, known, "recvp", 2)
  local deadline, list = deadline_of(options.timeout or self.timeout), {}
  while #list < (options.count or 1) do
    local bytes, about, p = receive(self, deadline, options.filter)
    if not bytes then
      if about.code == "timeout" then break end
      return nil, about
    end
    table.insert(list, p or self:packet(bytes))
  end
  return list
end

--- `for bytes, about in sock do`: until nothing has come for the socket's timeout, or receiving
-- ends in an error, which `sock:check()` then tells.
function Socket.__call(sock)
  check_socket(sock, "for")
  local bytes, about = receive(sock, deadline_of(sock.timeout))
  if bytes then return bytes, about end
  if about.code ~= "timeout" then sock.err = about end
end

--- Iterate likewise over packets, dissected: packet, about.
-- @tparam[opt] table options `timeout`, `filter`
function Socket:packets(options)
  check_socket(self, "packets")
  options = check_options(options, receiving, "packets", 2)
  return function()
    check_socket(self, "packets")
    local deadline = deadline_of(options.timeout or self.timeout)
    local bytes, about, p = receive(self, deadline, options.filter)
    if bytes then return p or self:packet(bytes), about end
    if about.code ~= "timeout" then self.err = about end
  end
end

--- Did a loop over the socket end because nothing came any more?
-- @treturn boolean true, or nil and `{ code, message }`
function Socket:check()
  if self.err then return nil, self.err end
  return true
end

-- ------------------------------------------------------------------------- questions and answers

-- A list of requests, none sent yet, from a packet, bytes or a list of them.
local function make_requests(what)
  local list = type(what) == "table" and what or { what }
  local requests = {}
  for i, one in ipairs(list) do requests[i] = { bytes = one } end
  return requests
end

-- Requests, each with its bytes and with the packet that answers are compared with; or nil and an
-- error.
local function read_requests(sock, what)
  local requests = make_requests(what)
  for _, request in ipairs(requests) do
    local bytes, err = bytes_of(sock, request.bytes, "sr")
    if not bytes then return nil, err end
    request.bytes, request.packet = bytes, sock:packet(bytes)
  end
  return requests
end

-- Of the requests that were sent, the first that `p` answers.
local function find_request(state, p)
  local several = state.options.several
  for _, place in ipairs(state.among(p)) do
    local request = state.requests[place]
    if request.sent and (several or not request.answered)
      and matching.is_answered_by(request.packet, p) then
      return request
    end
  end
end

local function is_complete(state)
  if state.options.count and #state.answers >= state.options.count then return true end
  if state.options.several then return false end
  return #state.answers == #state.requests
end

local function note(state, request, p, about)
  request.answered = true
  table.insert(state.answers, {
    request = request.packet, answer = p, time = about.time,
    took = (raw.now() - request.sent) / SECOND,
  })
end

-- Receive until `deadline`, or until all is answered. True, or nil and an error.
local function collect(state, deadline)
  while not is_complete(state) do
    local bytes, about, p = receive(state.sock, deadline, state.options.filter)
    if not bytes then
      if about.code == "timeout" then return true end
      return nil, about
    end
    p = p or state.sock:packet(bytes)
    local request = find_request(state, p)
    if request then note(state, request, p, about) end
  end
  return true
end

-- Send all requests without an answer, `gap` seconds apart, and receive meanwhile. True, or nil and
-- an error.
local function ask(state)
  for _, request in ipairs(state.requests) do
    if is_complete(state) then break end
    if not request.answered then
      request.sent = raw.now()
      local sent, err = core_of(state.sock):send(request.bytes, 1, 0)
      if not sent then return nil, err end
      local ok, why = collect(state, deadline_of(state.options.gap or 0))
      if not ok then return nil, why end
    end
  end
  return collect(state, deadline_of(state.options.timeout or state.sock.timeout))
end

local function unanswered(requests)
  local list = {}
  for _, request in ipairs(requests) do
    if not request.answered then table.insert(list, request.packet) end
  end
  return list
end

local asking = {
  timeout = "number", count = "count", filter = "function", gap = "number", retry = "count",
  several = "boolean",
}

--- Send packets and receive what answers them: see `luapkt.matching`.
--
-- The socket receives since it was opened, so no answer comes too early; what waited to be received
-- before the first packet is sent is thrown away. What answers nothing is passed over.
-- @param what a packet, bytes, or a list of them
-- @tparam[opt] table options `timeout`: seconds to wait after the last was sent, the socket's if
--   left out; `count`: so many answers are enough; `several`: one packet may have several answers,
--   so all of the time is waited; `filter`: a function, as for `recv`; `gap`: seconds between two
--   packets sent; `retry`: send so often again what has no answer
-- @treturn {table,...} answers in the order in which they came: `{ request, answer, time, took }`,
--   two packets, nanoseconds since 1970, and seconds; or nil and `{ code, message }`
-- @treturn {packet,...} the packets that have no answer
function Socket:sr(what, options)
  check_socket(self, "sr")
  if what == nil then
    wrong(2, "bad argument #2 to 'sr' (packet, bytes or a list of them expected, got nil)")
  end
  options = check_options(options, asking, "sr", 3)
  local requests, err = read_requests(self, what)
  if not requests then return nil, err end
  local ok
  ok, err = self.core:drain()
  local state = {
    sock = self, requests = requests, options = options, answers = {},
    among = asked.among(unanswered(requests)), -- all of them: none has an answer yet
  }
  for _ = 0, options.retry or 0 do
    if ok and not is_complete(state) then ok, err = ask(state) end
  end
  if not ok then return nil, err end
  return state.answers, unanswered(requests)
end

--- Send one packet and receive its first answer.
-- @param what a packet or bytes
-- @tparam[opt] table options as those of `sr`
-- @treturn packet the answer; and how many seconds it took. Or nil and `{ code, message }`, the
--   code being "timeout" where none came
function Socket:sr1(what, options)
  check_socket(self, "sr1")
  if type(what) ~= "string" and not packet.is_packet(what) then
    wrong(2, "bad argument #2 to 'sr1' (packet or bytes expected, got %s)", type(what))
  end
  local answers, err = self:sr(what, options)
  if not answers then return nil, err end
  if answers[1] then return answers[1].answer, answers[1].took end
  return core.fail("timeout", "no answer came in time")
end

-- ------------------------------------------------------------------------------------ the socket

--- Receive by another filter from now on, `nil` for none. What waits to be received is thrown away.
--
-- It is run where packets come in, before they are kept, which is before a VLAN tag is put back:
-- "udp port 53" lets tagged frames through as well. Only a filter with "vlan" is run after that.
-- @tparam[opt] string filter in the language of tcpdump
-- @treturn boolean true, or nil and `{ code, message }`: the old one stays
function Socket:set_filter(filter)
  check_socket(self, "set_filter")
  if filter ~= nil and type(filter) ~= "string" then
    wrong(2, "bad argument #2 to 'set_filter' (text expected, got %s)", type(filter))
  end
  return self.core:filter(filter)
end

--- Since the socket was opened: `received` (what passed its filter), `dropped` (found no room,
-- since nobody received), `sent`.
function Socket:stats()
  check_socket(self, "stats")
  return self.core:stats()
end

--- Close it. Once more does nothing.
function Socket:close()
  if self.core then self.core:close() end
  self.core = nil
end
Socket.__close = Socket.close

socket.methods = Socket

return socket
