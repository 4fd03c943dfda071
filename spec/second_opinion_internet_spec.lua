-- What tshark makes of our packets of the protocols that the Scapy server doesn't have: the
-- protocols it should see behind "eth:", some of their fields as it should show them, and our
-- layers; 'unread' of them, the last ones, can't be told from their bytes.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local more = require "spec.second_opinion_fields"

local E  = { "Ether", { src = "02:00:00:00:00:01" } }
local I  = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
local I6 = { "IPv6", { src = "fe80::1", dst = "fe80::2" } }
local BACK = { "IP", { src = "10.0.0.2", dst = "10.0.0.1" } }
local hi = { "Raw", { load = "hello" } }

local PUSH = { "TCP", { flags = "PA" } }

-- A frame that begins with the length of what follows.
local function framed(dst) return { "Dot3", { src = "02:00:00:00:00:01", dst = dst } } end

local CISCO = framed "01:00:0c:cc:cc:cc"

local function item(id, fields) return { id = id, fields = fields or {} } end

local cases = {
  { "LLDP", "ethertype:lldp", {
      ["lldp.chassis.id.mac"] = "02:00:00:00:00:01", ["lldp.port.id"] = "eth0",
      ["lldp.time_to_live"] = "120", ["lldp.tlv.system.name"] = "sw1",
      ["lldp.mgn.addr.ip4"] = "10.0.0.1", ["lldp.ieee.802_1.port_vlan.id"] = "7",
      ["lldp.ieee.802_3.max_frame_size"] = "1518",
    },
    E, { "LLDP", { tlvs = {
      item("LLDP_ChassisID", { value = "02:00:00:00:00:01" }),
      item("LLDP_PortID", { subtype = "Interface name", value = "eth0" }),
      item "LLDP_TTL",
      item("LLDP_PortDescription", { description = "a port" }),
      item("LLDP_SystemName", { name = "sw1" }),
      item("LLDP_SystemCapabilities", { capabilities = "mac_bridge+router", enabled = "router" }),
      item("LLDP_ManagementAddress", { address = "10.0.0.1", interface = 3 }),
      item("LLDP_ManagementAddress", { family = 2, address = "2001:db8::1", numbering = 2 }),
      item("LLDP_8021_PortVLAN", { vlan = 7 }),
      item("LLDP_8021_ProtocolVLAN", { vlan = 7, flags = "supported" }),
      item("LLDP_8021_VLANName", { vlan = 7, name = "seven" }),
      item("LLDP_8021_ProtocolIdentity", { protocol = "\x88\x8e\1" }),
      item "LLDP_8021_ManagementVLAN",
      item("LLDP_8021_LinkAggregation", { status = "capable", port_id = 5 }),
      item("LLDP_8023_MACPHY", { autonegotiation = 3, pmd = 0x6c01, mau_type = 30 }),
      item("LLDP_8023_PowerViaMDI", { support = 7 }),
      item "LLDP_8023_MaxFrameSize",
      item("LLDP_Org", { value = "\0\x0f\1" }),
      item "LLDP_End",
    } } } },
  { "LACP", "ethertype:slow:lacp", {
      ["lacp.actor.sysid"] = "02:00:00:00:00:01", ["lacp.actor.key"] = "5",
      ["lacp.actor.state"] = "0x05",
    },
    E, { "SlowProtocol" },
    { "LACP", { actor_system = "02:00:00:00:00:01", actor_key = 5,
                actor_state = "activity+aggregation" } } },
  { "a link aggregation marker", "ethertype:slow:marker", {
      ["marker.requesterPort"] = "3", ["marker.requesterTransId"] = "9",
    },
    E, { "SlowProtocol" }, { "LACP_Marker", { requester_port = 3, transaction_id = 9 } } },
  { "CDP", "llc:cdp", {
      ["cdp.version"] = "2", ["cdp.ttl"] = "180", ["cdp.deviceid"] = "r1",
      ["cdp.portid"] = "Gi0/1", ["cdp.nrgyz.ip_address"] = "10.0.0.1,10.0.0.2",
      ["cdp.native_vlan"] = "7", ["cdp.system_name"] = "sw",
    },
    CISCO, { "LLC" }, { "SNAP" }, { "CDP", { tlvs = {
      item("CDP_DeviceID", { device_id = "r1" }),
      item("CDP_Addresses", { addresses = {
        item("CDP_Address", { address = "10.0.0.1" }),
        item("CDP_AddressIPv6", { address = "2001:db8::1" }) } }),
      item("CDP_PortID", { port_id = "Gi0/1" }),
      item("CDP_Capabilities", { capabilities = "router+switch" }),
      item("CDP_SoftwareVersion", { software_version = "one" }),
      item("CDP_Platform", { platform = "box" }),
      item("CDP_IPPrefixes", { prefixes = { item("CDP_IPPrefix", { prefix = "10.1.0.0" }) } }),
      item("CDP_VTPDomain", { domain = "d" }), item("CDP_NativeVLAN", { vlan = 7 }),
      item "CDP_Duplex", item("CDP_VoIPVLANReply", { vlan = 5 }),
      item("CDP_VoIPVLANQuery", { vlan = 5 }), item("CDP_PowerConsumption", { power = 6300 }),
      item "CDP_MTU", item "CDP_TrustBitmap", item "CDP_UntrustedPortCoS",
      item("CDP_SystemName", { name = "sw" }),
      item("CDP_ManagementAddresses", { addresses = {
        item("CDP_Address", { address = "10.0.0.2" }) } }),
      item("CDP_Location", { location = "here" }),
      item("CDP_PowerRequested", { request_id = 1, power = { 6300 } }),
      item("CDP_PowerAvailable", { power = { 0, 5 } }),
    } } } },
  { "CDP with an odd last byte", "llc:cdp", { ["cdp.checksum.status"] = "1" },
    CISCO, { "LLC" }, { "SNAP" },
    { "CDP", { tlvs = { item("CDP_DeviceID", { device_id = "r1\x80" }) } } } },
  { "CDP with a small odd last byte", "llc:cdp", { ["cdp.checksum.status"] = "1" },
    CISCO, { "LLC" }, { "SNAP" },
    { "CDP", { tlvs = { item("CDP_DeviceID", { device_id = "r1\x7f" }) } } } },
  { "DTP", "llc:dtp", {
      ["dtp.domain"] = "lab", ["dtp.senderid"] = "02:00:00:00:00:01", ["dtp.tas"] = "0x03",
      ["dtp.tat"] = "0x05",
    },
    CISCO, { "LLC" }, { "SNAP" }, { "DTP", { tlvs = {
      item("DTP_Domain", { domain = "lab\0" }), item("DTP_Status", { operating = "Trunk" }),
      item "DTP_Type", item("DTP_Neighbor", { neighbor = "02:00:00:00:00:01" }) } } } },
  { "IPX in Ethernet II", "ethertype:ipx", {
      ["ipx.len"] = "35", ["ipx.src.node"] = "02:00:00:00:00:01", ["ipx.dst.socket"] = "0x4003",
    },
    E, { "IPX", { src_node = "02:00:00:00:00:01", dst_socket = 0x4003, src_socket = 0x4003 } },
    hi },
  { "IPX in a frame of its own", "ipx", { ["ipx.len"] = "35" },
    framed "ff:ff:ff:ff:ff:ff", { "IPX", { dst_socket = 0x4003, src_socket = 0x4003 } }, hi },
  { "IPX in 802.2", "llc:ipx", { ["ipx.len"] = "35" },
    framed "ff:ff:ff:ff:ff:ff", { "LLC" }, { "IPX", { dst_socket = 0x4003, src_socket = 0x4003 } },
    hi },
  { "a PTP synchronization", "ethertype:ptp", {
      ["ptp.v2.messagetype"] = "0x00", ["ptp.v2.sequenceid"] = "7", ["ptp.v2.messagelength"] = "44",
      ["ptp.v2.flags.twostep"] = "1", ["ptp.v2.sdr.origintimestamp.seconds"] = "5",
    },
    E, { "PTP_Sync", { sequence_id = 7, flags = "twoStep", origin_seconds = 5 } } },
  { "a PTP delay request", "ethertype:ip:udp:ptp", { ["ptp.v2.messagetype"] = "0x01" },
    E, I, { "UDP" }, { "PTP_Delay_Req" } },
  { "a PTP peer delay request", "ethertype:ip:udp:ptp", { ["ptp.v2.messagetype"] = "0x02" },
    E, I, { "UDP" }, { "PTP_Pdelay_Req" } },
  { "a PTP peer delay response", "ethertype:ip:udp:ptp", {
      ["ptp.v2.messagetype"] = "0x03", ["ptp.v2.pdrs.requestingsourceportid"] = "9",
    },
    E, I, { "UDP" }, { "PTP_Pdelay_Resp", { requesting_port_number = 9 } } },
  { "a PTP follow-up", "ethertype:ip:udp:ptp", {
      ["ptp.v2.messagetype"] = "0x08", ["ptp.v2.fu.preciseorigintimestamp.nanoseconds"] = "8",
    },
    E, I, { "UDP" }, { "PTP_Follow_Up", { precise_origin_nanoseconds = 8 } } },
  { "a PTP delay response", "ethertype:ip:udp:ptp", {
      ["ptp.v2.messagetype"] = "0x09", ["ptp.v2.dr.receivetimestamp.seconds"] = "6",
    },
    E, I, { "UDP" }, { "PTP_Delay_Resp", { receive_seconds = 6 } } },
  { "a PTP peer delay follow-up", "ethertype:ip:udp:ptp", { ["ptp.v2.messagetype"] = "0x0a" },
    E, I, { "UDP" }, { "PTP_Pdelay_Resp_Follow_Up" } },
  { "a PTP announcement", "ethertype:ip:udp:ptp", {
      ["ptp.v2.messagetype"] = "0x0b", ["ptp.v2.an.priority1"] = "9",
      ["ptp.v2.timesource"] = "0x20", ["ptp.v2.messagelength"] = "76",
    },
    E, I, { "UDP" }, { "PTP_Announce", {
      grandmaster_priority1 = 9, time_source = "GNSS",
      tlvs = { item("PTP_TLV", { type = "PATH_TRACE", value = "12345678" }) } } } },
  { "PTP signaling", "ethertype:ip:udp:ptp", { ["ptp.v2.messagetype"] = "0x0c" },
    E, I, { "UDP" }, { "PTP_Signaling", { tlvs = {
      item("PTP_TLV", { type = 4, value = "\xb0\1\0\0\1\x2c" }) } } } },
  { "PTP management", "ethertype:ip:udp:ptp", {
      ["ptp.v2.messagetype"] = "0x0d", ["ptp.v2.mm.managementId"] = "8192",
    },
    E, I, { "UDP" }, { "PTP_Management", { tlvs = {
      item("PTP_ManagementTLV", { management_id = 0x2000 }) } } } },
  { "an OSPF hello", "ethertype:ip:ospf", {
      ["ospf.msg.hello"] = "1", ["ospf.srcrouter"] = "10.0.0.1",
      ["ospf.hello.hello_interval"] = "10",
      ["ospf.hello.active_neighbor"] = "10.0.0.2",
    },
    E, I, { "OSPF", { router_id = "10.0.0.1" } },
    { "OSPF_Hello", { designated_router = "10.0.0.1", neighbors = { "10.0.0.2" } } } },
  { "an OSPF hello with a password", "ethertype:ip:ospf", {
      ["ospf.auth.type"] = "1", ["ospf.auth.simple"] = "secret",
    },
    E, I, { "OSPF", { authtype = "Simple password", auth = "secret\0\0" } }, { "OSPF_Hello" } },
  { "an OSPF hello with a digest", "ethertype:ip:ospf", {
      ["ospf.auth.crypt.key_id"] = "7", ["ospf.auth.crypt.seq_nbr"] = "9",
      ["ospf.auth.crypt.data"] = ("64"):rep(16),
    },
    E, I, { "OSPF", { key_id = 7, crypto_seq = 9 } },
    { "OSPF_Hello", { neighbors = { "10.0.0.2" } } },
    { "OSPF_Digest", { digest = ("d"):rep(16) } } },
  { "an OSPF database description", "ethertype:ip:ospf", {
      ["ospf.db.dd_sequence"] = "5", ["ospf.lsa.id"] = "10.0.0.3",
      ["ospf.db.interface_mtu"] = "1500",
    },
    E, I, { "OSPF" }, { "OSPF_DBDesc", { flags = "MS+M+I", dd_sequence = 5, lsa_headers = {
      item("OSPF_LSAHeader", { id = "10.0.0.3" }) } } } },
  { "an OSPF request", "ethertype:ip:ospf", { ["ospf.link_state_id"] = "10.0.0.3" },
    E, I, { "OSPF" },
    { "OSPF_LSReq", { requests = { item("OSPF_LSReqItem", { id = "10.0.0.3" }) } } } },
  { "an OSPF update", "ethertype:ip:ospf", {
      ["ospf.ls.number_of_lsas"] = "7", ["ospf.lsa.number_of_links"] = "2",
      ["ospf.lsa.network.attchrtr"] = "10.0.0.1,10.0.0.2",
      ["ospf.lsa.asext.fwdaddr"] = "10.9.0.1,10.9.0.2",
    },
    E, I, { "OSPF", { router_id = "10.0.0.1" } }, { "OSPF_LSUpdate", { lsas = {
      item("OSPF_RouterLSA", { id = "10.0.0.1", advertising_router = "10.0.0.1", flags = "B+E",
        links = {
        item("OSPF_Link", { id = "10.1.0.0", data = "255.255.0.0", metric = 10 }),
        item("OSPF_Link", { type = 1, id = "10.0.0.2", data = "10.2.0.1", tos_metrics = {
          item("OSPF_LinkTOS", { tos = 4, metric = 7 }) } }) } }),
      item("OSPF_NetworkLSA", { id = "10.1.0.1", routers = { "10.0.0.1", "10.0.0.2" } }),
      item("OSPF_SummaryLSA", { id = "10.3.0.0", network_mask = "255.255.0.0", metric = 5 }),
      item("OSPF_SummaryLSA", { type = 4, id = "10.0.0.9", network_mask = "0.0.0.0" }),
      item("OSPF_ExternalLSA", { id = "10.4.0.0", E = 1, forwarding_address = "10.9.0.1",
        tag = 3 }),
      item("OSPF_ExternalLSA", { type = "NSSA", options = "NP", id = "10.5.0.0",
                                 forwarding_address = "10.9.0.2" }),
      item("OSPF_OpaqueLSA", { id = "4.0.0.0", opaque = "\0\1\0\4\0\0\0\0" }),
    } } } },
  { "an OSPF acknowledgment", "ethertype:ip:ospf", { ["ospf.lsa.seqnum"] = "0x80000007" },
    E, I, { "OSPF" },
    { "OSPF_LSAck", { lsa_headers = { item("OSPF_LSAHeader", { seq = 0x80000007 }) } } } },
  { "an OSPFv3 hello", "ethertype:ipv6:ospf", {
      ["ospf.version"] = "3", ["ospf.hello.interface_id"] = "3",
      ["ospf.hello.active_neighbor"] = "10.0.0.2",
    },
    E, I6, { "OSPFv3", { router_id = "10.0.0.1" } },
    { "OSPFv3_Hello", { interface_id = 3, neighbors = { "10.0.0.2" } } } },
  { "an OSPFv3 update", "ethertype:ipv6:ospf", {
      ["ospf.ls.number_of_lsas"] = "1",
    },
    E, I6, { "OSPFv3" }, { "OSPFv3_LSUpdate", { lsas = {
      item("OSPFv3_LSA", { type = 0x2001, body = "\3\0\0\x13" }) } } } },
  -- A group is there twice: as an address, and as part of a set.
  { "a PIM hello", "ethertype:ip:pim", {
      ["pim.type"] = "0", ["pim.cksum.status"] = "1", ["pim.holdtime"] = "105",
      ["pim.dr_priority"] = "7", ["pim.generation_id"] = "12345", ["pim.address_list"] = "10.0.0.9",
    },
    E, I, { "PIM" }, { "PIM_Hello", { options = {
      item "PIM_Holdtime", item "PIM_LANPruneDelay", item("PIM_DRPriority", { dr_priority = 7 }),
      item("PIM_GenerationID", { generation_id = 12345 }), item "PIM_StateRefreshCapable",
      item("PIM_AddressList", { addresses = { item("PIM_Unicast", { address = "10.0.0.9" }) } }),
      item "PIM_HelloOption" } } } },
  { "a PIM hello over IPv6", "ethertype:ipv6:pim", {
      ["pim.cksum.status"] = "1", ["pim.address_list_ip6"] = "2001:db8::9",
    },
    E, I6, { "PIM" }, { "PIM_Hello", { options = {
      item("PIM_AddressList", { addresses = { item("PIM_Unicast", { address = "2001:db8::9" }) } }),
    } } } },
  { "a PIM register", "ethertype:ip:pim:ip:udp:data", { ["pim.cksum.status"] = "1" },
    E, I, { "PIM" }, { "PIM_Register" }, { "IP", { src = "10.0.0.3", dst = "239.0.0.1" } },
    { "UDP", { sport = 50000, dport = 50001 } }, hi },
  { "a PIM register over IPv6", "ethertype:ipv6:pim:ipv6:udp:data", { ["pim.cksum.status"] = "1" },
    E, I6, { "PIM" }, { "PIM_Register" }, { "IPv6", { src = "2001:db8::3", dst = "ff0e::1" } },
    { "UDP", { sport = 50000, dport = 50001 } }, hi },
  { "a PIM register stop", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.group"] = "239.0.0.1,239.0.0.1",
      ["pim.source"] = "10.0.0.3",
    },
    E, I, { "PIM" }, { "PIM_RegisterStop", { group = "239.0.0.1", source = "10.0.0.3" } } },
  { "a PIM join", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.group"] = "239.0.0.1,239.0.0.1,239.0.0.2,239.0.0.2",
      ["pim.join_ip"] = "10.0.0.3", ["pim.prune_ip"] = "10.0.0.4",
    },
    E, I, { "PIM" }, { "PIM_JoinPrune", { upstream_neighbor = "10.0.0.9", groups = {
      item("PIM_JoinPruneGroup", { address = "239.0.0.1", joined = {
        item("PIM_Source", { address = "10.0.0.3", W = 1, R = 1 }) } }),
      item("PIM_JoinPruneGroup", { address = "239.0.0.2", pruned = {
        item("PIM_Source", { address = "10.0.0.4" }) } }),
    } } } },
  { "a PIM join over IPv6", "ethertype:ipv6:pim", {
      ["pim.cksum.status"] = "1", ["pim.group_ip6"] = "ff0e::1,ff0e::1",
      ["pim.join_ip6"] = "2001:db8::3",
    },
    E, I6, { "PIM" }, { "PIM_JoinPrune", { upstream_neighbor = "fe80::9", groups = {
      item("PIM_JoinPruneGroup", { address = "ff0e::1", joined = {
        item("PIM_Source", { address = "2001:db8::3" }) } }),
    } } } },
  { "a PIM graft", "ethertype:ip:pim", { ["pim.type"] = "6", ["pim.cksum.status"] = "1" },
    E, I, { "PIM", { type = "Graft" } }, { "PIM_JoinPrune", { upstream_neighbor = "10.0.0.9" } } },
  { "a PIM bootstrap", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.bsr"] = "10.0.0.5", ["pim.group"] = "239.0.0.0,239.0.0.0",
      ["pim.rp"] = "10.0.0.6",
    },
    E, I, { "PIM" }, { "PIM_Bootstrap", { bsr = "10.0.0.5", groups = {
      item("PIM_BootstrapGroup", { address = "239.0.0.0", mask_len = 8, rps = {
        item("PIM_BootstrapRP", { address = "10.0.0.6" }) } }) } } } },
  { "a PIM assertion", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.metric_pref"] = "110", ["pim.metric"] = "20",
    },
    E, I, { "PIM" }, { "PIM_Assert", {
      group = "239.0.0.1", source = "10.0.0.3", metric_preference = 110, metric = 20 } } },
  { "a PIM rendezvous point", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.group"] = "239.0.0.0,239.0.0.0",
    },
    E, I, { "PIM" }, { "PIM_CandidateRP", { rp = "10.0.0.6", groups = {
      item("PIM_Group", { address = "239.0.0.0", mask_len = 8 }) } } } },
  { "a PIM state refresh", "ethertype:ip:pim", {
      ["pim.cksum.status"] = "1", ["pim.originator"] = "10.0.0.7",
    },
    E, I, { "PIM" }, { "PIM_StateRefresh", {
      group = "239.0.0.1", source = "10.0.0.3", originator = "10.0.0.7" } } },
  { "a STUN request", "ethertype:ip:udp:stun", {
      ["stun.type"] = "0x0001", ["stun.att.username"] = "user", ["stun.att.priority"] = "5",
    },
    E, I, { "UDP" }, { "STUN", { transaction_id = "abcdefghijkl", attributes = {
      item("STUN_Attribute", { type = "USERNAME", value = "user" }),
      item("STUN_Priority", { priority = 5 }), item "STUN_UseCandidate",
      item("STUN_IceControlling", { tie_breaker = 7 }), item "STUN_MessageIntegrity",
    } } } },
  { "a STUN response", "ethertype:ip:udp:stun", {
      ["stun.type"] = "0x0101", ["stun.att.ipv4"] = "10.0.0.9,10.0.0.7",
      ["stun.att.port"] = "4660,5000",
    },
    E, I, { "UDP" }, { "STUN", { type = "Binding Success Response", attributes = {
      item("STUN_XorMappedAddress", { port = 4660, address = "10.0.0.9" }),
      item("STUN_MappedAddress", { port = 5000, address = "10.0.0.7" }),
      item("STUN_Attribute", { value = "three" }), item "STUN_MessageIntegritySHA256",
    } } } },
  { "a STUN error", "ethertype:ip:tcp:stun", {
      ["stun.att.error.class"] = "4", ["stun.att.error"] = "20", ["stun.att.error.reason"] = "what",
      ["stun.att.lifetime"] = "600",
    },
    E, I, { "TCP", { flags = "PA" } }, { "STUN", { type = "Binding Error Response", attributes = {
      item("STUN_ErrorCode", { number = 20, reason = "what" }),
      item("STUN_UnknownAttributes", { types = { 1, 2, 3 } }), item "STUN_Lifetime",
      item "STUN_RequestedTransport", item "STUN_ChannelNumber",
    } } } },
  { "a BGP session's beginning", "ethertype:ip:tcp:bgp", {
      ["bgp.type"] = "1,4", ["bgp.open.myas"] = "65000", ["bgp.open.identifier"] = "192.0.2.1",
      ["bgp.cap.type"] = "1,2,64,65,69,70,73", ["bgp.cap.4as"] = "65000",
    },
    E, I, { "TCP", { flags = "PA" } }, { "BGP_Open", { opt_params = {
      item("BGP_Capabilities", { capabilities = {
        item "BGP_CapMultiprotocol", item "BGP_CapRouteRefresh",
        item("BGP_CapGracefulRestart", { families = { item "BGP_RestartFamily" } }),
        item "BGP_CapAS4",
        item("BGP_CapAddPath", { families = { item "BGP_AddPathFamily" } }),
        item "BGP_CapEnhancedRouteRefresh",
        item("BGP_Capability", { code = "FQDN", value = "\2r1\0" }) } }) } } },
    { "BGP_Keepalive" } },
  { "a BGP update", "ethertype:ip:tcp:bgp", {
      ["bgp.update.path_attribute.origin"] = "2",
      ["bgp.update.path_attribute.as_path_segment.as4"] = "65001,65002,65003",
      ["bgp.update.path_attribute.next_hop"] = "10.0.0.9",
      ["bgp.update.path_attribute.local_pref"] = "100",
      ["bgp.update.path_attribute.community_as"] = "65001",
      ["bgp.nlri_prefix"] = "192.0.2.0,198.51.100.128", ["bgp.withdrawn_prefix"] = "10.0.0.0",
    },
    E, I, { "TCP", { flags = "PA" } }, { "BGP_Update", {
      withdrawn_routes = { item("BGP_Prefix", { length = 8, prefix = "10.0.0.0" }) },
      path_attributes = {
        item("BGP_Origin", { origin = "INCOMPLETE" }),
        item("BGP_ASPathLong", { segments = {
          item("BGP_ASSegmentLong", { path = { 65001, 65002 } }),
          item("BGP_ASSegmentLong", { type = "AS_SET", path = { 65003 } }) } }),
        item("BGP_NextHop", { next_hop = "10.0.0.9" }), item "BGP_MultiExitDisc",
        item "BGP_LocalPref", item "BGP_AtomicAggregate",
        item("BGP_AggregatorLong", { asn = 65001, address = "10.0.0.9" }),
        item("BGP_Communities", { communities = { 65001 << 16 | 7 } }),
        item("BGP_OriginatorID", { originator_id = "10.0.0.5" }),
        item("BGP_ClusterList", { clusters = { "10.0.0.6", "10.0.0.7" } }),
        item("BGP_ExtendedCommunities", { communities = { 0x0002fde900000001 } }),
        item("BGP_LargeCommunities", { communities = {
          item("BGP_LargeCommunity", { global = 65001, local1 = 1, local2 = 2 }) } }),
      },
      nlri = { item("BGP_Prefix", { prefix = "192.0.2.0" }),
               item("BGP_Prefix", { length = 25, prefix = "198.51.100.128" }) },
    } } },
  { "a BGP update of IPv6", "ethertype:ip:tcp:bgp", {
      ["bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6"] = "2001:db8::9",
      ["bgp.mp_reach_nlri_ipv6_prefix"] = "2001:db8:1::",
      ["bgp.mp_unreach_nlri_ipv6_prefix"] = "2001:db8:2::",
      ["bgp.update.path_attribute.as_path_segment.as2"] = "65001",
    },
    E, I, { "TCP", { flags = "PA" } }, { "BGP_Update", { path_attributes = {
      item("BGP_ASPath", { segments = { item("BGP_ASSegment", { path = { 65001 } }) } }),
      item("BGP_MPReachNLRI", { next_hop = "2001:db8::9", extended_length = 1, nlri = {
        item("BGP_PrefixIPv6", { length = 48, prefix = "2001:db8:1::" }) } }),
      item("BGP_MPUnreachNLRI", { withdrawn_routes = {
        item("BGP_PrefixIPv6", { length = 48, prefix = "2001:db8:2::" }) } }),
    } } } },
  { "a BGP notification", "ethertype:ip:tcp:bgp", {
      ["bgp.notify.major_error"] = "6", ["bgp.notify.minor_error_cease"] = "4",
    },
    E, I, { "TCP", { flags = "PA" } },
    { "BGP_Notification", { code = "Cease", subcode = "Administrative Reset" } } },
  { "a BGP refresh", "ethertype:ip:tcp:bgp", { ["bgp.route_refresh.afi"] = "2" },
    E, I, { "TCP", { flags = "PA" } }, { "BGP_RouteRefresh", { afi = 2 } } },
  { "TPKT", "ethertype:ip:tcp:tpkt:cotp", { ["tpkt.length"] = "11", ["tpkt.version"] = "3" },
    E, I, PUSH, { "TPKT" }, { "Raw", { load = "\6\xe0\0\0\0\1\0" } } },
  { "a Diameter capabilities exchange", "ethertype:ip:tcp:diameter", {
      ["diameter.cmd.code"] = "257,280", ["diameter.Origin-Host"] = "me.example.com,me.example.com",
      ["diameter.Host-IP-Address.IPv4"] = "10.0.0.1",
      ["diameter.Host-IP-Address.IPv6"] = "2001:db8::1",
      ["diameter.Vendor-Id"] = "10415,10415", ["diameter.Auth-Application-Id"] = "4",
      ["diameter.Result-Code"] = "2001", ["diameter.length"] = "164,68",
    },
    E, I, PUSH, { "Diameter", { hop_by_hop = 1, end_to_end = 2, avps = {
      item("Diameter_AVP", { code = "Origin-Host", value = "me.example.com" }),
      item("Diameter_AVP", { code = "Origin-Realm", value = "example.com" }),
      item("Diameter_Address", { value = "10.0.0.1" }),
      item("Diameter_AddressIPv6", { value = "2001:db8::1" }),
      item("Diameter_Unsigned32", { code = "Vendor-Id", value = 10415 }),
      item("Diameter_AVP", { code = "Product-Name", M = 0, value = "box" }),
      item("Diameter_Grouped", { code = "Vendor-Specific-Application-Id", value = {
        item("Diameter_Unsigned32", { code = "Vendor-Id", value = 10415 }),
        item("Diameter_Unsigned32", { code = "Auth-Application-Id", value = 4 }) } }),
    } } },
    { "Diameter", { R = 0, code = "Device-Watchdog", hop_by_hop = 3, avps = {
      item "Diameter_ResultCode",
      item("Diameter_AVP", { code = "Origin-Host", value = "me.example.com" }),
      item("Diameter_Time", { value = 3000000000 }) } } } },
  { "an HTTP request", "ethertype:ip:tcp:http:data-text-lines", {
      ["http.request.method"] = "POST", ["http.request.uri"] = "/form",
      ["http.host"] = "example.com",
      ["http.content_length"] = "5",
      ["http.file_data"] = capture.either("hello", "68656c6c6f"),
    },
    E, I, { "TCP", { sport = 50000, flags = "PA" } },
    { "HTTP_Request", { method = "POST", uri = "/form", headers = {
      item("HTTP_Header", { name = "Host", value = "example.com" }),
      item("HTTP_Header", { name = "Content-Type", value = "text/plain" }),
      item("HTTP_Header", { name = "Content-Length", value = "5" }) }, body = "hello" } } },
  { "an HTTP response", "ethertype:ip:tcp:http", {
      ["http.response.code"] = "404", ["http.response.phrase"] = "Not Found",
      ["tcp.srcport"] = "80",
    },
    E, I, PUSH, { "HTTP_Response", { status = "404", reason = "Not Found", headers = {
      item("HTTP_Header", { name = "Content-Length", value = "0" }) } } } },
  { "a SIP invitation", "ethertype:ip:udp:sip", {
      ["sip.Method"] = "INVITE", ["sip.r-uri"] = "sip:bob@example.com", ["sip.Call-ID"] = "1@here",
      ["sip.CSeq.seq"] = "1",
    },
    E, I, { "UDP" }, { "SIP_Request", { method = "INVITE", uri = "sip:bob@example.com", headers = {
      item("SIP_Header", { name = "Via", value = "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK7" }),
      item("SIP_Header", { name = "From", value = "<sip:ann@example.com>;tag=1" }),
      item("SIP_Header", { name = "To", value = "<sip:bob@example.com>" }),
      item("SIP_Header", { name = "Call-ID", value = "1@here" }),
      item("SIP_Header", { name = "CSeq", value = "1 INVITE" }),
      item("SIP_Header", { name = "Max-Forwards", value = "70" }),
      item("SIP_Header", { name = "Content-Length", value = "0" }) } } } },
  { "a SIP response", "ethertype:ip:tcp:sip", { ["sip.Status-Code"] = "180" },
    E, I, PUSH, { "SIP_Response", { status = "180", reason = "Ringing", headers = {
      item("SIP_Header", { name = "CSeq", value = "1 INVITE" }) } } } },
  { "Telnet", "ethertype:ip:tcp:telnet", {
      ["telnet.cmd"] = "253,250,240,250,240,241", ["telnet.naws_subopt.width"] = "80",
      ["telnet.data"] = "login: ",
    },
    E, I, PUSH, { "Telnet", { items = {
      item("Telnet_Option", { command = "DO", option = "Echo" }),
      item "Telnet_WindowSize", item("Telnet_Suboption", { data = "\0vt100" }),
      item("Telnet_Command", { command = "NOP" }),
      item("Telnet_Data", { data = "login: " }) } } } },
  { "a TLS client's hello", "ethertype:ip:tcp:tls", {
      ["tls.handshake.type"] = "1", ["tls.handshake.ciphersuite"] = "0x1301,0xc02f",
      ["tls.handshake.extensions_server_name"] = "example.com",
      ["tls.handshake.extensions_alpn_str"] = "h2,http/1.1",
      ["tls.handshake.extensions.supported_version"] = "0x0304,0x0303",
      ["tls.handshake.extensions_key_share_group"] = "29",
      ["tls.handshake.extensions_supported_group"] = "0x001d,0x0017",
      ["tls.handshake.sig_hash_alg"] = "0x0403", ["tls.extension.psk_ke_mode"] = "1",
      ["tls.handshake.extensions_ec_point_format"] = "0",
    },
    E, I, { "TCP", { sport = 50000, flags = "PA" } },
    { "TLS_Handshake", { version = 0x0301, messages = { item("TLS_ClientHello", {
      random = ("r"):rep(32), session_id = ("s"):rep(32), cipher_suites = { 0x1301, 0xc02f },
      extensions = {
        item("TLS_ServerName", { names = { item("TLS_HostName", { name = "example.com" }) } }),
        item("TLS_SupportedGroups", { groups = { 29, 23 } }),
        item("TLS_ECPointFormats", { formats = { 0 } }),
        item("TLS_SignatureAlgorithms", { algorithms = { 0x0403 } }),
        item("TLS_ALPN", { protocols = {
          item("TLS_ProtocolName", { name = "h2" }),
          item("TLS_ProtocolName", { name = "http/1.1" }) } }),
        item "TLS_Extension", item("TLS_SupportedVersions", { versions = { 0x0304, 0x0303 } }),
        item("TLS_PSKKeyExchangeModes", { modes = { 1 } }),
        item("TLS_ClientKeyShares", { shares = {
          item("TLS_KeyShareEntry", { share = ("k"):rep(32) }) } }),
      } }) } } } },
  { "a TLS server's answer", "ethertype:ip:tcp:tls", {
      ["tls.record.content_type"] = "22,20", ["tls.record.opaque_type"] = "23",
      ["tls.handshake.type"] = "2",
      ["tls.handshake.extensions.supported_version"] = "0x0304",
    },
    E, I, { "TCP", { sport = 443, dport = 50000, flags = "PA" } },
    { "TLS_Handshake", { messages = { item("TLS_ServerHello", {
      random = ("r"):rep(32), extensions = {
        item "TLS_SelectedVersion",
        item("TLS_ServerKeyShare", { share = ("k"):rep(32) }) } }) } } },
    { "TLS_ChangeCipherSpec" }, { "TLS", { data = ("x"):rep(40) } } },
  { "an old TLS server's answer", "ethertype:ip:tcp:tls", {
      ["tls.handshake.type"] = "2,11,14",
    },
    E, I, { "TCP", { sport = 443, dport = 50001, flags = "PA" } },
    { "TLS_Handshake", { messages = {
      item("TLS_ServerHello", { random = ("r"):rep(32), cipher_suite = 0xc02f }),
      item "TLS_Certificate", item "TLS_ServerHelloDone" } } } },
  { "a TLS alert", "ethertype:ip:tcp:tls", {
      ["tls.alert_message.level"] = "2", ["tls.alert_message.desc"] = "40",
    },
    E, I, { "TCP", { sport = 50002, flags = "PA" } },
    { "TLS_Alert", { level = "fatal", description = "handshake_failure" } } },
  { "a port mapper's call", "ethertype:ip:udp:rpc:portmap", {
      ["rpc.xid"] = "0x00000007", ["rpc.program"] = "100000", ["portmap.prog"] = "100003",
      ["portmap.procedure_v2"] = "3",
    },
    E, I, { "UDP", { sport = 50000 } }, { "RPC_Call", { xid = 7 } },
    { "Pmap_Mapping", { prog = "NFS", vers = 3, prot = "TCP" } } },
  { "a port mapper's call over TCP", "ethertype:ip:tcp:rpc:portmap", {
      ["rpc.lastfrag"] = "1", ["rpc.fraglen"] = "80", ["rpc.auth.flavor"] = "1,0",
      ["rpc.auth.machinename"] = "box", ["portmap.port"] = "2049",
    },
    E, I, { "TCP", { sport = 50000, flags = "PA" } }, { "RPC_Record" },
    { "RPC_Call", { xid = 8, procedure = "SET", cred_flavor = "AUTH_SYS",
                    cred = "\0\0\0\1\0\0\0\3box\0\0\0\0\5\0\0\0\6\0\0\0\0" } },
    { "Pmap_Mapping", { prog = "NFS", vers = 3, prot = "TCP", port = 2049 } } },
  { "a port mapper's reply", "ethertype:ip:udp:rpc:portmap", { -- to the first call
      ["rpc.replystat"] = "0", ["portmap.port"] = "2049",
    },
    E, BACK, { "UDP", { dport = 50000 } }, { "RPC_Reply", { xid = 7 } },
    { "Pmap_Port", { port = 2049 } }, unread = 1 },
  { "a call for all mappings", "ethertype:ip:udp:rpc", { ["portmap.procedure_v2"] = "4" },
    E, I, { "UDP", { sport = 50000 } }, { "RPC_Call", { xid = 9, procedure = "DUMP" } } },
  { "all mappings", "ethertype:ip:udp:rpc:portmap", { ["portmap.prog"] = "100000,100003" },
    E, BACK, { "UDP", { dport = 50000 } }, { "RPC_Reply", { xid = 9 } },
    { "Pmap_Dump", { entries = { item "Pmap_Entry", item("Pmap_Entry", { prog = "NFS" }),
                                 item("Pmap_Entry", { follows = 0 }) } } }, unread = 1 },
  { "a call of another version", "ethertype:ip:udp:rpc", { ["rpc.procedure"] = "0" },
    E, I, { "UDP", { sport = 50000 } },
    { "RPC_Call", { xid = 10, program = "NFS", version = 3 } } },
  { "a denied call", "ethertype:ip:udp:rpc", {
      ["rpc.state_reject"] = "0", ["rpc.version.max"] = "2",
    },
    E, BACK, { "UDP", { dport = 50000 } }, { "RPC_Reply", { xid = 10, reply_state = "Denied" } } },
  { "SNMP of version 3", "ethertype:ip:udp:snmp", {
      ["snmp.msgVersion"] = "3", ["snmp.msgID"] = "7", ["snmp.msgMaxSize"] = "65507",
      ["snmp.msgFlags"] = "04", ["snmp.msgSecurityModel"] = "3",
      ["snmp.msgAuthoritativeEngineBoots"] = "3", ["snmp.msgUserName"] = "bert",
      ["snmp.contextName"] = "ctx", ["snmp.request_id"] = "5",
    },
    E, I, { "UDP", { sport = 50000, dport = 161 } }, { "SNMPv3", {
      msgGlobalData = item("SNMPv3_HeaderData", { msgID = 7 }),
      msgSecurityParameters = item("SNMPv3_USM", { msgUserName = "bert",
        msgAuthoritativeEngineID = "\x80\0\0\0\5abcde", msgAuthoritativeEngineBoots = 3 }),
      msgData = item("SNMPv3_ScopedPDU", { contextName = "ctx",
        data = item("SNMPget", { id = 5 }) }),
    } } },
  { "an SNMP report", "ethertype:ip:udp:snmp", {
      ["snmp.msgFlags"] = "00", ["snmp.data"] = "8", ["snmp.request_id"] = "6",
      ["snmp.value.counter"] = "9",
    },
    E, BACK, { "UDP", { sport = 161, dport = 50000 } }, { "SNMPv3", {
      msgGlobalData = item("SNMPv3_HeaderData", { msgFlags = "\0" }),
      msgData = item("SNMPv3_ScopedPDU", { data = item("SNMPreport", { id = 6, varbindlist = {
        item("SNMPvarbind", { oid = "1.3.6.1.6.3.15.1.1.4.0", value = { "COUNTER32", 9 } }) } }) }),
    } } },
  { "an encrypted PDU of SNMP", "ethertype:ip:udp:snmp", {
      ["snmp.msgAuthenticationParameters"] = ("01"):rep(12), ["snmp.encryptedPDU"] =
        "736563726574",
    },
    E, I, { "UDP", { sport = 50000, dport = 161 } }, { "SNMPv3", {
      msgGlobalData = item("SNMPv3_HeaderData", { msgFlags = "\3" }),
      msgSecurityParameters = item("SNMPv3_USM", {
        msgAuthenticationParameters = ("\1"):rep(12) }),
      msgData = { "STRING", "secret" },
    } } },
  { "HSRP", "ethertype:ip:udp:hsrp", {
      ["hsrp.opcode"] = "1", ["hsrp.state"] = "8", ["hsrp.hellotime"] = "5",
      ["hsrp.holdtime"] = "17", ["hsrp.priority"] = "201", ["hsrp.group"] = "33",
      ["hsrp.virt_ip"] = "10.9.8.7",
    },
    E, { "IP", { src = "10.0.0.1", dst = "224.0.0.2" } }, { "UDP", { sport = 1985, dport = 1985 } },
    { "HSRP", { opcode = 1, state = 8, hellotime = 5, holdtime = 17, priority = 201, group = 33,
                virtualIP = "10.9.8.7" } } },
  { "NetFlow of version 5", "ethertype:ip:udp:cflow", {
      ["cflow.srcaddr"] = "10.1.0.1", ["cflow.dstaddr"] = "10.1.0.2",
      ["cflow.nexthop"] = "10.1.0.3",
      ["cflow.inputint"] = "11", ["cflow.outputint"] = "12", ["cflow.packets"] = "13",
      ["cflow.octets"] = "1400", ["cflow.srcport"] = "15", ["cflow.dstport"] = "16",
      ["cflow.tcpflags"] = "0x12", ["cflow.protocol"] = "6", ["cflow.tos"] = "0x20",
      ["cflow.srcas"] = "65001", ["cflow.dstas"] = "65002", ["cflow.srcmask"] = "24",
      ["cflow.dstmask"] = "23", ["cflow.sequence"] = "99", ["cflow.engine_id"] = "4",
    },
    E, I, { "UDP", { sport = 50010, dport = 2055 } }, { "NetflowHeader" },
    { "NetflowHeaderV5", { count = 1, flowSequence = 99, engineID = 4 } },
    { "NetflowRecordV5", { src = "10.1.0.1", dst = "10.1.0.2", nexthop = "10.1.0.3", input = 11,
      output = 12, dpkts = 13, dOctets = 1400, srcport = 15, dstport = 16, tcpFlags = 0x12,
      prot = 6, tos = 0x20, src_as = 65001, dst_as = 65002, src_mask = 24, dst_mask = 23 } } },
  { "RIP of version 2", "ethertype:ip:udp:rip", {
      ["rip.command"] = "2", ["rip.ip"] = "10.2.0.0", ["rip.netmask"] = "255.255.128.0",
      ["rip.next_hop"] = "10.2.0.9", ["rip.metric"] = "7", ["rip.route_tag"] = "513",
    },
    E, I, { "UDP", { sport = 520, dport = 520 } }, { "RIP", { cmd = 2, version = 2 } },
    { "RIPEntry", { RouteTag = 513, addr = "10.2.0.0", mask = "255.255.128.0",
                    nextHop = "10.2.0.9", metric = 7 } } },
  { "VRRP of version 3", "ethertype:ip:vrrp", {
      ["vrrp.virt_rtr_id"] = "77", ["vrrp.prio"] = "199", ["vrrp.addr_count"] = "2",
      ["vrrp.short_adver_int"] = "300", ["vrrp.ip_addr"] = "10.3.0.1,10.3.0.2",
    },
    E, { "IP", { src = "10.0.0.1", dst = "224.0.0.18", ttl = 255 } },
    { "VRRPv3", { vrid = 77, priority = 199, adv = 300, addrlist = { "10.3.0.1", "10.3.0.2" } } } },
}

table.move(more, 1, #more, #cases + 1, cases)

local function layers_of(case) return table.move(case, 4, #case, 1, {}) end

-- The segments don't make a stream: each is of its own.
local OPTIONS = "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE"
  .. " -o tcp.analyze_sequence_numbers:FALSE -o tcp.desegment_tcp_streams:FALSE"

local function all_fields()
  local fields, known = table.move(capture.JUDGEMENT, 1, #capture.JUDGEMENT, 1, {}), {}
  for _, case in ipairs(cases) do
    for field in pairs(case[3]) do
      if not known[field] then table.insert(fields, field) end
      known[field] = true
    end
  end
  return fields
end

capture.describe_tshark("tshark", function()
  local seen

  setup(function()
    local built = {}
    for i, case in ipairs(cases) do built[i] = assert(luapkt.build(layers_of(case))) end
    local path = support.tmpdir() .. "/built.pcap"
    capture.write(path, built)
    seen = capture.tshark(path, all_fields(), OPTIONS)
  end)

  for i, case in ipairs(cases) do
    it("reads what we build: " .. case[1], function()
      assert.is_nil(capture.objection(seen[i], capture.ERROR))
      assert.equal("eth:" .. case[2], seen[i]["frame.protocols"])
      for field, value in pairs(case[3]) do assert.equal(value, seen[i][field], field) end
    end)
  end
end)

describe("what we build", function()
  local core = luapkt.generation().core

  for _, case in ipairs(cases) do
    it("is read as what it was built of: " .. case[1], function()
      local layers = layers_of(case)
      local bytes = assert(luapkt.build(layers))
      local read = assert(luapkt.dissect(bytes, layers[1][1]))
      for k = 1, #layers - (case.unread or 0) do assert.equal(layers[k][1], read[k].id) end
      assert.equal(bytes, core:rebuild(bytes, layers[1][1], true))
    end)
  end
end)
