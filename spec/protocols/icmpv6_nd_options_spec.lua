local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

local zero_address = ("0"):rep(32)

-- An option, what is set in it, and its bytes.
local cases = {
  { "ICMPv6NDOptSrcLLAddr", { lladdr = "00:11:22:33:44:55" }, "01 01 001122334455" },
  { "ICMPv6NDOptDstLLAddr", { lladdr = "00:11:22:33:44:55" }, "02 01 001122334455" },
  { "ICMPv6NDOptPrefixInfo", { prefixlen = 64, prefix = "2001:db8::" },
    "03 04 40 c0 ffffffff ffffffff 00000000 20010db8000000000000000000000000" },
  { "ICMPv6NDOptRedirectedHdr", { pkt = "12345678" }, "04 02 000000000000 3132333435363738" },
  { "ICMPv6NDOptMTU", { mtu = 1500 }, "05 01 0000 000005dc" },
  { "ICMPv6NDOptShortcutLimit", { shortcutlim = 5 }, "06 01 05 00 00000000" },
  { "ICMPv6NDOptAdvInterval", { advint = 5000 }, "07 01 0000 00001388" },
  { "ICMPv6NDOptHAInfo", { pref = 2 }, "08 01 0000 0002 0001" },
  { "ICMPv6NDOptSrcAddrList", { addrlist = { "2001:db8::1" } },
    "09 03 000000000000 20010db8000000000000000000000001" },
  { "ICMPv6NDOptTgtAddrList", { addrlist = { "2001:db8::1" } },
    "0a 03 000000000000 20010db8000000000000000000000001" },
  { "ICMPv6NDOptIPAddr", { optcode = 2 }, "11 03 02 40 00000000" .. zero_address },
  { "ICMPv6NDOptNewRtrPrefix", { prefix = "2001:db8::" },
    "12 03 00 40 00000000 20010db8000000000000000000000000" },
  { "ICMPv6NDOptLLA", { optcode = 1, lla = "00:11:22:33:44:55" }, "13 01 01 001122334455" },
  { "ICMPv6NDOptMAP", {}, "17 03 1f 80 ffffffff" .. zero_address },
  { "ICMPv6NDOptRouteInfo", { plen = 48, prefix = "2001:db8:2::", rtlifetime = 100 },
    "18 03 30 00 00000064 20010db8000200000000000000000000" },
  { "ICMPv6NDOptRDNSS", { dns = { "2001:db8::53" } },
    "19 03 0000 ffffffff 20010db8000000000000000000000053" },
  { "ICMPv6NDOptEFA", {}, "1a 01 000000000000" },
  { "ICMPv6NDOptUnknown", { type = 14, data = "nonce!" }, "0e 01 6e6f6e636521" },  -- RFC 3971
}

describe("an option of Neighbor Discovery", function()
  for _, case in ipairs(cases) do
    local id, fields, bytes = case[1], case[2], unhex(case[3])

    it("is built: " .. id, function()
      assert.equal(bytes, luapkt.build { { id, fields } })
    end)

    it("is read: " .. id, function()
      local layers = luapkt.dissect(unhex "8500 0000 00000000" .. bytes, "ICMPv6ND_RS")
      assert.equal("ICMPv6ND_RS/" .. id, ids(layers))
      for name, value in pairs(fields) do assert.same(value, layers[2].fields[name]) end
    end)
  end

  -- RFC 4861 section 4.2
  it("is followed by others", function()
    local bytes = luapkt.build {
      { "IPv6" }, { "ICMPv6ND_RA" },
      { "ICMPv6NDOptSrcLLAddr" }, { "ICMPv6NDOptMTU" }, { "ICMPv6NDOptPrefixInfo" },
    }
    assert.equal(unhex [[8600 64a9 00 08 0708 00000000 00000000  01 01 000000000000
                         05 01 0000 00000500  03 04 00 c0 ffffffff ffffffff 00000000
                         00000000000000000000000000000000]], bytes:sub(41))
    assert.equal("IPv6/ICMPv6ND_RA/ICMPv6NDOptSrcLLAddr/ICMPv6NDOptMTU/ICMPv6NDOptPrefixInfo",
                 ids(luapkt.dissect(bytes, "IPv6")))
  end)

  -- RFC 4944 section 8: link-layer addresses of 64 bits have a length of 2. RFC 4861 section 4.6:
  -- it is the length that says where the next option begins.
  it("is what its length says where that is more than its fields, and others follow", function()
    local message = unhex "8600 0000 00 08 0708 00000000 00000000"
    local mtu = unhex "05 01 0000 000005dc"
    for _, option in ipairs {
      "01 02 0011223344556677 000000000000", "02 02 0011223344556677 000000000000",
      "13 02 02 001122334455 00000000000000", "05 02 0000 00000500 0000000000000000",
    } do
      local layers = luapkt.dissect(message .. unhex(option) .. mtu, "ICMPv6ND_RA")
      assert.equal("ICMPv6ND_RA/ICMPv6NDOptUnknown/ICMPv6NDOptMTU", ids(layers), option)
      assert.equal(unhex(option):sub(3), layers[2].fields.data)
      assert.equal(1500, layers[3].fields.mtu)
    end
    -- A length that lies doesn't make another option of one.
    local layers = luapkt.dissect(message .. unhex "01 09 001122334455", "ICMPv6ND_RA")
    assert.equal("ICMPv6ND_RA/ICMPv6NDOptSrcLLAddr", ids(layers))
  end)

  -- RFC 4861 section 4.6: the length is in units of 8 bytes, and 0 is invalid.
  it("is of no known kind only where its length says so", function()
    local message = unhex "8500 0000 00000000"
    for bytes, id in pairs {
      ["0e01 6e6f6e636521"] = "ICMPv6NDOptUnknown", ["0e02 6e6f6e636521"] = "Raw",
      ["0e00 6e6f6e636521"] = "Raw", ["64756d6d79"] = "Raw", ["0e"] = "Raw",
    } do
      local layers = luapkt.dissect(message .. unhex(bytes), "ICMPv6ND_RS")
      assert.equal("ICMPv6ND_RS/" .. id, ids(layers))
    end
  end)

  it("keeps a length that was set wrong", function()
    assert.equal("\9", luapkt.build { { "ICMPv6NDOptRDNSS", { len = 9 } } }:sub(2, 2))
  end)

  it("fills what was redirected up to 8 bytes each", function()
    local bytes = luapkt.build { { "ICMPv6NDOptRedirectedHdr", { pkt = "1" } } }
    assert.equal(unhex "04 02 000000000000 3100000000000000", bytes)
  end)

  -- RFC 4861 section 4.6: its length counts 8 bytes each.
  it("is filled up to 8 bytes each where nobody knows its type, but for a wrong length", function()
    local function built(fields) return luapkt.build { { "ICMPv6NDOptUnknown", fields } } end
    local bytes = built { type = 99, data = "x" }
    assert.equal(unhex "63 01 78 0000000000", bytes)
    assert.equal(bytes, luapkt.rebuild(bytes, "ICMPv6NDOptUnknown"))
    assert.equal(unhex "63 02 6e6f6e63652e2e 00000000000000", built { type = 99, data = "nonce.." })
    assert.equal(bytes, built { type = 99, data = "x", len = 1 })
    assert.equal(unhex "63 02 78", built { type = 99, data = "x", len = 2 })
    local layers = { { "ICMPv6ND_RS" }, { "ICMPv6NDOptUnknown", { type = 99, data = "x" } },
      { "ICMPv6NDOptMTU" } }
    assert.equal("ICMPv6ND_RS/ICMPv6NDOptUnknown/ICMPv6NDOptMTU",
                 ids(luapkt.dissect(luapkt.build(layers), "ICMPv6ND_RS")))
  end)

  it("is Raw where it is a byte", function()
    local layers = luapkt.dissect(unhex "85000000 00000000 01", "ICMPv6ND_RS")
    assert.equal("ICMPv6ND_RS/Raw", ids(layers))
  end)
end)

describe("a route information option", function()
  -- RFC 4191 section 2.3: without its last bytes where the length leaves no room for them.
  it("has no prefix when it is 8 bytes long", function()
    local layers = luapkt.dissect(unhex "18 01 00 00 00000064", "ICMPv6NDOptRouteInfo")
    assert.equal("ICMPv6NDOptRouteInfo", ids(layers))
    assert.equal(100, layers[1].fields.rtlifetime)
  end)

  it("has the start of a prefix when it is 16 bytes long", function()
    local bytes = unhex "18 02 40 00 00000064 20010db800020000"
    local fields = luapkt.dissect(bytes, "ICMPv6NDOptRouteInfo")[1].fields
    assert.equal("2001:db8:2::", fields.prefix)
    assert.equal(bytes, luapkt.build { { "ICMPv6NDOptRouteInfo", fields } })
  end)

  -- RFC 4191 section 2.3: of 0, 8 or 16 bytes; RFC 4861 section 4.6: as long as its length says.
  it("is none where the bytes end within the prefix", function()
    local head, bytes = unhex "8500 0000 00000000", unhex [[18 03 40 00 00000064
      20010db800020000 0000000000000001]]
    for n = 8, #bytes - 1 do
      local cut = head .. bytes:sub(1, n)
      local layers = luapkt.dissect(cut, "ICMPv6ND_RS")
      assert.equal("ICMPv6ND_RS/Raw", ids(layers), n)
      assert.equal(bytes:sub(1, n), layers[2].fields.load)
      assert.equal(cut, luapkt.packet(cut, "ICMPv6ND_RS"):bytes())
    end
    assert.equal("2001:db8:2::1", luapkt.dissect(bytes, "ICMPv6NDOptRouteInfo")[1].fields.prefix)
  end)

  it("has no prefix where its length is 0", function()
    local bytes = unhex "18 00 00 00 00000064  05 01 0000 000005dc"
    local layers = luapkt.dissect(bytes, "ICMPv6NDOptRouteInfo")
    assert.equal("ICMPv6NDOptRouteInfo/ICMPv6NDOptMTU", ids(layers))
    assert.equal(bytes, luapkt.rebuild(bytes, "ICMPv6NDOptRouteInfo"))
  end)

  it("has a prefix of zeros where only its length was set", function()
    assert.equal(unhex "18 02 00 00 ffffffff" .. ("\0"):rep(8),
                 luapkt.build { { "ICMPv6NDOptRouteInfo", { len = 2 } } })
    assert.equal(unhex "18 03 00 00 ffffffff" .. ("\0"):rep(16),
                 luapkt.build { { "ICMPv6NDOptRouteInfo", { len = 3 } } })
  end)
end)

describe("a DNS search list", function()
  -- RFC 8106 section 5.2
  it("is padded to 8 bytes each", function()
    local bytes = luapkt.build { { "ICMPv6NDOptDNSSL", { searchlist = { "example.com." } } } }
    assert.equal(unhex "1f 03 0000 ffffffff 07 6578616d706c65 03 636f6d 00 000000", bytes)
  end)

  -- The first four are what repr makes of such a list in Python.
  it("is shown to clients with a handle so that they can send it back", function()
    local service = support.service()
    local handle = service:call("get_version_handler", "1", "02")
    local function show(value)
      local built = service:call("build_pkt", handle,
        { { id = "ICMPv6NDOptDNSSL", fields = { { id = "searchlist", value = value } } } })
      return built.data[1].fields[5].value, built.binary
    end
    for name, expr in pairs {
      ["a.org."] = "['a.org.']", ["it's.org."] = [=[["it's.org."]]=], ["é.org."] = "['é.org.']",
      ["a\"b'c\\\n."] = [=[['a"b\'c\\\n.']]=], ["\xff\xfe."] = [=[[b'\xff\xfe.']]=],
    } do
      local value, bytes = show { { vtype = "BYTES", base64 = luapkt.wire.base64(name) } }
      assert.equal(expr, (value.expr:gsub(", '%.'", "")))
      assert.equal(bytes, select(2, show(value)))
    end
    service:close()
  end)
end)
