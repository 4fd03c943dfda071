-- The TRex packet editor, action by action: a recorded session of it (../shared/conformance) is
-- played, and what it does beside that. Its replies have to fit, and those recorded are the same
-- here, but for what is listed.

local luapkt  = require "luapkt"
local capture = require "spec.capture"
local editor  = require "spec.editor"
local replay  = require "spec.replay"
local support = require "spec.support"

local json, null = luapkt.json, luapkt.json.null
local array = json.array
local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64

local shared = support.shared_dir()

-- --------------------------------------------------------------------------------- the session

-- How answers to a method are compared, where they aren't to be equal.
local compare_as = {
  get_payload_classes = "set", get_template = "b64json", write_pcap = "pcap",
}

-- What isn't compared, and why: paths in the result of a method, of one action or of any.
local not_compared = {
  { reason = "it says who built the server", method = "get_version", paths = { "built_by" } },
  { reason = "the help is in our own words", method = "get_definitions",
    paths = { "feInstructions[*].help" } },
  { reason = "the value is drawn", action = "context menu: Generate (random dport)",
    method = "build_pkt",
    paths = { "binary", "data[0].fields[1].value", "data[0].fields[1].hvalue" } },
  { reason = "it is the clock of that day", action = "open pcap dot1q_nested.pcap",
    method = "read_pcap", paths = {
      "[0].data[5].fields[5].value", "[0].data[5].fields[5].hvalue",
      "[0].data[5].fields[6].value", "[0].data[5].fields[6].hvalue",
      "[0].data[5].fields[7].value", "[0].data[5].fields[7].hvalue" } },
}

-- Errors of the reference that are no errors here: the reason by action.
local answered_instead = {
  ["open pcap NTPv4.pcap"] = "its packets are read",
  ["Field Engine: edit parameter with a bad value (max_value = xyz)"] =
    "the packet is shown, and what is wrong stands in field_engine.error",
}

local function ignored_of(entry)
  local paths = {}
  for _, rule in ipairs(not_compared) do
    if rule.method == entry.request.method and (rule.action or entry.action) == entry.action then
      table.move(rule.paths, 1, #rule.paths, #paths + 1, paths)
      rule.used = true
    end
  end
  return paths
end

local function is_known(id)
  local decl = luapkt.generation().by_id[id]
  return decl ~= nil and not decl.abstract
end

-- There are more templates here than there: those recorded are among them, as they were.
local function compare_templates(want, got)
  local by_id, missing = {}, {}
  for _, template in ipairs(got) do by_id[template.id] = template end
  for _, template in ipairs(want) do
    local same = by_id[template.id] and json.encode(by_id[template.id]) == json.encode(template)
    if not same then table.insert(missing, template.id) end
  end
  return missing
end

local function compare_result(entry, reply)
  local method = entry.request.method
  if method == "get_templates" then
    return compare_templates(entry.reply.result, reply.result)
  end
  local vector = replay.narrow({
    method  = method,
    expect  = { result = entry.reply.result },
    compare = compare_as[method] or "exact",
    ignore  = ignored_of(entry),
  }, is_known)
  return replay.compare(vector, reply, entry.request.id)
end

-- ------------------------------------------------------------------------------------ the specs

describe("the TRex packet editor", function()
  if not shared then
    pending "is skipped: there is no ../shared/conformance"
    return
  end

  local service, handle, definitions
  local session = replay.load(shared .. "/conformance/editor-traffic.jsonl")

  setup(function()
    service = support.service()
    local version = assert(service:call "get_version").version
    handle = assert(service:call("get_version_handler", version:match "^(.-)%.(.*)$"))
    definitions = assert(service:call("get_definitions", handle, null))
  end)

  teardown(function() service:close() end)

  local last_id = 1000

  -- Send a request as the editor words it.
  -- @return the result, or nil and the error
  local function ask(method, ...)
    last_id = last_id + 1
    local text = json.encode {
      jsonrpc = "2.0", id = tostring(last_id), method = method, params = array { handle, ... },
    }
    local reply = service:send((text:gsub("=", "\\u003d")))
    assert.same({}, editor.envelope(reply, tostring(last_id)))
    return reply.result, reply.error
  end

  -- The layers with these ids, nothing set; or with fields: { "IP", { ttl = "7" } }.
  local function model_of(layers)
    local model = array {}
    for i, layer in ipairs(layers) do
      local id, set = layer, {}
      if type(layer) == "table" then id, set = layer[1], layer[2] end
      local fields = array {}
      for field, value in pairs(set) do table.insert(fields, { id = field, value = value }) end
      model[i] = { id = id, fields = fields }
    end
    return model
  end

  local function options(instructions, cache_size)
    return { field_engine = {
      instructions = array(instructions or {}),
      global_parameters = { cache_size = cache_size or "1000" },
    } }
  end

  -- Build as the editor does after each change, and look at the reply with its eyes.
  local function build(model, extra)
    local result, err = ask("build_pkt_ex", model, extra or options())
    if not result then return nil, err end
    assert.same({}, editor.packet(result, definitions, model))
    return result
  end

  local function build_layers(...)
    local result, err = build(model_of { ... })
    assert(result, err and err.message)
    return result
  end

  local function field_of(result, layer, id) return support.field_of(result.data[layer], id) end

  describe("in its recorded session", function()
    local function sent(entry)
      local text = json.encode(entry.request)
      local recorded = session[2].reply.result
      return (text:gsub(recorded:gsub("%p", "%%%0"), (handle:gsub("%%", "%%%%"))))
    end

    local function fits(entry, reply)
      local method, params = entry.request.method, entry.request.params
      local result = reply.result
      if method == "get_definitions" then
        assert.same({}, editor.definitions(result))
      elseif method == "build_pkt" or method == "build_pkt_ex" then
        assert.same({}, editor.packet(result, definitions, params[2]))
      elseif method == "reconstruct_pkt" then
        assert.same({}, editor.packet(result, definitions))
      elseif method == "read_pcap" then
        for _, packet in ipairs(result) do
          assert.same({}, editor.packet(packet, definitions))
        end
      elseif method == "get_payload_classes" then
        assert.equal(json.array_mt, getmetatable(result))
      elseif method == "get_templates" then
        for _, template in ipairs(result) do assert.is_string(template.id) end
      elseif method == "load_instruction_parameter_values" then
        assert.is_table(result.map)
        assert.not_equal(json.array_mt, getmetatable(result.map))
      end
    end

    it("asks many things", function() assert.equal(149, #session) end)

    for i, entry in ipairs(session) do
      it(("is answered: %d, %s, %s"):format(i, entry.action, entry.request.method), function()
        local reply = service:send(sent(entry))
        assert.same({}, editor.envelope(reply, entry.request.id))
        if entry.reply.error and not answered_instead[entry.action] then
          assert.equal(-32098, reply.error and reply.error.code)
          return
        end
        assert(reply.result ~= nil, reply.error and reply.error.message)
        fits(entry, reply)
        if not entry.reply.error then assert.same({}, compare_result(entry, reply)) end
      end)
    end

    it("differs where the lists above say so", function()
      for _, rule in ipairs(not_compared) do assert.is_true(rule.used, rule.reason) end
      local actions = {}
      for _, entry in ipairs(session) do actions[entry.action] = true end
      for action in pairs(answered_instead) do assert.is_true(actions[action], action) end
    end)

    it("is told what is wrong with a field-engine parameter, and sees the packet", function()
      for _, entry in ipairs(session) do
        if entry.action:find("bad value (max_value", 1, true) then
          local engine = service:send(sent(entry)).result.field_engine
          assert.equal("Not valid IPv4 format: xyz", engine.error)
        end
      end
    end)
  end)

  describe("appending layers", function()
    -- What a stack of layers can carry, as the editor learns it: by its last layer.
    local function payloads(id)
      local classes = assert(ask("get_payload_classes", array { { id = id } }))
      assert.equal(json.array_mt, getmetatable(classes))
      return classes
    end

    it("may put every payload on Ethernet, and on that, and on that", function()
      local count = 0
      local function append(stack, depth)
        for _, id in ipairs(payloads(stack[#stack])) do
          local more = table.move(stack, 1, #stack, 1, {})
          table.insert(more, id)
          build_layers(table.unpack(more))
          count = count + 1
          if depth > 1 then append(more, depth - 1) end
        end
      end
      append({ "Ether" }, 3)
      assert.is_true(count > 300, count)
    end)

    it("may type any protocol's name", function()
      for _, protocol in ipairs(definitions.protocols) do
        payloads(protocol.id)
        local result, err = build(model_of { "Ether", protocol.id })
        assert(result, err and err.message)
      end
    end)

    it("sends the text that Raw shows as its bytes", function()
      local shown = build_layers("Ether", "IP", "UDP", "Raw")
      local text = field_of(shown, 4, "load").hvalue
      assert.equal("dummy", text)
      local again = build_layers("Ether", "IP", "UDP",
        { "Raw", { load = { vtype = "BYTES", base64 = base64(text) } } })
      assert.equal(shown.binary, again.binary)
    end)

    it("sees a default Ethernet frame as LOOP, and may say so", function()
      local shown = build_layers "Ether"
      assert.equal("LOOP", field_of(shown, 1, "type").hvalue)
      for text, value in pairs {
        LOOP = 0x9000, IPv4 = 0x800, IPv6 = 0x86dd, ["0x800"] = 0x800, ["0x86DD"] = 0x86dd,
      } do
        assert.equal(value, field_of(build_layers { "Ether", { type = text } }, 1, "type").value)
      end
    end)
  end)

  describe("with a field", function()
    -- Every field of every protocol that it shows as text.
    local function each_text_field(visit)
      local count = 0
      for _, protocol in ipairs(definitions.protocols) do
        local shown = assert(ask("build_pkt", model_of { protocol.id }))
        for i, field in ipairs(shown.data[1].fields) do
          if type(field.value) ~= "table" then
            count = count + 1
            visit(protocol.id, field, shown, i)
          end
        end
      end
      assert.is_true(count > 500, count)
    end

    -- Not an address: the reference, too, has no empty one but in ARP, where it has no bytes.
    it("clears it with empty text", function()
      local complaints = {}
      each_text_field(function(id, field, shown, i)
        local kind = luapkt.generation().by_id[id].fields[i].kind
        if kind == "mac" or kind == "ipv4" or kind == "ipv6" or id == "ARP" then return end
        local result, err = build(model_of { { id, { [field.id] = "" } } })
        if not result or result.binary ~= shown.binary then
          table.insert(complaints, ("%s.%s: %s"):format(id, field.id,
            err and err.message or "isn't the default"))
        end
      end)
      assert.same({}, complaints)
    end)

    it("takes the text that is shown", function()
      local complaints = {}
      each_text_field(function(id, field, shown, i)
        if support.says_less(luapkt.generation().by_id[id].fields[i]) then return end
        local text = tostring(field.hvalue)
        local result, err = build(model_of { { id, { [field.id] = text } } })
        if not result or result.binary ~= shown.binary then
          table.insert(complaints, ("%s.%s: %s: %s"):format(id, field.id, text,
            err and err.message or "gives other bytes"))
        end
      end)
      assert.same({}, complaints)
    end)

    it("draws a value and sends its text", function()
      local complaints = {}
      each_text_field(function(id, field, _, i)
        local drawn = ask("build_pkt", model_of { { id, { [field.id] = { vtype = "RANDOM" } } } })
        local value = drawn and drawn.data[1].fields[i].value
        if drawn and type(value) ~= "table" and value ~= null then
          local text = tostring(value)
          local result, err = build(model_of { { id, { [field.id] = text } } })
          local got = result and result.data[1].fields[i] and result.data[1].fields[i].value
          if got ~= value then
            table.insert(complaints, ("%s.%s: %s: %s"):format(id, field.id, text,
              err and err.message or json.encode(got)))
          end
        end
      end)
      assert.same({}, complaints)
    end)

    it("sends an expression as one", function()
      local expr = "[('MSS', 1460), ('NOP', None), ('NOP', None), ('SAckOK', b'')]"
      local result = build_layers("Ether", "IP",
        { "TCP", { options = { vtype = "EXPRESSION", expr = expr } } })
      assert.equal(expr, field_of(result, 3, "options").value.expr)
    end)

    it("has a BITMASK's names for its number", function()
      for text, value in pairs { ["18"] = 18, FPU = 41, [""] = 2 } do
        local result = build_layers("Ether", "IP", { "TCP", { flags = text } })
        assert.equal(value, field_of(result, 3, "flags").value)
      end
    end)
  end)

  describe("in its payload editor", function()
    local function bytes_of(value)
      value.vtype = "BYTES"
      local result = build_layers("Ether", "IP", "UDP", { "Raw", { load = value } })
      return unbase64(result.binary):sub(43), #unbase64(result.binary)
    end

    it("sends bytes", function()
      assert.equal("\0\xff text", (bytes_of { base64 = base64 "\0\xff text" }))
    end)

    it("has the server draw text", function()
      assert.equal("G n<B2U/+IU0TA{(|GO.d2@\"@{|f yri",
                   (bytes_of { generate = "random_ascii", size = 32, seed = 12345 }))
    end)

    it("has the server draw bytes for a whole packet's size, checksum included", function()
      local _, size = bytes_of { generate = "random_bytes", total_size = 64, seed = 12345 }
      assert.equal(64, size + 4)
    end)

    it("has the server repeat a template, or make it from code", function()
      assert.equal("ababa", (bytes_of {
        generate = "template", size = 5, template_base64 = base64 "ab" }))
      assert.equal("\x01\x02\x01", (bytes_of {
        generate = "template_code", size = 3, template_code = "0x01 0x02" }))
    end)
  end)

  it("opens every template", function()
    local templates = assert(ask "get_templates")
    for _, template in ipairs(templates) do
      local text = assert(ask("get_template", { id = template.id, meta = template.meta }))
      local saved = assert(json.decode(unbase64(text)))
      local result = build(saved.packet, { field_engine = {
        instructions = saved.feInstructions, global_parameters = saved.feParameters } })
      assert(result, template.id)
      assert.equal(null, result.field_engine.error, template.id)
    end
    assert.is_true(#templates >= 14)
  end)

  describe("with a capture", function()
    -- What shows less than it is: two flags or numbers with one name, and times in seconds.
    local function says_less(layer, field)
      local decl = luapkt.generation().by_id[layer.real_id ~= null and layer.real_id or layer.id]
      for _, fdecl in ipairs(decl and decl.fields or {}) do
        if fdecl.id == field.id then return support.says_less(fdecl) end
      end
    end

    -- What the editor sends back says nothing of them.
    local not_shown = {
      ["packets_dns.pcap, packet 2"]    = "its names were compressed",
      ["packets_dns.pcap, packet 3"]    = "its names were compressed",
      ["packets_ether.pcap, packet 4"]  = "its names were compressed",
      ["packets_ether.pcap, packet 13"] = "its names were compressed",
      ["packets_sctp.pcap, packet 1"]   = "the padding of a chunk isn't zero",
    }

    it("opens each packet and builds it again from what was shown", function()
      local complaints, count = {}, 0
      local list = io.popen(("ls %s/captures/*.pcap"):format(support.quote(shared)))
      for path in list:lines() do
        local bytes = support.read_file(path)
        local packets, refused = ask("read_pcap", base64(bytes))
        assert(packets or bytes:sub(1, 4) == "GMBU", refused and refused.message) -- another kind
        for i, packet in ipairs(packets or {}) do
          assert.same({}, editor.packet(packet, definitions))
          local again, err = build(editor.model_of(packet.data, says_less))
          count = count + 1
          local name = ("%s, packet %d"):format(path:match "[^/]+$", i)
          local same = again
            and (again.binary == packet.binary or not support.is_whole(packet.data))
          if same ~= not not_shown[name] then
            table.insert(complaints, ("%s: %s"):format(name, err and err.message
              or same and "is no exception any more" or "other bytes"))
          end
        end
      end
      list:close()
      assert.same({}, complaints)
      assert.is_true(count > 100, count)
    end)

    it("saves it", function()
      local built = build_layers("Ether", "IP", "UDP")
      local saved = assert(ask("write_pcap", array { built.binary }))
      local path = support.tmpdir() .. "/saved.pcap"
      support.write_file(path, unbase64(saved))
      assert.same({ unbase64(built.binary) }, capture.read(path))
      assert.equal(built.binary, ask("read_pcap", saved)[1].binary)
    end)

    it("is told that a file is none", function()
      for _, bytes in ipairs { "", "not a capture", ("\0"):rep(100) } do
        local _, err = ask("read_pcap", base64(bytes))
        assert.equal(-32098, err.code)
      end
    end)
  end)

  describe("in its field engine tab", function()
    local parameters = {}
    local model

    setup(function()
      for _, p in ipairs(definitions.feInstructionParameters) do parameters[p.id] = p end
      model = model_of { "Ether", "IP", "UDP" }
    end)

    -- What stands in parameters that were filled in; the others have their defaults, as text.
    local filled_in = {
      name = "IP_src", fv_name = "IP_src", pkt_offset = "IP.src", offset = "IP",
      init_value = "16.0.0.1", max_value = "48.0.0.255", l3_offset = "IP", l4_offset = "UDP",
    }

    local function instruction(id)
      local values = {}
      for _, i in ipairs(definitions.feInstructions) do
        for _, p in ipairs(i.id == id and i.parameters or {}) do
          local default = parameters[p].defaultValue
          values[p] = filled_in[p] or default ~= nil and tostring(default) or nil
        end
      end
      return { id = id, parameters = values }
    end

    it("adds what its menu has, and asks for the values of each list", function()
      for _, template in ipairs(definitions.feTemplates) do
        local instructions = array {}
        for _, id in ipairs(template.instructionIds) do
          table.insert(instructions, instruction(id))
        end
        local extra = options(instructions)
        local result = build(model, extra)
        assert.equal(null, result.field_engine.error, template.id)
        assert.is_true(#result.field_engine.instructions.instructions >= 2)
        for id, p in pairs(parameters) do
          if p.type == "ENUM" then
            local values = assert(ask("load_instruction_parameter_values", model, extra, id))
            assert.is_table(values.map)
            assert.not_equal(json.array_mt, getmetatable(values.map))
          end
        end
      end
    end)

    it("gets an answer for every instruction with its defaults", function()
      for _, i in ipairs(definitions.feInstructions) do
        local result = build(model, options { instruction "STLVmFlowVar", instruction(i.id) })
        local engine = result.field_engine
        assert.is_true(engine.error == null or type(engine.error) == "string", i.id)
      end
    end)

    it("takes an instruction back from what TRex runs", function()
      local variable = instruction "STLVmFlowVar"
      variable.parameters.min_value = variable.parameters.init_value -- it can't tell them apart
      local extra = options { variable, instruction "STLVmWrFlowVar" }
      local built = build(model, extra)
      local raw = built.field_engine.instructions
      local back = assert(ask("decompile_vm_raw", built.binary, raw))
      local again = build(model, { field_engine = back })
      assert.equal(json.encode(raw), json.encode(again.field_engine.instructions))
    end)
  end)

  describe("in its binary mode", function()
    local function reconstruct(binary, model)
      local result, err = ask("reconstruct_pkt", binary, model)
      if result then assert.same({}, editor.packet(result, definitions)) end
      return result, err
    end

    it("sends each digit", function()
      local bytes = unbase64(build_layers("Ether", "IP", "TCP").binary)
      for at = 1, #bytes do
        for _, digit in ipairs { 0x0a, 0xa0 } do
          local edited = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ digit)
            .. bytes:sub(at + 1)
          local result = assert(reconstruct(base64(edited), array {}))
          assert.equal(edited, unbase64(result.binary))
        end
      end
    end)

    it("edits a field, appends a layer, takes it away", function()
      local ether = build_layers "Ether"
      local appended = assert(reconstruct(ether.binary, array { { id = "Ether" }, { id = "IP" } }))
      assert.equal(2, #appended.data)
      local edited = assert(reconstruct(build_layers("Ether", "IP").binary, array {
        { id = "Ether" }, { id = "IP", fields = array { { id = "ttl", value = "7" } } } }))
      assert.equal(7, field_of(edited, 2, "ttl").value)
    end)

    -- The bytes say 0x9000, so what the editor calls IP is read as Raw.
    it("takes away the last layer, also where it knows it as another", function()
      local ether = build_layers "Ether"
      local appended = assert(reconstruct(ether.binary, array { { id = "Ether" }, { id = "IP" } }))
      local cut = assert(reconstruct(appended.binary, array {
        { id = "Ether" }, { id = "IP", delete = true } }))
      assert.equal(ether.binary, cut.binary)
    end)
  end)

  it("is told of wrong parameters when it repeats a request after a lost reply", function()
    for _, entry in ipairs(session) do
      local params = entry.request.params
      local result, err = ask(entry.request.method, params and params[2])
      if entry.request.method == "build_pkt_ex" then
        assert.equal(-32603, err.code)
        assert.equal("invalid params", err.message:sub(1, 14):lower())
      end
      assert.is_true(result ~= nil or type(err.message) == "string")
    end
  end)

  describe("reading TCP options", function()
    local function rows(expr)
      local result = build_layers("Ether", "IP",
        { "TCP", { options = { vtype = "EXPRESSION", expr = expr } } })
      return assert(editor.tcp_options(field_of(result, 3, "options").value.expr))
    end

    it("finds an empty list", function()
      local built = build_layers("Ether", "IP", "TCP", "Raw")
      local read = assert(ask("reconstruct_pkt", built.binary, array {}))
      local shown = field_of(read, 3, "options").value
      assert.equal("[]", shown.expr)
      assert.same({}, editor.tcp_options(shown.expr))
    end)

    it("finds a row for each", function()
      assert.same({ { "MSS", "1460" }, { "NOP", "None" }, { "WScale", "7" } },
                  rows "[('MSS', 1460), ('NOP', None), ('WScale', 7)]")
      assert.same({ { "SAckOK", "" }, { "Timestamp", { "1", "2" } } },
                  rows "[('SAckOK', b''), ('Timestamp', (1, 2))]")
    end)

    it("finds rows in all that captures and recordings have", function()
      local count = 0
      local function look(data)
        for _, layer in ipairs(data) do
          for _, field in ipairs(layer.id == "TCP" and layer.fields or {}) do
            if field.id == "options" and field.value.vtype == "EXPRESSION" then
              count = count + #assert(editor.tcp_options(field.value.expr))
            end
          end
        end
      end
      for _, group in ipairs { "build-tcp-udp", "build-stack", "reconstruct-roundtrip" } do
        for _, vector in ipairs(replay.load(("%s/conformance/%s.jsonl"):format(shared, group))) do
          local reply = service:send(replay.request(vector, handle, "x"))
          if reply.result then look(reply.result.data) end
        end
      end
      assert.is_true(count > 30, count)
    end)
  end)

  -- Requests with what the editor never sends (true, -1, an address as a number), which is shown
  -- as it came; and bytes behind the end of DHCP's options, which read as their last one. A payload
  -- of ISAKMP has the id "Raw" in replies, which has no such fields: no server can take it back.
  local not_sent_back = {
    ["value-ip.ttl-bool-true"] = true, ["value-tcp.sport-bool-true"] = true,
    ["value-ip.version-nneg1"] = true, ["value-ip.frag-nneg1"] = true,
    ["value-dot1q.vlan-nneg1"] = true, ["value-dot1q.prio-nneg1"] = true,
    ["value-ether.dst-n0"] = true, ["value-ether.dst-n1"] = true,
    ["append-dhcp-raw"] = true,
    ["build-ether-ip-udp-sport-500-dport-500-isakmp-init_cookie-b-b-12345678-"
      .. "isakmp_payload_id-f78115"] = true,
    ["build-ether-ip-udp-sport-500-dport-500-isakmp-init_cookie-b-b-12345678-"
      .. "isakmp_payload_ven-137968"] = true,
    ["default-isakmp_payload"] = true,
    ["default-isakmp_payload_hash"] = true,
    ["default-isakmp_payload_nonce"] = true,
    ["stack-isakmp_class-isakmp_payload"] = true,
    ["stack-isakmp_class-isakmp_payload_hash"] = true,
    ["stack-isakmp_class-isakmp_payload_nonce"] = true,
    ["stack-ether-ip-udp-isakmp-isakmp_payload"] = true,
  }

  it("can show the replies to all recorded requests, and send back what it sees", function()
    local count, complaints = 0, {}
    local list = io.popen(("ls %s/conformance/build*.jsonl %s/conformance/re*.jsonl"):format(
      support.quote(shared), support.quote(shared)))
    for path in list:lines() do
      for _, vector in ipairs(replay.load(path)) do
        local reply = service:send(replay.request(vector, handle, vector.name))
        assert.same({}, editor.envelope(reply, vector.name))
        if type(reply.result) == "table" and reply.result.data then
          assert.same({}, editor.packet(reply.result, definitions), vector.name)
          local seen = editor.model_of(reply.result.data)
          local _, err = ask("build_pkt", #seen > 0 and seen or model_of { "Ether" })
          if (err ~= nil) ~= (not_sent_back[vector.name] == true) then
            table.insert(complaints, ("%s: %s"):format(vector.name,
              err and err.message or "is no exception any more"))
          end
          count = count + 1
        end
      end
    end
    list:close()
    assert.same({}, complaints)
    assert.is_true(count > 2000, count)
  end)
end)
