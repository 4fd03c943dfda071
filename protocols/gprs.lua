-- General Packet Radio Service, as clients know it: bytes without a form of their own. Where these end
-- and a packet of an upper layer begins is said nowhere.

local f = require "luapkt.field"

return {
  {
    id     = "GPRS",
    title  = "GPRSdummy",
    fields = {
      f.bytes("dummy", { class = "StrStopField" }),
    },
  },
}
