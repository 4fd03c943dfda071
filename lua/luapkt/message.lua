--- Messages over Ethernet, sent and received: `luapkt.reliable` with sockets.
--
--    local sender <close> = assert(message.sender { interface = "eth0", to = "02:00:00:00:00:02" })
--    assert(sender:send(("x"):rep(1 << 20)))
--
--    local receiver <close> = assert(message.receiver { interface = "eth0" })
--    receiver:serve(function(text, about) print(about.from, #text) return true end)
--
-- docs/raw-ethernet.md describes the protocol. What can be expected to fail returns nil and
-- `{ code, message }`.
-- @module luapkt.message

local arguments = require "luapkt.arguments"
local core      = require "luapkt.core"
local reliable  = require "luapkt.reliable"
local socket    = require "luapkt.socket"

local raw = core.socket

local message = {}

local TYPE = 0x4321
local SECOND = 1000000000
local AT_ONCE = 64  -- frames that are taken in before answers go out
local LINGER = 3    -- seconds, at most, that a receiver answers on for its last message

local function now() return raw.now() / SECOND end

local function fail(code, what, ...)
  return core.fail(code, what:format(...))
end

--- Six bytes as text.
function message.mac_text(mac)
  return ("%02x:%02x:%02x:%02x:%02x:%02x"):format(mac:byte(1, 6))
end

--- Six bytes from text: twelve hexadecimal digits, with colons, dashes or neither; else nil.
function message.mac_bytes(text)
  local digits = text:gsub("[:-]", "")
  if not digits:find "^%x%x%x%x%x%x%x%x%x%x%x%x$" then return nil end
  return (digits:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function check_mac(options, key, name)
  local mac = type(options[key]) == "string" and message.mac_bytes(options[key])
  if not mac then
    error(("bad argument #1 to '%s' ('%s': a MAC address expected, got %s)"):format(name, key,
      type(options[key]) == "string" and ("%q"):format(options[key]) or type(options[key])), 3)
  end
  return mac
end

local function check_interface(options, name)
  if type(options) ~= "table" or type(options.interface) ~= "string" then
    error(("bad argument #1 to '%s' (table with 'interface' expected)"):format(name), 3)
  end
end

local sender_options = {
  interface = "text", from = "text", to = "text", mtu = "count", patience = "number",
}
local receiver_options = { interface = "text", largest = "count", promiscuous = "boolean" }
local serve_options = { count = "count", timeout = "number" }

-- --------------------------------------------------------------------------------- the sender

local Sender = {}
Sender.__index = Sender

local function sending_from(options, interface)
  if options.from then return message.mac_bytes(options.from) end
  return interface.mac and message.mac_bytes(interface.mac)
end

--- A sender to one receiver.
-- @tparam table options `interface`, its name; `to`, a MAC address as text; and optionally `from`,
--   a MAC address (the interface's); `mtu`, bytes of a frame without Ethernet's header (the
--   interface's); `patience`, seconds without progress after which a message is given up (10). An
--   unknown option raises
-- @return the sender, or nil and `{ code, message }`
function message.sender(options)
  check_interface(options, "sender")
  local to = check_mac(options, "to", "sender")
  if options.from then check_mac(options, "from", "sender") end
  arguments.options(options, sender_options, "sender", 1)
  local interface, err = socket.interface(options.interface)
  if not interface then return nil, err end
  local from = sending_from(options, interface)
  if not from then return fail("value", "%s has no MAC address", interface.name) end
  if to:byte() & 1 == 1 then return fail("value", "a group can't acknowledge what it receives") end
  local sock
  sock, err = socket.open { interface = interface.name, type = TYPE,
                            promiscuous = message.mac_text(from) ~= interface.mac }
  if not sock then return nil, err end
  local machine = reliable.sender {
    from = from, to = to, session = ("i8"):unpack(raw.random(8)),
    mtu = options.mtu or interface.mtu, patience = options.patience,
  }
  return setmetatable({ sock = sock, machine = machine }, Sender)
end

-- Send all frames that are due now. True, or nil and an error.
local function send_output(sender)
  local frames = {}
  repeat
    local frame = sender.machine:output(now())
    frames[#frames + 1] = frame
  until not frame
  if #frames == 0 then return true end
  return sender.sock:send(frames)
end

-- Take in what has come, waiting for the first frame. True, or nil and an error.
local function take_input(sock, seconds, take)
  for i = 1, AT_ONCE do
    local bytes, err = sock:recv { timeout = i == 1 and math.max(0, seconds) or 0 }
    if bytes then
      take(bytes)
    else
      return err.code == "timeout" or nil, err
    end
  end
  return true
end

--- Send a message, and wait until it has arrived.
-- @tparam string text
-- @treturn boolean true: it arrived whole and its receiver took it. Or nil and
--   `{ code, message, missing }`: it didn't, or that it did wasn't heard of; `missing` is a list of
--   the parts, `{ first, last }` from 0, that were not acknowledged
function Sender:send(text)
  arguments.check(text, "string", "send", 2)
  local machine = self.machine
  local ok, err = machine:start(text, now())
  if not ok then return nil, err end
  while machine.state == "sending" do
    ok, err = send_output(self)
    local deadline = machine:deadline()
    if ok and deadline then
      ok, err = take_input(self.sock, deadline - now(), function(bytes)
        machine:input(bytes, now())
      end)
    end
    if not ok then return nil, err end
  end
  send_output(self)
  if machine.state == "done" then return true end
  return nil, machine.err
end

--- Close its socket. Once more does nothing.
function Sender:close() self.sock:close() end
Sender.__close = Sender.close

-- ------------------------------------------------------------------------------- the receiver

local Receiver = {}
Receiver.__index = Receiver

local function random_number()
  local n = ("I4"):unpack(raw.random(4))
  return n == 0 and 1 or n
end

--- A receiver of messages from anybody.
-- @tparam table options `interface`, its name; and optionally `largest`, the most bytes that a
--   message may have (16 MiB); `promiscuous`, also to take messages to other addresses than the
--   interface's. An unknown option raises
-- @return the receiver, or nil and `{ code, message }`
function message.receiver(options)
  check_interface(options, "receiver")
  arguments.options(options, receiver_options, "receiver", 1)
  local sock, err = socket.open { interface = options.interface, type = TYPE,
                                  promiscuous = options.promiscuous or false }
  if not sock then return nil, err end
  local receiver = setmetatable({ sock = sock }, Receiver)
  receiver.machine = reliable.receiver {
    receiver = random_number(), largest = options.largest,
    deliver = function(text, about)
      about.from, about.to = message.mac_text(about.from), message.mac_text(about.to)
      return receiver.take(text, about)
    end,
  }
  return receiver
end

-- Take in frames that come within some seconds, and send the answers. True, or nil and an error.
local function answer(receiver, seconds)
  local frames = {}
  local ok, err = take_input(receiver.sock, seconds, function(bytes)
    frames[#frames + 1] = receiver.machine:input(bytes, now())
  end)
  if #frames > 0 then
    local sent, why = receiver.sock:send(frames)
    if not sent then return nil, why end
  end
  return ok, err
end

-- Senders may not have heard yet that their messages arrived: answer on until they say so.
local function linger(receiver)
  receiver.take = function() return false end
  local deadline = now() + LINGER
  while now() < deadline and not receiver.machine:is_quiet() do
    if not answer(receiver, deadline - now()) then return end
  end
end

--- Receive messages.
-- @tparam function take called with each message and `{ from, to, session, message }`; only when it
--   returns true the sender is told that its message arrived; false ends receiving as well
-- @tparam[opt] table options `count`: so many messages, for ever if left out; `timeout`: seconds
--   that the first, and each after it, may take
-- @treturn integer how many messages were taken: fewer than `count` where one was not. Or nil and
--   `{ code, message }`, the code being "timeout" where none came in time
function Receiver:serve(take, options)
  options = arguments.options(options, serve_options, "serve", 3)
  local count, deadline, stopped = 0, nil, false
  local function renew() deadline = options.timeout and now() + options.timeout end
  self.take = function(text, about)
    if stopped or count == options.count then return false end
    if not take(text, about) then
      stopped = true
      return false
    end
    count = count + 1
    renew()
    return true
  end
  renew()
  while not stopped and count ~= options.count do
    local ok, err = answer(self, deadline and deadline - now() or 1)
    if not ok then return nil, err end
    if deadline and now() >= deadline then return fail("timeout", "no message came in time") end
  end
  linger(self)
  return count
end

--- Close its socket. Once more does nothing.
function Receiver:close() self.sock:close() end
Receiver.__close = Receiver.close

return message
