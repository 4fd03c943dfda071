local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

-- A message on IPv6 between ::2 and ::1, or to the group that it is sent to: its type, what is set
-- in it, what IPv6 says for it ('hlim', 'dst'), and its bytes.
local cases = {
  { "ICMPv6DestUnreach", { code = 1 }, 64, "::1", "0101 feb9 00 000000" },
  { "ICMPv6PacketTooBig", { mtu = 1400 }, 64, "::1", "0200 f842 00000578" },
  { "ICMPv6TimeExceeded", { code = 1 }, 64, "::1", "0301 fcb9 00 000000" },
  { "ICMPv6ParamProblem", {}, 64, "::1", "0400 fbb4 00000006" },
  { "ICMPv6EchoRequest", { id = 1, seq = 2 }, 64, "::1", "8000 7fb7 0001 0002" },
  { "ICMPv6EchoReply", {}, 64, "::1", "8100 7eba 0000 0000" },
  { "ICMPv6MLQuery", {}, 1, "ff02::1", "8200 5797 2710 0000" .. ("0"):rep(32) },
  { "ICMPv6MLReport", { mladdr = "ff02::fb" }, 1, "::1",
    "8300 7cac 0000 0000 ff0200000000000000000000000000fb" },
  { "ICMPv6MLDone", { mladdr = "ff02::fb" }, 1, "ff02::2",
    "8400 7ca8 0000 0000 ff0200000000000000000000000000fb" },
  { "ICMPv6MLQuery2", { sources = { "2001:db8::1" }, QRV = 2, S = 1, QQIC = 125 }, 1, "ff02::1",
    "8200 1f4b 2710 0000" .. ("0"):rep(32) .. "0a 7d 0001 20010db8000000000000000000000001" },
  { "ICMPv6MRD_Advertisement", {}, 1, "ff02::2", "9714 69a2 0000 0000" },
  { "ICMPv6MRD_Termination", {}, 1, "ff02::6a", "9900 6752" },
  { "ICMPv6ND_RS", {}, 255, "ff02::2", "8500 7bb6 00000000" },
  { "ICMPv6ND_RA", { chlim = 64, M = 1, O = 1 }, 255, "ff02::1",
    "8600 32df 40 c8 0708 00000000 00000000" },
  { "ICMPv6ND_NS", { tgt = "2001:db8::2", res = 1 }, 255, "ff02::1",
    "8700 4beb 00000001 20010db8000000000000000000000002" },
  { "ICMPv6ND_NA", {}, 255, "ff02::1", "8800 d8a6 a0000000" .. ("0"):rep(32) },
  { "ICMPv6ND_Redirect", {}, 255, "ff02::1", "8900 7797 00000000" .. ("0"):rep(64) },
  { "ICMPv6ND_INDSol", {}, 255, "ff02::1", "8d00 73b7 00000000" },
  { "ICMPv6ND_INDAdv", {}, 255, "ff02::1", "8e00 72b7 00000000" },
  { "ICMPv6HAADRequest", { id = 7 }, 64, "::1", "9000 efb2 0007 8000" },
  { "ICMPv6HAADReply", { id = 7, addresses = { "2001:db8::1" } }, 64, "::1",
    "9100 c0e8 0007 8000 20010db8000000000000000000000001" },
  { "ICMPv6MPSol", { id = 3 }, 64, "::1", "9200 6db7 0003 0000" },
  { "ICMPv6MPAdv", {}, 64, "::1", "9300 ecb9 0000 8000" },
}

-- A message on IPv6.
local function ipv6_head(message)
  return luapkt.build { { "IPv6", { nh = 58 } }, { "Raw", { load = message } } }
end

describe("ICMPv6", function()
  for _, case in ipairs(cases) do
    local id, fields, hlim, dst, bytes = case[1], case[2], case[3], case[4], unhex(case[5])

    describe(id, function()
      local built = luapkt.build { { "IPv6" }, { id, fields } }

      it("is built, and says to IPv6 where it goes", function()
        assert.equal(bytes, built:sub(41))
      end)

      it("is read", function()
        local layers = luapkt.dissect(built, "IPv6")
        assert.equal("IPv6/" .. id, ids(layers))
        assert.equal(58, layers[1].fields.nh)
        assert.equal(hlim, layers[1].fields.hlim)
        assert.equal(dst, layers[1].fields.dst)
        for name, value in pairs(fields) do assert.same(value, layers[2].fields[name]) end
      end)
    end)
  end

  it("keeps a checksum and addresses that were set", function()
    local stack = { { "IPv6", { hlim = 7, dst = "fe80::1" } }, { "ICMPv6ND_NS", { cksum = 1 } } }
    local layers = luapkt.dissect(luapkt.build(stack), "IPv6")
    assert.equal(7, layers[1].fields.hlim)
    assert.equal("fe80::1", layers[1].fields.dst)
    assert.equal(1, layers[2].fields.cksum)
  end)

  it("has a checksum of 0 without a network layer", function()
    assert.equal(unhex "8000 0000 0000 0000", luapkt.build { { "ICMPv6EchoRequest" } })
  end)

  it("covers data in its checksum", function()
    local stack = {
      { "IPv6", { src = "2001:db8::1", dst = "2001:db8::2" } },
      { "ICMPv6EchoReply", { id = 1, seq = 2, data = "\0\1" } },
    }
    assert.equal(unhex "8100 2342 0001 0002 0001", luapkt.build(stack):sub(41))
  end)

  it("rides on extension headers", function()
    local bytes = luapkt.build { { "IPv6" }, { "IPv6ExtHdrDestOpt" }, { "ICMPv6EchoRequest" } }
    assert.equal("IPv6/IPv6ExtHdrDestOpt/ICMPv6EchoRequest", ids(luapkt.dissect(bytes, "IPv6")))
  end)

  it("leaves a message that is too short, or of an unknown type, as it is", function()
    for _, message in ipairs { "8000 5fdf", "c800 0000 0000 0000" } do
      local bytes = luapkt.build { { "IPv6", { nh = 58 } }, { "Raw", { load = unhex(message) } } }
      assert.equal("IPv6/Raw", ids(luapkt.dissect(bytes, "IPv6")))
    end
  end)
end)

describe("an ICMPv6 error", function()
  -- RFC 4443 section 3.1: port unreachable, with the datagram that caused it.
  local wire = unhex [[0104 8c57 01 000000
                       60000000 0008 11 40 00000000000000000000000000000002
                       00000000000000000000000000000001  0001 0002 0008 ffd8]]

  it("quotes what caused it", function()
    local bytes = luapkt.build {
      { "IPv6" },
      { "ICMPv6DestUnreach", { code = "Port unreachable", length = 1 } },
      { "IPerror6" },
      { "UDPerror", { sport = 1, dport = 2 } },
    }
    assert.equal(wire, bytes:sub(41))
    local layers = luapkt.dissect(bytes, "IPv6")
    assert.equal("IPv6/ICMPv6DestUnreach/IPerror6/UDPerror", ids(layers))
    assert.equal(2, layers[4].fields.dport)
  end)
end)

describe("an MLDv2 report", function()
  -- RFC 3810 section 5.2: one group joined.
  local wire = unhex "8f00 6e86 0000 0001  04 00 0000 ff020000000000000000000000010003"
  local record = { id = "ICMPv6MLDMultAddrRec", fields = { dst = "ff02::1:3" } }

  it("counts its records", function()
    local bytes = luapkt.build { { "IPv6" }, { "ICMPv6MLReport2", { records = { record } } } }
    assert.equal(wire, bytes:sub(41))
    assert.equal("ff02::16", luapkt.dissect(bytes, "IPv6")[1].fields.dst)
  end)

  it("is read", function()
    local report = luapkt.dissect(wire, "ICMPv6MLReport2")[1].fields
    assert.equal(1, report.records_number)
    assert.equal("ff02::1:3", report.records[1].fields.dst)
    assert.equal(0, report.records[1].fields.sources_number)
  end)

  it("counts the sources of a record, and its auxiliary data in words", function()
    local bytes = luapkt.build {
      { "ICMPv6MLDMultAddrRec", { rtype = 1, sources = { "::1", "::2" }, auxdata = "12345678" } },
    }
    assert.equal(unhex "01 02 0002", bytes:sub(1, 4))
    local fields = luapkt.dissect(bytes, "ICMPv6MLDMultAddrRec")[1].fields
    assert.same({ "::1", "::2" }, fields.sources)
    assert.equal("12345678", fields.auxdata)
  end)

  -- RFC 3810 section 5.2.6: the length is in words, so the next record begins behind whole ones.
  it("fills auxiliary data up to whole words", function()
    local first = { rtype = 4, dst = "ff02::1:3", auxdata = "12345" }
    local report = { "ICMPv6MLReport2", { cksum = 0, records = {
      { id = "ICMPv6MLDMultAddrRec", fields = first }, record,
    } } }
    assert.equal(unhex [[8f00 0000 0000 0002
      04 02 0000 ff020000000000000000000000010003 3132333435000000
      04 00 0000 ff020000000000000000000000010003]], luapkt.build { report })
    first.auxdata_len = 1
    assert.equal(unhex "04 01 0000", luapkt.build({ report }):sub(9, 12))
  end)
end)

-- As scapy 2.5 has them, in6_chksum().
describe("the check sum of ICMPv6", function()
  local function sum(...)
    local layers = {}
    for i, id in ipairs { ... } do layers[i] = { id } end
    local read = luapkt.dissect(luapkt.build(layers), "Ether")
    local last = luapkt.dissect(luapkt.build(layers):sub(read[#read].offset + 1), (select(-1, ...)))
    return last[1].fields.cksum
  end

  it("has a pseudo-header of IPv6, also of one below extension headers", function()
    assert.equal(0x7fba, sum("Ether", "IPv6", "ICMPv6EchoRequest"))
    assert.equal(0x7fba, sum("Ether", "IPv6", "IPv6ExtHdrDestOpt", "ICMPv6EchoRequest"))
  end)

  it("is 0 on IPv4, which has no such header", function()
    assert.equal(0, sum("Ether", "IP", "ICMPv6EchoRequest"))
    assert.equal(0, sum("Ether", "IP", "ICMPv6ND_NS"))
    assert.equal(0, sum("Ether", "IP", "ICMPv6MLReportV2"))
  end)
end)

describe("node information", function()
  it("tells queries and replies apart by what they are about", function()
    local messages = {
      "ICMPv6NIQueryName", "ICMPv6NIQueryIPv6", "ICMPv6NIQueryIPv4",
      "ICMPv6NIReplyNOOP", "ICMPv6NIReplyName", "ICMPv6NIReplyIPv6", "ICMPv6NIReplyIPv4",
      "ICMPv6NIReplyRefuse", "ICMPv6NIReplyUnknown",
    }
    for _, id in ipairs(messages) do
      assert.equal("IPv6/" .. id, ids(luapkt.dissect(luapkt.build { { "IPv6" }, { id } }, "IPv6")))
    end
  end)

  -- As scapy 2.5 has them.
  it("has names for the codes of replies but one", function()
    local service = support.service()
    for id, shown in pairs {
      ICMPv6NIReplyNOOP = "Successful Reply", ICMPv6NIReplyRefuse = "Response Refusal",
      ICMPv6NIReplyUnknown = "2",
    } do
      local result = assert(service:call("build_pkt", luapkt.json.array { { id = id } }))
      assert.equal(shown, support.field_of(result.data[1], "code").hvalue)
    end
    service:close()
  end)

  it("asks about an address where the code says so", function()
    local bytes = luapkt.build { { "ICMPv6NIQueryIPv6", { code = 0, data = "2001:db8::1" } } }
    assert.equal(unhex "8b00 0000 0003 003e", bytes:sub(1, 8))
    assert.equal(unhex "20010db8000000000000000000000001", bytes:sub(17))
    assert.equal("2001:db8::1", luapkt.dissect(bytes, "ICMPv6NIQueryIPv6")[1].fields.data)
  end)

  it("has a code for what the data is", function()
    for text, code in pairs { ["2001:db8::1"] = 0, ["host"] = 1, ["1.2.3.4"] = 2 } do
      local bytes = luapkt.build { { "ICMPv6NIQueryName", { data = text } } }
      assert.equal(code, bytes:byte(2), text)
      assert.equal(text, luapkt.dissect(bytes, "ICMPv6NIQueryName")[1].fields.data)
    end
  end)

  it("shows a name so that it can be sent back", function()
    local service = support.service()
    for _, handle in ipairs { false, service:call("get_version_handler", "1", "02") } do
      local function build(value)
        local model = { { id = "ICMPv6NIQueryName", fields = { { id = "data", value = value } } } }
        local built
        if handle then
          built = service:call("build_pkt", handle, model)
        else
          built = service:call("build_pkt", model)
        end
        return built.binary, built.data[1].fields[#built.data[1].fields]
      end
      for _, name in ipairs { "host", "it's", "caf\xc3\xa9", "\xff\xfe.org" } do
        local bytes, data = build { vtype = "BYTES", base64 = luapkt.wire.base64(name) }
        assert.equal("data", data.id)
        assert.equal(bytes, (build(data.value)), name)
      end
    end
    service:close()
  end)

  it("ends a name of one label with two empty ones, a full name with one", function() -- RFC 4620 4
    local names = {
      ["host"] = "04686f7374 00 00", ["host."] = "04686f7374 00", ["a.b"] = "0161 0162 00",
      [""] = "00 00 00", ["."] = "00",
    }
    for text, wire in pairs(names) do
      local bytes = luapkt.build { { "ICMPv6NIQueryName", { data = text } } }
      assert.equal(unhex(wire), bytes:sub(17), text)
      assert.equal(text, luapkt.dissect(bytes, "ICMPv6NIQueryName")[1].fields.data)
      assert.equal(bytes, luapkt.rebuild(bytes, "ICMPv6NIQueryName"))
    end
  end)

  -- RFC 4620 section 6; the bytes of addresses, and of a name of one label, as scapy 2.5 has them.
  it("answers with a time to live and names, or with one for each address", function()
    local head, names = "8c00 0000 0002 0000 33540d85be6dab5e", unhex [[0000012c
      04 686f7374 00 00  01 61 07 6578616d706c65 03 6f7267 00]]
    local bytes = unhex(head) .. names
    local data = luapkt.packet(bytes, "ICMPv6NIReplyName").ICMPv6NIReplyName.data[1]
    assert.equal(300, data.ttl)
    assert.same({ "host", "a.example.org" }, data.names)
    local fields = { nonce = unhex "33540d85be6dab5e", cksum = 0, data = { id = "NIReplyNames",
      fields = { ttl = 300, names = { "host", "a.example.org" } } } }
    assert.equal(bytes, luapkt.build { { "ICMPv6NIReplyName", fields } })
    fields.data = names
    assert.equal(bytes, luapkt.ICMPv6NIReplyName(fields):bytes())

    local addresses = {
      ICMPv6NIReplyIPv6 = { "0003", { "2001:db8::1", "::2" },
        "0000012c 20010db8000000000000000000000001 00000005 00000000000000000000000000000002" },
      ICMPv6NIReplyIPv4 = { "0004", { "1.2.3.4", "5.6.7.8" },
        "0000012c 01020304 00000005 05060708" },
    }
    for id, case in pairs(addresses) do
      bytes = unhex(head:gsub("0002", case[1]) .. case[3])
      data = luapkt.packet(bytes, id)[id].data
      assert.same({ 300, case[2][1] }, { data[1].ttl, data[1].addr })
      assert.same({ 5, case[2][2] }, { data[2].ttl, data[2].addr })
      assert.equal(2, #data)
    end
  end)

  it("keeps what an answer says where it ends early", function()
    local bytes = unhex "8c00 0000 0002 0000 33540d85be6dab5e 0000012c 04 686f7374 00 00"
    for n = 16, #bytes do
      local cut = bytes:sub(1, n)
      assert.equal(cut, luapkt.rebuild(cut, "ICMPv6NIReplyName"))
    end
  end)

  it("leaves what is behind the name to the payload", function()
    local bytes = unhex("8b01 0000 0002 0000" .. ("0"):rep(16) .. "0161 00 ff 00")
    local layers = luapkt.dissect(bytes, "ICMPv6NIQueryName")
    assert.equal("a.", layers[1].fields.data)
    assert.equal(bytes, luapkt.rebuild(bytes, "ICMPv6NIQueryName"))
  end)

  it("is told apart as soon as what it is about is there", function()
    local function read(hex) return luapkt.dissect(ipv6_head(unhex(hex)), "IPv6")[2].id end
    assert.equal("ICMPv6NIQueryName", read "8b01 0000 0002 0000 01020304") -- a nonce cut short
    assert.equal("Raw", read "8b01 0000 0002")
    assert.equal("ICMPv6NIReplyRefuse", read "8c01 0000")
  end)

  -- As scapy 2.5 has it.
  it("answers about what nobody knows as about nothing", function()
    local bytes = ipv6_head(unhex "8c00 0000 0400 0000 0102030405060708")
    assert.equal("ICMPv6NIReplyNOOP", luapkt.dissect(bytes, "IPv6")[2].id)
  end)
end)

-- RFC 3810 section 8.1: of version 2 from 28 bytes on; what is between isn't, as scapy 2.5 has it.
describe("a multicast listener query", function()
  it("is of the version that its length says", function()
    local function read(more)
      local query = unhex "8200 0000 2710 0000" .. ("\0"):rep(16 + more)
      return ids(luapkt.dissect(ipv6_head(query), "IPv6"))
    end
    assert.equal("IPv6/ICMPv6MLQuery", read(0))
    assert.equal("IPv6/ICMPv6MLQuery/Raw", read(1))
    assert.equal("IPv6/ICMPv6MLQuery/Raw", read(3))
    assert.equal("IPv6/ICMPv6MLQuery2", read(4))
  end)
end)
