-- Generic Network Virtualization Encapsulation, RFC 8926. It carries by the number of an ethertype,
-- as GRE does.
--
--    0   2       8 9 10      16              24              31
--   +---+-------+-+-+-------+-------------------------------+
--   |ver|optlen |o|c|reserv.|             proto             |  in 32-bit units; OAM, critical
--   |                  vni                  |   reserved2   |
--   |                      options ...                      |
--   +-------------------------------------------------------+
--
-- An option:
--
--    0               16              24    27        31
--   +---------------+---------------+-----+---------+
--   |    classid    |     type      |res. | length  |  in 32-bit units, these four bytes not counted
--   |                   data ...                    |
--   +-----------------------------------------------+

local f = require "luapkt.field"

local classes = {
  [0x0100] = "Linux",
  [0x0101] = "Open vSwitch (OVS)",
  [0x0102] = "Open Virtual Networking (OVN)",
  [0x0103] = "In-band Network Telemetry (INT)",
  [0x0104] = "VMware",
}

return {
  {
    id      = "GENEVE",
    extra   = true,
    over    = { UDP = { { dport = 6081 }, build = { sport = 6081, dport = 6081 } } },
    carries = { "GRE", proto = "proto" },
    fields  = {
      f.bits  ("version", 2),
      f.bits  ("optionlen", 6, { auto = f.size "options" // 4 }),
      f.bits  ("oam", 1),
      f.bits  ("critical", 1),
      f.bits  ("reserved", 6),
      f.u16   ("proto",        { names = "ethertypes", show = "hex" }),
      f.u24   ("vni",          { show = "hex" }),
      f.u8    ("reserved2",    { show = "hex" }),
      f.layers("options",      { of = "GeneveOptions", size = f.ref "optionlen" * 4 }),
    },
  },
  {
    id     = "GeneveOptions",
    title  = "Geneve Options",
    extra  = true,
    fields = {
      f.u16  ("classid",   { show = "hex", names = classes }),
      f.u8   ("type",      { show = "hex" }), -- its highest bit: critical
      f.bits ("reserved", 3),
      f.bits ("length", 5, { auto = f.padded "data" // 4 }),
      f.bytes("data",      { size = f.ref "length" * 4, align = 4, align_own = true }),
    },
  },
}
