local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("DNS", function()
  local query = unhex [[ 0001 0100 0001 0000 0000 0000
                         03777777 076578616d706c65 03636f6d 00 0001 0001 ]]

  it("counts its questions", function()
    local bytes = luapkt.build { { "DNS", { id = 1, qd = { { id = "DNSQR" } } } } }
    assert.equal(query, bytes)
  end)

  it("keeps a count that was set wrong", function()
    local bytes = luapkt.build { { "DNS", { qdcount = 2, qd = { { id = "DNSQR" } } } } }
    assert.equal(unhex "0002", bytes:sub(5, 6))
  end)

  it("is read", function()
    local dns = luapkt.dissect(query, "DNS")[1].fields
    assert.equal(1, dns.id)
    assert.equal(1, dns.rd)
    assert.equal("www.example.com.", dns.qd[1].fields.qname)
  end)

  it("reads a name through a pointer, RFC 1035 section 4.1.4", function()
    local answer = query:sub(1, 2) .. unhex "8180 0001 0001 0000 0000" .. query:sub(13)
                   .. unhex "c00c 0001 0001 0000003c 0004 5db8d822"
    local record = luapkt.dissect(answer, "DNS")[1].fields.an[1]
    assert.equal("DNSRR", record.id)
    assert.equal("www.example.com.", record.fields.rrname)
    assert.equal("93.184.216.34", record.fields.rdata)
  end)

  it("has a length in front over TCP, RFC 1035 section 4.2.2", function()
    local bytes = luapkt.build { { "TCP" }, { "DNS" } }
    assert.equal(unhex "000c 0000 0100 0000 0000 0000 0000", bytes:sub(21))
    local dns = luapkt.dissect(bytes, "TCP")[2]
    assert.equal("DNS", dns.id)
    assert.equal(12, dns.fields.length)
  end)

  it("is recognised by either port", function()
    for _, ports in ipairs { "0035 1000", "1000 0035", "14e9 14e9" } do
      assert.equal("DNS", luapkt.dissect(unhex(ports) .. unhex "0029 0000" .. query, "UDP")[2].id)
    end
  end)
end)

describe("LLMNR", function()
  it("tells queries and responses apart by the first flag", function()
    local udp = unhex "14eb 14eb 0014 0000 "
    local query    = unhex "0000 0000 0000 0000 0000 0000"
    local response = unhex "0000 8000 0000 0000 0000 0000"
    assert.equal(query, luapkt.build { { "LLMNRQuery" } })
    assert.equal(response, luapkt.build { { "LLMNRResponse" } })
    assert.equal("LLMNRQuery", luapkt.dissect(udp .. query, "UDP")[2].id)
    assert.equal("LLMNRResponse", luapkt.dissect(udp .. response, "UDP")[2].id)
  end)
end)
