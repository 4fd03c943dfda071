local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("EAP", function()
  it("rides on EAPOL, to the group of port access entities", function()
    local bytes = luapkt.build { { "Ether" }, { "EAPOL" }, { "EAP", { code = "Success", id = 3 } } }
    assert.equal(unhex "0180c2000003", bytes:sub(1, 6))
    assert.equal(unhex "888e 01 00 0004 03 03 0004", bytes:sub(13))
  end)

  it("has a type in requests and responses", function()
    local request = unhex "01 02 0009 01" .. "name"
    local fields = luapkt.dissect(request, "EAP")[1].fields
    assert.equal(1, fields.type)
    assert.equal("name", fields.message)
    assert.equal("name", luapkt.dissect(unhex "02 02 0009 01" .. "name", "EAP")[1].fields.identity)
  end)

  -- RFC 6696 section 5.3: Initiate and Finish have one as well; bytes as scapy 2.5 builds them.
  it("has none where it says success or failure", function()
    assert.equal(unhex "03 00 0004", luapkt.build { { "EAP", { code = "Success" } } })
    assert.equal(unhex "05 00 0005 02", luapkt.build { { "EAP", { code = "Initiate", type = 2 } } })
    assert.equal(2, luapkt.dissect(unhex "06 00 0005 02", "EAP")[1].fields.type)
  end)

  it("refuses with a list of types", function()
    local bytes = luapkt.build {
      { "EAP", { code = 2, id = 5, type = 3, desired_auth_types = { 4, 13 } } },
    }
    assert.equal(unhex "02 05 0007 03 04 0d", bytes)
    assert.same({ 4, 13 }, luapkt.dissect(bytes, "EAP")[1].fields.desired_auth_types)
  end)

  it("is read as a method by its type", function()
    local md5 = unhex "01 06 0019 04 10" .. "0123456789abcdef" .. "srv"
    assert.equal(md5, luapkt.build { { "EAP_MD5", { id = 6, value = "0123456789abcdef",
                                                    optional_name = "srv" } } })
    local layer = luapkt.dissect(md5, "EAP")[1]
    assert.equal("EAP_MD5", layer.id)
    assert.equal("srv", layer.fields.optional_name)
  end)

  it("carries TLS with a total length where its flag says so", function()
    local tls = unhex "01 07 000e 0d 80 00000100" .. "data"
    local layer = luapkt.dissect(tls, "EAP")[1]
    assert.equal("EAP_TLS", layer.id)
    assert.equal(256, layer.fields.tls_message_len)
    assert.equal("data", layer.fields.tls_data)
    assert.equal(tls, luapkt.build { { "EAP_TLS", { id = 7, L = 1, tls_message_len = 256,
                                                    tls_data = "data" } } })
  end)

  -- RFC 3748 section 4: Length counts the data, whatever they are. Initiate is as in RFC 6696
  -- section 5.3.1, with flags and a sequence number behind the type; 7 is a code that nobody has.
  it("counts data of types and codes that it doesn't know", function()
    for _, case in ipairs {
      { "01 02 0008 12 0a0b0c", "0a0b0c" }, { "02 02 0008 1a 0a0b0c", "0a0b0c" },
      { "05 02 0008 02 000001", "000001" }, { "06 02 0008 02 000001", "000001" },
      { "07 02 0008 02 0a0b0c", "0a0b0c" },
    } do
      local packet = luapkt.packet(unhex(case[1]) .. "\0\0", "EAP")
      assert.equal(unhex(case[2]), packet.Raw.load)
      assert.equal("\0\0", packet.Padding.load)
      assert.is_true(packet:check().right)
    end
  end)

  it("has its fields where its length says less", function()
    for _, len in ipairs { "0000", "0003", "0004" } do
      assert.equal(18, luapkt.dissect(unhex("01 02" .. len .. "12"), "EAP")[1].fields.type)
    end
  end)

  it("leaves what is behind its length to padding", function()
    local layers = luapkt.dissect(unhex "01 00 0004 03030004 aabb", "EAPOL")
    assert.equal("EAP", layers[2].id)
    assert.equal("Padding", layers[3].id)
  end)
end)
