-- The process beside a worker that evaluates expressions: what it can do, and what happens
-- without it.

local luapkt  = require "luapkt"
local support = require "spec.support"

local array = luapkt.json.array
local quote, read_file = support.quote, support.read_file
local expression_program = quote(support.program() .. "-expression")

local service

before_each(function() service = support.service { expressions = { time_ms = 1000 } } end)
after_each(function() service:close() end)

-- Seconds on the clock, with parts.
local function now()
  return tonumber(assert(read_file "/proc/uptime"):match "^%S+")
end

local function ask(text, one)
  local fields = array { { id = "load", value = { vtype = "EXPRESSION", expr = text } } }
  local result, err = (one or service):call("build_pkt", array { { id = "Raw", fields = fields } })
  return result and luapkt.wire.unbase64(result.binary), err
end

local function works(one) assert.equal("works", (ask([["wor" .. lower("KS")]], one))) end

-- One that isn't in the store of answers.
local count = 0
local function works_anew(one)
  count = count + 1
  local got, err = ask(("tostring(%d)"):format(count), one)
  assert.equal(tostring(count), got, err and err.message)
end

local function is_alive(pid)
  local status = read_file(("/proc/%d/status"):format(pid))
  return status ~= nil and not status:find "State:%s+Z"
end

-- Wait until it is gone, for some seconds.
local function is_gone(pid)
  local latest = now() + 5
  while is_alive(pid) and now() < latest do os.execute "sleep 0.01" end
  return not is_alive(pid)
end

-- A killed process may still take a question before it is gone, and that one is lost.
local function kill(pid)
  assert(pid > 0)
  os.execute("kill -9 " .. pid)
  assert(is_gone(pid))
end

-- The entries of a folder of /proc.
local function entries(folder)
  local pipe = assert(io.popen("ls " .. folder))
  local list = {}
  for line in pipe:lines() do table.insert(list, line) end
  pipe:close()
  return list
end

describe("the process that evaluates expressions", function()
  it("is started with the first one, and ends with the service", function()
    assert.equal(0, service.core:expression_pid())
    ask "[1, 2]"
    assert.equal(0, service.core:expression_pid()) -- that's no Lua
    works()
    local pid = service.core:expression_pid()
    assert.is_true(is_alive(pid))
    works_anew()
    assert.equal(pid, service.core:expression_pid())
    service:close()
    assert.is_false(is_alive(pid))
    assert.is_nil(read_file(("/proc/%d/status"):format(pid))) -- and was waited for
    service = support.service()
  end)

  it("stands beside each service alone", function()
    local other = support.service()
    local shared = setmetatable({ json = service.json, core = assert(service.core:share()) },
                                getmetatable(service))
    works()
    works_anew(other)
    works_anew(shared)
    local pids = { service.core:expression_pid(), other.core:expression_pid(),
                   shared.core:expression_pid() }
    assert.is_true(pids[1] ~= pids[2] and pids[2] ~= pids[3] and pids[1] ~= pids[3])
    other:close()
    shared.core:close()
    works_anew()
    assert.equal(pids[1], service.core:expression_pid())
  end)

  it("isn't asked what was answered before", function()
    works()
    kill(service.core:expression_pid())
    works()
  end)

  it("has given up all but reading and writing", function()
    if support.is_sanitized() then pending "a sanitized process isn't confined" return end
    works()
    local folder = ("/proc/%d"):format(service.core:expression_pid())
    local status = read_file(folder .. "/status")
    assert.equal("2", status:match "\nSeccomp:%s*(%d+)") -- a filter
    assert.equal("1", status:match "\nNoNewPrivs:%s*(%d+)")
    assert.equal("1", status:match "\nThreads:%s*(%d+)")
    local limits = read_file(folder .. "/limits")
    for _, name in ipairs { "Max core file size", "Max file size", "Max processes",
                            "Max open files" } do
      assert.equal("0 0", limits:match(name .. "%s+(%d+%s+%d+)"):gsub("%s+", " "), name)
    end
    local space = tonumber(limits:match "Max address space%s+(%d+)")
    assert.is_true(space <= (64 + 4) << 20)
    local nice = read_file(folder .. "/stat"):match "^%d+ %(.*%) %S+ (.*)$"
    local fields = {}
    for field in nice:gmatch "%S+" do table.insert(fields, field) end
    assert.equal("10", fields[16])
  end)

  it("has one descriptor, no environment, and no path in its arguments", function()
    if support.is_sanitized() then pending "a sanitized process keeps more" return end
    works()
    local folder = ("/proc/%d"):format(service.core:expression_pid())
    if not read_file(folder .. "/environ") then return pending "only root may look" end
    assert.same({ "0" }, entries(folder .. "/fd"))
    assert.equal("", read_file(folder .. "/environ"))
    assert.equal("luapkt-expression\0" .. "4194304\0" .. "200000\0",
                 read_file(folder .. "/cmdline"))
    for _, line in ipairs { "SigBlk", "SigIgn", "SigCgt" } do
      local mask = tonumber(read_file(folder .. "/status"):match(line .. ":%s*(%x+)"), 16)
      assert.equal(0, mask & 0x7fffffff) -- the C library keeps two beyond these for itself
    end
  end)

  it("leaves its memory and its files to nobody, not even to others of the same user", function()
    if support.is_sanitized() then pending "a sanitized process isn't confined" return end
    -- Root may look anywhere: everything is another user's.
    local as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups "
    if not support.run(as_nobody .. "true") then return pending "setpriv isn't there" end
    local folder = support.tmpdir()
    local lib = assert(package.searchpath("luapkt.core", package.cpath))
    assert(os.execute(("cp -r lua protocols templates %s %s && mkdir %s/luapkt && cp %s "
      .. "%s/luapkt && chmod -R a+rX %s && chmod a+x %s/.."):format(expression_program,
      folder, folder, quote(lib), folder, folder, folder)))
    support.write_file(folder .. "/test.lua", [[
      local core = require "luapkt.core"
      local s = assert(core.service { home = ".", seed = 1 })
      local fields = core.json.array { { id = "load",
        value = { vtype = "EXPRESSION", expr = "tostring(1)" } } }
      s:handle(core.json.encode { jsonrpc = "2.0", id = 1, method = "build_pkt",
        params = core.json.array { core.json.array { { id = "Raw", fields = fields } } } })
      for _, pid in ipairs { "self", s:expression_pid() } do
        local file, err = io.open(("/proc/%s/maps"):format(pid))
        print(file and file:read(1) ~= nil or err:match "[^:]*$")
      end
    ]])
    local ok, out, err = support.run(("cd %s && %s env LUA_CPATH='./?.so' LUA_PATH='lua/?.lua' "
      .. "lua5.4 test.lua"):format(folder, as_nobody))
    assert(ok, err)
    assert.equal("true\n Permission denied\n", out)
  end)
end)

describe("without the process, a request", function()
  -- A sanitized process takes long to end: it may be taken for one that was evaluating.
  local function it_in_time(name, test)
    it(name, function()
      if support.is_sanitized() then pending "a sanitized process takes long to end" return end
      test()
    end)
  end

  it("gets another one where it was killed while idle", function()
    works()
    local pid = service.core:expression_pid()
    kill(pid)
    assert.is_true(is_gone(pid))
    works_anew()
    assert.not_equal(pid, service.core:expression_pid())
    assert.is_nil(read_file(("/proc/%d/status"):format(pid))) -- and no zombie is left
  end)

  it_in_time("gets another one where it ends before it has read the question", function()
    works()
    for _ = 1, 20 do
      local pid = service.core:expression_pid()
      os.execute(("kill -STOP %d && { sleep 0.02; kill -9 %d; } &"):format(pid, pid))
      local status = ("/proc/%d/status"):format(pid)
      -- stopped, or, where that went by unseen, killed
      while not (read_file(status) or "State: Z"):find "State:%s+[TZ]" do end
      works_anew()
      assert.not_equal(pid, service.core:expression_pid())
    end
  end)

  it("is refused at once where it is killed while evaluating, and the next one works", function()
    local one = support.service { expressions = { time_ms = 20000, instructions = 0xffffffff } }
    local bar = support.is_sanitized() and 1 or 0.1
    local most, quickest = 20, math.huge -- rounds: others may have the processor in some
    repeat
      works_anew(one)
      local pid = one.core:expression_pid()
      local killed = support.tmpname()
      os.execute(("{ sleep 0.2; kill -9 %d; cut -d' ' -f1 /proc/uptime >%s; } &"):format(
        pid, quote(killed)))
      local got, err = ask("(function() while true do end end)()", one)
      local at = now()
      assert.is_nil(got)
      assert.same({ -32098, "Scapy Server: Raw.load: the expression ended the process that " ..
                    "evaluates it" }, { err.code, err.message })
      os.execute "sleep 0.1"
      quickest = math.min(quickest, at - tonumber(read_file(killed)))
      os.remove(killed)
      works_anew(one)
      most = most - 1
    until quickest < bar or most == 0
    assert.is_true(quickest < bar, ("%g s"):format(quickest))
    one:close()
  end)

  it("is refused where it stands still, and the next one works", function()
    local one = support.service()
    works_anew(one)
    local pid = one.core:expression_pid()
    os.execute("kill -STOP " .. pid)
    local since = now()
    local _, err = ask("upper('x')", one)
    assert.equal("Scapy Server: Raw.load: the machine is too busy: the process that evaluates " ..
                 "expressions had not even the 8 ms that one may take", err.message)
    assert.is_true(now() - since < 5)
    assert.is_nil(read_file(("/proc/%d/status"):format(pid)))
    works_anew(one)
    one:close()
  end)

  it_in_time("is refused where the program isn't installed, until it is", function()
    local folder = support.tmpdir()
    local lib = package.searchpath("luapkt.core", package.cpath)
    os.execute(("mkdir -p %s/a/b/c/d/e/f/luapkt && cp %s %s/a/b/c/d/e/f/luapkt"):format(
      folder, quote(lib), folder))
    support.write_file(folder .. "/test.lua", [[
      local core = require "luapkt.core"
      local s = assert(core.service { home = ".", seed = 1 })
      for i, text in ipairs { "'a' .. 'b'", "['a']", "'a' .. 'b'", "'a' .. 'b'" } do
        if i == 4 then os.execute(arg[1]) end
        print((s:handle(core.json.encode { jsonrpc = "2.0", id = 1, method = "build_pkt",
          params = core.json.array { core.json.array { { id = "TFTP", fields = core.json.array {
            { id = "op", value = { vtype = "EXPRESSION", expr = text } } } } } } })))
      end
    ]])
    local install = ("cp %s %s/a/b"):format(expression_program, folder)
    local ok, out, errors = support.run(("LUA_CPATH=%s LUA_PATH='lua/?.lua' lua5.4 %s %s"):format(
      quote(folder .. "/a/b/c/d/e/f/?.so"), quote(folder .. "/test.lua"),
      quote(install)))
    assert.is_true(ok, errors)
    local _, times = out:gsub("%-32098,\"message\":\"Scapy Server: TFTP%.op: the program " ..
                              "luapkt%-expression is not installed\"", "")
    assert.equal(2, times)
  end)

  it_in_time("leaves no process and no descriptor behind, however often it happens", function()
    works()
    local function children()
      local pipe = assert(io.popen "echo $PPID; cat /proc/$PPID/task/*/children")
      local text = pipe:read "a"
      pipe:close()
      local n = 0
      for _ in text:match "\n(.*)":gmatch "%d+" do n = n + 1 end
      return n - 1 -- the one that looks
    end
    local function in_use()
      collectgarbage() -- files that a spec before this one left open
      -- Not through a pipe of our own, whose other end we may still hold when the command looks.
      local _, files = support.run "find /proc/$PPID/fd -type l -printf '%l\\n' | sort"
      return { children(), (files:gsub(":%[%d+%]", "")) } -- "socket", and not which one
    end
    local before = in_use()
    for _ = 1, 50 do
      local pid = service.core:expression_pid()
      kill(pid)
      works_anew()
    end
    local one = support.service { expressions = { time_ms = 1, instructions = 0xffffffff } }
    for _ = 1, 20 do
      assert.is_nil((ask("(function() while true do end end)()", one)))
    end
    one:close()
    for _ = 1, 20 do
      local brief = support.service()
      works_anew(brief)
      brief:close()
    end
    assert.same(before, in_use())
  end)

  it_in_time("isn't held up for long by one that must be started anew", function()
    works()
    local most, quickest = 50, math.huge -- rounds: a busy machine is slow for a while
    repeat
      local since = now()
      for _ = 1, 10 do
        kill(service.core:expression_pid())
        works_anew()
      end
      quickest = math.min(quickest, (now() - since) / 10)
      most = most - 1
    until quickest < 0.1 or most == 0
    assert.is_true(quickest < 0.1, ("%g s"):format(quickest))
  end)

  -- What a script prints whose process ignores SIGCHLD.
  local function run_ignoring(script)
    local ok, out, errors = support.run(
      ("env --ignore-signal=CHLD LUA_CPATH=%s LUA_PATH='lua/?.lua' lua5.4 %s"):format(
        quote(package.cpath), quote(script)))
    assert.is_true(ok, errors)
    return out
  end

  it_in_time("finds signals, and those of children, as it likes them", function()
    -- A program that ignores SIGCHLD has its children waited for by the system.
    local script = support.tmpdir() .. "/test.lua"
    support.write_file(script, [[
      local core = require "luapkt.core"
      local s = assert(core.service { home = ".", seed = 1 })
      for i = 1, 5 do
        local reply = s:handle(core.json.encode { jsonrpc = "2.0", id = 1, method = "build_pkt",
          params = core.json.array { core.json.array { { id = "Raw", fields = core.json.array {
            { id = "load",
              value = { vtype = "EXPRESSION", expr = "tostring(" .. i .. ")" } } } } } } })
        print(reply:find('"binary"', 1, true) ~= nil)
        local pid = s:expression_pid()
        if pid > 0 then os.execute("kill -9 " .. pid .. "; sleep 0.1") end
      end
      s:close()
    ]])
    assert.equal(("true\n"):rep(5), run_ignoring(script))
  end)

  -- Only who may write here can have an id given again.
  local last_pid = io.open("/proc/sys/kernel/ns_last_pid", "r+")
  local function writes_again(file)
    local id = file:read "n"
    return file:seek "set" and file:write(id) and file:close()
  end
  local may = last_pid and writes_again(last_pid)
  local it_or_pending = may and it_in_time or pending

  it_or_pending("leaves a process alone that has got the id of one that is gone", function()
    local script = support.tmpdir() .. "/test.lua"
    support.write_file(script, [[
      local core = require "luapkt.core"
      local request = core.json.encode { jsonrpc = "2.0", id = 1, method = "build_pkt",
        params = core.json.array { core.json.array { { id = "Raw", fields = core.json.array {
          { id = "load", value = { vtype = "EXPRESSION", expr = "randbytes(4)" } } } } } } }
      local function state_of(pid)
        local file <close> = io.open(("/proc/%d/stat"):format(pid))
        local text = file and file:read "a"
        return text and text:match "%) (%a)"
      end
      for _ = 1, 50 do -- others may be given the id
        local s = assert(core.service { home = ".", seed = 1 })
        s:handle(request)
        local pid = s:expression_pid()
        os.execute("kill -9 " .. pid)
        repeat until not state_of(pid)
        local last = assert(io.open("/proc/sys/kernel/ns_last_pid", "w"))
        last:write(pid - 1)
        last:close()
        local other = io.popen "echo $$; exec sleep 60 >&-"
        local its_pid = other:read "n"
        s:close()
        local state = state_of(its_pid)
        os.execute("kill " .. its_pid)
        other:close()
        if its_pid == pid then return print(state) end
      end
      print "never"
    ]])
    assert.truthy(run_ignoring(script):find "^[DRS]\n") -- it sleeps, or is about to
  end)
end)
