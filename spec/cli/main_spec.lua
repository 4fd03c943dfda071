-- The command line: which command, 'call' and 'console'. One server answers them all.

local core    = require "luapkt.core"
local servers = require "spec.servers"
local support = require "spec.support"

local json, quote = core.json, support.quote
local program = quote(support.program())

local function luapkt(rest)
  return support.run(program .. " " .. rest)
end

describe("luapkt", function()
  it("tells its version", function()
    local ok, out = luapkt "--version"
    assert.is_true(ok)
    assert.matches("^luapkt %d+%.%d+%.%d+\n$", out)
  end)

  it("lists its commands", function()
    local ok, out = luapkt "--help"
    assert.is_true(ok)
    for _, name in ipairs {
      "serve", "call", "console", "generate", "send", "recv", "msg", "plan", "run",
    } do
      assert.matches("\n  " .. name .. " ", out)
    end
  end)

  it("lists the options of a command", function()
    for _, name in ipairs { "serve", "call", "console" } do
      local ok, out = luapkt(name .. " --help")
      assert.is_true(ok)
      assert.matches("^usage: luapkt " .. name .. " ", out)
      assert.matches("--help", out, 1, true)
      assert.equal(out, select(2, luapkt("help " .. name)))
    end
  end)

  it("describes its commands to programs as its help does to people", function()
    local ok, out, err = luapkt "--describe"
    assert.is_true(ok)
    assert.equal("", err)
    local _, list = luapkt "--help"
    local names = {}
    for name in list:gmatch "\n  (%l+) " do table.insert(names, name) end
    local commands = assert(json.decode(out))
    assert.equal(#names, #commands)
    for i, command in ipairs(commands) do
      assert.equal(names[i], command.name)
      assert.matches(("\n  %-10s%s\n"):format(command.name, command.meaning), list, 1, true)
      local _, help = luapkt(command.name .. " --help")
      local said = command.help
      local lines = { ("usage: %s %s\n%s\n"):format(said.command, said.usage, said.summary) }
      for _, option in ipairs(said.options) do
        local left = table.concat(option.names, ", ") .. (option.arg and " " .. option.arg or "")
        local room = #left > 26 and "\n" .. (" "):rep(30) or (" "):rep(28 - #left)
        table.insert(lines, "  " .. left .. room .. option.help)
      end
      assert.equal(table.concat(lines, "\n") .. "\n", help)
    end
  end)

  it("prints the plan of a protocol, with what follows it and in which rank", function()
    local ok, out = luapkt "plan UDP"
    assert.is_true(ok)
    assert.matches("^UDP: UDP %(protocols/udp%.lua%)\n4 fields, 8 bytes\n", out)
    assert.matches("\n  DNS when dport=53  rank 0\n", out, 1, true)
    assert.matches("\n  TFTP when dport=69  rank 2\n", out, 1, true)
    assert.matches("\n  VXLAN when dport=4789\n", out, 1, true)
  end)

  it("prints where a layer ends that says how many bytes are its own", function()
    local ok, out = luapkt "plan Dot11Elt"
    assert.is_true(ok)
    assert.matches("\nends itself at  own(peek:8+8 2 add)\n", out, 1, true)
  end)

  describe("whose protocol files were changed", function()
    local home

    before_each(function()
      home = support.tmpdir()
      assert(os.execute(("cp -r lua protocols templates %s"):format(support.quote(home))))
    end)

    local function change(text, other)
      local path = home .. "/protocols/udp.lua"
      local source = assert(support.read_file(path))
      local from, to = source:find(text, 1, true)
      support.write_file(path, source:sub(1, from - 1) .. other .. source:sub(to + 1))
    end

    it("goes by what they say now, not by what they said when it was built", function()
      change('f.u16("sport"', 'f.u16("more"), f.u16("sport"')
      local ok, out = luapkt("plan UDP --home " .. support.quote(home))
      assert.is_true(ok)
      assert.matches("\n5 fields, 10 bytes\n", out, 1, true)
    end)

    it("names the line of a mistake in them", function()
      change("return {", "return {{")
      local ok, _, err = luapkt("plan UDP --home " .. support.quote(home))
      assert.is_false(ok)
      assert.matches("protocols/udp%.lua:%d+: ", err)
    end)
  end)

  describe("given a folder that isn't there", function()
    local commands = {
      ["serve --port 0"] = { "protocols", "templates", "home" },
      ["plan UDP"]       = { "protocols", "home" },
      ["generate -n 1 -o /dev/null VLAN/QinQ"] = { "protocols", "templates", "home" },
      ["send --dry-run --packet VLAN/QinQ lo"] = { "protocols", "templates", "home" },
      ["shark"]          = { "protocols", "home" },
    }

    it("names the option and the whole path", function()
      local missing = "luapkt %s: --%s: /nowhere/at/all: No such file or directory\n"
      for command, options in pairs(commands) do
        for _, option in ipairs(options) do
          local ok, out, err, status = luapkt(("%s --%s /nowhere/at/all"):format(command, option))
          assert.is_false(ok)
          assert.equal(option == "home" and 2 or 1, status, command)
          assert.same({ "", missing:format(command:match "^%l+", option) }, { out, err })
        end
      end
    end)

    it("names it where it is none, or empty", function()
      local _, _, err = luapkt "plan UDP --protocols README.md"
      assert.equal("luapkt plan: --protocols: README.md: Not a directory\n", err)
      _, _, err = luapkt "plan UDP --protocols ''"
      assert.equal("luapkt plan: --protocols: a folder expected, got nothing\n", err)
    end)

    it("says which folder a home lacks", function()
      local home = support.tmpdir()
      local _, _, err, status = luapkt("plan UDP --home " .. support.quote(home))
      assert.equal(("luapkt plan: --home: %s/lua: No such file or directory\n"):format(home), err)
      assert.equal(2, status)
      for _, command in ipairs { "plan UDP", "run x.lua" } do
        _, _, err = support.run(("LUAPKT_HOME=/nowhere %s %s"):format(
          support.quote(support.program()), command))
        assert.equal(("luapkt %s: there is no folder lua of luapkt in the one that LUAPKT_HOME "
          .. "names\n"):format(command:match "^%l+"), err)
      end
    end)
  end)

  it("refuses addresses that no server can have", function()
    local wrong = "luapkt call: --endpoint: an endpoint like tcp://127.0.0.1:4507 expected, "
      .. "got '%s'\n"
    for _, endpoint in ipairs {
      "", "127.0.0.1:4507", "tcp://127.0.0.1", "tcp://:4507", "tcp://127.0.0.1:", "tcp://[::1]",
      "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:+1", "tcp://127.0.0.1:4507x",
    } do
      local _, _, err, status = luapkt(("call --endpoint '%s' get_version"):format(endpoint))
      assert.equal(2, status)
      assert.equal(wrong:format(endpoint), err:match "^[^\n]*\n")
    end
    local _, _, err, status = luapkt "serve --port 0 --bind ''"
    assert.equal(2, status)
    assert.matches("^luapkt serve: %-%-bind: an address or an interface expected, got nothing\n",
      err)
  end)

  it("doesn't take the command of its own process that tries files, where that isn't it", function()
    for _, words in ipairs { "", " x", " 'x' '' ''", " '1 0 0 0 0' '' ''", " '1 0 0 0 9' '' ''" } do
      local _, out, err, status = luapkt("--try" .. words)
      assert.equal(2, status)
      assert.equal("", out)
      assert.equal("luapkt: unknown command '--try'\n'luapkt --help' lists the commands\n", err)
    end
  end)

  it("refuses an unknown command with a hint", function()
    local _, out, err, status = luapkt "srve"
    assert.equal(2, status)
    assert.equal("", out)
    assert.matches("^luapkt: unknown command 'srve'\ndid you mean 'luapkt serve'%?\n", err)
  end)

  it("refuses to do nothing", function()
    local _, out, err, status = luapkt ""
    assert.equal(2, status)
    assert.equal("", out)
    assert.matches("^usage: luapkt COMMAND", err)
  end)
end)

describe("a client command", function()
  local server, port

  setup(function()
    server = servers.start "--port 0"
    port = server.port
  end)

  teardown(function() server:stop() end)

  local function call(rest)
    return luapkt(("call --port %s %s"):format(port, rest))
  end

  local function console(lines)
    return support.run(("printf '%%s' %s | %s console --port %s"):format(
      quote(lines), program, port))
  end

  describe("call", function()
    it("prints the result over several lines", function()
      local ok, out, err = call "get_version"
      assert.is_true(ok)
      assert.equal("", err)
      assert.matches('^{\n  "[^\n]+,\n  "[^\n]+\n}\n$', out)
    end)

    it("prints the reply as it came when asked to", function()
      local ok, out = call "--raw get_version"
      assert.is_true(ok)
      assert.matches('^{[^\n]*"result":.*}\n$', out)
    end)

    it("sends each JSON as one parameter", function()
      local ok, out = call [[build_pkt '[{"id":"Ether"}, {"id":"IP"}]']]
      assert.is_true(ok)
      assert.matches('"binary": "', out, 1, true)
    end)

    it("sends a version handle first when asked to", function()
      assert.is_true((call "--handle get_tree"))
      local _, out = call "--handle reconstruct_pkt '\"AAAAAQAAAAAAAgAAkAA=\"'"
      assert.matches('"binary": "AAAAAQAAAAAAAgAAkAA="', out, 1, true)
      for _, method in ipairs { "get_version", "supported_methods '\"all\"'" } do -- take none
        local ok, _, err = call("--handle " .. method)
        assert.is_true(ok, err)
      end
    end)

    it("takes what stands behind -- for no option", function()
      local ok, out = call "-- get_version"
      assert.is_true(ok)
      assert.matches('"built_by"', out, 1, true)
    end)

    it("prints an error reply on standard error", function()
      local _, out, err, status = call "no_such_method"
      assert.equal(1, status)
      assert.equal("", out)
      assert.equal("error -32601: Method not found\n", err)
    end)

    it("refuses a parameter that is no JSON, and hints at quoting", function()
      local _, out, err, status = call "get_definitions [Ether]"
      assert.equal(2, status)
      assert.equal("", out)
      assert.matches('^luapkt call: parameter 1 is not JSON: "%[Ether%]": ', err)
      assert.matches([[(text needs double quotes: '"TCP"')]], err, 1, true)
    end)

    it("takes as many parameters as the system hands over", function()
      local _, _, err, status = call "get_version $(yes 1 | head -n 150000)"
      assert.equal(1, status)
      assert.matches("^error %-32098: Scapy Server: the parameters hold too many values", err)
    end)

    it("takes parameters from files", function()
      local folder = support.tmpdir()
      support.write_file(folder .. "/model.json", '[{"id": "Ether"}]\n')
      local ok, out = call("build_pkt @" .. quote(folder .. "/model.json"))
      assert.is_true(ok)
      assert.matches('"binary": "AAAAAQAAAAAAAgAAkAA="', out, 1, true)
      support.write_file(folder .. "/bytes", support.unhex "000000010000 000000020000 9000")
      assert.same({ call("reconstruct_pkt base64:" .. quote(folder .. "/bytes")) },
                  { call([[reconstruct_pkt '"AAAAAQAAAAAAAgAAkAA="']]) })
      ok, out = call("build_pkt @/dev/stdin <" .. quote(folder .. "/model.json"))
      assert.is_true(ok)
      assert.matches('"binary": "AAAAAQAAAAAAAgAAkAA="', out, 1, true)
    end)

    it("says what is wrong with a file", function()
      local path = support.tmpdir() .. "/model.json"
      local function complaint(parameter)
        local _, out, err, status = call("build_pkt " .. parameter)
        assert.equal(2, status)
        assert.equal("", out)
        return err:match "^luapkt call: ([^\n]*)\n"
      end
      local missing = ("parameter 1 is a file that can't be read: %s: No such file or directory")
        :format(path)
      assert.equal(missing, complaint("@" .. quote(path)))
      assert.equal(missing, complaint("base64:" .. quote(path)))
      assert.equal("parameter 1 is a file that can't be read: /dev/zero: more than 67108864 bytes",
                   complaint "@/dev/zero")
      support.write_file(path, '[{"id": "Ether"}')
      assert.matches("^parameter 1 is not JSON: ", complaint("@" .. quote(path)))
      support.write_file(path, "[]\0")
      assert.matches("^parameter 1 is not JSON: ", complaint("@" .. quote(path)))
    end)

    it("says that nobody answers", function()
      local _, out, err, status = luapkt(
        ("call --port %d --timeout 50 get_version"):format(support.free_port()))
      assert.equal(1, status)
      assert.equal("", out)
      assert.matches("no answer from tcp://127.0.0.1:%d+ within 50 ms", err)
    end)

    it("refuses a wrong command line", function()
      for _, rest in ipairs {
        "", "--nonsense x", "--port 0 x", "--timeout x x", "--endpoint x x",
      } do
        local _, _, err, status = luapkt("call " .. rest)
        assert.equal(2, status)
        assert.matches("^luapkt call: ", err)
      end
    end)
  end)

  describe("console", function()
    it("answers line after line, without prompts in a pipe", function()
      local ok, out, err = console "get_version\n\nget_definitions  [\"Ether\", \"IP\"]\nquit\nx\n"
      assert.is_true(ok)
      assert.equal("", err)
      assert.matches('^{\n  "[^\n]+,\n  "[^\n]+\n}\n{\n', out)
    end)

    it("lists the methods", function()
      local ok, out = console "methods\n"
      assert.is_true(ok)
      assert.matches("%f[%w]build_pkt\n", out)
      local _, help = console "help\n"
      assert.matches("METHOD [JSON...]", help, 1, true)
      assert.matches("%f[%w]build_pkt\n", help)
    end)

    it("says what parameters a method takes", function()
      local ok, out = console "help reconstruct_pkt\nhelp shut_down\nhelp get_version_handler\n"
      assert.is_true(ok)
      assert.equal("reconstruct_pkt binary_pkt model_descriptor\nshut_down\n" ..
        "get_version_handler client_v_major client_v_minor\n", out)
      local _, _, err, status = console "help no_such_method\n"
      assert.equal(1, status)
      assert.equal("there is no such method; 'methods' lists what there is\n", err)
    end)

    it("takes parameters from files", function()
      local path = support.tmpdir() .. "/model.json"
      support.write_file(path, '[{"id": "Ether"}]')
      local ok, out = console("build_pkt @" .. path)
      assert.is_true(ok)
      assert.matches('"binary": "AAAAAQAAAAAAAgAAkAA="', out, 1, true)
      local _, _, err, status = console("build_pkt @" .. path .. ".not")
      assert.equal(1, status)
      assert.equal(("a file that can't be read: %s.not: No such file or directory\n"):format(path),
                   err)
    end)

    it("goes on after a mistake, and remembers it in its exit code", function()
      local _, out, err, status = console "get_definitions [Ether]\nno_such_method\nget_version"
      assert.equal(1, status)
      assert.matches('^not JSON: "%[Ether%]".-\nerror %-32601: Method not found\n$', err)
      assert.matches("^{\n", out)
    end)

    it("says that there is nothing that can be read", function()
      for _, redirection in ipairs { "</", "<&-" } do
        local _, out, err, status = support.run(("%s console --port %s %s"):format(program, port,
          redirection))
        assert.same({ "", "luapkt console: the standard input can't be read\n", 1 },
          { out, err, status })
      end
    end)

    it("says how text is typed there, and where a line breaks off", function()
      local _, _, err = console "get_definitions 'TCP'\nbuild_pkt [{\"id\":\"Ether\"\n"
      assert.equal([[not JSON: "'TCP'": line 1 column 1: expected a value ]] ..
        [[(text needs double quotes: "TCP")]] .. "\n" ..
        [[not JSON: "[{\"id\":\"Ether\"": line 1 column 15: expected ',' or '}' ]] ..
        [[(text needs double quotes: "TCP")]] .. "\n", err)
    end)
  end)
end)
