-- Sessions, directions, answers.

local luapkt = require "luapkt"

local flow = luapkt.flow
local Ether, IP, IPv6, TCP, UDP, ARP = luapkt.Ether, luapkt.IP, luapkt.IPv6, luapkt.TCP, luapkt.UDP,
  luapkt.ARP

local function request()
  return Ether{ src = "00:00:00:00:00:01", dst = "00:00:00:00:00:02" }
    / IP{ src = "10.0.0.1", dst = "10.0.0.2" } / TCP{ sport = 1024, dport = 80 }
end

describe("flow", function()
  it("reverses all addresses", function()
    local p = request():reverse_address()
    assert.same({ "00:00:00:00:00:02", "00:00:00:00:00:01", "10.0.0.2", "10.0.0.1", 80, 1024 },
      { p.Ether.src, p.Ether.dst, p.IP.src, p.IP.dst, p.TCP.sport, p.TCP.dport })
    assert.equal(request(), p:reverse_address())
    local arp = ARP{ psrc = "1.1.1.1", pdst = "2.2.2.2" }:reverse_address()
    assert.same({ "2.2.2.2", "1.1.1.1" }, { arp.ARP.psrc, arp.ARP.pdst })
  end)

  it("knows which way a packet goes", function()
    local p, q = request(), request():reverse_address()
    assert.equal("same", flow.direction(p, request()))
    assert.equal("reverse", flow.direction(p, q))
    assert.is_true(p:is_direction(q, "reverse"))
    assert.is_false(p:is_direction(q, "same"))
    q.TCP.dport = 9
    assert.is_nil(flow.direction(p, q))
    assert.is_nil(flow.direction(p, p / IP{}))
    assert.is_nil(flow.direction(luapkt.Raw{}, luapkt.Raw{}))
    local own = IP{ src = "127.0.0.1", dst = "127.0.0.1" }
    assert.is_true(own:is_direction(own, "same"))
    assert.is_true(own:is_direction(own, "reverse"))
  end)

  it("has one key for both ways of a session", function()
    local key, forward = flow.key(request())
    assert.equal("IP/TCP 10.0.0.1 1024 <-> 10.0.0.2 80", key)
    assert.is_true(forward)
    local back, backward = flow.key(request():reverse_address())
    assert.equal(key, back)
    assert.is_false(backward)
    local other = request()
    other.Ether.src = "00:00:00:00:00:09" -- by another way
    assert.equal(key, (flow.key(other)))
    local link = flow.key(request().Ether / "x")
    assert.equal("Ether 1 <-> 2", (link:gsub("00:00:00:00:00:0", "")))
    assert.equal("IPv6/UDP ::1 53 <-> ::2 53", (flow.key(IPv6{ src = "::2", dst = "::1" } / UDP{})))
    assert.is_nil(flow.key(luapkt.Raw{}))
  end)

  it("raises for what is no packet", function()
    assert.has_error(function() flow.key(7) end,
      "bad argument #1 to 'key' (packet expected, got number)")
    assert.has_error(function() request():is_direction(request(), "up") end,
      "bad argument #3 to 'is_direction' (\"same\" or \"reverse\" expected)")
  end)
end)
