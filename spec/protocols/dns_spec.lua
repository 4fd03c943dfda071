local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

-- A DNS message in a frame, as text.
local function framed(message)
  return luapkt.wire.base64(luapkt.build {
    { "Ether" }, { "IP" }, { "UDP", { sport = 53, dport = 53 } }, { "Raw", { load = message } },
  })
end

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

  it("with a record that ends within one of its numbers is Raw, as other layers are", function()
    local message = "0000 8180 0000 0001 0000 0000"
    local whole = "00 0021 0001 00000000 0007 0001 0002 0003 00" -- RFC 2782: SRV, its target "."
    local cut   = "00 0021 0001 00000000 0007 00"
    local function last(rest)
      local layers = luapkt.dissect(luapkt.wire.unbase64(framed(unhex(message .. rest))), "Ether")
      return layers[#layers].id
    end
    assert.equal("DNS", last(whole))
    assert.equal("Raw", last(cut))
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

  -- 0 and 1 in the two bits before a label's length are kept for later use, RFC 1035 section 4.1.4.
  it("takes a label's length with one of the upper bits set for a pointer", function()
    local cut = query:sub(1, 12) .. unhex "400c 0001 0001"
    local question = luapkt.dissect(cut, "DNS")[1].fields.qd[1].fields
    assert.equal(".", question.qname)
    assert.equal(1, question.qtype)
  end)

  it("goes on behind its header where a section has too many records", function()
    local bytes = query:sub(1, 8) .. unhex "ffff 0000" .. query:sub(13)
    local layers = luapkt.dissect(bytes, "DNS")
    assert.equal("www.example.com.", layers[1].fields.qd[1].fields.qname)
    assert.equal(query:sub(13), layers[2].fields.load)
  end)

  -- Where the next section would be, had the message not been cut.
  it("counts what a cut name lacks for the place of the next section", function()
    local places = {}
    local service = support.service()
    for length = 14, #query do
      local result = service:call("reconstruct_pkt", framed(query:sub(1, length)))
      for _, field in ipairs(result.data[4].fields) do
        if field.id == "an" then places[length] = field.offset end
      end
    end
    service:close()
    assert.equal(#query, places[#query - 4]) -- type and class are missing
    assert.equal(#query, places[#query])
    assert.equal(12 + 1 + 3 + 4, places[14]) -- of the first label, one letter is there
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
