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
    if path:sub(1, 1) ~= "/" then path = os.getenv "PWD" .. "/" .. path end
    local ok, out, err = support.run(("cd / && unset LUAPKT_HOME && %s run %s/s.lua"):format(
      support.quote(path), folder))
    assert(ok, err)
    assert.equal("20\n", out)
  end)

  it("hands over what follows the script", function()
    local ok, out = run('print(..., select("#", ...), arg[0]:match "[^/]+$", arg[2])', "--a -b 3")
    assert.is_true(ok)
    assert.equal("--a\t3\tscript.lua\t-b\n", out)
  end)

  it("collects packets as fast as they are made", function()
    local ok, out, err = run [[
      local luapkt = require "luapkt"
      local bytes = (luapkt.Ether{} / luapkt.IP{} / luapkt.UDP{} / "hello"):bytes()
      local most = 0
      for _ = 1, 100000 do
        luapkt.packet(bytes)
        most = math.max(most, collectgarbage "count")
      end
      print(most // 1024 < 100)]]
    assert(ok, err)
    assert.equal("true\n", out)
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
    _, _, err = run 'assert(require "luapkt".packet("", "Nix"))'
    assert.truthy(err:find '^luapkt run: there is no protocol "Nix"\nstack traceback:\n')
    _, _, err, status = run "x = = 1"
    assert.equal(1, status)
    assert.truthy(err:find "script%.lua:1: unexpected symbol")
    _, _, err = run "error(nil)"
    assert.truthy(err:find "^luapkt run: nil")
  end)

  describe("with protocols of one's own", function()
    local function protocol(name, id, port)
      os.execute(("mkdir -p %s/%s"):format(quote(folder), name))
      support.write_file(("%s/%s/%s.lua"):format(folder, name, id:lower()), ([[
        local f = require "luapkt.field"
        return { id = %q, over = { UDP = { { dport = %d }, rank = 0 } }, fields = { f.u8 "x" } }]])
        :format(id, port))
    end
    local words = ("--protocols %s/first --protocols=%s/second"):format(quote(folder),
      quote(folder))

    setup(function()
      protocol("first", "First", 7001)
      protocol("second", "Second", 7002)
    end)

    local code = [[
      local l = require "luapkt"
      print((l.UDP{} / l.First{ x = 1 }).UDP.dport, (l.UDP{} / l.Second{}).UDP.dport,
        #l.IP{}:bytes())]]

    it("knows those of every folder that is named, beside its own", function()
      support.write_file(folder .. "/script.lua", code)
      local ok, out, err = support.run(("%s run %s %s/script.lua"):format(program, words, folder))
      assert(ok, err)
      assert.equal("7001\t7002\t20\n", out)
    end)

    it("is what a script can say as well", function()
      local load = ('local l = require "luapkt" assert(l.load { l.folder(), %q, %q })'):format(
        folder .. "/first", folder .. "/second")
      local ok, out, err = run(load .. code)
      assert(ok, err)
      assert.equal("7001\t7002\t20\n", out)
    end)

    it("says what is wrong with them, and doesn't begin", function()
      support.write_file(folder .. "/script.lua", "print 'begun'")
      local command = "%s run --protocols %s/%s %s/script.lua"
      local _, out, err, status = support.run(command:format(program, folder, "nowhere", folder))
      assert.same({ "", 1 }, { out, status })
      assert.equal(("luapkt run: --protocols: %s/nowhere: No such file or directory\n"):format(
        folder), err)
      os.execute(("mkdir -p %s/bad"):format(quote(folder)))
      support.write_file(folder .. "/bad/bad.lua", "return 7")
      _, out, err, status = support.run(command:format(program, folder, "bad", folder))
      assert.same({ "", 1 }, { out, status })
      assert.equal("luapkt run: bad/bad.lua: a protocol file returns a table, this one returns a "
        .. "number\n", err)
    end)

    it("says in one line which file declares none, and why", function()
      assert(support.run(("mkdir -p %s/empty"):format(quote(folder))))
      for text, why in pairs {
        ["-- nothing yet"] = ": a protocol file returns a table, this one returns nothing",
        ["coroutine.yield()"] = ": attempt to yield from outside a coroutine",
        ['\nrequire "nowhere"'] = ":2: module 'nowhere' not found",
        ["error()"] = ": nil",
        ["error(tostring{} .. ' in ' .. tostring(print))"] = ":1: a table in a function",
        ["error{}"] = ": it raises a table as its error, not text",
        ["error(print)"] = ": it raises a function as its error, not text",
        ["error(setmetatable({}, { __tostring = function() return 'why' end }))"] = ": why",
        ["error(setmetatable({}, { __tostring = function() error{} end }))"] =
          ": it raises a table as its error, not text",
      } do
        support.write_file(folder .. "/empty/empty.lua", text)
        local _, _, err = support.run(("%s plan --protocols %s/empty"):format(program, folder))
        assert.equal(("luapkt plan: empty/empty.lua%s\n"):format(why), err)
      end
    end)

    it("says where a declaration's own metamethod raises what is no text", function()
      assert(support.run(("mkdir -p %s/odd"):format(quote(folder))))
      local odd = "setmetatable({ %s }, { __index = function()\n  error { message = 'no' }\nend })"
      for text, place in pairs {
        [odd:format "{ id = 'X' }"] = "odd/odd.lua",
        ["{ id = 'X', over = { IP = " .. odd:format "proto = 3" .. " } }"] = "odd/odd.lua:2",
        ["{ id = 'X', fields = { " .. odd:format "id = 'a', kind = 'uint'" .. " } }"] =
          "odd/odd.lua",
      } do
        support.write_file(folder .. "/odd/odd.lua", "return " .. text)
        local _, _, err = support.run(("%s plan --protocols %s/odd"):format(program, folder))
        assert.equal(("luapkt plan: %s: it raises a table as its error, not text\n"):format(place),
          err)
      end
    end)

    it("says what it can of a declaration that goes to lengths to say nothing", function()
      assert(support.run(("mkdir -p %s/odd"):format(quote(folder))))
      local function told(text)
        support.write_file(folder .. "/odd/odd.lua", text)
        local _, _, err = support.run(("%s plan --protocols %s/odd"):format(program, folder))
        return err
      end
      local no_text = "luapkt plan: odd/odd.lua: it raises a table as its error, not text\n"
      local raises = "{ __index = function() error {} end }"
      assert.equal(no_text, told(("error(setmetatable({}, setmetatable({}, %s)))"):format(raises)))
      assert.equal(no_text, told [[
        local function refuse(t, k, v) if k == "file" then error {} end rawset(t, k, v) end
        return setmetatable({ id = "X", fields = {} }, { __newindex = refuse })]])
      local over = "setmetatable({}, { __index = function() error { protocol_error = %s } end })"
      for _, error_text in ipairs { "5", "{}", "'x'" } do
        assert.equal("luapkt plan: odd/odd.lua:1: it raises a table as its error, not text\n",
          told(("return { id = 'X', over = { IP = %s } }"):format(over:format(error_text))))
      end
      assert.equal("luapkt plan: odd/odd.lua:1: a file: a protocol needs an id of letters, " ..
        "digits and _\n", told "return { id = io.stdout, fields = {} }")
    end)

    it("says which folder can't be read, even if it is within one that can", function()
      if not support.run "command -v setpriv" then return pending "setpriv isn't there" end
      local command = "setpriv --bounding-set %s --inh-caps %s %s plan --protocols %s Locked"
      local rights = "-dac_override,-dac_read_search"
      local locked = folder .. "/open/locked"
      assert(support.run(("mkdir -p %s && chmod 0 %s"):format(quote(locked), quote(locked))))
      for _, case in ipairs {
        { "/open", "luapkt plan: open: its folder \"locked\": Permission denied\n" },
        { "/open/locked", ("luapkt plan: --protocols: %s: Permission denied\n"):format(locked) },
      } do
        local _, out, err, status = support.run(command:format(rights, rights, program,
          quote(folder .. case[1])))
        assert.same({ "", case[2], 1 }, { out, err, status })
      end
    end)

    it("is so for every command that knows protocols", function()
      local ok, out, err = support.run(("%s plan %s First Second IP"):format(program, words))
      assert(ok, err)
      for _, id in ipairs { "First", "Second", "IP" } do assert.truthy(out:find(id, 1, true)) end
      support.write_file(folder .. "/model.json",
        '[{"id":"Ether"},{"id":"First"},{"id":"Second"}]')
      ok, out, err = support.run(("%s generate %s %s/model.json | wc -c"):format(program, words,
        folder))
      assert(ok, err)
      assert.equal(24 + 16 + 16, tonumber(out)) -- the file's header and a packet's
      ok, out, err = support.run(("%s send --dry-run %s --packet %s/model.json lo"):format(program,
        words, folder))
      assert(ok, err)
      assert.equal(2 * 16 + 1, #out) -- Ethernet's header and two bytes
    end)
  end)

  it("refuses a wrong command line", function()
    local _, _, err, status = support.run(program .. " run")
    assert.equal(2, status)
    assert.truthy(err:find "^luapkt run: which script%?")
    _, _, err, status = support.run(program .. " run /nowhere/nothing.lua")
    assert.equal(1, status)
    assert.matches("^luapkt run: cannot open /nowhere/nothing.lua[^\n]*\n$", err)
    support.write_file(folder .. "/wrong.lua", "local x =\n= 5")
    _, _, err, status = support.run(("%s run %s/wrong.lua"):format(program, folder))
    assert.equal(1, status)
    assert.matches("^luapkt run: [^\n]*/wrong.lua:2: unexpected symbol near '='\n$", err)
    local ok, out = support.run(program .. " run --help")
    assert.is_true(ok)
    assert.truthy(out:find "^usage: luapkt run ")
  end)
end)
