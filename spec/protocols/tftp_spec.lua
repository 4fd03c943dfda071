local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

describe("TFTP", function()
  local request = unhex "0001 626f6f742e696d67 00 6f63746574 00"

  it("ends its texts with a zero", function()
    assert.equal(request, luapkt.build { { "TFTP" }, { "TFTP_RRQ", { filename = "boot.img" } } })
  end)

  it("is read", function()
    local layers = luapkt.dissect(request, "TFTP")
    assert.equal("TFTP_RRQ", layers[2].id)
    assert.same({ filename = "boot.img", mode = "octet" }, layers[2].fields)
  end)

  it("sets the opcode by what follows", function()
    assert.equal(unhex "0004 0007", luapkt.build { { "TFTP" }, { "TFTP_ACK", { block = 7 } } })
    assert.equal(unhex "0005 0001 6e6f 00",
                 luapkt.build { { "TFTP" }, { "TFTP_ERROR", { errorcode = 1, errormsg = "no" } } })
  end)

  it("negotiates options, RFC 2347", function()
    local wire = unhex "0006 626c6b73697a65 00 31303234 00"
    local layers = luapkt.dissect(wire, "TFTP")
    assert.equal("TFTP_OACK", layers[2].id)
    assert.equal("TFTP_Options", layers[3].id)
    assert.same({ oname = "blksize", value = "1024" }, layers[3].fields.options[1].fields)
    local option = { id = "TFTP_Option", fields = { oname = "blksize", value = "1024" } }
    assert.equal(wire, luapkt.build {
      { "TFTP" }, { "TFTP_OACK" }, { "TFTP_Options", { options = { option } } },
    })
  end)

  it("is recognised by the port of the server", function()
    assert.equal("TFTP", luapkt.dissect(unhex "0400 0045 0019 0000" .. request, "UDP")[2].id)
  end)

  it("shows the marker of option negotiation where the layer below begins", function()
    local service = support.service()
    local layers = service:call("build_pkt", { { id = "TFTP" }, { id = "TFTP_OACK" } }).data
    service:close()
    assert.equal(0, layers[2].offset)
    assert.equal("TFTP_OACK", layers[2].id)
  end)
end)
