-- Memory that fails on purpose, after Lua's own testes/memerr.lua: the n-th allocation of a call
-- fails, for n from 1 until the call succeeds. Each failure before that is a clean one, and the
-- call after it is answered as ever.
--
-- The calls are made by this file as a program of its own: spec/failmalloc.c has to be preloaded.

local run_as_program = ...

-- What is called, each a request: built and read packets, lists, text, errors and methods in Lua.
local requests = {
  [=[{"jsonrpc":"2.0","id":"x","method":"build_pkt","params":[[{"id":"Ether"},{"id":"IP"},
      {"id":"TCP","fields":[{"id":"options","value":[["MSS",1460],["NOP"]]}]},
      {"id":"Raw","fields":[{"id":"load","value":{"vtype":"BYTES","base64":"aGVsbG8="}}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[{"id":"DNS","fields":[{"id":"qd",
      "value":[{"id":"DNSQR","fields":[{"id":"qname","value":"x.org"}]}]}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[{"id":"IP","fields":[{"id":"options",
      "value":{"vtype":"EXPRESSION","expr":"[IPOption_RR(routers=['1.2.3.4'])]"}}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"reconstruct_pkt","params":[
      "AAAAAQAAAAAAAgAACABFAAAUAAEAAEAAOxQQAAABMAAAAQ==",
      [{"id":"Ether"},{"id":"IP","fields":[{"id":"ttl","value":1}]},{"id":"UDP"}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt_ex","params":[[{"id":"Ether"},{"id":"IP"}],
      {"field_engine":{"instructions":[{"id":"STLVmFlowVar","parameters":{"name":"v","value_list":
      {"vtype":"EXPRESSION","expr":"[1, 2]"}}},
      {"id":"STLVmWrFlowVar","parameters":{"fv_name":"v","pkt_offset":"IP.src"}}]}}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"run_field_engine","params":[[{"id":"Ether"},{"id":"IP"}],
      {"instructions":[{"type":"flow_var","name":"v","size":1,"min_value":1,"max_value":9},
      {"type":"write_flow_var","name":"v","pkt_offset":22}]},{"count":3}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"run_field_engine","params":[[{"id":"Ether"},{"id":"IP"}],
      {"field_engine":{"instructions":[{"id":"STLVmFixIpv4","parameters":{"offset":"IP"}}],
      "global_parameters":{}}},{}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_payload_classes","params":[[{"id":"Ether"}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_definitions","params":[["IP"]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":[[
      {"id":"IP","fields":[{"id":"ttl","value":"nonsense"}]}]]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"get_template","params":[{"id":"TCP/SYN with options",
      "parameters":{"mss":1400}}]}]=],
  [=[{"jsonrpc":"2.0","id":1,"method":"nope"}]=],
  [=[not JSON]=],
}

-- Of a long call only some allocations fail: the first ones, then ever fewer of the later ones.
local function step(n)
  return n < 200 and n + 1 or n + n // 50
end

-- Call until it succeeds; 'check' gets what came of the failing calls.
local function sweep(arm, call, check)
  local n = 1
  while true do
    arm(n)
    local ok, result, why = pcall(call)
    local allocations = arm(0)
    if allocations < n then return n, ok, result end
    check(n, ok, result, why)
    n = step(n)
  end
end

local function sweep_requests(core, arm)
  local service = assert(core.service { home = ".", seed = 1 })
  for i, text in ipairs(requests) do
    local wanted = service:handle(text)
    local failures = 0
    sweep(arm, function() return service:handle(text) end, function(n, ok, reply)
      failures = failures + 1
      if not ok then
        assert(tostring(reply):find "memory", reply)
      elseif reply ~= wanted then
        local err = assert(core.json.decode(reply)).error
        local place = ("request %d, allocation %d: "):format(i, n)
        assert(err and err.message:find "memory", place .. reply)
      end
      assert(service:handle(text) == wanted, ("after request %d, allocation %d"):format(i, n))
    end)
    print("request", i, failures)
  end
end

local function sweep_opening(core, arm)
  local failures = 0
  local _, ok, service = sweep(arm, function() return core.service { home = "." } end,
    function(_, opened, result, why)
      failures = failures + 1
      local message = opened and why or result
      assert(result == nil or not opened, "opened without memory")
      assert(tostring(message):find "memory", message)
    end)
  assert(ok and service)
  print("opening", 1, failures)
end

-- Calls of the library, each a text of Lua: packets made, read, edited, written out, judged.
local calls = {
  [=[return (Ether{} / IP{ src = "1.2.3.4", options = { IPOption_RR{ routers = { "1.1.1.1" } } } }
      / TCP{ options = { { "MSS", 1460 }, { "NOP" } } } / "hello"):bytes()]=],
  [=[local q = Ether{} / IP{} / UDP{} / DNS{ qd = DNSQR{ qname = "x.org" } }
      local p = luapkt.packet(q:bytes())
      p.IP.ttl = 3
      p:insert(2, Dot1Q{})
      return p:recompute():copy():freeze():bytes() .. p:to_json() .. p:to_lua() .. tostring(p)]=],
  [=[local p = IP{} / UDP{} / "abc"
      local q = p:copy()
      q.UDP.dport = 7
      return #p:check() .. #p:diff(q) .. tostring(p:identical()) .. p:to_scapy() .. p:hexdump()]=],
  [=[local p = Raw{}
      for i = 1, 20 do p.Raw.load = ("x"):rep(60000) .. i end
      return p:bytes()]=],
}

local function sweep_library(arm)
  local luapkt = require "luapkt"
  for i, text in ipairs(calls) do
    local names = luapkt.import { luapkt = luapkt, tostring = tostring }
    local call = assert(load(text, "=call", "t", names))
    local wanted, failures = call(), 0
    local _, ok, result = sweep(arm, call, function(n, made, got, why)
      failures = failures + 1
      local place = ("call %d, allocation %d: "):format(i, n)
      local message = made and type(why) == "table" and why.message or got
      assert(not made or got == nil, place .. "an answer without memory")
      assert(tostring(message):find "memory", place .. tostring(message))
      assert(call() == wanted, "after " .. place)
    end)
    assert(ok and result == wanted)
    print("call", i, failures)
  end
end

if run_as_program == "sweep" then
  local arm = require("failmalloc").arm
  local core = require "luapkt.core"
  sweep_requests(core, arm)
  sweep_library(arm)
  sweep_opening(core, arm)
  return
end

-- -------------------------------------------------------------------------------------- specs

local support = require "spec.support"

local quote = support.quote

describe("without memory", function()
  if support.is_sanitized() then
    pending "isn't tried under sanitizers, which have an allocator of their own"
    return
  end

  it("every call fails cleanly, and the next one is answered", function()
    local folder = support.tmpdir()
    local shim = folder .. "/failmalloc.so"
    local compiler = "${CC:-cc} -shared -fPIC $(pkg-config --cflags lua5.4) -o %s %s"
    assert(support.run(compiler:format(quote(shim), "spec/failmalloc.c")))
    local paths = 'LUA_PATH="lua/?.lua;lua/?/init.lua" LUA_CPATH="%s/?.so;build/lib/?.so"'
    local ok, out, err = support.run(("LD_PRELOAD=%s %s lua5.4 spec/memory_spec.lua sweep"):format(
      quote(shim), paths:format(folder)))
    assert(ok, out .. err)
    for failures in out:gmatch "request\t%d+\t(%d+)" do assert.is_true(tonumber(failures) > 0) end
    local swept = 0
    for failures in out:gmatch "call\t%d+\t(%d+)" do
      assert.is_true(tonumber(failures) > 10)
      swept = swept + 1
    end
    assert.equal(4, swept)
    assert.is_true(tonumber(out:match "opening\t1\t(%d+)") > 100)
  end)
end)
