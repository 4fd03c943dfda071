-- luapkt generate: packets into a capture file.

local core    = require "luapkt.core"
local support = require "spec.support"

local quote, read_file, write_file = support.quote, support.read_file, support.write_file
local program = quote(support.program())

local folder

setup(function() folder = support.tmpdir() end)

local function path(name) return folder .. "/" .. name end

local function generate(rest) return support.run(program .. " generate " .. rest) end

-- The model of a packet whose source port counts from 1000 to 1003.
local packet = [=[[{"id":"Ether"},{"id":"IP","fields":[{"id":"src","value":"10.0.0.1"}]},
  {"id":"UDP"}]]=]
local engine = [=[{"instructions":[
  {"type":"flow_var","name":"port","size":2,"op":"inc","min_value":1000,"max_value":1003,"step":1},
  {"type":"write_flow_var","name":"port","pkt_offset":34},
  {"type":"fix_checksum_hw","l2_len":14,"l3_len":20,"l4_type":11}]}]=]

local function model(text, name)
  name = path(name or "model.json")
  write_file(name, text)
  return quote(name)
end

local function varied() return model(('{"packet":%s,"field_engine":%s}'):format(packet, engine)) end

-- The records of a capture.
local function records(bytes)
  local reader, list = core.capture.reader(bytes), {}
  for record in reader do list[#list + 1] = record end
  assert(reader:check())
  return list
end

local function port(record) return (">I2"):unpack(record.bytes, 35) end

describe("luapkt generate", function()
  it("lists the templates, further folders' as well", function()
    write_file(path "Spec only.lua", 'return { packet = { { "Ether" } } }\n')
    local ok, out, err = generate("--list --templates " .. quote(folder))
    assert.is_true(ok)
    assert.equal("", err)
    local ids = {}
    for id in out:gmatch "([^\n]+)\n" do ids[id] = true end
    assert.is_true(ids["Spec only"])
    assert.is_true(ids["Flows/SYN flood"])
    for id in pairs(ids) do
      local a, b = read_file(("templates/%s.lua"):format(id)), read_file(path(id .. ".lua"))
      assert.truthy(a or b, id)
    end
  end)

  it("writes the packets that the field engine makes", function()
    local ok, out, err = generate("-n 6 " .. varied())
    assert.is_true(ok)
    assert.equal("", err)
    local list = records(out)
    assert.equal(6, #list)
    for i, record in ipairs(list) do
      assert.equal(1000 + (i - 1) % 4, port(record))
      assert.equal(0, core.wire.inet(record.bytes:sub(15, 34)))
      assert.equal(1, record.link)
    end
  end)

  it("makes checksums that tshark finds right", function()
    local tool = support.run "command -v tshark"
    if not tool then return pending "tshark isn't there" end
    assert(generate(("-n 4 -o %s %s"):format(quote(path "c.pcap"), varied())))
    local ok, out = support.run(("tshark -r %s -o ip.check_checksum:TRUE "
      .. "-o udp.check_checksum:TRUE -T fields "
      .. "-e ip.checksum.status -e udp.checksum.status -e udp.srcport 2>/dev/null")
      :format(quote(path "c.pcap")))
    assert.is_true(ok)
    assert.equal("1\t1\t1000\n1\t1\t1001\n1\t1\t1002\n1\t1\t1003\n", out)
  end)

  it("writes a file, its format by its name or as asked for", function()
    for _, case in ipairs {
      { "a.pcap", "", "d4c3b2a1" }, { "a.pcapng", "", "0a0d0d0a" },
      { "b.pcap", "--format pcap_ns", "4d3cb2a1" }, { "b.bin", "--format pcapng", "0a0d0d0a" },
    } do
      local file = path(case[1])
      local ok, out = generate(("-n 3 %s -o %s %s"):format(case[2], quote(file), varied()))
      assert.is_true(ok)
      assert.equal("", out)
      local bytes = read_file(file)
      assert.equal(case[3], support.hex(bytes:sub(1, 4)))
      assert.equal(3, #records(bytes))
    end
  end)

  it("begins where it is told, at the same times", function()
    local _, all = generate("-n 8 " .. varied())
    local _, some = generate("-n 3 --start 5 " .. varied())
    local wanted, list = records(all), records(some)
    for i = 1, 3 do
      assert.equal(wanted[5 + i].bytes, list[i].bytes)
      assert.equal(wanted[5 + i].time, list[i].time)
    end
  end)

  it("spaces the times by the rate", function()
    local function times(rest)
      local _, out = generate(rest .. " " .. varied())
      local list = {}
      for i, record in ipairs(records(out)) do list[i] = record.time end
      return list
    end
    assert.same({ 0, 1000, 2000 }, times "-n 3")
    assert.same({ 5000000000, 5500000000, 6000000000 }, times "-n 3 --time 5 --rate 2")
    -- thirds of a second, without drifting
    assert.same({ 0, 333333333, 666666666, 1000000000 }, times "-n 4 --rate 3 --format pcap_ns")
    assert.same({ 1000000000, 1333333333 }, times "-n 2 --start 3 --rate 3 --format pcap_ns")
  end)

  it("takes a list of layers alone, and a client's instructions", function()
    local ok, out = generate("-n 2 " .. model(packet))
    assert.is_true(ok)
    local list = records(out)
    assert.equal(list[1].bytes, list[2].bytes)
    out = select(2, generate("-n 2 " .. model(([=[{"packet":%s,"metadata":{"caption":"x"},
      "field_engine":{"instructions":[{"id":"STLVmFlowVar","parameters":{"name":"v","size":"2",
      "min_value":"7","max_value":"9","step":"1","op":"inc"}},{"id":"STLVmWrFlowVar",
      "parameters":{"fv_name":"v","pkt_offset":"UDP.sport"}}],
      "global_parameters":{}}}]=]):format(packet))))
    list = records(out)
    assert.equal(7, port(list[1]))
    assert.equal(8, port(list[2]))
  end)

  it("takes every template by its id", function()
    local _, list = generate "--list"
    local ids = {}
    for id in list:gmatch "([^\n]+)" do ids[#ids + 1] = id end
    assert.is_true(#ids > 80)
    local step = support.is_sanitized() and 8 or 1 -- a start takes sanitizers long
    for i = 1, #ids, step do
      local id = ids[i]
      local ok, out, err = generate(("-q %s"):format(quote(id)))
      assert.is_true(ok, err)
      assert.equal(1, #records(out), id)
    end
  end)

  it("takes a template by its id", function()
    local ok, out = generate "-q -n 3 'Flows/UDP sources'"
    assert.is_true(ok)
    local list = records(out)
    local first = (">I4"):unpack(list[1].bytes, 27)
    for i, record in ipairs(list) do
      assert.equal(first + i - 1, (">I4"):unpack(record.bytes, 27)) -- IP.src
      assert.equal(0, core.wire.inet(record.bytes:sub(15, 34)))
    end
  end)

  it("takes what a packet editor saves", function()
    local _, out = generate("-q -n 4 " .. model(([=[{"fileType":"trex-packet-editor","packet":%s,
      "fePrarameters":{"cache_size":"2"},"feInstructions":[{"id":"STLVmFlowVar","parameters":
      {"name":"v","size":"2","min_value":"7","max_value":"9","step":"1","op":"inc"}},
      {"id":"STLVmWrFlowVar","parameters":{"fv_name":"v","pkt_offset":"UDP.sport"}}]}]=])
      :format(packet), "saved.trp"))
    local ports = {}
    for i, record in ipairs(records(out)) do ports[i] = port(record) end
    assert.same({ 7, 8, 7, 8 }, ports)
  end)

  it("has a seed for what is random", function()
    local random = model(('{"packet":%s,"field_engine":%s}'):format(packet,
      engine:gsub('"inc"', '"random"')):gsub('"value":"10.0.0.1"', '"value":{"vtype":"RANDOM"}'))
    local function made(rest) return select(2, generate("-n 5 " .. rest .. " " .. random)) end
    assert.equal(made "", made "--seed 1")
    assert.not_equal(made "", made "--seed 2")
  end)

  it("tells the link type by the first layer", function()
    local function link(first)
      local _, out = generate(model(('[{"id":"%s"}]'):format(first)))
      return records(out)[1].link
    end
    assert.equal(1, link "Ether")
    assert.equal(113, link "CookedLinux")
    assert.equal(1, link "Dot3") -- read as Ether, and found to be this
    local bare = model '[{"id":"UDP"}]'
    local _, _, err, status = generate(bare)
    assert.equal(1, status)
    assert.equal("luapkt generate: no LINKTYPE is known for packets that begin with UDP; "
      .. "say --link N\n", err)
    local _, out = generate("--link 147 " .. bare)
    assert.equal(147, records(out)[1].link)
  end)

  it("warns, unless it is to be quiet", function()
    local bad = model(('{"packet":%s,"field_engine":%s}'):format(packet,
      engine:gsub(",%s*{\"type\":\"fix.-}", "")))
    local ok, _, err = generate("-n 1 " .. bad)
    assert.is_true(ok)
    assert.equal("luapkt generate: warning: UDP.sport varies under the checksum UDP.chksum, "
      .. "which no instruction behind it fixes\n", err)
    assert.equal("", (select(3, generate("-q -n 1 " .. bad))))
  end)

  it("ends quietly when nobody reads any more", function()
    local ok, _, err = support.run(("{ %s generate -n 1000000 %s; echo $? >&2; } | head -c 100 >%s")
      :format(program, varied(), quote(path "head")))
    assert.is_true(ok)
    assert.equal("0\n", err)
  end)

  it("says what is wrong with a model", function()
    local function fails(wanted, rest)
      local _, out, err, status = generate(rest)
      assert.equal(1, status)
      assert.equal("", out)
      assert.matches(wanted, err, 1, true)
    end
    fails("model.json: line 1 column 2", model "[")
    fails("there is neither a list of layers nor one as \"packet\"", model "{}")
    fails("there is no protocol \"Nope\"", model '[{"id":"Nope"}]')
    fails('instruction 1: there is no instruction "x"',
      model(('{"packet":%s,"field_engine":[{"type":"x"}]}'):format(packet)))
    fails("there is no file 'no/such', and: ", "no/such")
    fails("/no/such/file: No such file or directory", "-o /no/such/file " .. varied())
    if support.run "test -c /dev/full" then
      fails("/dev/full: No space left on device", "-n 9 -o /dev/full " .. varied())
    end
  end)

  it("says in which line of a template the mistake is", function()
    local function fails(wanted, text)
      write_file(path "Wrong.lua", text)
      local _, _, err, status = generate(("-o %s --templates %s Wrong")
        :format(quote(path "wrong.pcap"), quote(folder)))
      assert.equal(1, status)
      assert.equal(("luapkt generate: %s/Wrong.lua%s\n"):format(folder:match "[^/]+$", wanted), err)
    end
    fails(":3: layer 2: IP has no field 'dts'", 'return { packet = {\n{ "Ether" },\n'
      .. '{ "IP", dts = "192.0.2.1" } } }')
    fails(":2: parameter 'n': a number needs min and max, whole numbers", 'return {\n'
      .. 'parameters = { { id = "n", type = "number" } }, packet = { { "Ether" } } }')
    fails(":2: '}' expected (to close '{' at line 1) near 'packet'", "return { name = 'x'\n"
      .. "packet = {} }")
    fails(":2: IP.ttl: 256 is out of range: 0 to 255", 'return { packet = { { "Ether" },\n'
      .. '{ "IP", ttl = 256 } } }')
    fails(":2: TCP.options: there is no option \"MSX\"", 'return { packet = { { "IP" }, { "TCP",\n'
      .. 'options = { { "MSX", 1460 } } } } }')
    fails(":2: instruction 1: Variable x does not exist", 'return { packet = { { "IP" } },\n'
      .. 'field_engine = { { "STLVmWrFlowVar", fv_name = "x", pkt_offset = "IP.ttl" } } }')
    os.remove(path "Wrong.lua")
  end)

  it("tells what a model has that is passed over", function()
    local typo = model(('{"packet":%s,"field_engin":%s}'):format(packet, engine))
    local ok, _, err = generate(typo)
    assert.is_true(ok)
    assert.equal('luapkt generate: warning: a model has no "field_engin": it is passed over\n', err)
    assert.equal("", (select(3, generate("-q " .. typo))))
  end)

  it("refuses a wrong command line", function()
    for _, rest in ipairs {
      "", "a b", "-n 0 a", "-n x a", "--format gif a", "--rate 0 a", "--link 65536 a",
      "--nonsense a", "--seed 4294967296 a", "--list a",
    } do
      local _, out, err, status = generate(rest)
      assert.equal(2, status)
      assert.equal("", out)
      assert.matches("^luapkt generate: ", err)
    end
    local _, _, err, status = generate("-n 10 --rate 1 --start 4000000000000000000 " .. varied())
    assert.equal(2, status)
    assert.matches("the last time stamp is too late", err, 1, true)
  end)

  it("leaves a file as it is where something is wrong", function()
    write_file(path "kept.pcap", "precious")
    generate(("-n 10 --rate 1 --start 4000000000000000000 -o %s %s"):format(
      quote(path "kept.pcap"), varied()))
    assert.equal("precious", read_file(path "kept.pcap"))
    -- the second packet is too late for a format with 32 bits of seconds
    local _, _, err = generate(("-n 2 --rate 1 --time 4294967295 -o %s %s"):format(
      quote(path "kept.pcap"), varied()))
    assert.matches("^luapkt generate: packet 1: ", err)
    assert.equal("precious", read_file(path "kept.pcap"))
  end)

  it("leaves no part of a file that can't be written whole", function()
    local function generate_up_to(blocks, rest)
      return support.run(("ulimit -f %d; trap '' XFSZ; %s generate %s")
        :format(blocks, program, rest))
    end
    local cut = path "cut.pcap"
    for _, count in ipairs { 1000, 100000 } do
      local _, _, err, status = generate_up_to(count / 100, ("-n %d -o %s %s"):format(count,
        quote(cut), varied()))
      assert.equal(1, status)
      assert.equal(("luapkt generate: %s: File too large\n"):format(cut), err)
      assert.is_nil(read_file(cut))
    end
    -- a link is somebody's: what it leads to is as it is
    assert(support.run(("ln -s %s %s"):format(quote(path "target.pcap"), quote(cut))))
    generate_up_to(10, ("-n 1000 -o %s %s"):format(quote(cut), varied()))
    assert.is_true(support.run("test -L " .. quote(cut)))
    assert.truthy(read_file(path "target.pcap"))
  end)

  -- All packets have one length, so a file's size tells how many whole ones it has: it may have
  -- grown large by the time that the signal arrives. It is sent once there are 2 MB of the 74 GB.
  it("ends with a whole packet where it is stopped", function()
    local function size(count, file)
      if count then assert(generate(("-n %d -o %s %s"):format(count, quote(file), varied()))) end
      local handle <close> = assert(io.open(file, "rb"))
      return handle:seek "end"
    end
    for _, ending in ipairs { "pcap", "pcapng" } do
      local file = path("stopped." .. ending)
      local ten = size(10, file)
      local each = (size(20, file) - ten) // 10
      for _, signal in ipairs { "INT", "TERM" } do
        os.remove(file)
        local ok, out, err = support.run((
          "ulimit -f 8000000; env --default-signal=INT %s generate -n 1000000000 -o %s %s & p=$!;"
          .. " i=0; until test $i -ge 3000 || find %s -size +2M 2>/dev/null | grep -q .;"
          .. " do i=$((i+1)); sleep 0.01; done; kill -%s $p; wait $p; echo $?"):format(
          program, quote(file), varied(), quote(file), signal))
        assert.is_true(ok)
        assert.equal(signal == "INT" and "130\n" or "143\n", out)
        local count = err:match "stopped after (%d+) of 1000000000 packets"
        assert.truthy(count, err)
        assert.equal(ten + (count - 10) * each, size(nil, file))
      end
      os.remove(file)
    end
  end)

  it("is stopped where nobody reads what it writes", function()
    local _, out = support.run(("mkfifo %s; exec 3<>%s; %s generate -n 1000000 %s >%s & p=$!;"
      .. " sleep 0.5; kill -TERM $p; wait $p; echo $?"):format(quote(path "pipe"),
      quote(path "pipe"), program, varied(), quote(path "pipe")))
    assert.equal("143\n", out)
  end)

  it("lists its options", function()
    local ok, out = generate "--help"
    assert.is_true(ok)
    assert.matches("^usage: luapkt generate ", out)
  end)
end)
