-- Bidirectional Forwarding Detection: control packets, RFC 5880 section 4, on UDP by RFC 5881
-- section 4 and, over several hops, RFC 5883 section 5.
--
--    0     3         8   10          16              24              31
--   +-----+---------+---+-----------+---------------+---------------+
--   |vers.|  diag   |sta|   flags   |  detect_mult  |      len      |
--   |                       my_discriminator                        |
--   |                      your_discriminator                       |
--   |                       min_tx_interval                         |  microseconds, as the next two
--   |                       min_rx_interval                         |
--   |                       echo_rx_interval                        |
--   |   auth_type   |   auth_len    |           auth_data ...       |  with A
--   +---------------+---------------+-------------------------------+

local f = require "luapkt.field"

local diagnostics = {
  [0] = "No Diagnostic",
  [1] = "Control Detection Time Expired",
  [2] = "Echo Function Failed",
  [3] = "Neighbor Signaled Session Down",
  [4] = "Forwarding Plane Reset",
  [5] = "Path Down",
  [6] = "Concatenated Path Down",
  [7] = "Administratively Down",
  [8] = "Reverse Concatenated Path Down",
}

local authentications = {
  [1] = "Simple Password",
  [2] = "Keyed MD5",
  [3] = "Meticulous Keyed MD5",
  [4] = "Keyed SHA1",
  [5] = "Meticulous Keyed SHA1",
}

local authentic = f.ref("flags"):has(0x04)

return {
  {
    id       = "BFD",
    title    = "Bidirectional Forwarding Detection",
    extra    = true,
    over     = {
      UDP = { { dport = 3784 }, { dport = 4784 }, build = { sport = 49152, dport = 3784 } },
    },
    extent   = f.ref "len",
    fallback = "Padding",
    fields   = {
      f.bits ("version", 3, { default = 1 }),
      f.bits ("diag", 5,    { names = diagnostics }),
      f.bits ("sta", 2,     { default = 3, names = { [0] = "AdminDown", "Down", "Init", "Up" } }),
      f.flags("flags", 6, "MDACFP"),
      f.u8   ("detect_mult",        { default = 3, show = "hex" }),
      f.u8   ("len",                { auto = f.header() }),
      f.u32  ("my_discriminator",   { default = 0x11111111, show = "hex" }),
      f.u32  ("your_discriminator", { default = 0x22222222, show = "hex" }),
      f.u32  ("min_tx_interval",    { default = 1000000 }),
      f.u32  ("min_rx_interval",    { default = 1000000 }),
      f.u32  ("echo_rx_interval",   { default = 1000000 }),
      f.u8   ("auth_type",          { when = authentic, default = 1, names = authentications }),
      f.u8   ("auth_len",           { when = authentic, auto = f.size "auth_data" + 2 }),
      f.bytes("auth_data",          { when = authentic, size = (f.ref "auth_len" - 2):max(0) }),
    },
  },
}
