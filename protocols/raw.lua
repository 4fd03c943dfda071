-- Bytes without a protocol: Raw is what nothing reads, Padding is what lies beyond the length that
-- a lower layer states (an Ethernet trailer). Padding counts in no length and no checksum.

local f = require "luapkt.field"

return {
  {
    id     = "Raw",
    scapy  = true,
    fields = {
      f.bytes("load", { default = "dummy", nominal = 0, label = "Payload", definition = { type = "BYTES" }, printed = "b''" }),
    },
  },
  {
    id       = "Padding",
    scapy    = true,
    base     = "Raw",
    hidden   = true,
    fallback = "Padding",
    fields = {
      f.bytes("load", { default = "dummy", nominal = 0, label = "Payload", definition = { type = "BYTES" }, printed = "b''" }),
    },
  },
}
