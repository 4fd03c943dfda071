local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("ICMPv6MLReportV2", function()
  -- RFC 3810 section 5.2, on IPv6 from ::2 to ff02::16.
  local wire = unhex "8f00 6f89 0000 0001  03 00 0000 ff020000000000000000000000000001"

  local bytes = luapkt.build {
    { "IPv6" },
    { "ICMPv6MLReportV2", { records_count = 1 } },
    { "MLDv2Addr", { multicast_addr = "ff02::1" } },
  }

  it("has its records as layers", function()
    assert.equal(wire, bytes:sub(41))
  end)

  it("goes to all routers that know version 2", function()
    local ipv6 = luapkt.dissect(bytes, "IPv6")[1].fields
    assert.equal("ff02::16", ipv6.dst)
    assert.equal(1, ipv6.hlim)
  end)

  it("is read as the report with a list", function()
    local report = luapkt.dissect(bytes, "IPv6")[2]
    assert.equal("ICMPv6MLReport2", report.id)
    assert.equal("ff02::1", report.fields.records[1].fields.dst)
  end)
end)
