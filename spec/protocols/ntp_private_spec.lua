local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

-- Sizes by ntpd's include/ntp_request.h.
local sizes = {
  NTPInfoPeerList = 32, NTPInfoPeerSummary = 72, NTPInfoPeerStats = 120, NTPInfoSys = 80,
  NTPInfoSysStats = 44, NTPInfoMemStats = 148, NTPInfoIOStats = 40, NTPInfoLoop = 24,
  NTPInfoTimerStats = 16, NTPConfUnpeer = 24, NTPConfRestrict = 48, NTPConfTrap = 48,
  NTPInfoMonitor1 = 72, NTPInfoAuth = 36, NTPInfoControl = 60,
  NTPInfoIfStatsIPv4 = 136, NTPInfoIfStatsIPv6 = 136,
}

describe("items of NTP private messages", function()
  for id, size in pairs(sizes) do
    it(id .. " is as large as ntpd has it", function()
      assert.equal(size, #luapkt.build { { id } })
    end)
  end

  it("name a file of keys in 128 bytes, as ntpd and scapy 2.5 do", function()
    local bytes = luapkt.build { { "NTPConfPeer", { keystr = "keys", peeraddr6 = "::1" } } }
    assert.equal(168, #bytes)
    assert.equal("keys", bytes:sub(17, 20))
    assert.equal(1, bytes:byte(-1))
  end)

  it("are picked by the request code", function()
    local item = unhex "0a000001 007b 04 01 00000000 00000000" .. ("\0"):rep(16)
    local fields = luapkt.dissect(unhex "97 00 03 00 0001 0020" .. item, "NTPPrivate")[1].fields
    assert.equal("NTPInfoPeerList", fields.data[1].id)
    assert.equal("10.0.0.1", fields.data[1].fields.addr)
  end)

  -- 681948707.5 s of NTP's era are before 1970, 0xe0000000 s are 2019-02-02 11:39:44.
  it("show time stamps in lists so that they can be sent back", function()
    local service = support.service()
    local handle = service:call("get_version_handler", "1", "02")
    local function build(value)
      local packet = service:call("build_pkt", handle,
        { { id = "NTPInfoPeer", fields = { { id = "filtoffset", value = value } } } })
      for _, field in ipairs(packet.data[1].fields) do
        if field.id == "filtoffset" then return packet.binary, field end
      end
    end
    local binary, field = build {
      vtype = "EXPRESSION", expr = "[0xe000000080000000, 681948707.5, 0, 0, 0, 0, 0, 0]" }
    assert.equal("[16140901066643341312, 681948707.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
      field.value.expr)
    assert.equal("e00000008000000028a5b62380000000",
      support.hex(luapkt.wire.unbase64(binary):sub(117, 132)))
    assert.equal(binary, (build(field.value)))
    service:close()
  end)
end)
