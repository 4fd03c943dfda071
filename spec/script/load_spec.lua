-- Modules of the program's home: what its files say, whether it knows them already or not.

local support = require "spec.support"

local quote = support.quote

describe("a module of the home", function()
  local home = support.tmpdir()
  local module = home .. "/lua/luapkt/text.lua"
  local text = support.read_file "lua/luapkt/text.lua"

  setup(function()
    assert(support.run(("mkdir -p %s/lua && cp -r lua/luapkt %s/lua && cp -r protocols %s"):format(
      quote(home), quote(home), quote(home))))
  end)
  teardown(function() support.run("rm -r " .. quote(home)) end)
  before_each(function() support.write_file(module, text) end)

  local function run(script)
    support.write_file(home .. "/s.lua", script)
    return support.run(("%s run --home %s %s/s.lua"):format(quote(support.program()), quote(home),
      quote(home)))
  end

  it("is the one that lies there, also where the program knows what it said", function()
    local ask = 'local text, path = require "luapkt.text"; print(text.mark, path)'
    local ok, out, err = run(ask)
    assert(ok, err)
    assert.equal(("nil\t%s\n"):format(module), out)
    support.write_file(module, (text:gsub("\nreturn (%w+)%s*$", "\n%1.mark = 7\nreturn %1\n")))
    ok, out, err = run(ask)
    assert(ok, err)
    assert.equal(("7\t%s\n"):format(module), out)
  end)

  it("may be a folder's init.lua, and lie outside of ours", function()
    os.execute(("mkdir -p %s/lua/mine/inner"):format(quote(home)))
    support.write_file(home .. "/lua/mine/inner/init.lua", "return { ... }")
    local ok, out, err = run 'print(table.unpack((require "mine.inner")))'
    assert(ok, err)
    assert.equal(("mine.inner\t%s/lua/mine/inner/init.lua\n"):format(home), out)
  end)

  it("with a mistake is named with its line", function()
    support.write_file(module, "local = 3\n")
    local ok, _, err = run 'require "luapkt.text"'
    assert.is_false(ok)
    assert.truthy(err:find(("module 'luapkt.text' can't be loaded: %s:1: <name> expected near '='")
      :format(module), 1, true), err)
  end)

  it("that isn't there was looked for there, and in Lua's own places", function()
    local ok, _, err = run 'require "luapkt.nothing"'
    assert.is_false(ok)
    assert.truthy(err:find("module 'luapkt.nothing' not found:", 1, true), err)
    assert.truthy(err:find(("no file '%s/lua/luapkt/nothing.lua'"):format(home), 1, true), err)
    assert.truthy(err:find("no file './luapkt/nothing.lua'", 1, true), err)
  end)
end)

describe("a file", function()
  local core = require "luapkt.core"
  local folder = support.tmpdir()
  local path = folder .. "/a.bin"

  teardown(function() support.run("rm -r " .. quote(folder)) end)

  it("is read whole, also one that doesn't know its size", function()
    for _, n in ipairs { 0, 1, 255, 256, 4095, 4096, 100000 } do
      local text = ("\0\n\xff"):rep(n):sub(1, n)
      support.write_file(path, text)
      assert.is_true(core.read_file(path) == text, n)
    end
    local said = core.read_file "/proc/self/limits"
    assert.is_true(#said > 1000 and said:find "Max open files" ~= nil)
  end)

  it("that is compiled is told of by its name", function()
    support.write_file(path, string.dump(function() end))
    local none, why = core.load_file(path, "here/x.lua")
    assert.is_nil(none)
    assert.equal("here/x.lua: is compiled Lua; a file in Lua is its text", why)
  end)

  it("may begin with the mark that editors put before UTF-8", function()
    support.write_file(path, "\xef\xbb\xbfreturn 5")
    assert.equal(5, core.load_file(path, "here/x.lua")())
    support.write_file(path, "\xef\xbb\xbf")
    assert.is_nil(core.load_file(path, "here/x.lua")())
    support.write_file(path, "\xef\xbb")
    assert.is_nil((core.load_file(path, "here/x.lua")))
  end)

  it("that can't be read is told of without its path", function()
    assert.same({ nil, "No such file or directory", 2 }, { core.read_file(folder .. "/none") })
    assert.same({ nil, "Is a directory", 21 }, { core.read_file(folder) })
    local _, why = core.load_file(folder, "folder.lua")
    assert.equal("folder.lua: Is a directory", why)
  end)
end)
