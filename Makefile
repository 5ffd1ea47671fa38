# ddo: DirectDNSOnly as a Unix toolkit.  Targets: all demo check bench install lint clean.
# `make DEV=1` builds with -Werror, ASan and UBSan into a directory of its own.

PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
CC ?= cc
HOSTCC ?= cc
CFLAGS ?= -O2 -g
VERSION := $(shell cat VERSION)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wpointer-arith -Wundef
CPPFLAGS += -D_GNU_SOURCE -DDDO_VERSION='"$(VERSION)"' -DLIBEXECDIR='"$(PREFIX)/libexec/ddo"' \
	-Ilib -include lib/base/banned.h
STD := -std=c11 -fPIE
LINK := -pie -Wl,--as-needed

ifdef DEV
BUILD := build/dev
HARDEN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all -Werror
LDEXTRA := -fsanitize=address,undefined
else
BUILD := build
HARDEN := $(CFLAGS) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection
LDEXTRA := -Wl,-z,relro,-z,now -Wl,-z,noexecstack
endif

BIN := $(BUILD)/bin
PUSHERS := $(notdir $(wildcard cmd/ddo-push-*))
TOOLS := $(filter-out $(PUSHERS),$(notdir $(wildcard cmd/ddo-*)))
LIBSRC := $(wildcard lib/*.c lib/*/*.c lib/*/*/*.c)
LIBOBJ := $(LIBSRC:%.c=$(BUILD)/%.o)
LIBDDO := $(BUILD)/libddo.a
UNITS := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/*.c))
SHIMS := $(patsubst t/shim/%.c,$(BUILD)/shim/%.so,$(wildcard t/shim/*.c))
FUZZERS := $(patsubst t/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard t/fuzz/*.c))
BENCHES := $(patsubst t/bench/%.c,$(BUILD)/bench/%,$(wildcard t/bench/*.c))

# Every library that some tool may need; --as-needed leaves out what a tool does not use.  What
# parses DNS and HTTP is linked statically.  Shared, it brings twenty libraries along, GnuTLS among
# them: two thirds of the time of a process that lives for one push.  SHARED=1 links it shared.
ifdef SHARED
LIBS := -lknot -lzscanner -ldnssec -lnettle -lyaml -lsqlite3 -lcrypt -ljansson
HTTPLIB := -lmicrohttpd -lgnutls
WITHOUT_TLS := tls_absent gnutls_absent
else
LIBS := $(patsubst %,-l:lib%.a,knot zscanner dnssec nettle yaml sqlite3 crypt jansson lmdb) -lgnutls
HTTPLIB := -l:libmicrohttpd.a
WITHOUT_TLS := tls
endif
LIBS += -lm -lpthread
LIBS_ddo-httpd := $(HTTPLIB)
# The database's client is linked shared: its plugins for authentication are, too.
LIBS_ddo-push-mysql := -lmariadb
# Its header comes first: its macros use what banned.h forbids from there on.
$(BUILD)/cmd/ddo-push-mysql/%.o: CPPFLAGS := \
	$(patsubst -I%,-isystem %,$(shell mariadb_config --include)) \
	-include mysql.h $(CPPFLAGS)
LIBS_ddo-push-pdns := -lcurl
LIBS_ddo-da := -lcurl
LIBS_ddo-reconcile := -lcurl
NOT_ddo-httpd := $(WITHOUT_TLS:%=cmd/ddo-httpd/%.c)

all: $(TOOLS:%=$(BIN)/%) $(PUSHERS:%=$(BIN)/%) $(BIN)/ddo-httpd-tls

define tool_rule
$(BIN)/$(1): $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(NOT_$(1)),$(wildcard cmd/$(1)/*.c))) \
		$(LIBDDO)
	@mkdir -p $$(@D)
	$$(CC) $$(HARDEN) $$(LINK) $$(LDEXTRA) $$(LDFLAGS) -o $$@ $$^ $$(LIBS_$(1)) $$(LIBS)
endef
$(foreach t,$(TOOLS) $(PUSHERS),$(eval $(call tool_rule,$(t))))

# What ddo-httpd becomes when a listener of its own is to speak TLS.
HTTPD_TLS := $(filter-out %_absent.o,$(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/ddo-httpd/*.c)))
$(BIN)/ddo-httpd-tls: $(HTTPD_TLS) $(LIBDDO)
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(LINK) $(LDEXTRA) $(LDFLAGS) -o $@ $^ -lmicrohttpd -lgnutls $(LIBS)

$(LIBDDO): $(LIBOBJ)
	@rm -f $@
	$(AR) qcs $@ $^

$(BUILD)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(STD) $(WARN) $(HARDEN) -MMD -MP -c -o $@ $<

# ddo-httpd's seccomp program, for the machine that CC builds for: libseccomp makes it of a list.
SECCOMP := cmd/ddo-httpd/seccomp
$(BUILD)/$(SECCOMP)/filter: $(SECCOMP)/filter.c
	@mkdir -p $(@D)
	$(HOSTCC) -std=c11 -D_GNU_SOURCE $(WARN) -o $@ $< -lseccomp
$(BUILD)/$(SECCOMP)/filter.inc: $(BUILD)/$(SECCOMP)/filter $(SECCOMP)/calls
	$< "$$($(CC) -dumpmachine | cut -d- -f1)" <$(SECCOMP)/calls >$@.new
	@mv $@.new $@
$(BUILD)/cmd/ddo-httpd/sandbox.o: $(BUILD)/$(SECCOMP)/filter.inc
$(BUILD)/cmd/ddo-httpd/sandbox.o: CPPFLAGS += -I$(BUILD)/cmd/ddo-httpd

$(BUILD)/unit/sandbox_check: $(BUILD)/cmd/ddo-httpd/sandbox.o
$(BUILD)/unit/%: t/unit/%.c $(LIBDDO)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Icmd/ddo-httpd $(STD) $(WARN) $(HARDEN) $(LINK) $(LDEXTRA) -o $@ $< \
		$(filter %.o,$^) $(LIBDDO) $(LIBS)

# Preloaded into other programs, so never built with the sanitizers.
$(BUILD)/shim/%.so: t/shim/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $< -ldl

$(BUILD)/bench/%: t/bench/%.c $(LIBDDO)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(STD) $(WARN) $(HARDEN) $(LINK) $(LDEXTRA) -o $@ $< $(LIBDDO) $(LIBS)

# What a fuzz target needs beyond the library: the parts of the programs that read what comes in.
$(BUILD)/fuzz/request: $(patsubst %,$(BUILD)/cmd/ddo-httpd/%.o,answer api auth client dns_admin \
		intake login report routes shared)
$(BUILD)/fuzz/answers: $(patsubst %.c,$(BUILD)/%.o,\
		$(filter-out %/main.c,$(wildcard cmd/ddo-queue/*.c)))
$(BUILD)/fuzz/%: t/fuzz/%.c t/fuzz/fuzz.h $(LIBDDO)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -It/fuzz -Icmd/ddo-httpd -Icmd/ddo-queue $(STD) $(WARN) $(HARDEN) \
		$(LINK) $(LDEXTRA) \
		-fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(LIBDDO) $(LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

units: $(UNITS)
shims: $(SHIMS)
benches: $(BENCHES)
fuzzers: $(FUZZERS)

deps:
	etc/deps/install build

# Installs what is missing, builds, starts a private BIND and ddo, pushes a zone, shows the answer.
demo:
	etc/deps/install build demo
	$(MAKE) all
	t/demo

check:
	etc/deps/install build check
	$(MAKE) all units shims
	BUILD=$(BUILD) t/run $(T)

bench:
	etc/deps/install build check
	$(MAKE) all units benches
	BUILD=$(BUILD) t/bench/run $(B)

# Each fuzz target for FUZZ_SECONDS (20); F="zone url" for some of them.
fuzz:
	etc/deps/install build fuzz
	$(MAKE) BUILD=build/fuzz CC=clang LDEXTRA=-fsanitize=address,undefined \
		HARDEN='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
			-fno-sanitize-recover=all -Werror' \
		fuzzers
	BUILD=build/fuzz t/fuzz/run $(F)

lint:
	etc/deps/install build lint
	t/lint

# The images ddo-bind and ddo-nsd, in $(BUILD)/image.  ARCH=arm64 for another machine.
image:
	etc/deps/install build image
	BUILD='$(BUILD)' etc/container/build $(KINDS)

# Draws which room includes which into INTERNALS.md.
map:
	t/rooms write INTERNALS.md

install: all
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' BIN='$(BIN)' etc/install

clean:
	rm -rf build

.PHONY: all units shims benches fuzzers deps demo check bench fuzz lint map image install clean
