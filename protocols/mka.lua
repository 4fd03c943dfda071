-- MACsec Key Agreement, IEEE 802.1X-2010 clause 11.11: a basic parameter set and others behind it,
-- each with its type, flags and a length of 12 bits; padded to 4 bytes.
--
--    0       8       16    20        31
--   +-------+-------+-----+---------+
--   |version|priori.|flags| length  |  basic parameter set
--   | type  | flags ...   | length  |  the others
--   +-------+-------+-----+---------+

local f = require "luapkt.field"

local types = {
  [1]   = "Live Peer List",
  [2]   = "Potential Peer List",
  [3]   = "MACsec SAK Use",
  [4]   = "Distributed SAK",
  [5]   = "Distributed CAK",
  [6]   = "KMD",
  [7]   = "Announcement",
  [255] = "ICV Indicator",
}

-- With the byte behind it, which is not used.
local function padded_type(default)
  return f.u8("param_set_type", { default = default, names = types, align = 2 })
end

local function number(id, size) return f.bytes(id, { size = size, show = "hex" }) end

local function parameter_set(kind, decl)
  decl.hidden     = true
  decl.variant_of = { MKAParamSet = f.peek(0, 8):eq(kind) }
  return decl
end

local function peers(id, kind)
  return parameter_set(kind, {
    id     = id,
    extent = f.ref "param_set_body_len" + 4,
    fields = {
      padded_type(kind),
      f.u16   ("param_set_body_len"),
      f.layers("member_id_message_num", { of = "MKAPeerListTuple",
                                          size = f.ref "param_set_body_len" }),
    },
  })
end

return {
  {
    id     = "MACsecSCI",
    title  = "SCI",
    fallback = "Padding",
    fields = {
      f.mac("system_identifier", { class = "SourceMACField", printed = "None" }),
      f.u16("port_identifier"),
    },
  },
  {
    id     = "MKABasicParamSet",
    title  = "Basic Parameter Set",
    payloads = {},
    fields = {
      f.u8   ("mka_version_id"),
      f.u8   ("key_server_priority"),
      f.bits ("key_server", 1),
      f.bits ("macsec_desired", 1),
      f.bits ("macsec_capability", 2),
      f.bits ("param_set_body_len", 12),
      f.layer("SCI",                  { of = "MACsecSCI", size = 8, default = 1,
                                        class = "PacketField" }),
      number ("actor_member_id", 12),
      f.u32  ("actor_message_number", { show = "hex" }),
      f.u32  ("algorithm_agility",    { show = "hex" }),
      f.bytes("cak_name",             { size = (f.ref "param_set_body_len" - 28):max(0),
                                        align = 4 }),
    },
  },
  {
    id     = "MKAPeerListTuple",
    title  = "Peer List Tuple",
    fields = {
      number("member_id", 12),
      number("message_number", 4),
    },
  },
  {
    id     = "MKAPDU",
    title  = "MKPDU",
    over   = { EAPOL = { type = 5 } },
    fields = {
      f.choice("basic_param_set", {
        { when = f.left():gt(0), f.layer(nil, { of = "MKABasicParamSet",
                                                size = (f.peek(20, 12) + 7) // 4 * 4 }) },
        { f.bytes(nil, { size = 0 }) },
      }, { by_value = true, class = "PacketField" }),
      f.layers("parameter_sets", { of = "MKAParamSet", class = "MKAParamSetPacketListField" }),
    },
  },
  -- One that none of the following claims is Raw, and building one gives a Raw layer.
  { id = "MKAParamSet", hidden = true, builds = "Raw" },
  peers("MKALivePeerListParamSet", 1),
  peers("MKAPotentialPeerListParamSet", 2),
  parameter_set(3, {
    id     = "MKASAKUseParamSet",
    extent = f.ref "param_set_body_len" + 4,
    fields = {
      f.u8  ("param_set_type", { default = 3, names = types }),
      f.bits("latest_key_an", 2),
      f.bits("latest_key_tx", 1),
      f.bits("latest_key_rx", 1),
      f.bits("old_key_an", 2),
      f.bits("old_key_tx", 1),
      f.bits("old_key_rx", 1),
      f.bits("plain_tx", 1),
      f.bits("plain_rx", 1),
      f.bits("X", 1),
      f.bits("delay_protect", 1),
      f.bits("param_set_body_len", 12),
      number("latest_key_key_server_member_id", 12),
      number("latest_key_key_number", 4),
      number("latest_key_lowest_acceptable_pn", 4),
      number("old_key_key_server_member_id", 12),
      number("old_key_key_number", 4),
      number("old_key_lowest_acceptable_pn", 4),
    },
  }),
  parameter_set(4, {
    id     = "MKADistributedSAKParamSet",
    extent = f.ref "param_set_body_len" + 4,
    fields = {
      f.u8   ("param_set_type",      { default = 4, names = types }),
      f.bits ("distributed_an", 2),
      f.bits ("confidentiality_offset", 2),
      f.bits ("unused", 4),
      f.u16  ("param_set_body_len"),
      number ("key_number", 4),
      f.bytes("macsec_cipher_suite", { size = 8, show = "hex",
                                       when = f.ref("param_set_body_len"):gt(28) }),
      number ("sak_aes_key_wrap", 24),
    },
  }),
  parameter_set(5, {
    id     = "MKADistributedCAKParamSet",
    extent = f.ref "param_set_body_len" + 4,
    fields = {
      padded_type(5),
      f.u16  ("param_set_body_len"),
      number ("cak_aes_key_wrap", 24),
      f.bytes("cak_key_name", { show = "hex" }),
    },
  }),
  -- The integrity check value is behind the set's own length; its 16 bytes are not counted.
  parameter_set(255, {
    id     = "MKAICVSet",
    extent = 20,
    fields = {
      padded_type(255),
      f.u16 ("param_set_body_len"),
      number("icv", 16),
    },
  }),
}
