-- Virtual eXtensible Local Area Network, RFC 7348, with two extensions that give meaning to its
-- reserved bytes: the generic protocol extension (draft-ietf-nvo3-vxlan-gpe) and the group policy
-- (draft-smith-vxlan-group-policy).
--
--    0               8              16              24              31
--   +---------------+---------------+---------------+---------------+
--   |     flags     |                   reserved1                   |
--   |     flags     |           reserved0           | NextProtocol  |  with NextProtocol
--   |     flags     |    gpflags    |             gpid              |  with G
--   |                      vni                      |   reserved2   |
--   +---------------+---------------+---------------+---------------+

local f = require "luapkt.field"

local flag_names   = { "OAM", "R", "NextProtocol", "Instance", "V1", "V2", "R", "G" }
local policy_names = { "R", "R", "R", "A", "R", "R", "D", "R" }

local next_protocols = {
  [0] = "NotDefined",
  [1] = "IPv4",
  [2] = "IPv6",
  [3] = "Ethernet",
  [4] = "NSH",
}

local says_next   = f.ref("flags"):has(0x04)
local says_policy = f.ref("flags"):has(0x80)

return {
  {
    id   = "VXLAN",
    scapy = true,
    over = {
      -- 8472 is what Linux used before a port was assigned, 4790 that of the protocol extension.
      UDP = { { dport = 4789 }, { dport = 8472 }, { dport = 4790 }, build = { sport = 4789, dport = 4789 } },
    },
    next = { { when = says_next:no(), id = "Ether" } },  -- without an extension: always a frame
    fields = {
      f.flags("flags",   8, flag_names,   { default = 0x08, unnamed = "R" }),
      f.u16  ("reserved0",                { when = says_next }),
      f.u8   ("NextProtocol",             { when = says_next, names = next_protocols }),
      f.u24  ("reserved1",                { when = says_next:either(says_policy):no() }),
      f.flags("gpflags", 8, policy_names, { when = says_policy, unnamed = "R" }),
      f.u16  ("gpid",                     { when = says_policy }),
      f.u24  ("vni",                      { show = "hex" }),
      f.u8   ("reserved2",                { show = "hex" }),
    },
  },
}
