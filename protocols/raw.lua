-- Bytes without a protocol: Raw is what nothing reads, Padding is what lies beyond the length that
-- a lower layer states (an Ethernet trailer). Padding counts in no length and no checksum.

local f = require "luapkt.field"

-- Clients aren't offered Padding there: to the reference it counts in the length, or is no padding.
local unlisted = { { read = false, listed = false } }

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
    over     = {
      Dot3 = unlisted, EAPOL = unlisted, EIR_Hdr = unlisted, HCI_ACL_Hdr = unlisted,
      HCI_Command_Hdr = unlisted, HCI_Event_Hdr = unlisted, PPI_Hdr = unlisted,
    },
    fallback = "Padding",
    fields = {
      f.bytes("load", { default = "dummy", nominal = 0, label = "Payload", definition = { type = "BYTES" }, printed = "b''" }),
    },
  },
}
