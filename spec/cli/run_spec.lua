-- luapkt run: a script with the packet library.

local support = require "spec.support"

local quote = support.quote

describe("luapkt run", function()
  local folder = support.tmpdir()
  local program = quote(support.program())

  local function run(script, arguments)
    support.write_file(folder .. "/script.lua", script)
    return support.run(("%s run %s/script.lua %s"):format(program, folder, arguments or ""))
  end

  it("finds the library from any folder", function()
    support.write_file(folder .. "/s.lua", 'print(#(require "luapkt").IP{}:bytes())')
    local path = support.program()
    if path:sub(1, 1) ~= "/" then path = "$OLDPWD/" .. path end
    local ok, out, err = support.run(("cd / && unset LUAPKT_HOME && %s run %s/s.lua"):format(
      path, folder))
    assert(ok, err)
    assert.equal("20\n", out)
  end)

  it("hands over what follows the script", function()
    local ok, out = run('print(..., select("#", ...), arg[0]:match "[^/]+$", arg[2])', "--a -b 3")
    assert.is_true(ok)
    assert.equal("--a\t3\tscript.lua\t-b\n", out)
  end)

  it("reads a script from its standard input", function()
    local ok, out = support.run("echo 'print(1 + 1)' | " .. program .. " run -")
    assert.is_true(ok)
    assert.equal("2\n", out)
  end)

  it("says where an error is", function()
    local _, out, err, status = run 'local p = require "luapkt".IP{}\np.IP.ttl = 300'
    assert.same({ "", 1 }, { out, status })
    assert.truthy(err:find "^luapkt run: .*script%.lua:2: IP%.ttl: 300 is out of range: 0 to 255\n")
    assert.truthy(err:find "stack traceback")
    _, _, err, status = run "x = = 1"
    assert.equal(1, status)
    assert.truthy(err:find "script%.lua:1: unexpected symbol")
    _, _, err = run "error(nil)"
    assert.truthy(err:find "^luapkt run: nil")
  end)

  it("refuses a wrong command line", function()
    local _, _, err, status = support.run(program .. " run")
    assert.equal(2, status)
    assert.truthy(err:find "^luapkt run: which script%?")
    _, _, err, status = support.run(program .. " run /nowhere/nothing.lua")
    assert.equal(1, status)
    assert.truthy(err:find "cannot open")
    local ok, out = support.run(program .. " run --help")
    assert.is_true(ok)
    assert.truthy(out:find "^usage: luapkt run ")
  end)
end)
