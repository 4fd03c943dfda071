-- EAP over LAN, IEEE 802.1X-2010 clause 11.3, and the Extensible Authentication Protocol, RFC 3748
-- section 4, with methods: MD5-Challenge, RFC 3748 section 5.4; TLS, RFC 5216 section 3.1; TTLS, RFC
-- 5281 section 9.1; PEAP; FAST, RFC 4851 section 4.1; Cisco's LEAP.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |version| type  |      len      |  EAPOL
--   | code  |  id   |      len      |  EAP
--   | type  | data of the type ...  |  in requests and responses
--   +-------+-----------------------+

local f = require "luapkt.field"

local packet_types = {
  [0] = "EAP-Packet",
  [1] = "EAPOL-Start",
  [2] = "EAPOL-Logoff",
  [3] = "EAPOL-Key",
  [4] = "EAPOL-Encapsulated-ASF-Alert",
  [5] = "EAPOL-MKA",
  [6] = "EAPOL-Announcement (Generic)",
  [7] = "EAPOL-Announcement (Specific)",
  [8] = "EAPOL-Announcement-Req",
}

local codes = { "Request", "Response", "Success", "Failure", "Initiate", "Finish" }

-- https://www.iana.org/assignments/eap-numbers
local types = {
  [0]   = "Reserved",
  [1]   = "Identity",
  [2]   = "Notification",
  [3]   = "Legacy Nak",
  [4]   = "MD5-Challenge",
  [5]   = "One-Time Password (OTP)",
  [6]   = "Generic Token Card (GTC)",
  [7]   = "Allocated - RFC3748",
  [8]   = "Allocated - RFC3748",
  [9]   = "RSA Public Key Authentication",
  [10]  = "DSS Unilateral",
  [11]  = "KEA",
  [12]  = "KEA-VALIDATE",
  [13]  = "EAP-TLS",
  [14]  = "Defender Token (AXENT)",
  [15]  = "RSA Security SecurID EAP",
  [16]  = "Arcot Systems EAP",
  [17]  = "EAP-Cisco Wireless",
  [18]  = "GSM Subscriber Identity Modules (EAP-SIM)",
  [19]  = "SRP-SHA1",
  [20]  = "Unassigned",
  [21]  = "EAP-TTLS",
  [22]  = "Remote Access Service",
  [23]  = "EAP-AKA Authentication",
  [24]  = "EAP-3Com Wireless",
  [25]  = "PEAP",
  [26]  = "MS-EAP-Authentication",
  [27]  = "Mutual Authentication w/Key Exchange (MAKE)",
  [28]  = "CRYPTOCard",
  [29]  = "EAP-MSCHAP-V2",
  [30]  = "DynamID",
  [31]  = "Rob EAP",
  [32]  = "Protected One-Time Password",
  [33]  = "MS-Authentication-TLV",
  [34]  = "SentriNET",
  [35]  = "EAP-Actiontec Wireless",
  [36]  = "Cogent Systems Biometrics Authentication EAP",
  [37]  = "AirFortress EAP",
  [38]  = "EAP-HTTP Digest",
  [39]  = "SecureSuite EAP",
  [40]  = "DeviceConnect EAP",
  [41]  = "EAP-SPEKE",
  [42]  = "EAP-MOBAC",
  [43]  = "EAP-FAST",
  [44]  = "ZoneLabs EAP (ZLXEAP)",
  [45]  = "EAP-Link",
  [46]  = "EAP-PAX",
  [47]  = "EAP-PSK",
  [48]  = "EAP-SAKE",
  [49]  = "EAP-IKEv2",
  [50]  = "EAP-AKA",
  [51]  = "EAP-GPSK",
  [52]  = "EAP-pwd",
  [53]  = "EAP-EKE Version 1",
  [54]  = "EAP Method Type for PT-EAP",
  [55]  = "TEAP",
  [254] = "Reserved for the Expanded Type",
  [255] = "Experimental",
}

local request, response = f.ref("code"):eq(1), f.ref("code"):eq(2)

-- Success and failure are a header alone.
local has_type = f.ref("code"):between(3, 4):no()

-- What every message of a method begins with.
local function code(default) return f.u8("code", { default = default, names = codes }) end
local function id() return f.u8("id") end
local function len(class) return f.u16("len", { auto = f.header() + f.payload(), class = class }) end

-- Requests and responses of a method are told by the code and the type behind the length.
local function method(number, decl)
  decl.base       = "EAP"
  decl.hidden     = true
  decl.variant_of = { EAP = f.peek(0, 8):between(1, 2):both(f.peek(32, 8):eq(number)) }
  decl.over       = {
    EAPOL = { { type = 0, read = false } },
    PPP   = { { proto = 0xc227, read = false } },
  }
  return decl
end

-- The fields of methods that carry TLS records, whose flags say what more there is.
local function tls(number, reserved, version, total, data)
  local fields = {
    code(1), id(), len "FieldLenField",
    f.u8  ("type", { default = number, names = types }),
    f.bits("L", 1),  -- the total length is there
    f.bits("M", 1),  -- more fragments follow
    f.bits("S", 1),  -- start
    f.bits("reserved", reserved),
  }
  if version then fields[#fields + 1] = f.bits("version", 5 - reserved, { default = version }) end
  fields[#fields + 1] = f.u32(total, { when = f.ref("L"):eq(1) })
  fields[#fields + 1] = f.bytes(data, {
    size = (f.ref "len" - 6 - f.ref "L" * 4):max(0), show = "hex",
  })
  return fields
end

return {
  {
    id     = "EAPOL",
    over   = {
      Ether       = { { type = 0x888e }, build = { type = 0x888e, dst = "01:80:c2:00:00:03" } },
      CookedLinux = { proto = 0x888e },
      GRE         = { proto = 0x888e },
      SNAP        = { code = 0x888e },
      Dot1Q       = { type = 0x888e },
      Dot1AD      = { type = 0x888e },
    },
    extent = f.ref "len" + 4,
    fields = {
      f.u8 ("version", { default = 1, names = { "802.1X-2001", "802.1X-2004", "802.1X-2010" } }),
      f.u8 ("type",    { names = packet_types }),
      f.u16("len",     { auto = f.payload(), class = "LenField" }),
    },
  },
  {
    id       = "EAP",
    over     = { EAPOL = { type = 0 }, PPP = { proto = 0xc227 } },
    extent   = f.ref("len"):max(has_type:pick(5, 4)),
    payloads = { "Padding" },
    fields   = {
      code(4), id(), len(),
      f.u8   ("type",               { names = types, when = has_type }),
      f.list ("desired_auth_types", f.u8(nil, { names = types }), {
        when = response:both(f.ref("type"):eq(3)), count = (f.ref "len" - 5):max(0),
      }),
      f.bytes("identity",           { when = response:both(f.ref("type"):eq(1)),
                                      size = (f.ref "len" - 5):max(0) }),
      f.bytes("message",            { when = request:both(f.ref("type"):eq(1)),
                                      size = (f.ref "len" - 5):max(0) }),
    },
  },
  method(4, {
    id     = "EAP_MD5",
    fields = {
      code(1), id(), len "FieldLenField",
      f.u8   ("type",          { default = 4, names = types }),
      f.u8   ("value_size",    { auto = f.size "value" }),
      f.bytes("value",         { size = f.ref "value_size", show = "hex" }),
      f.bytes("optional_name", { size = (f.ref "len" - f.ref "value_size" - 6):max(0) }),
    },
  }),
  method(13, { id = "EAP_TLS", fields = tls(13, 5, nil, "tls_message_len", "tls_data") }),
  method(17, {
    id     = "LEAP",
    fields = {
      code(1), id(), len(),
      f.u8   ("type",               { default = 17, names = types }),
      f.u8   ("version",            { default = 1 }),
      f.u8   ("unused",             { show = "hex" }),
      f.u8   ("count",              { auto = f.size "challenge_response" }),
      f.bytes("challenge_response", { size = f.ref "count", show = "hex" }),
      f.bytes("username",           { size = (f.ref "len" - 8 - f.ref "count"):max(0) }),
    },
  }),
  method(21, { id = "EAP_TTLS", fields = tls(21, 2, 0, "message_len", "data") }),
  method(25, { id = "EAP_PEAP", fields = tls(25, 3, 1, "tls_message_len", "tls_data") }),
  method(43, { id = "EAP_FAST", fields = tls(43, 2, 0, "message_len", "data") }),
}
