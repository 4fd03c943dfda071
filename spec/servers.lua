-- A server in a process of its own, 'luapkt serve', for specs of what it does with its sockets.

local support = require "spec.support"

local quote = support.quote
local program = quote(support.program())

local Server = {}
Server.__index = Server

local servers = {}

--- Start a server. Its banner is read, so it answers when this returns.
-- @tparam string options
-- @tparam[opt] table more `setup`: shell commands that come before; `under`: the words of a program
-- that starts it
-- @treturn table with `pid`, `port`, `banner` (its three lines) and `log`, the path of a file with
-- what it says on its standard error
function servers.start(options, more)
  more = more or {}
  local self = setmetatable({ log = support.tmpname() }, Server)
  self.out = assert(io.popen(("%s echo $$; exec %s %s serve %s 2>%s"):format(more.setup or "",
    more.under or "", program, options, quote(self.log))))
  self.pid = self.out:read "l"
  self.banner = { self.out:read "l", self.out:read "l", self.out:read "l" }
  self.port = (self.banner[2] or ""):match "%d+$"
  return self
end

--- Run `test` with a server, and end that whatever comes. Returns what `test` does.
function servers.with(options, test, more)
  local self = servers.start(options, more)
  local results = table.pack(pcall(test, self))
  if self.out then self:stop "KILL" end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Send it a signal, such as "TERM".
function Server:signal(name)
  os.execute(("kill -%s %s"):format(name, self.pid))
end

--- Call a method with 'luapkt call'. The results are those of `support.run`.
function Server:call(rest) -- a busy machine is slow
  return support.run(("%s call --timeout 30000 --port %s %s"):format(program, self.port, rest))
end

--- Wait for its end.
-- @treturn string what it printed behind the banner
-- @treturn number its exit status, or the signal that ended it
-- @treturn string what it said on its standard error
function Server:ended()
  local rest = self.out:read "a"
  local _, _, status = self.out:close()
  local errors = support.read_file(self.log)
  os.remove(self.log)
  self.out = nil
  return rest, status, errors
end

--- End it with a signal, "TERM" unless another is named. Returns what `ended` does.
function Server:stop(name)
  self:signal(name or "TERM")
  return self:ended()
end

return servers
