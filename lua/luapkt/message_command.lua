--- What `luapkt msg --reliable` does: a function of a table of texts, those of the command line.
-- @module luapkt.message_command

local message  = require "luapkt.message"
local python   = require "luapkt.python"
local reliable = require "luapkt.reliable"

local function fail(what, ...) return nil, what:format(...) end

-- ------------------------------------------------------------------------------------- sending

-- More than a message may have is not read: a device may have no end.
local function read_payload(options)
  if not options.file then return options.payload end
  local name, most = options.file, reliable.limits.message
  local file, missing = io.stdin, nil
  if name ~= "-" then file, missing = io.open(name, "rb") end
  if not file then return nil, missing end
  local text, why = file:read(most + 1)
  if file ~= io.stdin then file:close() end
  if why then return fail("%s: %s", name, why) end
  if text and #text > most then return fail("%s: a message has at most %d bytes", name, most) end
  return text or ""
end

local function send(options)
  local text, err = read_payload(options)
  if not text then return nil, err end
  local sender
  sender, err = message.sender {
    interface = options.interface, from = options.from, to = options.to,
    patience = tonumber(options.timeout),
  }
  if not sender then return nil, err end
  local ok
  ok, err = sender:send(text)
  sender:close()
  return ok, err
end

-- ----------------------------------------------------------------------------------- receiving

-- A message as 'luapkt recv' prints a frame.
local function show(text, about)
  return ("length=%d\n%s\n%s\n4321\n%s\n"):format(#text, about.to:gsub(":", ""),
    about.from:gsub(":", ""), python.bytes(text))
end

-- True, or nil and why not.
local function write(output, text)
  local ok, why = output:write(text)
  if not ok then return nil, why end
  return output:flush()
end

-- The file of --output; mode "a" leaves it as it is, until a message comes.
local function open_output(options, mode)
  if not options.output or options.output == "-" then return io.stdout end
  return io.open(options.output, mode)
end

local function receive(options)
  local receiver, err = message.receiver { interface = options.interface }
  if not receiver then return nil, err end
  local output, why = open_output(options, "ab")
  if not output then return nil, why end
  local count = math.tointeger(tonumber(options.count))
  local taken, emptied
  taken, err = receiver:serve(function(text, about)
    local ok
    if not emptied then emptied, why = open_output(options, "wb") end
    if not emptied then return nil end
    ok, why = write(emptied, options.output and text or show(text, about))
    return ok
  end, { count = count, timeout = tonumber(options.timeout) })
  receiver:close()
  if not taken then return nil, err end
  if taken == count then return true end
  local named = options.output and options.output ~= "-" and options.output
  return fail("%s can't be written: %s", named or "the standard output", why)
end

return function(options)
  if options.action == "send" then return send(options) end
  return receive(options)
end
