-- Options of the IPv4 header: RFC 791 section 3.1 and, where it says so, later ones.
--
--    0 1   3         8               16
--   +-+---+---------+---------------+------
--   |c|cls| option  |    length     | value       c: copied into fragments; length counts all of it
--   +-+---+---------+---------------+------

local f = require "luapkt.field"

local classes = {
  [0] = "control",
  [1] = "reserved1",
  [2] = "debug",
  [3] = "reserved3",
}

-- https://www.iana.org/assignments/ip-parameters
local options = {
  [0]  = "end_of_list",
  [1]  = "nop",
  [2]  = "security",
  [3]  = "loose_source_route",
  [4]  = "timestamp",
  [5]  = "extended_security",
  [6]  = "commercial_security",
  [7]  = "record_route",
  [8]  = "stream_id",
  [9]  = "strict_source_route",
  [10] = "experimental_measurement",
  [11] = "mtu_probe",
  [12] = "mtu_reply",
  [13] = "flow_control",
  [14] = "access_control",
  [15] = "encode",
  [16] = "imi_traffic_descriptor",
  [17] = "extended_IP",
  [18] = "traceroute",
  [19] = "address_extension",
  [20] = "router_alert",
  [21] = "selective_directed_broadcast_mode",
  [23] = "dynamic_packet_state",
  [24] = "upstream_multicast_packet",
  [25] = "quick_start",
  [30] = "rfc4727_experiment",
}

local alerts = { [0] = "router_shall_examine_packet" }

local function copy_flag(default) return f.bits("copy_flag", 1, { default = default }) end
local function optclass() return f.bits("optclass", 2, { names = classes }) end
local function option(default) return f.bits("option", 5, { default = default, names = options }) end

-- The addresses after 'before' bytes.
local function addresses(id, before)
  return f.list(id, f.ipv4(), { size = f.ref "length" - before })
end

return {
  {
    id       = "IPOption",
    title    = "IP Option",
    fallback = "Padding",
    fields   = {
      copy_flag(0), optclass(), option(0),
      f.u8   ("length", { auto = f.size "value" + 2 }),
      f.bytes("value",  { size = f.ref "length" - 2 }),
    },
  },
  {
    id     = "IPOption_EOL",
    scapy  = true,
    title  = "IP Option End of Options List",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 0 } },
    fields = { copy_flag(0), optclass(), option(0) },
  },
  {
    id     = "IPOption_NOP",
    scapy  = true,
    title  = "IP Option No Operation",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 1 } },
    fields = { copy_flag(0), optclass(), option(1) },
  },
  {
    id     = "IPOption_Security",
    title  = "IP Option Security",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 2 } },
    fields = {
      copy_flag(1), optclass(), option(2),
      f.u8   ("length",                    { default = 11 }),
      f.u16  ("security"),
      f.u16  ("compartment"),
      f.u16  ("handling_restrictions"),
      f.bytes("transmission_control_code", { default = "xxx", size = 3 }),
    },
  },
  {
    id     = "IPOption_LSRR",
    scapy  = true,
    title  = "IP Option Loose Source and Record Route",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 3 } },
    fields = {
      copy_flag(1), optclass(), option(3),
      f.u8("length",  { auto = f.size "routers" + 3 }),
      f.u8("pointer", { default = 4 }),
      addresses("routers", 3),
    },
  },
  {
    id     = "IPOption_RR",
    scapy  = true,
    title  = "IP Option Record Route",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 7 } },
    fields = {
      copy_flag(0), optclass(), option(7),
      f.u8("length",  { auto = f.size "routers" + 3 }),
      f.u8("pointer", { default = 4 }),
      addresses("routers", 3),
    },
  },
  {
    id     = "IPOption_Stream_Id",
    title  = "IP Option Stream ID",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 8 } },
    fields = {
      copy_flag(1), optclass(), option(8),
      f.u8 ("length",   { default = 4 }),
      f.u16("security"),
    },
  },
  {
    id     = "IPOption_SSRR",
    scapy  = true,
    title  = "IP Option Strict Source and Record Route",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 9 } },
    fields = {
      copy_flag(1), optclass(), option(9),
      f.u8("length",  { auto = f.size "routers" + 3 }),
      f.u8("pointer", { default = 4 }),
      addresses("routers", 3),
    },
  },
  -- RFC 1063
  {
    id     = "IPOption_MTU_Probe",
    title  = "IP Option MTU Probe",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 11 } },
    fields = {
      copy_flag(0), optclass(), option(11),
      f.u8 ("length", { default = 4 }),
      f.u16("mtu"),
    },
  },
  {
    id     = "IPOption_MTU_Reply",
    title  = "IP Option MTU Reply",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 12 } },
    fields = {
      copy_flag(0), optclass(), option(12),
      f.u8 ("length", { default = 4 }),
      f.u16("mtu"),
    },
  },
  -- RFC 1393
  {
    id     = "IPOption_Traceroute",
    title  = "IP Option Traceroute",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 18 } },
    fields = {
      copy_flag(0), optclass(), option(18),
      f.u8  ("length", { default = 12 }),
      f.u16 ("id"),
      f.u16 ("outbound_hops"),
      f.u16 ("return_hops"),
      f.ipv4("originator_ip"),
    },
  },
  -- RFC 1475
  {
    id     = "IPOption_Address_Extension",
    title  = "IP Option Address Extension",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 19 } },
    fields = {
      copy_flag(1), optclass(), option(19),
      f.u8  ("length", { default = 10 }),
      f.ipv4("src_ext"),
      f.ipv4("dst_ext"),
    },
  },
  -- RFC 2113
  {
    id     = "IPOption_Router_Alert",
    scapy  = true,
    title  = "IP Option Router Alert",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 20 } },
    fields = {
      copy_flag(1), optclass(), option(20),
      f.u8 ("length", { default = 4 }),
      f.u16("alert",  { names = alerts }),
    },
  },
  -- RFC 1770
  {
    id     = "IPOption_SDBM",
    title  = "IP Option Selective Directed Broadcast Mode",
    base   = "IPOption",
    hidden = true,
    over   = { ["IP.options"] = { option = 21 } },
    fields = {
      copy_flag(1), optclass(), option(21),
      f.u8("length", { auto = f.size "addresses" + 2 }),
      addresses("addresses", 2),
    },
  },
}
