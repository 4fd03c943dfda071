-- Make the manual pages and the completions: all that is installed below share/ and isn't Lua.
--
-- usage: luapkt --describe | luapkt run tools/manual/main.lua FOLDER SOURCE...
--
-- A source is man/NAME.SECTION.in. That of a command which the program doesn't have is passed over;
-- a command without one has a page of its options alone.

package.path = "./?.lua;" .. package.path

local bash   = require "tools.manual.bash"
local luapkt = require "luapkt"
local page   = require "tools.manual.page"
local zsh    = require "tools.manual.zsh"

local folder, sources = arg[1], table.move(arg, 2, #arg, 1, {})

local function read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

local function write(path, text)
  local whole = folder .. "/" .. path
  assert(os.execute(("mkdir -p '%s'"):format(whole:match "^(.*)/")))
  local file = assert(io.open(whole, "w"))
  assert(file:write(text))
  assert(file:close())
end

-- The commands, in order and by name.
local function read_commands()
  local commands = assert(luapkt.json.decode(io.read "a"))
  for _, command in ipairs(commands) do commands[command.name] = command end
  return commands
end

-- The pages to make: { name, section, source }, and their sections by name.
local function list_pages(commands)
  local pages, sections, sourced = {}, {}, {}
  for _, path in ipairs(sources) do
    local name, section = path:match "([^/]+)%.(%d)%.in$"
    local text = assert(read(path))
    local command = text:match "\n@command (%S+)"
    if not command or commands[command] then
      table.insert(pages, { name = name, section = section, path = path, text = text })
      sections[name] = section
    end
    sourced[command or ""] = true
  end
  for _, command in ipairs(commands) do
    local name = "luapkt-" .. command.name
    if not sourced[command.name] then
      table.insert(pages, { name = name, section = "1", command = command })
      sections[name] = "1"
    end
  end
  return pages, sections
end

-- Which page each document is.
local function find_links(pages)
  local links = {}
  for _, p in ipairs(pages) do
    local document = (p.text or ""):match "\n@document docs/(%S+)\n"
    if document then links[document] = { name = p.name, section = tonumber(p.section) } end
  end
  return links
end

local function list_methods()
  local names = {}
  local server = require("luapkt.rpc").new({}, {})
  for name in pairs(assert(server:call("supported_methods", { "all" }))) do
    table.insert(names, name)
  end
  table.sort(names)
  return names
end

-- A page of options alone has the date of the first source.
local function make_page(p, tables)
  if p.text then return page.make(p.text, p.path, tables) end
  return page.make_bare(p.command, assert(read(sources[1])):match "%.Dd ([^\n]+)", tables)
end

local commands = read_commands()
local pages, sections = list_pages(commands)
local tables = {
  commands = commands, sections = sections, links = find_links(pages), read = read,
  words = require("luapkt.methods.expressions").get_expression_help.run(),
  methods = list_methods(),
}
for _, p in ipairs(pages) do
  write(("man/man%s/%s.%s"):format(p.section, p.name, p.section), make_page(p, tables))
end
write("bash-completion/completions/luapkt", bash.make(tables))
write("zsh/site-functions/_luapkt", zsh.make(tables))
