-- A configuration message of the spanning tree, IEEE 802.1D-1998 clause 9.3.1.
return {
  name        = "STP hello",
  description = "A bridge announces itself as the root",
  parameters  = {
    { id = "mac",      type = "mac", default = "00:00:5e:00:53:01", doc = "the bridge" },
    { id = "priority", type = "number", min = 0, max = 65535, default = 32768,
      doc = "priority of the bridge" },
  },
  build = function(p)
    return {
      { "Dot3", dst = "01:80:c2:00:00:00", src = p.mac },
      { "LLC", dsap = 0x42, ssap = 0x42, ctrl = 3 },
      { "STP", rootid = p.priority, rootmac = p.mac, bridgeid = p.priority, bridgemac = p.mac,
        portid = 0x8001, age = 0, maxage = 20, hellotime = 2, fwddelay = 15 },
    }
  end,
}
