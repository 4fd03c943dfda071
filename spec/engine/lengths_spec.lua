-- Lengths that are worked out: what has no room in its field is an error, not another number.

local luapkt  = require "luapkt"
local support = require "spec.support"

local array, base64 = luapkt.json.array, luapkt.wire.base64

describe("a length that is worked out", function()
  local service
  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  -- The error, or else the number of bytes, of a packet that carries `n` of them.
  local function build(n, ...)
    local model = array {}
    for i, id in ipairs { ... } do model[i] = { id = id } end
    local load = { vtype = "BYTES", base64 = base64(("x"):rep(n)) }
    model[#model + 1] = { id = "Raw", fields = array { { id = "load", value = load } } }
    local result, err = service:call("build_pkt", model)
    return result and #luapkt.wire.unbase64(result.binary) or err.message
  end

  it("is at most what its field can say", function()
    assert.equal(65535, build(65535 - 28, "IP", "UDP")) -- RFC 791 section 3.1: total length
    assert.equal(65575, build(65535, "IPv6")) -- RFC 8200 section 3: the payload's
    for wanted, packet in pairs {
      ["IP.len: 65536 is out of range: 0 to 65535"] = { 65536 - 28, "IP", "UDP" },
      ["UDP.len: 65536 is out of range: 0 to 65535"] = { 65536 - 8, "IP", "UDP" },
      ["IPv6.plen: 65536 is out of range: 0 to 65535"] = { 65536, "Ether", "IPv6" },
      ["PPPoE.len: 65538 is out of range: 0 to 65535"] = { 65536, "PPPoE", "PPP" },
      ["Dot3.len: 70000 is out of range: 0 to 65535"] = { 70000, "Dot3" },
    } do
      assert.equal("Scapy Server: " .. wanted, (build(table.unpack(packet))))
    end
  end)

  it("of a packet within a field is, too", function()
    local record = luapkt.DNSRR { type = 999, rdata = ("x"):rep(65536) }
    local bytes, err = luapkt.DNS { an = { record } }:bytes()
    assert.is_nil(bytes) -- RFC 1035 section 3.2.1
    assert.equal("DNSRR.rdlen: 65536 is out of range: 0 to 65535", err.message)
  end)

  it("may be set to anything", function()
    local packet = luapkt.IP { len = 7 } / luapkt.UDP { len = 9, chksum = 1 } / ("x"):rep(70000)
    assert.equal(70028, #packet:bytes())
  end)
end)

describe("a number whose form another field changes", function()
  setup(function()
    local file = support.tmpdir() .. "/forms.lua"
    support.write_file(file, [[
      local f = require "luapkt.field"
      return { id = "Forms", fields = {
        f.u8 "kind", f.choice("v", { { when = f.ref("kind"):eq(1), f.u8() }, { f.u16() } }),
      } }
    ]])
    assert(luapkt.add(file))
  end)
  teardown(function() luapkt.load {} end)

  it("is at most what the new form can say", function()
    local function changed(v)
      local p = luapkt.Forms { kind = 0, v = v }
      p.Forms.kind = 1
      return p:bytes()
    end
    assert.equal("\1\255", changed(255))
    local none, err = changed(256)
    assert.is_nil(none)
    assert.equal("Forms.v: 256 is out of range: 0 to 255", err.message)
  end)
end)
