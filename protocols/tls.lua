-- Transport Layer Security: records, alerts and handshakes of RFC 8446 (1.3) sections 4 to 6 and
-- RFC 5246 (1.2) sections 6 and 7; extensions of RFC 6066, RFC 7301, RFC 8422, RFC 8446. Every
-- record is a layer, and what follows one in a segment is the next. What is encrypted, or is part
-- of a longer message, stays bytes: it can only be told by its form.
-- https://www.iana.org/assignments/tls-parameters has the numbers.
--
--    0       8               24              40
--   +-------+---------------+---------------+
--   | type  |    version    |      len      |
--   +-------+---------------+---------------+
--   | type  |        length         |   each handshake message
--   +-------+-----------------------+

local f = require "luapkt.field"

local CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA, HEARTBEAT = 20, 21, 22, 23, 24
local RECORD, MESSAGE = 5, 4            -- bytes of their headers
local MAX_RECORD = (1 << 14) + 2048     -- of version 1.2, RFC 5246 section 6.2.3

local types = {
  [20] = "change_cipher_spec", [21] = "alert", [22] = "handshake", [23] = "application_data", [24] = "heartbeat",
}
local versions = {
  [0x0300] = "SSL 3.0", [0x0301] = "TLS 1.0", [0x0302] = "TLS 1.1", [0x0303] = "TLS 1.2", [0x0304] = "TLS 1.3",
}
local handshakes = {
  [0] = "hello_request", "client_hello", "server_hello", "hello_verify_request", "new_session_ticket",
  "end_of_early_data", [8] = "encrypted_extensions", [11] = "certificate", [12] = "server_key_exchange",
  [13] = "certificate_request", [14] = "server_hello_done", [15] = "certificate_verify",
  [16] = "client_key_exchange", [20] = "finished", [21] = "certificate_url", [22] = "certificate_status",
  [24] = "key_update", [254] = "message_hash",
}
local levels = { "warning", "fatal" }
local alerts = {
  [0] = "close_notify", [10] = "unexpected_message", [20] = "bad_record_mac", [22] = "record_overflow",
  [40] = "handshake_failure", [42] = "bad_certificate", [43] = "unsupported_certificate",
  [44] = "certificate_revoked", [45] = "certificate_expired", [46] = "certificate_unknown",
  [47] = "illegal_parameter", [48] = "unknown_ca", [49] = "access_denied", [50] = "decode_error",
  [51] = "decrypt_error", [70] = "protocol_version", [71] = "insufficient_security", [80] = "internal_error",
  [86] = "inappropriate_fallback", [90] = "user_canceled", [100] = "no_renegotiation",
  [109] = "missing_extension", [110] = "unsupported_extension", [112] = "unrecognized_name",
  [113] = "bad_certificate_status_response", [115] = "unknown_psk_identity", [116] = "certificate_required",
  [120] = "no_application_protocol",
}
local extension_types = {
  [0] = "server_name", [1] = "max_fragment_length", [5] = "status_request", [10] = "supported_groups",
  [11] = "ec_point_formats", [13] = "signature_algorithms", [14] = "use_srtp", [15] = "heartbeat",
  [16] = "application_layer_protocol_negotiation", [18] = "signed_certificate_timestamp", [21] = "padding",
  [22] = "encrypt_then_mac", [23] = "extended_master_secret", [27] = "compress_certificate",
  [28] = "record_size_limit", [35] = "session_ticket", [41] = "pre_shared_key", [42] = "early_data",
  [43] = "supported_versions", [44] = "cookie", [45] = "psk_key_exchange_modes",
  [47] = "certificate_authorities", [49] = "post_handshake_auth", [50] = "signature_algorithms_cert",
  [51] = "key_share", [0xff01] = "renegotiation_info",
}

-- The bytes of a record that is to be read, and the handshake message at its start.
local function is_record() return f.peek(8, 8):eq(3):both(f.peek(24, 16):le(MAX_RECORD)) end
local is_tls = f.peek(0, 8):between(CHANGE_CIPHER_SPEC, HEARTBEAT):both(is_record())

local is_known_message = f.peek(40, 8):le(5):either(f.peek(40, 8):one_of(8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 24, 254))
local is_whole_message = (f.peek(48, 24) + MESSAGE):le(f.peek(24, 16))

local function ports(...)
  local ways = { build = { dport = (...) } }
  for _, port in ipairs { ... } do
    table.insert(ways, { dport = port, when = is_tls })
    table.insert(ways, { sport = port, when = is_tls })
  end
  return ways
end

local function record_fields(number, ...)
  return {
    f.u8 ("type",    { default = number, names = types }),
    f.u16("version", { default = 0x0303, names = versions, show = "hex" }),
    f.u16("len",     { auto = f.header() - RECORD }),
    ...,
  }
end

local function record(id, number, rule, ...)
  return {
    id = id, extra = true, base = "TLS",
    variant_of = { TLS = f.peek(0, 8):eq(number):both(is_record()):both(rule) },
    fields = record_fields(number, ...),
  }
end

local function message(id, number, least, ...)
  return {
    id = id, extra = true, base = "TLS_HandshakeMessage", extent = MESSAGE + f.ref "length",
    variant_of = { TLS_HandshakeMessage = f.peek(0, 8):eq(number):both(f.peek(8, 24):ge(least)) },
    fields = {
      f.u8 ("type",   { default = number, names = handshakes }),
      f.u24("length", { auto = f.header() - MESSAGE }),
      ...,
    },
  }
end

-- The bytes of a message that haven't been read.
local message_left = (f.ref "length" + MESSAGE - f.header()):max(0)

-- Hellos before TLS 1.2 may end without extensions, not even a length of them.
local has_extensions = f.left():eq(0):pick(
  f.count "extensions":gt(0):either(f.given "extensions_len"), message_left:ge(2))

local function vector(id, length, item, opts)
  return length(id .. "_len", { auto = f.size(id) }),
         f.list(id, item, { size = f.ref(id .. "_len"), default = opts and opts.default })
end

local function extension(id, number, rule, ...)
  local is_it = f.peek(0, 16):eq(number)
  return {
    id = id, extra = true, base = "TLS_Extension", extent = MESSAGE + f.ref "length",
    variant_of = { TLS_Extension = rule and is_it:both(rule) or is_it },
    fields = {
      f.u16("type",   { default = number, names = extension_types }),
      f.u16("length", { auto = f.header() - MESSAGE }),
      ...,
    },
  }
end

-- Is an extension a list whose length is its first two bytes, or its first?
local is_list    = f.peek(32, 16):eq(f.peek(16, 16) - 2)
local short_list = f.peek(32, 8):eq(f.peek(16, 16) - 1)

local suite = f.u16(nil, { show = "hex", names = {
  [0x1301] = "TLS_AES_128_GCM_SHA256", [0x1302] = "TLS_AES_256_GCM_SHA384",
  [0x1303] = "TLS_CHACHA20_POLY1305_SHA256", [0x1304] = "TLS_AES_128_CCM_SHA256",
  [0x1305] = "TLS_AES_128_CCM_8_SHA256",
  [0xc02b] = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", [0xc02c] = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  [0xc02f] = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", [0xc030] = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  [0xcca8] = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", [0xcca9] = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  [0xc013] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", [0xc014] = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  [0x009c] = "TLS_RSA_WITH_AES_128_GCM_SHA256", [0x009d] = "TLS_RSA_WITH_AES_256_GCM_SHA384",
  [0x002f] = "TLS_RSA_WITH_AES_128_CBC_SHA", [0x0035] = "TLS_RSA_WITH_AES_256_CBC_SHA",
  [0x00ff] = "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", [0x5600] = "TLS_FALLBACK_SCSV",
} })

local group_names = {
  [23] = "secp256r1", [24] = "secp384r1", [25] = "secp521r1", [29] = "x25519", [30] = "x448",
  [256] = "ffdhe2048", [257] = "ffdhe3072",
}
local scheme = f.u16(nil, { show = "hex", names = {
  [0x0401] = "rsa_pkcs1_sha256", [0x0501] = "rsa_pkcs1_sha384", [0x0601] = "rsa_pkcs1_sha512",
  [0x0403] = "ecdsa_secp256r1_sha256", [0x0503] = "ecdsa_secp384r1_sha384", [0x0603] = "ecdsa_secp521r1_sha512",
  [0x0804] = "rsa_pss_rsae_sha256", [0x0805] = "rsa_pss_rsae_sha384", [0x0806] = "rsa_pss_rsae_sha512",
  [0x0807] = "ed25519", [0x0808] = "ed448", [0x0201] = "rsa_pkcs1_sha1", [0x0203] = "ecdsa_sha1",
} })

local function random() return f.bytes("random", { size = 32, show = "hex", default = ("\0"):rep(32) }) end

local suites_len, suites             = vector("cipher_suites", f.u16, suite, { default = { 0x1301 } })
local compressions_len, compressions = vector("compression_methods", f.u8, f.u8(), { default = { 0 } })

local extensions_len = f.u16("extensions_len", { auto = f.size "extensions", when = has_extensions })
local extensions = f.layers("extensions", {
  of = "TLS_Extension", size = f.ref "extensions_len":min(message_left),
})

local session_id_len = f.u8("session_id_len", { auto = f.size "session_id" })
local session_id = f.bytes("session_id", { size = f.ref "session_id_len":min(message_left), show = "hex" })

return {
  -- What is encrypted, and what has no declaration below.
  {
    id     = "TLS",
    title  = "TLS Record",
    extra  = true,
    over   = { TCP = ports(443, 8443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061) },
    next   = { { when = is_tls, id = "TLS" } },
    pdu    = is_tls:pick(f.peek(24, 16) + 5, 0),
    fields = record_fields(APPLICATION_DATA, f.bytes("data", { size = f.ref "len" })),
  },
  record("TLS_ChangeCipherSpec", CHANGE_CIPHER_SPEC, f.peek(24, 16):eq(1),
    f.u8("message", { default = 1 })),
  record("TLS_Alert", ALERT, f.peek(24, 16):eq(2),
    f.u8("level",       { default = 1, names = levels }),
    f.u8("description", { names = alerts })),
  record("TLS_Handshake", HANDSHAKE, is_known_message:both(is_whole_message),
    f.layers("messages", { of = "TLS_HandshakeMessage", size = f.ref "len" })),

  -- A message of a type that has no declaration below, or too short for it.
  {
    id     = "TLS_HandshakeMessage",
    title  = "TLS Handshake Message",
    extra  = true,
    extent = MESSAGE + f.ref "length",
    fields = {
      f.u8   ("type",   { default = 20, names = handshakes }),
      f.u24  ("length", { auto = f.header() - MESSAGE }),
      f.bytes("data",   { size = f.ref "length" }),
    },
  },
  message("TLS_ClientHello", 1, 38,
    f.u16("version", { default = 0x0303, names = versions, show = "hex" }),
    random(),
    session_id_len, session_id,
    suites_len, suites,
    compressions_len, compressions,
    extensions_len, extensions),
  message("TLS_ServerHello", 2, 38,
    f.u16("version", { default = 0x0303, names = versions, show = "hex" }),
    random(),
    session_id_len, session_id,
    f.u16("cipher_suite",       { default = 0x1301, show = "hex", names = suite.names }),
    f.u8 ("compression_method"),
    extensions_len, extensions),
  message("TLS_EncryptedExtensions", 8, 2, -- as a program that has the keys sees them
    f.u16   ("extensions_len", { auto = f.size "extensions" }),
    f.layers("extensions",     { of = "TLS_Extension", size = f.ref "extensions_len":min(message_left) })),
  message("TLS_Certificate", 11, 3, -- of version 1.2; those of 1.3 are encrypted
    f.u24   ("certificates_len", { auto = f.size "certificates" }),
    f.layers("certificates",     { of = "TLS_CertificateEntry", size = f.ref "certificates_len":min(message_left) })),
  message("TLS_ServerHelloDone", 14, 0),

  {
    id     = "TLS_CertificateEntry",
    title  = "TLS Certificate",
    extra  = true,
    fields = {
      f.u24  ("length",      { auto = f.size "certificate" }),
      f.bytes("certificate", { size = f.ref "length" }),
    },
  },

  -- An extension that has no declaration below, or of another form.
  {
    id     = "TLS_Extension",
    title  = "TLS Extension",
    extra  = true,
    fields = {
      f.u16  ("type",   { default = 23, names = extension_types }),
      f.u16  ("length", { auto = f.size "data" }),
      f.bytes("data",   { size = f.ref "length" }),
    },
  },
  extension("TLS_ServerName", 0, is_list,
    f.u16   ("names_len", { auto = f.size "names" }),
    f.layers("names",     { of = "TLS_HostName", size = f.ref "names_len" })),
  extension("TLS_SupportedGroups", 10, is_list,
    vector("groups", f.u16, f.u16(nil, { names = group_names }))),
  extension("TLS_ECPointFormats", 11, short_list,
    vector("formats", f.u8, f.u8())),
  extension("TLS_SignatureAlgorithms", 13, is_list,
    vector("algorithms", f.u16, scheme)),
  extension("TLS_ALPN", 16, is_list,
    f.u16   ("protocols_len", { auto = f.size "protocols" }),
    f.layers("protocols",     { of = "TLS_ProtocolName", size = f.ref "protocols_len" })),
  extension("TLS_SupportedVersions", 43, short_list, -- a client's
    vector("versions", f.u8, f.u16(nil, { names = versions, show = "hex" }))),
  extension("TLS_SelectedVersion", 43, f.peek(16, 16):eq(2), -- a server's
    f.u16("version", { default = 0x0304, names = versions, show = "hex" })),
  extension("TLS_PSKKeyExchangeModes", 45, short_list,
    vector("modes", f.u8, f.u8(nil, { names = { [0] = "psk_ke", "psk_dhe_ke" } }))),
  extension("TLS_ClientKeyShares", 51, is_list,
    f.u16   ("shares_len", { auto = f.size "shares" }),
    f.layers("shares",     { of = "TLS_KeyShareEntry", size = f.ref "shares_len" })),
  extension("TLS_ServerKeyShare", 51, f.peek(48, 16):eq(f.peek(16, 16) - 4),
    f.u16  ("group",     { default = 29, names = group_names }),
    f.u16  ("share_len", { auto = f.size "share" }),
    f.bytes("share",     { size = f.ref "share_len", show = "hex" })),

  {
    id     = "TLS_HostName",
    title  = "TLS Host Name",
    extra  = true,
    fields = {
      f.u8   ("type",   { names = { [0] = "host_name" } }),
      f.u16  ("length", { auto = f.size "name" }),
      f.bytes("name",   { size = f.ref "length" }),
    },
  },
  {
    id     = "TLS_ProtocolName",
    title  = "TLS Protocol Name",
    extra  = true,
    fields = {
      f.u8   ("length", { auto = f.size "name" }),
      f.bytes("name",   { size = f.ref "length" }),
    },
  },
  {
    id     = "TLS_KeyShareEntry",
    title  = "TLS Key Share",
    extra  = true,
    fields = {
      f.u16  ("group",     { default = 29, names = group_names }),
      f.u16  ("share_len", { auto = f.size "share" }),
      f.bytes("share",     { size = f.ref "share_len", show = "hex" }),
    },
  },
}
