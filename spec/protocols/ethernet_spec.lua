local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("Ether", function()
  it("sets its type from the layer above", function()
    local stack = { { "Ether", { dst = "ff:ff:ff:ff:ff:ff", src = "00:11:22:33:44:55" } } }
    stack[2] = { "IPv6" }
    assert.equal(unhex "ffffffffffff 001122334455 86dd", luapkt.build(stack):sub(1, 14))
  end)

  it("keeps a type that was set", function()
    local bytes = luapkt.build { { "Ether", { type = 0x1234 } }, { "IP" } }
    assert.equal(unhex "1234", bytes:sub(13, 14))
  end)

  it("takes a type by name", function()
    assert.equal(unhex "88a8", luapkt.build { { "Ether", { type = "S_TAG" } } }:sub(13, 14))
    assert.equal(unhex "9000", luapkt.build { { "Ether", { type = "LOOP" } } }:sub(13, 14))
  end)

  it("is read back", function()
    local ether = luapkt.dissect(unhex "ffffffffffff 001122334455 0800", "Ether")[1]
    assert.same({ dst = "ff:ff:ff:ff:ff:ff", src = "00:11:22:33:44:55", type = 0x0800 },
                ether.fields)
  end)
end)

describe("Dot3", function()
  -- A spanning tree hello, IEEE 802.1D clause 9.3.1, with two bytes behind the stated length.
  local hello = unhex [[0180c2000000 001122334455 0026  42 42 03  0000 00 00 00
                        8000 001122334455 00000000 8000 001122334455 8001 0000 1400 0200 0f00 ffff]]

  it("is what an Ether with a length for a type is read as", function()
    local layers = luapkt.dissect(hello, "Ether")
    assert.equal("Dot3/LLC/STP/Padding", ids(layers))
    assert.equal(38, layers[1].fields.len)
    assert.equal(52, layers[4].offset)
  end)

  it("is an Ether where the length is a type", function()
    local last_length = luapkt.dissect(unhex(("00"):rep(12) .. "05dc"), "Dot3")
    local first_type  = luapkt.dissect(unhex(("00"):rep(12) .. "05dd"), "Dot3")
    assert.equal("Dot3", ids(last_length))
    assert.equal("Ether", ids(first_type))
  end)

  it("works out its length", function()
    local bytes = luapkt.build { { "Dot3" }, { "LLC" }, { "Raw", { load = "12345" } } }
    assert.equal(unhex "0008", bytes:sub(13, 14))
  end)
end)

describe("LLC and SNAP", function()
  -- RFC 1042: IP over IEEE 802.
  local bytes = unhex [[000000000000 000000000000 001c  aa aa 03  000000 0800
                        45000014 00010000 40003ae8 10000001 30000001]]

  it("are set by what they carry", function()
    assert.equal(bytes, luapkt.build { { "Dot3" }, { "LLC" }, { "SNAP" }, { "IP" } })
  end)

  it("are read back", function()
    local layers = luapkt.dissect(bytes, "Ether")
    assert.equal("Dot3/LLC/SNAP/IP", ids(layers))
    assert.same({ dsap = 0xaa, ssap = 0xaa, ctrl = 3 }, layers[2].fields)
    assert.same({ OUI = 0, code = 0x0800 }, layers[3].fields)
  end)
end)

describe("CookedLinux", function()
  it("is set by what it carries", function()
    local bytes = luapkt.build { { "CookedLinux", { pkttype = "sent-by-us" } }, { "ARP" } }
    assert.equal(unhex "0004 0200 0000 0000000000000000 0806", bytes:sub(1, 16))
  end)
end)

describe("CookedLinuxV2", function()
  local udp = unhex "4500001c 00010000 401166ce 0a000001 0a000002  0001 0002 0008 ebd8"

  it("is what Scapy makes of the same fields", function()
    -- CookedLinuxV2(ifindex=3, lladdrtype=1, pkttype=4, lladdrlen=6,
    --               src=b"\2\0\0\0\0\1\0\0") / IP() ...
    local wire = unhex "0800 0000 00000003 0001 04 06 0200000000010000" .. udp
    local layers = luapkt.dissect(wire, "CookedLinuxV2")
    assert.equal("CookedLinuxV2/IP/UDP", ids(layers))
    assert.equal(wire, luapkt.build(layers))
  end)

  it("carries what version 1 does, and is set by it", function()
    assert.equal(unhex "0806 0000 00000000 0200 00 00 0000000000000000",
      luapkt.build({ { "CookedLinuxV2" }, { "ARP" } }):sub(1, 20))
    assert.equal(unhex "86dd", luapkt.build({ { "CookedLinuxV2" }, { "IPv6" } }):sub(1, 2))
  end)
end)

describe("Loopback", function()
  it("has its type in the host's byte order", function()
    assert.equal(unhex "02000000", luapkt.build { { "Loopback" } })
  end)

  it("is read back", function()
    assert.equal("Loopback/IP", ids(luapkt.dissect(
      unhex "02000000 45000014 00010000 40003ae8 10000001 30000001", "Loopback")))
  end)
end)
