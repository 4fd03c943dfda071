local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("IGMP", function()
  local query = unhex "1114 eeeb 00000000"

  it("works out its checksum", function()
    assert.equal(query, luapkt.build { { "IGMP" } })
  end)

  it("keeps a checksum that was set wrong", function()
    assert.equal(unhex "1114 0001 00000000", luapkt.build { { "IGMP", { chksum = 1 } } })
  end)

  it("goes no further than the next router", function()
    local ip = luapkt.dissect(luapkt.build { { "IP" }, { "IGMP" } }, "IP")[1].fields
    assert.equal(2, ip.proto)
    assert.equal(1, ip.ttl)
  end)

  it("is version 2 in 8 bytes and version 3 in 12, RFC 3376 section 7.1", function()
    local header = unhex "45c00000 00010000 01020000 10000001 e0000016"
    local function kinds(igmp)
      local ip = header:sub(1, 2) .. string.pack(">I2", 20 + #igmp) .. header:sub(5)
      local ids = {}
      for i, layer in ipairs(luapkt.dissect(ip .. igmp, "IP")) do ids[i] = layer.id end
      return ids
    end
    assert.same({ "IP", "IGMP" }, kinds(query))
    assert.same({ "IP", "IGMPv3", "IGMPv3mq" }, kinds(query .. unhex "00000000"))
    assert.same({ "IP", "IGMPv3", "IGMPv3mr" }, kinds(unhex "2200 ddff 0000 0000"))
  end)

  it("is of version 3 only where its head is whole", function()
    assert.equal("IGMP", luapkt.dissect(unhex "3000", "IGMP")[1].id)
    assert.equal("IGMPv3", luapkt.dissect(unhex "30000000", "IGMP")[1].id)
  end)

  -- As scapy 2.5 has it.
  it("is not version 3 where one of version 2 was said to be that", function()
    local function read(hex) return luapkt.dissect(unhex(hex), "IGMPv3")[1].id end
    assert.equal("IGMP", read "1114 eeeb")
    assert.equal("IGMP", read "1600 e9ff 00000000")
    assert.equal("IGMPv3", read "1114 eeeb 00000000 00000000")
    assert.equal("IGMPv3", read "2200 ddff")
  end)
end)

describe("IGMPv3", function()
  it("queries for sources", function()
    local bytes = luapkt.build {
      { "IGMPv3", { mrcode = 100 } },
      { "IGMPv3mq", { gaddr = "239.1.1.1", s = 1, qrv = 2, qqic = 125,
                      srcaddrs = { "10.0.0.1", "10.0.0.2" } } },
    }
    assert.equal(unhex "1164 e016 ef010101 0a7d 0002 0a000001 0a000002", bytes)
  end)

  it("reports groups", function()
    local wire = unhex "2200 e9fb 0000 0001  0400 0000 ef010101"
    local group = { id = "IGMPv3gr", fields = { rtype = 4, maddr = "239.1.1.1" } }
    local bytes = luapkt.build { { "IGMPv3" }, { "IGMPv3mr", { records = { group } } } }
    assert.equal(wire, bytes)
    local record = luapkt.dissect(wire, "IGMPv3")[2].fields.records[1]
    assert.equal(4, record.fields.rtype)
    assert.equal("239.1.1.1", record.fields.maddr)
  end)
end)
