--- Rewrites expressions of Lua so that an operand about something that isn't there is false, where
-- Lua would raise: `TCP.dport == 80 or UDP` for a packet without TCP.
--
-- Each operand of `and`, `or` and `not` is guarded by the names that it is about:
-- `(TCP and (TCP.dport == 80)) or (UDP and (UDP))`. What stands within functions and tables is left
-- as it is.
-- @module luapkt.shark.guard

local guard = {}

-- --------------------------------------------------------------------------------------- tokens

local keywords = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat "
  .. "return then true until while"):gmatch "%a+" do
  keywords[word] = true
end

-- The token that begins at a place: its kind, and the place behind it. The text is an expression
-- that Lua has compiled, so no token is cut or wrong.
local function next_token(text, at)
  local level = text:match("^%[(=*)%[", at)
  if level then
    local _, last = text:find("]" .. level .. "]", at, true)
    return "string", last + 1
  end
  local behind = text:match("^[%a_][%w_]*()", at)
  if behind then return keywords[text:sub(at, behind - 1)] and "keyword" or "name", behind end
  behind = text:match("^%.?%d[%w.]*()", at)
  if behind then -- with a sign behind an exponent: 1e-5, 0x1p+3
    local is_hex = text:find("^0[xX]", at)
    local exponent = text:sub(behind - 1, behind - 1):lower() == (is_hex and "p" or "e")
    return "number", exponent and text:match("^[+-]%d*()", behind) or behind
  end
  local mark = text:match("^[\"']", at)
  if not mark then
    return "symbol", text:match("^[=~<>/:]=()", at) or text:match("^%.%.%.?()", at)
      or text:match("^::()", at) or text:match("^//()", at) or text:match("^<<()", at)
      or text:match("^>>()", at) or at + 1
  end
  behind = at + 1
  while text:sub(behind, behind) ~= mark do
    behind = behind + (text:sub(behind, behind) == "\\" and 2 or 1)
  end
  return "string", behind + 1
end

local function behind_comment(text, at)
  local level = text:match("^%-%-%[(=*)%[", at)
  if not level then return (text:find("\n", at, true) or #text) + 1 end
  return select(2, text:find("]" .. level .. "]", at, true)) + 1
end

-- { kind = "name", "string", "number", "keyword" or "symbol", text = }, one behind the other.
local function read_tokens(text)
  local tokens, at = {}, text:match "^%s*()"
  while at <= #text do
    if text:find("^%-%-", at) then
      at = behind_comment(text, at)
    else
      local kind, behind = next_token(text, at)
      tokens[#tokens + 1] = { kind = kind, text = text:sub(at, behind - 1) }
      at = behind
    end
    at = text:match("^%s*()", at)
  end
  return tokens
end

-- ---------------------------------------------------------------------------------------- trees

local closers = { ["("] = ")", ["["] = "]", ["{"] = "}" }

-- The place behind a function that begins at one.
local function behind_function(tokens, at)
  local depth = 0
  repeat
    local word = tokens[at].kind == "keyword" and tokens[at].text
    if word == "function" or word == "if" or word == "do" then depth = depth + 1 end
    if word == "end" then depth = depth - 1 end
    at = at + 1
  until depth == 0
  return at
end

local function joined(tokens, from, to)
  local texts = {}
  for i = from, to do texts[#texts + 1] = tokens[i].text end
  return table.concat(texts, " ")
end

-- The tokens from a place up to a closing bracket, those in brackets as one { kind = "group",
-- open =, items = }, functions as one { kind = "function", text = }; and the place behind.
local function nest(tokens, at, closer)
  local items = {}
  while tokens[at] and tokens[at].text ~= closer do
    local token = tokens[at]
    local closes = token.kind == "symbol" and closers[token.text]
    if closes then
      local inner, behind = nest(tokens, at + 1, closes)
      items[#items + 1] = { kind = "group", open = token.text, items = inner }
      at = behind
    elseif token.text == "function" then
      local behind = behind_function(tokens, at)
      items[#items + 1] = { kind = "function", text = joined(tokens, at, behind - 1) }
      at = behind
    else
      items[#items + 1] = token
      at = at + 1
    end
  end
  return items, at + 1
end

--- The tree of an expression that Lua has compiled.
function guard.read(text) return (nest(read_tokens(text), 1)) end

local function is(item, kind, text) return item and item.kind == kind and item.text == text end
local function is_group(item, open) return item and item.kind == "group" and item.open == open end

-- Is it a member's name?
local function is_member(items, i)
  local before = items[i - 1]
  return is(before, "symbol", ".") or is(before, "symbol", ":")
end

--- Call a function with each name that stands for itself, the member that is asked of it (the name
-- behind a dot, or nil), and whether it stands within a function, where it may be one of its own.
function guard.each_name(items, f, in_function)
  for i, item in ipairs(items) do
    if item.kind == "group" then
      guard.each_name(item.items, f, in_function)
    elseif item.kind == "function" then
      guard.each_name(read_tokens(item.text), f, true)
    elseif item.kind == "name" and not is_member(items, i) and not is(items[i + 1], "symbol", "=")
    then
      f(item.text, is(items[i + 1], "symbol", ".") and items[i + 2].text or nil, in_function)
    end
  end
end

-- ----------------------------------------------------------------------------------- beginning

-- The operands of an expression that has `and` alone; none of any other.
local function conjuncts(items)
  local list, operand = {}, {}
  for _, item in ipairs(items) do
    if is(item, "keyword", "or") or is(item, "symbol", ",") then return {} end
    if is(item, "keyword", "and") then
      list[#list + 1] = operand
      operand = {}
    else
      operand[#operand + 1] = item
    end
  end
  list[#list + 1] = operand
  return list
end

local comparisons = {
  ["=="] = true, ["~="] = true, ["<"] = true, [">"] = true, ["<="] = true, [">="] = true,
}

-- The value of a token that is a constant, or nil.
local function value_of(token)
  if token.kind == "number" then return tonumber(token.text) end
  return token.kind == "string" and load("return " .. token.text)() or nil
end

-- The comparison that an operand is, as guard.beginning() has it; nil: it is something else.
local function read_comparison(operand)
  local name, dot, member, comparison, constant = table.unpack(operand)
  local value = #operand == 5 and is(dot, "symbol", ".") and comparisons[comparison.text]
    and value_of(constant)
  return value and { name = name.text, member = member.text, comparison = comparison.text,
    value = value }
end

--- Call a function with each comparison of a name's member with a number or text behind it: the
-- name, the member, Lua's operator and the value. Those within functions are left out.
function guard.each_comparison(items, f)
  for i, item in ipairs(items) do
    if item.kind == "group" then guard.each_comparison(item.items, f) end
    local constant = items[i + 4]
    if item.kind == "name" and not is_member(items, i) and constant then
      local read = read_comparison(table.move(items, i, i + 4, 1, {}))
      if read then f(read.name, read.member, read.comparison, read.value) end
    end
  end
end

-- Is the operand the bits of a number, which nothing is compared with?
local function is_bare_bits(operand)
  local bits = false
  for _, item in ipairs(operand) do
    if item.kind == "symbol" and comparisons[item.text] then return false end
    bits = bits or is(item, "symbol", "&")
  end
  local only = #operand == 1 and operand[1]
  if only and is_group(only, "(") then return guard.has_bare_bits(only.items) end
  return bits
end

--- Is one of the operands of `and` and `or` just the bits of a number, `TCP.flags & 2`?
function guard.has_bare_bits(items)
  local operand = {}
  for _, item in ipairs(items) do
    if is(item, "keyword", "and") or is(item, "keyword", "or") then
      if is_bare_bits(operand) then return true end
      operand = {}
    elseif not is(item, "keyword", "not") then
      operand[#operand + 1] = item
    end
  end
  return is_bare_bits(operand)
end

--- What an expression begins with, if it is operands with but `and` between them: the first ones
-- that are a name, or compare a member of one with a number or text. It is false where one of the
-- names isn't there, or a comparison doesn't hold; what comes before the last of them can't go
-- wrong.
-- @treturn {table,...} each with `name`; a comparison with `member`, `comparison` (Lua's operator)
--   and `value`, too
function guard.beginning(tree)
  local found = {}
  for _, operand in ipairs(conjuncts(tree)) do
    local name = operand[1].kind == "name" and operand[1].text
    local read = name and (#operand == 1 and { name = name } or read_comparison(operand))
    if not read then break end
    found[#found + 1] = read
    local may_fail = read.comparison and read.comparison ~= "==" and read.comparison ~= "~="
    if may_fail then break end -- of unlike values
  end
  return found
end

-- ------------------------------------------------------------------------------------- guarding

local function is_boolean(item)
  return item.kind == "keyword" and (item.text == "and" or item.text == "or" or item.text == "not")
end

local function has_boolean(items)
  for _, item in ipairs(items) do
    if is_boolean(item) then return true end
  end
  return false
end

-- Are the parentheses there those of a call?
local function is_call(items, i)
  local before = items[i - 1]
  return before and (before.kind == "name" or before.kind == "group" or before.kind == "string")
end

-- The place behind what begins at one with a name or a parenthesis, and all that is asked of it.
local function behind_suffixes(items, at)
  at = at + 1
  while items[at] do
    local item = items[at]
    if is(item, "symbol", ".") or is(item, "symbol", ":") then
      at = at + 2
    elseif item.kind == "group" or item.kind == "string" then
      at = at + 1
    else
      break
    end
  end
  return at
end

local render_items, render_list -- they call each other

-- The texts of what is asked of a root, one member behind the other, up to the first call.
local function members_of(items, at, to, state)
  local keys = {}
  while at < to do
    if is(items[at], "symbol", ".") then
      keys[#keys + 1] = ("%q"):format(items[at + 1].text)
      at = at + 2
    elseif is_group(items[at], "[") then
      keys[#keys + 1] = render_items(items[at].items, state)
      at = at + 1
    else
      break
    end
  end
  return keys
end

local function add_once(list, text)
  if list[text] then return end
  list[text] = true
  list[#list + 1] = text
end

local function render_group(group, state)
  local text
  if group.open == "{" then
    text = render_items(group.items, { guards = {}, guards_of = state.guards_of })
  elseif has_boolean(group.items) then
    text = render_list(group.items, state.guards_of)
  else
    text = render_items(group.items, state)
  end
  return group.open .. text .. closers[group.open]
end

-- The text of items that are an operand, or part of one. What guards it goes into state.guards.
function render_items(items, state)
  local texts = {}
  for i, item in ipairs(items) do
    local inner = item.kind == "group" and render_group(item, state) or item.text
    texts[i] = inner
    local is_root = item.kind == "name" and not is_member(items, i)
    if is_root or is_group(item, "(") and not is_call(items, i) then
      local keys = members_of(items, i + 1, behind_suffixes(items, i), state)
      local text = state.guards_of(is_root and item.text, inner, keys)
      if text then add_once(state.guards, text) end
    end
  end
  return table.concat(texts, " ")
end

local function with_guards(items, guards_of)
  local state = { guards = {}, guards_of = guards_of }
  local text = render_items(items, state)
  if #state.guards == 0 then return text end
  return ("(%s and (%s))"):format(table.concat(state.guards, " and "), text)
end

-- An operand of `and` and `or`. A `not` before a single value is of the guarded value; one before
-- an operator binds closer than that, so the whole is guarded.
local function render_operand(items, guards_of)
  local first = 1
  while is(items[first], "keyword", "not") do first = first + 1 end
  local rest = table.move(items, first, #items, 1, {})
  local single = #rest > 0 and (rest[1].kind == "name" or is_group(rest[1], "("))
    and behind_suffixes(rest, 1) > #rest
  if not single then return with_guards(items, guards_of) end
  local head = ("not "):rep(first - 1)
  if #rest > 1 or rest[1].kind == "name" then return head .. with_guards(rest, guards_of) end
  return head .. "(" .. render_list(rest[1].items, guards_of) .. ")"
end

-- Expressions with commas between them.
function render_list(items, guards_of)
  local texts, operand = {}, {}
  local function take()
    if #operand > 0 then texts[#texts + 1] = render_operand(operand, guards_of) end
    operand = {}
  end
  for _, item in ipairs(items) do
    local ends = is(item, "keyword", "and") or is(item, "keyword", "or") or is(item, "symbol", ",")
    if ends then
      take()
      texts[#texts + 1] = item.text
    else
      operand[#operand + 1] = item
    end
  end
  take()
  return table.concat(texts, " ")
end

--- The text of an expression whose operands are guarded.
-- @tparam table tree what `read` returns
-- @tparam function guards_of called with a name that an operand is about (false: a parenthesis),
--   its text, and the texts of the keys that are asked of it one behind the other, it returns an
--   expression that is true where they are there; or nil
function guard.render(tree, guards_of) return render_list(tree, guards_of) end

return guard
