-- Protocol Independent Multicast, version 2: sparse mode, RFC 7761 section 4.9, and its bootstrap
-- messages, RFC 5059 section 4; dense mode's graft and state refresh, RFC 3973 section 4.7. Options
-- of hellos: https://www.iana.org/assignments/pim-parameters.
--
--    0   4   8       16              31
--   +---+---+-------+---------------+
--   |ver|typ|reserv.|    chksum     |
--   +---+---+-------+---------------+
--   |family |encod. | address, 4 or 16 bytes      a unicast address
--   |family |encod. |B| reserved  |Z|mask_len| address      a group
--   |family |encod. |reserv.|S|W|R|mask_len| address      a source

local f = require "luapkt.field"

local types = {
  [0] = "Hello", "Register", "Register-Stop", "Join/Prune", "Bootstrap", "Assert", "Graft", "Graft-Ack",
  "Candidate-RP-Advertisement", "State Refresh",
}

local families = { "IPv4", "IPv6" }

local option_types = {
  [1] = "Holdtime", [2] = "LAN Prune Delay", [19] = "DR Priority", [20] = "Generation ID",
  [21] = "State Refresh Capable", [22] = "Bidirectional Capable", [24] = "Address List",
}

local REGISTER = 1

-- An encoded address: what it is set to says which family it has. Bytes of other families can't be
-- told from what follows them.
local function address(id, family)
  return f.choice(id, {
    { when = f.ref(family):ne(2), f.ipv4() },
    { f.ipv6() },
  }, { by_value = true })
end

local function family_of(name, id)
  return
    f.u8(name .. "family",   { auto = f.form(id) + 1, names = families }),
    f.u8(name .. "encoding")
end

local function names(prefix)
  if prefix == "" then return "", "address" end
  return prefix .. "_", prefix
end

local function unicast(prefix)
  local name, id = names(prefix)
  local family, encoding = family_of(name, id)
  return { family, encoding, address(id, name .. "family") }
end

local function mask_length(name, id)
  return f.u8(name .. "mask_len", { auto = f.form(id):pick(128, 32) })
end

local function group(prefix)
  local name, id = names(prefix)
  local family, encoding = family_of(name, id)
  return {
    family, encoding,
    f.bits(name .. "B", 1),        -- bidirectional
    f.bits(name .. "reserved", 6),
    f.bits(name .. "Z", 1),        -- an administrative scope
    mask_length(name, id), address(id, name .. "family"),
  }
end

local function source(prefix)
  local name, id = names(prefix)
  local family, encoding = family_of(name, id)
  return {
    family, encoding,
    f.bits(name .. "reserved", 5),
    f.bits(name .. "S", 1, { default = 1 }), -- sparse
    f.bits(name .. "W", 1),                  -- wildcard
    f.bits(name .. "R", 1),                  -- of the shared tree
    mask_length(name, id), address(id, name .. "family"),
  }
end

-- Lists of fields as one.
local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

local function message(id, numbers, ...)
  local ways = {}
  for i, number in ipairs(numbers) do ways[i] = { type = number } end
  return { id = id, extra = true, over = { PIM = ways }, fields = joined(...) }
end

-- A hello's option of that type, which bytes are where they have just as many as its fields.
local function option(id, number, length, ...)
  return {
    id = id, extra = true, base = "PIM_HelloOption", extent = 4 + f.ref "length",
    variant_of = { PIM_HelloOption = f.peek(0, 16):eq(number):both(f.peek(16, 16):eq(length)) },
    fields = {
      f.u16("type",   { default = number, names = option_types }),
      f.u16("length", { auto = f.header() - 4 }),
      ...,
    },
  }
end

local function item(id, title, ...)
  return { id = id, title = title, extra = true, fields = joined(...) }
end

return {
  {
    id     = "PIM",
    title  = "Protocol Independent Multicast",
    extra  = true,
    over   = {
      IP   = { { proto = 103, when = f.peek(0, 4):eq(2) } },
      IPv6 = { { nh = 103, when = f.peek(0, 4):eq(2) } },
    },
    fields = {
      f.bits("version", 4, { default = 2 }),
      f.bits("type", 4,    { names = types }),
      f.u8  ("reserved"),
      -- Without the packet that is registered; with the pseudo-header of IPv6 alone.
      f.u16 ("chksum",     { show = "hex", auto = f.checksum("inet", {
        pseudo = 103, only_ipv6 = true, over = f.ref "type":eq(REGISTER):pick(8, f.header() + f.payload()),
      }) }),
    },
  },

  message("PIM_Hello", { 0 }, {
    f.layers("options", { of = "PIM_HelloOption" }),
  }),

  {
    id     = "PIM_Register",
    extra  = true,
    over   = { PIM = { type = REGISTER } },
    next   = {
      { when = f.peek(0, 4):eq(4), id = "IP" },
      { when = f.peek(0, 4):eq(6), id = "IPv6" },
    },
    fields = {
      f.bits("B", 1),  -- from a border
      f.bits("N", 1),  -- null: without data
      f.bits("reserved", 30),
    },
  },

  message("PIM_RegisterStop", { 2 }, group "group", unicast "source"),

  message("PIM_JoinPrune", { 3, 6, 7 }, unicast "upstream_neighbor", {
    f.u8    ("reserved"),
    f.u8    ("num_groups", { auto = f.count "groups" }),
    f.u16   ("holdtime",   { default = 210 }),
    f.layers("groups",     { of = "PIM_JoinPruneGroup", count = f.ref "num_groups" }),
  }),
  item("PIM_JoinPruneGroup", "PIM Join/Prune Group", group "", {
    f.u16   ("num_joined", { auto = f.count "joined" }),
    f.u16   ("num_pruned", { auto = f.count "pruned" }),
    f.layers("joined",     { of = "PIM_Source", count = f.ref "num_joined" }),
    f.layers("pruned",     { of = "PIM_Source", count = f.ref "num_pruned" }),
  }),
  item("PIM_Source", "PIM Encoded Source", source ""),

  message("PIM_Bootstrap", { 4 }, {
    f.u16   ("fragment_tag"),
    f.u8    ("hash_mask_len", { default = 30 }),
    f.u8    ("bsr_priority"),
  }, unicast "bsr", {
    f.layers("groups", { of = "PIM_BootstrapGroup" }),
  }),
  item("PIM_BootstrapGroup", "PIM Bootstrap Group", group "", {
    f.u8    ("rp_count",      { auto = f.count "rps" }),
    f.u8    ("frag_rp_count", { auto = f.count "rps" }),
    f.u16   ("reserved2"),
    f.layers("rps",           { of = "PIM_BootstrapRP", count = f.ref "frag_rp_count" }),
  }),
  item("PIM_BootstrapRP", "PIM Bootstrap RP", unicast "", {
    f.u16("holdtime", { default = 150 }),
    f.u8 ("priority"),
    f.u8 ("reserved"),
  }),

  message("PIM_Assert", { 5 }, group "group", unicast "source", {
    f.bits("R", 1), -- of the shared tree
    f.bits("metric_preference", 31),
    f.u32 ("metric"),
  }),

  message("PIM_CandidateRP", { 8 }, {
    f.u8 ("prefix_count", { auto = f.count "groups" }),
    f.u8 ("priority",     { default = 192 }),
    f.u16("holdtime",     { default = 150 }),
  }, unicast "rp", {
    f.layers("groups", { of = "PIM_Group", count = f.ref "prefix_count" }),
  }),
  item("PIM_Group", "PIM Encoded Group", group ""),
  item("PIM_Unicast", "PIM Encoded Unicast", unicast ""),

  message("PIM_StateRefresh", { 9 }, group "group", unicast "source", unicast "originator", {
    f.bits("R", 1),
    f.bits("metric_preference", 31),
    f.u32 ("metric"),
    f.u8  ("mask_len", { default = 32 }),
    f.u8  ("ttl",      { default = 16 }),
    f.bits("P", 1),    -- prune indicator
    f.bits("N", 1),    -- prune now
    f.bits("O", 1),    -- assert override
    f.bits("reserved", 5),
    f.u8  ("interval", { default = 60 }),
  }),

  -- An option of a type that has no declaration below, or of another length.
  {
    id     = "PIM_HelloOption",
    title  = "PIM Hello Option",
    extra  = true,
    extent = 4 + f.ref "length",
    fields = {
      f.u16  ("type",   { default = 22, names = option_types }),
      f.u16  ("length", { auto = f.header() - 4 }),
      f.bytes("value",  { size = f.ref "length" }),
    },
  },
  option("PIM_Holdtime", 1, 2,
    f.u16("holdtime", { default = 105 })),
  option("PIM_LANPruneDelay", 2, 4,
    f.bits("T", 1),
    f.bits("propagation_delay", 15, { default = 500 }),
    f.u16 ("override_interval",     { default = 2500 })),
  option("PIM_DRPriority", 19, 4,
    f.u32("dr_priority", { default = 1 })),
  option("PIM_GenerationID", 20, 4,
    f.u32("generation_id", { show = "hex" })),
  option("PIM_StateRefreshCapable", 21, 4,
    f.u8 ("version",  { default = 1 }),
    f.u8 ("interval", { default = 60 }),
    f.u16("reserved")),
  {
    id = "PIM_AddressList", extra = true, base = "PIM_HelloOption", extent = 4 + f.ref "length",
    variant_of = { PIM_HelloOption = f.peek(0, 16):eq(24) },
    fields = {
      f.u16   ("type",      { default = 24, names = option_types }),
      f.u16   ("length",    { auto = f.header() - 4 }),
      f.layers("addresses", { of = "PIM_Unicast", size = f.ref "length" }),
    },
  },
}
