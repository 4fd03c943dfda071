-- Options of PPP's control protocols: of the link, RFC 1661 section 6 and RFC 1570 section 2.3; of
-- IP, RFC 1332 section 3 and RFC 1877; of encryption, RFC 1968 section 4.
--
--    0               8              16
--   +---------------+---------------+--- - -
--   |     type      |      len      | data
--   +---------------+---------------+--- - -
--
-- 'len' counts type and len as well.

local f = require "luapkt.field"

local link_types = {
  [1]  = "Maximum-Receive-Unit",
  [2]  = "Async-Control-Character-Map",
  [3]  = "Authentication-protocol",
  [4]  = "Quality-protocol",
  [5]  = "Magic-number",
  [7]  = "Protocol-Field-Compression",
  [8]  = "Address-and-Control-Field-Compression",
  [13] = "Callback",
}

local authentication_protocols = {
  [0xc023] = "Password authentication protocol",
  [0xc223] = "Challenge-response authentication protocol",
  [0xc227] = "PPP Extensible authentication protocol",
}

local algorithms = { [5] = "MD5", [6] = "SHA1", [128] = "MS-CHAP", [129] = "MS-CHAP-v2" }

local quality_protocols = { [0xc025] = "Link Quality Report" }

local callback_operations = {
  [0] = "Location determined by user authentication",
  [1] = "Dialing string",
  [2] = "Location identifier",
  [3] = "E.164 number",
  [4] = "Distinguished name",
}

local ip_types = {
  [1]   = "IP-Addresses (Deprecated)",
  [2]   = "IP-Compression-Protocol",
  [3]   = "IP-Address",
  [4]   = "Mobile-IPv4",
  [129] = "Primary-DNS-Address",
  [130] = "Primary-NBNS-Address",
  [131] = "Secondary-DNS-Address",
  [132] = "Secondary-NBNS-Address",
}

local encryption_types = { [0] = "OUI", [1] = "DESE" }

local function len() return f.u8("len", { auto = f.header() }) end

-- The bytes from here to the end of an option, 'read' of which have been read.
local function rest(read) return f.ref "len" - read end

-- A kind of link option.
local function link(kind, value)
  kind.base       = "PPP_LCP_Option"
  kind.hidden     = true
  kind.over       = { ["PPP_LCP_Configure.options"] = { type = value } }
  kind.variant_of = { PPP_LCP_Option = f.peek(0, 8):eq(value) }
  table.insert(kind.fields, 1, f.u8("type", { default = value, names = link_types }))
  return kind
end

-- An option that is an address: the others are kinds of the first.
local function address(id, title, value)
  local first = "PPP_IPCP_Option_IPAddress"
  return {
    id         = id,
    title      = title,
    base       = id == first and "PPP_IPCP_Option" or first,
    hidden     = true,
    over       = { ["PPP_IPCP.options"] = { type = value } },
    variant_of = { PPP_IPCP_Option = f.peek(0, 8):eq(value) },
    fields     = {
      f.u8   ("type", { default = value, names = ip_types }),
      len(),
      f.ipv4 ("data"),
      f.bytes("garbage", { size = rest(6) }),
    },
  }
end

return {
  {
    id       = "PPP_LCP_Option",
    title    = "PPP LCP Option",
    payloads = {},
    fallback = "Padding",
    fields   = {
      f.u8   ("type", { auto = 0, names = link_types }),
      len(),
      f.bytes("data", { size = rest(2) }),
    },
  },
  link({
    id     = "PPP_LCP_MRU_Option",
    title  = "PPP LCP Option - Maximum-Receive-Unit",
    fields = {
      f.u8 ("len",           { default = 4 }),
      f.u16("max_recv_unit", { default = 1500 }),
    },
  }, 1),
  link({
    id     = "PPP_LCP_ACCM_Option",
    title  = "PPP LCP Option - Async-Control-Character-Map",
    fields = {
      f.u8  ("len", { default = 6 }),
      f.bits("accm", 32),
    },
  }, 2),
  link({
    id     = "PPP_LCP_Auth_Protocol_Option",
    title  = "PPP LCP Option - Authentication-protocol",
    fields = {
      len(),
      f.u16  ("auth_protocol", { default = 0xc023, names = authentication_protocols }),
      f.bytes("data",          { size = rest(4), when = f.ref("auth_protocol"):ne(0xc223) }),
      f.u8   ("algorithm",     { default = 5, names = algorithms, when = f.ref("auth_protocol"):eq(0xc223) }),
    },
  }, 3),
  link({
    id     = "PPP_LCP_Quality_Protocol_Option",
    title  = "PPP LCP Option - Quality-protocol",
    fields = {
      len(),
      f.u16  ("quality_protocol", { default = 0xc025, names = quality_protocols }),
      f.bytes("data",             { size = rest(4) }),
    },
  }, 4),
  link({
    id     = "PPP_LCP_Magic_Number_Option",
    title  = "PPP LCP Option - Magic-number",
    fields = {
      f.u8 ("len", { default = 6 }),
      f.u32("magic_number"),
    },
  }, 5),
  link({
    id     = "PPP_LCP_Callback_Option",
    title  = "PPP LCP Option - Callback",
    fields = {
      len(),
      f.u8   ("operation", { names = callback_operations }),
      f.bytes("message",   { size = rest(3) }),
    },
  }, 13),

  {
    id       = "PPP_IPCP_Option",
    title    = "PPP IPCP Option",
    fallback = "Padding",
    fields   = {
      f.u8   ("type", { auto = 0, names = ip_types }),
      len(),
      f.bytes("data", { size = rest(2) }),
    },
  },
  address("PPP_IPCP_Option_IPAddress", "PPP IPCP Option: IP Address",             3),
  address("PPP_IPCP_Option_DNS1",      "PPP IPCP Option: DNS1 Address",           129),
  address("PPP_IPCP_Option_DNS2",      "PPP IPCP Option: DNS2 Address",           131),
  address("PPP_IPCP_Option_NBNS1",     "PPP IPCP Option: Primary NBNS Address",   130),
  address("PPP_IPCP_Option_NBNS2",     "PPP IPCP Option: Secondary NBNS Address", 132),

  {
    id       = "PPP_ECP_Option",
    title    = "PPP ECP Option",
    fallback = "Padding",
    fields   = {
      f.u8   ("type", { auto = 0, names = encryption_types }),
      len(),
      f.bytes("data", { size = rest(2) }),
    },
  },
  {
    id         = "PPP_ECP_Option_OUI",
    title      = "PPP ECP Option - OUI",
    base       = "PPP_ECP_Option",
    hidden     = true,
    variant_of = { PPP_ECP_Option = f.peek(0, 8):eq(0) },
    over       = { ["PPP_ECP.options"] = { type = 0 } },
    fields     = {
      f.u8   ("type",    { names = encryption_types }),
      len(),
      f.bytes("oui",     { size = 3 }),
      f.u8   ("subtype"),
      f.bytes("data",    { size = rest(6) }),
    },
  },
}
