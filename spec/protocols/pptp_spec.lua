local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

local zeros = string.rep("\0", 64)

-- RFC 2637 section 2: a message, what is set in it, its bytes behind the cookie.
local cases = {
  { "PPTPStopControlConnectionRequest", {}, "0010 0001", "0003 0000 01 00 0000" },
  { "PPTPStopControlConnectionReply", {}, "0010 0001", "0004 0000 01 00 0000" },
  { "PPTPEchoRequest", { identifier = 5 }, "0010 0001", "0005 0000 00000005" },
  { "PPTPEchoReply", { identifier = 5 }, "0014 0001", "0006 0000 00000005 01 00 0000" },
  { "PPTPOutgoingCallReply", {}, "0020 0001",
    "0008 0000 0001 0001 01 00 0000 05f5e100 0010 0000 00000000" },
  { "PPTPIncomingCallReply", {}, "0094 0001", "000a 0000 0001 0001 01 00 0040 0000 0000" },
  { "PPTPIncomingCallConnected", {}, "001c 0001",
    "000b 0000 0001 0000 05f5e100 0040 0000 00000001" },
  { "PPTPCallClearRequest", {}, "0010 0001", "000c 0000 0001 0000" },
  { "PPTPWANErrorNotify", { crc_errors = 1 }, "0028 0001",
    "000e 0000 0001 0000 00000001" .. ("0"):rep(40) },
  { "PPTPSetLinkInfo", {}, "0018 0001", "000f 0000 0001 0000 00000000 00000000" },
}

describe("PPTP", function()
  for _, case in ipairs(cases) do
    local id, fields = case[1], case[2]
    local wire = unhex(case[3]) .. unhex "1a2b3c4d" .. unhex(case[4])

    it("builds " .. id, function()
      assert.equal(wire, luapkt.build { { id, fields } })
    end)

    it("reads " .. id, function()
      local layers = luapkt.dissect(wire, "PPTP")
      assert.equal(id, ids(layers))
      for name, value in pairs(fields) do assert.equal(value, layers[1].fields[name]) end
    end)
  end

  it("fills names up to the size that they have", function()
    local bytes = luapkt.build { { "PPTPStartControlConnectionRequest", { host_name = "me" } } }
    assert.equal(156, #bytes)
    assert.equal("me" .. zeros:sub(3) .. zeros, bytes:sub(29))
  end)

  it("goes to its port, and is found by it on either side", function()
    local bytes = luapkt.build { { "TCP" }, { "PPTPEchoRequest" } }
    assert.equal(unhex "0014 06bb", bytes:sub(1, 4))
    assert.equal("TCP/PPTPEchoRequest", ids(luapkt.dissect(bytes, "TCP")))
    local back = luapkt.build { { "TCP", { sport = 1723, dport = 9 } }, { "PPTPEchoReply" } }
    assert.equal("TCP/PPTPEchoReply", ids(luapkt.dissect(back, "TCP")))
  end)

  it("leaves a message of an unknown type as bytes", function()
    local layers = luapkt.dissect(unhex "000e 0001 1a2b3c4d 0063 0000 abcd", "PPTP")
    assert.equal("PPTP", ids(layers))
    assert.equal(unhex "abcd", layers[1].fields.data)
  end)

  it("is Raw where the type of its message is cut off", function()
    local tcp = luapkt.build { { "TCP", { dport = 1723 } } }
    local message = unhex "009c 0001 1a2b3c4d 0001"
    assert.equal("PPTPStartControlConnectionRequest", luapkt.dissect(tcp .. message, "TCP")[2].id)
    assert.equal("Raw", luapkt.dissect(tcp .. message:sub(1, 8), "TCP")[2].id)
  end)
end)
