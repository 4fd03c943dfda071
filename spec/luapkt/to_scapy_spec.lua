-- Packets as Scapy writes them. Their bytes are those that it makes of that, which is installed for
-- tests only.

local luapkt  = require "luapkt"
local support = require "spec.support"
local usual   = require "spec.udp_packet"

local udp_packet, udp_wire = usual.new, usual.wire

local hex = support.hex

local Ether, IP, TCP, UDP, DNS = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.DNS
local DNSQR = luapkt.DNSQR

describe("to_scapy", function()
  local has_scapy = support.run "/usr/bin/python3 -c 'import scapy'"
  if not has_scapy then
    pending "isn't tried: there is no scapy"
    return
  end

  local function assert_same(packets)
    local lines = { "from scapy.all import *", "import sys" }
    for _, p in ipairs(packets) do
      table.insert(lines, "print(bytes(" .. p:to_scapy() .. ").hex())")
    end
    local path = support.tmpdir() .. "/packets.py"
    support.write_file(path, table.concat(lines, "\n"))
    local ok, out, err = support.run("/usr/bin/python3 " .. path)
    assert(ok, err)
    local i = 0
    for line in out:gmatch "%x+" do
      i = i + 1
      assert.equal(hex(packets[i]:bytes()), line, packets[i]:to_scapy())
    end
    assert.equal(#packets, i)
  end

  -- Frozen, it has all of its fields by name.
  it("makes the same bytes with Scapy of every protocol", function()
    local packets = {}
    for _, decl in ipairs(luapkt.generation().decls) do
      local p = not decl.abstract and luapkt[decl.id]()
      if p and #p:bytes() > 0 then
        packets[#packets + 1] = p
        packets[#packets + 1] = p:copy():freeze()
      end
    end
    assert_same(packets)
  end)

  it("makes the same bytes of what was read, however odd it is", function()
    local head = "\2\0\0\0\0\2\2\0\0\0\0\1\8\0"
    local tcp = IP{} / TCP{ dataofs = 7, chksum = 0 } / "\0\0\0\0\0\0\0\1payload"
    local dns = IP{} / UDP{ sport = 53, dport = 1024 } / DNS{ compress = true,
      qd = DNSQR{ qname = "a.example.org" },
      an = luapkt.DNSRR{ rrname = "a.example.org", rdata = "1.2.3.4" } }
    local packets = {}
    for _, bytes in ipairs {
      tcp:bytes(), -- an end of options before their end
      (IP{} / TCP{ dataofs = 7, options = "\x02\x04\5\xb4\x08\1\x08\0" }):bytes(), -- a wrong length
      (IP{} / TCP{}):bytes():sub(1, 30), -- it ends within a layer
      (IP{} / TCP{}):bytes():sub(1, 10),
      dns:bytes(), -- names that point back
      dns:bytes():sub(1, 50),
      (IP{ proto = 1 } / "\xcf\0\x40\x5c\2\0\x0b\0abc"):bytes(), -- a type that isn't known
      (IP{} / UDP{} / "\0\1\1\0\0\1\0\9\0\0\0\0\1x\0\0\1\0\1"):bytes(), -- fewer than it says
    } do
      packets[#packets + 1] = assert(luapkt.packet(head .. bytes))
    end
    assert_same(packets)
  end)

  it("names the layers up to one that Scapy hasn't just so", function()
    local p = Ether{} / IP{} / luapkt.OSPF{} / luapkt.OSPF_Hello{} / luapkt.Padding{ load = "1" }
    local code = p:to_scapy()
    assert.truthy(code:find "^Ether%(.*%)/IP%(.*proto=89.*%)/Raw%(load=.*%)/Padding%(load=b'1'%)$")
    assert_same { p, IP{} / UDP{} / luapkt.SNMP{}, IP{} / TCP{} / luapkt.BGP{},
      IP{ options = { luapkt.IPOption_RR{ routers = { "1.2.3.4" } } } } / UDP{ chksum = 1 } }
  end)

  it("makes the same bytes with Scapy", function()
    assert_same {
      Ether{ src = "00:11:22:33:44:55", dst = "66:77:88:99:aa:bb" } / udp_packet()
        / "it's \\ \0\xff",
      IP{ dst = "10.1.1.1", src = "10.1.1.2", flags = "DF" } / TCP{ dport = 80, flags = "SA",
        options = { { "MSS", 1460 }, { "NOP" }, { "WScale", 7 }, { "Timestamp", 1, 2 } } },
      IP{ dst = "10.1.1.1", src = "10.1.1.2" } / UDP{} / DNS{ qd = DNSQR{ qname = "x.org" } },
      IP(udp_wire),
      luapkt.BOOTP{} / luapkt.DHCP{ options = { { "message-type", "discover" },
        { "server_id", "1.2.3.4" }, { "end" } } },
      luapkt.STP{},
    }
  end)
end)
