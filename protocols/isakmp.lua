-- Internet Security Association and Key Management Protocol, RFC 2408: the header, section 3.1, and
-- the payloads, sections 3.2 to 3.16, with the attributes that IKE has for transforms, section 3.3,
-- RFC 2409 appendix A and https://www.iana.org/assignments/ipsec-registry.
--
--    0               8       16      24      31
--   +---------------------------------------+
--   |        init_cookie, 8 bytes           |
--   |        resp_cookie, 8 bytes           |
--   | next_payload  |version|exch.t.| flags |
--   |                  id                   |
--   |                length                 |
--   +---------------------------------------+
--   | next_payload  |  res  |    length     |  every payload
--   +---------------------------------------+

local f = require "luapkt.field"

local payloads = {
  [0]  = "None",
  [1]  = "SA",
  [2]  = "Proposal",
  [3]  = "Transform",
  [4]  = "KE",
  [5]  = "ID",
  [6]  = "CERT",
  [7]  = "CR",
  [8]  = "Hash",
  [9]  = "SIG",
  [10] = "Nonce",
  [11] = "Notification",
  [12] = "Delete",
  [13] = "VendorID",
}

local exchanges = {
  [0] = "None", "base", "identity prot.", "auth only", "aggressive", "info",
}

local flags = {
  "encryption", "commit", "auth_only", "res3", "res4", "res5", "res6", "res7",
}

local identities = { [1] = "IPv4_addr", [11] = "Key" }  -- RFC 2407 section 4.6.2.1

-- "u16": always two bytes; "bytes": of any length. The names are the documents', written together.
local attributes = {
  [1]  = { "Encryption", "u16", names = {
    "DES-CBC", "IDEA-CBC", "Blowfish-CBC", "RC5-R16-B64-CBC", "3DES-CBC", "CAST-CBC", "AES-CBC",
    "CAMELLIA-CBC",
  } },
  [2]  = { "Hash", "u16", names = { "MD5", "SHA", "Tiger", "SHA2-256", "SHA2-384", "SHA2-512" } },
  [3]  = { "Authentication", "u16", names = {
    "pre-shared key", "DSS signatures", "RSA signatures", "Encryption with RSA",
    "Revised encryption with RSA",
  } },
  [4]  = { "GroupDescription", "u16", names = {
    [1] = "768-bit MODP", [2] = "1024-bit MODP", [3] = "EC2N GP[2^155]", [4] = "EC2N GP[2^185]",
    [5] = "1536-bit MODP", [14] = "2048-bit MODP", [15] = "3072-bit MODP", [16] = "4096-bit MODP",
    [17] = "6144-bit MODP", [18] = "8192-bit MODP",  -- RFC 3526
  } },
  [5]  = { "GroupType", "u16", names = { "MODP", "ECP", "EC2N" } },
  [6]  = { "GroupPrime", "bytes" },
  [7]  = { "GroupGeneratorOne", "bytes" },
  [8]  = { "GroupGeneratorTwo", "bytes" },
  [9]  = { "GroupCurveA", "bytes" },
  [10] = { "GroupCurveB", "bytes" },
  [11] = { "LifeType", "u16", names = { "seconds", "kilobytes" } },
  [12] = { "LifeDuration", "bytes" },
  [13] = { "PRF", "u16" },
  [14] = { "KeyLength", "u16" },
  [15] = { "FieldSize", "u16" },
  [16] = { "GroupOrder", "bytes" },
}

local is_encrypted = f.ref("flags"):has(1)

-- What follows a layer that says which payload is next.
local function next_payloads(unless)
  local function after(number) return f.ref("next_payload"):eq(number) end
  return {
    { when = unless,                        id = "Raw" },
    { when = after(1),                      id = "ISAKMP_payload_SA" },
    { when = after(2),                      id = "ISAKMP_payload_Proposal" },
    { when = after(3),                      id = "ISAKMP_payload_Transform" },
    { when = after(4),                      id = "ISAKMP_payload_KE" },
    { when = after(5),                      id = "ISAKMP_payload_ID" },
    { when = after(8),                      id = "ISAKMP_payload_Hash" },
    { when = after(10),                     id = "ISAKMP_payload_Nonce" },
    { when = after(13),                     id = "ISAKMP_payload_VendorID" },
    { when = f.ref("next_payload"):between(1, 13), id = "ISAKMP_payload" },
  }
end

local inner, outer = next_payloads(0), next_payloads(is_encrypted)

-- The layers that may carry a payload; what it sets in them.
local carriers = {
  "ISAKMP", "ISAKMP_payload", "ISAKMP_payload_SA", "ISAKMP_payload_Proposal",
  "ISAKMP_payload_Transform", "ISAKMP_payload_KE", "ISAKMP_payload_ID", "ISAKMP_payload_Hash",
  "ISAKMP_payload_Nonce", "ISAKMP_payload_VendorID",
}

local function over(number)
  local all = {}
  for _, id in ipairs(carriers) do all[id] = { next_payload = number, read = false } end
  return all
end

-- The fields that every payload begins with, and those of its own behind them.
local function with_header(length, ...)
  return {
    f.u8 ("next_payload", { names = payloads }),
    f.u8 ("res"),
    f.u16("length",       { auto = length, class = "FieldLenField" }),
    ...,
  }
end

local simple = with_header(f.header(), f.bytes("load", { size = f.ref "length" - 4, nominal = 4 }))

local function payload(id, number, fields, shown)
  return {
    id = id, hidden = true, base = number and fields == simple and "ISAKMP_payload" or nil,
    over = number and over(number), next = inner, shown = shown, fields = fields,
  }
end

return {
  {
    id     = "ISAKMP",
    hidden = true,
    over   = {
      UDP = { { dport = 500 }, { sport = 500 }, build = { sport = 500, dport = 500 } },
    },
    next   = outer,
    fields = {
      f.bytes("init_cookie",  { size = 8 }),
      f.bytes("resp_cookie",  { size = 8 }),
      f.u8   ("next_payload", { names = payloads }),
      f.u8   ("version",      { default = 0x10, show = "hex" }),
      f.u8   ("exch_type",    { names = exchanges }),
      f.flags("flags", 8, flags),
      f.u32  ("id"),
      f.u32  ("length",       { auto = f.header() + f.payload() }),
    },
  },
  -- What the reference calls its payloads' common ancestor: it has no fields.
  { id = "ISAKMP_class", hidden = true },

  payload("ISAKMP_payload", nil, simple, "Raw"),
  payload("ISAKMP_payload_SA", 1, with_header(f.header(),
    f.u32  ("DOI",       { default = 1, names = { "IPSEC" } }),
    f.u32  ("situation", { default = 1, names = { "identity" } }),
    f.layer("prop",      { of = "ISAKMP_payload_Proposal", default = f.none, none_text = "Raw()",
                           size = f.ref "length" - 12 })
  )),
  payload("ISAKMP_payload_Proposal", 2, with_header(f.header(),
    f.u8   ("proposal", { default = 1 }),
    f.u8   ("proto",    { default = 1, names = { "ISAKMP" } }),
    f.u8   ("SPIsize",  { auto = f.size "SPI" }),
    f.u8   ("trans_nb", { auto = 0 }),
    f.bytes("SPI",      { size = f.ref "SPIsize" }),
    f.layer("trans",    { of = "ISAKMP_payload_Transform", stack = true, default = f.none,
                          none_text = "Raw()", size = f.ref "length" - 8 - f.ref "SPIsize" })
  )),
  payload("ISAKMP_payload_Transform", 3, with_header(f.header(),
    f.u8   ("num"),
    f.u8   ("id",         { default = 1, names = { "KEY_IKE" } }),
    f.u16  ("res2"),
    f.options("transforms", attributes, { style = "attributes", default = f.none,
                                          size = f.ref "length" - 8 })
  )),
  payload("ISAKMP_payload_KE", 4, simple, "Raw"),
  payload("ISAKMP_payload_ID", 5, with_header(f.header(),
    f.u8   ("IDtype",  { default = 1, names = identities }),
    f.u8   ("ProtoID", { names = { [0] = "Unused" } }),
    f.u16  ("Port",    { names = { [0] = "Unused" } }),
    f.bytes("load",    { size = f.ref "length" - 8, nominal = 8 })
  ), "Raw"),
  payload("ISAKMP_payload_Hash", 8, simple, "Raw"),
  payload("ISAKMP_payload_Nonce", 10, simple, "Raw"),
  payload("ISAKMP_payload_VendorID", 13, simple, "Raw"),
}
