--- The packet that specs of the library begin with: IP and UDP as in spec/protocols/udp_spec.lua,
-- with checksums that were worked out by hand.

local luapkt  = require "luapkt"
local support = require "spec.support"

local udp_packet = {}

--- Its bytes.
udp_packet.wire = support.unhex "4500001c 00010000 401166ce 0a000001 0a000002  0001 0002 0008 ebd8"

--- A new one.
function udp_packet.new()
  return luapkt.IP{ src = "10.0.0.1", dst = "10.0.0.2" } / luapkt.UDP{ sport = 1, dport = 2 }
end

return udp_packet
