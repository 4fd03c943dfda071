--- What methods share: the errors that they answer, the words in these, and how they read what
-- clients send.
-- @module luapkt.answer

local core = require "luapkt.core"

local answer = {}

-- JSON-RPC 2.0 and the document's own codes.
answer.NOT_FOUND, answer.INVALID_PARAMS, answer.FAILED = -32601, -32603, -32098

--- An error with one of the codes above; the message as `string.format` makes it.
-- @return nil and { code = , message = }: what a method returns
function answer.refuse(code, format, ...)
  return core.fail(code, format:format(...))
end

--- The error that says what the server could not do.
-- @return nil and { code = , message = }
function answer.fail(format, ...)
  return answer.refuse(answer.FAILED, "Scapy Server: " .. format, ...)
end

local MAX_QUOTE = 40

--- A client's text within a message: cut, and nothing in it but printable ASCII.
function answer.quote(text)
  local shown = text:sub(1, MAX_QUOTE):gsub("[^ -~]", function(c)
    return ("\\x%02x"):format(c:byte())
  end)
  return ("'%s'%s"):format(shown, #text > MAX_QUOTE and "..." or "")
end

--- Is a value that was read from JSON a list? An empty one is told from an object by its metatable.
function answer.is_list(v)
  return type(v) == "table" and (getmetatable(v) == core.json.array_mt or #v > 0)
end

--- What a value is called in JSON: "null", "a list", "text"...
function answer.kind_of(v)
  if v == core.json.null then return "null" end
  if answer.is_list(v) then return "a list" end
  if type(v) == "table" then return "an object" end
  return type(v) == "string" and "text" or "a " .. (type(v) == "userdata" and "number" or type(v))
end

--- The ids of the layers of a client's packet model.
-- @param model as JSON gives it
-- @treturn {string,...} lowest layer first; or nil and an error, where it is no list of layers
function answer.layer_ids(model)
  if not answer.is_list(model) then
    return answer.fail("the packet model is a list of layers, not %s", answer.kind_of(model))
  end
  local ids = {}
  for i, layer in ipairs(model) do
    local id = type(layer) == "table" and layer.id
    if type(id) ~= "string" then
      return answer.fail("layer %d of the packet model is no object with a protocol's id", i)
    end
    ids[i] = id
  end
  return ids
end

-- Without the ending of a plural, in lower case.
local function stem(name) return (name:lower():gsub("s$", "")) end

-- As pkt_value_near() has it.
local NEAR_LETTERS = 4

local function is_near(name, wanted)
  name, wanted = stem(name), stem(wanted)
  local same = math.min(#name, #wanted)
  return same >= NEAR_LETTERS and #name <= #wanted + 2 and name:sub(1, same) == wanted:sub(1, same)
end

--- Has an object none of these members, but one whose name is almost that: in another case,
-- shortened, or longer by a letter or two?
-- @treturn string what is to be said of it, such as "there is no member 'param': 'parameters' is
--   meant?"; or nil
function answer.misspelt(object, ...)
  for _, wanted in ipairs { ... } do
    local name = nil
    for key in pairs(object[wanted] == nil and object or {}) do
      local near = type(key) == "string" and is_near(key, wanted)
      if near and (not name or key < name) then name = key end
    end
    if name then
      return ("there is no member %s: '%s' is meant?"):format(answer.quote(name), wanted)
    end
  end
end

return answer
