-- A message for a log, RFC 5424 over UDP (RFC 5426): its priority is facility times 8
-- plus severity.
return {
  name        = "Syslog",
  description = "A message for a log",
  parameters  = {
    { id = "facility", type = "number", min = 0, max = 23, default = 4, doc = "4: security" },
    { id = "severity", type = "number", min = 0, max = 7, default = 2, doc = "2: critical" },
    { id = "message",  type = "text", max = 1024, default = "test", doc = "the message" },
    { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
    { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
  },
  build = function(p)
    local head = "<%d>1 2003-10-11T22:14:15.003Z host.example.com app - ID1 - "
    return {
      { "Ether" },
      { "IP", src = p.src, dst = p.dst },
      { "UDP", sport = 514, dport = 514 },
      { "Raw", load = head:format(p.facility * 8 + p.severity) .. p.message },
    }
  end,
}
