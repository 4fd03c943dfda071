rockspec_format = "3.0"
package = "luapkt"
version = "scm-1"
source = { url = "." } -- this folder: luarocks --lua-version 5.4 make
description = {
  summary  = "A packet library: builds, reads, edits and checks network packets",
  detailed = [[
    Every protocol is one Lua declaration, compiled to a flat plan that a C engine runs. Packets are
    objects: Ether{} / IP{ dst = "10.0.0.1" } / TCP{ dport = 80 }. Reads and writes pcap and pcapng.
    This rock is the library; the packet server of the same name is built with make.
  ]],
  license  = "MIT",
}
dependencies = { "lua >= 5.4, < 5.5" }
build = {
  type              = "make",
  build_target      = "build/lib/luapkt/core.so",
  install_target    = "install-library",
  build_variables   = { LUA_CFLAGS = "-I$(LUA_INCDIR)" },
  install_variables = { LUA_CFLAGS = "-I$(LUA_INCDIR)", LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
