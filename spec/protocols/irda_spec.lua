local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("a discovery of IrDA", function()
  -- IrLAP's XID command with the number of the last slot, and who asks: hints 0x8204, "Peer".
  local bytes = unhex("ff 3f 01 12345678 ffffffff 01 ff 00" .. "8204 00") .. "Peer"

  it("is read", function()
    local layers = luapkt.dissect(bytes, "IrLAPHead")
    assert.same({ "IrLAPHead", "IrLAPCommand", "IrLMP" },
                { layers[1].id, layers[2].id, layers[3].id })
    assert.equal(0x7f, layers[1].fields.Address)
    assert.equal(1, layers[1].fields.Type)
    assert.equal(0x3f, layers[2].fields.Control)
    assert.equal(0x12345678, layers[2].fields["Source address"])
    assert.equal(255, layers[2].fields["Slot number"])
    assert.equal(0x8204, layers[3].fields["Service hints"])
    assert.equal("Peer", layers[3].fields["Device name"])
  end)

  it("is built", function()
    assert.equal(bytes, luapkt.build {
      { "IrLAPHead" },
      { "IrLAPCommand", { Control = 0x3f, ["Format identifier"] = 1,
                          ["Source address"] = 0x12345678 } },
      { "IrLMP", { ["Service hints"] = 0x8204, ["Device name"] = "Peer" } },
    })
  end)

  it("follows a cooked header", function()
    local cooked = luapkt.build { { "CookedLinux" }, { "IrLAPHead" } }
    assert.equal(unhex "0017 ff", cooked:sub(15))
  end)

  it("of another type is not a command", function()
    assert.equal("Raw", luapkt.dissect("\xfe" .. bytes:sub(2), "IrLAPHead")[2].id)
  end)
end)
