-- Transmission Control Protocol, RFC 9293 section 3.1; ECN bits RFC 3168 and RFC 3540.
--
--    0       4     7                16              31
--   +---------------+---------------+---------------+
--   |             sport             |     dport     |
--   |                      seq                      |
--   |                      ack                      |
--   |dataofs| res |     flags       |    window     |
--   |            chksum             |    urgptr     |
--   |           options, padded to 32 bits          |
--   +-----------------------------------------------+

local f = require "luapkt.field"

local number   = { type = "NUMBER" }
local port     = { type = "NUMBER", min = 0, max = 65535 }
local computed = { type = "NUMBER", auto = true }

local function bit(name, mask)
  local values = { { name = "Not Set", value = 0 }, { name = "Set", value = mask } }
  return { name = name, mask = mask, values = values }
end

local bitmask = {
  type = "BITMASK",
  auto = false,
  bits = {
    bit("URG", 32), bit("ACK", 16), bit("PSH", 8), bit("RST", 4), bit("SYN", 2), bit("FIN", 1),
  },
}

-- https://www.iana.org/assignments/tcp-parameters
local options = {
  [0]  = { "EOL", "none" },
  [1]  = { "NOP", "none" },
  [2]  = { "MSS", "u16" },
  [3]  = { "WScale", "u8" },
  [4]  = { "SAckOK", "bytes" },
  [5]  = { "SAck", "u32*" },
  [8]  = { "Timestamp", "u32", "u32" },
  [14] = { "AltChkSum", "u8", "u16" },
  [15] = { "AltChkSumOpt", "bytes" },
  [25] = { "Mood", "bytes" },
  [28] = { "UTO", "u16" },
  [34] = { "TFO", "u32", "u32" },
}

return {
  {
    id     = "TCP",
    scapy  = true,
    over   = { IP = { proto = 6 }, IPv6 = { nh = 6 } },
    segments = {
      src = "sport", dst = "dport", seq = "seq", ack = "ack",
      opens = f.ref("flags"):has(0x02), closes = f.ref("flags"):has(0x01),
      breaks = f.ref("flags"):has(0x04),
    },
    fields = {
      f.u16  ("sport",     { default = 20, names = {}, label = "Source port", definition = port }),
      f.u16  ("dport",     { default = 80, names = {}, label = "Destination port",
                             definition = port }),
      f.u32  ("seq",       { label = "Sequence number", definition = number }),
      f.u32  ("ack",       { label = "Acknowledgment number", definition = number }),
      f.bits ("dataofs",  4, { auto = f.header() // 4, label = "Data offset",
                               definition = number }),
      f.bits ("reserved", 3, { label = "Reserved", definition = number }),
      f.flags("flags",    9, "FSRPAUECN", { default = "S", label = "Flags", definition = bitmask }),
      f.u16  ("window",    { default = 8192, label = "Window size", definition = number }),
      f.u16  ("chksum",    { auto = f.checksum("inet", { pseudo = 6 }), show = "hex",
                             label = "Checksum", definition = computed }),
      f.u16  ("urgptr",    { label = "Urgent pointer", definition = number }),
      f.options("options", options, { style = "tcp", length = "all", align = 4,
                                      size = (f.ref "dataofs" * 4 - 20):max(0),
                                      label = "Options", definition = { type = "TCP_OPTIONS" } }),
    },
  },
  -- The start of a segment quoted in an ICMP error.
  {
    id      = "TCPerror",
    title   = "TCP in ICMP",
    base    = "TCP",
    carries = "TCP",
    hidden  = true,
    over    = { IPerror = { proto = 6 }, IPerror6 = { nh = 6 } },
  },
}
