local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

local marker = ("ff"):rep(16)

describe("BGP", function()
  -- Messages of two routers.
  local open = unhex(marker .. "001d 01 04 fe09 00b4 c0a8000f 00")
  local keepalive = unhex(marker .. "0013 04")
  local update = unhex(marker .. [[
    0040 02 0000 0027
    40 01 01 01  40 02 00  40 03 04 c0a80021  80 04 04 00000000  40 05 04 00000064
    c0 08 08 fe0901f4 fe090258   08 0a ]])

  it("opens a session", function()
    assert.equal(open, luapkt.build { { "BGP_Open", { my_as = 65033, bgp_id = "192.168.0.15" } } })
  end)

  it("has one message behind the other", function()
    local bytes = luapkt.build {
      { "BGP_Open", { my_as = 65033, bgp_id = "192.168.0.15" } }, { "BGP_Keepalive" } }
    assert.equal(open .. keepalive, bytes)
    local layers = luapkt.dissect(bytes .. "rest", "BGP")
    assert.equal("BGP_Open", layers[1].id)
    assert.equal("BGP_Keepalive", layers[2].id)
    assert.equal("Raw", layers[3].id)
  end)

  it("works out the lengths of an update", function()
    assert.equal(update, luapkt.build { { "BGP_Update", {
      path_attributes = {
        item("BGP_Origin", { origin = "EGP" }), item "BGP_ASPath",
        item("BGP_NextHop", { next_hop = "192.168.0.33" }), item "BGP_MultiExitDisc",
        item "BGP_LocalPref", item("BGP_Communities", { communities = { 0xfe0901f4, 0xfe090258 } }),
      },
      nlri = { item("BGP_Prefix", { length = 8, prefix = "10.0.0.0" }) },
    } } })
  end)

  it("reads attributes by their type", function()
    local fields = luapkt.dissect(update, "BGP")[1].fields
    assert.equal("192.168.0.33", fields.path_attributes[3].fields.next_hop)
    assert.equal(100, fields.path_attributes[5].fields.local_pref)
    assert.same({ 0xfe0901f4, 0xfe090258 }, fields.path_attributes[6].fields.communities)
    assert.equal(8, fields.nlri[1].fields.length)
    assert.equal("10.0.0.0", fields.nlri[1].fields.prefix)
  end)

  it("writes as much of a network as its length needs", function()
    local function prefix(id, length, address)
      return luapkt.build { { id, { length = length, prefix = address } } }
    end
    assert.equal(unhex "00", prefix("BGP_Prefix", 0, "0.0.0.0"))
    assert.equal(unhex "19 c6336480", prefix("BGP_Prefix", 25, "198.51.100.128"))
    assert.equal(unhex "20 c6336407", prefix("BGP_Prefix", 32, "198.51.100.7"))
    assert.equal(unhex "30 20010db80001", prefix("BGP_PrefixIPv6", 48, "2001:db8:1::"))
    local layers = luapkt.dissect(unhex "11 c63380 ff", "BGP_Prefix")
    assert.equal("198.51.128.0", layers[1].fields.prefix)
  end)

  it("has AS numbers of two octets or of four", function()
    local short = unhex "40 02 06 02 02 fde9 fdea" .. "\0"
    local long = unhex "40 02 0a 02 02 0000fde9 0000fdea" .. "\0"
    local layer = luapkt.dissect(short, "BGP_PathAttribute")[1]
    assert.equal("BGP_ASPath", layer.id)
    assert.same({ 65001, 65002 }, layer.fields.segments[1].fields.path)
    layer = luapkt.dissect(long, "BGP_PathAttribute")[1]
    assert.equal("BGP_ASPathLong", layer.id)
    assert.same({ 65001, 65002 }, layer.fields.segments[1].fields.path)
  end)

  it("has attributes longer than 255 bytes", function()
    local bytes = luapkt.build { { "BGP_PathAttribute", {
      extended_length = 1, value = ("v"):rep(300) } } }
    assert.equal(unhex "d0 1a 012c", bytes:sub(1, 4))
    assert.equal(304, #bytes)
    assert.equal(("v"):rep(300), luapkt.dissect(bytes, "BGP_PathAttribute")[1].fields.value)
  end)

  it("reaches networks of other families", function() -- RFC 4760 section 3, RFC 2545 section 3
    local bytes = unhex [[ 80 0e 1c 0002 01 10 20010db8000000000000000000000009 00
                           30 20010db80001 ]]
    assert.equal(bytes, luapkt.build { { "BGP_MPReachNLRI", { next_hop = "2001:db8::9", nlri = {
      item("BGP_PrefixIPv6", { length = 48, prefix = "2001:db8:1::" }) } } } })
    local fields = luapkt.dissect(bytes, "BGP_PathAttribute")[1].fields
    assert.equal("2001:db8::9", fields.next_hop)
    assert.equal("2001:db8:1::", fields.nlri[1].fields.prefix)
  end)

  it("says what it can", function() -- RFC 5492 section 4
    local bytes = unhex "02 0e 01 04 0001 00 01  02 00  41 04 0000fde8"
    assert.equal(bytes, luapkt.build { { "BGP_Capabilities", { capabilities = {
      item "BGP_CapMultiprotocol", item "BGP_CapRouteRefresh", item "BGP_CapAS4" } } } })
    local capabilities = luapkt.dissect(bytes, "BGP_OptParam")[1].fields.capabilities
    assert.equal(65000, capabilities[3].fields.asn)
  end)

  it("is told by its marker", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build { ip, { "TCP" }, { "BGP_Keepalive" } }
    assert.equal(unhex "00b300b3", bytes:sub(21, 24))
    assert.equal("BGP_Keepalive", luapkt.dissect(bytes, "IP")[3].id)
    assert.equal("Raw", luapkt.dissect(bytes:sub(1, 40) .. "\0" .. bytes:sub(42), "IP")[3].id)
  end)
end)
