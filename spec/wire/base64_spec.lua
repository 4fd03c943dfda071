local wire = require("luapkt.core").wire

describe("base64", function()
  -- RFC 4648 section 10.
  local vectors = {
    [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v",
    foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy",
  }

  for bytes, text in pairs(vectors) do
    it(("writes and reads %q"):format(bytes), function()
      assert.equal(text, wire.base64(bytes))
      assert.equal(bytes, wire.unbase64(text))
    end)
  end

  it("uses the standard alphabet", function()
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert.equal(alphabet, wire.base64(wire.unbase64(alphabet)))
    assert.equal("\xfb\xff", wire.unbase64 "+/8=")
  end)

  it("reads back every byte at every length", function()
    local bytes = {}
    for i = 0, 255 do bytes[i + 1] = string.char(i) end
    local all = table.concat(bytes)
    for n = 0, #all do
      local s = all:sub(-n - 1, -2)
      assert.equal(s, wire.unbase64(wire.base64(s)))
    end
  end)

  it("passes over white space and line ends", function()
    assert.equal("foobar", wire.unbase64 " Zm9v\r\nYm\tFy\n")
    assert.equal("foob", wire.unbase64 "Zm9vYg=\n=\n")
  end)

  local function refused(text, offset, why)
    local bytes, err = wire.unbase64(text)
    assert.is_nil(bytes)
    assert.same({ code = "syntax", message = ("offset %d: %s"):format(offset, why) }, err)
  end

  it("says where a character doesn't belong", function()
    refused("Zm9v*mFy", 4, "not base64")
    refused("Zm9-", 3, "not base64")
    refused("Zm\0v", 2, "not base64")
    refused("Zm9\xe9", 3, "not base64")
    refused("=", 0, "not base64")
    refused("Z===", 1, "not base64")
    refused("Zg==Zg==", 4, "not base64")
    refused("Zg=v", 3, "not base64")
    refused("Zm9v=", 4, "not base64")
  end)

  it("refuses text that ends in the middle of a group", function()
    for _, text in ipairs { "Z", "Zg", "Zg=", "Zm8", "Zm9vY" } do
      refused(text, #text, "base64 ends in the middle of a group")
    end
  end)
end)
