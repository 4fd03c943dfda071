--- Questions about packets: are lengths and checksums right, how do two packets differ, do the
-- fields of one hold all of its bytes?
-- @module luapkt.inspect

local core = require "luapkt.core"

local fields_of = require("luapkt.layer").fields

local raw = core.packet

local inspect = {}

--- The number of the packet's bytes without Padding.
function inspect.end_of(p)
  local last = #raw.bytes(p)
  for place = raw.count(p), 1, -1 do
    local layer = raw.layer(p, place)
    if raw.kind(layer) ~= "Padding" then break end
    last = raw.range(layer)
  end
  return last
end

-- A packet's bytes, or nil and why it has none: without memory nothing can be told of it.
local function bytes_of(p)
  local bytes, err = raw.bytes(p)
  if bytes then return bytes end
  if err.code == "memory" then error(err.message, 0) end
  return nil, err.message
end

-- ------------------------------------------------------------------------------------ check

-- Are the bytes the same but for those of one field?
local function same_but(a, b, first, size)
  return #a == #b and a:sub(1, first) == b:sub(1, first)
    and a:sub(first + size + 1) == b:sub(first + size + 1)
end

-- Does IPv6 carry the layer? A checksum of 0 says there that none is left out (RFC 8200 section
-- 8.1).
local function is_over_ipv6(p, place)
  for below = place - 1, 1, -1 do
    local kind = raw.kind(raw.layer(p, below))
    if kind == "IPv6" then return true end
    if kind == "IP" then return false end
  end
  return false
end

-- What the field would be if it were worked out, everything else being as it is; or nil and why
-- that can't be told.
local function expect(p, place, i, entry, bytes)
  local q = raw.copy(p)
  local ok, why = bytes_of(q)
  if not ok then return nil, why end
  raw.freeze(q)
  if not raw.measure(raw.layer(q, place), i) then
    return nil, "not all that it is about is there"
  end
  local again
  again, why = bytes_of(q)
  if not again then return nil, why end
  if not same_but(bytes, again, entry.offset, entry.size) then
    return nil, "the layer's fields can't hold its bytes"
  end
  return raw.value(raw.layer(q, place), i)
end

-- The bytes that a checksum covers, as check() returns them, and the kind of the layer whose
-- addresses its pseudo-header has. Nil where the checksum can't be worked out.
local function covers(layer, i)
  local ranges, network = raw.cover(layer, i)
  if not ranges then return nil end
  local first, last = ranges[1], ranges[#ranges]
  local whole = { offset = raw.range(layer), size = 0, pseudo = network and true }
  if not first then return whole end
  whole.offset, whole.size = first.offset, last.offset + last.size - first.offset
  if last ~= first then table.move(ranges, 1, #ranges, 1, whole) end
  return whole, network
end

local function check_field(p, place, i, field, bytes)
  local layer = raw.layer(p, place)
  local entry = {
    layer  = place,
    kind   = (raw.kind(layer)),
    field  = field.id,
    what   = field.auto,
    value  = field.value,
    offset = raw.range(layer) + field.offset,
    size   = (field.bit_offset % 8 + field.bit_length + 7) // 8,
  }
  if field.auto == "checksum" then entry.covers, entry.pseudo = covers(layer, i) end
  entry.expected, entry.why = expect(p, place, i, entry, bytes)
  if entry.expected ~= nil then entry.right = entry.value == entry.expected end
  if field.optional and field.value == 0 and not is_over_ipv6(p, place) then
    entry.right, entry.unused = true, true
  end
  return entry
end

-- A copy of the packet in which the nth length or checksum of the packets within a layer's fields
-- is worked out anew, or all of them (nil); and its bytes. Or nil and why there are none.
local function without_inner(p, place, n)
  local q = raw.copy(p)
  local ok, why = bytes_of(q)
  if not ok then return nil, why end
  raw.freeze(q)
  raw.unset_inner(raw.layer(q, place), n)
  local bytes
  bytes, why = bytes_of(q)
  if not bytes then return nil, why end
  return q, bytes
end

-- How many lengths and checksums of packets within a layer's fields are looked at one by one, each
-- of which takes writing the whole packet.
local MOST_INNER = 256

-- What the length or checksum of a packet in a field would be, as expect().
local function expect_inner(p, place, n, entry, bytes)
  if n > MOST_INNER then return nil, ("only the first %d are looked at"):format(MOST_INNER) end
  local q, again = without_inner(p, place, n)
  if not q then return nil, again end
  if not same_but(bytes, again, entry.offset, entry.size) then
    return nil, "the packet's fields can't hold its bytes"
  end
  return raw.inner(raw.layer(q, place))[n].value
end

-- Add the entries of packets within a layer's fields. Where working all of them out anew makes no
-- difference, all are right, and none needs to be looked at.
local function check_inner(p, place, bytes, entries)
  local inner = raw.inner(raw.layer(p, place))
  if not inner or #inner == 0 then return end
  local all, again = without_inner(p, place)
  local same = all ~= nil and again == bytes
  for n, entry in ipairs(inner) do
    entry.layer = place
    entry.expected = entry.value
    if not same then entry.expected, entry.why = expect_inner(p, place, n, entry, bytes) end
    if entry.expected ~= nil then entry.right = entry.value == entry.expected end
    if entry.right == false then entries.right = false end
    entries[#entries + 1] = entry
  end
end

--- Every length and checksum of the packet.
-- @treturn {entry,...} in order, with `right`: whether none is wrong. Each has `layer` (its place),
--   `kind`, `field`, `what` ("length" or "checksum"), `value`, `expected` (what it would be,
--   everything else being as it is), `right`, `offset` and `size` of its bytes in the packet, and
--   of a checksum `covers`: `offset` and `size` of what it is over, itself among it, and where
--   bytes between don't count, a list of the `{ offset, size }` that do; `pseudo` there if a
--   pseudo-header counts too, and beside it `pseudo`, the kind of the layer whose addresses that
--   holds: "IP". `unused`: a sender left the checksum out. `right` is nil, and `why` says why,
--   where that can't be told: of a piece of a datagram, say, or what an error quotes of one. Those
--   of packets in fields come behind the layer's own, with `within`, the way from the layer to the
--   packet that they are of: "options[2]"; they have no `covers`. Or nil and an error
function inspect.check(p)
  local bytes, err = raw.bytes(p)
  if not bytes then return nil, err end
  local entries = { right = true }
  for place = 1, raw.count(p) do
    for i, field in fields_of(raw.layer(p, place)) do
      if field.auto and field.state ~= "absent" and field.state ~= "unread" then
        local entry = check_field(p, place, i, field, bytes)
        if entry.right == false then entries.right = false end
        entries[#entries + 1] = entry
      end
    end
    check_inner(p, place, bytes, entries)
  end
  return entries
end

--- Is every length and checksum right for certain? True where the packet comes out the same when
-- all of them are worked out anew; where it doesn't, check() says what is wrong, or that nothing
-- is.
function inspect.is_right(p)
  local bytes = bytes_of(p)
  if not bytes then return false end
  local q = raw.copy(p)
  raw.recompute(q)
  return bytes_of(q) == bytes
end

-- ------------------------------------------------------------------------------------- diff

-- A list of names, { "IP.id", "chksum", "Ether" }, or a table { ["IP.id"] = true }, as a set.
local function to_set(names)
  local set = {}
  for k, v in pairs(names or {}) do
    if math.type(k) then set[tostring(v)] = true elseif v then set[tostring(k)] = true end
  end
  return set
end

local function is_there(field)
  return field.state ~= "absent" and field.state ~= "unread"
end

-- The bytes that a field of a layer takes; nil where it isn't whole ones.
local function bytes_of_field(layer, field)
  local first = raw.range(layer)
  if not first or field.bit_offset % 8 ~= 0 or field.bit_length % 8 ~= 0 then return nil end
  local at = first + field.bit_offset // 8
  return raw.bytes(raw.of(layer)):sub(at + 1, at + field.bit_length // 8)
end

-- One value may be given in several forms; on the wire they are the same.
local function is_same(a, b, i, field, other)
  if is_there(field) == is_there(other)
    and (not is_there(field) or raw.literal(a, i) == raw.literal(b, i)) then return true end
  local left, right = bytes_of_field(a, field), bytes_of_field(b, other)
  return left ~= nil and left == right
end

local function diff_fields(place, a, b, ignore, found)
  local kind = raw.kind(a)
  for i, field in fields_of(a) do
    local other = raw.field(b, i)
    local ignored = ignore[field.id] or ignore[kind .. "." .. field.id]
    if not ignored and not is_same(a, b, i, field, other) then
      found[#found + 1] = { layer = place, kind = kind, field = field.id,
                            a = field.value, b = other.value,
                            a_text = field.text, b_text = other.text }
    end
  end
end

local function diff_layers(place, a, b, ignore, found)
  local left, right = a and raw.kind(a), b and raw.kind(b)
  if ignore[left or right] and (left == right or not left or not right) then return end
  if left == right then
    diff_fields(place, a, b, ignore, found)
  else
    found[#found + 1] = { layer = place, a = left, b = right,
                          a_text = left or "", b_text = right or "" }
  end
end

--- How two packets differ: layers at the same place are compared, field by field. Fields that take
-- the same bytes don't differ.
-- @param p, q packets
-- @tparam[opt] {string,...} ignore what isn't compared: "IP.id", "chksum", "Ether"
-- @treturn {difference,...} none if they are the same: `layer` (the place), `kind`, `field`, `a`,
--   `b` and as a person sees them `a_text`, `b_text`; where the layers are of different protocols,
--   or one packet has none there, `a` and `b` are those and `field` is nil
function inspect.diff(p, q, ignore)
  local set, found = to_set(ignore), {}
  for place = 1, math.max(raw.count(p), raw.count(q)) do
    diff_layers(place, raw.layer(p, place), raw.layer(q, place), set, found)
  end
  return found
end

-- -------------------------------------------------------------------------------- identical

local function first_difference(a, b)
  for i = 1, math.max(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return i - 1 end
  end
end

-- The field that a byte of the packet lies in, or nil.
local function field_at(layer, offset)
  local bit = (offset - raw.range(layer)) * 8
  for _, field in fields_of(layer) do
    local behind = field.bit_offset + field.bit_length
    if field.bit_offset < bit + 8 and behind > bit then return field end
  end
end

local function explain(p, place, bytes)
  local q = raw.copy(p)
  raw.forget(q, place)
  local again, why = bytes_of(q)
  local layer = raw.layer(p, place)
  if again == bytes then return nil end
  local entry = { layer = place, kind = (raw.kind(layer)), why = why }
  if not again then return entry end
  entry.offset = first_difference(bytes, again)
  local field = field_at(layer, entry.offset)
  entry.field = field and field.id
  entry.bytes, entry.built = bytes:byte(entry.offset + 1), again:byte(entry.offset + 1)
  return entry
end

--- Does building from the fields' values alone give the packet's bytes?
-- @treturn boolean
-- @treturn {entry,...} for each layer that doesn't: `layer` (its place), `kind`, `offset` of the
--   first byte that differs, `bytes` and `built`: what it is and what it became, and `field`: the
--   one it lies in, nil where it lies in none. Or `why` it couldn't be built
function inspect.identical(p)
  local bytes, err = raw.bytes(p)
  if not bytes then return nil, err end
  local found = {}
  for place = 1, raw.count(p) do found[#found + 1] = explain(p, place, bytes) end
  return #found == 0, found
end

return inspect
