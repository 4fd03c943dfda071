local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("NetFlow", function()
  it("knows its version by the header that follows", function()
    local bytes = luapkt.build {
      { "NetflowHeader" }, { "NetflowHeaderV5", { count = 1 } }, { "NetflowRecordV5" },
    }
    assert.equal(unhex "0005 0001", bytes:sub(1, 4))
    assert.equal(2 + 22 + 48, #bytes)
    assert.equal("NetflowRecordV5", luapkt.dissect(bytes, "NetflowHeader")[3].id)
  end)

  it("has templates in version 9", function()
    local wire = unhex [[ 0009 0001 00000001 00000002 00000003 00000004
                          0000 0010 0100 0002 0008 0004 000c 0004 ]]
    local function element(kind)
      return { id = "NetflowTemplateFieldV9", fields = { fieldType = kind, fieldLength = 4 } }
    end
    local sent = { templateID = 256, template_fields = { element(8), element(12) } }
    assert.equal(wire, luapkt.build {
      { "NetflowHeader" },
      { "NetflowHeaderV9", { sysUptime = 1, unixSecs = 2, packageSequence = 3, SourceID = 4 } },
      { "NetflowFlowsetV9", { templates = { { id = "NetflowTemplateV9", fields = sent } } } },
    })
    local template = luapkt.dissect(wire, "NetflowHeader")[3].fields.templates[1].fields
    assert.equal(256, template.templateID)
    assert.equal(2, template.fieldCount)
    assert.equal(12, template.template_fields[2].fields.fieldType)
  end)

  -- As scapy 2.5 does.
  it("counts the sets of version 9", function()
    assert.equal(unhex "0009 0003", luapkt.build({
      { "NetflowHeader" }, { "NetflowHeaderV9" }, { "NetflowFlowsetV9" },
      { "NetflowOptionsFlowsetV9" }, { "NetflowDataflowsetV9" },
    }):sub(1, 4))
    assert.equal(unhex "0009 0000",
      luapkt.build({ { "NetflowHeader" }, { "NetflowHeaderV9" } }):sub(1, 4))
  end)

  -- RFC 3954 section 8.
  it("knows how long elements are as a rule", function()
    local function element(kind)
      return luapkt.build { { "NetflowTemplateFieldV9", { fieldType = kind } } }
    end
    for kind, length in pairs {
      [4] = 1, [7] = 2, [8] = 4, [27] = 16, [31] = 3, [56] = 6, [70] = 3, [79] = 3, [1000] = 0,
    } do
      assert.equal((">I2I2"):pack(kind, length), element(kind))
    end
    assert.equal(unhex "0008 0002",
                 luapkt.build { { "NetflowTemplateFieldV9", { fieldType = 8, fieldLength = 2 } } })
  end)

  it("fills option templates up, and reads the fill as padding behind them", function()
    local wire = unhex "0001 000c 00ff 0000 0000 0000"
    assert.equal(wire, luapkt.build { { "NetflowOptionsFlowsetV9" } })
    local layers = luapkt.dissect(wire, "NetflowOptionsFlowsetV9")
    assert.equal("Padding", layers[2].id)
    assert.equal("\0\0", layers[2].fields.load)
    assert.equal(wire, luapkt.build {
      { "NetflowOptionsFlowsetV9" }, { "Padding", { load = "\0\0" } },
    })
  end)
end)
