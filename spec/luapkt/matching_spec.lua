-- luapkt.matching: which packet answers which.

local luapkt = require "luapkt"

local Ether, ARP, IP, IPv6 = luapkt.Ether, luapkt.ARP, luapkt.IP, luapkt.IPv6
local TCP, UDP, ICMP, DNS = luapkt.TCP, luapkt.UDP, luapkt.ICMP, luapkt.DNS

local function there(fields)
  local all = { src = "10.0.0.1", dst = "10.0.0.2" }
  for k, v in pairs(fields or {}) do all[k] = v end
  return IP(all)
end

local function back(fields)
  local all = { src = "10.0.0.2", dst = "10.0.0.1" }
  for k, v in pairs(fields or {}) do all[k] = v end
  return IP(all)
end

-- As it was received: read from its bytes.
local function read(p, id) return assert(luapkt.packet(p:bytes(), id or "IP")) end

local function answers(p, q, id)
  return p:is_answered_by(read(q, id))
end

describe("an answer", function()
  it("comes back from the same port to the same port", function()
    local syn = there() / TCP{ sport = 1000, dport = 80, flags = "S" }
    assert.is_true(answers(syn, back() / TCP{ sport = 80, dport = 1000, flags = "SA", ack = 1 }))
    assert.is_false(answers(syn, back() / TCP{ sport = 80, dport = 1001 }))
    assert.is_false(answers(syn, back() / UDP{ sport = 80, dport = 1000 }))
    assert.is_false(answers(syn, back { src = "10.0.0.3" } / TCP{ sport = 80, dport = 1000 }))
    assert.is_false(answers(syn, syn))
  end)

  -- RFC 9293 section 3.5: a SYN takes one number, and bytes that it carries one each (RFC 7413).
  it("acknowledges the number of a SYN", function()
    local syn = there() / TCP{ sport = 1000, dport = 80, seq = 0xffffffff, flags = "S" }
    local function acknowledges(ack, flags)
      local tcp = TCP{ sport = 80, dport = 1000, flags = flags or "SA", ack = ack }
      return answers(syn, back() / tcp)
    end
    assert.same({ true, false, false, false },
      { acknowledges(0), acknowledges(1), acknowledges(0xffffffff), acknowledges(999, "RA") })
    syn = syn / "abc"
    assert.same({ true, true, false }, { acknowledges(0), acknowledges(3), acknowledges(4) })
    syn.TCP.flags = "A"
    assert.is_true(acknowledges(999, "R"))
  end)

  it("comes from anybody where a group was asked", function()
    local p = there { dst = "224.0.0.251" } / UDP{ sport = 1000, dport = 9 }
    assert.is_true(answers(p, back { src = "10.0.0.77" } / UDP{ sport = 9, dport = 1000 }))
    p = there { dst = "255.255.255.255" } / UDP{ sport = 1000, dport = 9 }
    assert.is_true(answers(p, back { src = "10.0.0.77" } / UDP{ sport = 9, dport = 1000 }))
    assert.is_false(answers(p, back { src = "10.0.0.77", dst = "10.0.0.9" }
      / UDP{ sport = 9, dport = 1000 }))
  end)

  -- RFC 1112 section 4: 224.0.0.0 to 239.255.255.255.
  it("comes from anybody for the addresses of groups alone", function()
    local groups = { ["223.255.255.255"] = false, ["224.0.0.0"] = true,
      ["239.255.255.255"] = true, ["240.0.0.0"] = false }
    for dst, is_group in pairs(groups) do
      local p = there { dst = dst } / UDP{ sport = 1000, dport = 9 }
      local q = back { src = "10.0.0.77" } / UDP{ sport = 9, dport = 1000 }
      assert.equal(is_group, answers(p, q), dst)
    end
  end)

  it("has ports only where the question had some", function()
    local p = there { proto = 99 } / "x"
    assert.is_true(answers(p, back { proto = 99 } / "y"))
    assert.is_false(answers(p, back() / UDP{ sport = 9, dport = 1000 }))
  end)

  it("comes to the source that the system filled in", function()
    local echo = there { src = "0.0.0.0" } / ICMP{ type = 8, id = 1, seq = 2 }
    assert.is_true(answers(echo, back() / ICMP{ type = 0, id = 1, seq = 2 }))
  end)

  it("has an echo's numbers", function()
    local echo = there() / ICMP{ type = 8, id = 1, seq = 2 }
    assert.is_true(answers(echo, back() / ICMP{ type = 0, id = 1, seq = 2 } / "x"))
    assert.is_false(answers(echo, back() / ICMP{ type = 0, id = 1, seq = 3 }))
    assert.is_false(answers(echo, back() / ICMP{ type = 0, id = 2, seq = 2 }))
    assert.is_false(answers(echo, back() / ICMP{ type = 8, id = 1, seq = 2 }))
    local stamp = there() / ICMP{ type = 13, id = 1, seq = 2 }
    assert.is_true(answers(stamp, back() / ICMP{ type = 14, id = 1, seq = 2 }))
  end)

  it("has them over IPv6, too", function()
    local a, b = "fd00::1", "fd00::2"
    local echo = IPv6{ src = a, dst = b } / luapkt.ICMPv6EchoRequest{ id = 1, seq = 2 }
    local reply = IPv6{ src = b, dst = a } / luapkt.ICMPv6EchoReply{ id = 1, seq = 2 }
    assert.is_true(answers(echo, reply, "IPv6"))
    reply.ICMPv6EchoReply.seq = 3
    assert.is_false(answers(echo, reply, "IPv6"))
    local ask = IPv6{ src = a, dst = "ff02::1:ff00:2" } / luapkt.ICMPv6ND_NS{ tgt = b }
    assert.is_true(answers(ask, IPv6{ src = b, dst = a } / luapkt.ICMPv6ND_NA{ tgt = b }, "IPv6"))
    assert.is_false(answers(ask, IPv6{ src = b, dst = a } / luapkt.ICMPv6ND_NA{ tgt = a }, "IPv6"))
  end)

  it("tells the address that ARP asked for", function()
    local ask = Ether{ dst = "ff:ff:ff:ff:ff:ff" } / ARP{ psrc = "10.0.0.1", pdst = "10.0.0.2" }
    local function tell(fields) return Ether{} / ARP(fields) end
    assert.is_true(answers(ask, tell { op = 2, psrc = "10.0.0.2", pdst = "10.0.0.1" }, "Ether"))
    assert.is_false(answers(ask, tell { op = 2, psrc = "10.0.0.3", pdst = "10.0.0.1" }, "Ether"))
    assert.is_false(answers(ask, tell { op = 2, psrc = "10.0.0.2", pdst = "10.0.0.9" }, "Ether"))
    assert.is_false(answers(ask, tell { op = 1, psrc = "10.0.0.2", pdst = "10.0.0.1" }, "Ether"))
    assert.is_false(answers(ask, Ether{} / back(), "Ether"))
  end)

  it("has the id of the DNS query", function()
    local query = there() / UDP{ sport = 1000 } / DNS{ id = 5 }
    local function response(id, qr)
      return back() / UDP{ sport = 53, dport = 1000 } / DNS{ id = id, qr = qr or 1 }
    end
    assert.is_true(answers(query, response(5)))
    assert.is_false(answers(query, response(6)))
    assert.is_false(answers(query, response(5, 0))) -- a query, too: RFC 1035 section 4.1.1
  end)

  it("may be an ICMP error that quotes what it answers", function()
    local probe = there { ttl = 1, id = 9 } / UDP{ sport = 1000, dport = 33434 } / "x"
    local function error_about(p, type)
      return IP{ src = "10.0.0.254", dst = "10.0.0.1" } / ICMP{ type = type or 11 } / p:bytes()
    end
    assert.is_true(answers(probe, error_about(probe)))
    assert.is_true(answers(probe, error_about(probe, 3)))
    for _, other in ipairs {
      there { id = 10 } / UDP{ sport = 1000, dport = 33434 },
      there { id = 9 } / UDP{ sport = 1001, dport = 33434 },
      there { id = 9, dst = "10.0.0.3" } / UDP{ sport = 1000, dport = 33434 },
      there { id = 9 } / TCP{ sport = 1000, dport = 33434 },
    } do
      assert.is_false(answers(probe, error_about(other)))
    end
    local echo = there { id = 9 } / ICMP{ type = 8, id = 1, seq = 2 }
    assert.is_true(answers(echo, error_about(echo)))
    local next_echo = there { id = 9 } / ICMP{ type = 8, id = 1, seq = 3 }
    assert.is_false(answers(echo, error_about(next_echo)))
    -- Of zeros that the system fills in, IP's id is one, and an echo's is none.
    local zero = there { id = 0 } / ICMP{ type = 8, id = 0, seq = 2 }
    local function sent(id) return there { id = 7 } / ICMP{ type = 8, id = id, seq = 2 } end
    assert.is_true(answers(zero, error_about(sent(0))))
    assert.is_false(answers(zero, error_about(sent(5))))
  end)

  it("may be one over IPv6", function()
    local a, b = "fd00::1", "fd00::2"
    local probe = IPv6{ src = a, dst = b, hlim = 1 } / UDP{ sport = 1000, dport = 33434 }
    local function error_about(p)
      return IPv6{ src = "fd00::9", dst = a } / luapkt.ICMPv6TimeExceeded{} / p:bytes()
    end
    assert.is_true(answers(probe, error_about(probe), "IPv6"))
    local other = IPv6{ src = a, dst = b } / UDP{ sport = 1000, dport = 33435 }
    assert.is_false(answers(probe, error_about(other), "IPv6"))
  end)

  it("comes back between two hosts where there is nothing above Ethernet", function()
    local a, b = "02:00:00:00:00:01", "02:00:00:00:00:02"
    local p = Ether{ src = a, dst = b, type = 0x88b5 } / "x"
    assert.is_true(answers(p, Ether{ src = b, dst = a, type = 0x88b5 } / "y", "Ether"))
    assert.is_false(answers(p, Ether{ src = b, dst = a, type = 0x88b6 } / "y", "Ether"))
    assert.is_false(answers(p, p, "Ether"))
    p.Ether.dst = "ff:ff:ff:ff:ff:ff"
    assert.is_true(answers(p, Ether{ src = b, dst = a, type = 0x88b5 } / "y", "Ether"))
  end)

  it("is a packet", function()
    assert.has_error(function() there():is_answered_by "x" end,
      "bad argument #2 to 'is_answered_by' (packet expected, got string)")
  end)
end)
