-- Trivial File Transfer Protocol, RFC 1350; option negotiation, RFC 2347.
--
--    2 bytes     text    1     text    1
--   +--------+----------+---+--------+---+
--   |   op   | filename | 0 |  mode  | 0 |   RRQ, WRQ; options follow as name, 0, value, 0
--   +--------+----------+---+--------+---+
--   |   op   |  block   |  data             DATA; ACK without data
--   +--------+----------+
--
-- Only the first packet of a transfer is sent to port 69; the rest runs between ports of both
-- sides' choosing and can't be recognised.

local f = require "luapkt.field"

return {
  {
    id     = "TFTP",
    scapy  = true,
    title  = "TFTP opcode",
    over   = { UDP = { { dport = 69, rank = 2 } } }, -- a packet from port 53 is DNS first
    fields = {
      f.u16("op", { default = 1, names = { "RRQ", "WRQ", "DATA", "ACK", "ERROR", "OACK" } }),
    },
  },

  {
    id     = "TFTP_RRQ",
    title  = "TFTP Read Request",
    over   = { TFTP = { op = 1 } },
    next   = { { id = "TFTP_Options" } },
    fields = {
      f.bytes("filename", { ends = 0, text = true }),
      f.bytes("mode",     { ends = 0, text = true, default = "octet" }),
    },
  },

  {
    id     = "TFTP_WRQ",
    title  = "TFTP Write Request",
    over   = { TFTP = { op = 2 } },
    next   = { { id = "TFTP_Options" } },
    fields = {
      f.bytes("filename", { ends = 0, text = true }),
      f.bytes("mode",     { ends = 0, text = true, default = "octet" }),
    },
  },

  {
    id     = "TFTP_DATA",
    title  = "TFTP Data",
    over   = { TFTP = { op = 3 } },
    fields = {
      f.u16("block"),
    },
  },

  {
    id     = "TFTP_ACK",
    title  = "TFTP Ack",
    over   = { TFTP = { op = 4 } },
    fields = {
      f.u16("block"),
    },
  },

  {
    id     = "TFTP_ERROR",
    title  = "TFTP Error",
    over   = { TFTP = { op = 5 } },
    fields = {
      f.u16("errorcode",  { names = {
        [0] = "Not defined",
        [1] = "File not found",
        [2] = "Access violation",
        [3] = "Disk full or allocation exceeded",
        [4] = "Illegal TFTP operation",
        [5] = "Unknown transfer ID",
        [6] = "File already exists",
        [7] = "No such user",
        [8] = "Terminate transfer due to option negotiation",
      } }),
      f.bytes("errormsg", { ends = 0, text = true }),
    },
  },

  {
    id     = "TFTP_OACK", -- a marker: the options are all it carries
    hidden = true,
    over   = { TFTP = { op = 6 } },
    next   = { { id = "TFTP_Options" } },
    fields = {},
  },

  {
    id     = "TFTP_Options",
    hidden = true,
    fields = {
      f.layers("options", { of = "TFTP_Option" }),
    },
  },

  {
    id     = "TFTP_Option",
    hidden = true,
    fields = {
      f.bytes("oname", { ends = 0, text = true }),
      f.bytes("value", { ends = 0, text = true }),
    },
  },
}
