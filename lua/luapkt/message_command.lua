--- What `luapkt msg --reliable` does: a function of a table of texts, those of the command line.
-- @module luapkt.message_command

local message = require "luapkt.message"

local function fail(what, ...) return nil, what:format(...) end

-- ------------------------------------------------------------------------------------- sending

local function read_payload(options)
  if not options.file then return options.payload end
  local file, why = io.stdin, nil
  if options.file ~= "-" then file, why = io.open(options.file, "rb") end
  if not file then return nil, why end
  local text
  text, why = file:read "a"
  if not text then return nil, why end
  return text
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

local escapes = { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\" }

-- Bytes as Python's repr prints them, as 'luapkt recv' does.
local function repr(bytes)
  local quote = bytes:find("'", 1, true) and not bytes:find('"', 1, true) and '"' or "'"
  local text = bytes:gsub("[%c\128-\255\\]", function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end)
  text = text:gsub(quote, "\\" .. quote)
  return "b" .. quote .. text .. quote
end

local function print_message(text, about)
  io.write("length=", #text, "\n", (about.to:gsub(":", "")), "\n", (about.from:gsub(":", "")), "\n",
    "4321\n", repr(text), "\n")
  return io.flush()
end

local function open_output(options)
  if not options.output then return nil end
  if options.output == "-" then return io.stdout end
  return io.open(options.output, "wb")
end

local function receive(options)
  local receiver, err = message.receiver { interface = options.interface }
  if not receiver then return nil, err end
  local output, why = open_output(options)
  if options.output and not output then return nil, why end
  local count = math.tointeger(tonumber(options.count))
  local taken
  taken, err = receiver:serve(function(text, about)
    if not output then return print_message(text, about) ~= nil end
    return output:write(text) ~= nil and output:flush() ~= nil
  end, { count = count, timeout = tonumber(options.timeout) })
  receiver:close()
  if not taken then return nil, err end
  if taken < count then return fail "a message couldn't be written" end
  return true
end

return function(options)
  if options.action == "send" then return send(options) end
  return receive(options)
end
