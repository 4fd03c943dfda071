--- Links the declarations of protocols to each other, as the core takes them: a protocol gets what
-- its base lends it, fields get slots, and each lower layer gets the list of its riders: which
-- protocols may follow it, and when. (Bindings say what building one of those sets in it.) The core
-- reads fields, rules and enumerations from the declarations themselves. Mistakes in links are
-- reported with their place: "file:line: PROTOCOL.field: what is wrong".
-- @module luapkt.compile

local core    = require "luapkt.core"
local field   = require "luapkt.field"
local shared  = require "luapkt.names"
local oids    = require "luapkt.oids"
local raised  = require "luapkt.raised"
local written = require "luapkt.written"

local compile = {}

-- ------------------------------------------------------------------------------------- errors

-- The metatable of mistakes: declarations may raise tables, too.
local Mistake = {}

local function raise(text) error(setmetatable({ text = text }, Mistake), 0) end

-- Raise a mistake as a table, which told() turns into a message. `at` is the field with the
-- mistake, or a path of members such as { "over", "UDP" }; nil: the protocol as a whole.
local function fail(decl, at, format, ...)
  local is_field = at and not at[1]
  local line = is_field and at.at or written.line(decl, not is_field and at or nil)
  local where = ("%s:%d: %s"):format(decl.file, line, decl.id)
  local id = is_field and at.id
  if type(id) == "string" and id ~= "" then where = where .. "." .. id end
  raise(where .. ": " .. format:format(...))
end

-- The message of what was raised.
local function told(e)
  return rawequal(debug.getmetatable(e), Mistake) and e.text or raised.placed(e, 3)
end

local function is_integer(v) return math.type(v) == "integer" end

-- The list of everything that has none; never written to.
local empty = {}

-- Add an item to one of a declaration's lists, which is made at first need: most never are.
local function append(decl, name, item)
  local list = decl[name]
  if list == nil or list == empty then
    list = {}
    decl[name] = list
  end
  list[#list + 1] = item
  return list
end

-- ----------------------------------------------------------------------------------- protocols

-- The members that a declaration may have, with the types of their values; "any": whoever reads
-- the member checks it.
local known_members = {
  id = "any", title = "string", over = "table", next = "table", fallback = "string", extent = "any",
  variant_of = "table", base = "string", pseudo = "table", abstract = "boolean", hidden = "boolean",
  fields = "table", message = "string", carries = "string or table", builds = "string",
  required = "string", place = "table", link = "any", pdu = "any", pieces = "table",
  segments = "table", unlisted = "boolean", extra = "boolean", offset_name = "string",
  shown = "string", file = "string", path = "string", line = "number", asn1 = "number or table",
  own = "any", payloads = "table", sample = "table", quote = "boolean", scapy = "boolean",
  option = "boolean", asks = "any",
}

-- What a base protocol lends to one that has none of its own. `over` stays its own.
local lent = {
  "fields", "next", "fallback", "extent", "own", "pseudo", "message", "carries", "required", "pdu",
  "asks",
}

-- The protocol that a declaration's member names, as a value or as a key.
local function named(decl, by_id, member, id)
  return by_id[id]
    or fail(decl, { member, id }, "%s: there is no protocol '%s'", member, tostring(id))
end

local function inherit(decl, by_id, seen)
  if not decl.base then return end
  if seen[decl] then fail(decl, { "base" }, "base: it is a kind of itself") end
  seen[decl] = true
  local base = named(decl, by_id, "base", decl.base)
  inherit(base, by_id, seen)
  for _, member in ipairs(lent) do
    if decl[member] == nil then decl[member] = base[member] end
  end
end

local function number_slots(decl)
  local slots, i = core.slots(decl.fields or empty)
  if slots then return slots end
  local fdecl = decl.fields[i]
  if type(fdecl) ~= "table" or fdecl.kind == nil then
    fail(decl, { "fields" }, "field %d is no field, as f.u8(\"id\") makes one", i)
  end
  fail(decl, fdecl, "field %d has no id", i)
end

-- The protocols that are the keys of a declaration's member (nil: none), in order.
local function named_keys(decl, member, t)
  if not t then return empty end
  local keys = {}
  for k in pairs(t) do
    if type(k) ~= "string" then
      fail(decl, { member }, "%s: a table by protocol was expected, as { %s = ... }, not a list",
        member, tostring(t[k]):match "^[%a_][%w_]*$" or "UDP")
    end
    keys[#keys + 1] = k
  end
  if #keys > 1 then table.sort(keys) end
  return keys
end

local match_words = {
  when = true, rank = true, read = true, build = true, listed = true, below = true,
}

local function without_words(match)
  local fields = {}
  for k, v in pairs(match) do
    if type(k) == "string" and not match_words[k] then fields[k] = v end
  end
  return fields
end

-- The fields of the lower layer that are named between those words: mostly there are no words.
local function fields_of(match)
  for k in pairs(match) do
    if type(k) ~= "string" or match_words[k] then return without_words(match) end
  end
  return match
end

-- `what` says where below over.LOWER the value is, with a `%s` for `which`.
local function check_table(decl, lower_id, value, what, which)
  if type(value) ~= "table" then
    fail(decl, { "over", lower_id }, "over.%s%s is a %s, not a table", lower_id,
      what:format(which), type(value))
  end
end

local function check_rank(decl, lower_id, rank)
  if not is_integer(rank) or rank < 0 or rank > 0xffff then
    fail(decl, { "over", lower_id }, "over.%s: a rank of 0 to 65535 was expected, not %s", lower_id,
      tostring(rank))
  end
  return rank
end

-- What may stand beside a list of several ways, for all of them.
local words_of_all = { build = true, rank = true, below = true }

local function check_words(decl, lower_id, ways)
  for k in pairs(ways) do
    if type(k) == "string" and not words_of_all[k] then
      fail(decl, { "over", lower_id, k }, "over.%s: '%s' is not for several ways", lower_id, k)
    end
  end
end

-- What a protocol says of how it rides on another: a list of riders, and what building sets.
local function read_over(decl, lower_id, word)
  check_table(decl, lower_id, word, "")
  if word[1] ~= nil then check_words(decl, lower_id, word) end
  local riders = {}
  for i, m in ipairs(word[1] ~= nil and word or { word }) do
    check_table(decl, lower_id, m, "[%s]", i)
    riders[i] = {
      upper = decl, match = fields_of(m), when = m.when,
      rank = check_rank(decl, lower_id, m.rank or word.rank or 1),
      listed = m.listed ~= false, read = m.read ~= false,
    }
  end
  if word.build ~= nil then check_table(decl, lower_id, word.build, ".build") end
  return riders, word.build or riders[1].match
end

local function ride_on(decl, low, word, riders, build, by_id)
  for _, rider in ipairs(riders) do
    if rider.read then append(low, "riders", rider) end
  end
  append(decl, "bindings", { lower = low, sets = build })
  if word.below ~= nil then check_table(decl, low.id, word.below, ".below") end
  for _, id in ipairs(named_keys(decl, "below", word.below)) do
    local lower, sets = named(decl, by_id, "below", id), word.below[id]
    check_table(decl, low.id, sets, ".below.%s", id)
    append(decl, "deep_bindings", { lower = lower, through = low, sets = sets })
  end
end

local function add_riders(decl, by_id)
  for _, lower_id in ipairs(named_keys(decl, "over", decl.over)) do
    local word = decl.over[lower_id]
    local riders, build = read_over(decl, lower_id, word)
    if lower_id:find(".", 1, true) then -- a field that holds a list of layers
      for _, rider in ipairs(riders) do
        append(decl, "rides_in", { list = lower_id, match = rider.match })
      end
    else
      ride_on(decl, named(decl, by_id, "over", lower_id), word, riders, build, by_id)
    end
  end
end

local function add_variants(decl, by_id)
  for _, lower_id in ipairs(named_keys(decl, "variant_of", decl.variant_of)) do
    local low = named(decl, by_id, "variant_of", lower_id)
    append(low, "variants", { decl = decl, when = decl.variant_of[lower_id] })
  end
end

-- Is a protocol read over others, and not only as a variant or as an item of a list?
local function is_read_over(decl)
  for lower_id, ways in pairs(decl.over or empty) do
    if not lower_id:find(".", 1, true) and ways.read ~= false then
      if #ways == 0 then return true end
      for _, way in ipairs(ways) do
        if way.read ~= false then return true end
      end
    end
  end
  return false
end

-- The bytes of a variant can turn out to be whatever those of its base can.
local function lend_variants(linked, by_id)
  local own = {}
  for _, decl in ipairs(linked) do own[decl] = decl.variants and #decl.variants or 0 end
  for _, decl in ipairs(linked) do
    local base = decl.variant_of and not is_read_over(decl) and by_id[decl.base]
    while base do
      for i = 1, decl.variant_of[base.id] and own[base] or 0 do
        append(decl, "variants", base.variants[i])
      end
      base = by_id[base.base]
    end
  end
end

-- The variants of an option are options, too.
local function mark_options(decl)
  for _, variant in ipairs(decl.option and decl.variants or empty) do
    if not variant.decl.option then
      variant.decl.option = true
      mark_options(variant.decl)
    end
  end
end

-- The protocol that the items of a list of layers are kinds of: "IP.options".
local function list_of(decl, by_id, list)
  local owner_id, field_id = list:match "^([^.]*)%.(.*)$"
  local owner = named(decl, by_id, "over", owner_id)
  for _, fdecl in ipairs(owner.fields or empty) do
    if fdecl.id == field_id and by_id[fdecl.of] then return by_id[fdecl.of] end
  end
  fail(decl, { "over", list }, "over: %s has no list of layers '%s'", owner_id, field_id)
end

-- Gather for each protocol that is the `of` of a list which protocols its items can turn out to be.
local function add_item_riders(decls, by_id)
  for _, decl in ipairs(decls) do
    for _, ride in ipairs(decl.rides_in or empty) do
      local of = list_of(decl, by_id, ride.list)
      local known = (of.item_riders or empty)[decl]
      if not known or known == ride.list then -- a kind of item, in whichever list it is
        local riders = append(of, "item_riders", { upper = decl, match = ride.match })
        riders[decl] = ride.list
      end
    end
  end
end

-- A match on the fields of the protocol that is carried, as one on the fields of `decl`; nil: it
-- doesn't have all of them. `names`: the ids of `decl`'s fields, where they differ.
local function translated(match, decl, names)
  local fields = {}
  for id, value in pairs(match) do
    local own = names[id] or id
    if not decl.slots[own] then return nil end
    fields[own] = value
  end
  return next(fields) and fields
end

local function renamed(rider, match)
  local copy = {}
  for k, v in pairs(rider) do copy[k] = v end
  copy.match = match
  return copy
end

-- `carries = "IPv6"`: what rides on IPv6 rides on this as well; or `{ "IPv6", nh = "next" }`, where
-- fields have other ids.
local function carry(decl, by_id)
  if not decl.carries then return end
  local names = type(decl.carries) == "table" and decl.carries or empty
  local from = named(decl, by_id, "carries", names == empty and decl.carries or names[1])
  decl.shows_addresses = from.pseudo ~= nil -- of the layer below, as an extension header does
  for _, rider in ipairs(from.riders) do
    local match = translated(rider.match, decl, names)
    if match then
      append(decl, "riders", names == empty and rider or renamed(rider, match))
    end
  end
  for _, upper in ipairs(from.ridden_by or empty) do
    local sets = {}
    for id, value in pairs(upper.sets) do
      local own = names[id] or id
      if decl.slots[own] then sets[own] = value end
    end
    append(upper.decl, "bindings", { lower = decl, sets = sets, carried = true })
  end
end

-- A link type, or a list of link types and of { link types..., when = rule }, to a list of
-- { type, decl, when }.
local function add_links(decl, link, when, list)
  if is_integer(link) and link >= 0 and link <= 0xffff then
    list[#list + 1] = { type = link, decl = decl, when = when }
  elseif type(link) == "table" then
    for _, inner in ipairs(link) do add_links(decl, inner, when or link.when, list) end
  elseif link ~= nil then
    fail(decl, { "link" }, "link: a link type, 0 to 65535, was expected, not %s", tostring(link))
  end
end

-- The link types of captures, those with a condition first.
local function all_links(decls)
  local list, links, rest = {}, {}, {}
  for _, decl in ipairs(decls) do add_links(decl, decl.link, nil, list) end
  for _, link in ipairs(list) do
    local into = link.when and links or rest
    into[#into + 1] = link
  end
  return table.move(rest, 1, #rest, #links + 1, links)
end

local function check_id(decl)
  if type(decl.id) ~= "string" or not decl.id:match "^[%a_][%w_]*$" then
    local id = decl.id == nil and "no id" or tostring(decl.id)
    local nameless = { file = decl.file, path = decl.path, line = decl.line, id = id }
    fail(nameless, nil, "a protocol needs an id of letters, digits and _")
  end
end

local function check_payloads(decl, by_id)
  for _, id in ipairs(decl.payloads or empty) do
    if type(id) ~= "string" then
      fail(decl, { "payloads" }, "payloads: an id was expected, not %s", tostring(id))
    end
    named(decl, by_id, "payloads", id)
  end
end

-- A copy of a declaration, to be linked.
local function copy(source, index)
  local decl, wrong, wanted = core.copy(source, known_members)
  if not decl and wanted then
    fail(source, { wrong }, "'%s' is a %s, not a %s", wrong, type(source[wrong]), wanted)
  elseif not decl then
    fail(source, { wrong }, "unknown member '%s'", tostring(wrong))
  end
  decl.index, decl.riders, decl.bindings = index, empty, empty
  return decl
end

-- Copies of the declarations, to be linked: as a list, and by id.
local function copy_all(decls)
  local by_id, linked = {}, {}
  for i, source in ipairs(decls) do
    check_id(source)
    local id = source.id
    if by_id[id] then fail(source, nil, "the id is taken by %s", by_id[id].file) end
    linked[i] = copy(source, i)
    by_id[id] = linked[i]
  end
  return linked, by_id
end

local function check_required(by_id)
  for _, required in ipairs { "Raw", "Padding" } do
    if not by_id[required] then
      raise("there is no protocol " .. required .. ", which every packet may need")
    end
  end
end

-- The steps of linking; each needs what those before it have added to the declarations.
local function prepare(decls)
  local linked, by_id = copy_all(decls)
  for _, decl in ipairs(linked) do
    check_payloads(decl, by_id)
    if decl.base then inherit(decl, by_id, {}) end
  end
  for _, decl in ipairs(linked) do decl.slots = number_slots(decl) end
  for _, decl in ipairs(linked) do
    add_riders(decl, by_id)
    add_variants(decl, by_id)
  end
  lend_variants(linked, by_id)
  for _, decl in ipairs(linked) do mark_options(decl) end
  for _, decl in ipairs(linked) do
    for _, b in ipairs(decl.bindings) do
      append(b.lower, "ridden_by", { decl = decl, sets = b.sets })
    end
  end
  for _, decl in ipairs(linked) do carry(decl, by_id) end
  add_item_riders(linked, by_id)
  check_required(by_id)
  return linked, by_id
end

--- Link a list of declarations, each with `file` (shown in messages), maybe `path` and `line`.
-- @treturn table { protocols = linked declarations, ids = the same by id, links = {...} and what
--   else `core.compile` reads them with }, or nil and a message
function compile.link(decls)
  local ok, linked = xpcall(function()
    local protocols, ids = prepare(decls)
    return setmetatable({
      protocols = protocols, ids = ids, links = all_links(protocols),
      shared = shared, none = field.none, rule = field.Rule, oids = oids, line = written.line,
    }, core.linked)
  end, told)
  if ok then return linked end
  return nil, linked
end

return compile
