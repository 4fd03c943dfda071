--- The methods that build, read and describe packets.
-- @module luapkt.methods.packets

local core   = require "luapkt.core"
local answer = require "luapkt.answer"

local fail, quote, kind_of, is_list = answer.fail, answer.quote, answer.kind_of, answer.is_list
local null = core.json.null

local packets = {
  build_pkt       = { handle = true, params = { "pkt_model_descriptor" } },
  reconstruct_pkt = { handle = true, params = { "binary_pkt", "model_descriptor" } },
}

packets.get_definitions = {
  handle = true,
  params = { "def_filter" },
  run = function(state, filter)
    if filter == null then return state:definitions():all() end
    if not is_list(filter) then
      return fail("def_filter is null or a list of protocols' ids, not %s", kind_of(filter))
    end
    for i, id in ipairs(filter) do
      if type(id) ~= "string" then
        return fail("def_filter[%d] is %s, not a protocol's id", i - 1, kind_of(id))
      end
    end
    if #filter == 0 then return state:definitions():all() end
    return state:definitions():of(filter)
  end,
}

-- The id of the last layer of a packet model; or nil and an error.
local function last_id(state, model)
  local ids, err = answer.layer_ids(model)
  if not ids then return nil, err end
  if #ids == 0 then return fail "the packet model has no layer" end
  for _, id in ipairs(ids) do
    local decl = state.generation.by_id[id]
    if not decl or decl.abstract then return fail("there is no protocol %s", quote(id)) end
  end
  return ids[#ids]
end

packets.get_payload_classes = {
  handle = true,
  any_handle = true,  -- as the reference has it: here it looks at no handle
  params = { "pkt_model_descriptor" },
  run = function(state, model)
    local id, err = last_id(state, model)
    if not id then return nil, err end
    return state:payload():of(id)
  end,
}

packets.get_tree = {
  handle = true,
  params = {},
  run = function()
    local raw = { RAW = "payload" }
    return { ALL = { Ether = { ARP = {}, IP = { TCP = raw, UDP = raw } } } }
  end,
}

return packets
