-- tools/manual/markdown: Markdown to mdoc(7). Expected lines are written as mdoc(7) and
-- mandoc_char(7) have them.

local markdown = require "tools.manual.markdown"
local support  = require "spec.support"

local function convert(text, options)
  local all = { name = "d.md", links = { ["other.md"] = { name = "luapkt-other", section = 5 } } }
  for k, v in pairs(options or {}) do all[k] = v end
  return markdown.to_mdoc(text, all)
end

-- It can't be converted; the error is `message`, with the line where it is.
local function refuses(text, message)
  local ok, err = pcall(convert, text)
  assert.is_false(ok, text)
  assert.equal("d.md:" .. message, err)
end

describe("headings", function()
  it("are sections and subsections; the title is the page's own", function()
    assert.equal('.Sh "HOW A PAGE IS MADE"\nOne.\n.Ss "The rest"\nTwo.\n',
      convert "# Title\n\n## How a page is made\n\nOne.\n\n### The rest\n\nTwo.\n")
  end)

  it("keep the case of code", function()
    assert.equal('.Sh "THE \\fBget_all\\fR METHOD"\n', convert "## The `get_all` method\n")
  end)

  it("have three levels", function()
    refuses("text\n\n#### Deep\n", "3: a heading of a fourth level, or none")
    refuses("text\n\n# Another title\n", "3: a heading of a fourth level, or none")
  end)
end)

describe("a paragraph", function()
  it("has each sentence on a line", function()
    assert.equal("One, e.g. this (or that.)\nTwo?\nThree.\n\\fB.x\\fR too.\n",
      convert "One, e.g. this (or that.) Two?\nThree. `.x` too.\n")
  end)

  it("stands apart from what is above it, but for a heading", function()
    assert.equal('.Sh "A"\nOne.\n.Pp\nTwo.\n', convert "## A\nOne.\n\nTwo.\n")
  end)

  it("shows code as it is", function()
    assert.equal("say \\fB\\-\\-port\\fR, \\fB\\(aqx\\(aq\\fR, \\fB\\(ga\\(ha\\(ti\\e\\fR\n",
      convert "say `--port`, `'x'`, `` `^~\\ ``\n")
    assert.equal("\\fB\\[u20AC]\\fR \\[u00E9]\n", convert "`€` é\n")
  end)

  it("has emphasis", function()
    assert.equal("\\fIso\\fR and \\fBso\\fR, 2 * 3\n", convert "*so* and **so**, 2 * 3\n")
  end)

  it("is no macro, whatever it begins with", function()
    assert.equal("\\&.trp files\n", convert ".trp files\n")
    assert.equal("\\&'tis\n", convert "'tis\n")
  end)

  it("refers to pages", function()
    assert.equal("See\n.Xr luapkt-other 5 .\nMore.\n", convert "See [other.md](other.md). More.\n")
    assert.equal("the file\n.Pq Xr luapkt-other 5 ,\nwhich\n",
      convert "the [file](docs/other.md), which\n")
    assert.equal("See\n.Pq Xr luapkt-other 5 .\n", convert "See ([other.md](other.md)).\n")
    assert.equal('the\n.Lk https://example.org "x (y)" ;\nz\n',
      convert "the [x (y)](https://example.org); z\n")
  end)

  it("is refused where it has what would be lost", function()
    refuses("a\n\n[x](unknown.md)\n", "3: a link to 'unknown.md', which is no page")
    refuses("see[other.md](other.md)\n", "1: a link that isn't a word of its own")
    refuses("![x](other.md)\n", "1: an image")
    refuses("[x][y]\n", "1: a link by reference")
    refuses("a <b>c</b>\n", "1: HTML")
    refuses("a &amp; b\n", "1: an entity")
    refuses("an _emphasis_ here\n", "1: emphasis with '_'; say *text*")
    refuses("one `two\n", "1: '`' without an end")
    refuses("one *two\n", "1: '*' without an end")
    refuses("*a `b`*\n", "1: more than text in 'a `b`'")
    refuses("    code\n", "1: indented text")
    refuses("> quoted\n", "1: '>' at a line's start")
    refuses("* item\n", "1: '*' at a line's start")
    refuses("a\n\n---\n", "3: a line across, or a heading by one")
    refuses("a\\\nb\n", "1: a forced end of a line")
  end)

  it("may have signs that only look like that", function()
    assert.equal("a < b & c, [x], snake_case_name, *\n",
      convert "a < b & c, [x], snake_case_name, \\*\n")
  end)
end)

describe("fenced code", function()
  it("is shown as it is", function()
    assert.equal(".Bd -literal -offset indent\nlocal a = \\(aqx\\(aq \\-\\- \\(gay\n\n"
      .. "\\&.Sh \\e\n.Ed\n", convert "```lua\nlocal a = 'x' -- `y\n\n.Sh \\\n```\n")
  end)

  it("has an end", function() refuses("a\n\n```\nb\n", "3: code without an end") end)
end)

describe("a table", function()
  it("is a list: a tag and what it means", function()
    assert.equal('.Bl -tag -width Ds\n.It Em "word"\n.Em "meaning"\n'
      .. '.It "\\fBa\\(dqb\\fR, \\fBc\\fR"\nOne | two.\nThree\n.It "d"\n\\&.x\n.El\n',
      convert '| word | meaning |\n|---|---|\n| `a"b`, `c` | One \\| two. Three |\n| d | .x |\n')
  end)

  it("doesn't divide within code", function()
    assert.equal('.Bl -tag -width Ds\n.It "\\fBa | b\\fR"\nc\n.El\n',
      convert "| | |\n|---|---|\n| `a | b` | c |\n")
  end)

  it("names what stands in further columns", function()
    assert.equal('.Bl -tag -width Ds\n.It Em "field"\n.Em "bytes, meaning"\n'
      .. '.It "x"\n\\fIbytes:\\fR 1; \\fImeaning:\\fR y\n'
      .. '.It "z"\n\\fImeaning:\\fR w\n.El\n',
      convert "| field | bytes | meaning |\n|---|---|---|\n| x | 1 | y |\n| z | | w |\n")
  end)

  it("is refused where rows don't fit", function()
    refuses("| a | b |\n|---|---|\n| c | d | e |\n", "3: 3 cells in a table of 2 columns")
    refuses("| a | b |\n|---|---|\n| c | d\n", "3: a row that doesn't end in '|'")
    refuses("| a | b |\n| c | d |\n", "1: a table without a line under its head")
    refuses("| a | b |\n|---|---|\n| | d |\n", "3: a row without a first cell")
  end)
end)

describe("a list", function()
  it("has items, with numbers or without", function()
    assert.equal(".Bl -bullet\n.It\nOne.\nMore.\n.It\nTwo\n.El\n", convert "- One. More.\n- Two\n")
    assert.equal(".Bl -enum\n.It\nOne\n.It\nTwo\n.El\n", convert "1. One\n2. Two\n")
  end)

  it("has one level, and counts right", function()
    refuses("- One\n  - Two\n", "2: indented text")
    refuses("1. One\n3. Two\n", "2: item 2 is '3.'")
  end)
end)

describe("a document", function()
  it("may be wanted in part", function()
    assert.equal("Two.\n.Ss \"Deeper\"\nThree.\n", convert(
      "# A\n\nOne.\n\n## B\n\nTwo.\n\n### Deeper\n\nThree.\n\n## C\n\nFour.\n", { section = "B" }))
    local ok, err = pcall(convert, "# A\n", { section = "B" })
    assert.is_false(ok)
    assert.equal("d.md: has no heading 'B'", err)
  end)

  it("tells lines from its own first one", function()
    local ok, err = pcall(convert, "# A\n\n## B\n\n<b>\n", { section = "B" })
    assert.is_false(ok)
    assert.equal("d.md:5: HTML", err)
  end)

  it("loses no word on the way", function()
    local links = {}
    for _, name in ipairs { "library", "protocols", "raw-ethernet" } do
      links[name .. ".md"] = { name = name, section = 5 }
    end
    for _, name in ipairs { "library", "protocols", "templates", "raw-ethernet" } do
      local text = assert(support.read_file(("docs/%s.md"):format(name)))
      local page = convert(text, { links = links }):lower()
      page = page:gsub("\\f[bir]", ""):gsub("\\%(%l%l", " ")
      local body = text:gsub("^[^\n]+", ""):gsub("\n```%l[%l ]*", ""):gsub("%.md", "")
      for word in body:gmatch "%w+" do
        assert.truthy(page:find(word:lower(), 1, true), name .. ": " .. word)
      end
    end
  end)
end)
