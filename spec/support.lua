-- What several specs need: bytes as text, other programs, folders and ports.

local support = {}

--- The bytes that `text` spells in hex; white space is passed over.
function support.unhex(text)
  local digits = text:gsub("%s", "")
  assert(#digits % 2 == 0 and not digits:find "%X", "unhex: not pairs of hex digits: " .. text)
  return (digits:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- `bytes` in lower-case hex without spaces.
function support.hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

--- `s` as one word for a shell.
function support.quote(s)
  return "'" .. s:gsub("'", "'\\''") .. "'"
end

--- All of a file, or nil and the reason.
function support.read_file(path)
  local file, err = io.open(path, "rb")
  if not file then return nil, err end
  local bytes
  bytes, err = file:read "a"
  file:close()
  return bytes, err
end

--- Write a file anew.
function support.write_file(path, bytes)
  local file = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  assert(file:close())
end

local folders = setmetatable({}, {
  __gc = function(made)
    for _, path in ipairs(made) do os.execute("rm -rf " .. support.quote(path)) end
  end,
})

--- The path of a new, empty folder, which is removed when the specs end.
function support.tmpdir()
  local pipe = assert(io.popen "mktemp -d")
  local path = pipe:read "l"
  assert(pipe:close() and path, "mktemp failed")
  table.insert(folders, path)
  return path
end

local files, made = nil, 0

--- The path of a new, empty file, which is removed when the specs end. (Those of `os.tmpname` lie
-- in /tmp, whatever TMPDIR says, where a run that is ended leaves them.)
function support.tmpname()
  files = files or support.tmpdir()
  made = made + 1
  local path = ("%s/%d"):format(files, made)
  support.write_file(path, "")
  return path
end

--- The program under test: in a sanitized run, the sanitized one.
function support.program()
  return os.getenv "LUAPKT_BIN" or "build/luapkt"
end

--- Do the specs run under sanitizers?
function support.is_sanitized()
  --- The message that a call raises, without the place where: that it raises is asserted.
function support.error_of(f, ...)
  local ok, err = pcall(f, ...)
  require("luassert").is_false(ok)
  return (tostring(err):gsub("^[^:]+:%d+: ", ""))
end

return support.program():find "/asan/" ~= nil
end

-- In a sanitized run a command isn't asked at its end what memory it kept, which would take it half
-- as long again: the library is, and servers are, which live longer.
local settings = support.is_sanitized()
  and 'export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"\n' or ""

--- Run a shell command with nothing on its standard input.
-- @treturn boolean whether it ended with status 0
-- @treturn string its standard output
-- @treturn string its standard error
-- @treturn number its exit status, 128 and the signal's number where a signal ended it
function support.run(command)
  local out, err = support.tmpname(), support.tmpname()
  local ok, how, code = os.execute(
    ("( %s%s\n) </dev/null >%s 2>%s"):format(settings, command,
      support.quote(out), support.quote(err)))
  local out_text, err_text = support.read_file(out), support.read_file(err)
  os.remove(out)
  os.remove(err)
  return ok == true, out_text, err_text, how == "signal" and 128 + code or code
end

--- The folder of files shared between checkouts, beside this one, or nil. What needs them is
-- skipped without them.
function support.shared_dir()
  local file = io.open "../shared/conformance/README.md"
  if not file then return nil end
  file:close()
  return "../shared"
end

--- Build a C program beside a spec, from its file, others and the words of the linker. Of what they
-- hold only that is linked which the program reaches.
-- @treturn string its path, as a word for a shell
function support.build_c(source, others)
  local path = support.quote(support.tmpdir() .. "/" .. source:match "([^/]+)%.c$")
  local flags = support.is_sanitized() and "-fsanitize=address,undefined" or ""
  local ok, _, err = support.run(("${CC:-cc} -std=c11 -O1 -D_GNU_SOURCE -ffunction-sections "
    .. "-Wl,--gc-sections %s -o %s %s %s"):format(flags, path, source, others))
  assert(ok, err)
  return path
end

--- Build a C file beside a spec that is to stand before the C library's functions.
-- @treturn string the words of a shell that start a program with it
function support.preload(source)
  return 'env ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" LD_PRELOAD='
    .. support.build_c(source, "-shared -fPIC")
end

--- Describe what has nothing of the program in it that sanitizers could watch: one run is enough.
function support.describe_once(name, specs)
  if support.is_sanitized() then return end
  require("busted").describe(name, specs)
end

local layer_mt = {}

function layer_mt.__div(a, b)
  local top = a
  while top.above do top = top.above end
  top.above = b
  return a
end

-- A name that isn't known is a protocol: NAME{...}, and A{}/B{} is B on A.
local scope = setmetatable({}, {
  __index = function(_, id)
    return function(fields) return setmetatable({ id = id, fields = fields }, layer_mt) end
  end,
})

--- The value of an expression in Lua, as `luapkt.build` takes it for a field.
function support.evaluate(text)
  return assert(load("return " .. text, "=expression", "t", scope))()
end

local function has_twins(names)
  local seen = {}
  for key, name in pairs(names) do
    if key ~= "aliases" and seen[name] then return true end
    seen[name] = true
  end
  return false
end

local function letters(text)
  local list = {}
  for letter in text:gmatch "." do table.insert(list, letter) end
  return list
end

--- Does what a field shows of a number say less than the number did? A name that several flags or
-- numbers have does; times are shown in whole seconds, fractions with the digits of a double.
function support.says_less(fdecl)
  local names = fdecl.flags or fdecl.names
  if type(fdecl.flags) == "string" then names = letters(fdecl.flags) end
  return fdecl.show == "ntp" or type(names) == "table" and has_twins(names)
end

--- The field of a layer in a reply, or nil.
function support.field_of(layer, id)
  for _, field in ipairs(layer.fields) do
    if field.id == id then return field end
  end
end

--- Do the layers of a reply say what all of their bytes are?
function support.is_whole(layers)
  for _, layer in ipairs(layers) do
    if not layer.valid_structure then return false end
    for _, field in ipairs(layer.fields) do
      if field.ignored then return false end
    end
  end
  return true
end

local given = {}

local function in_use(port)
  local entry = (":%04X "):format(port)
  for _, path in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    local table_text = support.read_file(path)
    if table_text and table_text:find(entry, 1, true) then return true end
  end
  return false
end

--- A TCP port that nobody uses and that wasn't given out before. It lies below the range from
-- which the kernel takes ports for outgoing connections.
function support.free_port()
  local random = assert(io.open("/dev/urandom", "rb"))
  for _ = 1, 1000 do
    local port = 20000 + ("I2"):unpack(random:read(2)) % 12000
    if not given[port] and not in_use(port) then
      given[port] = true
      random:close()
      return port
    end
  end
  random:close()
  error "no free port"
end

local Service = {}
Service.__index = Service

--- The server without its socket, with the protocols of this tree.
-- @tparam[opt] table options as `core.service` takes them
function support.service(options)
  local core = require "luapkt.core"
  local all = { home = ".", seed = 1 }
  for k, v in pairs(options or {}) do all[k] = v end
  return setmetatable({ json = core.json, core = assert(core.service(all)) }, Service)
end

--- Send a text. The reply as a table, and what else is to be done ("reply", "shut_down", ...).
function Service:send(text)
  local reply, outcome = self.core:handle(text)
  return assert(self.json.decode(reply)), outcome
end

--- Call a method without a version handle.
-- @return the result, or nil and the error `{ code, message }`
function Service:call(method, ...)
  local reply = self:send(self.json.encode {
    jsonrpc = "2.0", id = 1, method = method, params = self.json.array { ... },
  })
  return reply.result, reply.error
end

function Service:close()
  self.core:close()
end

return support
