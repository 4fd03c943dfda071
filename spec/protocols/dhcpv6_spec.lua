local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

describe("DHCPv6", function()
  local solicit = unhex "01 123456  0001 000a 0003 0001 001122334455"
  local reply   = unhex [[ 07 000002  0003 0028 00000001 00000000 00000000
                           0005 0018 20010db8 00000000 00000000 00000005 0000000a 00000014 ]]

  it("is built with an identifier", function()
    local duid = { id = "DUID_LL", fields = { lladdr = "00:11:22:33:44:55" } }
    assert.equal(solicit, luapkt.build {
      { "DHCP6_Solicit", { trid = 0x123456 } }, { "DHCP6OptClientId", { duid = duid } },
    })
  end)

  it("is built with an address inside an association", function()
    local address = { id = "DHCP6OptIAAddress",
                      fields = { addr = "2001:db8::5", preflft = 10, validlft = 20 } }
    assert.equal(reply, luapkt.build {
      { "DHCP6_Reply", { trid = 2 } },
      { "DHCP6OptIA_NA", { iaid = 1, ianaopts = { address } } },
    })
  end)

  it("is read over its ports", function()
    local layers = luapkt.dissect(unhex "0222 0223 001a 0000" .. solicit, "UDP")
    assert.equal("DHCP6_Solicit", layers[2].id)
    assert.equal("DHCP6OptClientId", layers[3].id)
    local duid = layers[3].fields.duid[1]
    assert.equal("DUID_LL", duid.id)
    assert.equal("00:11:22:33:44:55", duid.fields.lladdr)
  end)

  it("is read with options in options", function()
    local layers = luapkt.dissect(unhex "0223 0222 0038 0000" .. reply, "UDP")
    local address = layers[3].fields.ianaopts[1]
    assert.equal("DHCP6OptIAAddress", address.id)
    assert.equal("2001:db8::5", address.fields.addr)
  end)

  it("lists names without compression, RFC 3315 section 8", function()
    local wire = unhex "0018 000d 076578616d706c65 03636f6d 00"
    assert.equal(wire, luapkt.build {
      { "DHCP6OptDNSDomains", { dnsdomains = { "example.com." } } },
    })
  end)

  it("passes an unknown option over", function()
    local layers = luapkt.dissect(unhex "0b 000006 0063 0002 7a7a 000e 0000", "DHCP6_InfoRequest")
    assert.equal("DHCP6OptUnknown", layers[2].id)
    assert.equal("DHCP6OptRapidCommit", layers[3].id)
  end)

  -- RFC 4704 section 4.2: a partial name has no terminating label of zero length.
  it("ends a client's name with the root only where it is whole", function()
    local function option(fqdn)
      return luapkt.build { { "DHCP6OptClientFQDN", { fqdn = fqdn } } }
    end
    assert.equal(unhex "0027 0006 00 04686f7374", option "host")
    assert.equal(unhex "0027 0007 00 04686f7374 00", option "host.")
    assert.equal(unhex "0027 0001 00", option "")
    for _, name in ipairs { "host", "host.", "a.b" } do
      local read = luapkt.dissect(option(name) .. unhex "000e 0000", "DHCP6OptClientFQDN")
      assert.equal(name, read[1].fields.fqdn)
      assert.equal("DHCP6OptRapidCommit", read[2].id)
    end
  end)

  it("has no bytes for an empty NIS domain, and a root behind others, RFC 3898", function()
    assert.equal(unhex "001d 0000", luapkt.build { { "DHCP6OptNISDomain" } })
    assert.equal(unhex "001d 0003 0161 00",
                 luapkt.build { { "DHCP6OptNISDomain", { nisdomain = "a" } } })
  end)

  it("relays a message with its options", function()
    local wire = unhex "0009 0008  01 000005  000e 0000  000e 0000"
    local message = luapkt.dissect(wire, "DHCP6OptRelayMsg")[1].fields.message
    assert.equal("DHCP6_Solicit", message[1].id)
    assert.equal("DHCP6OptRapidCommit", message[2].id)
    assert.equal(2, #message)
  end)

  it("has messages and identifiers of no known type as Raw", function()
    local relayed = luapkt.dissect(unhex "0009 0004 00000000", "DHCP6OptRelayMsg")[1]
    assert.equal("Raw", relayed.fields.message[1].id)
    local client = luapkt.dissect(unhex "0001 0004 00090000", "DHCP6OptClientId")[1]
    assert.equal("Raw", client.fields.duid[1].id)
  end)

  it("is Raw where a message is a byte, or an option two", function()
    assert.equal("Raw", luapkt.dissect(unhex "0222 0223 0009 0000 01", "UDP")[2].id)
    assert.equal("Raw", luapkt.dissect(unhex "01 123456 000e", "DHCP6_Solicit")[2].id)
  end)
end)

describe("DHCPv6 authentication", function()
  -- The recorded get-all: a ByteField, which shows no names.
  it("has a protocol that is a number", function()
    local service = support.service()
    local layer = assert(service:call("build_pkt", { { id = "DHCP6OptAuth" } })).data[1]
    service:close()
    local shown = {}
    for _, field in ipairs(layer.fields) do shown[field.id] = field end
    assert.equal("3", shown.proto.hvalue)
  end)
end)
