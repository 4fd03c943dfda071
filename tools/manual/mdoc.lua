--- mdoc(7): the one place that knows how text is written in it.
--
-- What a terminal is to show as it is (code, options, examples) is `literal`: each of its
-- characters comes out as ASCII, so that it can be copied. Prose is `text`: there an apostrophe may
-- curl.
-- @module tools.manual.mdoc

local mdoc = {}

local LITERAL = {
  ["\\"] = "\\e", ["'"] = "\\(aq", ["`"] = "\\(ga", ["-"] = "\\-", ["^"] = "\\(ha", ["~"] = "\\(ti",
}

local function escape_wide(s)
  return (s:gsub(utf8.charpattern, function(c)
    if #c > 1 then return ("\\[u%04X]"):format(utf8.codepoint(c)) end
  end))
end

--- Text whose characters are meant as they are.
function mdoc.literal(s)
  return escape_wide((s:gsub("[\\'`%-^~]", LITERAL)))
end

--- Prose.
function mdoc.text(s)
  return escape_wide((s:gsub("\\", "\\e")))
end

--- Literal text in the font for it.
function mdoc.code(s) return "\\fB" .. mdoc.literal(s) .. "\\fR" end

--- A line of text, which is no macro whatever it begins with.
function mdoc.line(s)
  return s:find "^[.']" and "\\&" .. s or s
end

--- Text, escaped already, as one argument of a macro.
function mdoc.argument(s)
  return '"' .. s:gsub('"', "\\(dq") .. '"'
end

--- The lines of an example; `compact`: with no space above them.
function mdoc.display(lines, compact)
  local out = { ".Bd -literal -offset indent" .. (compact and " -compact" or "") }
  for _, line in ipairs(lines) do table.insert(out, mdoc.line(mdoc.literal(line))) end
  table.insert(out, ".Ed")
  return table.concat(out, "\n")
end

--- Each sentence on a line of its own, as mdoc(7) wants it.
function mdoc.sentences(s)
  return (s:gsub("([%.%?!][%)'\"]*) +([%u\\])", "%1\n%2"))
end

return mdoc
