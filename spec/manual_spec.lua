-- Manual pages and completions as they are built, and the systemd unit.

local core    = require "luapkt.core"
local network = require "spec.network"
local servers = require "spec.servers"
local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file
local program = quote(support.program())

local completion = require "tools.manual.completion"

-- What 'luapkt --describe' prints.
local commands

local function has(tool) return support.run("command -v " .. tool) end

setup(function()
  local ok, _, err = support.run "make --no-print-directory manual"
  assert(ok, err)
  local _, out = support.run(program .. " --describe")
  commands = assert(core.json.decode(out))
end)

-- The lines that a command prints.
local function lines_of(command)
  local _, out = support.run(command)
  local list = {}
  for line in out:gmatch "[^\n]+" do table.insert(list, line) end
  return list
end

-- The pages that were made, paths by name.
local function pages()
  local found = {}
  for _, path in ipairs(lines_of "find build/share/man -type f") do
    found[path:match "([^/]+)%.%d$"] = path
  end
  return found
end

-- Is there a line that begins so, with nothing or a blank behind it?
local function has_line(text, start)
  start = "\n" .. start
  return (text:find(start .. "\n", 1, true) or text:find(start .. " ", 1, true)) ~= nil
end

-- A page as a terminal shows it, without its fonts.
local function render(path)
  local ok, text, err = support.run("mandoc -Tascii -O width=300 " .. quote(path))
  assert(ok, err)
  return (text:gsub(".\b", ""))
end

describe("the manual", function()
  it("has a page for each command, and those of the formats and the library", function()
    local found = pages()
    for _, command in ipairs(commands) do
      assert.truthy(found["luapkt-" .. command.name], command.name)
    end
    for _, name in ipairs {
      "luapkt.1", "luapkt-serve.8", "luapkt-library.3", "luapkt-protocols.5", "luapkt-templates.5",
      "luapkt-ethernet.7", "luapkt-expressions.7",
    } do
      assert.matches("/man%d/" .. name:gsub("%W", "%%%0") .. "$", found[name:match "^(.*)%."])
    end
  end)

  it("has no page of a command that there isn't", function()
    local there = {}
    for _, command in ipairs(commands) do there["luapkt-" .. command.name] = true end
    for name, path in pairs(pages()) do
      if read_file(path):find("\n.Nm luapkt " .. name:gsub("^luapkt%-", ""), 1, true) then
        assert.is_true(there[name], name)
      end
    end
  end)

  it("is without a fault in mandoc's eyes", function()
    if not has "mandoc" then return pending "mandoc isn't there" end
    for _, path in pairs(pages()) do
      local _, out, err = support.run("mandoc -Tlint -Wwarning " .. path)
      assert.equal("", out .. err)
    end
  end)

  it("names each option of each command as its help does", function()
    if not has "mandoc" then return pending "mandoc isn't there" end
    local found = pages()
    for _, command in ipairs(commands) do
      local text = render(found["luapkt-" .. command.name])
      for _, option in ipairs(command.help.options) do
        local tag = table.concat(option.names, ", ") .. (option.arg and " " .. option.arg or "")
        assert.is_true(has_line(text, "     " .. tag), tag)
      end
    end
  end)

  it("shows what each command is called with", function()
    if not has "mandoc" then return pending "mandoc isn't there" end
    local found = pages()
    for _, command in ipairs(commands) do
      local synopsis = render(found["luapkt-" .. command.name]):match "\nSYNOPSIS\n(.-)\n\n"
      local usage = command.help.usage:gsub("%.%.%.", " ...")
      local options = usage:match "^%[OPTION %.%.%.%] ?" or ""
      local lines = {}
      for form in (usage:sub(#options + 1) .. " | "):gmatch "(.-) | " do
        local line = ("     %s %s%s"):format(command.help.command, options, form)
        table.insert(lines, (line:gsub("|", " | "):gsub(" +$", "")))
      end
      assert.equal(table.concat(lines, "\n"), synopsis)
    end
  end)

  it("refers to no page of ours that there isn't", function()
    local found = pages()
    for _, path in pairs(found) do
      for name, section in read_file(path):gmatch "Xr (luapkt%S*) (%d)" do
        assert.truthy(found[name], path .. ": " .. name)
        assert.equal(section, found[name]:sub(-1))
      end
    end
  end)

  it("has each word of expressions", function()
    if not has "mandoc" then return pending "mandoc isn't there" end
    local text = render(pages()["luapkt-expressions"])
    local service = support.service()
    local words = service:call "get_expression_help"
    service:close()
    for _, word in ipairs(words) do
      assert.is_true(has_line(text, "     " .. word.usage), word.usage)
      if word.example then
        assert.is_true(has_line(text, (" "):rep(19) .. word.example), word.example)
      end
    end
  end)
end)

-- ------------------------------------------------------------------------------------ examples

-- The examples of a source, each a list of lines.
local function examples_of(source)
  local list, current = {}, nil
  for line in source:gmatch "([^\n]*)\n" do
    if line == "@example" then
      current = {}
      table.insert(list, current)
    elseif line == "@end" then
      current = nil
    elseif current then
      table.insert(current, line)
    end
  end
  return list
end

-- Adds the commands of an example, each with what it prints; those of root ("# ") are left out.
local function add_steps(steps, lines)
  local step, ending
  for _, line in ipairs(lines) do
    local command = not ending and line:match "^%$ (.*)"
    if ending then
      step.command = step.command .. "\n" .. line
      if line == ending then ending = nil end
    elseif command then
      step = { command = command, printed = "" }
      table.insert(steps, step)
      ending = command:match "<<'?(%u+)"
    elseif line:find "^# " then
      step = nil
    elseif step then
      step.printed = step.printed .. line .. "\n"
    end
  end
end

-- A script of them, which says of each with which status it ended.
local function write_script(steps, folder)
  local script = { ("PATH=%s/bin:$PATH\ncd %s"):format(quote(folder), quote(folder)) }
  for _, step in ipairs(steps) do table.insert(script, step.command .. "\necho =$?=") end
  write_file(folder .. "/script", table.concat(script, "\n") .. "\nwait\n")
  assert(support.run(("mkdir %s/bin && ln -s \"$(realpath %s)\" %s/bin/luapkt"):format(
    quote(folder), program, quote(folder))))
end

local function check_steps(steps, net)
  local folder = support.tmpdir()
  write_script(steps, folder)
  local ok, out, err = net:run(1, "timeout 60 bash " .. quote(folder .. "/script"))
  assert(ok, err)
  assert.equal("", err)
  local at = 1
  for printed, status in out:gmatch "(.-)=(%d+)=\n" do
    local step = steps[at]
    assert.same({ step.command, "0", step.printed }, { step.command, status, printed })
    at = at + 1
  end
  assert.equal(#steps + 1, at)
end

-- In a network of its own, where the port is free.
network.describe("the examples in", 1, function(its)
  local _, help = support.run(program .. " --help")
  for _, path in ipairs(lines_of "ls man/*.in") do
    local text, steps = read_file(path), {}
    local command = text:match "\n@command (%S+)"
    local is_made = not command or help:find("\n  " .. command .. " ", 1, true)
    for _, lines in ipairs(is_made and examples_of(text) or {}) do add_steps(steps, lines) end
    if #steps > 0 then
      its(path .. " print what they say", function(net) check_steps(steps, net) end)
    end
  end
end)

-- ---------------------------------------------------------------------------------- completions

support.describe_once("completion", function()
  it("knows of no choice that its option's help doesn't name", function()
    for _, command in ipairs(commands) do
      for _, option in ipairs(command.help.options) do
        for _, word in ipairs(completion.choices_of(command.name, option.names) or {}) do
          assert.matches("%f[%w_]" .. word .. "%f[^%w_]", option.help)
        end
      end
    end
  end)
end)

support.describe_once("completion in bash", function()
  local script = "build/share/bash-completion/completions/luapkt"

  -- What bash is offered for words, of which the last is being typed, sorted.
  local function offered(...)
    local words = {}
    for i, word in ipairs { ... } do words[i] = quote(word) end
    local ok, out, err = support.run(([[bash --norc -c '
      source %s
      program=$1
      shift
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _luapkt "$program" "${@: -1}" "${@: -2:1}"
      ((${#COMPREPLY[@]} == 0)) || printf "%%s\n" "${COMPREPLY[@]}"
    ' bash %s %s]]):format(script, program, table.concat(words, " ")))
    assert(ok, err)
    assert.equal("", err)
    local list = {}
    for line in out:gmatch "[^\n]+" do table.insert(list, line) end
    table.sort(list)
    return list
  end

  it("offers commands", function()
    assert.same({ "send", "serve" }, offered("luapkt", "se"))
  end)

  it("offers a command's options", function()
    assert.same({ "--bind" }, offered("luapkt", "serve", "--b"))
    assert.same({ "--raw" }, offered("luapkt", "call", "-p", "4600", "get_tree", "--r"))
    for _, command in ipairs(commands) do
      local all = {}
      for _, option in ipairs(command.help.options) do
        for _, name in ipairs(option.names) do table.insert(all, name) end
      end
      table.sort(all)
      assert.same(all, offered("luapkt", command.name, "-"))
    end
  end)

  it("offers what an option takes", function()
    assert.same({ "pcap", "pcap_ns", "pcapng" }, offered("luapkt", "generate", "--format", ""))
    assert.same({ "pcapng" }, offered("luapkt", "generate", "--format", "=", "pcapn"))
    assert.same({ "README.md" }, offered("luapkt", "generate", "-o", "READ"))
    assert.same({ "protocols" }, offered("luapkt", "serve", "--protocols", "proto"))
    assert.same({}, offered("luapkt", "serve", "--port", "4"))
  end)

  it("offers what may be left out, and goes on without", function()
    assert.same({ "README.md" }, offered("luapkt", "serve", "--log", "READ"))
    assert.same({ "--bind" }, offered("luapkt", "serve", "--log", "--bi"))
    assert.same({ "README.md" }, offered("luapkt", "serve", "--log", "=", "READ"))
  end)

  it("offers protocols, templates, methods and interfaces", function()
    assert.same({ "VXLAN" }, offered("luapkt", "plan", "UDP", "VXL"))
    assert.same({ "Flows/SYN flood" }, offered("luapkt", "generate", "Flows/SYN\\ f"))
    assert.same({ "Flows/SYN flood" }, offered("luapkt", "send", "--packet", "'Flows/SYN f"))
    assert.same({ "get_payload_classes" }, offered("luapkt", "call", "get_p"))
    assert.same({ "lo" }, offered("luapkt", "recv", "lo"))
    assert.same({ "lo" }, offered("luapkt", "msg", "-r", "send", "lo"))
    assert.same({ "recv", "send" }, offered("luapkt", "msg", ""))
  end)

  it("offers fields of protocols", function()
    assert.same({ "VXLAN." }, offered("luapkt", "shark", "-e", "VXL"))
    assert.same({ "UDP.chksum", "UDP.dport", "UDP.len", "UDP.sport" },
                offered("luapkt", "shark", "-e", "UDP."))
    assert.same({ "IP.src" }, offered("luapkt", "shark", "-T", "fields", "--field", "=", "IP.s"))
    assert.same({ "DNSRR.rrname" }, offered("luapkt", "shark", "-e", "DNSRR.rr")) -- of any size
    assert.same({}, offered("luapkt", "shark", "-e", "Nope."))
  end)

  it("offers files to parameters, however bash divides them", function()
    assert.same({ "README.md" }, offered("luapkt", "call", "build_pkt", "@", "READ"))
    assert.same({ "@README.md" }, offered("luapkt", "call", "build_pkt", "@READ"))
    assert.same({ "README.md" }, offered("luapkt", "call", "x", "1", "base64", ":", "READ"))
    assert.same({ "@", "base64:" }, offered("luapkt", "call", "build_pkt", ""))
  end)
end)

support.describe_once("completion in zsh", function()
  local folder = "build/share/zsh/site-functions"

  -- Type a line and a tab into a zsh, until it shows a text.
  local SESSION = [=[
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=; fpath=($1 \$fpath); PATH=$2:\$PATH; autoload -U compinit"
    zpty -w shell 'compinit -u -D; bindkey "^I" list-choices; print REA""DY'
    zpty -r shell text '*READY*'
    zpty -n -w shell "$3"$'\t'
    all=
    for i in {1..200}; do
      while zpty -r -t shell text; do all+=$text; done
      [[ $all == *"$4"* ]] && break
      sleep 0.05
    done
    zpty -d shell
    print -r -- $all
  ]=]

  local function assert_shows(text, line)
    local bin = support.tmpdir()
    assert(support.run(("ln -s \"$(realpath %s)\" %s/luapkt"):format(program, bin)))
    local ok, out, err = support.run(("COLUMNS=200 timeout 30 zsh -f -c %s zsh %s %s %s %s"):format(
      quote(SESSION), folder, bin, quote(line), quote(text)))
    assert(ok, err)
    assert.matches(text, out, 1, true)
  end

  it("is fit for zsh", function()
    if not has "zsh" then return pending "zsh isn't there" end
    local ok, _, err = support.run(("zsh -n %s/_luapkt"):format(folder))
    assert(ok, err)
  end)

  it("offers commands, options and what they take", function()
    if not has "zsh" then return pending "zsh isn't there" end
    assert_shows("send Ethernet frames", "luapkt se")
    assert_shows("listen on this address", "luapkt serve --b")
    assert_shows("pcap_ns", "luapkt generate --format p")
    assert_shows("Flows/SYN\\ flood", "luapkt generate Flows/")
    assert_shows("VXLAN", "luapkt plan VXL")
    assert_shows("get_payload_classes", "luapkt call get_p")
    assert_shows("VXLAN", "luapkt shark -e VXL")
    assert_shows("chksum", "luapkt shark -e UDP.")
    assert_shows("chksum", "luapkt shark --field=UDP.")
  end)
end)

-- -------------------------------------------------------------------------------------- systemd

support.describe_once("the systemd unit", function()
  local unit, prefix

  setup(function()
    prefix = support.tmpdir()
    local ok, _, err = support.run("make --no-print-directory install PREFIX=" .. quote(prefix))
    assert(ok, err)
    unit = prefix .. "/lib/systemd/system/luapkt.service"
  end)

  it("starts the program that is installed beside it", function()
    local text = read_file(unit)
    assert.truthy(text:find(("\nExecStart=\"%s/bin/luapkt\" serve "):format(prefix), 1, true))
    assert.is_nil(text:find("@PREFIX", 1, true))
  end)

  it("is without a fault in systemd's eyes", function()
    if not has "systemd-analyze" then return pending "systemd-analyze isn't there" end
    local ok, out, err = support.run("systemd-analyze verify --man=no " .. quote(unit))
    assert.equal("", out .. err)
    assert.is_true(ok)
  end)

  it("leaves little open", function()
    if not has "systemd-analyze" then return pending "systemd-analyze isn't there" end
    local ok, out, err = support.run("systemd-analyze security --offline=true --threshold=15 "
      .. quote(unit))
    assert(ok, out .. err)
  end)

  -- The names of the calls in a group, those of groups in it included.
  local function add_calls(set, word, value)
    if not word:find "^@" then
      set[word] = value
      return
    end
    local _, text = support.run("systemd-analyze syscall-filter " .. word)
    for name in text:gmatch "\n +([@%w_-]+)%f[%s]" do
      if name ~= word then add_calls(set, name, value) end
    end
  end

  -- What the unit allows; systemd adds what starting and ending a program takes.
  local function allowed_calls()
    local set = {}
    for line in read_file(unit):gmatch "\nSystemCallFilter=([^\n]*)" do
      local value = not line:find "^~" or nil
      for word in line:gsub("^~", ""):gmatch "%S+" do add_calls(set, word, value) end
    end
    add_calls(set, "@default", true)
    return set
  end

  it("allows the calls that the server and its helpers make", function()
    if not has "systemd-analyze" then return pending "systemd-analyze isn't there" end
    if not support.run "strace -qq true" then return pending "strace can't be used" end
    local log = support.tmpname()
    local server = servers.start("--port 0",
      { under = "timeout 60 strace -f -qq -o " .. quote(log) })
    local function call(rest)
      local ok, _, err = server:call(rest)
      assert(ok, err)
    end
    local ttl = '{"id": "ttl", "value": {"vtype": "EXPRESSION", "expr": "random(9)"}}'
    call(("build_pkt '[{\"id\": \"IP\", \"fields\": [%s]}]'"):format(ttl))
    call "get_templates"
    call "reload"
    call "shut_down"
    server:ended()
    local allowed, refused = allowed_calls(), {}
    for line in io.lines(log) do
      local name = line:match "^%d+ +([%w_]+)%("
      if name and not allowed[name] then refused[name] = true end
    end
    os.remove(log)
    assert.same({}, refused)
  end)
end)
