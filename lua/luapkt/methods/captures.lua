--- Methods about capture files, as `luapkt.rpc` lists them. They are answered before Lua is asked.
-- @module luapkt.methods.captures

return {
  read_pcap  = { handle = true, any_handle = true, params = { "pcap_base64" } },
  write_pcap = { handle = true, any_handle = true, params = { "packets_base64" } },
}
