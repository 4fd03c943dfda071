local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("RIP", function()
  local entries = unhex [[ 0002 0000 0a000000 ff000000 00000000 00000001
                           0002 0005 c0a80000 ffff0000 00000000 00000002 ]]
  local password = unhex "ffff 0002 73656372657400000000000000000000"

  it("carries entries one after another", function()
    assert.equal(unhex "02 02 0000" .. entries, luapkt.build {
      { "RIP", { cmd = "resp", version = 2 } },
      { "RIPEntry", { addr = "10.0.0.0", mask = "255.0.0.0" } },
      { "RIPEntry", { addr = "192.168.0.0", mask = "255.255.0.0", metric = 2, RouteTag = 5 } },
    })
  end)

  it("is read, authentication first", function()
    local layers = luapkt.dissect(unhex "02 02 0000" .. password .. entries, "RIP")
    assert.equal(4, #layers)
    assert.equal("RIPAuth", layers[2].id)
    assert.equal("secret" .. ("\0"):rep(10), layers[2].fields.password)
    assert.equal("192.168.0.0", layers[4].fields.addr)
  end)

  it("pads a password", function()
    assert.equal(password, luapkt.build { { "RIPAuth", { password = "secret" } } })
  end)

  it("goes from port 520 to port 520", function()
    assert.equal(unhex "0208 0208", luapkt.build({ { "UDP" }, { "RIP" } }):sub(1, 4))
  end)

  it("writes a password that nobody gave as zeros, and has none to show", function()
    assert.equal(unhex "ffff 0002" .. ("\0"):rep(16), luapkt.build { { "RIPAuth" } })
    local md5 = luapkt.dissect(unhex "ffff 0003 0014 01 10 00000005" .. ("\0"):rep(8), "RIPAuth")
    assert.is_nil(md5[1].fields.password)
    assert.equal(("\0"):rep(8), md5[1].fields.zeropad)
  end)
end)
