-- Session Traversal Utilities for NAT, RFC 8489 sections 5 and 14, over UDP and TCP; TURN's methods
-- and attributes, RFC 8656 sections 17 and 18; those of ICE, RFC 8445 section 16.1.
-- MESSAGE-INTEGRITY needs a key, so it isn't worked out. Who has one makes the HMAC of the message
-- up to that attribute, whose header's length ends with it, whatever follows (section 14.5).
--
--    0               16              31
--   +--+------------+---------------+
--   |00|    type    |    length     |
--   |            cookie             |
--   |   transaction_id, 12 bytes    |
--   +---------------+---------------+
--   |     type      |    length     |   attributes, padded to 32 bits; their length counts
--   |            value              |   the value alone
--   +-------------------------------+

local f = require "luapkt.field"

local COOKIE = 0x2112a442

local types = {
  [0x0001] = "Binding Request", [0x0011] = "Binding Indication", [0x0101] = "Binding Success Response",
  [0x0111] = "Binding Error Response",
  [0x0003] = "Allocate Request", [0x0103] = "Allocate Success Response", [0x0113] = "Allocate Error Response",
  [0x0004] = "Refresh Request", [0x0104] = "Refresh Success Response", [0x0114] = "Refresh Error Response",
  [0x0016] = "Send Indication", [0x0017] = "Data Indication",
  [0x0008] = "CreatePermission Request", [0x0108] = "CreatePermission Success Response",
  [0x0118] = "CreatePermission Error Response",
  [0x0009] = "ChannelBind Request", [0x0109] = "ChannelBind Success Response",
  [0x0119] = "ChannelBind Error Response",
}

-- https://www.iana.org/assignments/stun-parameters
local attribute_types = {
  [0x0001] = "MAPPED-ADDRESS", [0x0006] = "USERNAME", [0x0008] = "MESSAGE-INTEGRITY",
  [0x0009] = "ERROR-CODE", [0x000a] = "UNKNOWN-ATTRIBUTES", [0x000c] = "CHANNEL-NUMBER",
  [0x000d] = "LIFETIME", [0x0012] = "XOR-PEER-ADDRESS", [0x0013] = "DATA", [0x0014] = "REALM",
  [0x0015] = "NONCE", [0x0016] = "XOR-RELAYED-ADDRESS", [0x0017] = "REQUESTED-ADDRESS-FAMILY",
  [0x0018] = "EVEN-PORT", [0x0019] = "REQUESTED-TRANSPORT", [0x001a] = "DONT-FRAGMENT",
  [0x001c] = "MESSAGE-INTEGRITY-SHA256", [0x001d] = "PASSWORD-ALGORITHM", [0x001e] = "USERHASH",
  [0x0020] = "XOR-MAPPED-ADDRESS", [0x0022] = "RESERVATION-TOKEN", [0x0024] = "PRIORITY",
  [0x0025] = "USE-CANDIDATE", [0x8002] = "PASSWORD-ALGORITHMS", [0x8003] = "ALTERNATE-DOMAIN",
  [0x8022] = "SOFTWARE", [0x8023] = "ALTERNATE-SERVER", [0x8028] = "FINGERPRINT",
  [0x8029] = "ICE-CONTROLLED", [0x802a] = "ICE-CONTROLLING",
}

local families = { "IPv4", "IPv6" }

local is_stun = f.peek(0, 2):eq(0):both(f.peek(32, 32):eq(COOKIE))

local function ports(number)
  return {
    { dport = number, when = is_stun }, { sport = number, when = is_stun },
    build = { sport = number, dport = number },
  }
end

local length = f.u16("length", { auto = f.header() - 4 })

-- An attribute of these types whose value has that length: none of them is padded.
local function attribute(id, numbers, size, ...)
  return {
    id = id, extra = true, base = "STUN_Attribute",
    variant_of = { STUN_Attribute = f.peek(0, 16):one_of(table.unpack(numbers)):both(f.peek(16, 16):eq(size)) },
    fields = { f.u16("type", { default = numbers[1], names = attribute_types }), length, ... },
  }
end

local reserved = f.u8("reserved")

local function family(number) return f.u8("family", { default = number, names = families }) end

local function number_attribute(id, number, field)
  return attribute(id, { number }, field.width // 8, field)
end

return {
  {
    id     = "STUN",
    title  = "Session Traversal Utilities for NAT",
    extra  = true,
    over   = { UDP = ports(3478), TCP = ports(3478) },
    extent = 20 + f.ref "length",
    fields = {
      f.bits  ("zero", 2),
      f.bits  ("type", 14,        { default = 1, names = types }),
      f.u16   ("length",          { auto = f.header() - 20 }),
      f.u32   ("cookie",          { default = COOKIE, show = "hex" }),
      f.bytes ("transaction_id",  { size = 12, show = "hex", default = ("\0"):rep(12) }),
      f.layers("attributes",      { of = "STUN_Attribute", size = f.ref "length" }),
    },
  },

  -- An attribute of a type that has no declaration below, or of another length.
  {
    id     = "STUN_Attribute",
    title  = "STUN Attribute",
    extra  = true,
    fields = {
      f.u16  ("type",   { default = 0x8022, names = attribute_types }),
      f.u16  ("length", { auto = f.size "value" }),
      f.bytes("value",  { size = f.ref "length", align = 4 }),
    },
  },

  attribute("STUN_MappedAddress", { 0x0001, 0x8023 }, 8,
    reserved, family(1), f.u16("port"), f.ipv4("address")),
  attribute("STUN_MappedAddressIPv6", { 0x0001, 0x8023 }, 20,
    reserved, family(2), f.u16("port"), f.ipv6("address")),

  -- On the wire, port and address are XORed with the cookie; of an IPv6 address the rest is with
  -- the transaction id, which lies outside of the attribute: so it is shown as it is there.
  attribute("STUN_XorMappedAddress", { 0x0020, 0x0012, 0x0016 }, 8,
    reserved, family(1),
    f.u16 ("port",    { xor = COOKIE >> 16 }),
    f.ipv4("address", { xor = COOKIE })),
  attribute("STUN_XorMappedAddressIPv6", { 0x0020, 0x0012, 0x0016 }, 20,
    reserved, family(2),
    f.u16  ("port",      { xor = COOKIE >> 16 }),
    f.bytes("x_address", { size = 16, show = "hex", default = ("\0"):rep(16) })),

  attribute("STUN_MessageIntegrity", { 0x0008 }, 20,
    f.bytes("hmac", { size = 20, show = "hex", default = ("\0"):rep(20) })),
  attribute("STUN_MessageIntegritySHA256", { 0x001c }, 32,
    f.bytes("hmac", { size = 32, show = "hex", default = ("\0"):rep(32) })),
  number_attribute("STUN_Fingerprint", 0x8028, f.u32("crc", {
    show = "hex", auto = f.checksum("crc32", { over = "before", xor = 0x5354554e }), -- section 14.7
  })),
  {
    id = "STUN_ErrorCode", extra = true, base = "STUN_Attribute",
    variant_of = { STUN_Attribute = f.peek(0, 16):eq(9):both(f.peek(16, 16):ge(4)) },
    fields = {
      f.u16  ("type",   { default = 9, names = attribute_types }),
      f.u16  ("length", { auto = f.size "reason" + 4 }),
      f.bits ("reserved", 21),
      f.bits ("class", 3,  { default = 4 }), -- hundreds of the code
      f.u8   ("number"),
      f.bytes("reason",    { size = f.ref "length" - 4, align = 4 }),
    },
  },
  {
    id = "STUN_UnknownAttributes", extra = true, base = "STUN_Attribute",
    variant_of = { STUN_Attribute = f.peek(0, 16):eq(10):both(f.peek(31, 1):eq(0)) },
    fields = {
      f.u16 ("type",   { default = 10, names = attribute_types }),
      f.u16 ("length", { auto = f.size "types" }),
      f.list("types",  f.u16(), { size = f.ref "length", align = 4 }),
    },
  },
  attribute("STUN_ChannelNumber", { 0x000c }, 4, f.u16("channel", { default = 0x4000, show = "hex" }), f.u16("reserved")),
  number_attribute("STUN_Lifetime", 0x000d, f.u32("lifetime", { default = 600 })),
  attribute("STUN_RequestedTransport", { 0x0019 }, 4,
    f.u8("protocol", { default = 17, names = "ip_protos" }), f.u24("reserved")),
  number_attribute("STUN_Priority", 0x0024, f.u32("priority")),
  attribute("STUN_UseCandidate", { 0x0025 }, 0),
  number_attribute("STUN_IceControlled", 0x8029, f.u64("tie_breaker", { show = "hex" })),
  number_attribute("STUN_IceControlling", 0x802a, f.u64("tie_breaker", { show = "hex" })),
}
