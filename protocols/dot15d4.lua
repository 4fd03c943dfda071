-- Low-rate wireless networks, IEEE 802.15.4-2006: the frame control field, section 7.2.1.1, and
-- what follows it in beacons, data, acknowledgments and commands, section 7.2.2; the commands of
-- section 7.3; the auxiliary security header, section 7.6.2. Numbers are least significant byte
-- first; the bits of the control field are listed as they lie in its two bytes, highest first. The
-- frame check sequence is no part of it (LINKTYPE_IEEE802_15_4_NOFCS).
--
--    0               16      24
--   +---------------+-------+----------------------+
--   | frame control |seqnum | PANs, addresses, ... |
--   +---------------+-------+----------------------+
--
-- A beacon's lists of guaranteed time slots and of pending addresses are read as what follows it.
-- The counts of pending addresses stand in the order that clients know, highest bit first as all
-- others, where section 7.2.2.1.6 has them from the lowest.

local f = require "luapkt.field"

local cmd_ids = {
  [1] = "AssocReq",
  [2] = "AssocResp",
  [3] = "DisassocNotify",
  [4] = "DataReq",
  [5] = "PANIDConflictNotify",
  [6] = "OrphanNotify",
  [7] = "BeaconReq",
  [8] = "CoordRealign",
  [9] = "GTSReq",
}

local association_status = {
  [0] = "successful",
  [1] = "PAN_at_capacity",
  [2] = "PAN_access_denied",
}

local disassociation_reasons = { "coord_wishes_device_to_leave", "device_wishes_to_leave" }

-- A bit that clients see as JSON's true or false.
local truth = { [0] = "False", "True", aliases = { ["false"] = 0, ["true"] = 1 } }
local frames = { [0] = "Beacon", "Data", "Ack", "Command" }
local modes = { [0] = "None", "Reserved", "Short", "Long" }
local key_modes = {
  [0] = "Implicit", "1oKeyIndex", "4o-KeySource-1oKeyIndex", "8o-KeySource-1oKeyIndex",
}
local levels = {
  [0] = "None", "MIC-32", "MIC-64", "MIC-128", "ENC", "ENC-MIC-32", "ENC-MIC-64", "ENC-MIC-128",
}

local function boolean(id, default)
  return f.bits(id, 1, { names = truth, show = "boolean", default = default })
end

-- An acknowledgment has no addresses, section 7.2.2.3; a beacon only that of its sender, section
-- 7.2.2.1.1.
local no_destination = f.ref("fcf_frametype"):eq(2):either(f.above("Dot15d4Ack", "Dot15d4Beacon"))

local has_destination = f.under("fcf_destaddrmode"):ne(0)
local is_secured = f.under "fcf_security"
local has_source = f.under("fcf_srcaddrmode"):ne(0)
local has_source_pan = has_source:both(f.under("fcf_panidcompress"):eq(0))

local function security()
  return f.layer("aux_sec_header", {
    of = "Dot15d4AuxSecurityHeader", default = 1, when = is_secured, class = "PacketField (Cond)",
  })
end

-- An address in the form that the frame control field says: none, of 2 bytes or of 8.
local function address(id, mode, default, printed, conditional)
  local class = "dot15d4AddressField" .. (conditional and " (Cond)" or "")
  return f.choice(id, {
    { when = f.under(mode):eq(3), f.le64(nil, { show = "eui64", default = default }) },
    { f.le16(nil, { show = "hex", default = default }) },
  }, { class = class, printed = printed, when = f.under(mode):ne(0) })
end

local function destination_pan()
  return f.le16("dest_panid", {
    default = 0xffff, show = "hex", when = has_destination, class = "XLEShortField",
  })
end

-- The start of a frame; behind that of Dot15d4FCS the frame has its check sum, clause 7.2.1.9.
local function start(last)
  return {
    f.bits("fcf_reserved_1", 1),
    boolean("fcf_panidcompress"),
    boolean("fcf_ackreq"),
    boolean("fcf_pending"),
    boolean("fcf_security"),
    f.bits("fcf_frametype", 3, { names = frames }),
    f.bits("fcf_srcaddrmode", 2, {
      default = 0, names = modes, auto = f.above("Dot15d4Beacon"):pick(2, 0),
    }),
    f.bits("fcf_framever", 2),
    f.bits("fcf_destaddrmode", 2, {
      default = 2, names = modes, auto = no_destination:pick(0, 2),
    }),
    f.bits("fcf_reserved_2", 2),
    f.u8("seqnum", { default = 1 }),
    last,
  }
end

return {
  {
    id     = "Dot15d4",
    title  = "802.15.4",
    over   = { ZEP1 = {}, ZEP2 = {}, PPI = { dlt = 230 } },
    link   = 230,
    fields = start(),
  },
  {
    id      = "Dot15d4FCS",
    hidden  = true,
    base    = "Dot15d4",
    carries = "Dot15d4",
    over    = { PPI = { dlt = 195 } },
    link    = 195,
    fields  = start(f.le16("fcs", {
      trailer = true, auto = f.checksum "crc16", show = "hex", class = "FCSField",
    })),
  },
  {
    id     = "Dot15d4AuxSecurityHeader",
    title  = "802.15.4 Auxiliary Security Header",
    fields = {
      f.bits("sec_sc_reserved", 3),
      f.bits("sec_sc_keyidmode", 2, { names = key_modes }),
      f.bits("sec_sc_seclevel", 3, { names = levels }),
      f.le32("sec_framecounter", { show = "hex" }),
      f.le32("sec_keyid_keysource", { show = "hex", when = f.ref("sec_sc_keyidmode"):eq(2) }),
      f.le64("sec_keyid_keysource", { when = f.ref("sec_sc_keyidmode"):eq(3) }),
      f.u8("sec_keyid_keyindex", {
        default = 0xff, show = "hex", when = f.ref("sec_sc_keyidmode"):ne(0),
      }),
    },
  },
  {
    id     = "Dot15d4Ack",
    hidden = true,
    over   = { Dot15d4 = { fcf_frametype = 2 } },
  },
  {
    id     = "Dot15d4Data",
    title  = "802.15.4 Data",
    over   = { Dot15d4 = { fcf_frametype = 1 } },
    pseudo = { link_src = "src_addr", link_dst = "dest_addr" },
    fields = {
      destination_pan(),
      address("dest_addr", "fcf_destaddrmode", 0xffff, "65535"),
      f.le16("src_panid", { show = "hex", when = has_source_pan }),
      address("src_addr", "fcf_srcaddrmode", nil, "None", true),
      security(),
    },
  },
  {
    id     = "Dot15d4Beacon",
    title  = "802.15.4 Beacon",
    payloads = {},
    over   = { Dot15d4 = { fcf_frametype = 0 } },
    fields = {
      f.le16("src_panid", { show = "hex" }),
      address("src_addr", "fcf_srcaddrmode", nil, "None"),
      security(),
      f.bits("sf_sforder", 4, { default = 15 }),
      f.bits("sf_beaconorder", 4, { default = 15 }),
      boolean("sf_assocpermit"),
      boolean("sf_pancoord"),
      f.bits("sf_reserved", 1),
      boolean("sf_battlifeextend"),
      f.bits("sf_finalcapslot", 4, { default = 15 }),
      boolean("gts_spec_permit", 1),
      f.bits("gts_spec_reserved", 4),
      f.bits("gts_spec_desccount", 3),
      f.bits("gts_dir_reserved", 1, { when = f.ref("gts_spec_desccount"):ne(0) }),
      f.bits("gts_dir_mask", 7, { when = f.ref("gts_spec_desccount"):ne(0) }),
      f.bits("pa_num_short", 3),
      f.bits("pa_reserved_1", 1),
      f.bits("pa_num_long", 3),
      f.bits("pa_reserved_2", 1),
    },
  },
  {
    id     = "Dot15d4Cmd",
    title  = "802.15.4 Command",
    payloads = {},
    over   = { Dot15d4 = { fcf_frametype = 3 } },
    fields = {
      destination_pan(),
      address("dest_addr", "fcf_destaddrmode", 0, "0"),
      f.le16("src_panid", { show = "hex", when = has_source_pan }),
      address("src_addr", "fcf_srcaddrmode", nil, "None", true),
      security(),
      f.u8("cmd_id", { names = cmd_ids }),
    },
  },
  {
    id     = "Dot15d4CmdAssocReq",
    title  = "802.15.4 Association Request Payload",
    over   = { Dot15d4Cmd = { cmd_id = 1 } },
    fields = {
      f.bits("allocate_address", 1),
      f.bits("security_capability", 1),
      f.bits("reserved2", 1),
      f.bits("reserved1", 1),
      f.bits("receiver_on_when_idle", 1),
      f.bits("power_source", 1),
      f.bits("device_type", 1),
      f.bits("alternate_pan_coordinator", 1),
    },
  },
  {
    id     = "Dot15d4CmdAssocResp",
    title  = "802.15.4 Association Response Payload",
    over   = { Dot15d4Cmd = { cmd_id = 2 } },
    fields = {
      f.le16("short_address", { default = 0xffff, show = "hex" }),
      f.u8("association_status", { names = association_status }),
    },
  },
  {
    id     = "Dot15d4CmdDisassociation",
    title  = "802.15.4 Disassociation Notification Payload",
    over   = { Dot15d4Cmd = { cmd_id = 3 } },
    fields = {
      f.u8("disassociation_reason", { default = 2, names = disassociation_reasons }),
    },
  },
  {
    id     = "Dot15d4CmdCoordRealign",
    title  = "802.15.4 Coordinator Realign Command",
    over   = { Dot15d4Cmd = { cmd_id = 8 } },
    fields = {
      f.le16("panid", { default = 0xffff, show = "hex" }),
      f.le16("coord_address", { show = "hex" }),
      f.u8("channel"),
      f.le16("dev_address", { default = 0xffff, show = "hex" }),
    },
  },
  {
    id     = "Dot15d4CmdGTSReq",
    title  = "802.15.4 GTS request command",
    over   = { Dot15d4Cmd = { cmd_id = 9 } },
    fields = {
      f.bits("reserved", 2),
      f.bits("charact_type", 1),
      f.bits("gts_dir", 1),
      f.bits("gts_len", 4),
    },
  },
}
