-- IP Authentication Header, RFC 4302 section 2, and Encapsulating Security Payload, RFC 4303
-- section 2; ESP in UDP, RFC 3948.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |  nh   | p.len |   reserved    |   AH
--   |              spi              |   AH, ESP
--   |              seq              |
--   |        icv or data ...        |
--   +-------------------------------+

local f = require "luapkt.field"

-- An upper layer of IPv6 rides on its extension headers as well.
local function over_ip(number, more)
  local over = {
    IP = { proto = number }, IPv6 = { nh = number }, IPv6ExtHdrHopByHop = { nh = number },
    IPv6ExtHdrDestOpt = { nh = number }, IPv6ExtHdrRouting = { nh = number },
  }
  for id, match in pairs(more or {}) do over[id] = match end
  return over
end

return {
  {
    id     = "AH",
    over   = over_ip(51),
    fields = {
      f.u8   ("nh",         { auto = 0, names = "ip_protos", class = "ByteEnumField" }),
      f.u8   ("payloadlen", { auto = 0 }),  -- in 4 bytes, less 2
      f.u16  ("reserved",   { auto = 0 }),
      f.u32  ("spi",        { show = "hex" }),
      f.u32  ("seq"),
      f.bytes("icv",        { default = f.none, size = f.ref "payloadlen" * 4 - 4, show = "hex" }),
      f.bytes("padding",    { default = f.none, size = 0, show = "hex", class = "XStrLenField" }),
    },
  },
  {
    id     = "ESP",
    over   = over_ip(50, {
      UDP = { { dport = 4500 }, { sport = 4500 }, build = { sport = 4500 } },
    }),
    fields = {
      f.u32  ("spi",  { show = "hex" }),
      f.u32  ("seq"),
      f.bytes("data", { default = f.none, show = "hex" }),
    },
  },
  -- What is within: never read, since it is encrypted.
  {
    id       = "_ESPPlain",
    title    = "ESP",
    unlisted = true,
    fields   = {
      f.u32  ("spi",     { show = "hex" }),
      f.u32  ("seq"),
      f.bytes("iv",      { size = 0 }),
      f.layer("data",    { of = "Raw", size = f.left() - 2 }),
      f.bytes("padding", { size = 0 }),
      f.u8   ("padlen",  { auto = f.size "padding" }),
      f.u8   ("nh",      { names = "ip_protos" }),
      f.bytes("icv"),
    },
  },
}
