local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex
local core = luapkt.generation().core

describe("OCSP", function()
  it("may answer with a status alone, RFC 6960 section 4.2.1", function()
    local bytes = luapkt.build { { "OCSP_Response", { responseStatus = "tryLater" } } }
    assert.equal(unhex "30030a0103", bytes)
    assert.is_nil(luapkt.dissect(unhex "30030a0103", "OCSP_Response")[1].fields.responseBytes)
  end)

  it("has one of three states of a certificate", function()
    for id, case in pairs {
      OCSP_GoodInfo    = { {}, "8000" },
      OCSP_UnknownInfo = { {}, "8200" },
      OCSP_RevokedInfo = {
        { revocationTime = "20260101000000Z", revocationReason = "keyCompromise" },
        "a116180f32303236303130313030303030305aa0030a0101" },
    } do
      local status = { id = id, fields = case[1] }
      local bytes = luapkt.build { { "OCSP_CertStatus", { certStatus = status } } }
      assert.equal(case[2], hex(bytes))
      assert.equal(id, luapkt.dissect(bytes, "OCSP_CertStatus")[1].fields.certStatus[1].id)
    end
  end)

  it("names who answers by a name or a key", function()
    local function built(responder)
      return hex(luapkt.build { { "OCSP_ResponderID", { responderID = responder } } })
    end
    assert.equal("a2050403616263", built { id = "OCSP_ByKey", fields = { byKey = "abc" } })
    assert.equal("a1023000", built { id = "OCSP_ByName" })
  end)

  it("is read as openssl writes it, and written so", function()
    if not support.run "openssl version" then pending "openssl is not installed" end
    local folder = support.tmpdir()
    support.write_file(folder .. "/index.txt", "V\t491231235959Z\t\t01\tunknown\t/CN=v\n"
      .. "R\t491231235959Z\t260101000000Z,superseded\t02\tunknown\t/CN=r\n")
    local ok, _, err = support.run("cd " .. folder .. [[ &&
      openssl req -x509 -newkey rsa:1024 -nodes -days 1 -subj /CN=ca -keyout ca.key -out ca.pem &&
      openssl ocsp -issuer ca.pem -serial 1 -serial 2 -serial 3 -reqout req.der &&
      openssl ocsp -index index.txt -rsigner ca.pem -rkey ca.key -CA ca.pem -ndays 1 \
        -reqin req.der -respout r.der]])
    assert(ok, err)
    local bytes = support.read_file(folder .. "/r.der")
    assert.equal(hex(bytes), hex(core:rebuild(bytes, "OCSP_Response")))
    assert.equal(hex(bytes), hex(core:rebuild(bytes, "OCSP_Response", true)))
    local whole = luapkt.dissect(bytes, "OCSP_Response")[1].fields
    local basic = whole.responseBytes[1].fields.response[1]
    assert.equal("OCSP_BasicResponse", basic.id)
    assert.equal("X509_Cert", basic.fields.certs[1].id)
    local data = basic.fields.tbsResponseData[1].fields
    assert.equal("OCSP_ByName", data.responderID[1].fields.responderID[1].id)
    local states = {}
    for i, response in ipairs(data.responses) do
      states[i] = response.fields.certStatus[1].fields.certStatus[1].id
    end
    assert.same({ "OCSP_GoodInfo", "OCSP_RevokedInfo", "OCSP_UnknownInfo" }, states)
  end)
end)
