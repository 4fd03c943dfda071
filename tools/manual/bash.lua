--- Completion for bash.
-- @module tools.manual.bash

local completion = require "tools.manual.completion"

local bash = {}

-- What options and places take is said in tokens: the kinds of completion.lua, "=WORD" for a word
-- itself, "-" for what can't be completed, "optional" in front of what may be left out.
local HEAD = [==[
# Completion of luapkt(1) for bash, made from its tables of options.

# _luapkt_add WORD... - the words that go on as $value does.
_luapkt_add() {
  local found
  mapfile -t found < <(compgen -W "$*" -- "$value")
  COMPREPLY+=("${found[@]}")
}

# _luapkt_add_lines - the same for lines of the standard input, which may have blanks in them.
_luapkt_add_lines() {
  local line plain=${value//\\/}
  plain=${plain#[\"\']}
  while IFS= read -r line; do
    [[ $line == "$plain"* ]] && COMPREPLY+=("$line")
  done
  compopt -o filenames 2>/dev/null # so that blanks are quoted
}

# _luapkt_add_files -f|-d
_luapkt_add_files() {
  local found
  mapfile -t found < <(compgen "$1" -- "$value")
  COMPREPLY+=("${found[@]}")
  compopt -o filenames 2>/dev/null
}

# PROTOCOL.FIELD, by the lines of 'luapkt plan PROTOCOL'
_luapkt_add_fields() {
  local line id=${value%%.*} field='^ +[0-9]+  @[^ ]+ +([0-9]+ )?[a-z]+ +[^ ]+ +([^ ]+)'
  if [[ $value != *.* ]]; then
    _luapkt_add_lines < <("$program" plan 2>/dev/null | sed 's/$/./')
    compopt -o nospace 2>/dev/null
    return
  fi
  _luapkt_add_lines < <("$program" plan "$id" 2>/dev/null | while IFS= read -r line; do
    [[ $line =~ $field ]] && printf '%s\n' "$id.${BASH_REMATCH[2]}"
  done)
}

# JSON, @FILE or base64:FILE
_luapkt_add_parameter() {
  case $value in
    @*) value=${value#@} && _luapkt_add_files -f ;;
    base64:*) value=${value#base64:} && _luapkt_add_files -f ;;
    *) _luapkt_add @ base64: && compopt -o nospace 2>/dev/null ;;
  esac
}

# _luapkt_complete TOKEN... - what a value can be: see _luapkt_takes.
_luapkt_complete() {
  local token
  for token; do
    case $token in
      =*) _luapkt_add "${token#=}" ;;
      file) _luapkt_add_files -f ;;
      folder) _luapkt_add_files -d ;;
      field) _luapkt_add_fields ;;
      interface) _luapkt_add_lines < <(cd /sys/class/net 2>/dev/null && printf '%s\n' *) ;;
      method) _luapkt_add "$_luapkt_methods" ;;
      protocol) _luapkt_add_lines < <("$program" plan 2>/dev/null) ;;
      template)
        _luapkt_add_lines < <("$program" generate --list 2>/dev/null)
        _luapkt_add_files -f
        ;;
      parameter) _luapkt_add_parameter ;;
    esac
  done
}
]==]

local TAIL = [==[

_luapkt() {
  local program=$1 raw=${COMP_WORDS[COMP_CWORD]} words=() joined= word i
  # Bash cuts '--name=value', '@file' and 'base64:file' into words: join them.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $joined || $word == [=:] ]] && ((${#words[@]} > 0)); then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    joined=
    [[ $word == [=:@] ]] && joined=yes
  done
  [[ $raw == [=:@] ]] && raw=

  local command=${words[0]} value=${words[-1]} place=1 expected=
  COMPREPLY=()
  if ((${#words[@]} == 1)); then
    _luapkt_add "$_luapkt_commands"
    return
  fi
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ $expected && ! ($expected == optional* && $word == -*) ]]; then
      expected=
    elif [[ $word == --*=* ]]; then
      expected=
    elif [[ $word == -?* ]]; then
      expected=$(_luapkt_takes "$command" "$word")
    else
      expected=
      ((place++))
    fi
  done
  if [[ $value == --*=* ]]; then
    expected=$(_luapkt_takes "$command" "${value%%=*}")
    value=${value#*=}
    _luapkt_complete $expected
  elif [[ $expected && ! ($expected == optional* && $value == -*) ]]; then
    _luapkt_complete $expected
  elif [[ $value == -* ]]; then
    _luapkt_add "$(_luapkt_options "$command")"
  else
    _luapkt_complete $(_luapkt_place "$command" "$place")
  fi
  # What bash doesn't see as a word of its own stays in front.
  local prefix=${raw%"$value"}
  [[ $prefix ]] && COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
}

complete -F _luapkt luapkt
]==]

local function option_tokens(option)
  if not option.arg then return nil end
  local tokens = option.kind or "-"
  if option.choices then tokens = "=" .. table.concat(option.choices, " =") end
  return option.optional and "optional " .. tokens or tokens
end

local function place_tokens(at)
  local tokens = {}
  for kind in pairs(at.kinds) do table.insert(tokens, kind) end
  for _, word in ipairs(at.words) do table.insert(tokens, "=" .. word) end
  table.sort(tokens)
  return #tokens > 0 and table.concat(tokens, " ") or nil
end

-- A function that answers "COMMAND KEY" by `cases`, pairs of patterns and answers.
local function write_function(name, comment, cases)
  local lines = { ("\n# %s"):format(comment), name .. "() {", '  case "$1 $2" in' }
  for _, case in ipairs(cases) do
    table.insert(lines, ("    %s) echo '%s' ;;"):format(case[1], case[2]))
  end
  table.insert(lines, "  esac\n}\n")
  return table.concat(lines, "\n")
end

local function add_option_cases(takes, names, command)
  local all = {}
  for _, option in ipairs(command.options) do
    local tokens, patterns = option_tokens(option), {}
    for _, name in ipairs(option.names) do
      table.insert(all, name)
      table.insert(patterns, ("'%s %s'"):format(command.name, name))
    end
    if tokens then table.insert(takes, { table.concat(patterns, " | "), tokens }) end
  end
  table.insert(names, { ("'%s '*"):format(command.name), table.concat(all, " ") })
end

local function add_place_cases(cases, command)
  for i, at in ipairs(command.places) do
    local tokens = place_tokens(at)
    local pattern = at.repeated and "'%s '*" or "'%s " .. i .. "'"
    if tokens then table.insert(cases, { pattern:format(command.name), tokens }) end
  end
end

--- The script.
-- @tparam table tables `commands`, as for pages; `methods`, a list of names
function bash.make(tables)
  local takes, names, places, commands = {}, {}, {}, {}
  for i, command in ipairs(tables.commands) do
    local known = completion.of(command)
    commands[i] = command.name
    add_option_cases(takes, names, known)
    add_place_cases(places, known)
  end
  return table.concat {
    HEAD,
    ("\n_luapkt_commands='%s --help --version'\n"):format(table.concat(commands, " ")),
    ("_luapkt_methods='%s'\n"):format(table.concat(tables.methods, " ")),
    write_function("_luapkt_options", "_luapkt_options COMMAND - its options.", names),
    write_function("_luapkt_takes", "_luapkt_takes COMMAND OPTION - what it takes, if anything.",
      takes),
    write_function("_luapkt_place", "_luapkt_place COMMAND N - what its Nth argument can be.",
      places),
    TAIL,
  }
end

return bash
