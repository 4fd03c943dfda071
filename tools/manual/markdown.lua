--- Markdown to mdoc(7): as much of Markdown as the documents under docs/ use.
--
-- That is: headings up to the third level, paragraphs, fenced code, tables, lists of one level, and
-- in text `code`, **bold**, *emphasis* and links. Anything else is an error with its line, so
-- nothing is lost on the way. The first level's heading is the document's title, which a page has
-- already; the second is a section.
-- @module tools.manual.markdown

local mdoc = require "tools.manual.mdoc"

local markdown = {}

-- { name = for errors, lines, at = the next line, line = of what is being read, links,
--   out = blocks, bare = nothing stands above the next block but a heading }
local Reader = {}
Reader.__index = Reader

function Reader:fail(format, ...)
  error(("%s:%d: "):format(self.name, self.line) .. format:format(...), 0)
end

function Reader:peek() return self.lines[self.at] end

function Reader:put(text, is_heading)
  table.insert(self.out, text)
  self.bare = is_heading == true
end

-- ---------------------------------------------------------------------------------------- text

-- The code that begins with the backticks at `at`: its text, and what is behind it.
function Reader:read_code(text, at)
  local ticks = text:match("^`+", at)
  local first = at + #ticks
  local from, to = text:find("%f[`]" .. ticks .. "%f[^`]", first)
  if not from then self:fail("'%s' without an end", ticks) end
  local code = text:sub(first, from - 1)
  return code:match "^ (.*%S.*) $" or code, to + 1
end

function Reader:read_emphasis(text, at)
  local stars = text:match("^%*+", at)
  local font = ({ ["*"] = "\\fI", ["**"] = "\\fB" })[stars]
  local from, to = text:find(stars, at + #stars, true)
  if not font or not from then self:fail("'%s' without an end", stars) end
  local inner = text:sub(at + #stars, from - 1)
  if inner:find "[`*%[]" then self:fail("more than text in '%s'", inner) end
  return font .. mdoc.text(inner) .. "\\fR", to + 1
end

local CLOSING = "^[%.,;:%?!%)]+"

-- What stands in front of a line that is a macro, until lines are made of the text.
local MACRO = "\0"

-- The lines of a macro within text, with the punctuation behind it, and what is behind that.
-- A reference in parentheses takes them along.
function Reader:put_macro(pieces, macro, text, at)
  local before = pieces[#pieces] or ""
  if before:find "%($" and text:sub(at, at) == ")" then
    pieces[#pieces], macro, at = before:sub(1, -2), "Pq " .. macro, at + 1
  end
  before = pieces[#pieces] or ""
  local closing = text:match(CLOSING, at) or ""
  at = at + #closing
  if not (before == "" or before:find "%s$") or not (text:sub(at, at) == "" or text:find("^%s", at))
  then
    self:fail("a link that isn't a word of its own")
  end
  table.insert(pieces, ("\n%s.%s%s\n"):format(MACRO, macro, closing:gsub(".", " %0")))
  return at
end

-- A document that is a page, another document, or an address.
function Reader:read_link(pieces, text, at)
  local label, target = text:match("^(%b[])(%b())", at)
  local behind = at + #label + #target
  label, target = label:sub(2, -2), target:sub(2, -2)
  local page = self.links[target:match "[^/]+$"]
  if target:find "^%a+://" then
    local macro = ("Lk %s %s"):format(target, mdoc.argument(mdoc.text(label)))
    return self:put_macro(pieces, macro, text, behind)
  elseif not page then
    self:fail("a link to '%s', which is no page", target)
  end
  local macro = ("Xr %s %d"):format(page.name, page.section)
  local shown = self:inline(label)
  if label ~= target then
    table.insert(pieces, shown)
    table.insert(pieces, " ")
    macro = "Pq " .. macro
  end
  return self:put_macro(pieces, macro, text, behind)
end

-- Of what is no text, all that Markdown knows and this doesn't.
function Reader:refuse_others(text, at)
  local rest = text:sub(at)
  if rest:find "^!%[" then self:fail "an image" end
  if rest:find "^<[%a/!]" then self:fail "HTML" end
  if rest:find "^&#?%w+;" then self:fail "an entity" end
  if rest:find "^%b[]%[" then self:fail "a link by reference" end
  local underlined = rest:find "^_%w[^_]*_$" or rest:find "^_%w[^_]*_%W"
  if underlined and not text:sub(1, at - 1):find "[%w_]$" then
    self:fail "emphasis with '_'; say *text*"
  end
end

-- Text with code, emphasis and links, as mdoc. What is plain goes through `change`, if there is
-- one.
function Reader:inline(text, change)
  local pieces, at = {}, 1
  while at <= #text do
    local plain = text:match("^[^`*%[!<&_\\]+", at)
    if plain then
      at = at + #plain
      table.insert(pieces, mdoc.text(change and change(plain) or plain))
    elseif text:find("^`", at) then
      local code
      code, at = self:read_code(text, at)
      table.insert(pieces, mdoc.code(code))
    elseif text:find("^%*+[^%s*]", at) then
      local shown
      shown, at = self:read_emphasis(text, at)
      table.insert(pieces, shown)
    elseif text:find("^%b[]%b()", at) then
      at = self:read_link(pieces, text, at)
    else
      self:refuse_others(text, at)
      local escaped = text:match("^\\(%p)", at)
      table.insert(pieces, mdoc.text(escaped or text:sub(at, at)))
      at = at + (escaped and 2 or 1)
    end
  end
  return table.concat(pieces)
end

-- The same as lines of a page.
function Reader:text(text)
  local lines = {}
  for line in mdoc.sentences(self:inline(text)):gmatch "[^\n]+" do
    line = line:match "^%s*(.-)%s*$"
    local macro = line:match("^" .. MACRO .. "(.+)")
    if macro or line ~= "" then table.insert(lines, macro or mdoc.line(line)) end
  end
  return table.concat(lines, "\n")
end

-- -------------------------------------------------------------------------------------- blocks

function Reader:read_heading()
  local marks, title = self:peek():match "^(#+) (.+)$"
  self.at = self.at + 1
  if marks == "#" and #self.out == 0 then
    return
  elseif marks == "##" then
    self:put(".Sh " .. mdoc.argument(self:inline(title, string.upper)), true)
  elseif marks == "###" then
    self:put(".Ss " .. mdoc.argument(self:inline(title)), true)
  else
    self:fail "a heading of a fourth level, or none"
  end
end

function Reader:read_fence()
  local lines = {}
  self.at = self.at + 1
  while self:peek() ~= "```" do
    if not self:peek() then self:fail "code without an end" end
    table.insert(lines, self:peek())
    self.at = self.at + 1
  end
  self.at = self.at + 1
  self:put(mdoc.display(lines))
end

-- The piece of a row at `at`, and what is behind it: '|' within code, or behind '\', doesn't
-- divide.
function Reader:row_piece(row, at)
  if row:find("^\\|", at) then return "|", at + 2 end
  if row:find("^`", at) then
    local _, behind = self:read_code(row, at)
    return row:sub(at, behind - 1), behind
  end
  local piece = row:match("^[^|`\\]+", at) or row:sub(at, at)
  return piece, at + #piece
end

function Reader:cells(row)
  local cells, cell, at = {}, "", 2
  while at <= #row do
    local piece, behind = self:row_piece(row, at)
    if row:find("^|", at) then
      table.insert(cells, cell:match "^%s*(.-)%s*$")
      cell = ""
    else
      cell = cell .. piece
    end
    at = behind
  end
  if cell ~= "" then self:fail "a row that doesn't end in '|'" end
  return cells
end

function Reader:read_row(count)
  self.line = self.at
  local cells = self:cells(self:peek())
  self.at = self.at + 1
  if count and #cells ~= count then
    self:fail("%d cells in a table of %d columns", #cells, count)
  end
  return cells
end

-- A row is an item, whose first cell is its tag. Of three and more columns the others say what
-- they are.
function Reader:row_item(heads, cells)
  if cells[1] == "" then self:fail "a row without a first cell" end
  local parts = {}
  for i = 2, #cells do
    local head = #cells > 2 and heads[i] ~= "" and ("*%s:* "):format(heads[i]) or ""
    if cells[i] ~= "" then table.insert(parts, head .. cells[i]) end
  end
  return (".It %s\n%s"):format(mdoc.argument(self:inline(cells[1])),
    self:text(table.concat(parts, "; ")))
end

-- The head as an item: what the first column and the others hold.
function Reader:head_item(heads)
  local others = table.concat(heads, ", ", 2):gsub("^, ", "")
  return (".It Em %s\n.Em %s"):format(mdoc.argument(self:inline(heads[1])),
    mdoc.argument(self:inline(others)))
end

function Reader:read_table()
  local heads = self:read_row()
  local rule = self:peek() or ""
  if not rule:find "^|[-|]+|$" then self:fail "a table without a line under its head" end
  self.at = self.at + 1
  local items = { ".Bl -tag -width Ds" }
  if heads[1] ~= "" then table.insert(items, self:head_item(heads)) end
  while (self:peek() or ""):find "^|" do
    table.insert(items, self:row_item(heads, self:read_row(#heads)))
  end
  table.insert(items, ".El")
  self:put(table.concat(items, "\n"))
end

function Reader:read_list(kind, pattern)
  local items, number = { ".Bl -" .. kind }, 0
  while true do
    local mark, text = (self:peek() or ""):match(pattern)
    if not mark then break end
    self.line, number = self.at, number + 1
    if kind == "enum" and mark ~= number .. "." then self:fail("item %d is '%s'", number, mark) end
    table.insert(items, ".It\n" .. self:text(text))
    self.at = self.at + 1
  end
  table.insert(items, ".El")
  self:put(table.concat(items, "\n"))
end

-- Does a line begin a block that is no paragraph?
local function is_block(line)
  return line:find "^```" or line:find "^#" or line:find "^|" or line:find "^%- "
    or line:find "^%d+%. "
end

function Reader:read_paragraph()
  local lines = {}
  while self:peek() and self:peek() ~= "" and not is_block(self:peek()) do
    local line = self:peek()
    self.line = self.at
    if line:find "^%s" then self:fail "indented text" end
    if line:find "^[*+] " or line:find "^>" then
      self:fail("'%s' at a line's start", line:sub(1, 1))
    end
    if line:find "^[-=*_][-=*_ ]*$" then self:fail "a line across, or a heading by one" end
    if line:find "%s%s$" or line:find "\\$" then self:fail "a forced end of a line" end
    table.insert(lines, line)
    self.at = self.at + 1
  end
  self:put((self.bare and "" or ".Pp\n") .. self:text(table.concat(lines, " ")))
end

function Reader:read_block()
  local line = self:peek()
  self.line = self.at
  if line == "" then
    self.at = self.at + 1
  elseif line:find "^```" then
    self:read_fence()
  elseif line:find "^#" then
    self:read_heading()
  elseif line:find "^|" then
    self:read_table()
  elseif line:find "^%- " then
    self:read_list("bullet", "^(%-) (.+)$")
  elseif line:find "^%d+%. " then
    self:read_list("enum", "^(%d+%.) (.+)$")
  else
    self:read_paragraph()
  end
end

-- ------------------------------------------------------------------------------------ documents

local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do table.insert(lines, line) end
  return lines
end

-- The first and the last line below a heading.
local function section(lines, title, name)
  local first, level, fenced
  for i, line in ipairs(lines) do
    if line:find "^```" then fenced = not fenced end
    local marks, words = line:match "^(#+) (.+)$"
    if marks and not fenced then
      if first and #marks <= level then return first, i - 1 end
      if words == title then first, level = i + 1, #marks end
    end
  end
  if not first then error(("%s: has no heading '%s'"):format(name, title), 0) end
  return first, #lines
end

--- A document as the body of a page, from behind its heading on.
-- @tparam string text
-- @tparam table options `name`: what errors call it; `links`: the page `{ name, section }` of each
--   document's file name; `section`: the heading of the only part that is wanted
-- @treturn string lines of mdoc; raises where the document has what can't be converted
function markdown.to_mdoc(text, options)
  local lines = lines_of(text)
  local first, last = 1, #lines
  if options.section then first, last = section(lines, options.section, options.name) end
  local reader = setmetatable({ name = options.name, links = options.links or {}, out = {},
    lines = table.move(lines, 1, last, 1, {}), at = first, line = first, bare = true }, Reader)
  while reader:peek() do reader:read_block() end
  return table.concat(reader.out, "\n") .. "\n"
end

return markdown
