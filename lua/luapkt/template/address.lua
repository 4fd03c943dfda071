--- Comparing addresses in templates, where they are text.
-- @module luapkt.template.address

local address = {}

local function padded(ipv4)
  return (ipv4:gsub("%d+", function(n) return ("%03d"):format(tonumber(n)) end))
end

--- Is one IPv4 address above another, as numbers?
function address.is_above(a, b) return padded(a) > padded(b) end

return address
