--- What completions know, for whatever shell: what options and arguments are, by their names.
-- @module tools.manual.completion

local usage = require "tools.manual.usage"

local completion = {}

-- What a word of a usage line or an option's argument stands for. Others can't be completed.
local KINDS = {
  FILE = "file", SCRIPT = "file", ["MODEL.json"] = "file", DIR = "folder",
  IFACE = "interface", ADDR = "interface",
  FIELD = "field", ID = "protocol", METHOD = "method", TEMPLATE = "template", SOURCE = "template",
  ["@FILE"] = "parameter", ["base64:FILE"] = "parameter",
}

-- Options that take one of a few words, which their help lists.
completion.choices = {
  ["generate --format"] = { "pcap", "pcap_ns", "pcapng" },
  ["shark --type"]      = { "text", "jsonl", "fields", "tree", "hex", "pcap", "pcapng" },
  ["shark --color"]     = { "always", "never", "auto" },
}

--- The words among which an option chooses, or nil.
function completion.choices_of(command, names)
  for _, name in ipairs(names) do
    local list = completion.choices[command .. " " .. name]
    if list then return list end
  end
end

local function read_option(command, option)
  local arg = option.arg and option.arg:gsub("[%[%]]", "")
  return {
    names    = option.names,
    help     = option.help:gsub("\n", " "),
    arg      = arg,
    optional = arg ~= nil and arg ~= option.arg,
    kind     = arg and KINDS[arg],
    choices  = completion.choices_of(command, option.names),
    repeated = option.help:find "may be repeated" ~= nil or option.help:find "given again" ~= nil,
  }
end

local function place(places, i)
  places[i] = places[i] or { kinds = {}, words = {}, name = nil, repeated = false }
  return places[i]
end

local function add_choice(at, choice, literal)
  if literal then
    table.insert(at.words, choice)
  elseif KINDS[choice] then
    at.kinds[KINDS[choice]] = true
  end
  at.name = at.name or (literal and "word" or choice:lower())
end

-- What can stand at each place behind the options, in any of the command's forms.
local function read_places(help)
  local places = {}
  local takes = {}
  for _, option in ipairs(help.options) do
    for _, name in ipairs(option.names) do takes[name] = option.arg ~= nil end
  end
  for _, form in ipairs((usage.read(help.usage))) do
    local i, skip = 0, false
    for _, item in ipairs(form) do
      if item.option then
        skip = takes[item.option]
      elseif skip then
        skip = false
      else
        i = i + 1
        local at = place(places, i)
        for _, choice in ipairs(item.choices) do add_choice(at, choice, item.literal) end
        at.repeated = at.repeated or item.repeated
      end
    end
  end
  return places
end

--- What completions of a command need.
-- @tparam table command of what `luapkt --describe` prints
-- @treturn table `name`, `meaning`; `options`, a list of `names`, `help`, and of those that take
--   something `arg`, `optional`, `kind` or `choices`, `repeated`; `places`, a list of `kinds`, a
--   set, `words` that are given as they are, `name`, `repeated`
function completion.of(command)
  local options = {}
  for i, option in ipairs(command.help.options) do
    options[i] = read_option(command.name, option)
  end
  return { name = command.name, meaning = command.meaning, options = options,
           places = read_places(command.help) }
end

return completion
