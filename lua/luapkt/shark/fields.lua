--- Values of packets in columns: `luapkt shark -T fields -e IP.src -e TCP.dport`.
-- @module luapkt.shark.fields

local path = require "luapkt.shark.path"

local fields = {}

local escapes = { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\" }

-- Escape what would end a column or a line.
local function escape(text)
  return (text:gsub("[%c\\]", function(c) return escapes[c] or ("\\x%02x"):format(c:byte()) end))
end

-- Text in quotes, with those in it doubled (RFC 4180 section 2).
local function quote(text, mark)
  return mark .. text:gsub(mark, mark .. mark) .. mark
end

local separators = { ["/t"] = "\t", ["/s"] = " " }
local marks = { d = '"', s = "'", n = "" }
local words = { header = "y or n", quote = "d, s or n" }

local settings = {
  header    = { y = true, n = false },
  separator = function(text)
    local separator = separators[text] or text
    return #separator == 1 and separator or nil, "one character, /t or /s"
  end,
  quote     = marks,
}

--- Read the settings that options `-E NAME=VALUE` give.
-- @tparam {string,...} texts
-- @treturn table { header = boolean, separator = , quote = }, or nil and what is wrong
function fields.settings(texts)
  local found = { header = false, separator = "\t", quote = "" }
  for _, text in ipairs(texts) do
    local name, value = text:match "^(%w+)=(.*)$"
    local allowed = settings[name]
    if not allowed then
      return nil, ("-E %s: header=y, separator=CHARACTER or quote=d was expected"):format(text)
    end
    local wanted, taken = words[name]
    if type(allowed) == "table" then
      taken = allowed[value]
    else
      taken, wanted = allowed(value)
    end
    if taken == nil then return nil, ("-E %s: %s was expected"):format(text, wanted) end
    found[name] = taken
  end
  return found
end

-- A name, maybe with `!h` for what a person sees (IP.src, TCP.flags!h), as a function that returns
-- an item's text; or nil and what is wrong.
local function read_name(text)
  local name = text:match "^(.*)!h$"
  local value_of, why = path.compile(name or text)
  if not value_of then return nil, ("-e %s: %s"):format(text, why) end
  return function(item)
    local value, shown = value_of(item)
    if value == nil then return "" end
    if not name and math.type(value) == "integer" then return tostring(value) end
    return shown
  end
end

--- Compile names of columns to a function that makes a line of an item.
-- @tparam {string,...} names as `luapkt.shark.path` has them, with `!h` for what a person sees
-- @tparam table options what `fields.settings` returns
-- @treturn function of an item
-- @treturn string the line above all others, "" for none; or nil and what is wrong with a name
function fields.compile(names, options)
  local columns, separator = {}, options.separator
  for i, name in ipairs(names) do
    local column, why = read_name(name)
    if not column then return nil, why end
    columns[i] = column
  end
  local made = {}
  local function line(item)
    for i, column in ipairs(columns) do
      local text = escape(column(item))
      made[i] = options.quote ~= "" and quote(text, options.quote) or text
    end
    return table.concat(made, separator, 1, #columns)
  end
  return line, options.header and table.concat(names, separator) .. "\n" or ""
end

return fields
