-- Bootstrap Protocol, RFC 951 and RFC 1542; Dynamic Host Configuration Protocol, RFC 2131, with the
-- options of RFC 2132 and its successors.
--
--    0       8       16      24      31
--   +-------+-------+-------+-------+
--   |  op   | htype | hlen  | hops  |
--   |              xid              |
--   |     secs      |     flags     |
--   |            ciaddr             |
--   |            yiaddr             |
--   |            siaddr             |
--   |            giaddr             |
--   |       chaddr, 16 bytes        |
--   |       sname, 64 bytes         |
--   |       file, 128 bytes         |
--   |   options: the cookie, DHCP   |
--   +-------------------------------+
--
-- A BOOTP message whose options start with the magic cookie 99.130.83.99 (RFC 2131 section 3) goes on
-- as DHCP; other options are vendor data of BOOTP itself.

local f = require "luapkt.field"

local cookie = "c\x82Sc"

local message_types = {
  [1]  = "discover",         -- RFC 2132 section 9.6
  [2]  = "offer",
  [3]  = "request",
  [4]  = "decline",
  [5]  = "ack",
  [6]  = "nak",
  [7]  = "release",
  [8]  = "inform",
  [9]  = "force_renew",      -- RFC 3203
  [10] = "lease_query",      -- RFC 4388
  [11] = "lease_unassigned",
  [12] = "lease_unknown",
  [13] = "lease_active",
}

-- RFC 2132 unless noted. What has no name here goes by its number, as raw bytes.
local options = {
  [0]   = { "pad", "flag" },
  [1]   = { "subnet_mask", "ipv4" },
  [2]   = { "time_zone", "u32" },
  [3]   = { "router", "ipv4*" },
  [4]   = { "time_server", "ipv4*" },
  [5]   = { "IEN_name_server", "ipv4*" },
  [6]   = { "name_server", "ipv4*" },
  [7]   = { "log_server", "ipv4*" },
  [8]   = { "cookie_server", "ipv4*" },
  [9]   = { "lpr_server", "ipv4*" },
  [10]  = { "impress_server", "ipv4*" },
  [11]  = { "resource_location_server", "ipv4*" },
  [12]  = { "hostname", "bytes" },
  [13]  = { "boot_size", "u16" },
  [14]  = { "dump_path", "bytes" },
  [15]  = { "domain", "bytes" },
  [16]  = { "swap_server", "ipv4" },
  [17]  = { "root_disk_path", "bytes" },
  [18]  = { "extensions_path", "bytes" },
  [19]  = { "ip_forwarding", "u8" },
  [20]  = { "non_local_source_routing", "u8" },
  [21]  = { "policy_filter", "ipv4*" },
  [22]  = { "max_dgram_reass_size", "u16" },
  [23]  = { "default_ttl", "u8" },
  [24]  = { "pmtu_timeout", "u32" },
  [25]  = { "path_mtu_plateau_table", "u16*" },
  [26]  = { "interface_mtu", "u16" },
  [27]  = { "all_subnets_local", "u8" },
  [28]  = { "broadcast_address", "ipv4" },
  [29]  = { "perform_mask_discovery", "u8" },
  [30]  = { "mask_supplier", "u8" },
  [31]  = { "router_discovery", "u8" },
  [32]  = { "router_solicitation_address", "ipv4" },
  [33]  = { "static_routes", "ipv4*" },
  [34]  = { "trailer_encapsulation", "u8" },
  [35]  = { "arp_cache_timeout", "u32" },
  [36]  = { "ieee802-3_encapsulation", "u8" },
  [37]  = { "tcp_ttl", "u8" },
  [38]  = { "tcp_keepalive_interval", "u32" },
  [39]  = { "tcp_keepalive_garbage", "u8" },
  [40]  = { "NIS_domain", "bytes" },
  [41]  = { "NIS_server", "ipv4*" },
  [42]  = { "NTP_server", "ipv4*" },
  [43]  = { "vendor_specific", "bytes" },
  [44]  = { "NetBIOS_server", "ipv4*" },
  [45]  = { "NetBIOS_dist_server", "ipv4*" },
  [46]  = { "static_netbios", "u8" },
  [47]  = { "netbios_scope", "bytes" },
  [48]  = { "font_servers", "ipv4*" },
  [49]  = { "x_display_manager", "ipv4*" },
  [50]  = { "requested_addr", "ipv4" },
  [51]  = { "lease_time", "u32" },
  [52]  = { "option_overload", "u8" },
  [53]  = { "message-type", "u8", names = message_types },
  [54]  = { "server_id", "ipv4" },
  [55]  = { "param_req_list", "u8*" },
  [56]  = { "error_message", "bytes" },
  [57]  = { "max_dhcp_size", "u16" },
  [58]  = { "renewal_time", "u32" },
  [59]  = { "rebinding_time", "u32" },
  [60]  = { "vendor_class_id", "bytes" },
  [61]  = { "client_id", "bytes" },
  [64]  = { "NISplus_domain", "bytes" },
  [65]  = { "NISplus_server", "ipv4*" },
  [66]  = { "tftp_server_name", "bytes" },
  [67]  = { "boot-file-name", "bytes" },
  [68]  = { "mobile_ip_home_agent", "ipv4*" },
  [69]  = { "SMTP_server", "ipv4*" },
  [70]  = { "POP3_server", "ipv4*" },
  [71]  = { "NNTP_server", "ipv4*" },
  [72]  = { "WWW_server", "ipv4*" },
  [73]  = { "Finger_server", "ipv4*" },
  [74]  = { "IRC_server", "ipv4*" },
  [75]  = { "StreetTalk_server", "ipv4*" },
  [76]  = { "StreetTalk_Dir_Assistance", "ipv4*" },
  [77]  = { "user_class", "bytes" },                -- RFC 3004
  [78]  = { "slp_service_agent", "bytes" },         -- RFC 2610
  [79]  = { "slp_service_scope", "bytes" },
  [80]  = { "rapid_commit", "none" },               -- RFC 4039
  [81]  = { "client_FQDN", "bytes" },               -- RFC 4702
  [82]  = { "relay_agent_Information", "bytes" },   -- RFC 3046
  [85]  = { "nds-server", "ipv4*" },                -- RFC 2241
  [86]  = { "nds-tree-name", "bytes" },
  [87]  = { "nds-context", "bytes" },
  [90]  = { "auth", "bytes" },                      -- RFC 3118
  [91]  = { "client-last-transaction-time", "u32" }, -- RFC 4388
  [92]  = { "associated-ip", "ipv4*" },
  [93]  = { "pxe_client_architecture", "u16*" },    -- RFC 4578
  [94]  = { "pxe_client_network_interface", "bytes" },
  [97]  = { "pxe_client_machine_identifier", "bytes" },
  [98]  = { "uap-servers", "bytes" },               -- RFC 2485
  [112] = { "netinfo-server-address", "ipv4*" },    -- RFC 3679
  [113] = { "netinfo-server-tag", "bytes" },
  [114] = { "default-url", "bytes" },
  [116] = { "auto-config", "u8" },                  -- RFC 2563
  [117] = { "name-service-search", "u16*" },        -- RFC 2937
  [118] = { "subnet-selection", "ipv4" },           -- RFC 3011
  [119] = { "domain-search", "bytes" },             -- RFC 3397
  [120] = { "sip-servers", "bytes" },               -- RFC 3361
  [121] = { "classless_static_routes", "bytes" },   -- RFC 3442
  [124] = { "vendor_class", "bytes" },              -- RFC 3925
  [125] = { "vendor_specific_information", "bytes" },
  [136] = { "pana-agent", "ipv4*" },                -- RFC 5192
  [137] = { "v4-lost", "bytes" },                   -- RFC 5223
  [138] = { "capwap-ac-v4", "ipv4*" },              -- RFC 5417
  [141] = { "sip-ua-service-domains", "bytes" },    -- RFC 6011
  [150] = { "tftp_server_address", "ipv4*" },       -- RFC 5859
  [175] = { "etherboot", "bytes" },
  [208] = { "pxelinux_magic", "bytes" },            -- RFC 5071
  [209] = { "pxelinux_configuration_file", "bytes" },
  [210] = { "pxelinux_path_prefix", "bytes" },
  [211] = { "pxelinux_reboot_time", "u32" },
  [212] = { "option-6rd", "bytes" },                -- RFC 5969
  [213] = { "v4-access-domain", "bytes" },          -- RFC 5986
  [255] = { "end", "flag" },
}

return {
  {
    id     = "BOOTP",
    scapy  = true,
    over   = { UDP = {
      { sport = 67, dport = 68 },
      { sport = 68, dport = 67 },
      { sport = 67, dport = 67 },
    } },
    fields = {
      f.u8   ("op",        { default = 1, names = { "BOOTREQUEST", "BOOTREPLY" } }),
      f.u8   ("htype",     { default = 1 }),
      f.u8   ("hlen",      { default = 6 }),
      f.u8   ("hops"),
      f.u32  ("xid"),
      f.u16  ("secs"),
      f.flags("flags", 16, "???????????????B", { unnamed = "?" }),
      f.ipv4 ("ciaddr"),
      f.ipv4 ("yiaddr"),
      f.ipv4 ("siaddr"),
      f.ipv4 ("giaddr"),
      f.bytes("chaddr",    { size = 16, exact = true, nominal = 16, class = "Field" }),
      f.bytes("sname",     { size = 64, exact = true, nominal = 64, class = "Field" }),
      f.bytes("file",      { size = 128, exact = true, nominal = 128, class = "Field" }),
      f.bytes("options",   { size = f.peek(0, 32):eq(0x63825363):pick(4, f.left()), class = "StrField" }),
    },
  },

  {
    id       = "DHCP",
    scapy    = true,
    title    = "DHCP options",
    over     = { BOOTP = { options = cookie } },
    fallback = "Padding",
    fields   = {
      f.options("options", options, { length = "value", style = "dhcp" }),
    },
  },
}
