local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

local function ids(bytes, first)
  local list = {}
  for i, layer in ipairs(luapkt.dissect(unhex(bytes), first)) do list[i] = layer.id end
  return list
end

describe("IPv6 over IEEE 802.15.4", function()
  it("is told by its first bits", function()
    assert.same({ "LoWPANUncompressedIPv6", "IPv6" }, ids("41 60" .. ("0"):rep(78), "SixLoWPAN"))
    assert.same({ "LoWPANMesh", "LoWPANFragmentationFirst", "Raw" },
      ids("b5 1234 5678 c064 0007 00", "SixLoWPAN"))
    assert.same({ "LoWPANFragmentationSubsequent", "Raw" }, ids("e064 0007 05 aa", "SixLoWPAN"))
    assert.same({ "LoWPAN_HC1", "Raw" }, ids("42 fb 40 aa", "SixLoWPAN"))
    assert.same({ "LoWPAN_IPHC", "Raw" }, ids("7a33 3a 80", "SixLoWPAN"))
  end)

  it("has addresses of the link of both sizes", function()
    local p = luapkt.dissect(unhex "a0 1234 0102030405060708", "LoWPANMesh")[1].fields
    assert.equal(0x1234, p._sourceAddr)
    assert.equal(0x0102030405060708, p._destinyAddr)
  end)

  -- RFC 6282 section 3: traffic class and flow label, next header, hop limit, addresses.
  it("has compressed headers with what their bits leave", function()
    for expected, fields in pairs {
      ["7a333a"] = { tf = 3, hlim = 2, sam = 3, dam = 3, _nhField = 58 },
      ["6833" .. "412345" .. "1107"] = {
        tf = 1, tc_ecn = 1, flowlabel = 0x12345, hlim = 0, _nhField = 17, _hopLimit = 7, sam = 3,
        dam = 3,
      },
      ["6033" .. "81012345" .. "1107"] = {
        tf = 0, tc_ecn = 2, tc_dscp = 1, flowlabel = 0x12345, _nhField = 17, _hopLimit = 7, sam = 3,
        dam = 3,
      },
    } do
      assert.equal(expected, hex(luapkt.build { { "LoWPAN_IPHC", fields } }))
      local read = luapkt.dissect(unhex(expected), "LoWPAN_IPHC")[1].fields
      for id, value in pairs(fields) do assert.equal(value, read[id]) end
    end
  end)

  it("has the bytes of addresses that are not elided", function()
    for bytes, sizes in pairs {
      ["7b00 3a"] = { 16, 16 }, ["7b11 3a"] = { 8, 8 }, ["7b22 3a"] = { 2, 2 },
      ["7b33 3a"] = { 0, 0 },
      ["7b40 3a"] = { 0, 16 }, ["7b51 3a"] = { 8, 8 }, ["7b38 3a"] = { 0, 16 },
      ["7b39 3a"] = { 0, 6 }, ["7b3a 3a"] = { 0, 4 }, ["7b3b 3a"] = { 0, 1 },
      ["7b3c 3a"] = { 0, 6 },
    } do
      local p = luapkt.dissect(unhex(bytes) .. ("\1"):rep(40), "LoWPAN_IPHC")[1].fields
      assert.same(sizes, { #p.sourceAddr, #p.destinyAddr }, bytes)
    end
  end)

  -- RFC 6282 section 4.3.3.
  it("has compressed ports", function()
    local function read(bytes)
      local p = luapkt.dissect(unhex(bytes), "LoWPAN_IPHC")[1].fields
      return { p.udpSourcePort, p.udpDestinyPort, p.udpChecksum }
    end
    assert.same({ 0x1234, 0x5678, 0xabcd }, read "7e33 f0 1234 5678 abcd")
    assert.same({ 0x1234, 0x78, 0xabcd }, read "7e33 f1 1234 78 abcd")
    assert.same({ 0x12, 0x5678, 0xabcd }, read "7e33 f2 12 5678 abcd")
    assert.same({ 1, 2, 0xabcd }, read "7e33 f3 12 abcd")
    assert.same({ 1, 2 }, read "7e33 f7 12 99")
  end)
end)

describe("checksums over compressed headers", function()
  local Dot15d4, Dot15d4Data = luapkt.Dot15d4, luapkt.Dot15d4Data
  local IEEE802_15_4_NOFCS = 230

  local links = {
    [2] = { src_addr = 0x0102, dest_addr = 2 },
    [3] = { src_addr = 0x1122334455667788, dest_addr = 0x0200000000000002 },
  }

  local function frame(mode, fields, upper)
    local all = { tf = 3, hlim = 2, nh = 0, header_compression = 0xf0 }
    for k, v in pairs(fields) do all[k] = v end
    return Dot15d4{ fcf_srcaddrmode = mode, fcf_destaddrmode = mode, fcf_panidcompress = 1 }
      / Dot15d4Data(links[mode]) / luapkt.LoWPAN_IPHC(all) / upper
  end

  -- The header, what it carries, and its addresses by RFC 6282 sections 3.1.1 and 3.2.2: of 64
  -- bits, 16, or none, from 802.15.4's; to groups of 8, 32 and 48 bits; unspecified; and whole.
  local ping = luapkt.ICMPv6EchoRequest{ data = "ping" }
  local cases = {
    { frame(3, { nh = 1, sam = 3, dam = 3, udpSourcePort = 0x1234, udpDestinyPort = 0x5678 },
        "hello"), "fe80::1322:3344:5566:7788", "fe80::2" },
    { frame(2, { nh = 1, sam = 3, dam = 3, header_compression = 0xf3, udpSourcePort = 1,
        udpDestinyPort = 2 }, "hello!"), "fe80::ff:fe00:102", "fe80::ff:fe00:2" },
    { frame(3, { nh = 1, sam = 2, dam = 1, header_compression = 0xf1, udpSourcePort = 0x1234,
        udpDestinyPort = 2, sourceAddr = "\x12\x34", destinyAddr = "abcdefgh" }, "x"),
      "fe80::ff:fe00:1234", "fe80::6162:6364:6566:6768" },
    { frame(3, { nh = 1, sam = 0, m = 1, dam = 3, header_compression = 0xf2, udpSourcePort = 5,
        sourceAddr = unhex "20010db8" .. ("\7"):rep(12), destinyAddr = "\1" }, "odd"),
      "2001:db8:707:707:707:707:707:707", "ff02::1" },
    { frame(3, { sac = 1, sam = 0, m = 1, dam = 1, destinyAddr = "\2abcde" }, ping), "::",
      "ff02::61:6263:6465" },
    { frame(3, { sam = 3, m = 1, dam = 2, destinyAddr = "\5abc" }, luapkt.UDP{} / "abc"),
      "fe80::1322:3344:5566:7788", "ff05::61:6263" },
    { frame(2, { sam = 3, dam = 3 }, luapkt.TCP{} / "abc"), "fe80::ff:fe00:102",
      "fe80::ff:fe00:2" },
    { frame(2, { sam = 3, m = 1, dam = 0, destinyAddr = "\xff\2" .. ("\0"):rep(13) .. "\1" },
        luapkt.ICMPv6ND_RS{}), "fe80::ff:fe00:102", "ff02::1" },
  }

  local function sums(p)
    local list = {}
    for _, entry in ipairs(p:check()) do
      if entry.what == "checksum" then table.insert(list, entry) end
    end
    return list
  end

  it("are right as tshark has them", function()
    if not capture.has_tshark() then pending "there is no tshark" end
    local path, list = support.tmpdir() .. "/lowpan.pcapng", {}
    for i, case in ipairs(cases) do list[i] = case[1]:bytes() end
    local kinds = {}
    for i = 1, #list do kinds[i] = IEEE802_15_4_NOFCS end
    capture.write(path, list, kinds)
    local status = { "udp.checksum.status", "tcp.checksum.status", "icmpv6.checksum.status" }
    local said = capture.tshark(path, { "ipv6.src", "ipv6.dst", table.unpack(status) },
      "-o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE")
    for i, case in ipairs(cases) do
      assert.same({ case[2], case[3] }, { said[i]["ipv6.src"], said[i]["ipv6.dst"] })
      local words = {}
      for _, name in ipairs(status) do table.insert(words, said[i][name]) end
      assert.equal("1", table.concat(words)) -- good
    end
  end)

  it("are found right, and wrong where a bit is another", function()
    for _, case in ipairs(cases) do
      local bytes = case[1]:bytes()
      local p = luapkt.packet(bytes, IEEE802_15_4_NOFCS)
      assert.is_true(p:check().right)
      local found = sums(p)
      assert.equal(1, #found)
      assert.equal("LoWPAN_IPHC", found[1].pseudo)
      local last = bytes:sub(1, -2) .. string.char(bytes:byte(-1) ~ 1)
      assert.is_false(luapkt.packet(last, IEEE802_15_4_NOFCS):check().right)
    end
  end)

  it("are not told where a context has an address", function()
    local p = frame(3, { sac = 1, sam = 3, dam = 3 }, luapkt.UDP{})
    local sum = sums(p)[1]
    assert.same({ 0, 0 }, { sum.value, sum.covers.size })
    assert.is_nil(sum.pseudo)
    p = luapkt.LoWPAN_IPHC{ tf = 3, hlim = 2, sam = 3, dam = 3 } / luapkt.UDP{} -- nor a link
    assert.equal(0, sums(p)[1].covers.size)
  end)

  -- RFC 4944 section 5.2: the originator and the final destination are those of the mesh header.
  it("know the ends of a mesh", function()
    local iphc = luapkt.LoWPAN_IPHC{ tf = 3, hlim = 2, sam = 3, dam = 3 } / ping
    local mesh = luapkt.LoWPANMesh{ _v = 1, _f = 1, _sourceAddr = 0x0102, _destinyAddr = 2 }
    local p = Dot15d4{ fcf_srcaddrmode = 2 } / Dot15d4Data{ src_addr = 7 } / mesh / iphc
    local wanted = luapkt.IPv6{ src = "fe80::ff:fe00:102", dst = "fe80::ff:fe00:2" } / ping
    assert.equal(wanted.ICMPv6EchoRequest.cksum, p.ICMPv6EchoRequest.cksum)
  end)

  it("carry what IPv6 does, by their own next header", function()
    local p = luapkt.LoWPAN_IPHC{ tf = 3, hlim = 2, sam = 3, dam = 3 } / ping
    assert.equal(58, p.LoWPAN_IPHC._nhField)
    local read = luapkt.packet(p:bytes(), "LoWPAN_IPHC")
    assert.equal("ICMPv6EchoRequest", read[2].kind)
    assert.equal("Raw", cases[1][1][4].kind)
  end)
end)
