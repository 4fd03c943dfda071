-- What a radio says of a frame of IEEE 802.11, https://www.radiotap.org: the header and the rules of
-- alignment ("Introduction"), and the fields ("Defined fields"). A word of bits says which fields
-- follow, in the order of the bits; each begins at a multiple of its alignment, counted from the
-- start of the header. Numbers are least significant byte first.
--
--    0       8       16              32                              64
--   +-------+-------+---------------+-------------------------------+------------
--   |version|  pad  |      len      |            present            | fields ...
--   +-------+-------+---------------+-------------------------------+------------
--
-- When a header is built, a field is there if it is set to anything but its default. FHSS isn't among
-- the fields below: everything from it on is in 'notdecoded', as are TLVs (bit 28) and the fields of
-- further words. The Scapy server knows nothing of attenuations, powers, retries and PSDUs without
-- length, so it lists none.

local f = require "luapkt.field"

local presence = {
  "TSFT", "Flags", "Rate", "Channel", "FHSS", "dBm_AntSignal", "dBm_AntNoise", "Lock_Quality",
  "TX_Attenuation", "dB_TX_Attenuation", "dBm_TX_Power", "Antenna", "dB_AntSignal", "dB_AntNoise",
  "RXFlags", "TXFlags", "RTS_retries", "data_retries", "ChannelPlus", "MCS", "A_MPDU", "VHT",
  "timestamp", "HE", "HE_MU", "HE_MUOU", "zero_length_PSDU", "L_SIG", "TLV", "RadiotapNS",
  "VendorNS", "Ext",
}

local frame_flags = {
  "CFP", "ShortPreamble", "wep", "fragment", "FCS", "pad", "badFCS", "ShortGI",
}
local channel_flags = {
  "res1", "res2", "res3", "res4", "Turbo", "CCK", "OFDM", "2GHz", "5GHz", "Passive",
  "Dynamic_CCK_OFDM", "GFSK", "GSM", "StaticTurbo", "10MHz", "5MHz",
}
local wide_channel_flags = table.move({
  "20MHz", "40MHz_ext_channel_above", "40MHz_ext_channel_below",
}, 1, 3, 17, table.move(channel_flags, 1, 16, 1, {}))
local receive_flags = { "res1", "BAD_PLCP" }
local transmit_flags = { "TX_FAIL", "CTS", "RTS", "NOACK", "preconfigured_sequence" }
local mcs_known = {
  "MCS_bandwidth", "MCS_index", "guard_interval", "HT_format", "FEC_type", "STBC_streams", "Ness",
  "Ness_MSB",
}
local a_mpdu_flags = {
  "Report0Subframe", "Is0Subframe", "KnownLastSubframe", "LastSubframe", "CRCerror", "CRCknown",
}
local vht_known = {
  "STBC", "TXOP_PS_NOT_ALLOWED", "guard_interval", "SGI_NSYM_disambiguation",
  "LDPC_extra_OFDM_symbol", "beamformed", "VHT_bandwidth", "GroupID", "PartialAID",
}
local vht_flags = {
  "STBC", "TXOP_PS_NOT_ALLOWED", "ShortGI", "SGI_NSYM_disambiguation", "LDPC_extra_OFDM_symbol",
  "beamformed",
}
local vht_bandwidths = {
  [0] = "20MHz", "40MHz", "40MHz_20L", "40MHz_20U", "80MHz", "80MHz_40L", "80MHz_40U", "80MHz_20LL",
  "80MHz_20LU", "80MHz_20UL", "80MHz_20UU", "160MHz", "160MHz_80L", "160MHz_80U", "160MHz_40LL",
  "160MHz_40LU", "160MHz_40UL", "160MHz_40UU", "160MHz_20LLL", "160MHz_20LLU", "160MHz_20LUL",
  "160MHz_20LUU", "160MHz_20ULL", "160MHz_20ULU", "160MHz_20UUL", "160MHz_20UUU",
}
local user_known = {
  "user_field_position", "STA_ID", "NSTS", "Tx_Beamforming", "Spatial_Configuration", "MCS", "DCM",
  "Coding",
}
local l_sig_known = { "rate", "length" }
local psdu_types = { [0] = "sounding", "not_captured", [255] = "vendor_specific" }

-- The bits of fields that aren't among those below.
local UNKNOWN = 1 << 4

local bit_of = {} -- by the rules that say that fields are there

-- Is the field of this bit there, and can it be found?
local function there(bit)
  local before = UNKNOWN & ((1 << bit) - 1)
  local present = f.ref("present"):has(1 << bit)
  local rule = before == 0 and present or present:both((f.ref "present" & before):eq(0))
  bit_of[rule] = bit
  return rule
end

-- The first field of a bit, where it has to be aligned or the reference could have to.
local function first(bit, lead, opts)
  opts.when = there(bit)
  opts.class = "_RadiotapReversePadField (Cond)"
  if lead > 1 then opts.lead = lead end
  return opts
end

-- Those behind it.
local function more(bit, opts)
  opts.when = there(bit)
  return opts
end

-- Sixteen bits, of which the class says otherwise.
local function half(bit, id, default)
  return f.le16(id, more(bit, { class = "ShortField (Cond)", default = default }))
end

-- A field that the Scapy server doesn't have.
local function own(bit, lead, opts)
  opts.when, opts.unlisted = there(bit), true
  if lead > 1 then opts.lead = lead end
  return opts
end

-- The bits of those of the numbers that say anything: who sets one to its default has to say that it
-- is there, since clients send the defaults of fields that aren't.
local function presence_of(fields)
  local rule = f.count("Ext"):ne(0) << 31
  for _, field in ipairs(fields) do
    local bit = field.kind == "uint" and bit_of[field.when]
    if bit then rule = rule | f.ref(field.id):ne(field.default or 0) << bit end
  end
  return rule
end

local function joined(first_fields, fields, last)
  local all = table.move(fields, 1, #fields, #first_fields + 1, first_fields)
  all[#all + 1] = last
  return all
end

local contents = {
  f.le64("mac_timestamp", first(0, 8, {})),
  f.flags("Flags", 8, frame_flags, first(1, 1, { auto = 0 })),
  f.u8("Rate", first(2, 1, {})),
  f.le16("ChannelFrequency", first(3, 2, {})),
  f.flags("ChannelFlags", 16, channel_flags, more(3, { little = true, auto = 0 })),
  f.s8("dBm_AntSignal", first(5, 1, { printed = "-256" })),
  f.s8("dBm_AntNoise", first(6, 1, { printed = "-256" })),
  f.le16("Lock_Quality", first(7, 2, {})),
  f.le16("TX_Attenuation", own(8, 2, {})),    -- from the greatest power, unitless
  f.le16("dB_TX_Attenuation", own(9, 2, {})), -- the same in dB
  f.s8("dBm_TX_Power", own(10, 1, {})),
  f.u8("Antenna", first(11, 1, {})),
  f.u8("dB_AntSignal", own(12, 1, {})), -- over an arbitrary, fixed reference
  f.u8("dB_AntNoise", own(13, 1, {})),
  f.flags("RXFlags", 16, receive_flags, first(14, 2, { little = true, auto = 0 })),
  f.flags("TXFlags", 16, transmit_flags, first(15, 2, { little = true, auto = 0 })),
  f.u8("RTS_retries", own(16, 1, {})),
  f.u8("data_retries", own(17, 1, {})),
  f.flags("ChannelPlusFlags", 32, wide_channel_flags, first(18, 4, { little = true, auto = 0 })),
  f.le16("ChannelPlusFrequency", more(18, {})),
  -- and the greatest power, a byte
  f.u8("ChannelPlusNumber", more(18, { align = 4, class = "ByteField (Cond)" })),
  f.flags("knownMCS", 8, mcs_known, first(19, 1, { auto = 0 })),
  f.bits("Ness_LSB", 1, more(19, {})),
  f.bits("STBC_streams", 2, more(19, {})),
  f.bits("FEC_type", 1, more(19, { names = { [0] = "BCC", "LDPC" } })),
  f.bits("HT_format", 1, more(19, { names = { [0] = "mixed", "greenfield" } })),
  f.bits("guard_interval", 1, more(19, { names = { [0] = "Long_GI", "Short_GI" } })),
  f.bits("MCS_bandwidth", 2, more(19, { names = { [0] = "20MHz", "40MHz", "20L", "20U" } })),
  f.u8("MCS_index", more(19, {})),
  f.le32("A_MPDU_ref", first(20, 4, {})),
  f.flags("A_MPDU_flags", 32, a_mpdu_flags, more(20, { little = true, auto = 0 })),
  f.flags("KnownVHT", 16, vht_known, first(21, 2, { little = true, auto = 0 })),
  f.flags("PresentVHT", 8, vht_flags, more(21, { auto = 0 })),
  f.u8("VHT_bandwidth", more(21, { names = vht_bandwidths })),
  f.bytes("mcs_nss", more(21, { size = 5, printed = "0" })), -- of four users, and their coding
  f.u8("GroupID", more(21, {})),
  half(21, "PartialAID"),
  f.le64("timestamp", first(22, 8, {})),
  f.le16("ts_accuracy", more(22, {})),
  f.u8("ts_position", more(22, {})),
  f.u8("ts_flags", more(22, {})),
  f.le16("he_data1", first(23, 2, {})),
  half(23, "he_data2"),
  half(23, "he_data3"),
  half(23, "he_data4"),
  half(23, "he_data5"),
  half(23, "he_data6"),
  f.le16("hemu_flags1", first(24, 2, {})),
  f.le16("hemu_flags2", more(24, {})),
  f.list("RU_channel1", f.u8(), more(24, { count = 4, default = { 0, 0, 0, 0 }, printed = "[]" })),
  f.list("RU_channel2", f.u8(), more(24, { count = 4, default = { 0, 0, 0, 0 }, printed = "[]" })),
  f.le16("hemuou_per_user_1", first(25, 2, { default = 0x7fff })),
  f.le16("hemuou_per_user_2", more(25, { default = 0x3f })),
  f.u8("hemuou_per_user_position", more(25, {})),
  f.flags("hemuou_per_user_known", 8, user_known, more(25, {
    class = "FlagsField (Cond) (16 bits)",
  })),
  f.u8("zero_length_PSDU", own(26, 1, { names = psdu_types })),
  f.flags("lsig_data1", 16, l_sig_known, first(27, 2, { little = true })),
  -- Twelve bits of length over four of rate, least significant byte first; the Scapy server has a
  -- field for each, which lie across the two bytes.
  f.le16("lsig_data2", own(27, 2, { show = "hex" })),
  f.bits("lsig_length", 12, { when = 0 }),
  f.bits("lsig_rate", 4, { when = 0 }),
}

return {
  {
    id     = "RadioTapExtendedPresenceMask",
    title  = "RadioTap Extended presence mask",
    fallback = "Padding",
    fields = {
      f.flags("present", 32, presence, { little = true, auto = 0 }),
    },
  },
  {
    id     = "RadioTap",
    title  = "RadioTap dummy",
    over   = { PPI = { dlt = 127 } },
    link   = 127,
    next   = {
      { when = f.ref("Flags"):has(0x10):both(there(1)), id = "Dot11FCS" },
      { id = "Dot11" },
    },
    fields = joined({
      f.u8("version"),
      f.u8("pad"),
      f.le16("len", { auto = f.header(), class = "LEShortField" }),
      f.flags("present", 32, presence, { little = true, auto = presence_of(contents) }),
      f.layers("Ext", {
        of = "RadioTapExtendedPresenceMask", when = f.ref("present"):has(1 << 31),
        more = f.ref("present"):has(1 << 31),
      }),
    }, contents, f.bytes("notdecoded", { size = (f.ref "len" - f.header()):max(0) })),
  },
}
