-- ONC remote procedure calls, version 2, RFC 5531 sections 9 and 11, and the port mapper, RFC 1833
-- section 3. A reply doesn't say what was asked: what it returns is read as bytes, and built as
-- Pmap_Port, Pmap_Bool or Pmap_Dump.
--
--    0                               31
--   +-------------------------------+
--   |L|           length            |   over TCP: the last fragment, its length
--   +-------------------------------+
--   |              xid              |
--   |           msg_type            |
--   |  rpc_version, program,        |   a call
--   |  version, procedure           |
--   |  credentials, verifier        |   a flavor, a length, and bytes each
--   +-------------------------------+
--
--   +-------------------------------+
--   |   prog, vers, prot, port      |   a mapping
--   +-------------------------------+

local f = require "luapkt.field"

local CALL, REPLY, RPC_VERSION = 0, 1, 2
local PORTMAPPER = 100000
local PORTS = { 111, 2049 } -- the port mapper's and NFS's

local message_types = { [CALL] = "Call", [REPLY] = "Reply" }
local programs = {
  [PORTMAPPER] = "Portmap", [100003] = "NFS", [100004] = "YPSERV", [100005] = "MOUNT", [100007] = "YPBIND",
  [100021] = "NLM", [100024] = "STAT",
}
local procedures = { -- of the port mapper
  ref = "program",
  [PORTMAPPER] = { [0] = "NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT" },
}
local flavors  = { [0] = "AUTH_NONE", "AUTH_SYS", "AUTH_SHORT", "AUTH_DH", [6] = "RPCSEC_GSS" }
local accepted = {
  [0] = "SUCCESS", "PROG_UNAVAIL", "PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR",
}
local failures = {
  [0] = "AUTH_OK", "AUTH_BADCRED", "AUTH_REJECTEDCRED", "AUTH_BADVERF", "AUTH_REJECTEDVERF", "AUTH_TOOWEAK",
  "AUTH_INVALIDRESP", "AUTH_FAILED",
}
local protocols = { [6] = "TCP", [17] = "UDP" }

-- Does a call, or a reply, begin at this bit?
local function call_at(bit)
  return f.peek(bit + 32, 32):eq(CALL):both(f.peek(bit + 64, 32):eq(RPC_VERSION))
end
local function reply_at(bit)
  return f.peek(bit + 32, 32):eq(REPLY):both(f.peek(bit + 64, 32):le(1)):both(f.peek(bit + 64, 32):ge(0))
end

local function ports(rule)
  local ways = { build = { sport = PORTS[1], dport = PORTS[1] } }
  for _, port in ipairs(PORTS) do
    table.insert(ways, { dport = port, when = rule })
    table.insert(ways, { sport = port, when = rule })
  end
  return ways
end

local function authentication(name, when)
  return
    f.u32  (name .. "_flavor", { names = flavors, when = when }),
    f.u32  (name .. "_len",    { auto = f.size(name), when = when }),
    f.bytes(name,              { size = f.ref(name .. "_len"), align = 4, when = when })
end

local cred_flavor, cred_len, cred = authentication "cred"

local was_accepted = f.ref "reply_state":eq(0)
local was_denied   = f.ref "reply_state":ne(0)
local names_versions = was_accepted:both(f.ref "accept_state":eq(2)):either(was_denied:both(f.ref "reject_state":eq(0)))
local reply_flavor, reply_len, reply_verf = authentication("verf", was_accepted)

local function mapping()
  return f.u32("prog", { default = PORTMAPPER, names = programs }), f.u32("vers", { default = 2 }),
    f.u32("prot", { default = 17, names = protocols }), f.u32("port")
end

local function result(id, procedure, ...)
  return { id = id, extra = true, over = { RPC_Reply = { reply_state = 0, read = false } }, fields = { ... },
           title = "Portmap " .. procedure }
end

local follows = f.u32("follows", { default = 1 })
local function of_entry(id, opts)
  opts.when = f.ref "follows"
  return f.u32(id, opts)
end

return {
  {
    id     = "RPC_Record",
    title  = "RPC Record Mark",
    extra  = true,
    over   = { TCP = ports(f.peek(0, 1):eq(1):both(call_at(32):either(reply_at(32)))) },
    extent = 4 + f.ref "length",
    pdu    = f.peek(1, 31) + 4,
    fields = {
      f.bits("last", 1,    { default = 1 }),
      f.bits("length", 31, { auto = f.payload() }),
    },
  },
  {
    id     = "RPC_Call",
    title  = "RPC Call",
    extra  = true,
    over   = { UDP = ports(call_at(0)), RPC_Record = { { when = call_at(0) } } },
    fields = {
      f.u32  ("xid",         { show = "hex" }),
      f.u32  ("msg_type",    { default = CALL, names = message_types }),
      f.u32  ("rpc_version", { default = RPC_VERSION }),
      f.u32  ("program",     { default = PORTMAPPER, names = programs }),
      f.u32  ("version",     { default = 2 }),
      f.u32  ("procedure",   { names_by = procedures }),
      cred_flavor, cred_len, cred,
      authentication "verf",
    },
  },
  {
    id     = "RPC_Reply",
    title  = "RPC Reply",
    extra  = true,
    over   = { UDP = ports(reply_at(0)), RPC_Record = { { when = reply_at(0) } } },
    fields = {
      f.u32("xid",          { show = "hex" }),
      f.u32("msg_type",     { default = REPLY, names = message_types }),
      f.u32("reply_state",  { names = { [0] = "Accepted", "Denied" } }),
      reply_flavor, reply_len, reply_verf,
      f.u32("accept_state", { names = accepted, when = was_accepted }),
      f.u32("reject_state", { names = { [0] = "RPC_MISMATCH", "AUTH_ERROR" }, when = was_denied }),
      f.u32("low",          { default = 2, when = names_versions }),
      f.u32("high",         { default = 2, when = names_versions }),
      f.u32("auth_state",   { names = failures, when = was_denied:both(f.ref "reject_state":ne(0)) }),
    },
  },

  {
    id     = "Pmap_Mapping",
    title  = "Portmap Mapping",
    extra  = true,
    over   = { RPC_Call = {
      { program = PORTMAPPER, version = 2, procedure = 3 }, { program = PORTMAPPER, version = 2, procedure = 1 },
      { program = PORTMAPPER, version = 2, procedure = 2 },
    } },
    fields = { mapping() },
  },

  result("Pmap_Port", "Port", f.u32("port")), -- 0: the program isn't there
  result("Pmap_Bool", "Boolean", f.u32("value", { default = 1 })),
  result("Pmap_Dump", "Dump", f.layers("entries", { of = "Pmap_Entry", ends = { follows = 0 } })),

  {
    id     = "Pmap_Entry",
    title  = "Portmap Dump Entry",
    extra  = true,
    fields = {
      follows,
      of_entry("prog", { default = PORTMAPPER, names = programs }),
      of_entry("vers", { default = 2 }),
      of_entry("prot", { default = 17, names = protocols }),
      of_entry("port", { default = 111 }),
    },
  },
}
