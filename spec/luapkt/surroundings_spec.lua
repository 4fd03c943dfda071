-- What a protocol file sees as its globals.

local registry = require "luapkt.registry"
local support  = require "spec.support"

describe("a protocol file", function()
  local folder = support.tmpdir()
  local path = folder .. "/x.lua"

  teardown(function() support.run("rm -r " .. support.quote(folder)) end)

  local function read(text)
    support.write_file(path, text)
    return registry.read_file(path)
  end

  it("has no variables that nothing was assigned to", function()
    local none, why = read 'local f = require "luapkt.field"\nreturn { id = "X", title = nme }'
    assert.is_nil(none)
    assert.equal(("%s/x.lua:2: there is no variable 'nme'"):format(folder:match "[^/]+$"), why)
  end)

  it("has Lua's own, and keeps what it sets to itself", function()
    local decls = assert(read 'mine = ("x"):upper() return { id = type(5), title = mine }')
    assert.equal("number", decls[1].id)
    assert.equal("X", decls[1].title)
    assert.is_nil(rawget(_G, "mine"))
  end)
end)
