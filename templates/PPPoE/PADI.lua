-- PPPoE active discovery initiation, RFC 2516 section 5.1.
return {
  name        = "PADI",
  description = "A host looks for access concentrators",
  parameters  = {
    { id = "mac",     type = "mac", default = "00:00:5e:00:53:01", doc = "the host's address" },
    { id = "service", type = "text", max = 64, default = "", doc = "service name; any if empty" },
  },
  build = function(p)
    return {
      { "Ether", dst = "ff:ff:ff:ff:ff:ff", src = p.mac },
      { "PPPoED", code = 9 },
      { "PPPoED_Tags", tag_list = {
        { "PPPoETag", tag_type = 0x101, tag_value = p.service },
        { "PPPoETag", tag_type = 0x103, tag_value = "luapkt" },
      } },
    }
  end,
}
