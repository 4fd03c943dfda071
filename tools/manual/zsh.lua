--- Completion for zsh.
-- @module tools.manual.zsh

local completion = require "tools.manual.completion"

local zsh = {}

local HEAD = [==[
#compdef luapkt

# Completion of luapkt(1) for zsh, made from its tables of options.

(( $+functions[_luapkt_protocols] )) ||
_luapkt_protocols() {
  local -a ids
  ids=(${(f)"$(_call_program protocols luapkt plan 2>/dev/null)"})
  _wanted protocols expl protocol compadd -a ids
}

# PROTOCOL.FIELD, by the lines of 'luapkt plan PROTOCOL'
(( $+functions[_luapkt_fields] )) ||
_luapkt_fields() {
  local -a ids
  local id=${PREFIX%%.*}
  local field='^ +[0-9]+  @[^ ]+ +([0-9]+ )?[a-z]+ +[^ ]+ +([^ ]+).*'
  if compset -P '*.'; then
    ids=(${(f)"$(_call_program fields luapkt plan ${(q)id} 2>/dev/null |
      sed -nE "s/$field/\\2/p")"})
    _wanted fields expl field compadd -a ids
  else
    ids=(${(f)"$(_call_program protocols luapkt plan 2>/dev/null)"})
    _wanted protocols expl protocol compadd -S . -a ids
  fi
}

(( $+functions[_luapkt_templates] )) ||
_luapkt_templates() {
  local -a ids
  ids=(${(f)"$(_call_program templates luapkt generate --list 2>/dev/null)"})
  _alternative 'files:file:_files' 'templates:template:compadd -a ids'
}

(( $+functions[_luapkt_interfaces] )) ||
_luapkt_interfaces() {
  local -a names
  names=(/sys/class/net/*(N:t))
  _wanted interfaces expl interface compadd -a names
}

(( $+functions[_luapkt_parameters] )) ||
_luapkt_parameters() {
  if compset -P '@' || compset -P 'base64:'; then
    _files
  else
    _message 'JSON, @FILE or base64:FILE'
  fi
}
]==]

local TAIL = [==[

_luapkt() {
  local curcontext="$curcontext" state line ret=1
  typeset -A opt_args
  _arguments -C \
    '(- *)'{-h,--help}'[list the commands]' \
    '(- *)'{-V,--version}'[print the version]' \
    '1:command:_luapkt_commands' \
    '*::argument:->argument' && ret=0
  if [[ $state == argument ]] && (( $+functions[_luapkt_command_$words[1]] )); then
    curcontext="${curcontext%:*:*}:luapkt-$words[1]:"
    _luapkt_command_$words[1] && ret=0
  fi
  return ret
}

_luapkt "$@"
]==]

local ACTIONS = {
  file = "_files", folder = "_files -/", interface = "_luapkt_interfaces",
  field = "_luapkt_fields", protocol = "_luapkt_protocols", template = "_luapkt_templates",
  parameter = "_luapkt_parameters", method = "_luapkt_methods",
}

-- As one word between single quotes.
local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function value_spec(option)
  if not option.arg then return "" end
  local action = option.choices and ("(%s)"):format(table.concat(option.choices, " "))
    or ACTIONS[option.kind] or " "
  return ("%s:%s:%s"):format(option.optional and ":" or "", option.arg:lower(), action)
end

-- "--name=" takes its value there or as the next word, "-n+" as well.
local function name_spec(name, option)
  if not option.arg then return name end
  return name .. (name:find "^%-%-" and "=" or "+")
end

-- One option under all its names, none of which goes with another.
local function option_spec(option)
  local names = {}
  for i, name in ipairs(option.names) do names[i] = name_spec(name, option) end
  local first = option.repeated and "*" or ("(%s)"):format(table.concat(option.names, " "))
  if option.names[#option.names] == "--help" then first = "(- *)" end
  local rest = quote(("[%s]%s"):format(option.help:gsub("[%[%]\\]", "\\%0"), value_spec(option)))
  if #names == 1 then return quote(first .. names[1]) .. rest end
  return quote(first) .. ("{%s}"):format(table.concat(names, ",")) .. rest
end

local function place_spec(i, at)
  local kinds, actions = {}, {}
  for kind in pairs(at.kinds) do table.insert(kinds, kind) end
  table.sort(kinds)
  for _, kind in ipairs(kinds) do
    if not (kind == "file" and at.kinds.template) then table.insert(actions, ACTIONS[kind]) end
  end
  local action = actions[1] or " "
  if #at.words > 0 then action = ("(%s)"):format(table.concat(at.words, " ")) end
  return quote(("%s:%s:%s"):format(at.repeated and "*" or tostring(i), at.name, action))
end

local function command_function(command)
  local specs = {}
  for _, option in ipairs(command.options) do table.insert(specs, option_spec(option)) end
  for i, at in ipairs(command.places) do table.insert(specs, place_spec(i, at)) end
  return ("\n_luapkt_command_%s() {\n  _arguments -s -S \\\n    %s\n}\n"):format(command.name,
    table.concat(specs, " \\\n    "))
end

local function list_function(name, tag, entries)
  return ("\n%s() {\n  local -a list=(\n    %s\n  )\n  _describe -t %ss %s list\n}\n"):format(name,
    table.concat(entries, "\n    "), tag, tag)
end

--- The script.
-- @tparam table tables `commands`, as for pages; `methods`, a list of names
function zsh.make(tables)
  local commands, methods, parts = {}, {}, {}
  for i, command in ipairs(tables.commands) do
    commands[i] = quote(command.name .. ":" .. command.meaning)
    parts[i] = command_function(completion.of(command))
  end
  for i, method in ipairs(tables.methods) do methods[i] = quote(method) end
  return HEAD .. list_function("_luapkt_commands", "command", commands)
    .. list_function("_luapkt_methods", "method", methods) .. table.concat(parts) .. TAIL
end

return zsh
