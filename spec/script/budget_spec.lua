-- Files of protocols and templates that don't come to an end: a service does without them.

local core    = require "luapkt.core"
local support = require "spec.support"

local BUDGET_MS = 1000 -- a service opens in a tenth of it

local head = 'local f = require "luapkt.field"\n\n'
local good = head .. 'return { id = "Foo", fields = { f.u8 "a" } }\n'

describe("a file of protocols", function()
  local dir

  before_each(function() dir = support.tmpdir() end)

  local function load(text, ms)
    support.write_file(dir .. "/foo.lua", text)
    local options = { home = ".", budget_ms = ms or BUDGET_MS, protocols = { dir } }
    local service, why = core.service(options)
    if service then service:close() end
    return why
  end

  local endless = {
    ["a loop"] = "while true do end",
    ["a loop that goes on after errors"] =
      "while true do pcall(function() repeat until false end) end",
    ["loops in coroutines"] =
      "while true do pcall(coroutine.wrap(function() while true do end end)) end",
  }
  for what, text in pairs(endless) do
    it("has so much time: " .. what, function()
      assert.matches("/foo%.lua:3: takes more than 1000 ms of processor time$", load(head .. text))
    end)
  end

  it("is named, not the module in which its time is over", function()
    assert.matches("/foo%.lua:3: takes more than 1000 ms of processor time$",
      load(head .. "repeat local x = f.ref 'a' + 1 until false"))
  end)

  it("has so much memory", function()
    if support.is_sanitized() then return pending "half a GiB takes sanitizers long" end
    assert.matches("/foo%.lua:3: takes more than 512 MiB of memory$",
      load(head .. "repeat local x = (' '):rep(1 << 15) until false", 60000))
  end)

  it("can't end the program", function()
    assert.matches("/foo%.lua:3: os%.exit: a file .* can't end the program$",
      load(head .. "os.exit(3)"))
  end)

  it("that is as short as others is loaded", function()
    assert.is_nil(load(good))
  end)
end)

describe("a template", function()
  it("that is never built has so much time, whoever asks for it", function()
    local dir = support.tmpdir()
    support.write_file(dir .. "/t.lua", "return { build = function()\n  while true do end\nend }\n")
    local service = support.service { budget_ms = BUDGET_MS, templates = { dir } }
    local ok, why = service.core:check()
    assert.is_nil(ok)
    assert.matches("/t%.lua:2: takes more than 1000 ms of processor time$", why)
    local _, err = service:call("get_template", { id = "t" })
    assert.matches("t%.lua:2: takes more than 1000 ms of processor time$", err.message)
    assert.same({ built_by = "luapkt", version = "1.02" }, (service:call "get_version"))
    service:close()
  end)

  it("whose file never ends is left out after its first time", function()
    local dir = support.tmpdir()
    support.write_file(dir .. "/t.lua", "\nwhile true do end\n")
    support.write_file(dir .. "/u.lua", "return { packet = { { 'IP' } } }")
    local service = support.service { budget_ms = BUDGET_MS, templates = { dir } }
    local _, err = service:call("get_templates")
    assert.matches("t%.lua:2: takes more than 1000 ms of processor time$", err.message)
    local ids = {}
    for _, template in ipairs((service:call("get_templates"))) do ids[template.id] = true end
    assert.same({ true, nil }, { ids.u, ids.t })
    _, err = service:call("get_template", { id = "t" })
    assert.matches("it has a mistake; the method 'reload' says which$", err.message)
    local _, why = service.core:check()
    assert.matches("/t%.lua: doesn't come to an end$", why)
    service:close()
  end)
end)
