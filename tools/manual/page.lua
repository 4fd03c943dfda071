--- Manual pages: of a source under man/, mdoc(7) with a few directives, and the program's tables.
--
-- A line that begins with '@' is a directive:
--
--    @command serve         NAME and SYNOPSIS of a command
--    @options               what `serve --help` lists, up to @end; between them
--    @option seed           begins what is to be added to that option's line
--    @end
--    @commands              all commands
--    @words                 the words of expressions
--    @document FILE         a document in Markdown, below its title
--    @document FILE: TITLE  what stands under one of its headings
--    @example               lines that are shown as they are, up to @end
--    @end
--    @see NAME SECTION ...  SEE ALSO, in order, without those of our pages that aren't made
--
-- @module tools.manual.page

local completion = require "tools.manual.completion"
local markdown   = require "tools.manual.markdown"
local mdoc       = require "tools.manual.mdoc"
local usage      = require "tools.manual.usage"

local page = {}

-- What a directive puts in its place; `words` is what follows its name.
local directives = {}

-- { source = lines, at = the next one, name = for errors, out = lines, tables, command }
local Page = {}
Page.__index = Page

function Page:fail(format, ...)
  error(("%s:%d: "):format(self.name, self.at - 1) .. format:format(...), 0)
end

function Page:put(format, ...)
  table.insert(self.out, select("#", ...) > 0 and format:format(...) or format)
end

function Page:next_line()
  local line = self.source[self.at]
  if line then self.at = self.at + 1 end
  return line
end

-- ------------------------------------------------------------------------------------- phrases

local function escape_pattern(s) return (s:gsub("%W", "%%%0")) end

-- Mark a word wherever the text has it.
local function mark(shown, font, word)
  return (shown:gsub("%f[%w_]" .. escape_pattern(word) .. "%f[^%w_]", font .. "%0\\fR"))
end

--- A phrase of a help text as a sentence. Where it names what the option takes, that is marked, and
-- so are the words among which it chooses.
local function sentence(phrase, arg, choices)
  local shown = mdoc.text(phrase):gsub("\n", " ")
  shown = shown:gsub("%f[%-%w]%-+", function(run) return (run:gsub("%-", "\\-")) end)
  shown = shown:gsub("'", "\\(aq")
  if arg then shown = mark(shown, "\\fI", arg) end
  for _, word in ipairs(choices or {}) do shown = mark(shown, "\\fB", word) end
  shown = shown:gsub("^%l", string.upper)
  return mdoc.sentences(shown:find "%.$" and shown or shown .. ".")
end

-- -------------------------------------------------------------------------------------- synopsis

-- "@FILE": what is before the capitals is given as it is.
local function choice_macro(choice)
  local prefix, name = choice:match "^([^%u]+)(%u.*)$"
  return prefix and ("Pf %s Ar %s"):format(prefix, name) or "Ar " .. choice
end

local function item_macro(item)
  if item.option then return "Fl " .. item.option:sub(2):gsub("%-", "\\-") end
  if item.literal then return "Cm " .. item.choices[1] end
  local list = {}
  for i, choice in ipairs(item.choices) do list[i] = choice_macro(choice) end
  local macro = table.concat(list, " | ") .. (item.repeated and " ..." or "")
  return item.optional and "Op " .. macro or macro
end

function Page:put_synopsis(help)
  local forms, has_options = usage.read(help.usage)
  for _, form in ipairs(forms) do
    self:put(".Nm %s", help.command)
    if has_options then self:put ".Op Ar OPTION ..." end
    for _, item in ipairs(form) do self:put("." .. item_macro(item)) end
  end
end

function directives.command(self, name)
  local command = self.tables.commands[name]
  if not command then self:fail("there is no command '%s'", name) end
  self.command = command
  self:put(".Sh NAME\n.Nm luapkt-%s\n.Nd %s", name, mdoc.text(command.meaning))
  self:put ".Sh SYNOPSIS"
  self:put_synopsis(command.help)
end

-- --------------------------------------------------------------------------------------- options

-- "-p, --port PORT"
local function option_tag(option)
  local macros = {}
  for i, name in ipairs(option.names) do
    macros[i] = "Fl " .. name:sub(2):gsub("%-", "\\-")
  end
  local tag = table.concat(macros, " , ")
  local inner = option.arg and option.arg:match "^%[(.*)%]$"
  if inner then return tag .. " Op Ar " .. inner end
  return option.arg and tag .. " Ar " .. option.arg or tag
end

-- What is added to options, by their names, up to @end.
function Page:read_additions()
  local additions, list = {}, nil
  for line in function() return self:next_line() end do
    local name = line:match "^@option (.+)$"
    if line == "@end" then return additions end
    if name then
      list = {}
      additions["--" .. name] = list
    elseif not list then
      self:fail "text before '@option'"
    else
      table.insert(list, line)
    end
  end
  self:fail "'@options' without '@end'"
end

function directives.options(self)
  local additions = self:read_additions()
  self:put ".Bl -tag -width Ds"
  for _, option in ipairs(self.command.help.options) do
    local arg = option.arg and option.arg:gsub("[%[%]]", "")
    local choices = completion.choices_of(self.command.name, option.names)
    self:put(".It %s\n%s", option_tag(option), mdoc.line(sentence(option.help, arg, choices)))
    for _, name in ipairs(option.names) do
      for _, line in ipairs(additions[name] or {}) do self:put(line) end
      additions[name] = nil
    end
  end
  self:put ".El"
  if next(additions) then
    self:fail("luapkt %s has no option '%s'", self.command.name, (next(additions)))
  end
end

-- ---------------------------------------------------------------------------------- other tables

function directives.commands(self)
  self:put ".Bl -tag -width Ds"
  for _, command in ipairs(self.tables.commands) do
    local name = "luapkt-" .. command.name
    self:put(".It Xr %s %s\n%s", name, self.tables.sections[name],
      mdoc.line(sentence(command.meaning)))
  end
  self:put ".El"
end

function directives.words(self)
  self:put ".Bl -tag -width Ds"
  for _, word in ipairs(self.tables.words) do
    self:put(".It %s\n%s", mdoc.argument(mdoc.code(word.usage)), mdoc.line(sentence(word.meaning)))
    if word.example then self:put(mdoc.display({ word.example }, true)) end
  end
  self:put ".El"
end

function directives.document(self, words)
  local path, title = words:match "^([^:]+): (.+)$"
  path = path or words
  local text = self.tables.read(path) or self:fail("no file '%s'", path)
  self:put((markdown.to_mdoc(text, { name = path, links = self.tables.links, section = title })
    :gsub("\n$", "")))
end

function directives.example(self)
  local lines = {}
  for line in function() return self:next_line() end do
    if line == "@end" then return self:put(mdoc.display(lines)) end
    table.insert(lines, line)
  end
  self:fail "'@example' without '@end'"
end

function directives.see(self, words)
  local list = {}
  for name, section in words:gmatch "(%S+) (%d)" do
    local ours = name:find "^luapkt"
    if not ours or self.tables.sections[name] == section then
      table.insert(list, { name = name, section = section })
    end
  end
  table.sort(list, function(a, b)
    if a.section ~= b.section then return a.section < b.section end
    return a.name < b.name
  end)
  self:put ".Sh SEE ALSO"
  for i, other in ipairs(list) do
    self:put(".Xr %s %s%s", other.name, other.section, i < #list and " ," or "")
  end
end

-- ---------------------------------------------------------------------------------------- pages

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do table.insert(lines, line) end
  return lines
end

--- A page.
-- @tparam string text its source
-- @tparam string name what errors call it
-- @tparam table tables `commands`, a list of what `luapkt --describe` prints, by name as well;
--   `words`, as get_expression_help gives them; `sections`, of our pages, as text by name; `links`,
--   the page of each document; `read`, a function that gives a file's text
-- @treturn string mdoc; raises where the source is wrong
function page.make(text, name, tables)
  local self = setmetatable({ source = lines_of(text), at = 1, name = name, out = {},
    tables = tables }, Page)
  for line in function() return self:next_line() end do
    local directive, words = line:match "^@(%S+) ?(.*)$"
    if not directive then
      self:put(line)
    elseif not directives[directive] then
      self:fail("there is no '@%s'", directive)
    else
      directives[directive](self, words)
    end
  end
  return table.concat(self.out, "\n") .. "\n"
end

-- The source of the page of a command that has none.
local BARE = [[
.Dd %s
.Dt LUAPKT-%s 1
.Os
@command %s
.Sh DESCRIPTION
%s
The options are as follows:
@options
@end
@see luapkt 1
]]

--- The same for a command without a source.
-- @tparam string date as mdoc(7) has it
function page.make_bare(command, date, tables)
  local source = BARE:format(date, command.name:upper(), command.name,
    mdoc.line(sentence(command.help.summary)))
  return page.make(source, "luapkt-" .. command.name, tables)
end

return page
