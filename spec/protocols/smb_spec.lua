local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("SMB", function()
  it("asks for a dialect", function()
    local bytes = luapkt.build {
      { "NBTSession" }, { "SMBNegociate_Protocol_Request_Header" },
      { "SMBNegociate_Protocol_Request_Tail" },
    }
    assert.equal("\xffSMBr", bytes:sub(5, 9))
    assert.equal(unhex "00 0c00 02" .. "NT LM 0.12\0", bytes:sub(37))
    local layers = luapkt.dissect(bytes, "NBTSession")
    assert.equal("SMBNegociate_Protocol_Request_Tail", layers[3].id)
    assert.equal("NT LM 0.12", layers[3].fields.BufferData)
    local two = luapkt.dissect(bytes .. "\2SMB 2.002\0", "NBTSession")
    assert.equal("SMB 2.002", two[4].fields.BufferData)
  end)

  it("counts what it answers", function()
    local p = luapkt.packet { { "SMBNegociate_Protocol_Response_Advanced_Security", {
      GUID = ("g"):rep(16), SecurityBlob = "blob" } } }
    assert.equal(20, p[1].ByteCount)
    assert.equal(1, p[1].ExtendedSecurity)
    local q = luapkt.packet(p:bytes(), p[1].kind)
    assert.equal("blob", q[1].SecurityBlob)
    local key = luapkt.packet { { "SMBNegociate_Protocol_Response_No_Security" } }
    assert.equal(8, key[1].EncryptionKeyLength)
    assert.equal(24, key[1].ByteCount)
    assert.equal("WORKGROUP", luapkt.packet(key:bytes(), key[1].kind)[1].DomainName)
  end)

  it("sets a session up and connects to a share", function()
    local p = luapkt.packet { { "SMBSession_Setup_AndX_Request", {
      ANSIPassword = "secret", Account = "me", Path = "\\\\A\\IPC$" } } }
    local bytes = p:bytes()
    local offset = p[1].AndXOffset
    assert.equal(unhex "04 ff 00", bytes:sub(offset + 1, offset + 3)) -- the second command's words
    assert.equal(#bytes, p[1].AndXOffset2)
    assert.equal(("<I2"):unpack(bytes, 60), p[1].ByteCount)
    local q = luapkt.packet(bytes, p[1].kind)[1]
    assert.same({ "secret", "me", "\\\\A\\IPC$", "IPC" },
      { q.ANSIPassword, q.Account, q.Path, q.Service })
  end)

  it("answers a logon in a mailslot", function()
    for command, id in pairs { [0x17] = "SMBNetlogon_Protocol_Response_Tail_SAM",
                               [6] = "SMBNetlogon_Protocol_Response_Tail_LM20" } do
      local bytes = luapkt.build {
        { "NBTDatagram" }, { "SMBNetlogon_Protocol_Response_Header" }, { "SMBMailSlot" }, { id },
      }
      local layers = luapkt.dissect(bytes, "NBTDatagram")
      assert.equal("SMBMailSlot", layers[3].id)
      assert.equal(id, layers[4].id)
      assert.equal(command, layers[4].fields.Command)
    end
  end)

  -- [MS-ADTS] section 6.3.1: numbers are little-endian.
  it("has the token of an answer to a logon in SMB's order of bytes", function()
    local id = "SMBNetlogon_Protocol_Response_Tail_LM20"
    assert.equal("\1\0", luapkt.build({ { id, { LM20Token = 1 } } }):sub(-2))
  end)
end)
