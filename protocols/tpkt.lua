-- ISO transport service on top of TCP, RFC 1006 section 6 (RFC 2126): packets of what isn't a
-- stream. What they carry stays bytes.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |version|reserv.|      len      |
--   +-------+-------+---------------+

local f = require "luapkt.field"

local is_tpkt = f.peek(0, 16):eq(0x0300):both(f.peek(16, 16):ge(7))

local function ports(...)
  local ways = { build = { sport = (...), dport = (...) } }
  for _, port in ipairs { ... } do
    table.insert(ways, { dport = port, when = is_tpkt })
    table.insert(ways, { sport = port, when = is_tpkt })
  end
  return ways
end

return {
  {
    id     = "TPKT",
    title  = "ISO Transport on TCP",
    extra  = true,
    over   = { TCP = ports(102, 1720, 3389) }, -- ISO, H.225, RDP
    extent = f.ref "len",
    pdu    = f.peek(0, 8):eq(3):pick(f.peek(16, 16), 0),
    fields = {
      f.u8 ("version", { default = 3 }),
      f.u8 ("reserved"),
      f.u16("len",     { auto = f.header() + f.payload() }),
    },
  },
}
