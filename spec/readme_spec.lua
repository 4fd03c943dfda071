-- README: what it lists is what there is.

local console = require "spec.console"
local luapkt  = require "luapkt"
local support = require "spec.support"

local readme = support.read_file "README.md"

describe("README", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  it("lists the words of expressions as get_expression_help does", function()
    local rows = {}
    for _, word in ipairs(service:call "get_expression_help") do
      table.insert(rows, ("| `%s` | %s |\n"):format(word.usage, word.meaning))
    end
    local wanted = "\n| word | meaning |\n|---|---|\n" .. table.concat(rows) .. "\n"
    assert(readme:find(wanted, 1, true), "the table is to be:" .. wanted)
  end)

  it("lists every method, and no other", function()
    local listed = {}
    local rows = readme:match "\n| method | parameters | result |\n|%-+|%-+|%-+|\n(.-)\n\n"
    for name in rows:gmatch "| `([%w_]+)` |[^\n]*" do listed[name] = true end
    listed.check_update_of_dbs = true -- in the row of check_update
    local there = {}
    for name in pairs(service:call("supported_methods", "all")) do there[name] = true end
    assert.same(there, listed)
  end)

  it("shows what commands print", function()
    local folder = support.tmpdir()
    local ether = luapkt.Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
    local ip = luapkt.IP{ src = "10.0.0.1", dst = "10.0.0.2" }
    local writer = assert(luapkt.pcap.writer(folder .. "/traffic.pcap"))
    for i, above in ipairs {
      luapkt.UDP{ sport = 4242, dport = 53 } / luapkt.DNS{ id = 7, qd = luapkt.DNSQR{
        qname = "example.org" } },
      luapkt.TCP{ sport = 4243, dport = 80, flags = "S", seq = 1 },
    } do
      writer:write(ether / ip / above, { time = (1700000000 * 4 + i) * 250000000 })
    end
    writer:close()
    local commands = console.commands(readme)
    assert.is_true(#commands >= 3)
    for _, entry in ipairs(commands) do
      assert.equal(entry.printed, console.run(folder, entry.command), entry.command)
    end
  end)

  it("has JSON that is JSON", function()
    for block in readme:gmatch "\n```json\n(.-)```" do
      for line in block:gmatch "[^\n]+" do assert.is_table(luapkt.json.decode(line), line) end
    end
  end)
end)
