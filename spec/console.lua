-- Commands in documents: blocks of "console", each line with "$ " a command of luapkt, and behind
-- it what it prints.

local support = require "spec.support"

local console = {}

--- Each command of a text, and what the text says that it prints.
-- @treturn {table,...} `{ command =, printed = }`
function console.commands(text)
  local list = {}
  for block in text:gmatch "\n```console\n(.-)```" do
    for line in block:gmatch "([^\n]*)\n" do
      local command = line:match "^%$ (.*)$"
      if command then
        list[#list + 1] = { command = command, printed = "" }
      else
        list[#list].printed = list[#list].printed .. line .. "\n"
      end
    end
  end
  return list
end

--- What a command prints in a folder, errors with it.
function console.run(folder, command)
  local program = support.quote(support.program())
  local here = ("cd %s; luapkt() { %s \"$@\"; }; { %s\n} 2>&1"):format(support.quote(folder),
    program, command)
  local _, out = support.run(here)
  return out
end

return console
