-- What tshark reads in our frames of radios, and in messages of SMB: check sums behind what is
-- carried, fields by alignment, compressed headers.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

-- Write frames of a link type (https://www.tcpdump.org/linktypes.html) as a pcap file.
local function write(path, link, packets)
  local parts = { ("<I4I2I2i4I4I4I4"):pack(0xa1b2c3d4, 2, 4, 0, 0, 0x40000, link) }
  for i, bytes in ipairs(packets) do
    table.insert(parts, ("<I4I4I4I4"):pack(i, 0, #bytes, #bytes) .. bytes)
  end
  support.write_file(path, table.concat(parts))
end

-- What tshark says of one frame, by field; an empty text where it has nothing.
local function seen(link, layers, fields, options)
  local path = support.tmpdir() .. "/frame.pcap"
  write(path, link, { assert(luapkt.build(layers)) })
  table.insert(fields, "_ws.malformed")
  local packet = capture.tshark(path, fields, options)[1]
  assert.equal("", packet["_ws.malformed"])
  packet["_ws.malformed"] = nil
  return packet
end

local RADIOTAP, WITH_FCS, LOW_ENERGY, ETHERNET = 127, 195, 251, 1

local function data(...)
  return {
    { "Dot15d4FCS", { fcf_frametype = "Data", fcf_srcaddrmode = "Long", fcf_destaddrmode = "Long",
                      fcf_panidcompress = 1 } },
    { "Dot15d4Data", { dest_panid = 0xabcd, dest_addr = 0x0001020304050607,
                       src_addr = 0x1122334455667788 } }, ...
  }
end

local function smb(...)
  local message = { ... }
  return {
    { "Ether" }, { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } },
    { "TCP", { sport = 139, dport = 50000, flags = "PA" } },
    { "NBTSession", { LENGTH = #luapkt.build(message) } }, table.unpack(message),
  }
end

capture.describe_tshark("tshark, of frames of radios,", function()
  it("finds the fields of radiotap, and the frame's check sum", function()
    assert.same({
      ["radiotap.length"] = "68", ["radiotap.mactime"] = "5", ["radiotap.channel.freq"] = "2412",
      ["radiotap.dbm_antsignal"] = "-50", ["radiotap.mcs.index"] = "3",
      ["radiotap.ampdu.reference"] = "7", ["radiotap.timestamp.ts"] = "99",
      ["wlan.fcs.status"] = "1", ["wlan.ssid"] = "6e6574",
    }, seen(RADIOTAP, {
      { "RadioTap", {
        present = "TSFT+Flags+Rate+Channel+dBm_AntSignal+RXFlags+MCS+A_MPDU+VHT+timestamp",
        Flags = "FCS", mac_timestamp = 5, Rate = 12, ChannelFrequency = 2412, dBm_AntSignal = -50,
        knownMCS = "MCS_index", MCS_index = 3, A_MPDU_ref = 7, timestamp = 99,
      } },
      { "Dot11FCS" }, { "Dot11Beacon" }, { "Dot11Elt", { ID = "SSID", info = "net" } },
    }, {
      "radiotap.length", "radiotap.mactime", "radiotap.channel.freq", "radiotap.dbm_antsignal",
      "radiotap.mcs.index", "radiotap.ampdu.reference", "radiotap.timestamp.ts", "wlan.fcs.status",
      "wlan.ssid",
    }, "-o wlan.check_checksum:TRUE"))
  end)

  it("sees the same elements in a beacon", function()
    local packet = seen(RADIOTAP, {
      { "RadioTap" }, { "Dot11" }, { "Dot11Beacon" }, { "Dot11Elt", { ID = "SSID", info = "net" } },
      { "Dot11EltRates", { rates = { 0x82, 0x84 } } }, { "Dot11Elt", { ID = 3, info = "\6" } },
      { "Dot11EltCountry", { country_string = "DE ", descriptors = {
        { id = "Dot11EltCountryConstraintTriplet" } } } },
      { "Dot11EltRSN" }, { "Dot11EltMicrosoftWPA" },
      { "Dot11EltVendorSpecific", { oui = 0x0050f2, info = "\4\2" } },
    }, { "wlan.tag.number", "wlan.ds.current_channel" })
    assert.same({ ["wlan.tag.number"] = "0,1,3,7,48,221,221", ["wlan.ds.current_channel"] = "6" },
      packet)
  end)

  it("finds them behind several words", function()
    local packet = seen(RADIOTAP, {
      { "RadioTap", {
        present = "Flags+ChannelPlus+MCS+Ext", knownMCS = "MCS_index", MCS_index = 9,
        Ext = { { id = "RadioTapExtendedPresenceMask", fields = { present = "Ext" } },
                { id = "RadioTapExtendedPresenceMask" } },
        ChannelPlusFrequency = 5180, ChannelPlusNumber = 36,
      } },
      { "Dot11" }, { "Dot11Beacon" }, { "Dot11Elt", { ID = "SSID", info = "net" } },
    }, { "radiotap.mcs.index", "wlan.ssid" })
    assert.same({ ["radiotap.mcs.index"] = "9", ["wlan.ssid"] = "6e6574" }, packet)
  end)

  it("takes the check sum of IEEE 802.15.4 for right", function()
    for _, layers in ipairs {
      { { "Dot15d4FCS", { fcf_frametype = "Ack", fcf_destaddrmode = 0 } }, { "Dot15d4Ack" } },
      data { "Raw", { load = "\0hello" } }, -- no frame of 6LoWPAN
    } do
      assert.equal("1", seen(WITH_FCS, layers, { "wpan.fcs_ok" })["wpan.fcs_ok"])
    end
    local wrong = { { "Dot15d4FCS", { fcf_frametype = "Ack", fcf_destaddrmode = 0, fcs = 1 } } }
    assert.equal("0", seen(WITH_FCS, wrong, { "wpan.fcs_ok" })["wpan.fcs_ok"])
  end)

  it("takes the check sum of Bluetooth Low Energy for right", function()
    local function objects(crc)
      return seen(LOW_ENERGY, {
        { "BTLE", { crc = crc } }, { "BTLE_ADV" },
        { "BTLE_ADV_IND", { AdvA = "01:02:03:04:05:06" } },
      }, { "_ws.expert.message" })["_ws.expert.message"] ~= ""
    end
    assert.is_false(objects())
    assert.is_true(objects(1))
  end)

  it("reads compressed headers", function()
    assert.same({
      ["ipv6.src"] = "fe80::1322:3344:5566:7788", ["ipv6.dst"] = "fe80::201:203:405:607",
      ["ipv6.hlim"] = "64", ["udp.srcport"] = "61617", ["udp.dstport"] = "61618",
      ["udp.checksum"] = "0x1234",
    }, seen(WITH_FCS, data({ "LoWPAN_IPHC", {
      tf = 3, hlim = 2, sam = 3, dam = 3, nh = 1, header_compression = 0xf3, udpSourcePort = 1,
      udpDestinyPort = 2, udpChecksum = 0x1234,
    } }, { "Raw", { load = "abcd" } }), {
      "ipv6.src", "ipv6.dst", "ipv6.hlim", "udp.srcport", "udp.dstport", "udp.checksum",
    }))
    assert.same({
      ["ipv6.src"] = "fe80::ff:fe00:1234", ["ipv6.dst"] = "fe80::102:304:506:708",
      ["ipv6.hlim"] = "7", ["ipv6.nxt"] = "17", ["udp.srcport"] = "5",
    }, seen(WITH_FCS, data({ "LoWPAN_IPHC", {
      tf = 1, flowlabel = 0x12345, tc_ecn = 1, _hopLimit = 7, sam = 2, dam = 1, _nhField = 17,
      sourceAddr = "\x12\x34", destinyAddr = "\1\2\3\4\5\6\7\8",
    } }, { "UDP", { sport = 5, dport = 6, chksum = 0x1234 } }, { "Raw", { load = "abcd" } }), {
      "ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.nxt", "udp.srcport",
    }))
  end)

  it("reads headers of meshes and fragments", function()
    assert.same({
      ["6lowpan.mesh.hops"] = "5", ["6lowpan.mesh.orig16"] = "0x1234",
      ["6lowpan.mesh.dest64"] = "0x0102030405060708", ["6lowpan.frag.size"] = "100",
      ["6lowpan.frag.tag"] = "0x0007",
    }, seen(WITH_FCS, data({ "LoWPANMesh", {
      _v = 1, _hopsLeft = 5, _sourceAddr = 0x1234, _destinyAddr = 0x0102030405060708,
    } }, { "LoWPANFragmentationFirst", { datagramSize = 100, datagramTag = 7 } },
       { "LoWPANUncompressedIPv6", { _type = 0x41 } }, { "IPv6" }), {
      "6lowpan.mesh.hops", "6lowpan.mesh.orig16", "6lowpan.mesh.dest64", "6lowpan.frag.size",
      "6lowpan.frag.tag",
    }))
    assert.equal("40", seen(WITH_FCS, data({ "LoWPANFragmentationSubsequent", { -- in units of eight
      datagramSize = 100, datagramTag = 7, datagramOffset = 5,
    } }, { "Raw", { load = "abcd" } }), { "6lowpan.frag.offset" })["6lowpan.frag.offset"])
  end)

  it("reads messages of SMB", function()
    assert.same({ ["smb.cmd"] = "0x72", ["smb.dialect.name"] = "NT LM 0.12" },
      seen(ETHERNET, smb({ "SMBNegociate_Protocol_Request_Header" },
                         { "SMBNegociate_Protocol_Request_Tail" }),
           { "smb.cmd", "smb.dialect.name" }))
    assert.same({ ["smb.cmd"] = "0x73,0x75,0xff", ["smb.account"] = "me",
                  ["smb.path"] = "\\\\A\\IPC$", ["smb.service"] = "IPC" },
      seen(ETHERNET, smb { "SMBSession_Setup_AndX_Request", {
        ANSIPassword = "secret", Account = "me", Path = "\\\\A\\IPC$" } },
        { "smb.cmd", "smb.account", "smb.path", "smb.service" }))
  end)
end)
