--- What stands behind a command in its usage line: "[OPTION...] send IFACE SRC DST | recv IFACE".
--
-- Words in capitals stand for what is given, others are given so; "[X]" may be left out, "X..." be
-- repeated; '|' within a word gives choices, as a word of its own it divides the forms that the
-- command has.
-- @module tools.manual.usage

local usage = {}

-- Words of a line, in each of which brackets are closed.
local function words_of(line)
  local words, open = {}, ""
  for piece in line:gmatch "%S+" do
    open = open == "" and piece or open .. " " .. piece
    local _, opened = open:gsub("%[", "")
    local _, closed = open:gsub("%]", "")
    if opened == closed then
      table.insert(words, open)
      open = ""
    end
  end
  assert(open == "", "a usage line with an open bracket: " .. line)
  return words
end

local function read_word(word)
  local inner = word:match "^%[(.*)%]$"
  local item = { optional = inner ~= nil, choices = {} }
  local bare = (inner or word):gsub("%.%.%.$", "")
  item.repeated = bare ~= (inner or word)
  for choice in bare:gmatch "[^|]+" do table.insert(item.choices, choice) end
  item.option = bare:match "^%-%-?[%w-]+$"
  item.literal = not item.option and not bare:find "%u"
  return item
end

--- The forms of a usage line.
-- @treturn {{item,...},...} each item with `choices`, a list of texts; `optional`, `repeated`;
--   `literal`, if it is given as it is written; `option`, if it is one
-- @treturn boolean whether options may stand in front of each form
function usage.read(line)
  local forms, form, has_options = {}, {}, false
  for _, word in ipairs(words_of(line)) do
    if word == "[OPTION...]" then
      has_options = true
    elseif word == "|" then
      table.insert(forms, form)
      form = {}
    else
      table.insert(form, read_word(word))
    end
  end
  table.insert(forms, form)
  return forms, has_options
end

return usage
