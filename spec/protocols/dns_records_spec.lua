local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- Every case: a record and its bytes, owner name and rdlen included.
local cases = {
  { "DNSRR", { type = 1, rdata = "1.2.3.4" }, "00 0001 0001 00000000 0004 01020304" },
  { "DNSRR", { type = 28, rdata = "2001:db8::1" },
    "00 001c 0001 00000000 0010 20010db8 00000000 00000000 00000001" },
  { "DNSRR", { type = 2, rdata = "ns1.example.com." },
    "00 0002 0001 00000000 0011 036e7331 076578616d706c65 03636f6d 00" },
  { "DNSRR", { type = 16, rdata = { "v=spf1 -all" } },
    "00 0010 0001 00000000 000c 0b 763d73706631202d616c6c" },
  { "DNSRR", { type = 65280, rdata = "raw" }, "00 ff00 0001 00000000 0003 726177" },
  { "DNSRRSOA", { mname = "ns.", rname = "me.", serial = 1, refresh = 2, retry = 3, expire = 4,
                  minimum = 5 },
    "00 0006 0001 00000000 001c 026e7300 026d6500 00000001 00000002 00000003 00000004 00000005" },
  { "DNSRRMX", { type = 15, preference = 10, exchange = "mx." },
    "00 000f 0001 00000000 0006 000a 026d7800" },
  { "DNSRRSRV", { priority = 1, weight = 2, port = 5060, target = "sip." },
    "00 0021 0001 00000000 000b 0001 0002 13c4 0373697000" },
  { "DNSRRDS", { keytag = 1, algorithm = 8, digesttype = 2, digest = "0123456789" },
    "00 002b 0001 00000000 000e 0001 08 02 30313233343536373839" },
  { "DNSRRDNSKEY", { flags = 257, publickey = "abcdef" },
    "00 0030 0001 00000000 000a 0101 03 05 616263646566" },
  { "DNSRROPT", {}, "00 0029 1000 00 00 8000 0000" },
  { "DNSRROPT", { rdata = { { id = "EDNS0TLV", fields = { optcode = 3, optdata = "ns1" } } } },
    "00 0029 1000 00 00 8000 0007 0003 0003 6e7331" },
  { "DNSRRRSIG", { typecovered = 6, labels = 2, keytag = 9, signersname = "a.", signature = "xyz" },
    "00 002e 0001 00000000 0018 0006 05 02 00000000 00000000 00000000 0009 016100 78797a" },
  { "DNSRRNSEC3PARAM", { hashalg = 1, iterations = 10, saltlength = 4, salt = "aabb" },
    "00 0033 0001 00000000 0009 01 00 000a 04 61616262" },
}

describe("DNS records", function()
  for _, case in ipairs(cases) do
    local id, fields, bytes = case[1], case[2], unhex(case[3])

    it(("%s %s is built"):format(id, case[3]:sub(4, 7)), function()
      assert.equal(bytes, luapkt.build { { id, fields } })
    end)

    it(("%s %s is read in a section"):format(id, case[3]:sub(4, 7)), function()
      local message = unhex "0000 8000 0000 0001 0000 0000" .. bytes
      local record = luapkt.dissect(message, "DNS")[1].fields.an[1]
      assert.equal(id, record.id)
      for name, value in pairs(fields) do
        if type(value) ~= "table" or name == "rdata" and id == "DNSRR" then
          assert.same(value, record.fields[name])
        end
      end
    end)
  end

  describe("DNSRR", function()
    it("has no other rdata than its type's, but bytes as they are", function()
      local address, name = "an IPv4 address such as 10.0.0.1", "a domain name"
      for _, case in ipairs {
        { "A", "abc", '"abc"', address }, { "A", "::1", '"::1"', address },
        { "A", { "a" }, "an array", address }, { "NS", 5, "5", name },
        { "AAAA", "1.2.3.4", '"1.2.3.4"', "an IPv6 address such as 2001:db8::1" },
      } do
        local _, err = luapkt.build { { "DNSRR", { type = case[1], rdata = case[2] } } }
        assert.equal(("DNSRR.rdata: %s is not %s"):format(case[3], case[4]), err.message)
      end
      local cut = { vtype = "BYTES", base64 = luapkt.wire.base64 "abc" }
      assert.equal(unhex "00 0001 0001 00000000 0003 616263",
                   luapkt.build { { "DNSRR", { type = "A", rdata = cut } } })
    end)

    it("has text in as many strings as it needs (RFC 1035 section 3.3.14)", function()
      for size, wire in pairs {
        [255] = "0100 ff" .. ("61"):rep(255), [256] = "0102 ff" .. ("61"):rep(255) .. "01 61",
        [510] = "0200" .. ("ff" .. ("61"):rep(255)):rep(2),
      } do
        assert.equal(unhex("00 0010 0001 00000000" .. wire),
                     luapkt.build { { "DNSRR", { type = "TXT", rdata = ("a"):rep(size) } } })
      end
    end)
  end)
end)
