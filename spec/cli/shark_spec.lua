-- luapkt shark: what each option prints, of captures made here, and how it ends. Lines that are
-- expected were written by hand from the packets' bytes; other programs say what JSON is and what a
-- capture holds.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local network = require "spec.network"
local support = require "spec.support"

local quote, run = support.quote, support.run
local program = quote(support.program())
local folder = support.tmpdir()

local Ether, IP, IPv6, TCP, UDP = luapkt.Ether, luapkt.IP, luapkt.IPv6, luapkt.TCP, luapkt.UDP
local ARP, DNS, DNSQR, ICMP = luapkt.ARP, luapkt.DNS, luapkt.DNSQR, luapkt.ICMP

local path, ng = folder .. "/mixed.pcap", folder .. "/mixed.pcapng"

local ether = Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
local ip    = IP{ src = "10.0.0.1", dst = "10.0.0.2" }

local packets = {
  { ether / ARP{ hwsrc = "02:00:00:00:00:01", psrc = "10.0.0.1", pdst = "10.0.0.2" },
    1700000000001000000 },
  { ether / ip / UDP{ sport = 4242, dport = 53 } / DNS{ id = 7, qd = DNSQR{ qname = "x.org" } },
    1700000000124456000, "asked" },
  { ether / ip / TCP{ sport = 4243, dport = 80, flags = "S", seq = 5 }, 1700000000124457000 },
  { ether / IPv6{ src = "2001:db8::1", dst = "2001:db8::2" } / UDP{ sport = 1, dport = 4000 }
    / "he\tllo", 1700000001124457000 },
  { ether / IP{ src = "10.0.0.2", dst = "10.0.0.1" } / ICMP{ type = 0, id = 9, seq = 1 } / "x",
    1700000002500000000 },
}

local lines = {
  '1700000000.001 02:00:00:00:00:01->02:00:00:00:00:02 ARP(ptype=IPv4, op=who-has, '
    .. 'hwsrc=02:00:00:00:00:01, psrc=10.0.0.1, hwdst=00:00:00:00:00:00, pdst=10.0.0.2)',
  '1700000000.124456 10.0.0.1:4242->10.0.0.2:53 DNS(id=7, qd=DNSQR{qname="x.org.", qtype=1, '
    .. 'qclass=1})',
  "1700000000.124457 10.0.0.1:4243->10.0.0.2:80 TCP(seq=5, flags=S)",
  "1700000001.124457 [2001:db8::1]:1->[2001:db8::2]:4000 UDP() + 6 bytes",
  "1700000002.5 10.0.0.2->10.0.0.1 ICMP(type=echo-reply, id=0x9, seq=0x1) + 1 byte",
}

local function write(name, list, options)
  local writer = assert(luapkt.pcap.writer(name, options))
  for _, entry in ipairs(list) do
    assert(writer:write(entry[1], { time = entry[2], comment = not options and entry[3] or nil }))
  end
  assert(writer:close())
end

write(path, packets, { format = "pcap" })
write(ng, packets)

-- The program's output, its errors and status.
local function shark(rest)
  local _, out, err, status = run(program .. " shark " .. rest)
  return out, err, status
end

-- What it prints, where nothing goes wrong.
local function printed(rest)
  local out, err, status = shark(rest)
  assert.same({ "", 0 }, { err, status }, rest)
  return out
end

local function text_of(list) return table.concat(list, "\n") .. (#list > 0 and "\n" or "") end

-- Those of the lines.
local function some(...)
  local list = {}
  for i, n in ipairs { ... } do list[i] = lines[n] end
  return text_of(list)
end

-- The records of a capture: time and bytes.
local function records(file)
  local list = {}
  for time, bytes in assert(luapkt.pcap.reader(file)) do list[#list + 1] = { time, bytes } end
  return list
end

describe("luapkt shark", function()
  it("prints a line for each packet", function()
    for _, words in ipairs { path, "--read=" .. ng, "-n -T text -r " .. path, "- <" .. path,
      "--proto any <" .. ng } do
      assert.equal(some(1, 2, 3, 4, 5), printed(words), words)
    end
  end)

  -- Options are layers there, as they are to Scapy.
  it("tells of messages, not of the options behind them", function()
    local import = luapkt.import()
    local ipv6, here = IPv6{ src = "fe80::1", dst = "ff02::1" }, folder .. "/options.pcap"
    local mac = "\2\0\0\0\0\1" -- RFC 4861 section 4.6.1, RFC 8415 sections 21.2 and 21.9
    local beacon = ("\128\0\0\0" .. ("\xff"):rep(6) .. mac .. mac .. "\0\0"
      .. "\0\0\0\0\0\0\0\0\200\0\0\0" .. "\0\1x" .. "\1\1\130" .. "\48\0")
    write(here, {
      { ether / ipv6 / import.ICMPv6ND_NS{ tgt = "fe80::2" } / ("\1\1" .. mac) },
      { ether / ipv6 / UDP{ sport = 546, dport = 547 } / ("\1\0\0\7"
        .. "\0\1\0\10\0\3\0\1" .. mac .. "\0\8\0\2\0\0") },
    })
    assert.equal("ICMPv6ND_NS(type=Neighbor Solicitation, tgt=fe80::2)\n"
      .. "DHCP6_Solicit(msgtype=SOLICIT, trid=0x7)\n", printed("--format '{command}' " .. here))
    write(here, { { import.Dot11(beacon) } }, { format = "pcap", link = 105 })
    assert.equal("Dot11Beacon(beacon_interval=200)\n", printed("--format '{command}' " .. here))
  end)

  -- IEEE 802.11-2016 section 9.3.1.4: an acknowledgement doesn't say who sends it.
  it("tells of the ends of wireless frames: who transmits, who receives", function()
    local here, mac = folder .. "/wireless.pcap", "\2\0\0\0\0"
    local all = ("\xff"):rep(6)
    local probe = "\64\0\0\0" .. all .. mac .. "\1" .. all .. "\16\0" .. "\0\0"
    local data = "\8\1\0\0" .. mac .. "\1" .. mac .. "\2" .. mac .. "\3" .. "\32\0"
      .. "\xaa\xaa\3\0\0\0\x88\xb5x"
    write(here, { { luapkt.packet(probe, "Dot11") }, { luapkt.packet(data, "Dot11") },
      { luapkt.packet("\xd4\0\0\0" .. mac .. "\1", "Dot11") } }, { format = "pcap", link = 105 })
    assert.equal("02:00:00:00:00:01>ff:ff:ff:ff:ff:ff\n02:00:00:00:00:02>02:00:00:00:00:01\n"
      .. ">02:00:00:00:00:01\n", printed("--format '{src}>{dst}' " .. here))
    if capture.has_tshark() then
      local _, out = run("tshark -n -T fields -E separator='>' -e wlan.ta -e wlan.ra -r " .. here)
      assert.equal(out, printed("--format '{src}>{dst}' " .. here))
    end
  end)

  it("prints so many", function()
    assert.equal(some(1, 2), printed("-c 2 " .. path))
    assert.equal(some(1, 2, 3, 4, 5), printed("--count 6 " .. path))
    assert.equal(some(2, 4), printed("-c 2 -f udp " .. path))
    assert.equal(some(2, 3), printed("-c 2 -Y 'IP' " .. path))
  end)

  it("prints what passes a filter as tcpdump's", function()
    for filter, wanted in pairs {
      ["udp"] = some(2, 4), ["host 10.0.0.1 and tcp"] = some(3), ["not ip6"] = some(1, 2, 3, 5),
      ["greater 1000"] = "",
    } do
      assert.equal(wanted, printed(("-f %s %s"):format(quote(filter), path)), filter)
    end
    for _, from in ipairs { path, "-i lo", "/dev/null" } do
      local _, err, status = shark("-f 'no such' " .. from)
      assert.same({ 'luapkt shark: -f: filter "no such": can\'t parse filter expression: ' ..
        'syntax error\n', 2 }, { err, status })
    end
    local _, err, status = shark("-f 'wlan type mgt' " .. path) -- no filter for these packets
    assert.matches("802.11", err, 1, true)
    assert.equal(1, status)
  end)

  it("prints what an expression is true of", function()
    for filter, wanted in pairs {
      ["TCP and TCP.dport == 80"] = some(3), ["UDP.sport > 4000"] = some(2), ["nil"] = "",
      ["number % 2 == 1"] = some(1, 3, 5), ["bytes:find('llo', 1, true)"] = some(4),
    } do
      assert.equal(wanted, printed(("-Y %s %s"):format(quote(filter), path)), filter)
    end
    assert.equal(some(2), printed("-f udp -Y IP --proto DNS " .. path))
  end)

  it("refuses an expression that is none, or that asks for what there is nowhere", function()
    for filter, complaint in pairs {
      ["tcp.dport == 80"] = "there is no 'tcp': 'TCP' is meant?",
      ["TCP and"] = "unexpected symbol near <eof>", ["TCP.nothing == 1"] =
        "TCP has no field 'nothing'",
    } do
      assert.same({ "", "luapkt shark: -Y: " .. complaint .. "\n", 2 },
        { shark(("-Y %s %s"):format(quote(filter), path)) }, filter)
    end
  end)

  it("ends where an expression goes wrong", function()
    for filter, complaint in pairs {
      ["error 'no'"] = "-Y: no",
      ["IP.ttl + nil"] = "-Y: attempt to perform arithmetic on a nil value",
    } do
      local _, err, status = shark(("-Y %s %s"):format(quote(filter), path))
      assert.same({ "luapkt shark: " .. complaint .. "\n", 1 }, { err, status }, filter)
    end
    local out = shark("-Y 'number < 3 or error()' " .. path)
    assert.equal(some(1, 2), out) -- what came before
  end)

  it("prints packets with a layer of a protocol, or of a kind of it", function()
    assert.equal(some(2, 4), printed("--proto UDP " .. path))
    assert.equal(some(2), printed("--proto DNS " .. path))
    assert.equal("", printed("--proto BGP " .. path))
    local bgp = folder .. "/bgp.pcap"
    write(bgp, { { ether / ip / TCP{ sport = 179, flags = "A" } / luapkt.BGP_Keepalive{}, 1 } })
    assert.matches("BGP_Keepalive%(", printed("--proto BGP " .. bgp))
    assert.same({ "", "luapkt shark: --proto: there is no protocol 'udp': 'UDP' is meant?\n", 2 },
      { shark("--proto udp " .. path) })
  end)

  it("prints all that a packet says", function()
    local out = printed("-T tree -c 2 -f udp " .. path)
    local function shown(i) return tostring(luapkt.packet(packets[i][1]:bytes())) end
    assert.equal(("2 %s\n%s\n\n4 %s\n%s\n\n"):format(lines[2], shown(2), lines[4], shown(4)), out)
  end)

  it("prints bytes", function()
    for _, words in ipairs { "-T hex", "-x" } do
      local found = {}
      for line in printed(words .. " " .. path):gmatch "[^\n]+" do
        local offset, hex = line:match "^(%x%x%x%x)  ([%x ]+)  "
        if hex and offset == "0000" then found[#found + 1] = "" end
        if hex then found[#found] = found[#found] .. hex end
      end
      for i, entry in ipairs(packets) do
        assert.equal(support.hex(entry[1]:bytes()), support.hex(support.unhex(found[i])))
      end
      assert.equal(#packets, #found)
    end
    assert.equal("1 " .. lines[1], printed("-T hex -c 1 " .. path):match "^[^\n]*")
    assert.equal(lines[1], printed("-x -c 1 " .. path):match "^[^\n]*")
    local dump = printed("-x -c 1 " .. path):match "\n(.*)"
    local colored = printed("-x --color=always -c 1 " .. path)
    assert.equal("\27[2m1700000000.001\27[0m", colored:match "^%S+")
    assert.equal(dump, colored:match "\n(.*)")
  end)

  it("prints bytes behind the lines of commands", function()
    local name = folder .. "/commands.pcap"
    local p = ether / ip / UDP{ sport = 4244, dport = 5064 }
      / luapkt.CAVersionRequest{ version = 13 }
      / luapkt.CASearchRequest{ name = "x", cid = 7, version = 13 }
    write(name, { { packets[1][1], 0 }, { p, 1700000000500000000 } }, { format = "pcap" })
    local from = "1700000000.5 10.0.0.1:4244->10.0.0.2:5064 "
    assert.equal(from .. "VersionRequest(priority=0, version=13)\n" .. from
      .. "SearchRequest(name='x', cid=7, version=13, reply=5)\n" .. p:hexdump() .. "\n\n",
      printed("-x " .. name))
  end)

  it("prints a number once that stands in two fields of a name", function()
    local name = folder .. "/twins.pcap"
    local function head(fields)
      local p = ether / ip / UDP{ sport = 4244, dport = 5064 } / luapkt.CASearchRequest(fields)
      write(name, { { p, 0 } }, { format = "pcap" })
      return printed("-T tree " .. name):match "^[^\n]*"
    end
    local _, count = head({ name = "x", cid = 7 }):gsub("cid=7", "")
    assert.equal(1, count)
  end)

  it("prints columns", function()
    assert.equal("1\t\t\t\n2\t10.0.0.1\t\t\n3\t10.0.0.1\t2\tS\n4\t\t\t\n5\t10.0.0.2\t\t\n",
      printed("-T fields -e number -e IP.src -e TCP.flags -e TCP.flags!h " .. path))
    -- fields alone are the type, too
    assert.equal("4242,x.org.\n", printed("-e UDP.sport -e 'DNS.qd[1].qname' -E separator=, -Y DNS "
      .. path))
    assert.equal('number timestamp src\n"1" "1700000000.001" "02:00:00:00:00:01"\n', printed(
      "-e number -e timestamp -e src -E header=y -E separator=/s -E quote=d -c 1 " .. path))
    assert.equal("4242\t\n", printed("-e UDP.sport -e DNS.an -Y DNS " .. path)) -- an empty list
    assert.equal("4242:\n", printed("--format '{UDP.sport}:{DNS.an}' -Y DNS " .. path))
    assert.equal("UDP() + 6 bytes\t14\n", printed("-e command -e ip.plen -Y IPv6 " .. path))
  end)

  it("refuses columns that there are not", function()
    for words, complaint in pairs {
      ["-T fields"] = "-T fields: which? -e FIELD names one",
      ["-e nothing"] = "-e nothing: there is no protocol or value 'nothing'",
      ["-e IP -E separator=xx"] = "-E separator=xx: one character, /t or /s was expected",
      ["-e IP.nothing"] = "-e IP.nothing: IP has no field 'nothing'",
      ["-e IP -E header=maybe"] = "-E header=maybe: y or n was expected",
      ["-e IP -E x=y"] = "-E x=y: header=y, separator=CHARACTER or quote=d was expected",
      ["-e IP -E x"] = "-E x: header=y, separator=CHARACTER or quote=d was expected",
      ["-e tcp.dport"] = "-e tcp.dport: there is no protocol or value 'tcp': 'TCP' is meant?",
      ["--format {Len}"] = "--format: column 1: {Len}: there is no protocol or value 'Len': "
        .. "'len' is meant?",
      ["--proto dns"] = "--proto: there is no protocol 'dns': 'DNS' is meant?",
      ["--proto nothing"] = "--proto: there is no protocol 'nothing'",
    } do
      assert.same({ "", "luapkt shark: " .. complaint .. "\n", 2 }, { shark(words .. " " .. path) },
        words)
    end
    -- of a kind of the layer, perhaps not the one that is there
    local out, err, status = shark("-e TLS.messages -e BGP.my_as " .. path)
    assert.same({ "", 0 }, { err, status })
    assert.is_nil(out:find "[^\t\n]")
  end)

  it("prints floats as the numbers that they are", function()
    -- the answer of a server, of three FLOATs: 1.5, -0.25 and infinity (IEEE 754)
    local answer = support.unhex [[000f0010 00020003 00000001 00000007
                                   3fc00000 be800000 7f800000 00000000]]
    local floats = folder .. "/floats.pcap"
    write(floats, { { ether / ip / UDP{ sport = 5064, dport = 40000 } / answer, 0 } })
    assert.matches('"data":[1.5,-0.25,"inf"]', printed("-T jsonl " .. floats), 1, true)
  end)

  it("prints what a format says", function()
    assert.equal("2 1700000000.124      10.0.0.1>10.0.0.2 004242 x.org.\n", printed(
      "-Y DNS --format '{number} {timestamp:.3f} {src:>13}>{dst} {UDP.sport:06d} "
      .. "{DNS.qd[1].qname}' " .. path))
    assert.equal("TCP(seq=5, flags=S)|S|80\n", printed(
      "-f tcp --format '{command}|{TCP.flags!h}|{transport.dport}' " .. path))
    for field, sign in pairs { ["src:d"] = "d", ["IP.src:d"] = "d", ["TCP.flags!h:+"] = "+" } do
      local _, err, status = shark(("--format '{%s}' %s"):format(field, path))
      assert.same({ ("luapkt shark: --format: column 1: {%s}: '%s' is for numbers, not for text\n")
        :format(field, sign), 2 }, { err, status })
    end
    local out, err, status = shark("--format '{nothing}' " .. path)
    assert.same({ "", "luapkt shark: --format: column 1: {nothing}: there is no protocol or value "
      .. "'nothing'\n", 2 }, { out, err, status })
  end)

  it("refuses command lines that make no sense", function()
    for words, complaint in pairs {
      ["-c 0"] = "--count: a number from 1 ", ["-c x"] = "--count: a number from 1 ",
      ["-T xml"] = "-T xml: text, jsonl, fields, tree, hex, pcap or pcapng was expected",
      ["-i lo"] = "-i and a file: one of them", ["-T jsonl -e number"] = "-T and -e: one of them",
      ["-w /nowhere/o.pcap --stats"] = "-w and --stats: one of them",
      ["--format x -T tree"] = "--format and -T: one of them", ["-x --stats"] = "-x and --stats",
      ["-E header=y"] = "-E: which columns? -e FIELD names one",
      ["--color=red"] = "--color red: always, never or auto",
      ["-e ''"] = "-e: a field expected", ["-Y ''"] = "-Y: an expression was expected",
      ["--nothing"] = "nothing", ["-c"] = "",
    } do
      local out, err, status = shark(words .. (words == "-c" and "" or " " .. path))
      assert.same({ "", 2 }, { out, status }, words)
      assert.equal("luapkt shark: ", err:sub(1, 14))
      assert.truthy(err:find(complaint, 1, true), err)
    end
    assert.equal(2, select(3, shark(path .. " " .. path .. " " .. path)))
  end)

  it("says what it is and does", function()
    assert.matches("^usage: luapkt shark %[OPTION...%] %[FILE%]\n", printed "--help")
    assert.matches("^luapkt %S+\n$", printed "--version")
  end)

  it("knows further protocols", function()
    support.write_file(folder .. "/mine.lua", [[
      local f = require "luapkt.field"
      return { id = "Mine", over = { UDP = { dport = 4000 } }, fields = {
        f.bytes("head", { size = 2 }), f.u32("rest") } }
    ]])
    local out = printed(("--protocols %s -Y Mine --format '{Mine.head}' %s"):format(folder, path))
    assert.equal("he\n", out)
    assert.equal(1, select(3, shark(("--protocols %s/none %s"):format(folder, path))))
    local bad = support.tmpdir()
    support.write_file(bad .. "/bad.lua", "return 7")
    local _, err, status = shark(("--protocols %s %s"):format(quote(bad), path))
    assert.matches("^luapkt shark: %-%-protocols: .*bad%.lua", err)
    assert.equal(1, status)
  end)
end)

describe("luapkt shark writes", function()
  local copy = folder .. "/copy"

  it("the packets that came, byte for byte", function()
    for _, suffix in ipairs { ".pcap", ".pcapng" } do
      for _, source in ipairs { path, ng } do
        assert.equal("", printed(("-w %s%s %s"):format(copy, suffix, source)))
        assert.same(records(source), records(copy .. suffix))
        local again = copy .. "2" .. suffix
        printed(("-w %s %s%s"):format(again, copy, suffix))
        assert.equal(support.read_file(copy .. suffix), support.read_file(again))
      end
    end
  end)

  it("comments, too", function()
    printed(("-w %s.pcapng %s"):format(copy, ng))
    local found = {}
    for _, _, record in assert(luapkt.pcap.reader(copy .. ".pcapng")) do
      found[#found + 1] = record.comment or "-"
    end
    assert.same({ "-", "asked", "-", "-", "-" }, found)
  end)

  it("to the standard output", function()
    for _, words in ipairs { "-w -", "-T pcap" } do
      printed(("%s %s >%s.out"):format(words, path, copy))
      assert.same(records(path), records(copy .. ".out"))
      assert.equal("\x4d\x3c\xb2\xa1", support.read_file(copy .. ".out"):sub(1, 4))
    end
    printed(("-T pcapng %s >%s.out"):format(path, copy))
    assert.same(records(path), records(copy .. ".out"))
    assert.equal("\x0a\x0d\x0d\x0a", support.read_file(copy .. ".out"):sub(1, 4))
    assert.equal(some(1, 2, 3, 4, 5),
      select(2, run(("%s shark -w - %s | %s shark -"):format(program, path, program))))
  end)

  it("what is wanted, and no more", function()
    printed(("-w %s.pcap -Y UDP %s"):format(copy, path))
    assert.equal(some(2, 4), printed(copy .. ".pcap"))
    printed(("-w %s.pcap -f tcp %s"):format(copy, path))
    assert.equal(some(3), printed(copy .. ".pcap"))
    printed(("-w %s.pcap -c 3 %s"):format(copy, path))
    assert.equal(some(1, 2, 3), printed(copy .. ".pcap"))
    printed(("-w %s.pcap --proto BGP %s"):format(copy, path))
    assert.equal("", printed(copy .. ".pcap"))
  end)

  it("packets of several link types into a pcapng file only", function()
    local links = folder .. "/links.pcapng"
    local bare = IP{ src = "10.0.0.7" } / UDP{}
    capture.write(links, { packets[2][1]:bytes(), bare:bytes() }, { 1, 101 })
    printed(("-w %s.pcapng %s"):format(copy, links))
    assert.same(records(links), records(copy .. ".pcapng"))
    assert.equal(printed(links), printed(copy .. ".pcapng"))
    local _, err, status = shark(("-w %s.pcap %s"):format(copy, links))
    assert.same({ "luapkt shark: packets of another link type: a pcapng file can hold them\n", 1 },
      { err, status })
    assert.equal(1, #records(copy .. ".pcap"))
  end)

  it("what others read", function()
    if not capture.has_tshark() then return pending "there is no tshark" end
    printed(("-w %s.pcapng %s"):format(copy, ng))
    local fields = { "frame.time_epoch", "frame.comment", "frame.len" }
    assert.same(capture.tshark(ng, fields), capture.tshark(copy .. ".pcapng", fields))
  end)

  it("nothing where it can't", function()
    local _, err, status = shark("-w /nowhere/at/all.pcap " .. path)
    assert.equal(1, status)
    assert.matches("^luapkt shark: .*No such file or directory\n$", err)
    _, err, status = shark("-T jsonl " .. path .. " >/dev/full")
    assert.same({ "luapkt shark: the output can't be written: No space left on device\n", 1 },
      { err, status })
  end)
end)

describe("luapkt shark doesn't write", function()
  it("over the capture that it reads, by whatever name", function()
    local copy, link = folder .. "/copy.pcap", folder .. "/link.pcap"
    support.write_file(copy, support.read_file(path))
    assert(run(("ln -s copy.pcap %s && ln %s %s.hard"):format(link, copy, link)))
    for _, words in ipairs { "-w %s %s", "-w %s - <%s", "-w %s <%s" } do
      for _, name in ipairs { copy, link, link .. ".hard" } do
        local complaint = ("luapkt shark: -w %s: this is the capture that is read\n"):format(name)
        assert.same({ "", complaint, 2 }, { shark(words:format(name, copy)) }, words)
      end
    end
    assert.equal(support.read_file(path), support.read_file(copy))
  end)
end)

describe("luapkt shark empties no file", function()
  local kept, other = folder .. "/kept.pcap", folder .. "/no-capture"

  it("before what it reads is known to be a capture", function()
    support.write_file(kept, "kept")
    for _, bytes in ipairs { "", "no capture at all", support.read_file(path):sub(1, 23) } do
      support.write_file(other, bytes)
      for _, words in ipairs { other, "- <" .. other } do
        local _, err, status = shark(("-w %s %s"):format(kept, words))
        assert.matches("^luapkt shark: byte %d+: ", err)
        assert.same({ 1, "kept" }, { status, support.read_file(kept) })
      end
    end
    for _, words in ipairs {
      "none/at/all", "-i none", "-f 'no such' " .. path, "-Y '(' " .. path,
    } do
      assert.is_true(select(3, shark(("-w %s %s"):format(kept, words))) > 0)
      assert.equal("kept", support.read_file(kept))
    end
  end)

  it("but that of a capture without packets, which is one", function()
    support.write_file(other, support.read_file(path):sub(1, 24))
    printed(("-w %s %s"):format(kept, other))
    assert.equal(24, #support.read_file(kept))
  end)

  it("but that of a capture that is broken, with what there was before", function()
    support.write_file(other, support.read_file(path):sub(1, -2))
    local _, err, status = shark(("-w %s -f tcp %s"):format(kept, other))
    assert.matches("^luapkt shark: byte %d+: the file ends within a packet ", err)
    assert.same({ 1, 1 }, { status, #records(kept) })
  end)
end)

describe("what is wrong with packets", function()
  local wrong = folder .. "/wrong.pcap"

  local function checked(list)
    write(wrong, list, { format = "pcap" })
    local found = {}
    for line in printed("--check " .. wrong):gmatch "[^\n]+" do
      found[#found + 1] = line:match ": (%u.* is .*)$"
    end
    return found
  end

  it("is nothing of good ones", function()
    assert.equal("", printed("--check " .. path))
  end)

  -- Checksums and lengths by hand: RFC 1071.
  it("is told of each kind", function()
    local i = IP{ src = "10.0.0.1", dst = "10.0.0.2", id = 0 }
    local cases = {
      -- 0x4500 + 0x001c + 0x4011 + 0x0a00 + 0x0001 + 0x0a00 + 0x0002 = 0x9930
      { i / UDP{ sport = 1, dport = 2 } / "", "IP", "chksum", "1", "IP.chksum is 1, not 26319" },
      { i / UDP{ sport = 1, dport = 2 } / "", "IP", "len", "33", "IP.len is 33, not 28" },
      { i / UDP{ sport = 1, dport = 2 } / "abc", "UDP", "len", "12", "UDP.len is 12, not 11" },
      -- what lies behind its 9 bytes is no part of it: 0x0a00 + 1 + 0x0a00 + 2 + 0x11 + 9, and
      -- 1 + 2 + 9 + 0x6100 = 0x7529; but it is of IP
      { i / UDP{ sport = 1, dport = 2 } / "abc", "UDP", "len", "9",
        "UDP.chksum is 10098, not 35542" },
      -- pseudo header 0x0a00 + 1 + 0x0a00 + 2 + 0x11 + 8, and 1 + 2 + 8 = 0x1427
      { i / UDP{ sport = 1, dport = 2 } / "", "UDP", "chksum", "7", "UDP.chksum is 7, not 60376" },
      -- type 8: 0x0800
      { i / ICMP{ type = 8 } / "", "ICMP", "chksum", "9", "ICMP.chksum is 9, not 63487" },
    }
    for _, case in ipairs(cases) do
      local p = ether / case[1]
      p[case[2]][case[3]] = tonumber(case[4])
      local found = checked { { p, 1000 } }
      assert.truthy((found[1] or ""):find(case[5], 1, true), case[5] .. ": " .. tostring(found[1]))
    end
  end)

  it("is not said of what was cut when it was captured, nor of pieces", function()
    local bytes = (ether / ip / UDP{} / ("x"):rep(100)):bytes()
    local writer = assert(luapkt.pcap.writer(wrong))
    writer:write(bytes:sub(1, 60), { time = 1, wire_len = #bytes })
    writer:close()
    assert.equal("", printed("--check " .. wrong))
  end)

  it("is not said of a datagram that was joined, nor of what an error quotes", function()
    local whole = IP{} / UDP{ sport = 4000, dport = 9999 } / ("x"):rep(100)
    local quoting = ether / IP{} / ICMP{ type = 3 } / whole:bytes():sub(1, 28)
    local function pieces(p)
      local sent = p:bytes():sub(21)
      return { { ether / IP{ proto = 17, flags = 1 } / sent:sub(1, 64), 1000 },
               { ether / IP{ proto = 17, frag = 8 } / sent:sub(65), 2000 }, { quoting, 3000 } }
    end
    assert.same({}, checked(pieces(whole)))
    whole.UDP.chksum = 7
    assert.truthy(checked(pieces(whole))[1]:find "^UDP%.chksum is 7, not %d+$")
  end)

  it("is found by tshark in the same packets", function()
    if not capture.has_tshark() then return pending "there is no tshark" end
    math.randomseed(3)
    local list = {}
    for n = 1, 60 do
      local above = ({ [0] = TCP{ sport = n, dport = 4000 }, UDP{ sport = n, dport = 4001 },
        ICMP{ type = 8 } })[n % 3]
      local p = ether / IP{ src = "10.0.0.1", dst = "10.0.0.2", id = n } / above / ("x"):rep(n)
      local bytes = p:bytes()
      if n % 2 == 0 then -- a byte of the payload
        bytes = bytes:sub(1, -2) .. "y"
      elseif n % 5 == 0 then -- the time to live
        bytes = bytes:sub(1, 22) .. "\7" .. bytes:sub(24)
      end
      list[n] = { bytes, n * 1000000 }
    end
    write(wrong, list, { format = "pcap" })
    local ours, theirs = {}, {}
    for number in printed("--check -T fields -e number " .. wrong):gmatch "%d+" do
      ours[#ours + 1] = tonumber(number)
    end
    local fields = { "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status",
      "icmp.checksum.status" }
    local seen = capture.tshark(wrong, fields, "-o ip.check_checksum:TRUE"
      .. " -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE")
    for n, said in ipairs(seen) do
      for _, field in ipairs(fields) do
        if said[field] == "0" then
          theirs[#theirs + 1] = n
          break
        end
      end
    end
    assert.same(theirs, ours)
    assert.is_true(#ours > 30)
  end)
end)

describe("a capture that is broken", function()
  local broken = folder .. "/broken"

  it("is printed up to there, with the byte where it ends", function()
    local whole = support.read_file(path)
    local at = 24
    for k, entry in ipairs { packets[1], packets[2] } do
      local size = #entry[1]:bytes()
      local before = {}
      for i = 1, k - 1 do before[i] = i end
      support.write_file(broken, whole:sub(1, at + 1))
      assert.same({ some(table.unpack(before)), ("luapkt shark: byte %d: the file ends within the "
        .. "head of a packet that begins at byte %d\n"):format(at + 1, at), 1 }, { shark(broken) })
      for _, there in ipairs { 0, 1, size - 1 } do
        support.write_file(broken, whole:sub(1, at + 16 + there))
        local out, err, status = shark(broken)
        assert.equal(some(table.unpack(before)), out:sub(1, #some(table.unpack(before))))
        assert.equal(k, select(2, out:gsub("\n", ""))) -- and what there is of the last
        assert.same({ ("luapkt shark: byte %d: the file ends within a packet of %d bytes that "
          .. "begins at byte %d\n"):format(at + 16 + there, size, at), 1 }, { err, status })
      end
      at = at + 16 + size
    end
  end)

  it("that lies is printed up to there", function()
    local whole = support.read_file(path)
    local at = 24 + 16 + #packets[1][1]:bytes()
    support.write_file(broken, whole:sub(1, at + 8) .. "\xff\xff\xff\x7f" .. whole:sub(at + 13))
    for _, words in ipairs { "", "-T jsonl ", "--stats ", "-e number " } do
      local out, err, status = shark(words .. broken)
      assert.equal(1, status)
      assert.matches("^luapkt shark: byte %d+: .* begins at byte " .. at .. "\n$", err)
      assert.is_true(#out > 0)
    end
  end)

  it("that is none is refused", function()
    support.write_file(broken, "no capture at all")
    assert.same({ "", "luapkt shark: byte 0: 6e6f2063 begins neither a pcap nor a pcapng file\n",
      1 }, { shark(broken) })
    support.write_file(broken, "\31\139\8\0 packed by gzip")
    assert.matches("file: unpack it first, as zcat does\n$", select(2, shark(broken)))
    local out, err, status = shark(folder .. "/none")
    assert.same({ "", 1 }, { out, status })
    assert.matches("none: No such file or directory\n$", err)
    out, err, status = shark(folder)
    assert.same({ "", 1 }, { out, status })
    assert.matches("Is a directory\n$", err)
  end)

  it("that is empty is one of no packets", function()
    support.write_file(broken, support.read_file(path):sub(1, 24))
    for _, words in ipairs { "", "-T jsonl ", "-e number ", "-T tree ", "--check ", "-f tcp " } do
      assert.equal("", printed(words .. broken))
    end
    assert.matches("^0 packets, 0 bytes, 0.000000 seconds\n", printed("--stats " .. broken))
    support.write_file(broken, "")
    local _, _, status = shark(broken)
    assert.is_true(status == 0 or status == 1)
  end)
end)

describe("output", function()
  it("has colors where they are wanted", function()
    local colored = "\27[2m1700000000.124457\27[0m \27[36m10.0.0.1:4243->10.0.0.2:80\27[0m "
      .. "TCP(seq=5, flags=S)\n"
    for _, words in ipairs { "--color", "--color=always" } do
      assert.equal(colored, printed(("%s -f tcp %s"):format(words, path)))
    end
    for _, words in ipairs { "--color=auto", "--color=never", "" } do
      assert.equal(some(3), printed(("%s -f tcp %s"):format(words, path)), words)
    end
  end)

  -- script(1) gives it a terminal
  it("has colors on a terminal, if nobody says no", function()
    if not run "command -v script" then return pending "there is no script(1)" end
    local function on_terminal(before, words)
      local command = ("%s %s shark -f tcp %s %s"):format(before, program, words, path)
      local _, out = run(("script -qec %s /dev/null"):format(quote(command)))
      return (out:gsub("\r", ""))
    end
    assert.matches("\27%[36m", on_terminal("TERM=xterm NO_COLOR=", ""))
    assert.equal(some(3), on_terminal("TERM=xterm NO_COLOR=1", ""))
    assert.equal(some(3), on_terminal("TERM=dumb NO_COLOR=", ""))
    assert.equal(some(3), on_terminal("TERM=xterm NO_COLOR=", "--color=never"))
    assert.matches("\27%[36m", on_terminal("NO_COLOR=1", "--color=always"))
  end)

  it("ends quietly when nobody reads it", function()
    local many = folder .. "/many.pcap"
    local list = {}
    for i = 1, 3000 do list[i] = packets[1 + i % 5] end
    write(many, list, { format = "pcap" })
    for _, words in ipairs { "", "-T jsonl", "-T tree", "-e number", "-x", "-w -" } do
      local _, out, err = run(("%s shark %s %s | head -c 10"):format(program, words, many))
      assert.same({ 10, "" }, { #out, err }, words)
    end
  end)

  -- Lines are kept back until it is known whether a capture has commands.
  it("is of all packets of a capture without commands, in order", function()
    local many = folder .. "/many.pcap"
    local list = {}
    for i = 1, 9000 do list[i] = { packets[1 + i % 5][1], i * 1000 } end
    write(many, list, { format = "pcap" })
    for _, words in ipairs { "--format '{number}'", "-e number" } do
      local at = 0
      for number in printed(words .. " " .. many):gmatch "[^\n]+" do
        at = at + 1
        assert.equal(at, tonumber(number))
      end
      assert.equal(9000, at)
    end
    assert.equal(9000, select(2, printed(many):gsub("\n", "")))
    assert.equal(9000, select(2, printed("-T jsonl " .. many):gsub("\n", "")))
    assert.equal(5000, select(2, printed("-c 5000 " .. many):gsub("\n", "")))
  end)

  it("of a pipe comes as its packets do", function()
    local first = 24 + 16 + #packets[1][1]:bytes()
    for _, case in ipairs {
      { "--proto any", "1700000000.001 " }, { "--proto any -T jsonl", '{"number":1,' },
      { "--proto any -e number -e note", "1\t" },
      { "", "1700000000.001 " }, -- kept back for a while, as commands might come
    } do
      local words, begin = table.unpack(case)
      -- the line must be there while the rest is not: its writer waits for the file that says so
      local flag = support.tmpname()
      os.remove(flag)
      local feeder = ("{ head -c %d %s; i=0; while [ ! -e %s ] && [ $i -lt 300 ]; do sleep 0.1; "
        .. "i=$((i+1)); done; tail -c +%d %s; echo $i >%s.waited; }"):format(first, path, flag,
        first + 1, path, flag)
      local pipe = assert(io.popen(
        ("%s | %s shark %s -"):format(feeder, program, words)))
      local line = pipe:read "l"
      support.write_file(flag, "")
      local rest = pipe:read "a"
      pipe:close()
      local waited = tonumber(support.read_file(flag .. ".waited"))
      os.remove(flag)
      os.remove(flag .. ".waited")
      assert.equal(begin, line:sub(1, #begin))
      assert.equal(4, select(2, rest:gsub("\n", "")))
      assert.is_true(waited < 300, "the first line came with the last packet")
    end
  end)

  it("is a capture from when the pipe is known to be one", function()
    for _, words in ipairs { "-T pcap -", "-w - -" } do
      local flag = support.tmpname()
      os.remove(flag)
      local feeder = ("{ head -c %d %s; i=0; while [ ! -e %s ] && [ $i -lt 300 ]; do sleep 0.1; "
        .. "i=$((i+1)); done; echo $i >%s.waited; }"):format(24, path, flag, flag)
      local pipe = assert(io.popen(("%s | %s shark %s -Y false 2>&1"):format(feeder, program,
        words)))
      local head = pipe:read(24)
      support.write_file(flag, "")
      head = head .. pipe:read "a"
      pipe:close()
      local waited = tonumber(support.read_file(flag .. ".waited"))
      os.remove(flag)
      os.remove(flag .. ".waited")
      assert.same({ 24, "\x4d\x3c\xb2\xa1" }, { #head, head:sub(1, 4) })
      assert.is_true(waited < 300, "the head came with the end")
    end
  end)

  it("is the same for a pipe of single bytes", function()
    local slow = ("python3 -c 'import sys,os\nfor b in open(sys.argv[1],\"rb\").read(): "
      .. "os.write(1, bytes([b]))' %s"):format(ng)
    local ok, out, err = run(("%s | %s shark -"):format(slow, program))
    assert(ok, err)
    assert.equal(some(1, 2, 3, 4, 5), out)
  end)
end)

local A, B = network.mac(1, 1), network.mac(1, 2)

network.describe("a capture on an interface", 2, function(its)
  local function send(net, count, text)
    local ok, _, err = net:run(1, ("%s send -n %d --type 0x88b5 right %s %s %s"):format(program,
      count, A, B, text))
    assert(ok, err)
  end

  its("is printed as it comes", function(net)
    local pipe = net:start(2, program
      .. " shark --proto any -i left -c 3 -f 'ether proto 0x88b5'")
    send(net, 1, "abcd")
    local line = pipe:read "l" -- while the others are not there yet
    send(net, 2, "efgh")
    local _, count = pipe:read("a"):gsub("\n", "")
    pipe:close()
    assert.equal(2, count)
    local time, rest = line:match "^(%d+%.%d+) (.*)$"
    assert.is_true(math.abs(tonumber(time) - os.time()) < 60)
    assert.equal(("%s->%s Ether(dst=%s, src=%s, type=0x88b5) + 4 bytes"):format(A, B, B, A), rest)
  end)

  its("is written until it is interrupted", function(net)
    for _, suffix in ipairs { "pcap", "pcapng" } do
      local file = folder .. "/live." .. suffix
      local pipe = net:start(2, ("%s shark -i left -f 'ether proto 0x88b5' -w %s"):format(program,
        file))
      send(net, 5, "text")
      for _ = 1, 100 do
        if #records(file) == 5 then break end
        os.execute "sleep 0.05"
      end
      os.execute(("kill -INT $(ps -o pid= --ppid %s)"):format(net.pids[pipe])) -- not timeout's
      assert.equal("", pipe:read "a")
      assert.is_true(pipe:close())
      assert.equal(5, #records(file))
    end
  end)

  its("is a capture at once", function(net)
    for suffix, size in pairs { pcap = 24, pcapng = 60 } do
      local file = folder .. "/early." .. suffix
      local pipe = net:start(2, ("%s shark -i left -f 'ether proto 0x88b5' -w %s"):format(program,
        file))
      for _ = 1, 500 do
        if #(support.read_file(file) or "") == size then break end
        os.execute "sleep 0.02"
      end
      local there = support.read_file(file)
      net:stop(pipe)
      assert.equal(size, #there)
      assert.equal(0, #records(file))
    end
  end)

  its("says how much came too fast", function(net)
    local file, count = folder .. "/flood.pcap", 50000
    local pipe = net:start(2, ("%s shark -i left -f 'ether proto 0x88b5' -w %s 2>&1"):format(
      program, file))
    local function signal(name)
      os.execute(("kill -%s $(ps -o pid= --ppid %s)"):format(name, net.pids[pipe]))
    end
    signal "STOP"
    send(net, count, "abcd")
    signal "CONT"
    for _ = 1, 500 do
      if #(support.read_file(file) or "") > 24 then break end
      os.execute "sleep 0.02"
    end
    signal "INT"
    local said = pipe:read "a"
    pipe:close()
    local lost = tonumber(said:match(
      "^luapkt shark: left: (%d+) packets came too fast and are missing\n$"))
    local there = #records(file)
    assert.is_true(lost > 0 and there > 0 and lost + there <= count, said)
  end)

  -- What is kept back, as commands might come, is printed then.
  its("ends with the interface, and says so", function(net)
    assert(net:run(2, "ip link add brief type veth peer name other && ip link set other up && "
      .. "ip link set brief up"))
    local pipe = net:start(2, program .. " shark -i brief -f 'ether proto 0x88b5' 2>&1")
    assert(net:run(2, ("%s send --type 0x88b5 other %s %s abcd"):format(program, A, B)))
    assert(net:run(2, "ip link delete brief"))
    local line, why = pipe:read("l", "a")
    pipe:close()
    assert.matches(" Ether%(.* %+ 4 bytes$", line)
    assert.matches("^luapkt shark: brief: .*disappeared\n$", why)
  end)

  its("sees what hosts say to themselves", function(net)
    net:run(2, "ip link set lo up")
    local pipe = net:start(2, program .. " shark --proto any -i lo -c 1 -f 'udp port 5999'")
    net:run(2, "bash -c 'echo -n hello >/dev/udp/127.0.0.1/5999'")
    assert.matches("127%.0%.0%.1:%d+%->127%.0%.0%.1:5999 UDP%(%) %+ 5 bytes\n$", pipe:read "a")
    pipe:close()
  end)

  its("can't be where there is none, or isn't allowed", function(net)
    local function complaint(rest)
      local _, out, err, status = net:run(2, rest)
      assert.same({ "", 1 }, { out, status })
      return err
    end
    assert.matches("^luapkt shark: none: .", complaint(program .. " shark -i none"))
    assert.equal("luapkt shark: left: captures need root or the capability CAP_NET_RAW\n",
      complaint("setpriv --bounding-set -net_raw --inh-caps -net_raw " .. program
        .. " shark -i left"))
  end)

  its("is possible on the interfaces that are listed", function(net)
    local ok, out, err = net:run(2, program .. " shark -D")
    assert(ok, err)
    assert.matches("\nleft\tup", "\n" .. out)
    assert.matches("\nlo\t[^\n]*loopback", "\n" .. out)
  end)
end)
