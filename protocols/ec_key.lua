-- A private key of an elliptic curve as OpenSSL writes it: its parameters, RFC 5480 section 2.1.1, and the
-- key, RFC 5915 section 3, each an element of DER, X.690 section 8.1: what it is, its length, and so
-- many bytes. Elements are shown as their bytes.

local f = require "luapkt.field"

-- A length below 128 is one byte; of others the first says of how many bytes they are: one, two or three.
local length = f.peek(8, 8)
local element_size = length:lt(0x80):pick(2 + length,
  length:eq(0x81):pick(3 + f.peek(16, 8),
  length:eq(0x82):pick(4 + f.peek(16, 16),
  length:eq(0x83):pick(5 + f.peek(16, 24), f.left()))))

return {
  {
    id     = "ECDSAPrivateKey_OpenSSL",
    title  = "ECDSA Params + Private Key",
    fields = {
      -- the curve secp384r1
      f.bytes("ecparam", { default = "\x06\x05\x2b\x81\x04\x00\x22", size = element_size }),
      -- version 1, and a key of no bytes
      f.bytes("privateKey", { default = "\x30\x05\x02\x01\x01\x04\x00", size = element_size }),
    },
  },
}
