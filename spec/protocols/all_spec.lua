-- What holds for every protocol, whichever it is: a new file is covered the day it lands. Nothing
-- here names a protocol save where what it rides on can't be seen from its declaration.

local luapkt  = require "luapkt"
local samples = require "luapkt.samples"
local support = require "spec.support"

local generation = luapkt.generation()
local by_id, core = generation.by_id, generation.core

-- Values of a lower layer that the upper one needs and doesn't set.
local needed = {
  IPerror = { ICMP = { type = 3 } },
}

-- ------------------------------------------------------------------------------ natural stacks

-- Which protocol each is put on to come to an Ethernet frame by the shortest way; by `over` first,
-- then by the `next` of the lower one.
local function find_lowers()
  local uppers, lowers, queue = {}, { Ether = false }, { "Ether" }
  for _, decl in ipairs(generation.decls) do uppers[decl.id] = {} end
  for _, decl in ipairs(generation.decls) do
    for _, binding in ipairs(decl.bindings) do table.insert(uppers[binding.lower.id], decl.id) end
  end
  for _, decl in ipairs(generation.decls) do
    for _, rule in ipairs(decl.next or {}) do table.insert(uppers[decl.id], rule.id) end
  end
  for _, lower in ipairs(queue) do
    for _, upper in ipairs(uppers[lower]) do
      if lowers[upper] == nil then
        lowers[upper] = lower
        table.insert(queue, upper)
      end
    end
  end
  return lowers
end

local lowers = find_lowers()

-- The layers below and with `id`; those that come in lists, inside the layer with the list.
local function natural_stack(id)
  local layers, top = {}, { id = id, fields = {} }
  local ride = lowers[id] == nil and (by_id[id].rides_in or {})[1]
  if ride then
    local owner, list = ride.list:match "^(.-)%.(.*)$"
    top = { id = owner, fields = { [list] = { { id = id, fields = {} } } } }
  end
  local at = top.id
  repeat
    local fields = at == top.id and top.fields or {}
    for lower, values in pairs(layers[1] and needed[layers[1].id] or {}) do
      if lower == at then fields = values end
    end
    table.insert(layers, 1, { id = at, fields = fields })
    at = lowers[at]
  until not at
  return layers
end

-- Every protocol that can be built, with the layers it is built in and their bytes.
local function build_all()
  local all = {}
  for _, decl in ipairs(generation.decls) do
    if not decl.abstract then
      local layers = natural_stack(decl.id)
      local bytes, err = luapkt.build(layers)
      table.insert(all, {
        id = decl.id, decl = decl, layers = layers, bottom = layers[1].id, bytes = bytes,
        err = err and err.message,
      })
    end
  end
  return all
end

local all = build_all()

local function names(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

-- What `check` has to say of each protocol that was built, as one list; that it raised, too.
local function complaints(check)
  local list = {}
  for _, case in ipairs(all) do
    if case.bytes then
      local ok, complaint = xpcall(check, debug.traceback, case)
      if not ok or complaint then table.insert(list, case.id .. ": " .. complaint) end
    end
  end
  return list
end

-- ------------------------------------------------------------------------------------- reading

local CODES = { truncated = true, malformed = true, limit = true, value = true }

-- Bytes that may mean anything are read as `id`, or refused with a reason.
local function read_any(bytes, id)
  local layers, err = core:dissect(bytes, id)
  if not layers then
    if type(err) ~= "table" or not CODES[err.code] or type(err.message) ~= "string" then
      return "refused without a reason: " .. support.hex(bytes)
    end
    return nil
  end
  local same = core:rebuild(bytes, id)
  if same ~= bytes then return "doesn't come back as it was: " .. support.hex(bytes) end
  local again, why = core:rebuild(bytes, id, true)
  if not again and not CODES[why.code] then return "is refused without a reason" end
  if again then core:dissect(again, id) end
end

describe("every protocol", function()
  it("builds on its natural stack", function()
    local failed = {}
    for _, case in ipairs(all) do
      if not case.bytes then table.insert(failed, names(case.layers) .. ": " .. case.err) end
    end
    assert.same({}, failed)
  end)

  it("builds and reads its own samples", function()
    assert(samples.try(generation))
  end)

  it("is built as it was when it reads as what it was built as", function()
    local same = 0
    assert.same({}, complaints(function(case)
      local read = assert(core:dissect(case.bytes, case.bottom))
      if names(read) ~= names(case.layers) then return end
      same = same + 1
      local again = assert(core:rebuild(case.bytes, case.bottom, true))
      if again ~= case.bytes then
        return ("%s became %s"):format(support.hex(case.bytes), support.hex(again))
      end
    end))
    assert.is_true(same > #all * 0.9)
  end)

  it("answers cleanly however short its bytes are", function()
    assert.same({}, complaints(function(case)
      for n = 0, #case.bytes do
        local wrong = read_any(case.bytes:sub(1, n), case.bottom)
        if wrong then return wrong end
      end
    end))
  end)

  it("answers cleanly whatever the bytes are", function()
    math.randomseed(1)
    local random = {}
    for i = 1, 4096 do random[i] = string.char(math.random(0, 255)) end
    random = table.concat(random)
    assert.same({}, complaints(function(case)
      for n = 0, 200 do
        local start = math.random(#random - n)
        local wrong = read_any(random:sub(start, start + n - 1), case.id)
        if wrong then return wrong end
      end
    end))
  end)

  it("answers cleanly when one byte of it is wrong", function()
    math.randomseed(2)
    assert.same({}, complaints(function(case)
      for i = #case.bytes, math.max(1, #case.bytes - 60), -1 do
        local wrong = read_any(case.bytes:sub(1, i - 1) .. string.char(math.random(0, 255))
          .. case.bytes:sub(i + 1), case.bottom)
        if wrong then return wrong end
      end
    end))
  end)
end)

-- ------------------------------------------------------------------------------------ geometry

-- Fields of one size, wherever they are.
local function has_fixed_size(fdecl)
  local kind = fdecl.kind
  return kind == "uint" or kind == "mac" or kind == "ipv4" or kind == "ipv6"
    or kind == "bytes" and math.type(fdecl.size) == "integer"
end

local function flip(bytes, bit)
  local at = bit // 8 + 1
  local byte = bytes:byte(at) ~ (0x80 >> bit % 8)
  return bytes:sub(1, at - 1) .. string.char(byte) .. bytes:sub(at + 1)
end

-- The bits worth flipping: the first and the last of each field, so also its neighbours'.
local function edges(fields)
  local bits, list = {}, {}
  for _, field in ipairs(fields) do
    if field.bit_length > 0 then
      bits[field.bit_offset] = true
      bits[field.bit_offset + field.bit_length - 1] = true
    end
  end
  for bit in pairs(bits) do table.insert(list, bit) end
  table.sort(list)
  return list
end

-- What a person and a program see of a field.
local function shown(json, field)
  return json.encode(json.array { field.value, field.hvalue })
end

-- Fields whose name depends on another one: with its bits, what a person sees of them changes.
local named_by = { ["LLTD.function"] = "tos" }

local function is_within(field, bit)
  return bit >= field.bit_offset and bit < field.bit_offset + field.bit_length
end

-- Is this a bit of the field that names 'field'?
local function names_it(layer, field, bit)
  local namer = named_by[layer.id .. "." .. field.id]
  for _, other in ipairs(layer.fields) do
    if other.id == namer and is_within(other, bit) then return true end
  end
  return false
end

-- Does a field stand where it stood, in the form it had? If not, its bits can't be compared.
local function is_comparable(before, after)
  return after and after.id == before.id and after.bit_offset == before.bit_offset
    and after.bit_length == before.bit_length and not after.ignored and not before.ignored
    and type(after.value) == type(before.value)
end

describe("flags, as they are shown", function()
  local service

  setup(function() service = support.service { extras = true } end)
  teardown(function() service:close() end)

  -- The number that a field has, and what is shown of it, when it is set so.
  local function set(id, field, value)
    local layer = { id = id, fields = luapkt.json.array { { id = field, value = value } } }
    local result = assert(service:call("build_pkt", luapkt.json.array { layer }))
    local set_field = support.field_of(result.data[1], field)
    return set_field.value, set_field.hvalue
  end

  -- Each by itself, from some bit on, up to some bit, and many at a time.
  local function numbers(bits)
    local list, most = {}, (1 << bits) - 1
    for i = 0, bits - 1 do
      list[#list + 1] = 1 << i
      list[#list + 1] = most >> i
      list[#list + 1] = most << i & most
    end
    for i = 1, 20 do list[#list + 1] = (0x9e3779b97f4a7c15 * i >> 7) % most + 1 end
    return list
  end

  local function count_bits(n)
    local count = 0
    while n > 0 do n, count = n & n - 1, count + 1 end
    return count
  end

  it("are taken as they were", function()
    local count = 0
    for _, decl in ipairs(generation.decls) do
      for _, field in ipairs(decl.abstract and {} or decl.fields or {}) do
        for _, number in ipairs(field.flags and numbers(field.width) or {}) do
          local value, text = set(decl.id, field.id, number)
          local back = set(decl.id, field.id, text)
          local what = ("%s.%s: %s"):format(decl.id, field.id, text)
          assert.equal(number, value, what)
          -- of flags that share a name the text says how many there are
          if field.unnamed then
            assert.equal(count_bits(number), count_bits(back), what)
          else
            assert.equal(number, back, what)
          end
          count = count + 1
        end
      end
    end
    assert.is_true(count > 5000, count)
  end)

  -- Bits of RFC 4034 section 2.1.1, RFC 5011 section 7, RFC 2131 section 2.
  it("are those that they can only be, where some share a name", function()
    for text, number in pairs { S = 1, SZ = 0x101, SRZ = 0x181, ["S??????RZ???????"] = 0xffff,
                                ["R???????"] = 0xfe80, ["??????R"] = 0xfe } do
      assert.equal(number, (set("DNSRRDNSKEY", "flags", text)))
    end
    assert.equal(0xffff, (set("BOOTP", "flags", "???????????????B")))
    assert.equal(0x8000, (set("BOOTP", "flags", "B")))
  end)
end)

describe("the geometry of replies", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  local function read(bytes)
    local binary = luapkt.wire.base64(bytes)
    return assert(service:call("reconstruct_pkt", binary, service.json.null)).data
  end

  it("says of each field exactly which bits are its own", function()
    local json = service.json
    local found, compared = 0, 0
    local renamed = {} -- which of 'named_by' were seen to be
    assert.same({}, complaints(function(case)
      if case.bottom ~= "Ether" then return end
      local index = #case.layers
      local before = read(case.bytes)[index]
      if not before or before.id ~= case.layers[index].id then return end
      local decl = by_id[before.id]
      for _, bit in ipairs(edges(before.fields)) do
        local after = read(flip(case.bytes, before.offset * 8 + bit))[index]
        if after and after.id == before.id then
          for i, field in ipairs(before.fields) do
            local now = after.fields[i]
            if has_fixed_size(decl.fields[i]) and is_comparable(field, now) then
              local inside = is_within(field, bit)
              found, compared = found + (inside and 1 or 0), compared + 1
              local same = shown(json, field) == shown(json, now)
              if not same and names_it(before, field, bit) then
                renamed[before.id .. "." .. field.id] = true
                same = field.value == now.value
              end
              if inside == same then
                return ("%s: bit %d %s it, but it was %s and is %s"):format(field.id, bit,
                  inside and "is in" or "isn't in", shown(json, field), shown(json, now))
              end
            end
          end
        end
      end
    end))
    assert.is_true(found > 2000 and compared > 20000, found .. " of " .. compared)
    for name in pairs(named_by) do assert.is_true(renamed[name], name .. " is no exception") end
  end)

  it("is the same with padding behind the packet", function()
    local padded = 0
    assert.same({}, complaints(function(case)
      if case.bottom ~= "Ether" then return end
      local before, after = read(case.bytes), read(case.bytes .. ("\0"):rep(9))
      if #after ~= #before + 1 or after[#after].real_id ~= "Padding" then return end
      padded = padded + 1
      for k, layer in ipairs(before) do
        for i, field in ipairs(layer.fields) do
          local now = after[k].fields[i]
          if field.bit_offset ~= now.bit_offset or field.bit_length ~= now.bit_length then
            return ("%s.%s: bits %d, %d became %d, %d"):format(layer.id, field.id,
              field.bit_offset, field.bit_length, now.bit_offset, now.bit_length)
          end
        end
      end
    end))
    assert.is_true(padded > 200)
  end)

  it("agrees with itself: lengths and offsets in bytes are those in bits", function()
    assert.same({}, complaints(function(case)
      if case.bottom ~= "Ether" then return end
      for _, layer in ipairs(read(case.bytes)) do
        for _, field in ipairs(layer.fields) do
          local bit, bits = field.bit_offset, field.bit_length
          if field.offset ~= bit // 8 then return field.id .. ": offset" end
          local length = (bit % 8 == 0 and bits % 8 == 0) and bits // 8 or 0
          if bits > 0 and field.length ~= length then return field.id .. ": length" end
        end
      end
    end))
  end)
end)

-- As scapy 2.5 has them, of what its classes and ours have in common.
describe("what may follow a protocol", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  local function classes(id)
    local list = assert(service:call("get_payload_classes", luapkt.json.array { { id = id } }))
    table.sort(list)
    return table.concat(list, " ")
  end

  it("is no Padding where that counts in the length, or where what follows has none", function()
    assert.equal("LLC Raw", classes "Dot3")
    assert.equal("EAP EAP_FAST EAP_MD5 EAP_PEAP EAP_TLS EAP_TTLS LEAP", classes "EAPOL")
    assert.equal("L2CAP_Hdr Raw", classes "HCI_ACL_Hdr")
    for _, id in ipairs { "EIR_Hdr", "HCI_Command_Hdr", "HCI_Event_Hdr", "PPI_Hdr" } do
      assert.is_nil(classes(id):find "Padding", id)
    end
  end)

  it("is Padding alone where the protocol is an item of a list", function()
    assert.equal("Padding", classes "MACsecSCI")
    assert.equal("Padding", classes "RadioTapExtendedPresenceMask")
  end)

  it("is another of its kind", function()
    assert.equal("ICMPv6MLDMultAddrRec Raw", classes "ICMPv6MLDMultAddrRec")
    local attributes = classes "LLTDAttribute"
    assert.equal(15, select(2, attributes:gsub("LLTDAttribute%w+", "")))
    assert.equal("", (attributes:gsub("LLTDAttribute%w+ ?", "")))
  end)

  it("is what has a number for it", function()
    assert.equal("ARP Dot1Q EAPOL Ether IP IPv6 Raw STP", classes "SNAP")
    assert.equal("RIPEntry Raw", classes "RIPAuth")
  end)
end)
