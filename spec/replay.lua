-- Recorded requests and replies (../shared/conformance): which are ours to answer, and whether a
-- reply is the recorded one. The rules are those of README.md beside the recordings.

local core    = require "luapkt.core"
local support = require "spec.support"

local json = core.json
local null = json.null

local replay = {}

local MISSING = setmetatable({}, { __tostring = function() return "(missing)" end })

-- Compared by value even where only the shape of an answer counts.
local EXACT_IN_SHAPE = {
  id = true, real_id = true, valid_structure = true, ignored = true, vtype = true, offset = true,
  length = true,
}

-- ------------------------------------------------------------------------------------ vectors

--- The groups of recordings about single packets, built and read.
replay.OF_PACKETS = {
  "build-default", "build-default-unlisted", "build-stack", "build-l2", "build-ip", "build-ipv6",
  "build-tcp-udp", "build-icmp", "build-icmpv6", "build-dns", "build-dhcp", "build-sctp",
  "build-tunnel", "build-igmp", "build-netflow", "build-app", "build-values", "build-auto",
  "build-invalid", "build-model", "build-payload", "build-random", "build-expression", "build-gui",
  "reconstruct-roundtrip", "rebuild-from-answer", "reconstruct-edit", "reconstruct-structure",
  "reconstruct-truncated", "reconstruct-padding", "reconstruct-garbage",
}

--- The recordings of one file, or none where the file isn't there.
function replay.load(path)
  local vectors = {}
  for line in (support.read_file(path) or ""):gmatch "[^\n]+" do
    table.insert(vectors, (assert(json.decode(line))))
  end
  return vectors
end

-- Does `check` hold for a value of the tree?
local function any(value, check, key)
  if check(value, key) then return true end
  if type(value) ~= "table" then return false end
  for k, v in pairs(value) do
    if any(v, check, k) then return true end
  end
  return false
end

-- The ids of layers in a model or in a reply's data: the members of lists that have an id.
local function layer_ids(model, ids)
  if type(model) ~= "table" then return end
  for _, layer in ipairs(model) do
    if type(layer) == "table" and type(layer.id) == "string" then
      ids[layer.id] = true
      if type(layer.real_id) == "string" then ids[layer.real_id] = true end
    end
  end
end

-- Constructors within an expression, and protocols named by filters.
local function other_ids(params, ids)
  any(params, function(v, k)
    if k == "expr" and type(v) == "string" then
      for id in v:gmatch "([%a_][%w_]*)%s*%(" do ids[id] = true end
    end
  end)
end

--- The protocols that the request names, or that the recorded answer shows.
function replay.protocols(vector)
  local ids = {}
  for _, param in ipairs(vector.params or {}) do
    layer_ids(param, ids)
    other_ids(param, ids)
  end
  local result = vector.expect.result
  if type(result) == "table" and vector.method ~= "get_payload_classes" then
    layer_ids(result.data, ids)
  end
  return ids
end

local function only(list, is_known)
  local kept = json.array {}
  for _, item in ipairs(list) do
    if is_known(type(item) == "table" and item.id or item) then table.insert(kept, item) end
  end
  return kept
end

-- The databases of get_all, of the protocols that are there and the classes of their fields.
local function narrow_databases(result, is_known)
  local db, classes = {}, {}
  for id, fields in pairs(result.db) do
    if is_known(id) then db[id] = fields end
  end
  for _, fields in pairs(result.fields and db or {}) do
    for _, field in ipairs(fields) do classes[field[2]] = result.fields[field[2]] end
  end
  result.db, result.fields = db, result.fields and classes
end

--- Leave out of the recorded answer what it says about protocols that aren't there.
function replay.narrow(vector, is_known)
  local result = vector.expect.result
  if vector.method == "get_payload_classes" and type(result) == "table" then
    vector.expect.result = only(result, is_known)
  elseif vector.method == "get_definitions" and type(result) == "table" then
    result.protocols = only(result.protocols, is_known)
  elseif vector.method == "get_all" and type(result) == "table" then
    narrow_databases(result, is_known)
  end
  return vector
end

-- --------------------------------------------------------------------------------- comparison

local function kind(v)
  if v == null then return "null" end
  if getmetatable(v) == json.array_mt then return "array" end
  return type(v) == "table" and "object" or type(v) == "userdata" and "number" or type(v)
end

local function show(v)
  if v == MISSING then return tostring(v) end
  local text = json.encode(v)
  return #text <= 110 and text or text:sub(1, 107) .. "..."
end

local function join(path, key)
  if type(key) == "number" then return ("%s[%d]"):format(path, key - 1) end
  return path == "" and key or path .. "." .. key
end

-- `data[*].fields[*].offset` as a Lua pattern.
local function pattern_of(path)
  local escaped = path:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0")
  return "^" .. escaped:gsub("%%%[%*%%%]", "%%[%%d+%%]"):gsub("%*", "[^.%%[%%]]+") .. "$"
end

local Comparison = {}
Comparison.__index = Comparison

local function comparison(vector)
  local c = { ignored = {}, patterns = {}, alt = vector.alt or {}, diffs = {} }
  for _, path in ipairs(vector.ignore or {}) do
    if path:find("*", 1, true) then
      table.insert(c.patterns, pattern_of(path))
    else
      c.ignored[path] = true
    end
  end
  return setmetatable(c, Comparison)
end

function Comparison:differ(path, want, got, why)
  table.insert(self.diffs, ("%s: expected %s, got %s%s"):format(
    path == "" and "(result)" or path, show(want), show(got), why and " (" .. why .. ")" or ""))
end

function Comparison:is_ignored(path)
  if self.ignored[path] then return true end
  for _, pattern in ipairs(self.patterns) do
    if path:find(pattern) then return true end
  end
  return false
end

local function equal(a, b) return type(a) == type(b) and a == b end

function Comparison:is_alternative(path, got)
  local alt = self.alt[path]
  if alt == nil then return false end
  if kind(alt) ~= "array" then return equal(alt, got) end
  for _, v in ipairs(alt) do
    if equal(v, got) then return true end
  end
  return false
end

-- The length in bytes that follows from a field's own bits.
local function true_length(field)
  local offset, length = field.bit_offset, field.bit_length
  if math.type(offset) ~= "integer" or math.type(length) ~= "integer" or length <= 0 then
    return nil
  end
  return (offset % 8 == 0 and length % 8 == 0) and length // 8 or 0
end

-- What a server may answer and the reference doesn't.
local function may_add(key, want)
  if key == "name" then return want.real_id ~= nil end
  return (key == "bit_offset" or key == "bit_length") and want.hvalue ~= nil
end

-- Members of an object one by one; what is too much counts unless `free`.
function Comparison:members(want, got, path, compare, free)
  for k, v in pairs(want) do
    local has = got[k]
    if has == nil then
      self:differ(join(path, k), v, MISSING)
    elseif not (k == "length" and want.hvalue ~= nil and has == true_length(got)) then
      compare(self, v, has, join(path, k))
    end
  end
  if free then return end
  for k, v in pairs(got) do
    if want[k] == nil and not may_add(k, want) then self:differ(join(path, k), MISSING, v) end
  end
end

function Comparison:items(want, got, path, compare)
  if #want ~= #got then
    self:differ(path, want, got, ("%d items expected, %d found"):format(#want, #got))
  end
  for i = 1, math.min(#want, #got) do compare(self, want[i], got[i], join(path, i)) end
end

function Comparison:deep(want, got, path)
  if self:is_ignored(path) or self:is_alternative(path, got) then return end
  local k = kind(want)
  if k ~= kind(got) then
    self:differ(path, want, got)
  elseif k == "object" then
    self:members(want, got, path, self.deep, self.subset or path:find "values_dict$")
  elseif k == "array" then
    self:items(want, got, path, self.deep)
  elseif not equal(want, got) then
    self:differ(path, want, got)
  end
end

function Comparison:shape(want, got, path)
  if self:is_ignored(path) then return end
  local k = kind(want)
  if k ~= kind(got) then
    self:differ(path, want, got)
  elseif k == "object" then
    self:members(want, got, path, self.shape)
  elseif k == "array" then
    self:items(want, got, path, self.shape)
  elseif EXACT_IN_SHAPE[path:match "[^.]*$"] and not equal(want, got) then
    self:differ(path, want, got)
  end
end

function Comparison:keys(want, got)
  if kind(want) ~= kind(got) then return self:differ("", want, got) end
  if kind(want) ~= "object" then return end
  for k, v in pairs(want) do
    if kind(v) ~= kind(got[k] == nil and MISSING or got[k]) then
      self:differ(k, v, got[k] == nil and MISSING or got[k])
    end
  end
end

function Comparison:set(want, got)
  if kind(want) ~= "array" or kind(got) ~= "array" then return self:deep(want, got, "") end
  local count = {}
  for _, v in ipairs(want) do count[json.encode(v)] = (count[json.encode(v)] or 0) + 1 end
  for _, v in ipairs(got) do count[json.encode(v)] = (count[json.encode(v)] or 0) - 1 end
  for text, n in pairs(count) do
    if n > 0 then self:differ("", json.decode(text), MISSING, "a member of the list") end
    if n < 0 then self:differ("", MISSING, json.decode(text), "a member of the list") end
  end
end

-- A capture file in base64: what counts is the packets and their link types.
local function packets_of(text)
  local reader, packets = core.capture.reader(core.wire.unbase64(text)), json.array {}
  for packet in reader do
    table.insert(packets, { link = packet.link, bytes = core.wire.base64(packet.bytes) })
  end
  assert(reader:check())
  return packets
end

-- Texts in base64 that are the same JSON.
function Comparison:b64json(want, got)
  local function decoded(text)
    local bytes = kind(text) == "string" and core.wire.unbase64(text)
    return bytes and json.decode(bytes)
  end
  if decoded(got) == nil then return self:differ("", want, got, "no JSON in base64") end
  self:deep(decoded(want), decoded(got), "")
end

function Comparison:empty(_, got)
  if got ~= "" then self:differ("", "", got) end
end

local by_result = {
  exact  = function(c, want, got) c:deep(want, got, "") end,
  subset = function(c, want, got) c.subset = true; c:deep(want, got, "") end,
  shape  = function(c, want, got) c:shape(want, got, "") end,
  keys   = Comparison.keys,
  set    = Comparison.set,
  pcap   = function(c, want, got) c:deep(packets_of(want), packets_of(got), "") end,
  b64json            = Comparison.b64json,
  ["empty-or-error"] = Comparison.empty,
}
by_result["exact-or-error"] = by_result.exact
by_result["fe-error"] = by_result.exact -- in the very words that were recorded

local function check_error(c, want, reply)
  local got = reply.error
  if not got then return c:differ("error", want, MISSING, "answered: " .. show(reply.result)) end
  local fits = got.code == want.code
  for _, code in ipairs(want.code_any or {}) do fits = fits or got.code == code end
  if not fits then c:differ("error.code", want.code_any or want.code, got.code, got.message) end
  if want.message and got.message ~= want.message then
    c:differ("error.message", want.message, got.message)
  end
  local prefix = want.message_prefix
  if prefix and got.message:sub(1, #prefix) ~= prefix then
    c:differ("error.message", prefix, got.message)
  end
end

--- What is wrong with a reply whatever was asked, or nil.
function replay.malformed(reply)
  if kind(reply) ~= "object" then return "the reply is no object" end
  if reply.jsonrpc ~= "2.0" then return "jsonrpc is not \"2.0\"" end
  if reply.id == nil then return "no id" end
  if (reply.result == nil) == (reply.error == nil) then
    return "neither or both of result and error"
  end
  local e = reply.error
  if e and (kind(e) ~= "object" or kind(e.code) ~= "number" or kind(e.message) ~= "string") then
    return "an error without a code and a message"
  end
end

--- How a reply differs from the recorded one. `id` is that of the request.
-- @treturn {string,...} the differences; none: it passed
function replay.compare(vector, reply, id)
  local c, want, mode = comparison(vector), vector.expect, vector.compare
  local bad = replay.malformed(reply)
  if bad then
    c:differ("", want, reply, bad)
    return c.diffs
  end
  local wanted_id = id
  if vector.raw then wanted_id = want.id end
  if wanted_id ~= nil and not equal(wanted_id, reply.id) then
    c:differ("id", wanted_id, reply.id)
  end
  if mode == "error" then
    check_error(c, want.error, reply)
  elseif mode == "fe-error-or-error" then -- ours is always part of the answer
    local engine = reply.result and reply.result.field_engine or {}
    if kind(engine.error) ~= "string" then
      c:differ("field_engine.error", "a text", engine.error or MISSING)
    end
  elseif mode ~= "any-reply" and not (reply.error and mode:find "%-or%-error$") then
    if reply.error then
      c:differ("", want.result or MISSING, reply.error)
    else
      assert(by_result[mode], mode)(c, want.result, reply.result)
    end
  end
  return c.diffs
end

-- ------------------------------------------------------------------------------------ requests

local function substitute(value, known)
  if type(value) ~= "table" then return known[value] or value end
  local copy = setmetatable({}, getmetatable(value))
  for k, v in pairs(value) do copy[k] = substitute(v, known) end
  return copy
end

--- Does the request ask about the sums of the databases?
function replay.has_sums(vector)
  return any(vector.params, function(v) return v == "@DB_MD5" or v == "@FIELDS_MD5" end)
end

--- The text of a vector's request. `sums` is an answer of get_all, where the request has its sums.
function replay.request(vector, handle, id, sums)
  if vector.raw then return (vector.raw:gsub("@HANDLE", (handle:gsub("%%", "%%%%")))) end
  return json.encode {
    jsonrpc = "2.0", id = id, method = vector.method,
    params = substitute(vector.params, {
      ["@HANDLE"] = handle,
      ["@DB_MD5"] = sums and sums.db_md5,
      ["@FIELDS_MD5"] = sums and sums.fields_md5,
    }),
  }
end

return replay
