-- Capture files by their library names; the formats are spec/engine/capture_spec.lua's.

local luapkt  = require "luapkt"
local support = require "spec.support"

local pcap = luapkt.pcap

describe("captures", function()
  local folder

  setup(function() folder = support.tmpdir() end)

  local function path(name) return folder .. "/" .. name end

  local function write(name, options, ...)
    local writer = assert(pcap.writer(path(name), options))
    for _, entry in ipairs { ... } do assert(writer:write(entry[1], entry[2])) end
    assert.is_true(writer:close())
  end

  local function read(source)
    local list = {}
    local reader = assert(pcap.reader(source))
    for time, bytes, record in reader do
      table.insert(list, { time, bytes, record.comment })
    end
    return list, reader:check()
  end

  it("come back with nanoseconds and comments", function()
    local frame = luapkt.Ether{} / luapkt.IP{}
    write("a.pcapng", nil, { frame, { time = 1234567890123456789, comment = "first" } }, { "abc" })
    local list, good = read(path "a.pcapng")
    assert.is_true(good)
    assert.same({ { 1234567890123456789, frame:bytes(), "first" }, { 0, "abc" } }, list)
  end)

  it("are of the format that is asked for, or that their name tells", function()
    write("b.pcap", nil, { "abc", { time = 1999 } })
    assert.equal(1000, read(path "b.pcap")[1][1])
    write("c.pcap", { format = "pcap_ns" }, { "abc", { time = 1999 } })
    assert.equal(1999, read(path "c.pcap")[1][1])
  end)

  it("are read from pipes, functions and strings", function()
    write("d.pcap", nil, { "abc" }, { "defg" })
    local bytes = support.read_file(path "d.pcap")
    local pipe = assert(io.popen("cat " .. support.quote(path "d.pcap")))
    assert.same({ { 0, "abc" }, { 0, "defg" } }, (read(pipe)))
    assert.equal("file", io.type(pipe)) -- whoever opened it closes it
    pipe:close()
    local at = 0
    local function next_byte()
      at = at + 1
      return at <= #bytes and bytes:sub(at, at) or nil
    end
    assert.same({ { 0, "abc" }, { 0, "defg" } }, (read(next_byte)))
    local _, parsed = pcap.parse(bytes)()
    assert.equal("abc", parsed)
  end)

  it("give packets by their link type", function()
    write("e.pcap", { link = 101 }, { luapkt.IP{ ttl = 9 } / luapkt.UDP{} })
    local seen = {}
    for packet, record in assert(pcap.reader(path "e.pcap")):packets() do
      table.insert(seen, { packet.IP.ttl, record.link })
    end
    assert.same({ { 9, 101 } }, seen)
  end)

  it("are walked through with one packet for all", function()
    local frames = {
      luapkt.Ether{} / luapkt.IP{ ttl = 1 } / luapkt.UDP{ sport = 7 },
      luapkt.Ether{} / luapkt.ARP{},
      luapkt.Ether{} / luapkt.IP{ ttl = 3 } / luapkt.TCP{ dport = 9 } / "payload",
      "short",
    }
    write("h.pcap", nil, { frames[1] }, { frames[2] }, { frames[3] }, { frames[4] })
    local seen, kept, first, layers = {}, {}, nil, {}
    local n = assert(pcap.reader(path "h.pcap")):each(function(p, time, wire_len, link)
      first = first or p
      assert.is_true(rawequal(first, p))
      table.insert(seen, { tostring(p[1].kind), p.IP and p.IP.ttl or 0, #p, time, wire_len, link })
      table.insert(kept, p:copy())
      table.insert(layers, p[#p])
    end)
    assert.equal(4, n)
    assert.same({
      { "Ether", 1, 3, 0, 42, 1 }, { "Ether", 0, 2, 0, 42, 1 }, { "Ether", 3, 4, 0, 61, 1 },
      { "Raw", 0, 1, 0, 5, 1 },
    }, seen)
    collectgarbage()
    for i, p in ipairs(kept) do
      assert.equal(i < 4 and frames[i]:bytes() or frames[i], p:bytes())
    end
    assert.equal("short", first:bytes())
    assert.equal("short", first.Raw.load)
    assert.is_nil(first.IP)
    assert.has_error(function() return layers[3].load end, -- of the third packet, which is gone
      "the layer was removed from its packet")
    assert.has_error(function() pcap.reader(path "h.pcap"):each(5) end,
      "bad argument #1 to 'each' (function expected, got number)")
  end)

  it("are left where the function wants no more, or fails", function()
    write("i.pcap", nil, { "one" }, { "two" }, { "three" })
    local reader = assert(pcap.reader(path "i.pcap"))
    assert.equal(2, reader:each(function(p) return p:bytes() ~= "two" end))
    local _, bytes = reader()
    assert.equal("three", bytes)
    local kept
    local again = assert(pcap.reader(path "i.pcap"))
    assert.has_error(function()
      again:each(function(p)
        kept = p
        error("enough", 0)
      end)
    end, "enough")
    again:close()
    collectgarbage()
    assert.equal("one", kept:bytes())
    assert.equal(0, again:each(print))
    local bytes_of_file = support.read_file(path "i.pcap")
    support.write_file(path "i.pcap", bytes_of_file:sub(1, -2))
    local none, err = assert(pcap.reader(path "i.pcap")):each(function() end)
    assert.is_nil(none)
    assert.equal("truncated", err.code)
  end)

  it("take no packet that would be read from them as something else", function()
    local p = luapkt.IP{} / luapkt.UDP{} / "abc"
    local writer = assert(pcap.writer(path "k.pcap"))
    local none, err = writer:write(p)
    assert.is_nil(none)
    assert.same({ code = "value", message = "a packet that begins with IP is of link type 101, the "
      .. "capture of 1: writer(path, { link = 101 }) takes it" }, err)
    assert.is_true(writer:write(luapkt.Ether{} / p))
    assert.is_true(writer:write(luapkt.Dot3{} / luapkt.LLC{}))
    assert.is_true(writer:write(luapkt.Raw{ load = p:bytes() }))
    assert.is_true(writer:write(p:bytes()))
    assert.is_true(writer:close())
    local count = 0
    for _ in assert(pcap.reader(path "k.pcap")) do count = count + 1 end
    assert.equal(4, count)
    for link, kind in pairs { [101] = "IP", [228] = "IP", [147] = "Raw" } do -- 147: a user's own
      write("l.pcap", { link = link }, { p })
      assert.equal(kind, assert(pcap.reader(path "l.pcap")):packets()()[1].kind)
    end
  end)

  it("take what a reader gave only where it is read as before", function()
    write("m.pcap", { link = 113 }, { luapkt.CookedLinux{} / luapkt.IP{} / luapkt.UDP{} })
    local _, bytes, record = assert(pcap.reader(path "m.pcap"))()
    local writer = assert(pcap.writer(path "n.pcap"))
    for _, what in ipairs { bytes, luapkt.packet(bytes, 113) } do
      local none, err = writer:write(what, record)
      assert.is_nil(none)
      assert.matches("begins with CookedLinux is of link type 113, the capture of 1: ", err.message)
    end
    assert.is_true(writer:write("\2\0\0\0\0\1" .. bytes:sub(9), record)) -- no longer those
    assert.is_true(writer:close())
    local same = assert(pcap.writer(path "n.pcap", { link = 113 }))
    assert.is_true(same:write(bytes, record))
    assert.is_true(same:close())
  end)

  it("that end early or aren't there are an error", function()
    local none, err = pcap.reader(path "nothing.pcap")
    assert.is_nil(none)
    local missing = path "nothing.pcap" .. ": No such file or directory"
    assert.same({ code = "value", message = missing }, err)
    assert.equal(missing, tostring(err))
    none, err = pcap.writer(path "no/such.pcap")
    assert.is_nil(none)
    assert.equal(path "no/such.pcap" .. ": No such file or directory", err.message)
    write("f.pcap", nil, { "abcdef" })
    local bytes = support.read_file(path "f.pcap")
    support.write_file(path "f.pcap", bytes:sub(1, -3))
    local list, good, why = read(path "f.pcap")
    assert.equal("abcd", list[1][2])
    assert.is_nil(good)
    assert.equal("truncated", why.code)
    support.write_file(path "g.pcap", "no capture at all, but long enough for one")
    list, good, why = read(path "g.pcap")
    assert.same({}, list)
    assert.is_nil(good)
    assert.equal("malformed", why.code)
  end)

  it("take no comment in pcap, and say so", function()
    local writer = assert(pcap.writer(path "h.pcap"))
    local ok, err = writer:write("abc", { comment = "x" })
    assert.is_nil(ok)
    assert.is_string(err.message)
    writer:close()
    assert.is_true(writer:close())
  end)

  it("stay as they are where the options of a new one are wrong", function()
    write("precious.pcap", nil, { "abc" })
    local before = support.read_file(path "precious.pcap")
    assert.error_matches(function() pcap.writer(path "precious.pcap", { format = "nano" }) end,
      "invalid option 'nano'")
    assert.has_error(function() pcap.writer(path "precious.pcap", { formt = "pcap" }) end,
      "bad argument #2 to 'writer' (there is no option 'formt')")
    local none, err = pcap.writer(path "precious.pcap", { link = 70000 })
    assert.is_nil(none)
    assert.equal("link type 70000: 0 to 65535 expected", err.message)
    assert.equal(before, support.read_file(path "precious.pcap"))
  end)

  it("take packets and bytes, with what can be said of them", function()
    local writer <close> = assert(pcap.writer(path "j.pcapng"))
    assert.has_error(function() writer:write(5) end,
      "bad argument #2 to 'write' (packet or bytes expected, got number)")
    assert.error_matches(function() writer:write("x", { coment = "y" }) end,
      "there is no option 'coment'")
    write("k.pcapng", nil, { "abc", { time = 7, wire_len = 9, comment = "c" } })
    local _, _, record = assert(pcap.reader(path "k.pcapng"))()
    assert(writer:write("abc", record))
    assert(writer:close())
    assert.equal(support.read_file(path "k.pcapng"), support.read_file(path "j.pcapng"))
  end)

  it("keep what wasn't captured of a packet that was edited", function()
    write("n.pcap", nil, { ("x"):rep(20) }, { ("y"):rep(20), { wire_len = 100 } })
    local writer <close> = assert(pcap.writer(path "o.pcap"))
    for _, bytes, record in assert(pcap.reader(path "n.pcap")) do
      for _, edited in ipairs { bytes, bytes .. "tag.", bytes:sub(5) } do
        assert(writer:write(edited, record))
      end
    end
    assert(writer:close())
    local seen = {}
    for _, bytes, record in assert(pcap.reader(path "o.pcap")) do
      table.insert(seen, { #bytes, record.wire_len })
    end
    assert.same({ { 20, 20 }, { 24, 24 }, { 16, 16 }, { 20, 100 }, { 24, 104 }, { 16, 96 } }, seen)
    local none, err = writer.write(assert(pcap.writer(path "p.pcap")), "abcd", { wire_len = 3 })
    assert.same({ nil, "a packet of 4 bytes, 3 on the wire" }, { none, err.message })
  end)

  it("tell what is wrong in the caller's line", function()
    local writer <close> = assert(pcap.writer(path "q.pcap"))
    local reader = io.open(path "q.pcap")
    reader:close()
    local here = debug.getinfo(1, "S").short_src
    for message, f in pairs {
      ["bad argument #3 to 'write' ('time' is no whole number)"] =
        function() writer:write("x", { time = 1.5 }) end,
      ["bad argument #3 to 'write' ('wire_len': 0 to 4294967295 expected)"] =
        function() writer:write("x", { wire_len = -1 }) end,
      ["bad argument #3 to 'write' ('comment' is no text)"] =
        function() writer:write("x", { comment = 5 }) end,
      ["bad argument #3 to 'write' (table expected, got number)"] =
        function() writer:write("x", 5) end,
      ["bad argument #1 to 'parse' (string expected, got number)"] = function() pcap.parse(5) end,
      ["bad argument #1 to 'writer' (path or file expected, got closed file)"] =
        function() pcap.writer(reader) end,
    } do
      local ok, err = pcall(f)
      assert.is_false(ok)
      assert.equal(message, err:match("^" .. here:gsub("%p", "%%%0") .. ":%d+: (.*)"))
    end
  end)

  it("say so where they are used after they were closed", function()
    local writer = assert(pcap.writer(path "l.pcap"))
    for _ = 1, 3 do writer:write(("x"):rep(60000)) end -- more than is read at once
    assert(writer:close())
    assert.has_error(function() writer:write "x" end, "write: the writer is closed")
    local reader = assert(pcap.reader(path "l.pcap"))
    assert.equal(1, reader:each(function() reader:close() end))
    assert.equal(0, reader:each(print))
    assert.is_true(reader:check())
  end)

  it("raise for what is no source or target", function()
    assert.has_error(function() pcap.reader(7) end,
      "bad argument #1 to 'reader' (path, file or function expected, got number)")
    assert.has_error(function() pcap.writer(nil) end,
      "bad argument #1 to 'writer' (path or file expected, got nil)")
  end)
end)

describe("captures from a pipe that stays open", function()
  local folder, quote = support.tmpdir(), support.quote
  local frames = { "first packet", ("second"):rep(30000), "third" } -- the second is over 64 KiB

  -- The bytes of a capture, up to each packet and the one after it: a list of parts.
  local function parts_of(format)
    local path, parts, before = folder .. "/whole", {}, 0
    for n = 1, #frames do
      local writer = assert(pcap.writer(path, { format = format }))
      for i = 1, n do assert(writer:write(frames[i])) end
      assert(writer:close())
      local bytes = support.read_file(path)
      parts[n] = bytes:sub(before + 1)
      before = #bytes
    end
    return parts
  end

  -- A shell's words that write the parts, each once the reader had the packet before: within ten
  -- seconds.
  local function writes(format)
    local words = {}
    for i, part in ipairs(parts_of(format)) do
      support.write_file(("%s/%d.part"):format(folder, i), part)
      table.insert(words, ("cat %s/%d.part"):format(quote(folder), i))
      local wait = "timeout 10 sh -c 'until [ -e %s/%d.seen ]; do sleep 0.01; done' || exit"
      table.insert(words, wait:format(folder, i))
    end
    os.execute(("rm -f %s/*.seen"):format(quote(folder)))
    return table.concat(words, "; ")
  end

  -- A script that tells the writer of each packet that it read.
  local function script(source)
    support.write_file(folder .. "/script.lua", ([[
      local luapkt = require "luapkt"
      local folder, fifo = ...
      local reader, n = assert(luapkt.pcap.reader(%s)), 0
      for _, bytes in reader do
        n = n + 1
        io.write(#bytes, " ")
        assert(io.open(("%%s/%%d.seen"):format(folder, n), "w")):close()
      end
      print(reader:check())]]):format(source))
    return ("%s %s"):format(quote(folder .. "/script.lua"), quote(folder))
  end

  local program = quote(support.program()) .. " run"
  local stock = ("env LUA_PATH=%s LUA_CPATH=%s lua5.4"):format(quote(package.path),
    quote(package.cpath))
  local lua = "timeout 60 " .. (support.is_sanitized() and program or stock) -- see examples_spec

  local wanted = ("%d %d %d true\n"):format(#frames[1], #frames[2], #frames[3])

  for _, format in ipairs { "pcap", "pcapng" } do
    it("give each packet of " .. format .. " before the next is written", function()
      local ok, out, err = support.run(("( %s ) | timeout 60 %s %s"):format(writes(format),
        program, script [["-"]]))
      assert(ok, err)
      assert.equal(wanted, out)
      ok, out, err = support.run(("( %s ) | %s %s"):format(writes(format), lua,
        script "io.stdin"))
      assert(ok, err)
      assert.equal(wanted, out)
    end)
  end

  it("may be named by a path", function()
    local fifo = quote(folder .. "/fifo")
    local ok, out, err = support.run(("mkfifo %s && { ( %s ) >%s & %s %s %s; }"):format(fifo,
      writes "pcap", fifo, lua, script "fifo", fifo))
    assert(ok, err)
    assert.equal(wanted, out)
  end)

  it("may have been read from before", function()
    local ok, out, err = support.run(("( echo a line; %s ) | %s %s"):format(writes "pcap",
      lua, script [[io.read "l" == "a line" and io.stdin]]))
    assert(ok, err)
    assert.equal(wanted, out)
  end)

  it("leave to others what comes behind the last packet", function()
    local part = parts_of("pcap")[1]
    support.write_file(folder .. "/1.part", part)
    local pipe = assert(io.popen(("cat %s/1.part; echo behind"):format(quote(folder)), "r"))
    local _, bytes = assert(pcap.reader(pipe))()
    assert.equal(frames[1], bytes)
    assert.equal("behind", pipe:read "l")
    pipe:close()
  end)

  it("don't keep a signal from ending the script", function()
    if support.is_sanitized() then pending "stock Lua needs their library preloaded" end
    support.write_file(folder .. "/wait.lua", [[
      local reader = require("luapkt").pcap.reader "-"
      io.popen("sleep 0.3; kill -INT $PPID")
      return reader()]])
    local ok, _, err = support.run(("mkfifo %s/never && exec 3<>%s/never && %s %s/wait.lua <&3")
      :format(quote(folder), quote(folder), lua, quote(folder)))
    assert.is_false(ok)
    assert.truthy(err:find "interrupted!", 1, true)
  end)
end)

describe("what is no capture file", function()
  it("is an error with its path", function()
    local folder = support.tmpdir()
    local reader, err = pcap.reader(folder)
    assert.is_nil(reader)
    assert.same({ code = "system", message = folder .. ": Is a directory" }, err)
    local unreadable <close> = assert(io.open(folder .. "/x", "wb"))
    reader = assert(pcap.reader(unreadable))
    assert.is_nil(reader())
    local ok
    ok, err = reader:check()
    assert.is_nil(ok)
    assert.same({ code = "system",
      message = "byte 0: the file can't be read: Bad file descriptor" }, err)
  end)

  it("is a file that was closed", function()
    local file = assert(io.open("/dev/null", "rb"))
    local reader = assert(pcap.reader(file))
    file:close()
    assert.has_error(function() return reader() end, "attempt to use a closed file")
    assert.has_error(function() pcap.reader(file) end,
      "bad argument #1 to 'reader' (path, file or function expected, got closed file)")
  end)
end)
