local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("STP", function()
  -- A configuration message, IEEE 802.1D clause 9.3.1.
  local wire = unhex [[424203  0000 00 00 01 8000 001122334455 00000004 8001 00aabbccddee 8002
                       0100 1400 0200 0f00]]
  local fields = {
    proto = 0, version = 0, bpdutype = 0, bpduflags = 1, rootid = 0x8000,
    rootmac = "00:11:22:33:44:55", pathcost = 4, bridgeid = 0x8001,
    bridgemac = "00:aa:bb:cc:dd:ee", portid = 0x8002,
  }

  it("is built, its times in 1/256 second", function()
    assert.equal(wire, luapkt.build { { "LLC" }, { "STP", fields } })
  end)

  it("is read", function()
    local stp = luapkt.dissect(wire, "LLC")[2]
    assert.equal("STP", stp.id)
    for name, value in pairs(fields) do assert.equal(value, stp.fields[name]) end
    assert.equal(20, stp.fields.maxage)
  end)

  it("takes part of a second", function()
    assert.equal(unhex "0180", luapkt.build { { "STP", { age = 1.5 } } }:sub(28, 29))
  end)
end)
