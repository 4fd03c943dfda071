-- What tshark reads in the fields of options, attributes and less common messages, each with values
-- of its own: cases as in second_opinion_internet_spec.lua.

local E  = { "Ether", { src = "02:00:00:00:00:01" } }
local I  = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
local I6 = { "IPv6", { src = "2001:db8::1", dst = "2001:db8::2" } }
local LOCAL = { "IPv6", { src = "fe80::1", dst = "fe80::2", hlim = 255 } }

local function item(id, fields) return { id = id, fields = fields or {} } end

-- Datagrams and segments of their own ports: what tshark remembers of some is of no other's.
local last_port = 40000
local function own_port()
  last_port = last_port + 1
  return last_port
end
local function to(port) return { "UDP", { sport = own_port(), dport = port } } end
local function from(port) return { "UDP", { sport = port, dport = own_port() } } end
local function push(port) return { "TCP", { sport = own_port(), dport = port, flags = "PA" } } end
local function both(port) return { "UDP", { sport = port, dport = port } } end

local cases = {}

local function case(name, protocols, values, ...)
  table.insert(cases, { name, protocols, values, ... })
  return cases[#cases]
end

local function ppp(name, protocol, values, ...)
  case(name, "ethertype:pppoes:ppp:" .. protocol, values, E, { "PPPoE" }, { "PPP" }, ...)
end

-- ---------------------------------------------------------------------------------------- PPP

ppp("addresses in IPCP", "ipcp", {
    ["ipcp.opt.ip_address"] = "10.1.2.3", ["ipcp.opt.pri_dns_address"] = "10.1.2.4",
    ["ipcp.opt.pri_nbns_address"] = "10.1.2.5", ["ipcp.opt.sec_dns_address"] = "10.1.2.6",
    ["ipcp.opt.sec_nbns_address"] = "10.1.2.7",
  }, { "PPP_IPCP", { id = 8, options = {
    item("PPP_IPCP_Option_IPAddress", { data = "10.1.2.3" }),
    item("PPP_IPCP_Option_DNS1", { data = "10.1.2.4" }),
    item("PPP_IPCP_Option_NBNS1", { data = "10.1.2.5" }),
    item("PPP_IPCP_Option_DNS2", { data = "10.1.2.6" }),
    item("PPP_IPCP_Option_NBNS2", { data = "10.1.2.7" }) } } })
ppp("options of LCP", "lcp", {
    ["lcp.opt.asyncmap"] = "0x00010203", ["lcp.opt.auth_protocol"] = "0xc223",
    ["lcp.opt.algorithm"] = "129", ["lcp.opt.operation"] = "1", ["lcp.opt.message"] = "616263",
    ["lcp.opt.type"] = "2,3,13,7",
  }, { "PPP_LCP_Configure", { id = 1, options = {
    item("PPP_LCP_ACCM_Option", { accm = 0x10203 }),
    item("PPP_LCP_Auth_Protocol_Option", { auth_protocol = 0xc223, algorithm = 129 }),
    item("PPP_LCP_Callback_Option", { operation = 1, message = "abc" }),
    item("PPP_LCP_Option", { type = 7 }) } } })
ppp("an end of LCP", "lcp", { ["ppp.code"] = "5", ["ppp.identifier"] = "3" },
  { "PPP_LCP_Terminate", { id = 3, data = "bye" } })
ppp("a code that LCP rejects", "lcp", { ["ppp.code"] = "7", ["ppp.length"] = "9" },
  { "PPP_LCP_Code_Reject", { id = 3,
    rejected_packet = item("PPP_LCP_Terminate", { id = 9, data = "x" }) } })
ppp("a protocol that LCP rejects", "lcp:data", { ["lcp.rej_proto"] = "0x8053" },
  { "PPP_LCP_Protocol_Reject", { rejected_protocol = 0x8053, rejected_information = "abcd" } })
ppp("an echo of LCP", "lcp", { ["lcp.magic_number"] = "0x01020305", ["ppp.code"] = "9" },
  { "PPP_LCP_Echo", { magic_number = 0x1020305, data = "abcd" } })
ppp("a request that LCP discards", "lcp", { ["lcp.magic_number"] = "0x01020304" },
  { "PPP_LCP_Discard_Request", { magic_number = 0x1020304, data = "abcd" } })
ppp("a password", "pap", { ["pap.peer_id"] = "bert", ["pap.password"] = "geheim" },
  { "PPP_PAP_Request", { username = "bert", password = "geheim" } })
ppp("a password's answer", "pap", { ["pap.message"] = "ok", ["pap.code"] = "2" },
  { "PPP_PAP_Response", { code = 2, message = "ok" } })
ppp("a challenge", "chap", { ["chap.value_size"] = "16", ["chap.name"] = "srv" },
  { "PPP_CHAP_ChallengeResponse", { value = "0123456789abcdef", optional_name = "srv" } })
ppp("a challenge that was met", "chap", { ["chap.message"] = "fine" },
  { "PPP_CHAP", { code = 3, data = "fine" } })

local function pptp(id, fields, values)
  case(id, "ethertype:ip:tcp:pptp", values, E, I, push(1723), { id, fields })
end

pptp("PPTPStartControlConnectionRequest",
  { framing_capabilities = 2, maximum_channels = 77, firmware_revision = 88, host_name = "hn" },
  { ["pptp.framing_capabilities"] = "2", ["pptp.maximum_channels"] = "77",
    ["pptp.firmware_revision"] = "88", ["pptp.host_name"] = "hn" })
pptp("PPTPStartControlConnectionReply", { maximum_channels = 78 },
  { ["pptp.control_result"] = "1", ["pptp.maximum_channels"] = "78" })
pptp("PPTPStopControlConnectionRequest", { reason = 3 }, { ["pptp.reason"] = "3" })
pptp("PPTPEchoRequest", { identifier = 74565 }, { ["pptp.identifier"] = "74565" })
pptp("PPTPEchoReply", { identifier = 74566 }, { ["pptp.identifier"] = "74566" })
pptp("PPTPOutgoingCallRequest", {
    call_id = 11, call_serial_number = 12, minimum_bps = 13000, maximum_bps = 14000,
    pkt_window_size = 15, pkt_proc_delay = 16, phone_number_len = 3, phone_number = "123",
    subaddress = "sa",
  }, {
    ["pptp.call_id"] = "11", ["pptp.call_serial_number"] = "12", ["pptp.minimum_bps"] = "13000",
    ["pptp.maximum_bps"] = "14000", ["pptp.packet_receive_window_size"] = "15",
    ["pptp.packet_processing_delay"] = "16", ["pptp.phone_number"] = "123",
    ["pptp.subaddress"] = "sa",
  })
pptp("PPTPOutgoingCallReply", {
    call_id = 21, peer_call_id = 22, cause_code = 4, connect_speed = 230000, channel_id = 26,
  }, {
    ["pptp.call_id"] = "21", ["pptp.peer_call_id"] = "22", ["pptp.cause"] = "4",
    ["pptp.connect_speed"] = "230000", ["pptp.physical_channel_id"] = "26",
  })
pptp("PPTPIncomingCallRequest", { dialed_number = "12", dialing_number = "345" },
  { ["pptp.dialed_number"] = "12", ["pptp.dialing_number"] = "345" })
pptp("PPTPIncomingCallReply", { call_id = 41, peer_call_id = 42, pkt_window_size = 44 },
  { ["pptp.call_id"] = "41", ["pptp.peer_call_id"] = "42",
    ["pptp.packet_receive_window_size"] = "44" })
pptp("PPTPIncomingCallConnected", { peer_call_id = 51, connect_speed = 52 },
  { ["pptp.peer_call_id"] = "51", ["pptp.connect_speed"] = "52" })
pptp("PPTPCallClearRequest", { call_id = 61 }, { ["pptp.call_id"] = "61" })
pptp("PPTPCallDisconnectNotify", { call_id = 71, cause_code = 72, call_statistic = "stat" },
  { ["pptp.call_id"] = "71", ["pptp.cause"] = "72", ["pptp.call_Statistics"] = "stat" })
pptp("PPTPWANErrorNotify", {
    crc_errors = 82, framing_errors = 83, hardware_overruns = 84, buffer_overruns = 85,
    time_out_errors = 86, alignment_errors = 87,
  }, {
    ["pptp.crc_errors"] = "82", ["pptp.framing_errors"] = "83", ["pptp.hardware_overruns"] = "84",
    ["pptp.buffer_overruns"] = "85", ["pptp.timeout_errors"] = "86",
    ["pptp.alignment_errors"] = "87",
  })
pptp("PPTPSetLinkInfo", { send_accm = 0x92, receive_accm = 0x93 },
  { ["pptp.send_accm"] = "0x00000092", ["pptp.receive_accm"] = "0x00000093" })
case("PPP in GRE", "ethertype:ip:gre:ppp:lcp", {
    ["gre.key.payload_length"] = "6", ["gre.key.call_id"] = "77", ["gre.sequence_number"] = "8",
    ["gre.ack_number"] = "9",
  }, E, I, { "GRE_PPTP", {
    seqnum_present = 1, acknum_present = 1, call_id = 77, seqence_number = 8, ack_number = 9,
  } }, { "PPP" }, { "PPP_LCP_Terminate" })
case("a mirrored frame", "ethertype:ip:gre:erspan:eth:ethertype:arp", {
    ["erspan.vlan"] = "77", ["erspan.cos"] = "3", ["erspan.encap"] = "2",
    ["erspan.truncated"] = "1", ["erspan.spanid"] = "99", ["erspan.index"] = "7",
  }, E, I, { "GRE", { seqnum_present = 1 } },
  { "ERSPAN", { ver = 1, vlan = 77, cos = 3, en = 2, t = 1, session_id = 99, index = 7 } },
  E, { "ARP", { hwsrc = "02:00:00:00:00:01" } })

-- --------------------------------------------------------------------------------------- SCTP

local S = { "SCTP", { sport = 50001, dport = 50002, tag = 0x11223344 } }

local function sctp(name, values, ...) case(name, "ethertype:ip:sctp", values, E, I, S, ...) end

sctp("parameters of SCTP's INIT ACK", {
    ["sctp.parameter_ipv4_address"] = "10.9.9.9", ["sctp.parameter_ipv6_address"] = "2001:db8::5",
    ["sctp.parameter_state_cookie"] = "636f6f6b696537",
    ["sctp.parameter_cookie_preservative_incr"] = "1000",
    ["sctp.parameter_hostname"] = "host.x",
    ["sctp.parameter_supported_address_type"] = "5,6,11", ["sctp.random_number"] = ("72"):rep(32),
    ["sctp.chunk_type_to_auth"] = "193,128,15", ["sctp.hmac_id"] = "1,3",
    ["sctp.supported_chunk_type"] = "192,193,128",
    ["sctp.adaptation_layer_indication"] = "0x55667788", ["sctp.initack_credit"] = "65000",
    ["sctp.initack_nr_out_streams"] = "11", ["sctp.initack_nr_in_streams"] = "12",
    ["sctp.initack_initial_tsn"] = "13",
  }, { "SCTPChunkInitAck", {
    init_tag = 0x1020304, a_rwnd = 65000, n_out_streams = 11, n_in_streams = 12, init_tsn = 13,
    params = {
      item("SCTPChunkParamIPv4Addr", { addr = "10.9.9.9" }),
      item("SCTPChunkParamIPv6Addr", { addr = "2001:db8::5" }),
      item("SCTPChunkParamStateCookie", { cookie = "cookie7" }),
      item("SCTPChunkParamUnrocognizedParam", { param = "\x80\5\0\4" }),
      item("SCTPChunkParamCookiePreservative", { sug_cookie_inc = 1000 }),
      item("SCTPChunkParamHostname", { hostname = "host.x" }),
      item("SCTPChunkParamSupportedAddrTypes", { addr_type_list = { 5, 6, 11 } }),
      item "SCTPChunkParamECNCapable",
      item("SCTPChunkParamRandom", { random = ("r"):rep(32) }),
      item("SCTPChunkParamChunkList", { chunk_list = { 193, 128, 15 } }),
      item("SCTPChunkParamRequestedHMACFunctions", { HMAC_functions_list = { 1, 3 } }),
      item("SCTPChunkParamSupportedExtensions", { supported_extensions = { 192, 193, 128 } }),
      item "SCTPChunkParamFwdTSN",
      item("SCTPChunkParamAdaptationLayer", { indication = 0x55667788 }),
    } } })
sctp("addresses that SCTP adds and deletes", {
    ["sctp.asconf_seq_nr_number"] = "0x0000004d",
    ["sctp.correlation_id"] = "0x00000015,0x00000016,0x00000017",
    ["sctp.parameter_ipv4_address"] = "10.9.9.8,10.9.9.7,10.9.9.6",
    ["sctp.parameter_ipv6_address"] = "2001:db8::6",
  }, { "SCTPChunkAddressConf", { seq = 77, params = {
    item("SCTPChunkParamIPv4Addr", { addr = "10.9.9.8" }),
    item("SCTPChunkParamAddIPAddr", { correlation_id = 21, addr_type = 5, addr = "10.9.9.7" }),
    item("SCTPChunkParamDelIPAddr", { correlation_id = 22, addr_type = 6, addr = "2001:db8::6" }),
    item("SCTPChunkParamSetPrimaryAddr", { correlation_id = 23, addr_type = 5, addr = "10.9.9.6" }),
  } } })
sctp("an address that SCTP added", {
    ["sctp.asconf_ack_seq_nr_number"] = "0x0000004d", ["sctp.correlation_id"] = "0x00000015",
  }, { "SCTPChunkAddressConfAck", { seq = 77, params = {
    item("SCTPChunkParamSuccessIndication", { correlation_id = 21 }) } } })
sctp("what SCTP authenticates and acknowledges", {
    ["sctp.shared_key_id"] = "5", ["sctp.hmac_id"] = "1", ["sctp.hmac"] = ("68"):rep(20),
    ["sctp.sack_cumulative_tsn_ack_raw"] = "99", ["sctp.sack_a_rwnd"] = "5000",
    ["sctp.sack_gap_block_start"] = "2,5", ["sctp.sack_gap_block_end"] = "3,7",
    ["sctp.sack_duplicate_tsn"] = "88,89",
  }, { "SCTPChunkAuthentication", {
    shared_key_id = 5, HMAC_function = 1, HMAC = ("h"):rep(20) } },
  { "SCTPChunkSACK", { cumul_tsn_ack = 99, a_rwnd = 5000, gap_ack_list = { "2:3", "5:7" },
                       dup_tsn_list = { 88, 89 } } })
sctp("heartbeats and ends of SCTP", {
    ["sctp.parameter_heartbeat_information"] = "6862696e666f3132,6862696e666f3334",
    ["sctp.chunk_type"] = "4,5,7,8,10,11,14", ["sctp.cookie"] = "636f6f6b",
  }, { "SCTPChunkHeartbeatReq", { params = {
    item("SCTPChunkParamHearbeatInfo", { data = "hbinfo12" }) } } },
  { "SCTPChunkHeartbeatAck", { params = {
    item("SCTPChunkParamHearbeatInfo", { data = "hbinfo34" }) } } },
  { "SCTPChunkShutdown", { cumul_tsn_ack = 66 } }, { "SCTPChunkShutdownAck" },
  { "SCTPChunkCookieEcho", { cookie = "cook" } }, { "SCTPChunkCookieAck" },
  { "SCTPChunkShutdownComplete", { TCB = 1 } })

-- --------------------------------------------------------------------------------------- IPv6

case("options of a binding update", "ethertype:ipv6:mipv6", {
    ["mip6.bu.seqnr"] = "4660", ["mip6.bu.lifetime"] = "321", ["mip6.bra.interval"] = "222",
    ["mip6.acoa.acoa"] = "2001:db8::c0a", ["mip6.ni.hni"] = "4369", ["mip6.ni.cni"] = "8738",
    ["mip6.nemo.mnp.mnp"] = "2001:db8:5::", ["mip6.nemo.mnp.pfl"] = "56",
    ["mip6.mnid.identifier"] = "me@x", ["mip6.auth.mobility_spi"] = "153",
    ["mip6.bad.auth"] = "112233445566778800000000",
    ["mip6.mobility_opt.len"] = "2,4,16,4,4,18,5,0,17,4,8,0,0,0,12",
  }, E, I6, { "MIP6MH_BU", { seq = 0x1234, mhtime = 321, options = {
    item("MIP6OptBRAdvice", { rinter = 222 }), item("MIP6OptAltCoA", { acoa = "2001:db8::c0a" }),
    item("MIP6OptNonceIndices", { olen = 4, hni = 0x1111, coni = 0x2222 }),
    item("MIP6OptMobNetPrefix", { plen = 56, prefix = "2001:db8:5::" }),
    item("MIP6OptMNID", { id = "me@x" }),
    item("MIP6OptMsgAuth", { mspi = 0x99, authdata = "0123456789ab" }),
    item("MIP6OptReplayProtection", { timestamp = 0x102030405060708 }),
    item "MIP6OptCGAParamsReq", item "MIP6OptCareOfTestInit",
    item("MIP6OptBindingAuthData", { olen = 12, authenticator = 0x1122334455667788 }) } } })
case("a binding acknowledgement", "ethertype:ipv6:mipv6", {
    ["mip6.ba.status"] = "1", ["mip6.ba.seqnr"] = "55", ["mip6.ba.lifetime"] = "66",
  }, E, I6, { "MIP6MH_BA", { status = 1, seq = 55, mhtime = 66 } })
case("a home test", "ethertype:ipv6:mipv6", {
    ["mip6.hot.nindex"] = "7", ["mip6.hot.cookie"] = "0x3132333435363738",
    ["mip6.hot.token"] = "0x6162636465666768",
  }, E, I6, { "MIP6MH_HoT", { index = 7, cookie = "12345678", token = "abcdefgh" } })
case("a care-of test", "ethertype:ipv6:mipv6", {
    ["mip6.cot.nindex"] = "8", ["mip6.cot.cookie"] = "0x3132333435363738",
  }, E, I6, { "MIP6MH_CoT", { index = 8, cookie = "12345678", token = "abcdefgh" } })
case("the begin of a home test", "ethertype:ipv6:mipv6",
  { ["mip6.hoti.cookie"] = "0x3132333435363738" }, E, I6,
  { "MIP6MH_HoTI", { cookie = "12345678" } })
case("the begin of a care-of test", "ethertype:ipv6:mipv6",
  { ["mip6.coti.cookie"] = "0x3132333435363738" }, E, I6,
  { "MIP6MH_CoTI", { cookie = "12345678" } })
case("options of a router", "ethertype:ipv6:icmpv6", {
    ["icmpv6.opt.linkaddr"] = "02:00:00:00:00:03",
    ["icmpv6.opt.prefix.valid_lifetime"] = "1001",
    ["icmpv6.opt.prefix.preferred_lifetime"] = "1002",
    ["icmpv6.opt.prefix.length"] = "64,63", ["icmpv6.opt.mtu"] = "1400",
    ["icmpv6.opt.advertisement_interval"] = "3333", ["icmpv6.opt.home_agent_preference"] = "44",
    ["icmpv6.opt.home_agent_lifetime"] = "45", ["icmpv6.opt.route_lifetime"] = "55",
    ["icmpv6.opt.prefix"] = "2001:db8:9::,2001:db8:a::",
    ["icmpv6.opt.rdnss"] = "2001:db8::53", ["icmpv6.opt.rdnss.lifetime"] = "56",
    ["icmpv6.opt.dnssl.lifetime"] = "57", ["icmpv6.opt.dnssl"] = "a.example,b.example",
    ["icmpv6.opt.map.distance"] = "3", ["icmpv6.opt.map.preference"] = "9",
    ["icmpv6.opt.map.valid_lifetime"] = "58", ["icmpv6.opt.map.global_address"] = "2001:db8::4",
    ["icmpv6.opt.ipa.option_code"] = "2", ["icmpv6.opt.ipa.prefix_len"] = "65",
    ["icmpv6.opt.ipa.ipv6_address"] = "2001:db8::6", ["icmpv6.opt.nrpi.prefix_len"] = "66",
    ["icmpv6.opt.nrpi.prefix"] = "2001:db8:b::",
  }, E, LOCAL, { "ICMPv6ND_RA" }, { "ICMPv6NDOptSrcLLAddr", { lladdr = "02:00:00:00:00:03" } },
  { "ICMPv6NDOptPrefixInfo", { validlifetime = 1001, preferredlifetime = 1002, prefixlen = 64,
                               prefix = "2001:db8:9::" } },
  { "ICMPv6NDOptMTU", { mtu = 1400 } }, { "ICMPv6NDOptAdvInterval", { advint = 3333 } },
  { "ICMPv6NDOptHAInfo", { pref = 44, lifetime = 45 } },
  { "ICMPv6NDOptRouteInfo", { plen = 63, rtlifetime = 55, prefix = "2001:db8:a::" } },
  { "ICMPv6NDOptRDNSS", { lifetime = 56, dns = { "2001:db8::53" } } },
  { "ICMPv6NDOptDNSSL", { lifetime = 57, searchlist = { "a.example", "b.example" } } },
  { "ICMPv6NDOptMAP", { dist = 3, pref = 9, validlifetime = 58, addr = "2001:db8::4" } },
  { "ICMPv6NDOptIPAddr", { optcode = 2, plen = 65, addr = "2001:db8::6" } },
  { "ICMPv6NDOptNewRtrPrefix", { plen = 66, prefix = "2001:db8:b::" } })
case("an inverse neighbor advertisement", "ethertype:ipv6:icmpv6", {
    ["icmpv6.opt.ipv6_address"] = "2001:db8::aa,2001:db8::ab", ["icmpv6.opt.type"] = "10,9",
  }, E, LOCAL, { "ICMPv6ND_INDAdv" },
  { "ICMPv6NDOptTgtAddrList", { addrlist = { "2001:db8::aa" } } },
  { "ICMPv6NDOptSrcAddrList", { addrlist = { "2001:db8::ab" } } })
case("a mobile prefix advertisement", "ethertype:ipv6:icmpv6", {
    ["icmpv6.mip6.identifier"] = "4660", ["icmpv6.mip6.flag"] = "0xc000",
  }, E, I6, { "ICMPv6MPAdv", { id = 0x1234, flags = 3 } })
case("a home agent's address", "ethertype:ipv6:icmpv6", {
    ["icmpv6.mip6.identifier"] = "4660", ["icmpv6.mip6.home_agent_address"] = "2001:db8::11",
  }, E, I6, { "ICMPv6HAADReply", { id = 0x1234, addresses = { "2001:db8::11" } } })
case("a multicast router", "ethertype:ipv6:icmpv6", {
    ["icmpv6.mcast_ra.query_interval"] = "44", ["icmpv6.mcast_ra.robustness_variable"] = "55",
  }, E, LOCAL, { "ICMPv6MRD_Advertisement", { queryint = 44, robustness = 55 } })
case("a query for multicast listeners", "ethertype:ipv6:icmpv6", {
    ["icmpv6.mld.maximum_response_code"] = "10000", ["icmpv6.mld.flag"] = "0x0b",
    ["icmpv6.mld.qqi"] = "77", ["icmpv6.mld.source_address"] = "2001:db8::1",
    ["icmpv6.mld.multicast_address"] = "ff02::5",
  }, E, { "IPv6", { src = "fe80::1", dst = "ff02::1", hlim = 1 } }, { "ICMPv6MLQuery2", {
    mrd = 10000, mladdr = "ff02::5", S = 1, QRV = 3, QQIC = 77, sources = { "2001:db8::1" } } })
case("a query for a node's name", "ethertype:ipv6:icmpv6", {
    ["icmpv6.ni.nonce"] = "0x3132333435363738", ["icmpv6.ni.query.subject_fqdn"] = "x.org",
  }, E, LOCAL, { "ICMPv6NIQueryName", { nonce = "12345678", data = "x.org" } })
case("a query for a node's addresses", "ethertype:ipv6:icmpv6", {
    ["icmpv6.ni.query.subject_ipv6"] = "2001:db8::5",
  }, E, LOCAL, { "ICMPv6NIQueryIPv6", { nonce = "12345678", data = "2001:db8::5" } })

-- ------------------------------------------------------------------------------------- DHCPv6

local function dhcpv6(name, values, sport, dport, ...)
  case(name, "ethertype:ipv6:udp:dhcpv6", values, E, LOCAL,
    { "UDP", { sport = sport, dport = dport } }, ...)
end

dhcpv6("what a client asks of DHCPv6", {
    ["dhcpv6.duidllt.link_layer_addr"] = "00:11:22:33:44:55", ["dhcpv6.duiden.enterprise"] = "311",
    ["dhcpv6.iaid"] = "11223344,11223366", ["dhcpv6.iaid.t1"] = "1111,1112",
    ["dhcpv6.iaid.t2"] = "2222,2223", ["dhcpv6.iata"] = "11223355",
    ["dhcpv6.iaaddr.ip"] = "2001:db8::77,2001:db8::78",
    ["dhcpv6.iaaddr.pref_lifetime"] = "333,335", ["dhcpv6.iaaddr.valid_lifetime"] = "444,445",
    ["dhcpv6.iaprefix.pref_addr"] = "2001:db8:7::", ["dhcpv6.iaprefix.pref_len"] = "48",
    ["dhcpv6.iaprefix.pref_lifetime"] = "555", ["dhcpv6.iaprefix.valid_lifetime"] = "666",
    ["dhcpv6.requested_option_code"] = "23,24,31", ["dhcpv6.option_preference"] = "77",
    ["dhcpv6.elapsed_time"] = "2910", ["dhcpv6.unicast"] = "2001:db8::99",
    ["dhcpv6.status_code"] = "2", ["dhcpv6.status_msg"] = "nope", ["dhcpv6.reconf_msg"] = "5",
    ["dhcpv6.interface_id"] = "65746830", ["dhcpv6.userclass.opaque_data"] = "7563",
    ["dhcpv6.vendorclass.data"] = "vc", ["dhcpv6.vendoropts.enterprise.option_code"] = "7",
    ["dhcpv6.vendoropts.enterprise.option_data"] = "7673",
  }, 546, 547, { "DHCP6_Request", { trid = 0x10203 } },
  { "DHCP6OptClientId", { duid = item("DUID_LLT", {
    timeval = 0x1020304, lladdr = "00:11:22:33:44:55" }) } },
  { "DHCP6OptServerId", { duid = item("DUID_EN", { enterprisenum = 311, id = "abcdef" }) } },
  { "DHCP6OptIA_NA", { iaid = 0x11223344, T1 = 1111, T2 = 2222, ianaopts = {
    item("DHCP6OptIAAddress", { addr = "2001:db8::77", preflft = 333, validlft = 444 }) } } },
  { "DHCP6OptIA_TA", { iaid = 0x11223355, iataopts = {
    item("DHCP6OptIAAddress", { addr = "2001:db8::78", preflft = 335, validlft = 445 }) } } },
  { "DHCP6OptIA_PD", { iaid = 0x11223366, T1 = 1112, T2 = 2223, iapdopt = {
    item("DHCP6OptIAPrefix", { prefix = "2001:db8:7::", plen = 48, preflft = 555,
                               validlft = 666 }) } } },
  { "DHCP6OptOptReq", { reqopts = { 23, 24, 31 } } }, { "DHCP6OptPref", { prefval = 77 } },
  { "DHCP6OptElapsedTime", { elapsedtime = 291 } },
  { "DHCP6OptServerUnicast", { srvaddr = "2001:db8::99" } },
  { "DHCP6OptStatusCode", { statuscode = 2, statusmsg = "nope" } }, { "DHCP6OptRapidCommit" },
  { "DHCP6OptReconfMsg", { msgtype = 5 } }, { "DHCP6OptReconfAccept" },
  { "DHCP6OptIfaceId", { ifaceid = "eth0" } },
  { "DHCP6OptUserClass", { userclassdata = { item("USER_CLASS_DATA", { data = "uc" }) } } },
  { "DHCP6OptVendorClass", { enterprisenum = 311,
                             vcdata = { item("VENDOR_CLASS_DATA", { data = "vc" }) } } },
  { "DHCP6OptVendorSpecificInfo", { enterprisenum = 311, vso = {
    item("VENDOR_SPECIFIC_OPTION", { optcode = 7, optdata = "vs" }) } } })
dhcpv6("what a server answers in DHCPv6", {
    ["dhcpv6.duiduuid.bytes"] = "00112233445566778899aabbccddeeff",
    ["dhcpv6.sip_server_domain_search_fqdn"] = "sip.example.com.",
    ["dhcpv6.sip_server_a"] = "2001:db8::a1", ["dhcpv6.dns_server"] = "2001:db8::a2",
    ["dhcpv6.search_list_entry"] = "example.org.", ["dhcpv6.nis_server"] = "2001:db8::a3",
    ["dhcpv6.nisp_server"] = "2001:db8::a4", ["dhcpv6.nis_fqdn"] = "nis.example.",
    ["dhcpv6.nisp_fqdn"] = "nisp.example.", ["dhcpv6.sntp_server"] = "2001:db8::a5",
    ["dhcpv6.lifetime"] = "7200", ["dhcpv6.bcmcs_server_a"] = "2001:db8::a6",
    ["dhcpv6.bcmcs_server_fqdn"] = "bc.example.", ["dhcpv6.remoteid_enterprise_id"] = "726964",
    ["dhcpv6.subscriber_id"] = "sub", ["dhcpv6.client_fqdn_flags"] = "0x01",
    ["dhcpv6.client_domain"] = "host.example.", ["dhcpv6.pana_agent"] = "2001:db8::a7",
    ["dhcpv6.timezone"] = "EST5", ["dhcpv6.tzdb"] = "Europe/Zurich",
    ["dhcpv6.lq_client_link"] = "2001:db8::a8",
    ["dhcpv6.option.type"] = "2,21,22,23,24,27,28,29,30,31,32,34,33,37,38,39,40,41,42,48,59,61,62,"
      .. "65,68,79",
  }, 547, 546, { "DHCP6_Reply", { trid = 0x10204 } },
  { "DHCP6OptServerId", { duid = item("DUID_UUID", {
    uuid = "00112233-4455-6677-8899-aabbccddeeff" }) } },
  { "DHCP6OptSIPDomains", { sipdomains = { "sip.example.com" } } },
  { "DHCP6OptSIPServers", { sipservers = { "2001:db8::a1" } } },
  { "DHCP6OptDNSServers", { dnsservers = { "2001:db8::a2" } } },
  { "DHCP6OptDNSDomains", { dnsdomains = { "example.org" } } },
  { "DHCP6OptNISServers", { nisservers = { "2001:db8::a3" } } },
  { "DHCP6OptNISPServers", { nispservers = { "2001:db8::a4" } } },
  { "DHCP6OptNISDomain", { nisdomain = "nis.example" } },
  { "DHCP6OptNISPDomain", { nispdomain = "nisp.example" } },
  { "DHCP6OptSNTPServers", { sntpservers = { "2001:db8::a5" } } },
  { "DHCP6OptInfoRefreshTime", { reftime = 7200 } },
  { "DHCP6OptBCMCSServers", { bcmcsservers = { "2001:db8::a6" } } },
  { "DHCP6OptBCMCSDomains", { bcmcsdomains = { "bc.example" } } },
  { "DHCP6OptRemoteID", { enterprisenum = 311, remoteid = "rid" } },
  { "DHCP6OptSubscriberID", { subscriberid = "sub" } },
  { "DHCP6OptClientFQDN", { flags = "S", fqdn = "host.example." } },
  { "DHCP6OptPanaAuthAgent", { paaaddr = { "2001:db8::a7" } } },
  { "DHCP6OptNewPOSIXTimeZone", { optdata = "EST5" } },
  { "DHCP6OptNewTZDBTimeZone", { optdata = "Europe/Zurich" } },
  { "DHCP6OptLQClientLink", { linkaddress = { "2001:db8::a8" } } },
  { "DHCP6OptBootFileUrl", { optdata = "http://x/y" } },
  { "DHCP6OptClientArchType", { archtypes = { 7 } } },
  { "DHCP6OptClientNetworkInterId", { iimajor = 3, iiminor = 16 } },
  { "DHCP6OptERPDomain", { erpdomain = { "erp.example" } } },
  { "DHCP6OptVSS", { type = 1, data = "vpn" } },
  { "DHCP6OptClientLinkLayerAddr", { clladdr = "02:00:00:00:00:09" } })
dhcpv6("DHCPv6 that is authenticated", {
    ["dhcpv6.auth.protocol"] = "3", ["dhcpv6.auth.algorithm"] = "1",
    ["dhcpv6.auth.replay_detection"] = "0000000000000102", ["dhcpv6.auth.info"] = "026b6b6b",
    ["dhcpv6.reconf_msg"] = "11",
  }, 547, 546, { "DHCP6_Reconf" }, { "DHCP6OptAuth", {
    proto = 3, alg = 1, replay = "\0\0\0\0\0\0\1\2", authinfo = "\2kkk" } },
  { "DHCP6OptReconfMsg", { msgtype = 11 } })
case("DHCPv6 that is relayed", "ethertype:ipv6:udp:dhcpv6", {
    ["dhcpv6.msgtype"] = "12,11", ["dhcpv6.hopcount"] = "3", ["dhcpv6.linkaddr"] = "2001:db8::b1",
    ["dhcpv6.peeraddr"] = "fe80::b2", ["dhcpv6.xid"] = "0x000009",
  }, E, LOCAL, both(547),
  { "DHCP6_RelayForward", { hopcount = 3, linkaddr = "2001:db8::b1", peeraddr = "fe80::b2" } },
  { "DHCP6OptRelayMsg", { message = item("DHCP6_InfoRequest", { trid = 9 }) } })

-- ----------------------------------------------------------------- names, time, keys and records

local function rr(id, fields)
  fields.rrname, fields.ttl = fields.rrname or "x.org", 77
  return item(id, fields)
end

case("records of signed zones", "ethertype:ip:udp:dns", {
    ["dns.soa.rname"] = "me.x.org", ["dns.soa.minimum_ttl"] = "5",
    ["dns.soa.expire_limit"] = "4", ["dns.soa.serial_number"] = "1", ["dns.srv.priority"] = "1",
    ["dns.srv.weight"] = "2", ["dns.srv.port"] = "3", ["dns.srv.target"] = "t.x.org",
    ["dns.dnskey.flags"] = "0x0101", ["dns.dnskey.algorithm"] = "8",
    ["dns.dnskey.public_key"] = "6b6579", ["dns.ds.key_id"] = "0x04d2,0x04d3",
    ["dns.ds.digest_type"] = "2,1", ["dns.nsec.next_domain_name"] = "a.x.org",
    ["dns.nsec3.iterations"] = "5,6", ["dns.nsec3.salt_value"] = "73616c74,73616c74",
    ["dns.nsec3.hash_value"] = ("d1k6gq38"):rep(4), ["dns.rrsig.labels"] = "2",
    ["dns.rrsig.original_ttl"] = "99", ["dns.rrsig.key_tag"] = "4321",
    ["dns.rrsig.signers_name"] = "x.org", ["dns.rrsig.signature"] = "736967",
    ["dns.resp.type"] = "6,33,48,43,47,1,2,46,50,1,51,46,32769,41,250",
    ["dns.rr.udp_payload_size"] = "1232", ["dns.opt.cookie.client"] = "636f6f6b69653738",
    ["dns.tsig.fudge"] = "300", ["dns.tsig.original_id"] = "8",
  }, E, I, from(53), { "DNS", { id = 7, qr = 1, qd = { item("DNSQR", { qname = "x.org" }) }, an = {
    rr("DNSRRSOA", { mname = "ns.x.org", rname = "me.x.org", serial = 1, refresh = 2, retry = 3,
                     expire = 4, minimum = 5 }),
    rr("DNSRRSRV", { priority = 1, weight = 2, port = 3, target = "t.x.org" }),
    rr("DNSRRDNSKEY", { flags = 257, algorithm = 8, publickey = "key" }),
    rr("DNSRRDS", { keytag = 1234, algorithm = 8, digesttype = 2, digest = ("d"):rep(32) }),
    rr("DNSRRNSEC", { nextname = "a.x.org", typebitmaps = { 1, 2, 46 } }),
    rr("DNSRRNSEC3", { hashalg = 1, iterations = 5, saltlength = 4, salt = "salt", hashlength = 20,
                       nexthashedownername = ("h"):rep(20), typebitmaps = { 1 } }),
    rr("DNSRRNSEC3PARAM", { hashalg = 1, iterations = 6, saltlength = 4, salt = "salt" }),
    rr("DNSRRRSIG", { typecovered = 1, algorithm = 8, labels = 2, originalttl = 99,
                      expiration = 1700000001, inception = 1700000000, keytag = 4321,
                      signersname = "x.org", signature = "sig" }),
    rr("DNSRRDLV", { keytag = 1235, algorithm = 8, digesttype = 1, digest = ("d"):rep(20) }),
  }, ar = {
    item("DNSRROPT", { rclass = 1232, z = 0x8000, rdata = {
      item("EDNS0TLV", { optcode = 10, optdata = "cookie78" }) } }),
    rr("DNSRRTSIG", { rrname = "k.x.org", algo_name = "hmac-sha256.", fudge = 300, mac_len = 4,
                      mac_data = "mac!", original_id = 8 }),
  } } })
case("an answer to a link-local name", "ethertype:ip:udp:llmnr", {
    ["dns.flags.conflict"] = "1", ["dns.a"] = "10.6.6.6",
  }, E, I, from(5355), { "LLMNRResponse", { id = 9, c = 1,
    qd = { item("DNSQR", { qname = "x.org" }) },
    an = { item("DNSRR", { rrname = "x.org", rdata = "10.6.6.6" }) } } })

local function control(name, values, fields)
  fields.version, fields.response = 2, 1
  case(name, "ethertype:ip:udp:ntp", values, E, I, from(123), { "NTPControl", fields })
end

control("a system's status in NTP", {
    ["ntp.ctrl.sys_status.li"] = "1", ["ntp.ctrl.sys_status.clksrc"] = "6",
    ["ntp.ctrl.sys_status.count"] = "5", ["ntp.ctrl.sys_status.code"] = "4",
    ["ntp.ctrl.associd"] = "0", ["ntp.ctrl.sequence"] = "8",
  }, { op_code = 2, sequence = 8, status_word = item("NTPSystemStatusPacket", {
    leap_indicator = 1, clock_source = 6, system_event_counter = 5, system_event_code = 4 }) })
control("a peer's status in NTP", {
    ["ntp.ctrl.peer_status.config"] = "1", ["ntp.ctrl.peer_status.authenable"] = "1",
    ["ntp.ctrl.peer_status.authentic"] = "0", ["ntp.ctrl.peer_status.reach"] = "1",
    ["ntp.ctrl.peer_status.selection"] = "6", ["ntp.ctrl.peer_status.count"] = "3",
    ["ntp.ctrl.peer_status.code"] = "4", ["ntp.ctrl.associd"] = "4660", ["ntp.ctrl.count"] = "9",
  }, { op_code = 2, association_id = 0x1234, data = "stratum=1",
    status_word = item("NTPPeerStatusPacket", {
      configured = 1, auth_enabled = 1, reachability = 1, peer_sel = 6, peer_event_counter = 3,
      peer_event_code = 4 }) })
control("an error of NTP", { ["ntp.ctrl.err_status"] = "4" },
  { err = 1, op_code = 2, status_word = item("NTPErrorStatusPacket", { error_code = 4 }) })
case("extensions of NTP", "ethertype:ip:udp:ntp", {
    ["ntp.ext.type"] = "0x0104", ["ntp.ext.value"] = "303132333435363738396162",
    ["ntp.rootdelay"] = "98304", ["ntp.refid"] = "0a020202", ["ntp.keyid"] = "00000009",
    ["ntp.mac"] = "30313233343536373839616263646566",
  }, E, I, to(123), { "NTPHeader", {
    version = 4, mode = 3, stratum = 2, delay = 1.5, id = "10.2.2.2" } },
  { "NTPExtensions", {
    extensions = { item("NTPExtension", { type = 0x104, value = "0123456789ab" }) },
    mac = item("NTPAuthenticator", { key_id = 9, dgst = "0123456789abcdef" }) } })

local function netbios(id, fields, values, ...)
  values["nbns.name"] = values["nbns.name"] or "FRED<00> (Workstation/Redirector)"
  local done = case(id, "ethertype:ip:udp:nbns", values, E, I, both(137), { id, fields }, ...)
  done.unread = 1 + select("#", ...)
end

netbios("NBNSRequest", { QUESTION_NAME = "FRED", TTL = 300, NB_ADDRESS = "10.5.5.5" }, {
  ["nbns.name"] = "FRED<00>,FRED<00> (Workstation/Redirector)", ["nbns.ttl"] = "300",
  ["nbns.addr"] = "10.5.5.5", ["nbns.data_length"] = "6" })
netbios("NBNSQueryResponse", { RR_NAME = "FRED", TTL = 301, NB_ADDRESS = "10.5.5.6" },
  { ["nbns.ttl"] = "301", ["nbns.addr"] = "10.5.5.6" })
netbios("NBNSQueryResponseNegative", { RR_NAME = "FRED", TTL = 302, NB_ADDRESS = "10.5.5.7" },
  { ["nbns.ttl"] = "302", ["nbns.addr"] = "10.5.5.7", ["nbns.flags.rcode"] = "6" })
netbios("NBNSWackResponse", { RR_NAME = "FRED", TTL = 303 },
  { ["nbns.ttl"] = "303", ["nbns.flags.opcode"] = "7,5" })
netbios("NBNSNodeStatusResponse", { RR_NAME = "FRED", TTL = 304, NUM_NAMES = 2 }, {
    ["nbns.name"] = "FRED<00>", ["nbns.ttl"] = "304", ["nbns.number_of_names"] = "2",
    ["nbns.unit_id"] = "02:00:00:00:00:0a", ["nbns.name_flags"] = "0x0400,0x8400",
    ["nbns.netbios_name"] = "FRED,GROUP",
  }, { "NBNSNodeStatusResponseService", {
    NETBIOS_NAME = "FRED" .. (" "):rep(11), NAME_FLAGS = 4 } },
  { "NBNSNodeStatusResponseService", {
    NETBIOS_NAME = "GROUP" .. (" "):rep(10), NAME_FLAGS = 0x84 } },
  { "NBNSNodeStatusResponseEnd", { MAC_ADDRESS = "02:00:00:00:00:0a" } })

local templates = { item("NetflowTemplateV9", { templateID = 300, template_fields = {
  item("NetflowTemplateFieldV9", { fieldType = 8 }),
  item("NetflowTemplateFieldV9", { fieldType = 1, fieldLength = 4 }) } }) }
local record = { "NetflowDataflowsetV9", { templateID = 300, records = {
  item("NetflowRecordV9", { fieldValue = "\10\1\1\1\0\0\1\2" }) } } }

case("NetFlow of version 1", "ethertype:ip:udp:cflow", {
    ["cflow.count"] = "1", ["cflow.srcaddr"] = "10.1.1.1", ["cflow.dstaddr"] = "10.1.1.2",
    ["cflow.nexthop"] = "10.1.1.3", ["cflow.inputint"] = "11", ["cflow.outputint"] = "12",
    ["cflow.packets"] = "13", ["cflow.octets"] = "14", ["cflow.srcport"] = "17",
    ["cflow.dstport"] = "18", ["cflow.protocol"] = "6", ["cflow.tos"] = "0x20",
  }, E, I, to(2055), { "NetflowHeader" }, { "NetflowHeaderV1", { count = 1 } },
  { "NetflowRecordV1", { ipsrc = "10.1.1.1", ipdst = "10.1.1.2", nexthop = "10.1.1.3",
    inputIfIndex = 11, outpuIfIndex = 12, dpkts = 13, dbytes = 14, srcport = 17, dstport = 18,
    proto = 6, tos = 0x20 } })
case("NetFlow of version 9", "ethertype:ip:udp:cflow", {
    ["cflow.count"] = "3", ["cflow.sequence"] = "5", ["cflow.source_id"] = "6",
    ["cflow.flowset_id"] = "0,300,1", ["cflow.template_id"] = "300,301",
    ["cflow.template_field_type"] = "8,1,34", ["cflow.srcaddr"] = "10.1.1.1",
    ["cflow.octets"] = "258",
  }, E, I, to(2055), { "NetflowHeader" },
  { "NetflowHeaderV9", { packageSequence = 5, SourceID = 6 } },
  { "NetflowFlowsetV9", { templates = templates } }, record,
  { "NetflowOptionsFlowsetV9", { templateID = 301,
    scopes = { item("NetflowOptionsFlowsetScopeV9", {
      scopeFieldType = 1, scopeFieldlength = 4 }) },
    options = { item("NetflowOptionsFlowsetOptionV9", {
      optionFieldType = 34, optionFieldlength = 4 }) } } })
case("IPFIX", "ethertype:ip:udp:cflow", {
    ["cflow.sequence"] = "5", ["cflow.od_id"] = "6", ["cflow.flowset_id"] = "2,300,3",
    ["cflow.template_id"] = "300,302", ["cflow.template_ipfix_field_type"] = "8,1,149,41",
    ["cflow.template_ipfix_scope_field_count"] = "1", ["cflow.octets"] = "258",
  }, E, I, to(2055), { "NetflowHeader" },
  { "NetflowHeaderV10", { length = 64, flowSequence = 5, ObservationDomainID = 6 } },
  { "NetflowFlowsetV9", { flowSetID = 2, templates = templates } }, record,
  { "NetflowOptionsFlowset10", { templateID = 302,
    scopes = { item("NetflowOptionsFlowsetScopeV9", {
      scopeFieldType = 149, scopeFieldlength = 4 }) },
    options = { item("NetflowOptionsFlowsetOptionV9", {
      optionFieldType = 41, optionFieldlength = 8 }) } } })

-- Of RADIUS the types that both know, as tshark names them: numbers, addresses, bytes.
local function radius(name, shown, value, attributes)
  local avps, values = {}, {}
  for _, id in ipairs(attributes) do
    table.insert(avps, item("RadiusAttr_" .. id:gsub("-", "_"), { value = value }))
    values["radius." .. id] = shown
  end
  case(name, "ethertype:ip:udp:radius", values, E, I, to(1812), { "Radius", { attributes = avps } })
end

radius("numbers of RADIUS", "1234567", 1234567, {
  "NAS_Port", "Service_Type", "Framed_Protocol", "Framed_MTU", "Login_TCP_Port", "Session_Timeout",
  "Idle_Timeout", "Framed_AppleTalk_Link", "Framed_AppleTalk_Network", "Acct_Delay_Time",
  "Acct_Input_Octets", "Acct_Output_Octets", "Acct_Session_Time", "Acct_Input_Packets",
  "Acct_Output_Packets", "Acct_Link_Count", "Acct_Input_Gigawords", "Acct_Output_Gigawords",
  "NAS_Port_Type", "Port_Limit", "ARAP_Security", "Password_Retry", "Acct_Interim_Interval",
  "Acct_Tunnel_Packets_Lost", "Management_Privilege_Level",
})
radius("addresses of RADIUS", "10.7.7.7", "10.7.7.7", {
  "NAS_IP_Address", "Framed-IP-Address", "Framed_IP_Netmask", "Login-IP-Host",
  "PMIP6_Home_LMA_IPv4_Address", "PMIP6_Visited_LMA_IPv4_Address",
  "PMIP6_Home_DHCP4_Server_Address", "PMIP6_Visited_DHCP4_Server_Address",
  "PMIP6_Home_IPv4_Gateway", "PMIP6_Visited_IPv4_Gateway",
})
radius("bytes of RADIUS", "30313233343536373839616263646566", "0123456789abcdef",
  { "State", "Message_Authenticator" })

-- ---------------------------------------------------------------------------------- and others

case("options of IP", "ethertype:ip:udp", {
    ["ip.opt.type"] = "7,1,136,0", ["ip.opt.sid"] = "4660", ["ip.opt.ptr"] = "4",
    ["ip.opt.len"] = "11,4",
  }, E, { "IP", { src = "10.0.0.1", dst = "10.0.0.2", options = {
    item("IPOption_RR", { routers = { "10.1.1.1", "10.1.1.2" } }), item "IPOption_NOP",
    item("IPOption_Stream_Id", { security = 0x1234 }), item "IPOption_EOL" } } }, to(9))
case("more options of IP", "ethertype:ip:udp", {
    ["ip.opt.mtu"] = "1400,1300", ["ip.opt.sec_rfc791_sec"] = "0x789a",
    ["ip.opt.sec_rfc791_comp"] = "4369", ["ip.opt.sec_rfc791_tcc"] = "abc",
    ["ip.opt.addr"] = "10.1.1.4",
  }, E, { "IP", { src = "10.0.0.1", dst = "10.0.0.2", options = {
    item("IPOption_MTU_Probe", { mtu = 1400 }), item("IPOption_MTU_Reply", { mtu = 1300 }),
    item("IPOption_Security", { security = 0x789a, compartment = 0x1111,
      handling_restrictions = 0x4142, transmission_control_code = "abc" }),
    item("IPOption_SDBM", { addresses = { "10.1.1.4" } }) } } }, to(9))
case("sources of an IGMPv3 query", "ethertype:ip:igmp:igmp", {
    ["igmp.max_resp"] = "77", ["igmp.s"] = "1", ["igmp.qrv"] = "3", ["igmp.qqic"] = "99",
    ["igmp.saddr"] = "10.2.2.2",
  }, E, { "IP", { src = "10.0.0.1", dst = "224.0.0.1", ttl = 1 } },
  { "IGMPv3", { mrcode = 77 } },
  { "IGMPv3mq", { s = 1, qrv = 3, qqic = 99, srcaddrs = { "10.2.2.2" } } })
case("a password of RIP", "ethertype:ip:udp:rip", {
    ["rip.auth.passwd"] = "geheim", ["rip.ip"] = "10.1.0.0",
  }, E, I, both(520), { "RIP", { cmd = 2, version = 2 } },
  { "RIPAuth", { authtype = 2, password = "geheim" } },
  { "RIPEntry", { addr = "10.1.0.0", mask = "255.255.0.0", metric = 3 } })
case("HSRP with MD5", "ethertype:ip:udp:hsrp", {
    ["hsrp.md5_ip_address"] = "10.0.0.1", ["hsrp2.md5_key_id"] = "5",
    ["hsrp2.md5_auth_data"] = "30313233343536373839616263646566",
  }, E, { "IP", { src = "10.0.0.1", dst = "224.0.0.2" } }, both(1985), { "HSRP" },
  { "HSRPmd5", { algo = 1, sourceip = "10.0.0.1", keyid = 5, authdigest = "0123456789abcdef" } })
case("a Mobile IP reply", "ethertype:ip:udp:mip", {
    ["mip.code"] = "1", ["mip.life"] = "99", ["mip.homeaddr"] = "10.2.2.2",
    ["mip.haaddr"] = "10.3.3.3",
  }, E, I, from(434), { "MobileIP" },
  { "MobileIPRRP", { code = 1, lifetime = 99, homeaddr = "10.2.2.2", haaddr = "10.3.3.3" } })
case("a 64-bit number of Diameter", "ethertype:ip:tcp:diameter", {
    ["diameter.CC-Total-Octets"] = "73588229205",
  }, E, I, push(3868), { "Diameter", { code = 272, application_id = 4, avps = {
    item("Diameter_Unsigned64", { code = 421, value = 73588229205 }) } } })
case("a request for OSPFv3's advertisements", "ethertype:ipv6:ospf", {
    ["ospf.link_state_id"] = "0.0.0.7", ["ospf.advrouter"] = "10.7.7.7",
  }, E, { "IPv6", { src = "fe80::1", dst = "ff02::5" } },
  { "OSPFv3", { router_id = "10.0.0.1" } }, { "OSPFv3_LSReq", { requests = {
    item("OSPFv3_LSReqItem", { type = 0x2001, id = "0.0.0.7",
                               advertising_router = "10.7.7.7" }) } } })
case("attributes of STUN", "ethertype:ip:udp:stun", {
    ["stun.att.port"] = "1234", ["stun.att.ipv6"] = "2001:db8::5",
    ["stun.att.tie-breaker"] = "000000000000004d", ["stun.att.crc32.status"] = "1",
  }, E, I, from(3478), { "STUN", { type = 0x101, transaction_id = "0123456789ab", attributes = {
    item("STUN_MappedAddressIPv6", { port = 1234, address = "2001:db8::5" }),
    item("STUN_IceControlled", { tie_breaker = 77 }), item "STUN_Fingerprint" } } })
case("LLTD's attributes", "ethertype:lltd", {
    ["lltd.hello.gen_num"] = "0x1234", ["lltd.host_id"] = "02:00:00:00:00:07",
    ["lltd.physical_medium"] = "6", ["lltd.ipv4_address"] = "10.3.3.3",
    ["lltd.ipv6_address"] = "2001:db8::7", ["lltd.max_operation_rate"] = "108",
    ["lltd.performance_count_freq"] = "1000000", ["lltd.link_speed"] = "10000",
    ["lltd.qos_characteristic.tagging"] = "1", ["lltd.80211_physical_medium"] = "0x04",
    ["lltd.sees_list_working_set"] = "9",
  }, E, { "LLTD" }, { "LLTDHello", { gen_number = 0x1234 } },
  { "LLTDAttributeHostID", { mac = "02:00:00:00:00:07" } },
  { "LLTDAttributePhysicalMedium", { medium = 6 } },
  { "LLTDAttributeIPv4Address", { ipv4 = "10.3.3.3" } },
  { "LLTDAttributeIPv6Address", { ipv6 = "2001:db8::7" } },
  { "LLTDAttribute80211MaxRate", { rate = 108 } },
  { "LLTDAttributePerformanceCounterFrequency", { freq = 1000000 } },
  { "LLTDAttributeLinkSpeed", { speed = 10000 } },
  { "LLTDAttributeQOSCharacteristics", { flags = 5 } },
  { "LLTDAttribute80211PhysicalMedium", { medium = 4 } },
  { "LLTDAttributeSeesList", { max_entries = 9 } }, { "LLTDAttributeEOP" })
case("what LLTD saw", "ethertype:lltd", {
    ["lltd.queryresp.real_src_addr"] = "02:00:00:00:00:01",
    ["lltd.queryresp.ethernet_src_addr"] = "02:00:00:00:00:09",
    ["lltd.queryresp.ethernet_dest_addr"] = "02:00:00:00:00:0a",
  }, E, { "LLTD" }, { "LLTDQueryResp", { descs_list = { item("LLTDRecveeDesc", {
    type = 1, real_src = "02:00:00:00:00:01", ether_src = "02:00:00:00:00:09",
    ether_dst = "02:00:00:00:00:0a" }) } } })
case("what LLTD is to send", "ethertype:lltd", {
    ["lltd.emit.pause"] = "5", ["lltd.emit.dest_addr"] = "02:00:00:00:00:09",
  }, E, { "LLTD" }, { "LLTDEmit", { descs_list = { item("LLTDEmiteeDesc", {
    type = 1, pause = 5, src = "02:00:00:00:00:01", dst = "02:00:00:00:00:09" }) } } })

local peers = function(byte) return { item("MKAPeerListTuple", {
  member_id = byte:rep(12), message_number = "\0\0\0\7" }) } end

case("sets of MACsec key agreement", "ethertype:eapol", {
    ["mka.sci"] = "020000000003" .. "0009", ["mka.ks_prio"] = "7", ["mka.key_server"] = "1",
    ["mka.peer_mi"] = ("6c"):rep(12) .. "," .. ("70"):rep(12), ["mka.latest_key_an"] = "1",
    ["mka.old_key_an"] = "2", ["mka.plain_tx"] = "1", ["mka.distributed_an"] = "3",
    ["mka.aes_key_wrap_sak"] = ("6b"):rep(24), ["mka.key_number"] = "0000000a",
  }, E, { "EAPOL", { version = 3 } }, { "MKAPDU", {
    basic_param_set = item("MKABasicParamSet", {
      mka_version_id = 1, key_server_priority = 7, key_server = 1, macsec_capability = 2,
      param_set_body_len = 44, actor_member_id = ("m"):rep(12), algorithm_agility = 0x0080c201,
      SCI = item("MACsecSCI", { system_identifier = "02:00:00:00:00:03", port_identifier = 9 }),
      cak_name = ("c"):rep(16) }),
    parameter_sets = {
      item("MKALivePeerListParamSet", {
        param_set_body_len = 16, member_id_message_num = peers "l" }),
      item("MKAPotentialPeerListParamSet", {
        param_set_body_len = 16, member_id_message_num = peers "p" }),
      item("MKASAKUseParamSet", {
        latest_key_an = 1, old_key_an = 2, plain_tx = 1, param_set_body_len = 40 }),
      item("MKADistributedSAKParamSet", {
        distributed_an = 3, confidentiality_offset = 1, param_set_body_len = 28,
        key_number = "\0\0\0\10", sak_aes_key_wrap = ("k"):rep(24) }),
      item("MKAICVSet", { param_set_body_len = 16, icv = ("i"):rep(16) }) } } })

case("a challenge of LEAP", "ethertype:eapol", {
    ["eap.leap.count"] = "8", ["eap.leap.name"] = "bob",
  }, E, { "EAPOL" }, { "LEAP", { challenge_response = "12345678", username = "bob" } })
case("the start of EAP-TLS", "ethertype:eapol", {
    ["eap.tls.flags"] = "0xa0", ["eap.tls.len"] = "99",
  }, E, { "EAPOL" }, { "EAP_TLS", { L = 1, S = 1, tls_message_len = 99 } })

return cases
