--- Declarations to the flat form that the core takes: names resolved to numbers, rules lowered to
-- postfix programs, riders and bindings gathered per lower layer. Checks what an author can get
-- wrong and says where: "file:line: PROTOCOL.field: what is wrong".
-- @module luapkt.compile

local field  = require "luapkt.field"
local shared = require "luapkt.names"

local compile = {}

-- ------------------------------------------------------------------------------------- errors

-- Raised within the compiler as a table, turned into a message at its edge.
local function fail(decl, fdecl, format, ...)
  local where = ("%s:%d: %s"):format(decl.file, fdecl and fdecl.at or decl.line or 1, decl.id)
  if fdecl and fdecl.id then where = where .. "." .. fdecl.id end
  error({ protocol_error = where .. ": " .. format:format(...) }, 0)
end

local function is_integer(v) return math.type(v) == "integer" end

-- Numbers first, then text, each in order.
local function sorted_keys(t)
  local numbers, texts = {}, {}
  for k in pairs(t) do
    local list = type(k) == "number" and numbers or texts
    list[#list + 1] = k
  end
  table.sort(numbers)
  table.sort(texts)
  return table.move(texts, 1, #texts, #numbers + 1, numbers)
end

-- -------------------------------------------------------------------------------------- rules

local slot_leaves = {
  ref = true, size = true, padded = true, count = true, given = true, form = true,
}

-- Slot numbers count from 0, as the core does.
local function slot_of(ctx, id)
  local slot = ctx.slots[id]
  if not slot then
    fail(ctx.decl, ctx.field, "the rule refers to '%s', which is no field of %s", id, ctx.decl.id)
  end
  return slot
end

local function lower(rule, ctx, out)
  local op = rule.op
  if op == "const" then
    out[#out + 1] = { op = op, num = rule[1] }
  elseif slot_leaves[op] then
    out[#out + 1] = { op = op, arg = slot_of(ctx, rule[1]) }
  elseif op == "under" then
    out[#out + 1] = { op = op, name = rule[1] }
  elseif op == "peek" then
    out[#out + 1] = { op = op, num = rule[1], arg = rule[2] }
  elseif op == "above" or op == "below" then
    for i, id in ipairs(rule[1]) do
      out[#out + 1] = { op = op, name = id }
      if i > 1 then out[#out + 1] = { op = "lor" } end
    end
  else
    for _, operand in ipairs(rule) do lower(operand, ctx, out) end
    out[#out + 1] = { op = op }
  end
  return out
end

-- A rule, or a number or boolean that stands for one; nil stays nil.
local function lower_rule(rule, ctx, what)
  if rule == nil then return nil end
  if is_integer(rule) then return { { op = "const", num = rule } } end
  if type(rule) == "boolean" then return { { op = "const", num = rule and 1 or 0 } } end
  if not field.is_rule(rule) then
    fail(ctx.decl, ctx.field, "'%s' is a %s, not a rule", what, type(rule))
  end
  return lower(rule, ctx, {})
end

-- --------------------------------------------------------------------------------------- names

-- An enumeration's flat form; the same table gives the same result.
local function flat_names(names, ctx, pool)
  if type(names) == "string" then
    local found = shared[names]
    if not found then fail(ctx.decl, ctx.field, "there is no shared enumeration '%s'", names) end
    names = found
  end
  if type(names) ~= "table" then
    fail(ctx.decl, ctx.field, "'names' is a %s, not a table or a shared name", type(names))
  end
  if pool[names] then return pool[names] end
  local flat = { values = {} }
  for _, value in ipairs(sorted_keys(names)) do
    local text = names[value]
    if value ~= "aliases" then
      if not is_integer(value) or type(text) ~= "string" then
        fail(ctx.decl, ctx.field, "an enumeration maps whole numbers to names, not %s to %s",
          tostring(value), tostring(text))
      end
      flat.values[#flat.values + 1] = { value, text }
    end
  end
  flat.texts = flat.values
  if names.aliases then
    flat.texts = table.move(flat.values, 1, #flat.values, 1, {})
    for _, text in ipairs(sorted_keys(names.aliases)) do
      flat.texts[#flat.texts + 1] = { names.aliases[text], text }
    end
  end
  pool[names] = flat
  pool[#pool + 1] = flat
  flat.index = #pool
  return flat
end

-- -------------------------------------------------------------------------------------- fields

local shows = {
  dec = true, hex = true, utc = true, ms_of_day = true, fixed8 = true, fixed16 = true, ntp = true,
  centi = true, pair = true, uuid = true,
}
-- The options of a field: true for those that the core takes as they are.
local options = {
  id = true, alias = true, kind = true, width = true, signed = true, little = true, bitfield = true,
  masked = true, show = true, default = true, epoch = true, align = true, align_own = true,
  fill = true, chain = true, fit = true, exact = true, forget = true, counted = true, whole = true,
  length = true, none_text = true, lazy = true, by_value = true, node = true,
  partial = true, optional = true, known = true, stack = true, apart = true, bitmap = true,
  at = false, flags = false, auto = false, when = false, names = false, names_by = false,
  label = false, definition = false, size = false, count = false, item = false, of = false,
  ends = false, codes = false, style = false, text = false, alternatives = false, class = false,
  nominal = false, pad = false, printed = false, listed_apart = false,
}
local number_kinds = { uint = true, mac = true, ipv4 = true, phantom = true }

local function flat_codes(fdecl, ctx, pool)
  local codes = {}
  for _, code in ipairs(sorted_keys(fdecl.codes)) do
    local def = fdecl.codes[code]
    if not is_integer(code) or code < 0 or code > 255 or type(def) ~= "table" then
      fail(ctx.decl, fdecl, "option %s: a code of 0 to 255 and { name, form... } were expected",
        tostring(code))
    end
    local flat = { code = code, name = def[1], form = "bytes", width = 0, count = 0 }
    for i = 2, #def do
      local bits, many = tostring(def[i]):match "^u(%d+)(%*?)$"
      if bits then
        local width = tonumber(bits) // 8
        if flat.form == "ints" and flat.width ~= width then flat.form = "mixed" end
        if flat.form ~= "mixed" then flat.form, flat.width = "ints", width end
        flat.count = many == "*" and 0 or flat.count + 1
      elseif def[i] == "ipv4" or def[i] == "ipv4*" then
        flat.form, flat.width, flat.count = "ipv4", 4, def[i] == "ipv4" and 1 or 0
      elseif def[i] == "none" or def[i] == "flag" then
        flat.form = "flag"
      elseif def[i] ~= "bytes" then
        fail(ctx.decl, fdecl, "option %d: unknown form '%s'", code, tostring(def[i]))
      end
    end
    if flat.form == "mixed" then
      flat.form, flat.widths = "ints", {}
      for i = 2, #def do flat.widths[i - 1] = tonumber(def[i]:match "%d+") // 8 end
    end
    if def.names then flat.names = flat_names(def.names, ctx, pool).index end
    codes[#codes + 1] = flat
  end
  return codes
end

local flat_field

local function flat_alternatives(fdecl, ctx, pool)
  local flat = {}
  for i, alt in ipairs(fdecl.alternatives) do
    if type(alt) ~= "table" or type(alt[1]) ~= "table" then
      fail(ctx.decl, fdecl, "alternative %d: { when = rule, field } was expected", i)
    end
    flat[i] = { when = lower_rule(alt.when, ctx, "when"), op = flat_field(alt[1], ctx, pool) }
  end
  if #flat == 0 or flat[#flat].when then
    fail(ctx.decl, fdecl, "the last alternative must have no 'when'")
  end
  return flat
end

-- { field = value } to { { slot, value }, ... }
local function flat_matches(match, ctx, slots, lower_id)
  local flat = {}
  for _, id in ipairs(sorted_keys(match)) do
    if not slots[id] then
      fail(ctx.decl, ctx.field, "%s has no field '%s'", lower_id, tostring(id))
    end
    if not is_integer(match[id]) and type(match[id]) ~= "string" then
      fail(ctx.decl, ctx.field, "the value of %s.%s is neither a whole number nor bytes",
           lower_id, tostring(id))
    end
    flat[#flat + 1] = { slots[id], match[id] }
  end
  return flat
end

-- What the core takes as it is; unknown options are a mistake.
local function copy_options(fdecl, ctx)
  local flat = {}
  for k, v in pairs(fdecl) do
    local plain = options[k]
    if plain then
      flat[k] = v
    elseif plain == nil then
      fail(ctx.decl, fdecl, "unknown option '%s'", tostring(k))
    end
  end
  if fdecl.show and not shows[fdecl.show] then
    fail(ctx.decl, fdecl, "unknown 'show': '%s'", tostring(fdecl.show))
  end
  if fdecl.width and number_kinds[fdecl.kind] and (fdecl.width < 1 or fdecl.width > 64) then
    fail(ctx.decl, fdecl, "a width of 1 to 64 bits was expected, not %s", tostring(fdecl.width))
  end
  return flat
end

-- The bytes that the reference shows for a field that takes none.
local function nominal_length(fdecl)
  if fdecl.nominal then return fdecl.nominal end
  if number_kinds[fdecl.kind] then
    if fdecl.kind == "phantom" then return 1 end
    if fdecl.bitfield then return 0 end
    return fdecl.width == 24 and 4 or fdecl.width // 8
  end
  return fdecl.kind == "ipv6" and 16 or 2
end

-- What is shown for no value: null for fields that are shown in hexadecimal and for flags.
local function none_text(fdecl)
  if fdecl.none_text then return fdecl.none_text end
  if fdecl.show == "ms_of_day" then return "--" end
  if fdecl.show == "hex" or fdecl.flags then return nil end
  return "None"
end

local function flat_flags(fdecl, ctx, flat)
  local letters = type(fdecl.flags) == "string"
  flat.flag_names = {}
  for bit = 1, fdecl.width do
    local name
    if letters then name = fdecl.flags:sub(bit, bit) else name = fdecl.flags[bit] end
    flat.flag_names[bit] = name and name ~= "" and tostring(name) or false
  end
  if (letters and #fdecl.flags or #fdecl.flags) > fdecl.width then
    fail(ctx.decl, fdecl, "more names than the field has bits")
  end
  flat.letters = letters
  flat.show = "flags"
end

local function flat_of(fdecl, ctx, flat)
  local target = ctx.by_id[fdecl.of]
  if not target then fail(ctx.decl, fdecl, "there is no protocol '%s'", tostring(fdecl.of)) end
  flat.of = target.index
  flat.kinds = {}
  for _, rider in ipairs(target.item_riders) do
    local ctx_of_rider = { decl = rider.upper }
    flat.kinds[#flat.kinds + 1] = {
      upper = rider.upper.index,
      match = flat_matches(rider.match, ctx_of_rider, target.slots, target.id),
    }
  end
  if fdecl.ends then flat.ends = flat_matches(fdecl.ends, ctx, target.slots, target.id)[1] end
  if fdecl.pad then
    flat.pad_one = fdecl.pad.one and ctx.by_id[fdecl.pad.one].index
    flat.pad_many = fdecl.pad.many and ctx.by_id[fdecl.pad.many].index
    flat.pad_when = lower_rule(fdecl.pad.when, ctx, "pad.when")
  end
end

function flat_field(fdecl, ctx, pool)
  local flat = copy_options(fdecl, ctx)
  flat.line, flat.nominal, flat.none_text = fdecl.at, nominal_length(fdecl), none_text(fdecl)
  flat.dhcp = fdecl.style == "dhcp" or nil
  if fdecl.default == field.none then
    flat.default, flat.none = nil, true
  end
  if fdecl.when ~= nil then flat.when = lower_rule(fdecl.when, ctx, "when") end
  if fdecl.count ~= nil then flat.count = lower_rule(fdecl.count, ctx, "count") end
  if fdecl.kind == "bytes" and is_integer(fdecl.ends) then flat.terminator = fdecl.ends end
  if is_integer(fdecl.size) and fdecl.kind == "bytes" then
    flat.fixed_size = fdecl.size
  elseif fdecl.size ~= nil then
    flat.size = lower_rule(fdecl.size, ctx, "size")
  end
  if type(fdecl.auto) == "table" and fdecl.auto.checksum then
    local sum = fdecl.auto
    flat.sum = {
      checksum = sum.checksum, over = sum.over, pseudo = sum.pseudo, zero_as = sum.zero_as,
      when = lower_rule(sum.when, ctx, "checksum.when"),
    }
    flat.none = true
  elseif fdecl.auto ~= nil and fdecl.kind ~= "uint" then
    if fdecl.auto ~= 0 then
      fail(ctx.decl, fdecl, "only numbers are worked out; others can be 'auto = 0'")
    end
    flat.none = flat.default == nil and fdecl.kind == "bytes"
  elseif fdecl.auto ~= nil then
    flat.auto = lower_rule(fdecl.auto, ctx, "auto")
    flat.none = flat.default == nil
  end
  if fdecl.flags then flat_flags(fdecl, ctx, flat) end
  local names = fdecl.names or fdecl.bitmap
  if names then flat.names = flat_names(names, ctx, pool).index end
  if fdecl.names_by then
    flat.names_by = { slot = slot_of(ctx, fdecl.names_by.ref), cases = {} }
    for _, key in ipairs(sorted_keys(fdecl.names_by)) do
      if key ~= "ref" then
        local case = flat_names(fdecl.names_by[key], ctx, pool)
        table.insert(flat.names_by.cases, { key, case.index })
      end
    end
  end
  if fdecl.kind == "list" and type(fdecl.item) ~= "table" then
    fail(ctx.decl, fdecl, "a list needs an item, such as f.ipv4()")
  end
  if fdecl.kind == "list" then flat.item = flat_field(fdecl.item, ctx, pool) end
  if fdecl.kind == "layers" or fdecl.kind == "layer" then flat_of(fdecl, ctx, flat) end
  if fdecl.kind == "options" then flat.codes = flat_codes(fdecl, ctx, pool) end
  if fdecl.kind == "choice" then flat.alternatives = flat_alternatives(fdecl, ctx, pool) end
  return flat
end

-- ----------------------------------------------------------------------------------- protocols

local known_members = {
  id = true, title = true, over = true, next = true, fallback = true, extent = true,
  variant_of = true, base = true, pseudo = true, abstract = true, hidden = true, fields = true,
  message = true, carries = true, builds = true, required = true, place = true, link = true,
  unlisted = true, offset_name = true, file = true, line = true,
}

-- What a base protocol lends to one that has none of its own. `over` stays its own.
local lent = { "fields", "next", "fallback", "extent", "pseudo", "message", "carries", "required" }

local function inherit(decl, by_id, seen)
  if not decl.base or seen[decl] then return end
  seen[decl] = true
  local base = by_id[decl.base]
  if not base then
    fail(decl, nil, "there is no protocol '%s' to be a kind of", tostring(decl.base))
  end
  inherit(base, by_id, seen)
  for _, member in ipairs(lent) do
    if decl[member] == nil then decl[member] = base[member] end
  end
end

local function number_slots(decl)
  decl.slots = {}
  for i, fdecl in ipairs(decl.fields or {}) do
    if type(fdecl) ~= "table" or type(fdecl.id) ~= "string" then
      fail(decl, type(fdecl) == "table" and fdecl or nil, "field %d has no id", i)
    end
    if not decl.slots[fdecl.id] then decl.slots[fdecl.id] = i - 1 end
  end
end

local match_words = {
  when = true, rank = true, read = true, build = true, listed = true, below = true,
}

-- One protocol's word on how it rides on another: a list of matches and what building sets.
local function read_over(decl, lower_id, word)
  if type(word) ~= "table" then
    fail(decl, nil, "over.%s is a %s, not a table", lower_id, type(word))
  end
  local list = word[1] ~= nil and word or { word }
  local matches, build = {}, word.build
  for _, m in ipairs(list) do
    local match = {}
    for k, v in pairs(m) do
      if type(k) == "string" and not match_words[k] then match[k] = v end
    end
    matches[#matches + 1] = { match = match, when = m.when, rank = m.rank or word.rank or 1,
                            read = m.read ~= false, listed = m.listed ~= false }
  end
  return matches, build or matches[1].match
end

local function add_riders(decl, by_id)
  for _, lower_id in ipairs(sorted_keys(decl.over or {})) do
    local matches, build = read_over(decl, lower_id, decl.over[lower_id])
    local list_owner = lower_id:match "^([^.]+)%."
    if list_owner then
      decl.rides_in = decl.rides_in or {}
      for _, m in ipairs(matches) do
        table.insert(decl.rides_in, { list = lower_id, match = m.match })
      end
    else
      local low = by_id[lower_id]
      if low then
        for _, m in ipairs(matches) do
          if m.read then
            table.insert(low.riders,
              { upper = decl, match = m.match, when = m.when, rank = m.rank, listed = m.listed })
          end
        end
        table.insert(decl.bindings, { lower = low, sets = build })
        for _, id in ipairs(sorted_keys(decl.over[lower_id].below or {})) do
          local sets = decl.over[lower_id].below[id]
          if by_id[id] then
            table.insert(decl.deep_bindings, { lower = by_id[id], through = low, sets = sets })
          end
        end
      end
    end
  end
end

-- Items of lists: which protocols the list's `of` can turn out to be.
local function add_item_riders(decls, by_id)
  for _, decl in ipairs(decls) do
    for _, ride in ipairs(decl.rides_in or {}) do
      local owner_id, field_id = ride.list:match "^([^.]+)%.(.+)$"
      local owner = by_id[owner_id]
      for _, fdecl in ipairs(owner and owner.fields or {}) do
        if fdecl.id == field_id and by_id[fdecl.of] then
          local riders = by_id[fdecl.of].item_riders
          if not riders[decl] then
            riders[decl] = true -- a kind of item, in whichever list it is
            table.insert(riders, { upper = decl, match = ride.match })
          end
        end
      end
    end
  end
end

-- `carries = "IPv6"`: what rides on IPv6 rides on this as well.
local function carry(decl, by_id)
  local from = decl.carries and by_id[decl.carries]
  if not from then return end
  for _, rider in ipairs(from.riders) do
    local fits = next(rider.match) ~= nil
    for id in pairs(rider.match) do fits = fits and decl.slots[id] ~= nil end
    if fits then table.insert(decl.riders, rider) end
  end
  for _, upper in ipairs(from.ridden_by) do
    local sets = {}
    for id, value in pairs(upper.sets) do
      if decl.slots[id] then sets[id] = value end
    end
    table.insert(upper.decl.bindings, { lower = decl, sets = sets })
  end
end

local function flat_pseudo(decl, flat, by_id)
  local p = decl.pseudo
  flat.through = decl.carries ~= nil
  if not p then return end
  local ctx = { decl = decl, slots = decl.slots }
  if p.src and not p.src:find(".", 1, true) then
    flat.src, flat.dst = slot_of(ctx, p.src), slot_of(ctx, p.dst)
    flat.len = lower_rule(p.len, ctx, "pseudo.len")
    flat.len_slot = p.unless_unset and slot_of(ctx, p.unless_unset)
  end
  local items, item, item_field = tostring(p.src):match "^(.+)%.(.+)%.(.+)$"
  if items then
    flat.items = slot_of(ctx, items)
    flat.item = by_id[item].index
    flat.item_slot = by_id[item].slots[item_field]
  end
  if p.last or p.first then
    flat.last = slot_of(ctx, p.last or p.first)
    flat.first = p.first ~= nil
    flat.when = lower_rule(p.when, ctx, "pseudo.when")
  end
end

-- A rider's condition, lowered once: several layers may carry it.
local function rider_rule(rider)
  if rider.when and not rider.lowered then
    rider.lowered = lower_rule(rider.when, { decl = rider.upper, slots = {} }, "when")
  end
  return rider.lowered
end

local function flat_protocol(decl, by_id, pool)
  local ctx = { decl = decl, slots = decl.slots, by_id = by_id }
  local flat = {
    id = decl.id, title = decl.title or decl.id, file = decl.file, abstract = decl.abstract,
    offset_name = decl.offset_name or decl.title or decl.id,
    hidden = decl.hidden, base = decl.base and by_id[decl.base].index, fields = {}, next = {},
    variants = {}, riders = {}, bindings = {}, pseudo = {}, place = decl.place,
    extent = lower_rule(decl.extent, ctx, "extent"),
    message = decl.message and slot_of(ctx, decl.message),
    required = decl.required and slot_of(ctx, decl.required),
  }
  local function index_of(id, what)
    if not by_id[id] then
      fail(decl, nil, "%s names '%s', which is no protocol", what, tostring(id))
    end
    return by_id[id].index
  end
  flat.builds = decl.builds and index_of(decl.builds, "builds")
  flat.fallback = index_of(decl.fallback or "Raw", "fallback")
  for i, fdecl in ipairs(decl.fields or {}) do
    ctx.field = fdecl
    flat.fields[i] = flat_field(fdecl, ctx, pool)
  end
  ctx.field = nil
  for i, rule in ipairs(decl.next or {}) do
    if by_id[rule.id] then
      flat.next[#flat.next + 1] = {
        when = lower_rule(rule.when, ctx, "next"),
        plan = index_of(rule.id, "next"),
      }
    elseif type(rule.id) ~= "string" then
      fail(decl, nil, "next[%d] has no id", i)
    end
  end
  for _, variant in ipairs(decl.variants) do
    table.insert(flat.variants, {
      when = lower_rule(variant.when, { decl = variant.decl, slots = {} }, "variant_of"),
      plan = variant.decl.index,
    })
  end
  for _, rider in ipairs(decl.riders) do
    table.insert(flat.riders, {
      upper = rider.upper.index, rank = rider.rank,
      match = flat_matches(rider.match, { decl = rider.upper }, decl.slots, decl.id),
      when = rider_rule(rider),
    })
  end
  for _, bindings in ipairs { decl.bindings, decl.deep_bindings } do
    for _, b in ipairs(bindings) do
      table.insert(flat.bindings, {
        lower = b.lower.index, through = b.through and b.through.index,
        sets = flat_matches(b.sets, ctx, b.lower.slots, b.lower.id),
      })
    end
  end
  flat_pseudo(decl, flat.pseudo, by_id)
  return flat
end

-- A link type, or a list of link types and of { link types..., when = rule }, to a list of
-- { type, plan, when }.
local function add_links(decl, link, when, list)
  if is_integer(link) and link >= 0 and link <= 0xffff then
    list[#list + 1] = { type = link, plan = decl.index, when = when }
  elseif type(link) == "table" then
    when = when or lower_rule(link.when, { decl = decl, slots = {} }, "link.when")
    for _, inner in ipairs(link) do add_links(decl, inner, when, list) end
  elseif link ~= nil then
    fail(decl, nil, "link: a link type, 0 to 65535, was expected, not %s", tostring(link))
  end
end

-- The link types of captures, those with a condition first.
local function flat_links(decls)
  local links, rest = {}, {}
  for _, decl in ipairs(decls) do
    local list = {}
    add_links(decl, decl.link, nil, list)
    for _, link in ipairs(list) do
      local into = link.when and links or rest
      into[#into + 1] = link
    end
  end
  return table.move(rest, 1, #rest, #links + 1, links)
end

local function check_members(decl)
  if type(decl.id) ~= "string" or not decl.id:match "^[%a_][%w_]*$" then
    local nameless = { file = decl.file, line = decl.line, id = tostring(decl.id) }
    fail(nameless, nil, "a protocol needs an id of letters, digits and _")
  end
  for k in pairs(decl) do
    if not known_members[k] then fail(decl, nil, "unknown member '%s'", tostring(k)) end
  end
end

local function prepare(decls)
  local by_id, linked = {}, {}
  for i, source in ipairs(decls) do
    check_members(source)
    local decl = {}
    for k, v in pairs(source) do decl[k] = v end
    if by_id[decl.id] then
      fail(decl, nil, "the id is taken by %s", by_id[decl.id].file)
    end
    decl.index, decl.riders, decl.bindings, decl.variants = i, {}, {}, {}
    decl.deep_bindings = {}
    decl.item_riders, decl.ridden_by = {}, {}
    by_id[decl.id], linked[i] = decl, decl
  end
  for _, decl in ipairs(linked) do inherit(decl, by_id, {}) end
  for _, decl in ipairs(linked) do number_slots(decl) end
  for _, decl in ipairs(linked) do
    add_riders(decl, by_id)
    for _, lower_id in ipairs(sorted_keys(decl.variant_of or {})) do
      local low = by_id[lower_id]
      if low then table.insert(low.variants, { decl = decl, when = decl.variant_of[lower_id] }) end
    end
  end
  for _, decl in ipairs(linked) do
    for _, b in ipairs(decl.bindings) do
      table.insert(b.lower.ridden_by, { decl = decl, sets = b.sets })
    end
  end
  for _, decl in ipairs(linked) do carry(decl, by_id) end
  add_item_riders(linked, by_id)
  for _, required in ipairs { "Raw", "Padding" } do
    if not by_id[required] then
      local why = "there is no protocol " .. required .. ", which every packet may need"
      error({ protocol_error = why }, 0)
    end
  end
  return linked, by_id
end

--- Lower a list of declarations, each with `file` (shown in messages) and maybe `line`.
-- @treturn table { protocols = {...}, names = {...}, links = {...} } for `core.compile`, or nil
--   and a message
-- @treturn table the declarations by id, linked: what definitions are made from
function compile.lower(decls)
  local pool, flat, links = {}, {}, nil
  local ok, err = pcall(function()
    local linked, by_id = prepare(decls)
    for i, decl in ipairs(linked) do flat[i] = flat_protocol(decl, by_id, pool) end
    links = flat_links(linked)
    return linked
  end)
  if not ok then
    return nil, type(err) == "table" and err.protocol_error or tostring(err)
  end
  local list = {}
  for i, names in ipairs(pool) do list[i] = { values = names.values, texts = names.texts } end
  return { protocols = flat, names = list, links = links }, err
end

return compile
