-- What 'luapkt serve' tells a service manager: sd_notify(3), over a socket that python3 listens on.

local servers = require "spec.servers"
local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file

-- One line for each message, whose lines are joined by '|'.
local LISTENER = [[
import socket, sys
name = sys.argv[1]
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind("\0" + name[1:] if name[0] == "@" else name)
while True:
    print(inbox.recv(65536).decode().replace("\n", "|"), flush=True)
]]

-- A manager that listens, and a server that it started with `options`.
local Manager = {}
Manager.__index = Manager

local function is_bound(name)
  return read_file "/proc/net/unix":find(name .. "\n", 1, true) ~= nil
end

local function listen(name)
  local script = support.tmpdir() .. "/listener.py"
  write_file(script, LISTENER)
  local pipe = assert(io.popen(("echo $$; exec timeout 60 python3 %s %s"):format(quote(script),
    quote(name))))
  local pid = pipe:read "l"
  for _ = 1, 500 do
    if is_bound(name) then return pipe, pid end
    os.execute "sleep 0.02"
  end
  error "python3 doesn't listen"
end

local function start(name, settings, options)
  local self = setmetatable({}, Manager)
  if not settings.deaf then self.inbox, self.listener = listen(name) end
  local words = { "env", "NOTIFY_SOCKET=" .. quote(name) }
  for key, value in pairs(settings.environment or {}) do
    table.insert(words, key .. "=" .. value)
  end
  self.server = servers.start("--port 0 " .. (options or ""), { under = table.concat(words, " ") })
  return self
end

-- The next message that is no sign of life.
function Manager:hear()
  local text
  repeat text = self.inbox:read "l" until text ~= "WATCHDOG=1"
  return text
end

-- End both. Returns what the server said on its standard error.
function Manager:finish()
  local _, _, errors = self.server:stop()
  if self.listener then
    os.execute("kill " .. self.listener)
    self.inbox:close()
  end
  return errors
end

local function with(name, settings, options, test)
  local manager = start(name, settings, options)
  local ok, err = pcall(test, manager)
  local errors = manager:finish()
  if not ok then error(err, 0) end
  return errors
end

local function path() return support.tmpdir() .. "/notify" end

describe("a service manager", function()
  it("is told when the server answers", function()
    local errors = with(path(), {}, nil, function(manager)
      assert.equal("READY=1|STATUS=Listening on port " .. manager.server.port, manager:hear())
      assert.is_true((manager.server:call "--timeout 2000 get_version"))
    end)
    assert.equal("", errors)
  end)

  it("may listen on an abstract socket", function()
    with("@luapkt-spec" .. path(), {}, nil, function(manager)
      assert.matches("^READY=1|", manager:hear())
    end)
  end)

  local function reloads(ask, options)
    local ready
    with(path(), {}, options, function(manager)
      manager:hear()
      local before = tonumber((read_file "/proc/uptime"):match "^%S+")
      ask(manager)
      local reloading = manager:hear()
      local clock = tonumber(reloading:match "^RELOADING=1|MONOTONIC_USEC=(%d+)$")
      assert(clock, reloading)
      assert.truthy(clock > 0 and clock <= (before + 60) * 1e6)
      ready = manager:hear()
      assert.is_true((manager.server:call "get_version"))
    end)
    return ready
  end

  it("is told when a reload begins and is over", function()
    assert.matches("^READY=1|STATUS=Listening on port %d+$", reloads(function(manager)
      manager.server:signal "HUP"
    end))
    assert.matches("^READY=1|STATUS=Listening on port %d+$", reloads(function(manager)
      assert.is_true((manager.server:call "reload"))
    end))
  end)

  it("is told why a reload went wrong", function()
    local folder = support.tmpdir()
    write_file(folder .. "/later.lua", [[
      local f = require "luapkt.field"
      return { id = "Later", fields = { f.u8 "field" } }
    ]])
    local ready = reloads(function(manager)
      write_file(folder .. "/later.lua", "return 5\n")
      manager.server:signal "HUP"
    end, "--protocols " .. quote(folder))
    assert.matches("^READY=1|STATUS=Listening on port %d+; not reloaded: .*later%.lua", ready)
  end)

  it("is told that the server ends", function()
    for _, ask in ipairs {
      function(manager) manager.server:signal "TERM" end,
      function(manager) manager.server:call "shut_down" end,
    } do
      with(path(), {}, nil, function(manager)
        manager:hear()
        ask(manager)
        assert.equal("STOPPING=1", manager:hear())
      end)
    end
  end)

  it("gets signs of life while nothing happens", function()
    with(path(), { environment = { WATCHDOG_USEC = 100000 } }, nil, function(manager)
      assert.matches("^READY=1", manager.inbox:read "l")
      for _ = 1, 5 do assert.equal("WATCHDOG=1", manager.inbox:read "l") end
    end)
  end)

  it("gets none that are another process's to give, nor unasked", function()
    for _, environment in ipairs { { WATCHDOG_USEC = 2000, WATCHDOG_PID = 1 }, {} } do
      with(path(), { environment = environment }, nil, function(manager)
        manager:hear()
        os.execute "sleep 0.1"
        manager.server:signal "TERM"
        assert.equal("STOPPING=1", manager.inbox:read "l")
      end)
    end
  end)

  it("isn't known to what the server starts and loads", function()
    local folder = support.tmpdir()
    write_file(folder .. "/nosy.lua", [[
      local f = require "luapkt.field"
      local names = { "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" }
      local seen = 0
      for _, name in ipairs(names) do if os.getenv(name) then seen = seen + 1 end end
      return { id = "Nosy", fields = { f.u8("seen", { default = seen }) } }
    ]])
    local environment = { WATCHDOG_USEC = 60000000, WATCHDOG_PID = 1 }
    with(path(), { environment = environment }, "--protocols " .. quote(folder), function(manager)
      local _, out = manager.server:call [[build_pkt '[{"id": "Nosy"}]']]
      assert.matches('"value": 0', out, 1, true)
    end)
  end)

  it("needn't be there: that is logged, and requests are answered", function()
    local function serves_without(name)
      return with(name, { deaf = true }, nil, function(manager)
        assert.is_true((manager.server:call "get_version"))
      end)
    end
    local errors = serves_without(path())
    assert.matches("^luapkt: can't tell the service manager READY=1: No such file", errors)
    assert.equal("luapkt: NOTIFY_SOCKET: a path or @name of a socket expected, got 'vsock:2:1'\n",
      serves_without "vsock:2:1")
    assert.matches("^luapkt: NOTIFY_SOCKET: a path or @name of a socket expected, got '/xxx",
      serves_without("/" .. ("x"):rep(200)))
  end)
end)
