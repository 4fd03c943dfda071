-- Telnet, RFC 854: data and commands in one stream. Options are those of
-- https://www.iana.org/assignments/telnet-options; window sizes RFC 1073, terminal types RFC 1091.
-- A byte 255 of data is two of them on the wire: a command of its own among the items.
--
--   data...
--   255 command
--   255 command option          WILL, WONT, DO, DONT
--   255 250 option data 255 240 what is said about an option

local f = require "luapkt.field"

local IAC, SE, SB, WILL, DONT = 255, 240, 250, 251, 254

local commands = {
  [236] = "EOF", [237] = "SUSP", [238] = "ABORT", [239] = "EOR", [240] = "SE", [241] = "NOP", [242] = "DM",
  [243] = "BRK", [244] = "IP", [245] = "AO", [246] = "AYT", [247] = "EC", [248] = "EL", [249] = "GA",
  [250] = "SB", [251] = "WILL", [252] = "WONT", [253] = "DO", [254] = "DONT", [255] = "IAC",
}

local options = {
  [0] = "Binary Transmission", [1] = "Echo", [3] = "Suppress Go Ahead", [5] = "Status", [6] = "Timing Mark",
  [24] = "Terminal Type", [25] = "End of Record", [31] = "Window Size", [32] = "Terminal Speed",
  [33] = "Remote Flow Control", [34] = "Linemode", [35] = "X Display Location", [36] = "Environment",
  [37] = "Authentication", [38] = "Encryption", [39] = "New Environment", [255] = "Extended Options List",
}

local is_command = f.peek(0, 8):eq(IAC)

local function iac(id) return f.u8(id, { default = IAC, names = commands }) end
local function command(default) return f.u8("command", { default = default, names = commands }) end

return {
  {
    id     = "Telnet",
    extra  = true,
    over   = { TCP = { { dport = 23 }, { sport = 23 }, build = { sport = 23, dport = 23 } } },
    fields = {
      f.layers("items", { of = "Telnet_Data" }),
    },
  },
  {
    id     = "Telnet_Data",
    title  = "Telnet Data",
    extra  = true,
    fields = {
      f.bytes("data", { up_to = { "\xff" } }),
    },
  },
  {
    id     = "Telnet_Command",
    title  = "Telnet Command",
    extra  = true,
    variant_of = { Telnet_Data = is_command:both(f.peek(8, 8):between(SB, DONT):no()) },
    fields = { iac "iac", command(241) },
  },
  {
    id     = "Telnet_Option",
    title  = "Telnet Option",
    extra  = true,
    variant_of = { Telnet_Data = is_command:both(f.peek(8, 8):between(WILL, DONT)):both(f.peek(16, 8):ge(0)) },
    fields = {
      iac "iac",
      command(253),
      f.u8("option", { default = 1, names = options }),
    },
  },
  {
    id     = "Telnet_WindowSize",
    title  = "Telnet Window Size",
    extra  = true,
    variant_of = { Telnet_Data = is_command:both(f.peek(8, 16):eq(SB << 8 | 31)):both(f.peek(56, 16):eq(0xfff0)) },
    fields = {
      iac "iac",
      command(SB),
      f.u8   ("option", { default = 31, names = options }),
      f.u16  ("width",  { default = 80 }),
      f.u16  ("height", { default = 24 }),
      f.bytes("ending", { one_of = { "\xff\xf0" }, default = string.char(IAC, SE), show = "hex" }),
    },
  },
  -- Up to the command that ends it, with a byte 255 of its data as it is on the wire.
  {
    id     = "Telnet_Suboption",
    title  = "Telnet Suboption",
    extra  = true,
    variant_of = { Telnet_Data = is_command:both(f.peek(8, 8):eq(SB)):both(f.peek(16, 8):ge(0)) },
    fields = {
      iac "iac",
      command(SB),
      f.u8   ("option", { default = 24, names = options }),
      f.bytes("data",   { up_to = { "\xff\xf0" } }),
      f.bytes("ending", { one_of = { "\xff\xf0" }, default = string.char(IAC, SE), show = "hex" }),
    },
  },
}
