local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("MGCP", function()
  it("is a line of words", function()
    assert.equal("AUEP 1234567 dummy@dummy.net MGCP 1.0 NCS 1.0\n", luapkt.build { { "MGCP" } })
  end)

  it("is taken apart at what stands between them", function()
    local fields = luapkt.dissect("CRCX 1200 aaln/1@gw MGCP 1.0\n", "MGCP")[1].fields
    assert.equal("CRCX", fields.verb)
    assert.equal(" ", fields.sep1)
    assert.equal("1200", fields.transaction_id)
    assert.equal("aaln/1@gw", fields.endpoint)
    assert.equal("MGCP 1.0", fields.version)
    assert.equal("\n", fields.sep4)
  end)

  it("ends where a word doesn't", function()
    assert.equal("CRCX", luapkt.dissect("CRCX", "MGCP")[1].fields.verb)
  end)

  it("is found by its port", function()
    assert.equal(unhex "0aa7 0aa7", luapkt.build({ { "UDP" }, { "MGCP" } }):sub(1, 4))
  end)
end)
