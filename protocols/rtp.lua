-- Real-time Transport Protocol, RFC 3550 section 5; payload types, RFC 3551. It has no port of its own and
-- is read only where a packet was built or asked for as RTP.
--
--    0  2 3 4    8 9     16              31
--   +--+-+-+----+-+-----+---------------+
--   |ve|p|x| nr |m|type |   sequence    |
--   |             timestamp             |
--   |            sourcesync             |
--   |         sync, 4 bytes each        |
--   +-----------------------------------+

local f = require "luapkt.field"

return {
  {
    id     = "RTP",
    next   = { { when = f.ref("extension"):eq(1), id = "RTPExtension" } },
    fields = {
      f.bits("version", 2,      { default = 2 }),
      f.bits("padding", 1),
      f.bits("extension", 1),
      f.bits("numsync", 4,      { auto = f.count "sync" }),
      f.bits("marker", 1),
      f.bits("payload_type", 7, { names = {
        [0]  = "G.711 PCMU",
        [3]  = "GSM",
        [4]  = "G723",
        [5]  = "DVI4",
        [6]  = "DVI4",
        [7]  = "LPC",
        [8]  = "PCMA",
        [9]  = "G722",
        [10] = "L16",
        [11] = "L16",
        [12] = "QCELP",
        [13] = "CN",
        [14] = "MPA",
        [15] = "G728",
        [16] = "DVI4",
        [17] = "DVI4",
        [18] = "G729",
        [25] = "CelB",
        [26] = "JPEG",
        [28] = "nv",
        [31] = "H261",
        [32] = "MPV",
        [33] = "MP2T",
        [34] = "H263",
      } }),
      f.u16 ("sequence"),
      f.u32 ("timestamp"),
      f.u32 ("sourcesync"),
      f.list("sync",            f.u32(), { count = f.ref "numsync" }),
    },
  },

  {
    id     = "RTPExtension",
    title  = "RTP extension",
    over   = { RTP = { extension = 1 } },
    fields = {
      f.u16 ("header_id"),
      f.u16 ("header_len", { auto = f.count "header" }),
      f.list("header",     f.u32(), { count = f.ref "header_len" }),
    },
  },
}
