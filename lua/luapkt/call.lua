--- A call of a method: is there one, and are its parameters as many as it takes?
--
-- Clients of the reference server put a version handle in front of the parameters of most methods;
-- the protocol's document shows the same methods without. Both are understood, and one place
-- (`arguments`) tells them apart.
-- @module luapkt.call

local answer = require "luapkt.answer"

local refuse, fail, kind_of, is_list = answer.refuse, answer.fail, answer.kind_of, answer.is_list
local INVALID_PARAMS = answer.INVALID_PARAMS

local call = {}

local function wrong_count(name, method, count)
  local takes = table.concat(method.params, ", ")
  if takes == "" then takes = "none" end
  if method.handle then
    takes = #method.params == 0 and "client_v_handler or none"
      or ("client_v_handler (may be left out), %s"):format(takes)
  end
  return refuse(INVALID_PARAMS, "Invalid params: %s takes %s; %d were given", name, takes, count)
end

-- Where the parameters begin that the method itself takes; or nil and an error.
local function arguments(state, name, method, params)
  local count, own = #params, #method.params
  local skip = 0
  if method.handle then
    if params[1] == state.info.handle then
      skip = 1
    elseif count == own + 1 then
      if not method.any_handle then
        return fail("Provided version handler does not correspond to the server's version.\n"
          .. "Update client to latest version.\nServer version:%s", state.info.version)
      end
      skip = 1
    end
  end
  if count - skip ~= own then return wrong_count(name, method, count) end
  return 1 + skip
end

--- Call a method.
-- @tparam table methods by name, as luapkt.rpc describes them
-- @tparam table state what they work on; `state.info` is what clients are told
-- @tparam string name
-- @tparam table params a list
-- @return the result, fit for `core.json.encode`; or nil and { code = , message = }
function call.run(methods, state, name, params)
  local method = methods[name]
  if not method then return refuse(answer.NOT_FOUND, "Method not found") end
  if not is_list(params) and (type(params) ~= "table" or next(params)) then
    return refuse(INVALID_PARAMS, "Invalid params: a list was expected, not %s", kind_of(params))
  end
  local first, err = arguments(state, name, method, params)
  if not first then return nil, err end
  if not method.run then return fail("%s is not answered here", name) end
  return method.run(state, table.unpack(params, first, #params))
end

return call
