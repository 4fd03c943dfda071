-- Questions and resource records of the Domain Name System, RFC 1035 sections 4.1.2 and 4.1.3; AAAA,
-- RFC 3596; SRV, RFC 2782; OPT (EDNS0), RFC 6891; TSIG, RFC 8945; the DNSSEC records, RFC 4034, RFC 4431
-- (DLV) and RFC 5155 (NSEC3, NSEC3PARAM).
--
--   +---------------+
--   |    rrname     |
--   |     type      |
--   |    rclass     |
--   |      ttl      |   4 bytes
--   |     rdlen     |
--   | rdata by type |
--   +---------------+
--
-- Every record starts like DNSRR; the kinds below have fields of their own in place of rdata.

local f = require "luapkt.field"

local types = {
  [0] = "ANY",
  "A", "NS", "MD", "MF", "CNAME", "SOA", "MB", "MG", "MR", "NULL", "WKS", "PTR", "HINFO", "MINFO", "MX",
  "TXT", "RP", "AFSDB", "X25", "ISDN", "RT", "NSAP", "NSAP-PTR", "SIG", "KEY", "PX", "GPOS", "AAAA", "LOC",
  "NXT", "EID", "NIMLOC", "SRV", "ATMA", "NAPTR", "KX", "CERT", "A6", "DNAME", "SINK", "OPT", "APL", "DS",
  "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID", "NSEC3", "NSEC3PARAM", "TLSA", "SMIMEA",
  [55]    = "HIP",
  [56]    = "NINFO",
  [57]    = "RKEY",
  [58]    = "TALINK",
  [59]    = "CDS",
  [60]    = "CDNSKEY",
  [61]    = "OPENPGPKEY",
  [62]    = "CSYNC",
  [63]    = "ZONEMD",
  [64]    = "SVCB",
  [65]    = "HTTPS",
  [99]    = "SPF",
  [100]   = "UINFO",
  [101]   = "UID",
  [102]   = "GID",
  [103]   = "UNSPEC",
  [104]   = "NID",
  [105]   = "L32",
  [106]   = "L64",
  [107]   = "LP",
  [108]   = "EUI48",
  [109]   = "EUI64",
  [249]   = "TKEY",
  [250]   = "TSIG",
  [251]   = "IXFR",
  [252]   = "AXFR",
  [253]   = "MAILB",
  [254]   = "MAILA",
  [255]   = "ALL",
  [256]   = "URI",
  [257]   = "CAA",
  [258]   = "AVC",
  [32768] = "TA",
  [32769] = "DLV",
}

local classes = { [1] = "IN", [2] = "CS", [3] = "CH", [4] = "HS", [255] = "ANY" }

-- DNSSEC algorithm numbers: RFC 4034 appendix A.1, RFC 5155, RFC 5702, RFC 5933, RFC 6605, RFC 8080.
local algorithms = {
  [0]   = "Reserved",
  [1]   = "RSA/MD5",
  [2]   = "Diffie-Hellman",
  [3]   = "DSA/SHA-1",
  [4]   = "Reserved",
  [5]   = "RSA/SHA-1",
  [6]   = "DSA-NSEC3-SHA1",
  [7]   = "RSASHA1-NSEC3-SHA1",
  [8]   = "RSA/SHA-256",
  [9]   = "Reserved",
  [10]  = "RSA/SHA-512",
  [11]  = "Reserved",
  [12]  = "GOST R 34.10-2001",
  [13]  = "ECDSA Curve P-256 with SHA-256",
  [14]  = "ECDSA Curve P-384 with SHA-384",
  [15]  = "Ed25519",
  [16]  = "Ed448",
  [252] = "Reserved for Indirect Keys",
  [253] = "Private algorithms - domain name",
  [254] = "Private algorithms - OID",
  [255] = "Reserved",
}

local digests = { [0] = "Reserved", "SHA-1", "SHA-256", "GOST R 34.11-94", "SHA-384" }

local rdata_size = f.header() - f.size "rrname" - 10 -- what rdlen counts: all behind itself
local rdata_left = f.ref "rdlen"

return {
  {
    id     = "DNSQR",
    scapy  = true,
    title  = "DNS Question Record",
    hidden = true,
    fields = {
      f.name("qname",  { default = "www.example.com" }),
      f.u16 ("qtype",  { default = 1, names = types }),
      f.u16 ("qclass", { default = 1, names = classes }),
    },
  },

  {
    id     = "DNSRR",
    scapy  = true,
    title  = "DNS Resource Record",
    hidden = true,
    extent = f.size "rrname" + 10 + f.ref "rdlen",
    fields = {
      f.name("rrname", { default = "." }),
      f.u16 ("type",   { default = 1, names = types }),
      f.u16 ("rclass", { default = 1, names = classes }),
      f.u32 ("ttl"),
      f.u16 ("rdlen",  { auto = rdata_size, forget = true, class = "FieldLenField" }),
      f.choice("rdata", {
        { when = f.ref("type"):eq(1), f.ipv4() },                                       -- A
        { when = f.ref("type"):eq(28), f.ipv6() },                                      -- AAAA
        { when = f.ref("type"):one_of(2, 3, 4, 5, 7, 8, 9, 12), f.name() },             -- NS, CNAME, PTR, ...
        { when = f.ref("type"):eq(39), f.name(nil, { whole = true }) },                 -- DNAME
        { when = f.ref("type"):one_of(16, 99), f.list(nil, f.bytes(nil, { counted = 1 }), { size = rdata_left }) },
        { f.bytes(nil, { size = rdata_left }) },
      }),
    },
  },

  {
    id     = "DNSRRSOA",
    title  = "DNS SOA Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 6 }, ["DNS.ns"] = { type = 6 }, ["DNS.ar"] = { type = 6 } },
    fields = {
      f.name("rrname", { default = "." }),
      f.u16 ("type",   { default = 6, names = types }),
      f.u16 ("rclass", { default = 1, names = classes }),
      f.u32 ("ttl"),
      f.u16 ("rdlen",  { auto = rdata_size, forget = true }),
      f.name("mname",  { default = "." }),
      f.name("rname",  { default = "." }),
      f.u32 ("serial"),
      f.u32 ("refresh"),
      f.u32 ("retry"),
      f.u32 ("expire"),
      f.u32 ("minimum"),
    },
  },

  {
    id     = "DNSRRMX",
    title  = "DNS MX Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 15 }, ["DNS.ns"] = { type = 15 }, ["DNS.ar"] = { type = 15 } },
    fields = {
      f.name("rrname",   { default = "." }),
      f.u16 ("type",     { default = 6, names = types }), -- the number of SOA, as clients know it; in a section: 15
      f.u16 ("rclass",   { default = 1, names = classes }),
      f.u32 ("ttl"),
      f.u16 ("rdlen",    { auto = rdata_size, forget = true }),
      f.u16 ("preference"),
      f.name("exchange", { default = "." }),
    },
  },

  {
    id     = "DNSRRSRV",
    title  = "DNS SRV Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 33 }, ["DNS.ns"] = { type = 33 }, ["DNS.ar"] = { type = 33 } },
    fields = {
      f.name("rrname", { default = "." }),
      f.u16 ("type",   { default = 33, names = types }),
      f.u16 ("rclass", { default = 1, names = classes }),
      f.u32 ("ttl"),
      f.u16 ("rdlen",  { auto = rdata_size, forget = true }),
      f.u16 ("priority"),
      f.u16 ("weight"),
      f.u16 ("port"),
      f.name("target", { default = ".", whole = true }),
    },
  },

  -- The class is the sender's UDP payload size, the ttl is split into extrcode, version and z.
  {
    id     = "DNSRROPT",
    title  = "DNS OPT Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 41 }, ["DNS.ns"] = { type = 41 }, ["DNS.ar"] = { type = 41 } },
    fields = {
      f.name("rrname",   { default = "." }),
      f.u16 ("type",     { default = 41, names = types }),
      f.u16 ("rclass",   { default = 4096 }),
      f.u8  ("extrcode"),
      f.u8  ("version"),
      f.bits("z", 16,    { default = 0x8000, names = { [0x8000] = "D0" } }),
      f.u16 ("rdlen",    { auto = f.size "rdata", forget = true }),
      f.layers("rdata",  { of = "EDNS0TLV", size = rdata_left }),
    },
  },

  {
    id       = "EDNS0TLV",
    title    = "DNS EDNS0 TLV",
    fallback = "Padding",
    fields   = {
      f.u16  ("optcode", { names = { [0] = "Reserved", "LLQ", "UL", "NSID", "Reserved", "PING" } }),
      f.u16  ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },

  {
    id     = "DNSRRDNSKEY",
    title  = "DNS DNSKEY Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 48 }, ["DNS.ns"] = { type = 48 }, ["DNS.ar"] = { type = 48 } },
    fields = {
      f.name ("rrname",    { default = "." }),
      f.u16  ("type",      { default = 48, names = types }),
      f.u16  ("rclass",    { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",     { auto = rdata_size, forget = true }),
      -- secure entry point, revoked (RFC 5011), zone
      f.flags("flags", 16, "S??????RZ???????", { default = 256, unnamed = "?" }),
      f.u8   ("protocol",  { default = 3 }),
      f.u8   ("algorithm", { default = 5, names = algorithms }),
      f.bytes("publickey", { size = f.ref "rdlen" - 4, class = "StrField" }),
    },
  },

  {
    id     = "DNSRRDS",
    title  = "DNS DS Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 43 }, ["DNS.ns"] = { type = 43 }, ["DNS.ar"] = { type = 43 } },
    fields = {
      f.name ("rrname",     { default = "." }),
      f.u16  ("type",       { default = 43, names = types }),
      f.u16  ("rclass",     { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",      { auto = rdata_size, forget = true }),
      f.u16  ("keytag"),
      f.u8   ("algorithm",  { default = 5, names = algorithms }),
      f.u8   ("digesttype", { default = 5, names = digests }),
      f.bytes("digest",     { size = f.ref "rdlen" - 4, class = "StrField" }),
    },
  },

  {
    id     = "DNSRRDLV",
    title  = "DNS DLV Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 32769 }, ["DNS.ns"] = { type = 32769 }, ["DNS.ar"] = { type = 32769 } },
    fields = {
      f.name ("rrname",     { default = "." }),
      f.u16  ("type",       { default = 43, names = types }), -- the number of DS, as clients know it; in a section: 32769
      f.u16  ("rclass",     { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",      { auto = rdata_size, forget = true }),
      f.u16  ("keytag"),
      f.u8   ("algorithm",  { default = 5, names = algorithms }),
      f.u8   ("digesttype", { default = 5, names = digests }),
      f.bytes("digest",     { size = f.ref "rdlen" - 4, class = "StrField" }),
    },
  },

  {
    id     = "DNSRRRSIG",
    title  = "DNS RRSIG Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 46 }, ["DNS.ns"] = { type = 46 }, ["DNS.ar"] = { type = 46 } },
    fields = {
      f.name ("rrname",      { default = "." }),
      f.u16  ("type",        { default = 46, names = types }),
      f.u16  ("rclass",      { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",       { auto = rdata_size, forget = true }),
      f.u16  ("typecovered", { default = 1, names = types }),
      f.u8   ("algorithm",   { default = 5, names = algorithms }),
      f.u8   ("labels"),
      f.u32  ("originalttl"),
      f.u32  ("expiration",  { show = "utc" }),
      f.u32  ("inception",   { show = "utc" }),
      f.u16  ("keytag"),
      f.name ("signersname", { default = ".", whole = true }),
      f.bytes("signature",   { size = f.ref "rdlen" - 18 - f.size "signersname", class = "StrField" }),
    },
  },

  {
    id     = "DNSRRNSEC",
    title  = "DNS NSEC Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 47 }, ["DNS.ns"] = { type = 47 }, ["DNS.ar"] = { type = 47 } },
    fields = {
      f.name ("rrname",      { default = "." }),
      f.u16  ("type",        { default = 47, names = types }),
      f.u16  ("rclass",      { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",       { auto = rdata_size, forget = true }),
      f.name ("nextname",    { default = ".", whole = true }),
      -- As RFC 4034 section 4.1.2 packs them.
      f.bytes("typebitmaps", { size = f.ref "rdlen" - f.size "nextname", bitmap = types, class = "RRlistField" }),
    },
  },

  {
    id     = "DNSRRNSEC3",
    title  = "DNS NSEC3 Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 50 }, ["DNS.ns"] = { type = 50 }, ["DNS.ar"] = { type = 50 } },
    fields = {
      f.name ("rrname",     { default = "." }),
      f.u16  ("type",       { default = 50, names = types }),
      f.u16  ("rclass",     { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",      { auto = rdata_size, forget = true }),
      f.u8   ("hashalg"),
      f.bits ("flags", 8,   { names = { "Opt-Out" } }),
      f.u16  ("iterations"),
      f.u8   ("saltlength", { class = "FieldLenField" }),
      f.bytes("salt",       { size = f.ref "saltlength" }),
      f.u8   ("hashlength", { class = "FieldLenField" }),
      f.bytes("nexthashedownername", { size = f.ref "hashlength" }),
      -- As RFC 4034 section 4.1.2 packs them.
      f.bytes("typebitmaps", { size = f.ref "rdlen" - 6 - f.ref "saltlength" - f.ref "hashlength",
                               bitmap = types, class = "RRlistField" }),
    },
  },

  {
    id     = "DNSRRNSEC3PARAM",
    title  = "DNS NSEC3PARAM Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 51 }, ["DNS.ns"] = { type = 51 }, ["DNS.ar"] = { type = 51 } },
    fields = {
      f.name ("rrname",     { default = "." }),
      f.u16  ("type",       { default = 51, names = types }),
      f.u16  ("rclass",     { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",      { auto = rdata_size, forget = true }),
      f.u8   ("hashalg"),
      f.u8   ("flags"),
      f.u16  ("iterations"),
      f.u8   ("saltlength", { class = "FieldLenField" }),
      f.bytes("salt",       { size = f.ref "saltlength" }),
    },
  },

  {
    id     = "DNSRRTSIG",
    title  = "DNS TSIG Resource Record",
    hidden = true,
    base   = "DNSRR",
    over   = { ["DNS.an"] = { type = 250 }, ["DNS.ns"] = { type = 250 }, ["DNS.ar"] = { type = 250 } },
    fields = {
      f.name ("rrname",      { default = "." }),
      f.u16  ("type",        { default = 250, names = types }),
      f.u16  ("rclass",      { default = 1, names = classes }),
      f.u32  ("ttl"),
      f.u16  ("rdlen",       { auto = rdata_size, forget = true }),
      f.name ("algo_name",   { default = "hmac-sha1", whole = true }),
      f.bytes("time_signed", { size = 6, default = "\0\0\0\0\0\0", class = "TimeSignedField" }), -- seconds since 1970, 48 bits
      f.u16  ("fudge"),
      f.u16  ("mac_len",     { default = 20, class = "FieldLenField" }),
      f.bytes("mac_data",    { size = f.ref "mac_len" }),
      f.u16  ("original_id"),
      f.u16  ("error"),
      f.u16  ("other_len", { class = "FieldLenField" }),
      f.bytes("other_data",  { size = f.ref "other_len" }),
    },
  },
}
