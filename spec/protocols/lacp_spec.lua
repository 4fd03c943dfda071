local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("LACP", function()
  -- IEEE 802.1AX-2014 figure 6-7.
  local wire = unhex [[
    0180c2000002 020000000001 8809  01 01
    0114 8000 020000000001 0005 8000 0003 05 000000
    0214 8000 020000000002 0006 8000 0004 3d 000000
    0310 0032 000000000000000000000000  0000 ]] .. ("\0"):rep(50)

  it("says what an actor and its partner are", function()
    assert.equal(wire, luapkt.build {
      { "Ether", { src = "02:00:00:00:00:01" } }, { "SlowProtocol" },
      { "LACP", {
        actor_system = "02:00:00:00:00:01", actor_key = 5, actor_port = 3,
        actor_state = "activity+aggregation", partner_system = "02:00:00:00:00:02",
        partner_key = 6, partner_port = 4, partner_state = 0x3d, collector_max_delay = 50 } },
    })
  end)

  it("is read", function()
    local layers = luapkt.dissect(wire)
    assert.equal("LACP", layers[3].id)
    assert.equal(5, layers[3].fields.actor_key)
    assert.equal("02:00:00:00:00:02", layers[3].fields.partner_system)
    assert.equal(50, layers[3].fields.collector_max_delay)
  end)
end)

describe("a link aggregation marker", function()
  -- IEEE 802.1AX-2014 figure 6-22.
  local wire = unhex "02 01  0110 0003 020000000001 00000009 0000  0000" .. ("\0"):rep(90)

  it("is built and read", function()
    assert.equal(wire, luapkt.build { { "SlowProtocol" }, { "LACP_Marker", {
      requester_port = 3, requester_system = "02:00:00:00:00:01", transaction_id = 9 } } })
    local layers = luapkt.dissect(wire, "SlowProtocol")
    assert.equal("LACP_Marker", layers[2].id)
    assert.equal(9, layers[2].fields.transaction_id)
  end)

  it("isn't what other slow protocols carry", function()
    assert.equal("Raw", luapkt.dissect(unhex "03 0000", "SlowProtocol")[2].id)
  end)
end)
