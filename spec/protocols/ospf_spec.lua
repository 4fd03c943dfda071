local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local hex, unhex = support.hex, support.unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

describe("OSPF", function()
  -- A router's hello with a password, with a block of link-local signaling behind it, RFC 5613.
  local hello = unhex [[
    0201 002c c0a86701 00000001 b9f8 0001 636973636f000000
    fffffff8 000a 12 01 00000028 0a000002 00000000 ]]
  local signaling = unhex "fff6 0003 0001 0004 00000001"
  local layers = {
    { "OSPF", { router_id = "192.168.103.1", area_id = "0.0.0.1", authtype = "Simple password",
                auth = "cisco\0\0\0" } },
    { "OSPF_Hello", { network_mask = "255.255.255.248", options = "E+L",
                      designated_router = "10.0.0.2" } },
  }

  it("works out the length, and the checksum without the password", function()
    assert.equal(hello, luapkt.build(layers))
  end)

  it("is read up to its length", function()
    local read = luapkt.dissect(hello .. signaling, "OSPF")
    assert.equal("cisco\0\0\0", read[1].fields.auth)
    assert.equal("10.0.0.2", read[2].fields.designated_router)
    assert.equal("OSPF_LLS", read[3].id)
    local plain = hello:gsub("\10\18\1", "\10\2\1") -- without the option L
    read = luapkt.dissect(plain .. signaling, "OSPF")
    assert.equal("Padding", read[3].id)
    assert.equal(signaling, read[3].fields.load)
  end)

  -- RFC 5613 section 2: behind the packet, in neither its length nor its checksum.
  it("has link-local signaling behind it", function()
    local options = { { id = "OSPF_LLS_Options", fields = { options = "LR" } } }
    local all = { layers[1], layers[2], { "OSPF_LLS", { tlvs = options } } }
    assert.equal(hello .. signaling, luapkt.build(all))
    local p = luapkt.packet(hello .. signaling, "OSPF")
    assert.equal("OSPF_LLS_Options", p.OSPF_LLS.tlvs[1].id)
    assert.equal(1, p.OSPF_LLS.tlvs[1].options)
    assert.is_true(p:check().right)
    assert.equal(hello .. signaling, p:recompute():bytes())
    p.OSPF_Hello.neighbors = { "10.0.0.1" }
    assert.equal(0x30, p:recompute().OSPF.len)
    local covered = { offset = 0, size = 0x30 }
    for _, entry in ipairs(p:check()) do
      if entry.kind == "OSPF" and entry.field == "chksum" then
        assert.same(covered, { offset = entry.covers.offset,
          size = entry.covers[2].offset + entry.covers[2].size })
      end
    end
  end)

  it("says by the option L that signaling follows, where nothing else is set", function()
    local bytes = luapkt.build { { "OSPF" }, { "OSPF_DBDesc" }, { "OSPF_LLS" } }
    assert.equal(unhex "05dc 12 00 00000001 fffe 0001", bytes:sub(25))
    bytes = luapkt.build { { "OSPFv3" }, { "OSPFv3_DBDesc" }, { "OSPF_LLS" } }
    assert.equal(unhex "00 000213 05dc 00 00 00000001 fffe 0001", bytes:sub(17))
  end)

  it("leaves a digest out of its length, and has no checksum then", function()
    local bytes = luapkt.build {
      { "OSPF", { key_id = 7, crypto_seq = 9 } },
      { "OSPF_Hello", { neighbors = { "10.0.0.2" } } },
      { "OSPF_Digest", { digest = ("d"):rep(16) } },
    }
    assert.equal(unhex "0201 0030 00000000 00000000 0000 0002 0000 07 10 00000009",
      bytes:sub(1, 24))
    assert.equal(0x30 + 16, #bytes)
    local read = luapkt.dissect(bytes, "OSPF")
    assert.same({ "10.0.0.2" }, read[2].fields.neighbors)
    assert.equal("OSPF_Digest", read[3].id)
    assert.equal(("d"):rep(16), read[3].fields.digest)
  end)

  it("isn't another version", function()
    local ip = luapkt.build { { "IP", { proto = 89 } }, { "Raw", { load = "\3\1\0\44" } } }
    assert.equal("Raw", luapkt.dissect(ip, "IP")[2].id)
  end)
end)

describe("link-local signaling of OSPF, RFC 5613,", function()
  local tlvs = {
    item("OSPF_LLS_Options", { options = "RS" }),
    item("OSPF_LLS_TLV", { type = 9, value = "abcd" }),
  }
  local ip   = { "IP", { src = "10.0.0.1", dst = "224.0.0.5", ttl = 1 } }
  local ipv6 = { "IPv6", { src = "fe80::1", dst = "ff02::5", hlim = 1 } }
  local near = { neighbors = { "10.0.0.2", "10.0.0.3" } }
  local messages = {
    { ip, { "OSPF" }, { "OSPF_Hello", near } },
    { ip, { "OSPF" }, { "OSPF_DBDesc", { lsa_headers = { item "OSPF_LSAHeader" } } } },
    { ipv6, { "OSPFv3" }, { "OSPFv3_Hello", near } },
    { ipv6, { "OSPFv3" }, { "OSPFv3_DBDesc", { lsa_headers = { item "OSPFv3_LSAHeader" } } } },
  }

  local function built(layers)
    local block = { "OSPF_LLS", { tlvs = tlvs } }
    return luapkt.build { { "Ether" }, layers[1], layers[2], layers[3], block }
  end

  it("is what tshark takes it for", function()
    if not capture.has_tshark() then pending "there is no tshark" end
    local path, frames = support.tmpdir() .. "/lls.pcap", {}
    for i, layers in ipairs(messages) do frames[i] = built(layers) end
    capture.write(path, frames)
    local read = capture.tshark(path, { "ospf.packet_length", "ospf.lls.data_length",
      "ospf.lls.ext.options", "ospf.v3.lls.ext.options", "ospf.lsa.length", "_ws.malformed" })
    local lengths = { "52", "52", "44", "48" }
    for i, fields in ipairs(read) do
      assert.equal(lengths[i], fields["ospf.packet_length"])
      assert.equal("20", fields["ospf.lls.data_length"])
      local options = fields["ospf.lls.ext.options"] .. fields["ospf.v3.lls.ext.options"]
      assert.equal("0x00000002", options)
      assert.equal("", fields["_ws.malformed"])
    end
    assert.equal(#messages, #read)
  end)

  it("comes back as it was sent", function()
    for _, layers in ipairs(messages) do
      local bytes = built(layers)
      local p = luapkt.packet(bytes)
      assert.equal(layers[3][1] .. "/OSPF_LLS", p[4].kind .. "/" .. p[5].kind)
      assert.equal(5, #p)
      assert.is_true(p:check().right)
      assert.equal(hex(bytes), hex(p:recompute():bytes()))
      if layers[3][2] == near then assert.same(near.neighbors, p[4].neighbors) end
    end
  end)

  it("has values that are filled up to four bytes each", function()
    local block = { "OSPF_LLS", { tlvs = { item("OSPF_LLS_TLV", { type = 9, value = "abcde" }),
      item("OSPF_LLS_Options", {}) } } }
    local bytes = luapkt.build { block }
    assert.equal(unhex "0006 0009 0005 6162636465 000000 0001 0004 00000000", bytes:sub(3))
    local read = luapkt.packet(bytes, "OSPF_LLS").OSPF_LLS.tlvs
    assert.equal("abcde", read[1].value)
    assert.equal("OSPF_LLS_Options", read[2].id)
  end)

  it("is Padding behind a digest", function()
    local bytes = luapkt.build {
      { "OSPF" }, { "OSPF_Hello", { options = "E+L" } }, { "OSPF_Digest" },
    }
    local read = luapkt.dissect(bytes .. unhex "0000 0001", "OSPF")
    assert.equal(16, #read[3].fields.digest)
    assert.equal("Padding", read[4].id)
  end)
end)

describe("an OSPF update", function()
  -- Built by scapy, too; the checksum is the one that makes both sums of ISO 8473 vanish.
  local router = unhex [[
    0001 02 01 0a000001 0a000001 80000001 e93b 0024
    03 00 0001 0a010000 ffff0000 03 00 000a ]]

  it("counts links and LSAs, and works out an LSA's checksum", function()
    local lsa = item("OSPF_RouterLSA", {
      id = "10.0.0.1", advertising_router = "10.0.0.1", flags = "B+E",
      links = { item("OSPF_Link", { id = "10.1.0.0", data = "255.255.0.0", metric = 10 }) },
    })
    assert.equal("\0\0\0\1" .. router, luapkt.build { { "OSPF_LSUpdate", { lsas = { lsa } } } })
  end)

  it("works out checksums that vanish", function()
    for _, id in ipairs { "OSPF_RouterLSA", "OSPF_NetworkLSA", "OSPF_SummaryLSA",
                          "OSPF_ExternalLSA", "OSPF_OpaqueLSA", "OSPF_LSA", "OSPFv3_LSA",
                          "OSPFv3_RouterLSA", "OSPFv3_NetworkLSA", "OSPFv3_InterAreaPrefixLSA",
                          "OSPFv3_InterAreaRouterLSA", "OSPFv3_ExternalLSA", "OSPFv3_LinkLSA",
                          "OSPFv3_IntraAreaPrefixLSA" } do
      local c0, c1 = 0, 0
      for byte in luapkt.build({ { id } }):sub(3):gmatch "." do
        c0 = (c0 + byte:byte()) % 255
        c1 = (c1 + c0) % 255
      end
      assert.same({ 0, 0 }, { c0, c1 }, id)
    end
  end)

  it("has LSAs of each type", function()
    local lsas = {
      item("OSPF_NetworkLSA", { routers = { "10.0.0.1", "10.0.0.2" } }),
      item("OSPF_SummaryLSA", { type = 4, metric = 5 }),
      item("OSPF_ExternalLSA", { E = 1, tag = 9, forwarding_address = "10.9.0.1" }),
      item("OSPF_OpaqueLSA", { opaque = "\0\1\0\0" }),
      item("OSPF_LSA", { body = "abcd" }),
    }
    local bytes = luapkt.build { { "OSPF_LSUpdate", { lsas = lsas } } }
    local read = luapkt.dissect(bytes, "OSPF_LSUpdate")[1].fields.lsas
    for i, lsa in ipairs(lsas) do assert.equal(lsa.id, read[i].id) end
    assert.same({ "10.0.0.1", "10.0.0.2" }, read[1].fields.routers)
    assert.equal(5, read[2].fields.metric)
    assert.equal(9, read[3].fields.tag)
    assert.equal("\0\1\0\0", read[4].fields.opaque)
    assert.equal("abcd", read[5].fields.body)
  end)

  it("reads an LSA that is too short for its type as one of any type", function()
    local short = router:sub(1, 18) .. unhex "0016 0300" .. router
    local read = luapkt.dissect("\0\0\0\2" .. short, "OSPF_LSUpdate")[1].fields.lsas
    assert.equal("OSPF_LSA", read[1].id)
    assert.equal("\3\0", read[1].fields.body)
    assert.equal("OSPF_RouterLSA", read[2].id)
  end)
end)

describe("OSPFv3", function()
  -- RFC 5340 appendix A.3.2, as tshark reads it without complaint.
  local wire = unhex "0301 0028 0a000001 00000000 ea05 0000" .. unhex [[
    00000003 01 000013 000a 0028 00000000 00000000 0a000002 ]]

  it("has a checksum with IPv6's pseudo-header", function()
    local bytes = luapkt.build {
      { "IPv6", { src = "fe80::1", dst = "fe80::2" } }, { "OSPFv3", { router_id = "10.0.0.1" } },
      { "OSPFv3_Hello", { interface_id = 3, neighbors = { "10.0.0.2" } } },
    }
    assert.equal(hex(wire), hex(bytes:sub(41)))
    assert.same({ "10.0.0.2" }, luapkt.dissect(bytes, "IPv6")[3].fields.neighbors)
  end)
end)

describe("LSAs of OSPFv3, RFC 5340 section A.4,", function()
  local lsas = {
    item("OSPFv3_RouterLSA", { flags = "B+E", interfaces = {
      item("OSPFv3_Interface", { type = 1, metric = 7, interface_id = 3, neighbor_interface_id = 4,
        neighbor_router = "10.0.0.2" }),
      item("OSPFv3_Interface", { type = "Virtual link" }),
    } }),
    item("OSPFv3_NetworkLSA", { routers = { "10.0.0.1", "10.0.0.2" } }),
    item("OSPFv3_InterAreaPrefixLSA", { metric = 9, prefix_length = 48, prefix = "2001:db8:1::" }),
    item("OSPFv3_InterAreaRouterLSA", { metric = 10, destination_router = "10.0.0.9" }),
    item("OSPFv3_ExternalLSA", { flags = "E+F+T", metric = 11, prefix = "2001:db8:2:3::",
      forwarding_address = "2001:db8::9", tag = 77 }),
    item("OSPFv3_ExternalLSA", { type = 0x2007, metric = 12, prefix_length = 0,
      referenced_type = 0x2001, referenced_id = "0.0.0.5" }),
    item("OSPFv3_LinkLSA", { link_local_address = "fe80::9", prefixes = {
      item("OSPFv3_LinkPrefix", { prefix_options = "LA", prefix = "2001:db8:5::" }),
      item("OSPFv3_LinkPrefix", { prefix_length = 128, prefix = "2001:db8::1" }),
    } }),
    item("OSPFv3_IntraAreaPrefixLSA", { referenced_router = "10.0.0.1", prefixes = {
      item("OSPFv3_Prefix", { metric = 13, prefix_length = 33, prefix = "2001:db8:8000::" }),
    } }),
    item("OSPFv3_LSA", { type = 0x200a, body = "abcd" }),
  }
  local layers = {
    { "Ether" }, { "IPv6", { src = "fe80::1", dst = "ff02::5", hlim = 1 } },
    { "OSPFv3", { router_id = "10.0.0.1" } }, { "OSPFv3_LSUpdate", { lsas = lsas } },
  }

  it("are what tshark takes them for", function()
    if not capture.has_tshark() then pending "there is no tshark" end
    local path, lsa = support.tmpdir() .. "/v3.pcap", "ospf.v3.lsa."
    capture.write(path, { luapkt.build(layers) })
    local wanted = {
      ["ospf.lsa.length"] = "56,32,36,32,56,32,76,44,24",
      ["ospf.v3.router.lsa.flags"] = "0x03",
      [lsa .. "type"] = "1,4",
      ["ospf.metric"] = "7,1,9,10,11,12,13",
      [lsa .. "interface_id"] = "3,0",
      [lsa .. "neighbor_interface_id"] = "4,0",
      [lsa .. "neighbor_router_id"] = "10.0.0.2,0.0.0.0",
      [lsa .. "attached_router"] = "10.0.0.1,10.0.0.2",
      ["ospf.v3.options"] = "0x000013,0x000013,0x000013,0x000013",
      ["ospf.prefix_length"] = "48,64,0,64,128,33",
      ["ospf.v3.address_prefix.ipv6"] =
        "2001:db8:1::,2001:db8:2:3::,::,2001:db8:5::,2001:db8::1,2001:db8:8000::",
      ["ospf.v3.prefix.options"] = "0x00,0x00,0x00,0x02,0x00,0x00",
      [lsa .. "destination_router_id"] = "10.0.0.9",
      ["ospf.v3.as.external.flags"] = "0x07,0x00",
      [lsa .. "forwarding_address.ipv6"] = "2001:db8::9",
      [lsa .. "external_route_tag"] = "77",
      [lsa .. "referenced_ls_type"] = "0x0000,0x2001,0x2001",
      [lsa .. "referenced_link_state_id"] = "0.0.0.5,0.0.0.0",
      [lsa .. "referenced_advertising_router"] = "10.0.0.1",
      [lsa .. "link_local_interface_address.ipv6"] = "fe80::9",
      [lsa .. "router_priority"] = "1",
      [lsa .. "num_prefixes"] = "2,1",
      ["_ws.malformed"] = "",
    }
    local fields = {}
    for name in pairs(wanted) do table.insert(fields, name) end
    assert.same(wanted, capture.tshark(path, fields)[1])
  end)

  it("come back as they were sent", function()
    local bytes = luapkt.build(layers)
    local read = luapkt.dissect(bytes)[4].fields.lsas
    for i, lsa in ipairs(lsas) do assert.equal(lsa.id, read[i].id) end
    assert.equal("2001:db8:8000::", read[8].fields.prefixes[1].fields.prefix)
    assert.equal(77, read[5].fields.tag)
    assert.is_nil(read[6].fields.forwarding_address)
    assert.equal(hex(bytes), hex(luapkt.rebuild(bytes)))
    assert.is_true(luapkt.packet(bytes):check().right)
  end)

  it("too short for their type stay bytes", function()
    local bytes = luapkt.build { { "OSPFv3_LSUpdate", { lsas = {
      item("OSPFv3_LSA", { type = 0x2004, body = ("x"):rep(8) }) } } } }
    local read = luapkt.dissect(bytes, "OSPFv3_LSUpdate")[1].fields.lsas[1]
    assert.same({ "OSPFv3_LSA", ("x"):rep(8) }, { read.id, read.fields.body })
  end)
end)
