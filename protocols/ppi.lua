-- Per-Packet Information (LINKTYPE_PPI), PPI Header Specification 1.0.1 (CACE Technologies, 2007)
-- section 3: a header whose fields say how a packet was captured, each a type and a length, least
-- significant byte first; behind it the packet, of the link type dlt. Fields are not aligned.

local f = require "luapkt.field"

local pfh_types = {
  [2]     = "dot11-common",
  [3]     = "dot11-nmac",
  [4]     = "dot11-nmacphy",
  [5]     = "spectrum-map",
  [6]     = "process-info",
  [7]     = "capture-info",
  [8]     = "aggregation",
  [9]     = "dot3",
  [30002] = "gps",
  [30003] = "vector",
  [30004] = "sensor",
  [30005] = "antenna",
  [30006] = "btle",
}

return {
  {
    id     = "PPI",
    title  = "Per-Packet Information header (PPI)",
    link   = 192,
    fields = {
      f.u8("version"),
      f.u8("flags"),
      f.le16("len", { auto = f.header(), class = "FieldLenField" }),
      f.le32("dlt", { auto = 0 }),
      f.layers("headers", { of = "PPI_Hdr", stack = true, size = f.ref "len" - 8 }),
    },
  },
  {
    id     = "PPI_Element",
    hidden = true,
  },
  {
    id     = "PPI_Hdr",
    title  = "PPI Header",
    extent = f.ref "pfh_length" + 4,
    fields = {
      f.le16("pfh_type", { names = pfh_types }),
      f.le16("pfh_length", { auto = f.payload() }),
    },
  },
}
