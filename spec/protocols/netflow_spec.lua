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
end)
