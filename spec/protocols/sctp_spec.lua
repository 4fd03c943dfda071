local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("SCTP", function()
  local data = unhex [[ 0b59 0b59 00000003 d678f307
                        00 03 0015 00000001 0002 0003 0000002e 68656c6c6f 000000 ]]

  local function data_chunk(more)
    local fields = { tsn = 1, stream_id = 2, stream_seq = 3, proto_id = 46,
                     beginning = 1, ending = 1, data = "hello" }
    for name, value in pairs(more or {}) do fields[name] = value end
    return { { "SCTP", { sport = 2905, dport = 2905, tag = 3 } }, { "SCTPChunkData", fields } }
  end

  it("stores its CRC-32C low byte first, RFC 4960 appendix B", function()
    assert.equal(unhex "0001 0002 00000003 0928b319",
                 luapkt.build { { "SCTP", { sport = 1, dport = 2, tag = 3 } } })
  end)

  it("keeps a checksum that was set wrong", function()
    assert.equal(unhex "0000 0000 00000000 00000003", luapkt.build { { "SCTP", { chksum = 3 } } })
  end)

  it("pads data to four bytes and leaves the padding out of the length", function()
    assert.equal(data, luapkt.build(data_chunk()))
  end)

  it("keeps a length that was set wrong", function()
    assert.equal(unhex "0063", luapkt.build(data_chunk { len = 99 }):sub(15, 16))
  end)

  it("is read, padding apart", function()
    local chunk = luapkt.dissect(data, "SCTP")[2]
    assert.equal("SCTPChunkData", chunk.id)
    assert.equal("hello", chunk.fields.data)
    assert.equal(21, chunk.fields.len)
  end)

  it("reads chunk after chunk", function()
    local bytes = data .. unhex "0b000004 08000004 c8000004"
    local ids = {}
    for i, layer in ipairs(luapkt.dissect(bytes, "SCTP")) do ids[i] = layer.id end
    assert.same({ "SCTP", "SCTPChunkData", "SCTPChunkCookieAck", "SCTPChunkShutdownAck", "Raw" },
                ids)
  end)

  it("has padding where there is less than the head of a chunk", function()
    local layers = luapkt.dissect(data .. unhex "0b0000", "SCTP")
    assert.equal("Padding", layers[3].id)
  end)

  it("has parameters in chunks", function()
    local wire = unhex [[ 01 00 0030 00000000 00000000 0000 0000 00000000
                          0005 0008 0a000001  8000 0004  8008 0007 0fc180 00  0007 0005 78 000000 ]]
    local params = {
      { id = "SCTPChunkParamIPv4Addr", fields = { addr = "10.0.0.1" } },
      { id = "SCTPChunkParamECNCapable" },
      { id = "SCTPChunkParamSupportedExtensions" },
      { id = "SCTPChunkParamStateCookie", fields = { cookie = "x" } },
    }
    local bytes = luapkt.build { { "SCTPChunkInit", { params = params } } }
    assert.equal(wire, bytes)  -- 20, and 28 of parameters with their padding
    local read = luapkt.dissect(bytes, "SCTPChunkInit")[1].fields.params
    for i, param in ipairs(params) do assert.equal(param.id, read[i].id) end
    assert.same({ 15, 193, 128 }, read[3].fields.supported_extensions)
    assert.equal("x", read[4].fields.cookie)
  end)

  -- As scapy 2.5 reads it.
  it("has parameters that carry nothing", function()
    for _, bytes in ipairs { unhex "ffff 0004", unhex "0005 0008 0a000001" } do
      assert.equal("Padding", luapkt.dissect(bytes .. "x", "SCTPChunkParam")[2].id)
    end
  end)

  it("has addresses of either family in parameters, RFC 5061", function()
    assert.equal(unhex "c001 0010 00000001 0005 0008 7f000001",
                 luapkt.build { { "SCTPChunkParamAddIPAddr", { correlation_id = 1 } } })
    local bytes = luapkt.build {
      { "SCTPChunkParamAddIPAddr", { addr_type = 6, addr = "2001:db8::1" } },
    }
    assert.equal(unhex "c001 001c 00000000 0006 0014 20010db8000000000000000000000001", bytes)
  end)

  it("counts what a SACK acknowledges", function()
    local wire = unhex "03 00 0018 00000001 00002000 0001 0001 00020003 00000005"
    assert.equal(wire, luapkt.build { { "SCTPChunkSACK", {
      cumul_tsn_ack = 1, a_rwnd = 8192, gap_ack_list = { 0x00020003 }, dup_tsn_list = { 5 },
    } } })
  end)

  it("has gaps by their start and end, RFC 9260 section 3.3.4", function()
    local function gaps(list)
      return luapkt.build { { "SCTPChunkSACK", { gap_ack_list = list } } }
    end
    local wire = unhex "03 00 0014 00000000 00000000 0001 0000 00020003"
    assert.equal(wire, gaps { "2:3" })
    assert.equal(wire, gaps { { 2, 3 } })
    assert.is_nil((gaps { "2:65536" }))
  end)
end)

describe("A parameter of SCTP that nobody knows", function()
  -- As scapy 2.5 reads it; the recorded get-all has no class for it either.
  it("is bytes, with all behind it", function()
    local head = unhex("01 00 0024" .. ("00"):rep(16))
    local bytes = head .. unhex "c0000004 1234 0006 61620000 c0000004"
    local params = luapkt.dissect(bytes, "SCTPChunkInit")[1].fields.params
    assert.equal("SCTPChunkParamFwdTSN", params[1].id)
    assert.equal("Raw", params[2].id)
    assert.equal(unhex "1234 0006 61620000 c0000004", params[2].fields.load)
    assert.equal(bytes, luapkt.rebuild(bytes, "SCTPChunkInit"))
  end)
end)
