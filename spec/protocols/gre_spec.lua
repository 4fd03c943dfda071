local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("GRE", function()
  local inner = unhex "45000014 00010000 40003ae8 10000001 30000001"

  it("takes its protocol from what it carries", function()
    assert.equal(unhex "0000 0800" .. inner, luapkt.build { { "GRE" }, { "IP" } })
    assert.equal(unhex "0000 6558", luapkt.build({ { "GRE" }, { "Ether" } }):sub(1, 4))
    assert.equal(unhex "0000 8847", luapkt.build({ { "GRE" }, { "MPLS" } }):sub(1, 4))
  end)

  -- RFC 2784 section 2.3: the checksum covers header and payload.
  it("works out the checksum when there is one", function()
    local bytes = luapkt.build { { "GRE", { chksum_present = 1 } }, { "IP" } }
    assert.equal(unhex "8000 0800 77ff 0000" .. inner, bytes)
  end)

  -- RFC 1701: routes come with the field for a checksum, which holds one only if its bit is set.
  it("has no checksum in the field for it where there are only routes", function()
    assert.equal(unhex "4000 0000 0000 0000", luapkt.build { { "GRE", { routing_present = 1 } } })
  end)

  it("keeps a checksum that was set wrong", function()
    local bytes = luapkt.build { { "GRE", { chksum_present = 1, chksum = 0x1234 } }, { "IP" } }
    assert.equal(unhex "8000 0800 1234 0000", bytes:sub(1, 8))
  end)

  -- RFC 2890
  it("has a key and a sequence number where it says so", function()
    local fields = { key_present = 1, key = 100, seqnum_present = 1, seqence_number = 7 }
    local bytes = luapkt.build { { "GRE", fields }, { "IP" } }
    assert.equal(unhex "3000 0800 00000064 00000007" .. inner, bytes)
    local layers = luapkt.dissect(bytes, "GRE")
    assert.equal("GRE/IP", ids(layers))
    for name, value in pairs(fields) do assert.equal(value, layers[1].fields[name]) end
  end)

  it("is set as the protocol of IP and IPv6", function()
    assert.equal(47, luapkt.dissect(luapkt.build { { "IP" }, { "GRE" } }, "IP")[1].fields.proto)
    assert.equal(47, luapkt.dissect(luapkt.build { { "IPv6" }, { "GRE" } }, "IPv6")[1].fields.nh)
  end)

  it("leaves an unknown protocol as it is", function()
    assert.equal("GRE/Raw", ids(luapkt.dissect(unhex "0000 1234 78", "GRE")))
  end)

  it("is Raw where its protocol is cut off", function()
    assert.equal("IP/Raw", ids(luapkt.dissect(
      unhex "45000016 00010000 402f0000 10000001 30000001 0000", "IP")))
  end)
end)

describe("GRErouting", function()
  -- RFC 1701 section 3: one source route by way of 10.0.0.1, then the empty entry.
  local wire = unhex "4000 0000 0000 0000  0800 00 04 0a000001  0000 00 00"

  it("works out the length of a route", function()
    local bytes = luapkt.build {
      { "GRE", { chksum = 0 } },
      { "GRErouting", { address_family = 0x0800, routing_info = "\10\0\0\1" } },
      { "GRErouting" },
    }
    assert.equal(wire, bytes)
  end)

  it("is read up to the empty entry", function()
    local layers = luapkt.dissect(wire .. "x", "GRE")
    assert.equal("GRE/GRErouting/GRErouting/Raw", ids(layers))
    assert.equal("\10\0\0\1", layers[2].fields.routing_info)
  end)
end)

describe("GRE_PPTP", function()
  -- RFC 2637 section 4.1: call 9, packet 5, acknowledging 4.
  local wire = unhex "3081 880b 0004 0009 00000005 00000004  c0210506"

  it("is told from GRE by its version", function()
    local layers = luapkt.dissect(luapkt.build { { "IP" }, { "GRE_PPTP" } }, "IP")
    assert.equal("IP/GRE_PPTP", ids(layers))
  end)

  it("has numbers where it says so, and works out the length", function()
    local fields = {
      call_id = 9, seqnum_present = 1, seqence_number = 5, acknum_present = 1, ack_number = 4,
    }
    local bytes = luapkt.build { { "GRE_PPTP", fields }, { "Raw", { load = wire:sub(17) } } }
    assert.equal(wire, bytes)
  end)

  -- As Scapy has it. The field of that name isn't where GRE has its own.
  it("takes its protocol from what it carries", function()
    local bytes = luapkt.build { { "GRE_PPTP" }, { "IP" } }
    assert.equal(unhex "2001 0800 0014 0000", bytes:sub(1, 8))
    assert.equal("GRE_PPTP/IP", ids(luapkt.dissect(bytes, "GRE_PPTP")))
  end)

  it("is read", function()
    local layers = luapkt.dissect(wire, "GRE_PPTP")
    assert.equal("PPP", layers[2].id)
    assert.equal(9, layers[1].fields.call_id)
    assert.equal(4, layers[1].fields.payload_len)
    assert.equal(4, layers[1].fields.ack_number)
  end)
end)

describe("ERSPAN", function()
  local wire = unhex "1000 88be 00000000  1005 4007 00000003"

  it("asks GRE for a sequence number", function()
    local fields = { ver = 1, vlan = 5, cos = 2, session_id = 7, index = 3 }
    assert.equal(wire, luapkt.build { { "GRE" }, { "ERSPAN", fields } })
  end)

  it("carries a frame", function()
    local layers = luapkt.dissect(wire .. ("\0"):rep(12) .. unhex "9000", "GRE")
    assert.equal("GRE/ERSPAN/Ether", ids(layers))
    assert.equal(7, layers[2].fields.session_id)
  end)
end)
