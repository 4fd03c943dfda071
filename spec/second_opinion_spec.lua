-- What others make of our packets: tshark reads them, scapy builds the same.
--
-- Each case has a name, the protocols that tshark should see behind "eth:", a scapy expression for
-- the same packet, and our layers. Where scapy has other defaults there is no expression. In an
-- expression stand for themselves: E a frame between our default addresses, I and I6 the network
-- layers, U and T the transport layers. Packets of other link types, with what tshark should see in
-- their fields, are in second_opinion_radio.lua. Each program is started once for either kind.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local radio   = require "spec.second_opinion_radio"
local support = require "spec.support"

local quote = support.quote

-- Reads expressions, a line each, and prints the bytes of each in hex, or what went wrong.
local PYTHON = [[
import sys, logging
logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.all import *
from scapy.contrib.mpls import MPLS
from scapy.contrib.igmpv3 import IGMPv3, IGMPv3mr, IGMPv3gr
from scapy.asn1.asn1 import *
from scapy.asn1.mib import *
from scapy.layers.snmp import *
E = Ether(src="00:00:00:02:00:00", dst="00:00:00:01:00:00")
I = IP(src="10.0.0.1", dst="10.0.0.2")
I6 = IPv6(src="2001:db8::1", dst="2001:db8::2")
U = UDP(sport=50000, dport=50001)/Raw(b"hello")
T = TCP(sport=1, dport=2)
A = ARP(hwsrc="00:11:22:33:44:55", psrc="10.0.0.1", pdst="10.0.0.2")
for line in open(sys.argv[1]):
    try:
        packet = eval(line)
        print(bytes(packet).hex())
    except Exception as e:
        print("error:", repr(e))
]]

local E   = { "Ether" }
local I   = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
local I6  = { "IPv6", { src = "2001:db8::1", dst = "2001:db8::2" } }
local I6ND = { "IPv6", { src = "2001:db8::1", dst = "2001:db8::2", hlim = 255 } }
local UDP = { "UDP", { sport = 50000, dport = 50001 } }
local TCP = { "TCP", { sport = 1, dport = 2 } }
local ARP = { "ARP", { hwsrc = "00:11:22:33:44:55", psrc = "10.0.0.1", pdst = "10.0.0.2" } }
local hi  = { "Raw", { load = "hello" } }

local function udp(sport, dport) return { "UDP", { sport = sport, dport = dport } } end

local function item(id, fields) return { id = id, fields = fields or {} } end

local cases = {
  { "UDP", "ethertype:ip:udp:data", "E/I/U", E, I, UDP, hi },
  { "UDP over IPv6", "ethertype:ipv6:udp:data", "E/I6/U", E, I6, UDP, hi },
  { "TCP with all common options", "ethertype:ip:tcp",
    "E/I/TCP(sport=1,dport=2,options=[('MSS',1460),('SAckOK',b''),('Timestamp',(1,2)),"
      .. "('NOP',None),('WScale',7)])",
    E, I, { "TCP", { sport = 1, dport = 2, options = {
      { "MSS", 1460 }, { "SAckOK", "" }, { "Timestamp", 1, 2 }, { "NOP" }, { "WScale", 7 } } } } },
  { "TCP with selective acknowledgments", "ethertype:ip:tcp:data",
    "E/I/TCP(sport=1,dport=2,flags='PA',seq=5,ack=6,"
      .. "options=[('NOP',None),('NOP',None),('SAck',(1,2,3,4))])/Raw(b'odd')",
    E, I, { "TCP", { sport = 1, dport = 2, flags = "PA", seq = 5, ack = 6, options = {
      { "NOP" }, { "NOP" }, { "SAck", 1, 2, 3, 4 } } } }, { "Raw", { load = "odd" } } },
  { "TCP over IPv6", "ethertype:ipv6:tcp", "E/I6/TCP(sport=1,dport=2,flags='SEC')",
    E, I6, { "TCP", { sport = 1, dport = 2, flags = "SEC" } } },
  { "IP with options", "ethertype:ip:udp:data",
    "E/IP(src='10.0.0.1',dst='10.0.0.2',"
      .. "options=[IPOption_RR(routers=['1.2.3.4']),IPOption_Router_Alert()])/U",
    E, { "IP", { src = "10.0.0.1", dst = "10.0.0.2", options = {
      item("IPOption_RR", { routers = { "1.2.3.4" } }), item "IPOption_Router_Alert" } } },
    UDP, hi },
  { "a fragment", "ethertype:ip:data",
    "E/IP(src='10.0.0.1',dst='10.0.0.2',flags='MF',frag=100,proto=17)/Raw(b'12345678')",
    E, { "IP", { src = "10.0.0.1", dst = "10.0.0.2", flags = "MF", frag = 100, proto = 17 } },
    { "Raw", { load = "12345678" } } },
  { "ARP", "ethertype:arp", "E/A", E, ARP },
  { "two VLAN tags", "ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:udp:data",
    "E/Dot1AD(vlan=5)/Dot1Q(vlan=6,prio=3)/I/U",
    E, { "Dot1AD", { vlan = 5 } }, { "Dot1Q", { vlan = 6, prio = 3 } }, I, UDP, hi },
  { "a spanning tree", "llc:stp",
    "Dot3(src='00:00:00:01:00:00',dst='01:80:c2:00:00:00')/LLC(dsap=0x42,ssap=0x42,ctrl=3)/STP()",
    { "Dot3", { src = "00:00:00:01:00:00", dst = "01:80:c2:00:00:00" } },
    { "LLC", { dsap = 0x42, ssap = 0x42, ctrl = 3 } }, { "STP" } },
  { "SNAP", "llc:arp",
    "Dot3(src='00:00:00:01:00:00',dst='00:00:00:02:00:00')/LLC(dsap=0xaa,ssap=0xaa,ctrl=3)"
      .. "/SNAP(OUI=0,code=0x806)/A",
    { "Dot3", { src = "00:00:00:01:00:00", dst = "00:00:00:02:00:00" } }, { "LLC" }, { "SNAP" },
    ARP },
  { "an echo request", "ethertype:ip:icmp:data", "E/I/ICMP(id=1,seq=2)/Raw(b'hello')",
    E, I, { "ICMP", { id = 1, seq = 2 } }, hi },
  { "an unreachable port", "ethertype:ip:icmp:ip:udp",
    "E/I/ICMP(type=3,code=3)/IPerror(src='10.0.0.2',dst='10.0.0.1')/UDPerror(sport=1,dport=2)",
    E, I, { "ICMP", { type = 3, code = 3 } },
    { "IPerror", { src = "10.0.0.2", dst = "10.0.0.1" } },
    { "UDPerror", { sport = 1, dport = 2 } } },
  { "an ICMP time stamp", "ethertype:ip:icmp",
    "E/I/ICMP(type=13,id=1,seq=1,ts_ori=1,ts_rx=2,ts_tx=3)",
    E, I, { "ICMP", { type = 13, id = 1, seq = 1, ts_ori = 1, ts_rx = 2, ts_tx = 3 } } },
  { "an IPv6 echo reply", "ethertype:ipv6:icmpv6:data",
    "E/I6/ICMPv6EchoReply(id=1,seq=2,data=b'hello')",
    E, I6, { "ICMPv6EchoReply", { id = 1, seq = 2, data = "hello" } } },
  { "a neighbour solicitation", "ethertype:ipv6:icmpv6",
    "E/I6/ICMPv6ND_NS(tgt='2001:db8::2')/ICMPv6NDOptSrcLLAddr(lladdr='00:11:22:33:44:55')",
    E, I6ND, { "ICMPv6ND_NS", { tgt = "2001:db8::2" } },
    { "ICMPv6NDOptSrcLLAddr", { lladdr = "00:11:22:33:44:55" } } },
  { "a neighbour advertisement", "ethertype:ipv6:icmpv6",
    "E/I6/ICMPv6ND_NA(tgt='2001:db8::2',R=0,S=1,O=1)"
      .. "/ICMPv6NDOptDstLLAddr(lladdr='00:11:22:33:44:55')",
    E, I6ND, { "ICMPv6ND_NA", { tgt = "2001:db8::2", R = 0, S = 1, O = 1 } },
    { "ICMPv6NDOptDstLLAddr", { lladdr = "00:11:22:33:44:55" } } },
  { "a router advertisement", "ethertype:ipv6:icmpv6",
    "E/I6/ICMPv6ND_RA()/ICMPv6NDOptPrefixInfo(prefixlen=64,prefix='2001:db8::')"
      .. "/ICMPv6NDOptMTU(mtu=1400)/ICMPv6NDOptRDNSS(dns=['2001:db8::53'],lifetime=60)",
    E, I6ND, { "ICMPv6ND_RA" },
    { "ICMPv6NDOptPrefixInfo", { prefixlen = 64, prefix = "2001:db8::" } },
    { "ICMPv6NDOptMTU", { mtu = 1400 } },
    { "ICMPv6NDOptRDNSS", { dns = { "2001:db8::53" }, lifetime = 60 } } },
  { "a redirect", "ethertype:ipv6:icmpv6",
    "E/I6/ICMPv6ND_Redirect(tgt='fe80::1',dst='2001:db8::5')",
    E, I6ND, { "ICMPv6ND_Redirect", { tgt = "fe80::1", dst = "2001:db8::5" } } },
  { "a multicast listener report", "ethertype:ipv6:ipv6.hopopts:icmpv6",
    "E/IPv6(src='fe80::1',dst='ff02::16',hlim=1)/IPv6ExtHdrHopByHop(options=[RouterAlert()])"
      .. "/ICMPv6MLReport2(records=[ICMPv6MLDMultAddrRec(rtype=4,dst='ff02::fb')])",
    E, { "IPv6", { src = "fe80::1", dst = "ff02::16", hlim = 1 } },
    { "IPv6ExtHdrHopByHop", { options = { item "RouterAlert" } } },
    { "ICMPv6MLReport2", { records = {
      item("ICMPv6MLDMultAddrRec", { rtype = 4, dst = "ff02::fb" }) } } } },
  { "an IPv6 routing header", "ethertype:ipv6:ipv6.routing:udp:data",
    "E/I6/IPv6ExtHdrRouting(type=2,addresses=['2001:db8::b'])/U",
    E, I6, { "IPv6ExtHdrRouting", { type = 2, addresses = { "2001:db8::b" } } }, UDP, hi },
  { "IPv6 destination options", "ethertype:ipv6:ipv6.dstopts:tcp",
    "E/I6/IPv6ExtHdrDestOpt(options=[PadN(optdata=b'1234')])/T",
    E, I6, { "IPv6ExtHdrDestOpt", { options = { item("PadN", { optdata = "1234" }) } } }, TCP },
  { "an IPv6 fragment", "ethertype:ipv6:ipv6.fraghdr:udp:data",
    "E/I6/IPv6ExtHdrFragment(nh=17,m=1,id=7)/Raw(b'1234567890123456')",
    E, I6, { "IPv6ExtHdrFragment", { nh = 17, m = 1, id = 7 } },
    { "Raw", { load = "1234567890123456" } } },
  { "IP in IP", "ethertype:ip:ip:udp:data", "E/I/I/U", E, I, I, UDP, hi },
  { "IPv6 in IP", "ethertype:ip:ipv6:tcp", "E/I/I6/T", E, I, I6, TCP },
  { "IP in IPv6", "ethertype:ipv6:ip:tcp", "E/I6/I/T", E, I6, I, TCP },
  { "IPv6 in IPv6", "ethertype:ipv6:ipv6:tcp", "E/I6/I6/T", E, I6, I6, TCP },
  { "tunnels in tunnels", "ethertype:ip:ipv6:ip:ipv6:ip:udp:data", "E/I/I6/I/I6/I/U",
    E, I, I6, I, I6, I, UDP, hi },
  { "GRE with key and checksum", "ethertype:ip:gre:ip:udp:data",
    "E/I/GRE(chksum_present=1,key_present=1,seqnum_present=1,key=5,seqence_number=6)/I/U",
    E, I, { "GRE", { chksum_present = 1, key_present = 1, seqnum_present = 1, key = 5,
                     seqence_number = 6 } }, I, UDP, hi },
  { "Ethernet in GRE", "ethertype:ip:gre:eth:ethertype:arp", "E/I/GRE(proto=0x6558)/E/A",
    E, I, { "GRE", { proto = 0x6558 } }, E, ARP },
  { "VXLAN in VXLAN",
    "ethertype:ip:udp:vxlan:eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:tcp",
    "E/I/UDP(sport=50000,dport=4789)/VXLAN(vni=1)/E/I/UDP(sport=50000,dport=4789)/VXLAN(vni=2)"
      .. "/E/I/T",
    E, I, udp(50000, 4789), { "VXLAN", { vni = 1 } },
    E, I, udp(50000, 4789), { "VXLAN", { vni = 2 } }, E, I, TCP },
  { "Ethernet in Geneve, with options", "ethertype:ip:udp:geneve:eth:ethertype:ip:tcp", nil,
    E, I, udp(50000, 6081), { "GENEVE", { vni = 0x1234, options = {
      item("GeneveOptions", { classid = 0x102, type = 0x80, data = "abcdef" }),
      item("GeneveOptions", { classid = 0x100, type = 5 }) } } }, E, I, TCP },
  { "IP in Geneve", "ethertype:ip:udp:geneve:ip:tcp", nil,
    E, I, udp(50000, 6081), { "GENEVE" }, I, TCP },
  { "IPv6 in GTP-U, with extension headers", "ethertype:ip:udp:gtp:ipv6:tcp", nil,
    E, I, { "UDP" }, { "GTP_U_Header", { E = 1, teid = 5, next_ex = 0xc0, extensions = {
      item("GTPUExtension", { data = "\0\9", next_ex = 0x85 }),
      item("GTPUExtension", { data = "\0\9" }) } } }, I6, TCP },
  { "GTP-U echo", "ethertype:ip:udp:gtp", nil,
    E, I, { "UDP" }, { "GTP_U_Header", { gtp_type = 1, S = 1, seq = 7 } } },
  { "BFD", "ethertype:ip:udp:bfd", nil, E, I, { "UDP" }, { "BFD" } },
  { "BFD with a password", "ethertype:ipv6:udp:bfd", nil,
    E, I6, { "UDP" }, { "BFD", { flags = "A", auth_data = "\1secret" } } },
  { "UDP-Lite", "ethertype:ip:udplite:data", nil,
    E, I, { "UDPLite", { sport = 50000, dport = 50001, cov = 8 } }, hi },
  { "DCCP", "ethertype:ip:dccp:data", nil,
    E, I, { "DCCP", { type = "DataAck", cscov = 1, options = {
      item("DCCPOption", { type = 41, data = "\0\0\0\1" }) } } }, hi },
  { "CoAP with long options", "ethertype:ip:udp:coap", nil,
    E, I, { "UDP" }, { "CoAP", { code = "GET", token = "T", options = {
      item("CoAPOption", { delta = 11, value = "temperature" }),
      item("CoAPOption", { delta = 13, delta_ext8 = 11, value = ("x"):rep(300) }) } } } },
  { "CoAP with a payload", "ethertype:ip:udp:coap:data", nil,
    E, I, { "UDP" }, { "CoAP", { type = "ACK", code = 69 } }, { "Raw", { load = "22.3 C" } } },
  { "MPLS", capture.either("ethertype:mpls:ip:udp:data", "ethertype:mpls:udp:data"),
    "E/MPLS(label=5,s=0,ttl=9)/MPLS(label=6,s=1,ttl=9)/I/U",
    E, { "MPLS", { label = 5, s = 0, ttl = 9 } }, { "MPLS", { label = 6, s = 1, ttl = 9 } },
    I, UDP, hi },
  { "PPPoE", "ethertype:pppoes:ppp:ip:udp:data", nil, -- scapy 2.5 cuts the number of IP
    E, { "PPPoE", { sessionid = 7 } }, { "PPP" }, I, UDP, hi },
  { "PPPoE discovery", "ethertype:pppoed",
    "E/PPPoED(code=9)/PPPoED_Tags(tag_list=[PPPoETag(tag_type=0x101),"
      .. "PPPoETag(tag_type=0x103,tag_value=b'host')])",
    E, { "PPPoED", { code = 9 } }, { "PPPoED_Tags", { tag_list = {
      item("PPPoETag", { tag_type = 0x101 }),
      item("PPPoETag", { tag_type = 0x103, tag_value = "host" }) } } } },
  { "an LCP request", "ethertype:pppoes:ppp:lcp",
    "E/PPPoE()/PPP(proto=0xc021)/PPP_LCP_Configure(id=1,options=["
      .. "PPP_LCP_MRU_Option(max_recv_unit=1492),PPP_LCP_Magic_Number_Option(magic_number=5)])",
    E, { "PPPoE" }, { "PPP" }, { "PPP_LCP_Configure", { id = 1, options = {
      item("PPP_LCP_MRU_Option", { max_recv_unit = 1492 }),
      item("PPP_LCP_Magic_Number_Option", { magic_number = 5 }) } } } },
  { "L2TP", "ethertype:ip:udp:l2tp:ppp:ip:udp:data", nil, -- the same
    E, I, { "UDP" }, { "L2TP", { hdr = "length", len = 43, tunnel_id = 1, session_id = 2 } },
    { "PPP" }, I, UDP, hi },
  { "a DNS query", "ethertype:ip:udp:dns",
    "E/I/UDP(sport=50000,dport=53)"
      .. "/DNS(id=7,rd=1,qd=DNSQR(qname='www.example.com',qtype='AAAA'))",
    E, I, udp(50000, 53), { "DNS", { id = 7, rd = 1,
      qd = { item("DNSQR", { qname = "www.example.com", qtype = "AAAA" }) } } } },
  { "a DNS answer", "ethertype:ip:udp:dns", -- (scapy 2.6 counts one)
    "E/I/UDP(sport=53,dport=50000)/DNS(id=7,qr=1,qd=DNSQR(qname='x.org'),"
      .. "ancount=2,an=DNSRR(rrname='x.org',rdata='10.0.0.9')"
      .. "/DNSRRMX(rrname='x.org',type='MX',preference=5,exchange='mail.x.org'),ar=DNSRROPT())",
    E, I, udp(53, 50000), { "DNS", { id = 7, qr = 1,
      qd = { item("DNSQR", { qname = "x.org" }) },
      an = { item("DNSRR", { rrname = "x.org", rdata = "10.0.0.9" }),
             item("DNSRRMX", { rrname = "x.org", type = "MX", preference = 5,
                               exchange = "mail.x.org" }) },
      ar = { item "DNSRROPT" } } } },
  { "a DHCP discovery", "ethertype:ip:udp:dhcp",
    "E/IP(src='0.0.0.0',dst='255.255.255.255')/UDP(sport=68,dport=67)"
      .. "/BOOTP(chaddr=b'\\x00\\x11\\x22\\x33\\x44\\x55',xid=5)/DHCP(options=["
      .. "('message-type','discover'),('hostname',b'me'),('param_req_list',[1,3,6]),'end'])",
    E, { "IP", { src = "0.0.0.0", dst = "255.255.255.255" } }, udp(68, 67),
    { "BOOTP", { chaddr = "\0\x11\x22\x33\x44\x55", xid = 5, options = "c\x82Sc" } },
    { "DHCP", { options = { { "message-type", "discover" }, { "hostname", "me" },
                            { "param_req_list", 1, 3, 6 }, "end" } } } },
  { "a DHCPv6 solicitation", "ethertype:ipv6:udp:dhcpv6",
    "E/I6/UDP(sport=546,dport=547)/DHCP6_Solicit(trid=5)"
      .. "/DHCP6OptClientId(duid=DUID_LL(lladdr='00:11:22:33:44:55'))"
      .. "/DHCP6OptElapsedTime()/DHCP6OptIA_NA(iaid=1)",
    E, I6, udp(546, 547), { "DHCP6_Solicit", { trid = 5 } },
    { "DHCP6OptClientId", { duid = item("DUID_LL", { lladdr = "00:11:22:33:44:55" }) } },
    { "DHCP6OptElapsedTime" }, { "DHCP6OptIA_NA", { iaid = 1 } } },
  { "NTP", "ethertype:ip:udp:ntp", nil, E, I, udp(123, 123), { "NTPHeader" } },
  { "TFTP", "ethertype:ip:udp:tftp",
    "E/I/UDP(sport=50000,dport=69)/TFTP()/TFTP_RRQ(filename=b'file')",
    E, I, udp(50000, 69), { "TFTP" }, { "TFTP_RRQ", { filename = "file" } } },
  { "RIP", "ethertype:ip:udp:rip",
    "E/I/UDP(sport=520,dport=520)/RIP(cmd=2)"
      .. "/RIPEntry(addr='10.1.0.0',mask='255.255.0.0',metric=3)",
    E, I, udp(520, 520), { "RIP", { cmd = 2 } },
    { "RIPEntry", { addr = "10.1.0.0", mask = "255.255.0.0", metric = 3 } } },
  { "an SCTP association", "ethertype:ip:sctp",
    "E/I/SCTP(sport=1,dport=2)/SCTPChunkInit(init_tag=5,n_in_streams=1,n_out_streams=1)",
    E, I, { "SCTP", { sport = 1, dport = 2 } },
    { "SCTPChunkInit", { init_tag = 5, n_in_streams = 1, n_out_streams = 1 } } },
  { "SCTP data", "ethertype:ip:sctp:data",
    "E/I/SCTP(sport=1,dport=2,tag=5)/SCTPChunkData(tsn=1,beginning=1,ending=1,data=b'hello')",
    E, I, { "SCTP", { sport = 1, dport = 2, tag = 5 } },
    { "SCTPChunkData", { tsn = 1, beginning = 1, ending = 1, data = "hello" } } },
  { "an IGMPv2 report", "ethertype:ip:igmp:igmp", nil,
    E, { "IP", { src = "10.0.0.1", dst = "224.1.1.1", ttl = 1 } },
    { "IGMP", { type = 0x16, gaddr = "224.1.1.1" } } },
  { "an IGMPv3 report", "ethertype:ip:igmp:igmp",
    "E/IP(src='10.0.0.1',dst='224.0.0.22',ttl=1)/IGMPv3(type=0x22,mrcode=0)/IGMPv3mr(records=["
      .. "IGMPv3gr(rtype=4,maddr='224.1.1.1',srcaddrs=['1.2.3.4'])])",
    E, { "IP", { src = "10.0.0.1", dst = "224.0.0.22", ttl = 1 } },
    { "IGMPv3", { type = 0x22, mrcode = 0 } },
    { "IGMPv3mr", { records = { item("IGMPv3gr", {
      rtype = 4, maddr = "224.1.1.1", srcaddrs = { "1.2.3.4" } }) } } } },
  { "AH", "ethertype:ip:ah:udp:data", nil,
    E, I, { "AH", { nh = 17, payloadlen = 4, spi = 1, seq = 2, icv = ("i"):rep(12) } }, UDP, hi },
  { "ESP", "ethertype:ip:esp", "E/I/ESP(spi=4096,seq=5,data=b'0123456789abcdef')",
    E, I, { "ESP", { spi = 4096, seq = 5, data = "0123456789abcdef" } } },
  { "an ISAKMP vendor's id", "ethertype:ip:udp:isakmp", nil,
    E, I, udp(500, 500), { "ISAKMP", { init_cookie = "12345678", exch_type = 2 } },
    { "ISAKMP_payload_VendorID", { load = "0123456789abcdef" } } },
  { "ISAKMP attributes", "ethertype:ip:udp:isakmp",
    "E/I/UDP(sport=500,dport=500)/ISAKMP(init_cookie=b'12345678',exch_type=2,next_payload=1)"
      .. "/ISAKMP_payload_SA(prop=ISAKMP_payload_Proposal(trans_nb=1,"
      .. "trans=ISAKMP_payload_Transform(num=1,transforms=[('Encryption','AES-CBC'),"
      .. "('Hash','SHA2-256'),('KeyLength',256),('LifeDuration',86400)])))",
    E, I, udp(500, 500), { "ISAKMP", { init_cookie = "12345678", exch_type = 2 } },
    { "ISAKMP_payload_SA", { prop = item("ISAKMP_payload_Proposal", { trans_nb = 1,
      trans = item("ISAKMP_payload_Transform", { num = 1, transforms = {
        { "Encryption", "AES-CBC" }, { "Hash", "SHA2-256" }, { "KeyLength", 256 },
        { "LifeDuration", 86400 } } }) }) } } },
  { "an EAP request", "ethertype:eapol", nil,
    E, { "EAPOL" }, { "EAP", { code = "Request", id = 2, type = "Identity", message = "who" } } },
  { "an EAP-MD5 challenge", "ethertype:eapol", nil,
    E, { "EAPOL" }, { "EAP_MD5", { id = 2, value = "0123456789abcdef", optional_name = "srv" } } },
  { "MACsec key agreement", "ethertype:eapol", nil,
    E, { "EAPOL", { version = 3 } }, { "MKAPDU", {
      basic_param_set = item("MKABasicParamSet", {
        mka_version_id = 1, macsec_capability = 2, param_set_body_len = 44,
        actor_member_id = ("m"):rep(12), actor_message_number = 1,
        algorithm_agility = 0x0080c201, cak_name = ("c"):rep(16) }),
      parameter_sets = { item("MKAICVSet", { param_set_body_len = 16, icv = ("i"):rep(16) }) },
    } } },
  { "a query for a NetBIOS name", "ethertype:ip:udp:nbns", nil,
    E, I, udp(137, 137), { "NBNSQueryRequest", { QUESTION_NAME = "FRED", SUFFIX = 0x4341 } } },
  { "a Skinny keep-alive", "ethertype:ip:tcp:skinny", nil,
    E, I, { "TCP", { sport = 2000, dport = 2000, flags = "PA" } },
    { "Skinny", { len = 4, msg = 0 } } },
  { "MGCP", "ethertype:ip:udp:mgcp", nil, E, I, udp(2727, 2727), { "MGCP" } },
  { "a Mobile IP registration", "ethertype:ip:udp:mip", nil,
    E, I, udp(434, 434), { "MobileIP" }, { "MobileIPRRQ", { homeaddr = "10.0.0.1" } } },
  { "a binding update", "ethertype:ipv6:mipv6", "E/I6/MIP6MH_BU(seq=1)",
    E, I6, { "MIP6MH_BU", { seq = 1 } } },
  { "a binding error", "ethertype:ipv6:mipv6", "E/I6/MIP6MH_BE(status=1,ha='2001:db8::9')",
    E, I6, { "MIP6MH_BE", { status = 1, ha = "2001:db8::9" } } },
  { "LLTD", "ethertype:lltd", nil,
    E, { "LLTD" }, { "LLTDHello", { gen_number = 1 } },
    { "LLTDAttributeHostID", { mac = "02:00:00:00:00:07" } }, { "LLTDAttributeEOP" } },
  { "VRRP", "ethertype:ip:vrrp",
    "E/IP(src='10.0.0.1',dst='224.0.0.18',ttl=255)"
      .. "/VRRP(vrid=3,priority=200,addrlist=['10.0.0.9'])",
    E, { "IP", { src = "10.0.0.1", dst = "224.0.0.18", ttl = 255 } },
    { "VRRP", { vrid = 3, priority = 200, addrlist = { "10.0.0.9" } } } },
}

-- SNMP: what is in a message, as scapy has it and as we do. tshark reads strings as a protocol of
-- their own.
local function snmp(name, port, version, theirs, ours, protocols)
  table.insert(cases, { name, protocols or "ethertype:ip:udp:snmp",
    theirs and ("E/I/UDP(sport=%d,dport=%d)/SNMP(version=%d,PDU=%s)"):format(port, port, version,
      (theirs:gsub("OID%(", "ASN1_OID("))),
    E, I, udp(port, port), { "SNMP", { version = version, PDU = ours } } })
end

local function varbind(oid, value) return item("SNMPvarbind", { oid = oid, value = value }) end

local DESCR, UPTIME, INDEX = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.2.2.1.1.1"

snmp("SNMP version 1, a get request", 161, 0,
  "SNMPget(id=300,varbindlist=[SNMPvarbind(oid=OID('1.3.6.1.2.1.1.1.0'))])",
  item("SNMPget", { id = 300, varbindlist = { varbind(DESCR) } }))
snmp("SNMP version 2c, a get-next request", 161, 1,
  "SNMPnext(id=-1,varbindlist=[SNMPvarbind(oid=OID('2.999.4294967295'))])",
  item("SNMPnext", { id = -1, varbindlist = { varbind "2.999.4294967295" } }))
snmp("SNMP version 2c, a response with values of many kinds", 161, 1,
  "SNMPresponse(id=2147483647,varbindlist=["
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.1.1.0'),value=ASN1_STRING(b'a'*200)),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.1.3.0'),value=ASN1_TIME_TICKS(4294967295)),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.1.2.0'),value=OID('1.3.6.1.4.1.8072')),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.2.2.1.1.1'),value=ASN1_INTEGER(-129)),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.2.2.1.5.1'),value=ASN1_GAUGE32(10000000)),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.2.2.1.10.1'),value=ASN1_COUNTER32(2147483648)),"
    .. "SNMPvarbind(oid=OID('1.3.6.1.2.1.4.20.1.1'),value=ASN1_IPADDRESS('10.0.0.1'))])",
  item("SNMPresponse", { id = 2147483647, varbindlist = {
    varbind(DESCR, { "STRING", ("a"):rep(200) }),
    varbind(UPTIME, { "TIME_TICKS", 4294967295 }),
    varbind("1.3.6.1.2.1.1.2.0", { "OID", "1.3.6.1.4.1.8072" }),
    varbind(INDEX, -129),
    varbind("1.3.6.1.2.1.2.2.1.5.1", { "GAUGE32", 10000000 }),
    varbind("1.3.6.1.2.1.2.2.1.10.1", { "COUNTER32", 2147483648 }),
    varbind("1.3.6.1.2.1.4.20.1.1", { "IPADDRESS", "10.0.0.1" }),
  } }), "ethertype:ip:udp:snmp:snmp")
snmp("SNMP version 2c, a response with values that scapy has no words for", 161, 1, nil,
  item("SNMPresponse", { varbindlist = {
    varbind("1.3.6.1.2.1.31.1.1.1.6.1", { "COUNTER64", "18446744073709551615" }),
    varbind("1.3.6.1.2.1.1.9", { "OPAQUE", "\x9f\x78\4\0\0\0\0" }),
  } }))
snmp("SNMP version 2c, a set request refused", 161, 1,
  "SNMPset(id=1,error=17,error_index=1,"
    .. "varbindlist=[SNMPvarbind(oid=OID('1.3.6.1.2.1.1.1.0'),value=ASN1_STRING(b''))])",
  item("SNMPset", { id = 1, error = "notWritable", error_index = 1,
    varbindlist = { varbind(DESCR, { "STRING", "" }) } }))
snmp("SNMP version 1, a trap", 162, 0,
  "SNMPtrapv1(enterprise='1.3.6.1.4.1.8072',agent_addr='10.0.0.1',generic_trap=3,time_stamp=12345,"
    .. "varbindlist=[SNMPvarbind(oid=OID('1.3.6.1.2.1.2.2.1.1.1'),value=ASN1_INTEGER(1))])",
  item("SNMPtrapv1", { enterprise = "1.3.6.1.4.1.8072", agent_addr = "10.0.0.1",
    generic_trap = "linkUp", time_stamp = 12345, varbindlist = { varbind(INDEX, 1) } }))
snmp("SNMP version 2c, a get-bulk request", 161, 1,
  "SNMPbulk(id=5,non_repeaters=1,max_repetitions=50,"
    .. "varbindlist=[SNMPvarbind(oid=OID('1.3.6.1.2.1.2'))])",
  item("SNMPbulk", { id = 5, non_repeaters = 1, max_repetitions = 50,
    varbindlist = { varbind "1.3.6.1.2.1.2" } }))
for _, id in ipairs { "SNMPinform", "SNMPtrapv2" } do
  snmp("SNMP version 2c, " .. id, 162, 1,
    id .. "(id=6,varbindlist=[SNMPvarbind(oid=OID('1.3.6.1.2.1.1.3.0'),value=ASN1_TIME_TICKS(100)),"
      .. "SNMPvarbind(oid=OID('1.3.6.1.6.3.1.1.4.1.0'),value=OID('1.3.6.1.6.3.1.1.5.1'))])",
    item(id, { id = 6, varbindlist = {
      varbind(UPTIME, { "TIME_TICKS", 100 }),
      varbind("1.3.6.1.6.3.1.1.4.1.0", { "OID", "1.3.6.1.6.3.1.1.5.1" }) } }))
end

local function layers_of(case) return table.move(case, 4, #case, 1, {}) end

-- ------------------------------------------------------------------------------------- tshark

local function ask_tshark(built, links, more)
  local path = support.tmpdir() .. "/built.pcap"
  capture.write(path, built, links)
  return capture.judged(path, more)
end

-- -------------------------------------------------------------------------------------- scapy

local function ask_scapy(expressions)
  local folder = support.tmpdir()
  support.write_file(folder .. "/build.py", PYTHON)
  support.write_file(folder .. "/packets", table.concat(expressions, "\n") .. "\n")
  local ok, out, err = support.run(
    ("cd %s && /usr/bin/python3 build.py packets"):format(quote(folder)))
  assert(ok, err)
  local built = {}
  for line in out:gmatch "[^\n]+" do table.insert(built, line) end
  assert.equal(#expressions, #built)
  return built
end

-- -------------------------------------------------------------------------------------- specs

local has_scapy = support.run "/usr/bin/python3 -c 'import scapy'"

capture.describe_tshark("tshark", function()
  local seen

  setup(function()
    local built = {}
    for i, case in ipairs(cases) do built[i] = assert(luapkt.build(layers_of(case))) end
    seen = ask_tshark(built)
  end)

  for i, case in ipairs(cases) do
    it("reads what we build: " .. case[1], function()
      assert.is_nil(capture.objection(seen[i], capture.ERROR))
      assert.equal("eth:" .. case[2], seen[i]["frame.protocols"])
    end)
  end
end)

-- The names of all fields that the cases of other link types look at.
local function looked_at()
  local fields, known = {}, {}
  for _, case in ipairs(radio) do
    for field in pairs(case.values) do
      if not known[field] then
        known[field] = true
        table.insert(fields, field)
      end
    end
  end
  return fields
end

capture.describe_tshark("tshark", function()
  local seen

  setup(function()
    local built, links = {}, {}
    for i, case in ipairs(radio) do
      local bytes = assert(luapkt.build(case.layers))
      built[i], links[i] = bytes .. (case.tail and case.tail(bytes) or ""), case.link
    end
    seen = ask_tshark(built, links, looked_at())
  end)

  for i, case in ipairs(radio) do
    it(("reads what we build for link type %d: %s"):format(case.link, case.name), function()
      assert.equal(case.warns, (capture.objection(seen[i], capture.WARNING)))
      assert.equal(case.protocols, seen[i]["frame.protocols"])
      local values = {}
      for field in pairs(case.values) do values[field] = seen[i][field] end
      assert.same(case.values, values)
    end)
  end
end)

describe("scapy", function()
  if not has_scapy then
    pending "isn't asked: it is not installed"
    return
  end

  local built = {}

  setup(function()
    local expressions, places = {}, {}
    for i, case in ipairs(cases) do
      if case[3] then
        table.insert(expressions, case[3])
        places[#expressions] = i
      end
    end
    for k, hex in ipairs(ask_scapy(expressions)) do built[places[k]] = hex end
  end)

  for i, case in ipairs(cases) do
    if case[3] then
      it("builds what we build: " .. case[1], function()
        assert.equal(built[i], support.hex((assert(luapkt.build(layers_of(case))))))
      end)
    end
  end
end)
