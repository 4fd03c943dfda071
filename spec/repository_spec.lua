-- The tree itself: its layers, its layout, and the scripts that build, test and install it.

local support = require "spec.support"

local describe_once = support.describe_once
local quote, read_file, write_file = support.quote, support.read_file, support.write_file

-- The files below the folders that exist among `folders`, by the end of their names.
local function files(folders, pattern)
  local pipe = assert(io.popen("find " .. folders .. " -type f 2>/dev/null | sort"))
  local found = {}
  for path in pipe:lines() do
    if path:find(pattern) then table.insert(found, path) end
  end
  pipe:close()
  return found
end

-- Everything that `check` returns for a file, as one list of complaints.
local function complaints(paths, check)
  local all = {}
  for _, path in ipairs(paths) do
    for _, complaint in ipairs(check(path, read_file(path))) do
      table.insert(all, path .. ": " .. complaint)
    end
  end
  return all
end

local function write_script(path, text)
  write_file(path, "#!/bin/sh\n" .. text)
  assert(os.execute("chmod +x " .. quote(path)))
end

describe_once("the C files", function()
  local sources = files("src", "%.[ch]$")
  local rank = { wire = 0, engine = 1, script = 2, io = 3, expression = 3, cli = 4 }
  local owner = {
    ["lua.h"] = "script", ["lauxlib.h"] = "script", ["lualib.h"] = "script",
    ["zmq.h"] = "io", ["pcap.h"] = "io", ["pcap/pcap.h"] = "io", ["sys/socket.h"] = "io",
  }
  -- A pair of sockets between two processes of one program is no network.
  local allowed = { ["src/script/helper.c"] = "sys/socket.h" }

  it("include foreign headers only in the room that owns them", function()
    assert.same({}, complaints(sources, function(path, text)
      local room, bad = path:match "^src/(%w+)/", {}
      for header in text:gmatch "#%s*include%s*[<\"]([^>\"]+)" do
        local strange = owner[header] and owner[header] ~= room
        if strange and allowed[path] ~= header then table.insert(bad, header) end
      end
      return bad
    end))
  end)

  it("call downwards only", function()
    assert.same({}, complaints(sources, function(path, text)
      local room, bad = path:match "^src/(%w+)/", {}
      for other in text:gmatch "#%s*include%s*\"%.%./(%w+)/" do
        if rank[other] > rank[room] then table.insert(bad, other) end
      end
      return bad
    end))
  end)

  it("say in each header's first line what it is", function()
    assert.same({}, complaints(files("src", "%.h$"), function(path, text)
      local start = "/* " .. path:match "[^/]+$" .. " - "
      return text:sub(1, #start) == start and {} or { "doesn't begin with " .. start }
    end))
  end)
end)

describe_once("a protocol file", function()
  it("has a spec of its name", function()
    assert.same({}, complaints(files("protocols", "%.lua$"), function(path)
      local spec = "spec/" .. path:gsub("%.lua$", "_spec.lua")
      return read_file(spec) and {} or { "has no " .. spec }
    end))
  end)
end)

describe_once("a text file", function()
  it("has no tabs, no carriage returns and no spaces at a line's end", function()
    local texts = files("src lua protocols templates spec fuzz bench docs", "%.[chm]d?$")
    for _, path in ipairs(files("lua protocols templates spec fuzz bench", "%.lua$")) do
      table.insert(texts, path)
    end
    for _, path in ipairs(files("tools spec/run .ci/run", "")) do table.insert(texts, path) end
    assert.same({}, complaints(texts, function(_, text)
      local bad = {}
      if text:find "\t" then table.insert(bad, "a tab") end
      if text:find "\r" then table.insert(bad, "a carriage return") end
      if text:find "[ ]\n" then table.insert(bad, "space at a line's end") end
      if text ~= "" and text:sub(-1) ~= "\n" then table.insert(bad, "no newline at its end") end
      return bad
    end))
  end)
end)

describe_once("make help", function()
  it("lists every target that the README names", function()
    local _, help = support.run "make --no-print-directory help"
    for target in read_file("README.md"):gmatch "[`\n]make (%l+)" do
      assert.truthy(("\n" .. help):find("\n  " .. target .. " ", 1, true), target)
    end
  end)
end)

describe_once("make install", function()
  local root, prefix

  setup(function()
    root = support.tmpdir()
    local ok, _, err = support.run("make install PREFIX=/opt/x DESTDIR=" .. quote(root))
    assert(ok, err)
    prefix = root .. "/opt/x"
  end)

  it("puts every file where the program and Lua look for it", function()
    assert.truthy(read_file(prefix .. "/bin/luapkt"))
    assert.truthy(read_file(prefix .. "/lib/lua/5.4/luapkt/core.so"))
    for _, path in ipairs(files("lua protocols templates", "%.lua$")) do
      assert.equal(read_file(path), read_file(prefix .. "/share/luapkt/" .. path), path)
    end
    for _, path in ipairs(files("lua/luapkt", "%.lua$")) do
      local module = path:gsub("^lua/", "/share/lua/5.4/")
      assert.equal(read_file(path), read_file(prefix .. module), path)
    end
  end)

  it("puts manual pages and completions where they are looked for", function()
    for _, path in ipairs(files("build/share", "")) do
      local place = path:gsub("^build", "")
      assert.equal(read_file(path), read_file(prefix .. place), place)
    end
    for _, path in ipairs {
      "man/man1/luapkt.1", "man/man8/luapkt-serve.8", "bash-completion/completions/luapkt",
      "zsh/site-functions/_luapkt",
    } do
      assert.truthy(read_file(prefix .. "/share/" .. path), path)
    end
  end)

  it("puts the unit where systemd looks for it, with the program's place", function()
    local unit = read_file(prefix .. "/lib/systemd/system/luapkt.service")
    assert.truthy(unit:find("\nExecStart=\"/opt/x/bin/luapkt\" serve", 1, true))
  end)

  it("makes a program that finds its files from any folder", function()
    local ok, out, err = support.run(
      ("cd / && env -u LUAPKT_HOME %s plan UDP"):format(quote(prefix .. "/bin/luapkt")))
    assert(ok, err)
    assert.truthy(out:find "sport")
  end)

  it("makes a module that stock Lua loads", function()
    local ok, _, err = support.run(
      ("LUA_CPATH=%s lua5.4 -e 'require \"luapkt.core\"'"):format(
        quote(prefix .. "/lib/lua/5.4/?.so")))
    assert(ok, err)
  end)
end)

describe_once("make uninstall", function()
  it("removes what 'make install' put there, and nothing else", function()
    local root = support.tmpdir()
    local there = ("PREFIX=/opt/x DESTDIR=%s"):format(quote(root))
    assert(support.run("make install " .. there))
    write_file(root .. "/opt/x/share/man/man1/other.1", "")
    local ok, _, err = support.run("make uninstall " .. there)
    assert(ok, err)
    assert.same({ root .. "/opt/x/share/man/man1/other.1" }, files(quote(root), ""))
  end)
end)

describe_once("the rock", function()
  it("is the library, which finds its protocols beside it", function()
    local tree = support.tmpdir()
    local ok, out, err = support.run(("luarocks --lua-version 5.4 --tree %s make %s"):format(
      quote(tree), "luapkt-scm-1.rockspec"))
    assert(ok, out .. err)
    local lua = tree .. "/share/lua/5.4"
    local paths = ('LUA_PATH="%s/?.lua;%s/?/init.lua" LUA_CPATH="%s/?.so"'):format(lua, lua,
      tree .. "/lib/lua/5.4")
    ok, out, err = support.run(("cd / && env -u LUAPKT_HOME %s lua5.4 -e %s"):format(paths,
      quote 'local l = require "luapkt" print(#(l.Ether{} / l.IP{} / l.TCP{}):bytes())'))
    assert(ok, err)
    assert.equal("54\n", out)
    support.run("rm -r " .. quote(tree))
  end)
end)

describe_once("tools/deps", function()
  local bin

  -- A system without the packages `missing`, and what apt-get is asked to do on it.
  local function deps(arguments, missing, user)
    local log = bin .. "/log"
    write_file(log, "")
    write_script(bin .. "/id", "echo " .. (user or 0))
    write_script(bin .. "/dpkg-query",
      ('for p; do :; done\ncase " %s " in *" $p "*) exit 1 ;; esac\necho installed\n')
        :format(missing))
    local ok, _, err = support.run(("PATH=%s:$PATH tools/deps %s"):format(quote(bin), arguments))
    return ok, read_file(log), err
  end

  setup(function()
    bin = support.tmpdir()
    write_script(bin .. "/apt-get", 'echo "$DEBIAN_FRONTEND $*" >>"${0%/*}/log"\n')
    write_script(bin .. "/sudo", 'echo sudo >>"${0%/*}/log"\nexec "$@"\n')
  end)

  it("asks for nothing when all is there", function()
    local ok, log = deps("run test fuzz", "")
    assert.is_true(ok)
    assert.equal("", log)
  end)

  it("installs what is missing, and no more, without questions", function()
    local ok, log = deps("run test", "tshark libzmq3-dev")
    assert.is_true(ok)
    assert.truthy(log:find("^noninteractive [^\n]*update\nnoninteractive [^\n]*install"))
    assert.truthy(log:find("--no-install-recommends libzmq3-dev tshark\n", 1, true))
  end)

  it("takes sudo where it isn't root", function()
    local ok, log = deps("run", "lua5.4", 1000)
    assert.is_true(ok)
    assert.truthy(log:find "^sudo\n.*update\nsudo\n.*install")
  end)
end)

describe_once("spec/run", function()
  local function run(text)
    local folder = support.tmpdir()
    if text then write_file(folder .. "/some_spec.lua", text) end
    local ok, out = support.run("SPEC_TIMEOUT=20 spec/run default " .. quote(folder))
    return ok, out:match "([^\n]*)\n$", out
  end

  it("counts what passes and what is skipped", function()
    local ok, last = run 'it("a", function() end) it("b", function() end) pending "c"'
    assert.is_true(ok)
    assert.equal("2 passed, 0 failed, 1 skipped", last)
  end)

  it("counts failures, errors and files that don't load", function()
    local ok, last = run [[
      it("a", function() assert.equal(1, 2) end)
      it("b", function() error() end)]]
    assert.is_false(ok)
    assert.equal("0 passed, 2 failed", last)
    ok, last = run "it("
    assert.is_false(ok)
    assert.equal("0 passed, 1 failed", last)
  end)

  it("names the test in which the interpreter died", function()
    local ok, last, out = run 'it("a", function() end) it("goes away", function() os.exit(0) end)'
    assert.is_false(ok)
    assert.equal("1 passed, 1 failed", last)
    assert.truthy(out:find("in: goes away", 1, true))
  end)

  it("prints failures so that people can read them, whatever bytes they are of", function()
    local _, last, out = run [[
      it("a", function() assert.equal("\0\xff", "x") end)
      it("b", function() assert.equal("\0\195\164", "x") end)
      it("c", function() assert.equal("", ("x"):rep(5000)) end)]]
    assert.equal("0 passed, 3 failed", last)
    assert.truthy(out:find([[(string) '\x00\xff']], 1, true), out)
    assert.truthy(out:find("(string) '\\x00\195\164'", 1, true), out) -- UTF-8 is text
    assert.matches("xxx%.%.%. %(%d+ bytes more%)\n", out)
    for line in out:gmatch "[^\n]+" do assert.is_true(#line < 1100, line) end
  end)

  it("leaves no files behind", function()
    local folder = support.tmpdir()
    write_file(folder .. "/some_spec.lua", [[
      local support = require "spec.support"
      it("a", function()
        print("made", support.tmpname())
        print("made", support.tmpdir())
        support.run "true"
      end)]])
    local ok, out = support.run("spec/run default " .. quote(folder))
    assert.is_true(ok, out)
    local count = 0
    for path in out:gmatch "made\t(%S+)" do
      count = count + 1
      assert.is_false((support.run("ls -d " .. quote(path))), path)
    end
    assert.equal(2, count)
  end)

  it("fails when there are no tests", function()
    local ok, last = run "local _ = 1"
    assert.is_false(ok)
    assert.equal("0 passed, 1 failed", last)
  end)
end)
