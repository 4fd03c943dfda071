local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("IEEE 802.15.4", function()
  it("has addresses in the form that the frame control field says", function()
    local short = unhex "41 88 01 cdab 3412 7856" .. "data"
    local layers = luapkt.dissect(short, "Dot15d4")
    assert.equal("Dot15d4Data", layers[2].id)
    assert.equal(0xabcd, layers[2].fields.dest_panid)
    assert.equal(0x1234, layers[2].fields.dest_addr)
    assert.equal(0x5678, layers[2].fields.src_addr)
    local long = unhex "41 8c 01 cdab 0807060504030201 7856"
    assert.equal(0x0102030405060708, luapkt.dissect(long, "Dot15d4")[2].fields.dest_addr)
  end)

  it("is built so", function()
    assert.equal(unhex "41 88 01 cdab 3412 7856", luapkt.build {
      { "Dot15d4", { fcf_panidcompress = 1, fcf_srcaddrmode = "Short" } },
      { "Dot15d4Data", { dest_panid = 0xabcd, dest_addr = 0x1234, src_addr = 0x5678 } },
    })
  end)

  it("has commands", function()
    local bytes = luapkt.build { { "Dot15d4" }, { "Dot15d4Cmd" }, { "Dot15d4CmdAssocResp" } }
    assert.equal(unhex "03 08 01 ffff 0000 02 ffff 00", bytes)
    assert.equal("Dot15d4CmdAssocResp", luapkt.dissect(bytes, "Dot15d4")[3].id)
  end)
end)
