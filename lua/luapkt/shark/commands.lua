--- Protocols whose messages are printed in a text of their own: that of a well-known program for
-- them.
-- @module luapkt.shark.commands

local core = require "luapkt.core"

local raw = core.packet

local commands = {}

-- By protocol: the module that makes the text of a layer.
local modules = { CA = "luapkt.channel_access" }

--- The protocol whose messages `luapkt shark` prints where there are any.
commands.usual = "CA"

--- What a layer says, or nil where its protocol has no text of its own.
function commands.text(layer)
  for id, module in pairs(modules) do
    if raw.is(layer, id) then return require(module).text(layer) end
  end
end

return commands
