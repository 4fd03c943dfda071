local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("GTP_U_Header", function()
  local ip = luapkt.build { { "IP" } }

  it("carries user data by its first bits", function()
    local bytes = unhex "30 ff 0014 00001234" .. ip -- TS 29.281 section 5.1
    assert.equal(bytes, luapkt.build { { "GTP_U_Header", { teid = 0x1234 } }, { "IP" } })
    assert.equal("GTP_U_Header/IP", ids(luapkt.dissect(bytes, "GTP_U_Header")))
    bytes = luapkt.build { { "GTP_U_Header" }, { "IPv6" } }
    assert.equal("GTP_U_Header/IPv6", ids(luapkt.dissect(bytes, "GTP_U_Header")))
  end)

  -- Sections 5.2.1 and 5.2.2: a PDCP PDU number, then a PDU session container.
  it("has extension headers, each naming the next", function()
    local bytes = unhex "36 ff 0020 00001234 0009 00 c0  01 0007 85  01 0009 00" .. ip
    local fields = {
      E = 1, S = 1, teid = 0x1234, seq = 9, next_ex = 0xc0,
      extensions = { { data = "\0\7", next_ex = 0x85 }, { data = "\0\9" } },
    }
    assert.equal(bytes, luapkt.build { { "GTP_U_Header", fields }, { "IP" } })
    local p = luapkt.packet(bytes, "GTP_U_Header")
    assert.equal("GTP_U_Header/IP", ids(luapkt.dissect(bytes, "GTP_U_Header")))
    assert.equal(2, #p.GTP_U_Header.extensions)
    assert.equal("\0\9", p.GTP_U_Header.extensions[2].data)
    assert.equal(bytes, p:bytes())
  end)

  -- Section 5.2.1: its length is in units of four bytes, so tshark 4.0 looks for the next there.
  it("fills an extension header up to whole units of four bytes", function()
    local function extension(fields) return luapkt.build { { "GTPUExtension", fields } } end
    assert.equal(unhex "02 010203000000 85", extension { data = "\1\2\3", next_ex = 0x85 })
    assert.equal(unhex "02 010203040506 00", extension { data = "\1\2\3\4\5\6" })
    assert.equal(unhex "01 0000 00", extension { data = "" })
    assert.equal(unhex "09 010203 00", extension { data = "\1\2\3", length = 9 })
  end)

  it("ends where its length says, and leaves signalling as it is", function()
    local bytes = unhex "32 01 0004 00000000 0007 00 00"
    assert.equal(bytes, luapkt.build { { "GTP_U_Header", { gtp_type = 1, S = 1, seq = 7 } } })
    local layers = luapkt.dissect(unhex "32 02 0006 00000000 0007 00 00 0e00 ffff", "GTP_U_Header")
    assert.equal("GTP_U_Header/Raw/Padding", ids(layers))
    assert.equal(unhex "0e00", layers[2].fields.load)
  end)

  it("is told by its port and its version", function()
    local bytes = luapkt.build { { "UDP" }, { "GTP_U_Header" }, { "IP" } }
    assert.equal(unhex "0868 0868", bytes:sub(1, 4))
    assert.equal("UDP/GTP_U_Header/IP", ids(luapkt.dissect(bytes, "UDP")))
    assert.equal("UDP/Raw", ids(luapkt.dissect(bytes:sub(1, 8) .. "\x50" .. bytes:sub(10), "UDP")))
  end)
end)
