--- The order in which `get_definitions` lists protocols: the one in which clients of the reference
-- server have always seen them.
--
-- This is presentation and nothing else: no protocol has to be named here to exist. A protocol that
-- is not in the list comes after those that are, in the order in which the files were loaded; an id
-- in the list without a protocol means nothing. So adding a protocol adds one file and leaves this
-- one alone.
-- @module luapkt.order

local order = {}

local ids = [[
  Raw Ether Dot3 LLC CookedLinux SNAP Dot1Q STP ARP ERSPAN GRErouting GRE Loopback IPOption IP
  TCP UDP ICMP IPv6 PseudoIPv6 HBHOptUnknown Pad1 PadN RouterAlert Jumbo HAO
  IPv6ExtHdrSegmentRoutingTLV MLDv2Addr ICMPv6MLDMultAddrRec ICMPv6NDOptUnknown
  ICMPv6NDOptSrcLLAddr ICMPv6NDOptPrefixInfo ICMPv6NDOptRedirectedHdr ICMPv6NDOptMTU
  ICMPv6NDOptShortcutLimit ICMPv6NDOptAdvInterval ICMPv6NDOptHAInfo ICMPv6NDOptIPAddr
  ICMPv6NDOptNewRtrPrefix ICMPv6NDOptLLA ICMPv6NDOptMAP ICMPv6NDOptRouteInfo ICMPv6NDOptRDNSS
  ICMPv6NDOptEFA ICMPv6NDOptDNSSL ICMPv6ND_NS ICMPv6ND_NA ICMPv6ND_Redirect
  ICMPv6NDOptSrcAddrList HCI_PHDR_Hdr HCI_Hdr HCI_ACL_Hdr L2CAP_Hdr L2CAP_CmdHdr L2CAP_ConnReq
  L2CAP_ConnResp L2CAP_CmdRej L2CAP_ConfReq L2CAP_ConfResp L2CAP_DisconnReq L2CAP_DisconnResp
  L2CAP_InfoReq L2CAP_InfoResp L2CAP_Connection_Parameter_Update_Request
  L2CAP_Connection_Parameter_Update_Response ATT_Hdr ATT_Handle ATT_Handle_UUID128
  ATT_Error_Response ATT_Exchange_MTU_Request ATT_Exchange_MTU_Response
  ATT_Find_Information_Request ATT_Find_Information_Response ATT_Find_By_Type_Value_Request
  ATT_Find_By_Type_Value_Response ATT_Read_By_Type_Request_128bit ATT_Read_By_Type_Request
  ATT_Read_By_Type_Response ATT_Read_Request ATT_Read_Response ATT_Read_Multiple_Request
  ATT_Read_Multiple_Response ATT_Read_By_Group_Type_Request ATT_Read_By_Group_Type_Response
  ATT_Write_Request ATT_Write_Command ATT_Prepare_Write_Request ATT_Handle_Value_Notification
  ATT_Execute_Write_Request ATT_Read_Blob_Request ATT_Read_Blob_Response
  ATT_Handle_Value_Indication SM_Hdr SM_Pairing_Request SM_Pairing_Response SM_Confirm SM_Random
  SM_Failed SM_Encryption_Information SM_Master_Identification SM_Identity_Information
  SM_Identity_Address_Information SM_Signing_Information EIR_Hdr HCI_Command_Hdr
  HCI_Cmd_Set_Event_Filter HCI_Cmd_Connect_Accept_Timeout HCI_Cmd_LE_Host_Supported
  HCI_Cmd_Set_Event_Mask HCI_Cmd_Write_Extended_Inquiry_Response HCI_Cmd_LE_Set_Scan_Parameters
  HCI_Cmd_LE_Set_Scan_Enable HCI_Cmd_Disconnect HCI_Cmd_LE_Create_Connection
  HCI_Cmd_LE_Add_Device_To_White_List HCI_Cmd_LE_Connection_Update
  HCI_Cmd_LE_Read_Remote_Used_Features HCI_Cmd_LE_Set_Random_Address
  HCI_Cmd_LE_Set_Advertising_Parameters HCI_Cmd_LE_Set_Advertising_Data
  HCI_Cmd_LE_Set_Scan_Response_Data HCI_Cmd_LE_Set_Advertise_Enable
  HCI_Cmd_LE_Start_Encryption_Request HCI_Cmd_LE_Long_Term_Key_Request_Negative_Reply
  HCI_Cmd_LE_Long_Term_Key_Request_Reply HCI_Event_Hdr HCI_Event_Disconnection_Complete
  HCI_Event_Encryption_Change HCI_Event_Command_Complete HCI_Cmd_Complete_Read_BD_Addr
  HCI_Cmd_Complete_LE_Read_White_List_Size HCI_Event_Command_Status
  HCI_Event_Number_Of_Completed_Packets HCI_Event_LE_Meta HCI_LE_Meta_Connection_Complete
  HCI_LE_Meta_Connection_Update_Complete HCI_LE_Meta_Advertising_Report
  HCI_LE_Meta_Advertising_Reports HCI_LE_Meta_Long_Term_Key_Request PPI_Hdr PPI BTLE_RF BTLE
  BTLE_ADV BTLE_DATA BTLE_ADV_IND BTLE_ADV_DIRECT_IND BTLE_SCAN_REQ BTLE_SCAN_RSP
  BTLE_CONNECT_REQ CtrlPDU BOOTP DHCP DUID_LLT DUID_EN DUID_LL DUID_UUID USER_CLASS_DATA
  DHCP6_RelayForward DNS EDNS0TLV PrismHeader RadioTapExtendedPresenceMask RadioTap Dot11
  Dot11QoS Dot11Elt RSNCipherSuite AKMSuite PMKIDListPacket Dot11EltCountryConstraintTriplet
  Dot11Disas Dot11AssoReq Dot11AssoResp Dot11ReassoReq Dot11Auth Dot11Deauth Dot11Encrypted
  Dot15d4 Dot15d4AuxSecurityHeader Dot15d4Data Dot15d4Beacon Dot15d4Cmd Dot15d4CmdCoordRealign
  Dot15d4CmdAssocReq Dot15d4CmdAssocResp Dot15d4CmdDisassociation Dot15d4CmdGTSReq EAPOL EAP
  MACsecSCI MKABasicParamSet MKAPeerListTuple MKAPDU GPRS HSRP HSRPmd5 AH ESP _ESPPlain
  IrLAPHead IrLAPCommand IrLMP PPPoE PPPoETag PPPoED_Tags PPP PPP_IPCP_Option PPP_ECP_Option
  PPP_LCP PPP_LCP_Option PPP_PAP PPP_CHAP L2TP LLMNRQuery LLTD LLTDHello LLTDDiscover
  LLTDEmiteeDesc LLTDEmit LLTDRecveeDesc LLTDQueryResp LLTDQueryLargeTlv LLTDQueryLargeTlvResp
  LLTDAttribute MGCP MobileIP MobileIPRRQ MobileIPRRP MobileIPTunnelData NetBIOS_DS
  NBNSQueryRequest NBNSRequest NBNSQueryResponse NBNSQueryResponseNegative
  NBNSNodeStatusResponse NBNSNodeStatusResponseService NBNSNodeStatusResponseEnd
  NBNSWackResponse NBTDatagram NBTSession NetflowHeader NetflowHeaderV1 NetflowRecordV1
  NetflowHeaderV5 NetflowRecordV5 NetflowHeaderV9 NetflowHeaderV10 NetflowTemplateFieldV9
  NetflowTemplateV9 NetflowFlowsetV9 NetflowRecordV9 NetflowDataflowsetV9
  NetflowOptionsFlowsetOptionV9 NetflowOptionsFlowsetScopeV9 NetflowOptionsFlowsetV9
  NTPAuthenticator NTPExtension NTPExtensions NTPStatusPacket NTPSystemStatusPacket
  NTPPeerStatusPacket NTPClockStatusPacket NTPErrorStatusPacket NTPPeerStatusDataPacket
  NTPInfoPeerList NTPInfoPeerSummary NTPInfoPeer NTPInfoPeerStats NTPInfoLoop NTPInfoSys
  NTPInfoSysStats NTPInfoMemStats NTPInfoIOStats NTPInfoTimerStats NTPConfPeer NTPConfUnpeer
  NTPConfRestrict NTPInfoKernel NTPInfoIfStatsIPv4 NTPInfoIfStatsIPv6 NTPInfoMonitor1
  NTPInfoAuth NTPConfTrap NTPInfoControl NTPPrivateReqPacket NTPPrivatePktTail PPTP
  RadiusAttribute Radius RIP RIPAuth RTPExtension RTP LoWPANUncompressedIPv6 LoWPANMesh
  LoWPANFragmentationFirst LoWPANFragmentationSubsequent LoWPAN_IPHC Skinny
  SMBNetlogon_Protocol_Response_Header SMBNetlogon_Protocol_Response_Tail_SAM
  SMBNetlogon_Protocol_Response_Tail_LM20 SMBNegociate_Protocol_Request_Header
  SMBNegociate_Protocol_Request_Tail SMBNegociate_Protocol_Response_Advanced_Security
  SMBNegociate_Protocol_Response_No_Security SMBSession_Setup_AndX_Request
  SMBSession_Setup_AndX_Response TFTP TFTP_RRQ TFTP_WRQ TFTP_DATA TFTP_ACK TFTP_ERROR VXLAN
  ECDSAPrivateKey_OpenSSL ZigbeeNWK LinkStatusEntry ZigbeeNWKCommandPayload ZigbeeSecurityHeader
  ZigbeeAppDataPayload ZigbeeAppCommandPayload ZigBeeBeacon ZigbeeNWKStub
  ZigbeeAppDataPayloadStub ZCLReadAttributeStatusRecord ZCLGeneralReadAttributes
  ZCLGeneralReadAttributesResponse ZCLMeteringGetProfile ZCLPriceGetCurrentPrice
  ZCLPriceGetScheduledPrices ZCLPricePublishPrice ZigbeeClusterLibrary ZEP2 BIFT BIER EoMCW MPLS
  IGMP IGMPv3mq IGMPv3gr IGMPv3mr IGMPv3mra
]]

local ranks, count = {}, 0
for id in ids:gmatch "%S+" do
  count = count + 1
  ranks[id] = count
end

--- The declarations of a generation in the order in which they are shown, as a new list.
-- @tparam table decls linked declarations, in load order
function order.sorted(decls)
  local sorted, place = {}, {}
  for i, decl in ipairs(decls) do
    sorted[i] = decl
    place[decl] = ranks[decl.id] or count + i
  end
  table.sort(sorted, function(a, b) return place[a] < place[b] end)
  return sorted
end

return order
