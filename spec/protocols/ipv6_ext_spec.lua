local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

-- The headers of a packet behind the IPv6 header.
local function beyond(...)
  local stack = { { "IPv6", { src = "::2", dst = "::1" } } }
  for _, layer in ipairs { ... } do stack[#stack + 1] = layer end
  return luapkt.build(stack):sub(41)
end

local function options(...)
  return { options = { ... } }
end

-- The UDP checksum behind a routing header, of which so many segments are left.
local function sum_behind(routing, segleft, addresses)
  local bytes = beyond({ routing, { segleft = segleft, addresses = addresses or { "::9" } } },
    { "UDP", { sport = 1, dport = 2 } })
  return (">I2"):unpack(bytes, #bytes - 1)
end

describe("a checksum behind a routing header", function()
  -- RFC 8200 section 8.1: with the final destination, which the IPv6 header has once no segment is
  -- left. By hand: from ::2 to ::1 or ::9, length 8, next header 17, ports 1 and 2, length 8.
  it("counts the final destination", function()
    assert.equal(~(2 + 9 + 8 + 17 + 1 + 2 + 8) & 0xffff, sum_behind("IPv6ExtHdrRouting", 1))
    assert.equal(~(2 + 1 + 8 + 17 + 1 + 2 + 8) & 0xffff, sum_behind("IPv6ExtHdrRouting", 0))
    assert.equal(~(2 + 9 + 8 + 17 + 1 + 2 + 8) & 0xffff, sum_behind("IPv6ExtHdrSegmentRouting", 1))
    assert.equal(~(2 + 1 + 8 + 17 + 1 + 2 + 8) & 0xffff, sum_behind("IPv6ExtHdrSegmentRouting", 0))
  end)

  it("counts the IPv6 header's destination where there are no others", function()
    for _, id in ipairs { "IPv6ExtHdrRouting", "IPv6ExtHdrSegmentRouting" } do
      assert.equal(~(2 + 1 + 8 + 17 + 1 + 2 + 8) & 0xffff, sum_behind(id, 1, {}))
    end
  end)
end)

describe("Hop-by-hop options", function()
  it("are filled up with padding, RFC 8200 section 4.2", function()
    assert.equal(unhex "3b00 010400000000", beyond { "IPv6ExtHdrHopByHop" })
  end)

  it("are filled up by as many bytes as it takes, RFC 8200 section 4.2", function()
    local padding = { [0] = "01020000", "010100", "0100", "00", "", "01050000000000",
                      "010400000000", "0103000000" }
    for n = 0, 7 do
      local data, len = ("A"):rep(n), n <= 4 and 0 or 1
      local option = { id = "HBHOptUnknown", fields = { otype = 0x1e, optdata = data } }
      assert.equal(("\x3b%c\x1e%c%s"):format(len, n, data) .. unhex(padding[n]),
                   beyond { "IPv6ExtHdrHopByHop", options(option) })
    end
  end)

  it("lie where each wants to, RFC 8200 appendix A", function()
    local alert = { id = "RouterAlert", fields = {} }
    local jumbo = { id = "Jumbo", fields = { jumboplen = 70000 } }
    local hao   = { id = "HAO", fields = { hoa = "2001:db8::99" } }
    assert.equal(unhex "3b00 05020000 0100", beyond { "IPv6ExtHdrHopByHop", options(alert) })
    assert.equal(unhex "3b00 c204 00011170", beyond { "IPv6ExtHdrHopByHop", options(jumbo) })
    assert.equal(unhex "3b02 0102 0000 c910 20010db8000000000000000000000099",
                 beyond { "IPv6ExtHdrDestOpt", options(hao) })
  end)

  it("are not padded when autopad is off", function()
    assert.equal(unhex "3b00", beyond { "IPv6ExtHdrHopByHop", { len = 0, autopad = 0 } })
    assert.equal(unhex "3b00", beyond { "IPv6ExtHdrHopByHop", { len = 0, autopad = "Off" } })
  end)

  it("are read", function()
    local bytes = unhex "1100 05020000 0100  00350035 00080000"
    local layers = luapkt.dissect(bytes, "IPv6ExtHdrHopByHop")
    assert.equal("IPv6ExtHdrHopByHop/UDP", ids(layers))
    local list = layers[1].fields.options
    assert.equal("RouterAlert", list[1].id)
    assert.same({ otype = 5, optlen = 2, value = 0 }, list[1].fields)
    assert.equal("PadN", list[2].id)
  end)

  it("may be unknown", function()
    local list = luapkt.dissect(unhex "3b00 1e0461626364", "IPv6ExtHdrHopByHop")[1].fields.options
    assert.equal("HBHOptUnknown", list[1].id)
    assert.same({ otype = 30, optlen = 4, optdata = "abcd" }, list[1].fields)
  end)

  -- As scapy 2.5 has them.
  it("are told by their types where they are alone, too", function()
    for otype, id in pairs { [0] = "Pad1", "PadN", [5] = "RouterAlert", [8] = "HBHOptUnknown",
                             [194] = "Jumbo", [201] = "HAO" } do
      assert.equal(id, luapkt.dissect(string.char(otype), "HBHOptUnknown")[1].id)
    end
  end)

  it("end with a padding of one byte", function()
    local list = luapkt.dissect(unhex "3b00 0103000000 00", "IPv6ExtHdrHopByHop")[1].fields.options
    assert.equal("Pad1", list[2].id)
  end)
end)

describe("Destination options", function()
  it("let a home address stand for the source in checksums, RFC 6275 section 6.1.7", function()
    local hao = { id = "HAO", fields = { hoa = "2001:db8::99" } }
    local bytes = beyond({ "IPv6ExtHdrDestOpt", options(hao) }, { "TCP" })
    assert.equal(unhex "0602", bytes:sub(1, 2))
    assert.equal(unhex "612c", bytes:sub(41, 42))
  end)
end)

describe("A routing header", function()
  it("works out its length and segments, and covers the final destination", function()
    local bytes = beyond({ "IPv6ExtHdrRouting", { addresses = { "2001:db8::b" } } },
                         { "UDP", { sport = 1, dport = 2 } })
    assert.equal(unhex [[11 02 00 01 00000000 20010db800000000000000000000000b
                         00010002 0008d215]], bytes)
  end)

  it("is read", function()
    local bytes = unhex "3b 02 00 01 00000000 20010db800000000000000000000000b"
    local routing = luapkt.dissect(bytes, "IPv6ExtHdrRouting")[1]
    assert.same({ nh = 59, len = 2, type = 0, segleft = 1, reserved = 0,
                  addresses = { "2001:db8::b" } }, routing.fields)
  end)
end)

describe("A segment routing header", function()
  local segments = { addresses = { "2001:db8::1", "2001:db8::2", "2001:db8::3" }, segleft = 2 }
  local wire = unhex [[11 06 04 02 02 00 0000 20010db8000000000000000000000001
                       20010db8000000000000000000000002 20010db8000000000000000000000003
                       00350035 0008d1b8]]

  it("covers its first segment, which is the final destination, RFC 8754 section 2", function()
    assert.equal(wire, beyond({ "IPv6ExtHdrSegmentRouting", segments }, { "UDP" }))
  end)

  it("is told from other routing headers by its type", function()
    local header = luapkt.build { { "IPv6", { nh = 43, plen = #wire } } }
    local layers = luapkt.dissect(header .. wire, "IPv6")
    assert.equal("IPv6/IPv6ExtHdrSegmentRouting/UDP", ids(layers))
    assert.same(segments.addresses, layers[2].fields.addresses)
  end)

  it("carries node TLVs", function()
    local tlv   = "IPv6ExtHdrSegmentRoutingTLV"
    local nodes = {
      { id = tlv .. "IngressNode", fields = {} },
      { id = tlv .. "EgressNode", fields = { egress_node = "::2" } },
    }
    local bytes = beyond { "IPv6ExtHdrSegmentRouting", { tlv_objects = nodes } }
    assert.equal(unhex [[3b 07 04 00 00 00 0000 00000000000000000000000000000001
                         01120000 00000000000000000000000000000001
                         02120000 00000000000000000000000000000002]], bytes)
    local list = luapkt.dissect(bytes, "IPv6ExtHdrSegmentRouting")[1].fields.tlv_objects
    assert.equal("::2", list[2].fields.egress_node)
  end)

  -- RFC 8754 section 2.1.1: a Pad1 where one byte is missing, else a PadN.
  it("is filled up to a multiple of eight bytes", function()
    local id  = "IPv6ExtHdrSegmentRoutingTLV"
    local tlv = { type = 124, len = 5, value = "abc" }
    local layers = { "IPv6ExtHdrSegmentRouting", { tlv_objects = { { id = id, fields = tlv } } } }
    local bytes  = luapkt.build { layers, { "UDP" } }
    assert.equal(unhex "7c050000 616263 00", bytes:sub(25, 32))
    local read = luapkt.dissect(bytes, "IPv6ExtHdrSegmentRouting")
    assert.equal("UDP", read[2].id)
    assert.equal(id .. "Pad1", read[1].fields.tlv_objects[2].id)
    tlv.len, tlv.value = 4, "ab"
    assert.equal(unhex "7c040000 6162 0400", luapkt.build({ layers, { "UDP" } }):sub(25, 32))
  end)
end)

describe("A fragment header", function()
  it("is built", function()
    local fields = { offset = 8191, m = 1, res1 = 255, res2 = 3, id = 1 }
    assert.equal(unhex "3bff ffff 00000001", beyond { "IPv6ExtHdrFragment", fields })
  end)

  -- What is in a later fragment is no header, but the reference reads one there, and clients know
  -- it so: build-ether-ipv6-ipv6exthdrfragment-offset-5-tcp.
  it("is read, and a header in every fragment", function()
    local udp = unhex "00350035 00080000"
    assert.equal("IPv6ExtHdrFragment/UDP",
                 ids(luapkt.dissect(unhex "1100 0001 00000001" .. udp, "IPv6ExtHdrFragment")))
    assert.equal("IPv6ExtHdrFragment/UDP",
                 ids(luapkt.dissect(unhex "1100 0320 00000001" .. udp, "IPv6ExtHdrFragment")))
  end)
end)
