--- The methods about expressions.
-- @module luapkt.methods.expressions

local core = require "luapkt.core"

local array = core.json.array

local expressions = {}

-- What isn't a word of the table in the core, but of each protocol.
local constructor = {
  name = "PROTOCOL",
  usage = "PROTOCOL{field = value, ...}",
  meaning = "a packet within a field: every protocol's id is such a word; / puts one on another",
  example = 'DNSQR{qname = "x.org", qtype = "A"}',
}

expressions.get_expression_help = {
  params = {},
  run = function()
    local words = array(core.expression_words())
    table.insert(words, 1, constructor)
    return words
  end,
}

return expressions
