local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("PPP", function()
  local ip = unhex "45000014 00010000 40003ae8 10000001 30000001"

  it("takes its protocol from what it carries", function()
    assert.equal(unhex "ff03 0021" .. ip, luapkt.build { { "HDLC" }, { "PPP" }, { "IP" } })
    assert.equal(unhex "0057", luapkt.build({ { "PPP" }, { "IPv6" } }):sub(1, 2))
  end)

  it("keeps a protocol that was set, by its name as well", function()
    local bytes = luapkt.build { { "PPP", { proto = "Link Quality Report" } }, { "IP" } }
    assert.equal(unhex "c025", bytes:sub(1, 2))
  end)

  it("is read in frames like HDLC's and behind a direction", function()
    assert.equal("HDLC/PPP/IP", ids(luapkt.dissect(unhex "ff03 0021" .. ip, "HDLC")))
    assert.equal("DIR_PPP/PPP/IP", ids(luapkt.dissect(unhex "01 0021" .. ip, "DIR_PPP")))
  end)

  -- RFC 1661 section 6.5: a byte that is odd is all of the protocol.
  it("may have its protocol in one byte, whatever it lies on", function()
    local heads = {
      HDLC = "ff03", DIR_PPP = "01", GRE = "0000 880b", GRE_PPTP = "2001 880b 0015 0000",
      PPPoE = "1100 0001 0015", L2TP = "0002 0001 0002",
    }
    for lower, head in pairs(heads) do
      local bytes = unhex(head .. "21") .. ip
      assert.equal(lower .. "/PPP_/IP", ids(luapkt.dissect(bytes, lower)))
      assert.equal(bytes, luapkt.rebuild(bytes, lower))
    end
    assert.equal("PPP_/IP", ids(luapkt.dissect("\x21" .. ip, "PPP")))
  end)

  -- RFC 1661 section 6.6; so has it tshark.
  it("has frames like HDLC's in tunnels, too", function()
    local heads = { GRE = "0000 880b", GRE_PPTP = "2001 880b 0018 0000", L2TP = "0002 0001 0002" }
    for lower, head in pairs(heads) do
      local bytes = unhex(head .. "ff03 0021") .. ip
      assert.equal(lower .. "/HDLC/PPP/IP", ids(luapkt.dissect(bytes, lower)))
      assert.equal(bytes, luapkt.rebuild(bytes, lower))
    end
  end)
end)

-- A message, what is set in it, what it is read as, and its bytes behind the protocol of PPP.
local cases = {
  { "PPP_LCP_Terminate", { id = 3, data = "bye" }, "PPP_LCP_Terminate", "c021 05 03 0007 627965" },
  { "PPP_LCP_Protocol_Reject", { rejected_protocol = 0x8057, rejected_information = "\1\2" },
    "PPP_LCP_Protocol_Reject", "c021 08 00 0008 8057 0102" },
  { "PPP_LCP_Echo", { id = 2, magic_number = 0xdeadbeef, data = "ping" }, "PPP_LCP_Echo",
    "c021 09 02 000c deadbeef 70696e67" },
  { "PPP_LCP_Discard_Request", {}, "PPP_LCP_Discard_Request", "c021 0b 00 0008 00000000" },
  { "PPP_LCP", { code = 12, data = "?" }, "PPP_LCP", "c021 0c 00 0005 3f" },
  { "PPP_PAP_Request", { id = 1, username = "user", password = "secret" }, "PPP_PAP_Request",
    "c023 01 01 0010 04 75736572 06 736563726574" },
  { "PPP_PAP_Response", { message = "no" }, "PPP_PAP_Response", "c023 02 00 0007 02 6e6f" },
  { "PPP_CHAP_ChallengeResponse", { id = 1, value = "\1\2\3\4", optional_name = "me" },
    "PPP_CHAP_ChallengeResponse", "c223 01 01 000b 04 01020304 6d65" },
  { "PPP_CHAP", { code = "Success", id = 1, data = "welcome" }, "PPP_CHAP",
    "c223 03 01 000b 77656c636f6d65" },
  { "PPP_CHAP", {}, "PPP_CHAP_ChallengeResponse", "c223 01 00 0004" },
  { "PPP_PAP", {}, "PPP_PAP_Request", "c023 01 00 0004" },
}

describe("a message that sets up PPP", function()
  for _, case in ipairs(cases) do
    local id, fields, read_as, bytes = case[1], case[2], case[3], unhex(case[4])

    it("is built: " .. id, function()
      assert.equal(bytes, luapkt.build { { "PPP" }, { id, fields } })
    end)

    it("is read by its code: " .. read_as, function()
      local layers = luapkt.dissect(bytes, "PPP")
      assert.equal("PPP/" .. read_as, ids(layers))
      for name, value in pairs(fields) do
        if name ~= "code" then assert.equal(value, layers[2].fields[name]) end
      end
    end)
  end

  it("keeps a length that was set wrong", function()
    assert.equal(unhex "0009", luapkt.build { { "PPP_CHAP", { len = 9 } } }:sub(3, 4))
  end)

  -- RFC 1661 section 5. What Scapy builds.
  it("has a length of its own fields, behind which is padding", function()
    local bytes = luapkt.build {
      { "PPP" }, { "PPP_LCP_Terminate", { data = "bye" } }, { "Raw", { load = "xy" } },
    }
    assert.equal(unhex "c021 05 00 0007 627965 7879", bytes)
    assert.equal("PPP/PPP_LCP_Terminate/Padding", ids(luapkt.dissect(bytes, "PPP")))
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(unhex "c021 0b 00 0008 00000001 ffff", "PPP")
    assert.equal("PPP/PPP_LCP_Discard_Request/Padding", ids(layers))
    assert.equal(10, layers[3].offset)
  end)
end)

-- Their numbers are ethertypes as well.
describe("a control protocol of PPP", function()
  it("rides on Ethernet", function()
    for id, kind in pairs { PPP_IPCP = "8021", PPP_ECP = "8053" } do
      local bytes = luapkt.build { { "Ether" }, { id } }
      assert.equal(unhex(kind), bytes:sub(13, 14))
      assert.equal(id, luapkt.dissect(bytes, "Ether")[2].id)
    end
  end)
end)
