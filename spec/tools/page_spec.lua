-- tools/manual/page: a page of its source and of the program's tables.

local page = require "tools.manual.page"

local commands = {
  { name = "dig", meaning = "look for it", help = {
    command = "luapkt dig", usage = "[OPTION...] NAME [FILE...] | --list",
    summary = "Look for it\nin 'files'.",
    options = {
      { names = { "-d", "--depth", "--how-deep" }, arg = "N", help = "N levels, not more. Or '-'" },
      { names = { "--log" }, arg = "[FILE]", help = "into FILE, as --depth says" },
      { names = { "-h", "--help" }, help = "print this" },
    },
  } },
}
commands.dig = commands[1]

local tables = {
  commands = commands,
  words = { { usage = 'f("s")', meaning = "a word", example = "f'x'" },
            { usage = "g", meaning = "another" } },
  sections = { ["luapkt-dig"] = "1", luapkt = "1" },
  links = {},
  read = function(path)
    return path == "docs/d.md" and "# D\n\n## One\n\nText.\n\n## Two\n\nMore.\n"
  end,
}

local function make(source) return page.make(source, "p.in", tables) end

local function refuses(source, message)
  local ok, err = pcall(make, source)
  assert.is_false(ok)
  assert.equal(message, err)
end

describe("a page", function()
  it("is its source, but for directives", function()
    assert.equal(".Dd x\n.Sh Y\ntext\n\\&@FILE\n", make ".Dd x\n.Sh Y\ntext\n\\&@FILE\n")
    refuses("text\n@tables\n", "p.in:2: there is no '@tables'")
  end)

  it("has a command's name and forms", function()
    assert.equal([[
.Sh NAME
.Nm luapkt-dig
.Nd look for it
.Sh SYNOPSIS
.Nm luapkt dig
.Op Ar OPTION ...
.Ar NAME
.Op Ar FILE ...
.Nm luapkt dig
.Op Ar OPTION ...
.Fl \-list
]], make "@command dig\n")
    refuses("@command dog\n", "p.in:1: there is no command 'dog'")
  end)

  it("has a command's options, in sentences, with what is added to them", function()
    local text = make "@command dig\n@options\n@option log\nMore\n.Em of it .\n@end\nend\n"
    assert.equal([[
.Bl -tag -width Ds
.It Fl d , Fl \-depth , Fl \-how\-deep Ar N
\fIN\fR levels, not more.
Or \(aq\-\(aq.
.It Fl \-log Op Ar FILE
Into \fIFILE\fR, as \-\-depth says.
More
.Em of it .
.It Fl h , Fl \-help
Print this.
.El
end
]], text:match "\n(%.Bl.*)")
    refuses("@command dig\n@options\n@option dog\nMore\n@end\n",
      "p.in:5: luapkt dig has no option '--dog'")
    refuses("@command dig\n@options\nMore\n@end\n", "p.in:3: text before '@option'")
    refuses("@command dig\n@options\n", "p.in:2: '@options' without '@end'")
  end)

  it("has all commands, and all words of expressions", function()
    assert.equal(".Bl -tag -width Ds\n.It Xr luapkt-dig 1\nLook for it.\n.El\n", make "@commands\n")
    assert.equal([[
.Bl -tag -width Ds
.It "\fBf(\(dqs\(dq)\fR"
A word.
.Bd -literal -offset indent -compact
f\(aqx\(aq
.Ed
.It "\fBg\fR"
Another.
.El
]], make "@words\n")
  end)

  it("has documents, or a part of one", function()
    assert.equal('.Sh "ONE"\nText.\n.Sh "TWO"\nMore.\n', make "@document docs/d.md\n")
    assert.equal("More.\n", make "@document docs/d.md: Two\n")
    refuses("@document docs/e.md\n", "p.in:1: no file 'docs/e.md'")
  end)

  it("has examples as they are written", function()
    assert.equal(".Bd -literal -offset indent\n$ a \\-b \\(aqc\\(aq\n\\&.d\n.Ed\n",
      make "@example\n$ a -b 'c'\n.d\n@end\n")
    refuses("@example\n$ a\n", "p.in:2: '@example' without '@end'")
  end)

  it("refers to other pages in order, and to ours only where they are made", function()
    assert.equal(".Sh SEE ALSO\n.Xr luapkt 1 ,\n.Xr luapkt-dig 1 ,\n.Xr pcap 3\n",
      make "@see pcap 3 luapkt-dig 1 luapkt-dog 1 luapkt 1\n")
  end)

  it("is made of options alone where a command has no source", function()
    local text = page.make_bare(commands.dig, "November 26, 2026", tables)
    assert.equal(".Dd November 26, 2026\n.Dt LUAPKT-DIG 1\n.Os\n.Sh NAME\n.Nm luapkt-dig\n",
      text:match "^.-%-dig\n")
    assert.matches(".Sh DESCRIPTION\nLook for it in \\(aqfiles\\(aq.\nThe options are as follows:\n"
      .. ".Bl -tag", text, 1, true)
    assert.matches(".Sh SEE ALSO\n.Xr luapkt 1\n", text, 1, true)
  end)
end)
