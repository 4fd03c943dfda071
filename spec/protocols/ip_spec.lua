local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("IP", function()
  -- The header that most texts work the checksum of RFC 1071 out on.
  local wire = unhex "45000073 00004000 4011b861 c0a80001 c0a800c7" .. ("\0"):rep(95)

  local function header(more)
    local fields = { id = 0, flags = "DF", proto = "udp" }
    fields.src, fields.dst = "192.168.0.1", "192.168.0.199"
    for k, v in pairs(more or {}) do fields[k] = v end
    return { { "IP", fields }, { "Raw", { load = ("\0"):rep(95) } } }
  end

  it("works out length, header length and checksum", function()
    assert.equal(wire, luapkt.build(header()))
  end)

  it("keeps what was set, right or wrong", function()
    local bytes = luapkt.build(header { len = 1, ihl = 6, chksum = 0xdead })
    assert.equal(unhex "46", bytes:sub(1, 1))
    assert.equal(unhex "0001", bytes:sub(3, 4))
    assert.equal(unhex "dead", bytes:sub(11, 12))
  end)

  it("is read", function()
    assert.same({
      version = 4, ihl = 5, tos = 0, len = 115, id = 0, flags = 2, frag = 0, ttl = 64, proto = 17,
      chksum = 0xb861, src = "192.168.0.1", dst = "192.168.0.199", options = {},
    }, luapkt.dissect(wire, "IP")[1].fields)
  end)

  it("ends where its length says", function()
    local bytes = unhex "45000016 00010000 40c8741a 01010101 02020202" .. "abtrailer"
    local layers = luapkt.dissect(bytes, "IP")
    assert.equal("IP/Raw/Padding", ids(layers))
    assert.equal("ab", layers[2].fields.load)
  end)

  -- As the reference, which takes s[:-20] for the options and goes on with s[-20:].
  it("with a header length below 20 leaves as many bytes as it lacks, or all", function()
    local short = unhex "40000030 00010000 403d0000 01010101 02020202"
    for n, options in pairs { [0] = 0, [5] = 0, [19] = 0, [20] = 0, [21] = 1, [30] = 10 } do
      local p = luapkt.packet(short .. ("\1"):rep(n), "IP")
      assert.equal(options, #p.IP.options)
      assert.equal(n - options, p.Raw and #p.Raw.load or 0)
    end
  end)

  it("reads no header in a later fragment", function()
    local later = unhex "4500001c 000100b9 40113a16 10000001 30000001  00350035 0008bf72"
    assert.equal("IP/Raw", ids(luapkt.dissect(later, "IP")))
  end)

  it("says which protocol it carries", function()
    assert.equal("\41", luapkt.build { { "IP" }, { "IPv6" } }:sub(10, 10))
    assert.equal("\4", luapkt.build { { "IP" }, { "IP" } }:sub(10, 10))
  end)
end)

describe("IPerror", function()
  it("is the datagram that an ICMP error quotes", function()
    local bytes = unhex [[45000038 00010000 40013ac3 10000001 30000001  0301031e 00000000
                          4500001c 00010000 401174cb 01010101 02020202  00010002 0008f9d5]]
    assert.equal("IP/ICMP/IPerror/UDPerror", ids(luapkt.dissect(bytes, "IP")))
    assert.equal(bytes, luapkt.build {
      { "IP" }, { "ICMP", { type = "dest-unreach", code = "host-unreachable" } },
      { "IPerror", { src = "1.1.1.1", dst = "2.2.2.2" } }, { "UDPerror", { sport = 1, dport = 2 } },
    })
  end)

  -- Lengths that can't be: what the reference makes of them.
  it("reads all but the last bytes as options where its header length is too small", function()
    local head = "44 00 001c 0001 0000 40 00 0000 0a000001 0a000002"
    local layers = luapkt.dissect(unhex(head .. "01 01 01 01 aabbccdd"), "IP")
    assert.equal(4, #layers[1].fields.options)
    assert.equal("IPOption_NOP", layers[1].fields.options[4].id)
    assert.equal(unhex "aabbccdd", layers[2].fields.load)
  end)

  it("carries what its length leaves behind the header length", function()
    local head = "46 00 0019 0001 0000 40 00 0000 0a000001 0a000002 01010101"
    local layers = luapkt.dissect(unhex(head .. "aa bb"), "IP")
    assert.equal(unhex "aa", layers[2].fields.load)
    assert.equal("Padding", layers[3].id)
    layers = luapkt.dissect(unhex(head:gsub("0019", "0014") .. "aa bb"), "IP")
    assert.equal(unhex "aabb", layers[2].fields.load)
  end)

  -- As Scapy has it.
  it("holds what a quoted tunnel holds as a quote", function()
    local bytes = luapkt.build {
      { "IP" }, { "ICMP", { type = 3 } }, { "IPerror" }, { "IP" }, { "UDP" },
    }
    assert.equal("IP/ICMP/IPerror/IPerror/UDPerror", ids(luapkt.dissect(bytes, "IP")))
  end)
end)
