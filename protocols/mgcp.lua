-- Media Gateway Control Protocol, RFC 3435 section 3.2.1: the command line, whose words are apart by
-- one character each.

local f = require "luapkt.field"

local function word(id, ends, default)
  return f.bytes(id, { ends = ends, apart = true, default = default, class = "StrStopField" })
end

return {
  {
    id     = "MGCP",
    over   = { UDP = { { dport = 2727 }, { sport = 2727 }, build = { sport = 2727, dport = 2727 } } },
    fields = {
      word("verb", 0x20, "AUEP"),
      f.bytes("sep1", { size = 1, default = " " }),
      word("transaction_id", 0x20, "1234567"),
      f.bytes("sep2", { size = 1, default = " " }),
      word("endpoint", 0x20, "dummy@dummy.net"),
      f.bytes("sep3", { size = 1, default = " " }),
      word("version", 0x0a, "MGCP 1.0 NCS 1.0"),
      f.bytes("sep4", { size = 1, default = "\n" }),
    },
  },
}
