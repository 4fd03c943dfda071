local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function header(name, value)
  return { id = "SIP_Header", fields = { name = name, value = value } }
end

describe("SIP", function()
  -- From RFC 3261 section 24.2, with fewer headers.
  local request = "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    .. "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\n"
    .. "Max-Forwards: 70\r\nCSeq: 1 INVITE\r\nContent-Length: 5\r\n\r\nv=0\r\n"
  local response = "SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n"

  it("builds a request", function()
    assert.equal(request, luapkt.build { { "SIP_Request", {
      method = "INVITE", uri = "sip:bob@biloxi.example.com", body = "v=0\r\n", headers = {
        header("Via", "SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9"),
        header("Max-Forwards", "70"), header("CSeq", "1 INVITE"),
        header("Content-Length", "5") } } } })
  end)

  -- RFC 3261 section 20.14, and its compact form
  it("works a Content-Length out", function()
    local p = luapkt.SIP_Response{ body = "v=0\r\n", headers = { luapkt.SIP_ContentLength{} } }
    assert.equal("SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nv=0\r\n", p:bytes())
    p = luapkt.packet("SIP/2.0 200 OK\r\nl: 9\r\n\r\nv=0\r\n", "SIP"):recompute()
    assert.equal("SIP/2.0 200 OK\r\nl: 5\r\n\r\nv=0\r\n", p:bytes())
  end)

  it("builds a response", function()
    assert.equal(response, luapkt.build { { "SIP_Response", {
      status = "180", reason = "Ringing", headers = { header("CSeq", "1 INVITE") } } } })
  end)

  it("reads both", function()
    local fields = luapkt.dissect(request, "SIP")[1].fields
    assert.equal("INVITE", fields.method)
    assert.equal("70", fields.headers[2].fields.value)
    assert.equal("v=0\r\n", fields.body)
    local layer = luapkt.dissect(response, "SIP")[1]
    assert.equal("SIP_Response", layer.id)
    assert.equal("Ringing", layer.fields.reason)
  end)

  it("writes any message as it was read", function()
    for _, bytes in ipairs {
      request, response, "BYE sip:x SIP/2.0\nv:a\n\n", "SIP/2.0 200 \r\n\r\n",
      "ACK sip:x SIP/2.0\r\nSubject: one\r\n two\r\n\r\n",
    } do
      assert.equal(bytes, luapkt.generation().core:rebuild(bytes, "SIP", true))
    end
  end)

  -- RFC 5626 section 3.5.1
  it("has keep-alives in streams", function()
    assert.equal("\r\n\r\n", luapkt.build { { "SIP_KeepAlive" } })
    for _, bytes in ipairs { "\r\n\r\n", "\r\n" } do
      local layer = luapkt.dissect(bytes, "SIP")[1]
      assert.equal("SIP_KeepAlive", layer.id)
      assert.equal(bytes, layer.fields.ends)
    end
  end)

  it("is told by how it begins", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build { ip, { "UDP" }, { "SIP_Response" } }
    assert.equal(unhex "13c413c4", bytes:sub(21, 24))
    assert.equal("SIP_Response", luapkt.dissect(bytes, "IP")[3].id)
    local nothing = { "Raw", { load = "\r\n\r\n" } }
    bytes = luapkt.build { ip, { "UDP", { sport = 5060, dport = 5060 } }, nothing }
    assert.equal("Raw", luapkt.dissect(bytes, "IP")[3].id) -- keeps a way through a NAT open
  end)
end)
