# luapkt. 'make help' lists what there is to make.
#
# Nothing is listed by hand: sources are found by wildcard, dependencies by the compiler. All that
# is made lies under $(BUILD), so one tree holds an ordinary, a sanitized and a clang build:
#
#   build/luapkt                 the program
#   build/luapkt-expression      what evaluates expressions for it
#   build/lib/luapkt/core.so     the Lua module luapkt.core
#   build/share/                 manual pages and completions
#   build/asan/, build/clang/, build/fuzz/    the same, made otherwise
#
# V=1 shows the commands; CC, CFLAGS, PREFIX and the other variables below can be given too.

BUILD = build
PREFIX = /usr/local
DESTDIR =
ARGS =
TIME = 60
V =
CLANG = clang
CLANG_FORMAT = clang-format
LUACHECK = luacheck
LUA_VERSION = 5.4

# Looked up by every make anew: 'make serve' may install it and then starts another make.
PKG_CONFIG = pkg-config
LUA_CFLAGS = $(or $(shell $(PKG_CONFIG) --cflags lua5.4 2>/dev/null),-I/usr/include/lua5.4)
LUA_ARCHIVE = $(filter /%,$(shell $(CC) -print-file-name=liblua5.4.a))
LUA_LIBS = $(or $(LUA_ARCHIVE),$(shell $(PKG_CONFIG) --libs lua5.4 2>/dev/null),-llua5.4)

HARDEN = -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
WARN = -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror
CFLAGS = -O3 -g
SANITIZE =
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE $(CFLAGS) -fPIC -fvisibility=hidden $(WARN) \
              $(or $(SANITIZE),$(HARDEN)) $(LUA_CFLAGS)
LDFLAGS = -Wl,-z,relro,-z,now
# Of the libraries, only those that are used become dependencies. The program offers the Lua API
# to the C modules that scripts load (cjson), as the stand-alone interpreter does.
LIBS = $(LUA_LIBS) -Wl,--as-needed -lzmq -lm -lpthread -ldl
ASAN_FLAGS = -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_FLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer \
             -fno-sanitize-recover=undefined

# $(call brief,CC) prints the step and what it makes; with V=1, make prints the whole command.
brief = $(if $(V),,@echo '  $(1) $@';)
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)))
CORE_OBJ := $(call objects,src/wire/*.c src/engine/*.c src/script/*.c)
# Protocols and modules as the program's own Lua compiles them; the module's may be another.
CHUNKS := $(BUILD)/chunks.bin
CHUNKS_OBJ := $(BUILD)/obj/src/script/chunks.o
IO_OBJ := $(call objects,src/io/*.c)
# Of those, what the Lua module takes along: raw sockets.
RAW_OBJ := $(call objects,src/io/raw*.c src/io/interfaces.c src/io/libpcap.c src/io/live.c)
CLI_OBJ := $(call objects,src/cli/*.c)
EXPRESSION_OBJ := $(call objects,src/expression/*.c)
BENCH := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
FUZZ := $(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c))
C_FILES := $(sort $(wildcard src/*/*.[ch] fuzz/*.[ch] bench/*.[ch] tools/*.c spec/*.c spec/*/*.c))
LUA_DIRS := $(wildcard lua protocols templates examples spec fuzz bench tools)
LUA_SCRIPTS := $(wildcard bench/run)

# A make of its own for each way to build, all cores at work. ('make' in a variable: 'make -n'
# then prints these lines and runs none of them.)
make := $(MAKE)
submake = MAKEFLAGS= $(make) --no-print-directory -j$$(nproc) $(MAKEOVERRIDES)
asan_make = $(submake) BUILD=build/asan CFLAGS="-O2 -g" SANITIZE="$(ASAN_FLAGS)"
# For its warnings, which don't depend on what it makes of the code.
clang_make = $(submake) BUILD=build/clang CC="$(CLANG)" CFLAGS=-O0 HARDEN=
fuzz_make = $(submake) BUILD=build/fuzz CC="$(CLANG)" SANITIZE="$(FUZZ_FLAGS)"

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: help all programs manual serve deps test lint format asan build-asan build-clang build-fuzz check-lua \
        check-format objects bench bench-programs fuzz fuzz-programs install install-library \
        uninstall clean

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 12

all: programs manual ## build the program, the Lua module and the manual pages
	@:

serve: ## install what is missing, build, run the server (ARGS="--port 4507 ...")
	@tools/deps run
	@$(submake) all
	@exec build/luapkt serve $(ARGS)

deps: ## install what 'make serve' and 'make test' need, if it is missing
	@tools/deps run test

test: ## build, lint, run all specs, run them again under sanitizers
	@tools/deps run test
	@MAKEFLAGS= MAKE="$(make) --no-print-directory" tools/test $(MAKEOVERRIDES)

lint: check-lua check-format build-clang ## luacheck, clang-format, and clang's warnings

format: ## lay the C files out by .clang-format
	$(CLANG_FORMAT) -i $(C_FILES)

asan: build-asan ## run the specs under AddressSanitizer and UBSan
	@CC="$(CC)" spec/run asan $(ARGS)

bench: ## build and run the benchmarks (ARGS=...)
	@tools/deps run
	@$(submake) all bench-programs
	@bench/run $(ARGS)

fuzz: ## run each fuzzer for TIME=60 seconds
	@tools/deps run fuzz
	@$(fuzz_make) fuzz-programs
	@tools/fuzz $(TIME) $(FUZZ)

# The Lua files lie where stock Lua looks for them; the program finds them through its own folder.
DATA = $(DESTDIR)$(PREFIX)/share/luapkt
LUADIR = $(PREFIX)/share/lua/$(LUA_VERSION)
LIBDIR = $(PREFIX)/lib/lua/$(LUA_VERSION)
UNIT = $(DESTDIR)$(PREFIX)/lib/systemd/system/luapkt.service
install: all ## install under PREFIX=/usr/local (and DESTDIR)
	install -D -m 755 build/luapkt "$(DESTDIR)$(PREFIX)/bin/luapkt"
	install -D -m 755 build/luapkt-expression "$(DESTDIR)$(PREFIX)/libexec/luapkt/luapkt-expression"
	install -D -m 644 build/lib/luapkt/core.so "$(DESTDIR)$(LIBDIR)/luapkt/core.so"
	tools/copy-tree lua/luapkt "$(DESTDIR)$(LUADIR)/luapkt"
	tools/copy-tree protocols "$(DATA)/protocols"
	tools/copy-tree templates "$(DATA)/templates"
	install -d "$(DATA)/lua"
	ln -sfn "../../lua/$(LUA_VERSION)/luapkt" "$(DATA)/lua/luapkt"
	tools/copy-tree build/share "$(DESTDIR)$(PREFIX)/share"
	install -d "$(DESTDIR)$(PREFIX)/lib/systemd/system"
	sed 's|@PREFIX@|$(PREFIX)|' systemd/luapkt.service.in >"$(UNIT)"
	chmod 644 "$(UNIT)"

uninstall: manual ## remove what 'make install' put there
	rm -f "$(DESTDIR)$(PREFIX)/bin/luapkt" "$(UNIT)"
	rm -rf "$(DESTDIR)$(PREFIX)/libexec/luapkt" "$(DESTDIR)$(LIBDIR)/luapkt" \
	  "$(DESTDIR)$(LUADIR)/luapkt" "$(DATA)"
	tools/remove-tree build/share "$(DESTDIR)$(PREFIX)/share"

# The library alone, with its protocols beside its modules: what the rockspec installs.
install-library: $(BUILD)/lib/luapkt/core.so
	install -D -m 644 build/lib/luapkt/core.so "$(DESTDIR)$(LIBDIR)/luapkt/core.so"
	tools/copy-tree lua/luapkt "$(DESTDIR)$(LUADIR)/luapkt"
	tools/copy-tree protocols "$(DESTDIR)$(LUADIR)/luapkt/protocols"

clean: ## remove all that was built
	rm -rf build

# What the targets above are made of.

programs: $(BUILD)/luapkt $(BUILD)/luapkt-expression $(BUILD)/lib/luapkt/core.so
	@:

manual: build/share.made
	@:

check-lua:
	@$(if $(LUA_DIRS),$(LUACHECK) --quiet --no-color $(LUA_DIRS) $(LUA_SCRIPTS))

check-format:
	@$(if $(C_FILES),$(CLANG_FORMAT) --dry-run -Werror $(C_FILES))

objects: $(CORE_OBJ) $(IO_OBJ) $(CLI_OBJ) $(EXPRESSION_OBJ)
	@:

bench-programs: $(BENCH)
	@:

fuzz-programs: $(FUZZ:%=build/fuzz/%)
	@:

build-asan:
	@$(asan_make) programs

build-clang:
	@$(clang_make) objects

# Every object depends on the Makefile: changed flags build anew.
$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call brief,CC  )$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tools/chunks: tools/chunks.c src/script/chunks.h src/wire/mix.h Makefile
	@mkdir -p $(@D)
	$(call brief,CC  )$(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS) $(WARN) $(LUA_CFLAGS) -o $@ $< $(LUA_LIBS) \
	  -lm -ldl

$(CHUNKS): $(BUILD)/tools/chunks $(wildcard protocols/*.lua lua/luapkt/*.lua lua/luapkt/*/*.lua)
	$(call brief,LUA )$< $@ $(filter %.lua,$^)

$(CHUNKS_OBJ): $(CHUNKS)
# It defines its symbols in assembler, which link-time optimization doesn't see.
$(CHUNKS_OBJ): ALL_CFLAGS += -fno-lto -DCHUNKS='"$(CHUNKS)"'

$(BUILD)/luapkt: $(CLI_OBJ) $(IO_OBJ) $(CORE_OBJ)
	@mkdir -p $(@D)
	$(call brief,LINK)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS)

# It takes from the rest what evaluates, and nothing that opens files or sockets.
$(BUILD)/luapkt-expression: $(EXPRESSION_OBJ) $(BUILD)/libluapkt.a
	$(call brief,LINK)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LUA_LIBS) -lm -ldl

$(BUILD)/lib/luapkt/core.so: $(filter-out $(CHUNKS_OBJ),$(CORE_OBJ)) $(RAW_OBJ)
	@mkdir -p $(@D)
	$(call brief,LINK)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -shared -o $@ $^ -Wl,--as-needed -lm \
	  -lpthread -ldl

# The program lists its options, from which pages and completions are made.
PAGES := $(sort $(wildcard man/*.in))
build/share.made: build/luapkt $(PAGES) README.md $(wildcard docs/*.md tools/manual/*.lua) Makefile
	@rm -rf build/share
	$(call brief,MAN )build/luapkt --describe | \
	  build/luapkt run --home . tools/manual/main.lua build/share $(PAGES) && touch $@

# All but the command line, for programs that take from it what they need.
$(BUILD)/libluapkt.a: $(CORE_OBJ) $(IO_OBJ)
	@rm -f $@
	$(call brief,AR  )$(AR) rcs $@ $^

$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BUILD)/libluapkt.a
	@mkdir -p $(@D)
	$(call brief,LINK)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS)

build/fuzz/%: build/fuzz/obj/fuzz/%.o build/fuzz/libluapkt.a
	$(call brief,LINK)$(CC) $(CFLAGS) $(SANITIZE) -fsanitize=fuzzer $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS)

.SECONDARY:

-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/obj/*/*/*.d)
