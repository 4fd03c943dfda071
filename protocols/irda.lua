-- Infrared Data Association: link access (IrLAP) and link management (IrLMP), as Linux captures
-- them behind a cooked header: the frames by which devices find one another (IrLAP section 5.7.1).

local f = require "luapkt.field"

return {
  {
    id     = "IrLAPHead",
    title  = "IrDA Link Access Protocol Header",
    over   = { CookedLinux = { proto = 0x17 } },
    fields = {
      f.bits("Address", 7, { default = 0x7f, show = "hex" }), -- 0x7f: to all
      f.bits("Type", 1, { default = 1, names = { [0] = "Response", "Command" } }),
    },
  },
  {
    id     = "IrLAPCommand",
    title  = "IrDA Link Access Protocol Command",
    over   = { IrLAPHead = { Type = 1 } },
    fields = {
      f.u8 ("Control", { show = "hex" }),
      f.u8 ("Format identifier", { show = "hex" }),
      f.u32("Source address", { show = "hex" }),
      f.u32("Destination address", { default = 0xffffffff, show = "hex" }),
      f.u8 ("Discovery flags", { default = 1, show = "hex" }),
      f.u8 ("Slot number", { default = 255, names = { [255] = "final" } }),
      f.u8 ("Version", { show = "hex" }),
    },
  },
  {
    id     = "IrLMP",
    title  = "IrDA Link Management Protocol",
    over   = { IrLAPCommand = {} },
    fields = {
      f.u16("Service hints", { show = "hex" }),
      f.u8 ("Character set", { show = "hex" }),
      f.bytes("Device name"),
    },
  },
}
