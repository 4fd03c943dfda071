local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- RFC 5531 section 9 and RFC 1833 section 3; tshark reads such calls.
describe("the port mapper", function()
  local call = unhex [[ 00000007 00000000 00000002 000186a0 00000002 00000003
                        00000000 00000000  00000000 00000000 ]]
  local mapping = unhex "000186a3 00000003 00000006 00000000"
  local layers = { { "RPC_Call", { xid = 7 } },
                   { "Pmap_Mapping", { prog = "NFS", vers = 3, prot = "TCP" } } }

  it("is asked for a port", function()
    assert.equal(call .. mapping, luapkt.build(layers))
    local read = luapkt.dissect(call .. mapping, "RPC_Call")
    assert.equal("Pmap_Mapping", read[2].id)
    assert.equal(100003, read[2].fields.prog)
  end)

  it("pads credentials to four bytes", function()
    local bytes = luapkt.build { { "RPC_Call", { cred_flavor = "AUTH_SYS", cred = "seven77" } } }
    assert.equal(unhex "00000001 00000007" .. "seven77\0" .. ("\0"):rep(8), bytes:sub(25))
    assert.equal("seven77", luapkt.dissect(bytes, "RPC_Call")[1].fields.cred)
  end)

  it("marks records over TCP", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build { ip, { "TCP" }, { "RPC_Record" }, layers[1], layers[2] }
    assert.equal(unhex "80000038" .. call .. mapping, bytes:sub(41))
    assert.equal("Pmap_Mapping", luapkt.dissect(bytes, "IP")[5].id)
  end)

  it("answers", function()
    local reply = unhex "00000007 00000001 00000000 00000000 00000000 00000000"
    assert.equal(reply .. unhex "00000801", luapkt.build {
      { "RPC_Reply", { xid = 7 } }, { "Pmap_Port", { port = 2049 } } })
    assert.equal("Raw", luapkt.dissect(reply .. unhex "00000801", "RPC_Reply")[2].id)
    local dump = unhex "00000001 000186a0 00000002 00000011 0000006f 00000000"
    local entries = luapkt.dissect(dump, "Pmap_Dump")[1].fields.entries
    assert.equal(2, #entries)
    assert.equal(111, entries[1].fields.port)
    assert.equal(dump, luapkt.build { { "Pmap_Dump", { entries = {
      { id = "Pmap_Entry", fields = {} }, { id = "Pmap_Entry", fields = { follows = 0 } } } } } })
  end)

  it("denies", function()
    local bytes = unhex "00000009 00000001 00000001 00000000 00000002 00000002"
    assert.equal(bytes, luapkt.build { { "RPC_Reply", { xid = 9, reply_state = "Denied" } } })
    local wrong = unhex "00000009 00000001 00000001 00000001 00000005"
    assert.equal(5, luapkt.dissect(wrong, "RPC_Reply")[1].fields.auth_state)
    assert.equal(wrong, luapkt.generation().core:rebuild(wrong, "RPC_Reply", true))
  end)

  it("isn't what other bytes are", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build {
      ip, { "UDP", { sport = 9, dport = 111 } }, { "Raw", { load = mapping } } }
    assert.equal("Raw", luapkt.dissect(bytes, "IP")[3].id)
  end)
end)
