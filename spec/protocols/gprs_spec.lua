local luapkt = require "luapkt"

describe("GPRS", function()
  it("is bytes", function()
    assert.equal("abc", luapkt.build { { "GPRS", { dummy = "abc" } } })
    assert.equal("abc", luapkt.dissect("abc", "GPRS")[1].fields.dummy)
  end)
end)
