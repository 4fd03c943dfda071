--- The methods that hand out templates.
--
-- Like the reference, they look at no version handle.
-- @module luapkt.methods.templates

local core   = require "luapkt.core"
local answer = require "luapkt.answer"

local fail, quote, kind_of, is_list = answer.fail, answer.quote, answer.kind_of, answer.is_list
local null = core.json.null

local templates = {}

-- The reference answers "" to an id that has one of these, without looking for a file.
local function is_refused(id)
  return id:find("..", 1, true) ~= nil or id:find "[\\:;+%[%]]" ~= nil
end

local function is_object(v) return type(v) == "table" and not is_list(v) end

-- The id that `{ id = , parameters = }` or a text names; or nil and an error.
local function named(template)
  if type(template) == "string" then return template end
  if not is_object(template) then
    return fail("the template is %s, not an object with an id", kind_of(template))
  end
  if type(template.id) ~= "string" then
    local kind = template.id == nil and "missing" or kind_of(template.id) .. ", not text"
    return fail("the template's id is %s", kind)
  end
  return template.id
end

-- Those of a request, by id; or nil and an error.
local function given_parameters(template)
  local misspelt = is_object(template) and answer.misspelt(template, "parameters")
  if misspelt then return fail("the template: %s", misspelt) end
  local given = type(template) == "table" and template.parameters
  if not given or given == null then return {} end
  if is_object(given) then return given end
  return fail("the template's parameters are %s, not an object", kind_of(given))
end

-- Call a method of the set of templates on a template that there is.
local function ask(state, template, method, ...)
  local id, err = named(template)
  if not id then return nil, err end
  local set = state:templates()
  if not set:has(id) then
    if is_refused(id) then return "" end
    local meant = set:meant(id)
    return fail("there is no template %s%s", quote(id),
                meant and (": %s is meant?"):format(quote(meant)) or "")
  end
  local result, why = set[method](set, id, ...)
  if not result then return fail("template %s: %s", quote(id), why) end
  return result
end

templates.get_templates = {
  handle = true,
  any_handle = true,
  params = {},
  run = function(state) return state:templates():list() end,
}

templates.get_template = {
  handle = true,
  any_handle = true,
  params = { "template" },
  run = function(state, template)
    local given, err = given_parameters(template)
    if not given then return nil, err end
    local text, why = ask(state, template, "text", given)
    if not text then return nil, why end
    return core.wire.base64(text)
  end,
}

-- Not the reference's: what parameters a template takes. So an id that is refused is told.
templates.describe_template = {
  handle = true,
  any_handle = true,
  params = { "template" },
  run = function(state, template)
    local described, err = ask(state, template, "describe")
    if described ~= "" then return described, err end
    return fail("there is no template %s", quote(named(template)))
  end,
}

return templates
