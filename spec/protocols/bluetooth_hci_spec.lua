local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("Bluetooth's host controller interface", function()
  it("sends commands", function()
    assert.equal(unhex "01 030c 00",
      luapkt.build { { "HCI_Hdr" }, { "HCI_Command_Hdr" }, { "HCI_Cmd_Reset" } })
    assert.equal(unhex "01 0c20 02 0101",
      luapkt.build { { "HCI_Hdr" }, { "HCI_Command_Hdr" }, { "HCI_Cmd_LE_Set_Scan_Enable" } })
  end)

  it("has addresses with the least significant byte first", function()
    local bytes = luapkt.build {
      { "HCI_Cmd_LE_Set_Random_Address", { address = "01:02:03:04:05:06" } },
    }
    assert.equal(unhex "060504030201", bytes)
    assert.equal("01:02:03:04:05:06",
      luapkt.dissect(bytes, "HCI_Cmd_LE_Set_Random_Address")[1].fields.address)
  end)

  it("has a connection's handle in the lower bits of two bytes, the lowest first", function()
    local bytes = unhex "02 2361 0000" -- broadcast 1, boundary 2, handle 0x123
    assert.equal(bytes,
      luapkt.build { { "HCI_Hdr" }, { "HCI_ACL_Hdr", { BC = 1, PB = 2, handle = 0x123 } } })
    local fields = luapkt.dissect(bytes, "HCI_Hdr")[2].fields
    assert.same({ 1, 2, 0x123 }, { fields.BC, fields.PB, fields.handle })
    assert.is_nil(luapkt.dissect(unhex "02 23", "HCI_Hdr")[2].fields.BC)
  end)

  it("names a device in 248 bytes", function()
    local bytes = luapkt.build { { "HCI_Command_Hdr" }, { "HCI_Cmd_Write_Local_Name",
      { name = "me" } } }
    assert.equal(unhex "130c f8 6d65" .. ("\0"):rep(246), bytes)
  end)

  it("tells of events", function()
    local layers = luapkt.dissect(unhex "04 05 04 00 4000 13", "HCI_Hdr")
    assert.equal("HCI_Event_Disconnection_Complete", layers[3].id)
    assert.equal(0x40, layers[3].fields.handle)
  end)
end)
