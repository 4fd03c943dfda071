-- Protocols that a program adds.

local luapkt  = require "luapkt"
local support = require "spec.support"

local error_of = support.error_of

describe("added protocols", function()
  local f = require "luapkt.field"
  local folder = "protocols"

  teardown(function() assert(luapkt.load { folder }) end)

  local function decl(more)
    local d = {
      id = "Ping9", over = { UDP = { dport = 9999 } },
      fields = { f.u16("seq", { default = 7 }), f.u8("len", { auto = f.payload() }) },
    }
    for k, v in pairs(more or {}) do d[k] = v end
    return d
  end

  it("are known at once", function()
    assert.is_true(luapkt.add(decl()))
    local p = luapkt.IP{} / luapkt.UDP{ sport = 1 } / luapkt.Ping9{ seq = 3 } / "abc"
    assert.equal(9999, p.UDP.dport)
    assert.equal("\0\3\3abc", p.UDP:payload())
    assert.equal(3, luapkt.packet(p:bytes(), "IP").Ping9.seq)
    assert.is_true(luapkt.add(decl { fields = { f.u8("seq", { default = 7 }) } }))
    assert.equal("\7", luapkt.Ping9{}:bytes())
  end)

  it("stay where another comes, and are declared anew when that is asked for", function()
    assert.is_true(luapkt.add(decl { id = "Ping5" }))
    assert.is_true(luapkt.add(decl { id = "Ping6" }))
    assert.equal(3, #luapkt.Ping5{}:bytes())
    local generation = luapkt.generation()
    assert.is_true(generation.ids.Ping5 and generation.ids.Ping6)
    assert.equal("added", generation.by_id.Ping6.file)
    assert.equal("seq", generation.by_id.Ping5.fields[1].id)
    assert.equal("protocols/ip.lua", generation.by_id.IP.file)
  end)

  it("leave little for Lua's collector to look at", function()
    local path = support.tmpdir() .. "/live.lua"
    support.write_file(path, [[
      local luapkt = require "luapkt"
      luapkt.build { { "IP" } }
      collectgarbage()
      collectgarbage()
      print(math.ceil(collectgarbage "count"))]])
    local ok, out = support.run(support.quote(support.program()) .. " run " .. path)
    assert.is_true(ok)
    assert.is_true(tonumber(out) < 2000, out .. " KiB") -- 6,300 with all declarations
  end)

  it("don't mix with packets from before", function()
    local old = luapkt.IP{}
    assert.is_true(luapkt.add(decl { id = "Ping8" }))
    assert.equal("\69", old:bytes():sub(1, 1))
    assert.truthy(error_of(function() return old / luapkt.Ping8{} end):find(
      "the packet was made before protocols were loaded or added", 1, true))
  end)

  it("may have several fields of one id, which all get a value or none does", function()
    assert.is_true(luapkt.add(decl { fields = { f.u16 "n", f.u8 "n", f.u8 "x" } }))
    local p = luapkt.Ping9{ n = 7, x = 1 }
    assert.matches("Ping9%.n: 300 is out of range: 0 to 255$",
      error_of(function() p.Ping9.n = 300 end))
    assert.same({ 7, "\0\7\7\1" }, { p.Ping9.n, p:bytes() })
    p.Ping9.n = 255
    assert.equal("\0\255\255\1", p:bytes())
  end)

  it("come from a file", function()
    local path = support.tmpdir() .. "/ping7.lua"
    support.write_file(path, [[
      local f = require "luapkt.field"
      return { id = "Ping7", fields = { f.u32("x") } }]])
    assert.is_true(luapkt.add(path))
    assert.equal(4, #luapkt.Ping7{}:bytes())
  end)

  it("may hold packets of their own kind, 16 within each other", function()
    assert.is_true(luapkt.add {
      id = "Nest9", fields = { f.u8 "x", f.layers("inner", { of = "Nest9" }) },
    })
    local p = luapkt.packet(("\5"):rep(17), "Nest9")
    local last, depth = p[1], 0
    while last.inner[1] do last, depth = last.inner[1], depth + 1 end
    assert.same({ 16, 5 }, { depth, last.x })
    local none, err = luapkt.packet(("\5"):rep(18), "Nest9")
    assert.is_nil(none)
    assert.same({ "limit", "packets nested deeper than 16" }, { err.code, err.message })
  end)

  it("with a mistake change nothing", function()
    local ok, err = luapkt.add { id = "Bad", fields = { f.u8("x", { auto = f.ref "nope" }) } }
    assert.is_nil(ok)
    assert.truthy(err:find "Bad%.x: the rule refers to 'nope'")
    assert.is_nil((luapkt.add "/nowhere/nothing.lua"))
    assert.is_nil((luapkt.add {}))
    assert.truthy(error_of(luapkt.add, 7):find "declaration or path expected, got number")
    assert.equal(20, #luapkt.IP{}:bytes())
  end)
end)
