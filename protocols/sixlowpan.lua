-- IPv6 over IEEE 802.15.4: the adaptation layer's headers, RFC 4944 sections 5 and 10, and compressed
-- IPv6 headers (LOWPAN_IPHC) with the compressed UDP header behind them, RFC 6282 sections 3 and 4.3.
-- The first bits of a header say which it is. Addresses of a compressed header are shown as the bytes
-- that are there. Checksums know what is elided where it follows from the layer below (section 3.1.1 and
-- 3.2.2); what a context says isn't in the packet.
--
--    0    3   5   6    8   9   10    12 13  14    16
--   +----+---+---+----+---+---+-----+--+---+-----+------------------
--   |011 |TF |NH |HLIM|CID|SAC| SAM |M |DAC| DAM | inline fields ...
--   +----+---+---+----+---+---+-----+--+---+-----+------------------

local f = require "luapkt.field"

-- The first bits of what follows, RFC 4944 figure 2 and RFC 6282 section 3.1.
local is_plain = f.peek(0, 8):eq(0x41)
local is_hc1 = f.peek(0, 8):eq(0x42)
local is_iphc = f.peek(0, 3):eq(3)
local is_mesh = f.peek(0, 2):eq(2)
local is_first = f.peek(0, 5):eq(0x18)
local is_subsequent = f.peek(0, 5):eq(0x1c)

-- A header may come first in a frame of data, or behind another.
local function heads(rule)
  return { Dot15d4Data = { { when = rule, listed = false } } }, { SixLoWPAN = rule }
end

local behind = {
  { when = is_plain,      id = "LoWPANUncompressedIPv6" },
  { when = is_hc1,        id = "LoWPAN_HC1" },
  { when = is_iphc,       id = "LoWPAN_IPHC" },
  { when = is_first,      id = "LoWPANFragmentationFirst" },
  { when = is_subsequent, id = "LoWPANFragmentationSubsequent" },
}

local plain_over, plain_variant = heads(is_plain)
local hc1_over, hc1_variant = heads(is_hc1)
local iphc_over, iphc_variant = heads(is_iphc)
local mesh_over, mesh_variant = heads(is_mesh)
local first_over, first_variant = heads(is_first)
local subsequent_over, subsequent_variant = heads(is_subsequent)

local truth = { [0] = "False", "True" }

-- An address of the link: 16 bits where the flag is set, 64 otherwise.
local function link_address(id, flag)
  return f.choice(id, {
    { when = f.ref(flag):eq(1), f.u16(nil, { show = "hex" }) },
    { f.u64(nil, { show = "hex" }) },
  }, { class = "SixLoWPANAddrField", printed = "0" })
end

local tf, sac, sam = f.ref "tf", f.ref "sac", f.ref "sam"
local multicast, dac, dam = f.ref "m", f.ref "dac", f.ref "dam"

-- The bytes of addresses that are there, RFC 6282 section 3.1.1.
local function unicast_size(mode, stateful)
  return mode:eq(0):pick(stateful:pick(0, 16), mode:eq(1):pick(8, mode:eq(2):pick(2, 0)))
end
local multicast_size = dac:pick(dam:eq(0):pick(6, 0),
  dam:eq(0):pick(16, dam:eq(1):pick(6, dam:eq(2):pick(4, 1))))
local source_size = unicast_size(sam, sac)
local destination_size = multicast:pick(multicast_size, unicast_size(dam, dac))

-- The compressed UDP header: 11110, whether the checksum is elided, and how the ports are.
local has_udp = f.ref("nh"):eq(1)
local udp_head = f.ref "header_compression"
local is_udp = has_udp:both((udp_head & 0xf8):eq(0xf0))
local ports = udp_head & 3

local function port(id, short, plain_when)
  return f.choice(id, {
    { when = ports:eq(3), f.bits(nil, 4) },
    { when = ports:eq(short), f.u8() },
    { f.u16() },
  }, { when = plain_when, class = "BitVarSizeField" })
end

-- The port that a compressed one stands for.
local function whole_port(id, short)
  return ports:eq(3):pick(0xf0b0 + f.ref(id), ports:eq(short):pick(0xf000 + f.ref(id), f.ref(id)))
end

-- What a unicast address is whose mode is not stateful: those of a context can't be told.
local LINK_LOCAL = "\xfe\x80"
local SHORT = LINK_LOCAL .. ("\0"):rep(9) .. "\xff\xfe"
local function unicast_forms(mode, stateless)
  return {
    { when = stateless:both(mode:eq(0)) },
    { when = stateless:both(mode:eq(1)), prefix = LINK_LOCAL },
    { when = stateless:both(mode:eq(2)), prefix = SHORT },
    { when = stateless:both(mode:eq(3)), prefix = LINK_LOCAL, link = true },
  }
end

local source_forms = unicast_forms(sam, sac:eq(0))
table.insert(source_forms, { when = sam:eq(0) }) -- the unspecified address

local destination_forms = unicast_forms(dam, dac:eq(0):both(multicast:eq(0)))
local to_group = multicast:both(dac:eq(0))
table.move({
  { when = to_group:both(dam:eq(0)) },
  { when = to_group:both(dam:eq(3)), prefix = "\xff\2" },
  { when = to_group,                 prefix = "\xff", head = 1 },
}, 1, 3, #destination_forms + 1, destination_forms)

return {
  {
    id     = "SixLoWPAN",
    hidden = true,
    next   = table.move(behind, 1, #behind, 2, { { when = is_mesh, id = "LoWPANMesh" } }),
  },
  {
    id         = "LoWPANUncompressedIPv6",
    title      = "6LoWPAN Uncompressed IPv6",
    over       = plain_over,
    variant_of = plain_variant,
    next       = { { id = "IPv6" } },
    fields     = {
      f.bits("_type", 8),
    },
  },
  {
    -- The byte of hops that follows where all bits of _hopsLeft are set, RFC 4944 section 5.2, is none of
    -- the fields.
    id         = "LoWPANMesh",
    title      = "6LoWPAN Mesh Packet",
    payloads   = { "Raw" },
    over       = mesh_over,
    variant_of = mesh_variant,
    next       = behind,
    pseudo     = { link_src = "_sourceAddr", link_dst = "_destinyAddr" },
    fields     = {
      f.bits("reserved", 2, { default = 2 }),
      f.bits("_v", 1, { names = truth }),
      f.bits("_f", 1, { names = truth }),
      f.bits("_hopsLeft", 4),
      link_address("_sourceAddr", "_v"),
      link_address("_destinyAddr", "_f"),
    },
  },
  {
    id         = "LoWPANFragmentationFirst",
    title      = "6LoWPAN First Fragmentation Packet",
    over       = first_over,
    variant_of = first_variant,
    next       = behind,
    fields     = {
      f.bits("reserved", 5, { default = 0x18 }),
      f.bits("datagramSize", 11),
      f.u16("datagramTag", { show = "hex" }),
    },
  },
  {
    id         = "LoWPANFragmentationSubsequent",
    title      = "6LoWPAN Subsequent Fragmentation Packet",
    over       = subsequent_over,
    variant_of = subsequent_variant,
    fields     = {
      f.bits("reserved", 5, { default = 0x1c }),
      f.bits("datagramSize", 11),
      f.u16("datagramTag", { show = "hex", printed = "<RandShort>" }),
      f.u8("datagramOffset"),
    },
  },
  {
    -- RFC 4944 section 10.1: the fields that the byte of encodings says are there follow, bit by bit.
    id         = "LoWPAN_HC1",
    hidden     = true,
    over       = hc1_over,
    variant_of = hc1_variant,
    fields     = {
      f.u8("dispatch", { default = 0x42, show = "hex" }),
      f.u8("encoding", { show = "hex" }),
      f.u8("hop_limit"),
    },
  },
  {
    id         = "LoWPAN_IPHC",
    title      = "LoWPAN IP Header Compression Packet",
    over       = iphc_over,
    variant_of = iphc_variant,
    carries    = { "IPv6", nh = "_nhField" },
    next       = { { when = has_udp, id = "Raw" } },
    pseudo     = {
      src = "sourceAddr", dst = "destinyAddr", expand_src = source_forms, expand_dst = destination_forms,
    },
    fields     = {
      f.bits("_reserved", 3, { default = 3 }),
      f.bits("tf", 2),
      f.bits("nh", 1),
      f.bits("hlim", 2),
      f.bits("cid", 1),
      f.bits("sac", 1),
      f.bits("sam", 2),
      f.bits("m", 1),
      f.bits("dac", 1),
      f.bits("dam", 2),
      f.u8("_contextIdentifierExtension", { when = f.ref("cid"):eq(1) }),
      f.bits("tc_ecn", 2, { when = tf:ne(3) }),
      f.bits("tc_dscp", 6, { when = tf:one_of(0, 2) }),
      f.choice("_padd", {
        { when = tf:eq(0), f.bits(nil, 4) },
        { f.bits(nil, 2) },
      }, { when = tf:one_of(0, 1) }),
      f.bits("flowlabel", 20, { when = tf:one_of(0, 1) }),
      f.u8("_nhField", { names = "ip_protos", when = has_udp:no() }),
      f.u8("_hopLimit", { when = f.ref("hlim"):eq(0) }),
      f.bytes("sourceAddr", { size = source_size, fit = true, show = "hex" }),
      f.bytes("destinyAddr", { size = destination_size, fit = true, show = "hex" }),
      f.u8("header_compression", { default = 0xf0, show = "hex", when = has_udp }),
      port("udpSourcePort", 2, is_udp),
      port("udpDestinyPort", 1, is_udp),
      f.u16("udpChecksum", {
        show = "hex", when = is_udp:both((udp_head & 4):eq(0)), auto = f.checksum("inet", {
          over = "payload", pseudo = 17, own = true, zero_as = 0xffff,
          words = {
            whole_port("udpSourcePort", 2), whole_port("udpDestinyPort", 1), 8 + f.payload(), 0,
          },
        }),
      }),
    },
  },
}
