# ddo: DirectDNSOnly as a Unix toolkit.  Targets: all install uninstall deps demo check bench
# check-install lint dist deb clean.
#
# `make DEV=1` builds with -Werror, ASan and UBSan into a directory of its own.
#
# PREFIX, SYSCONFDIR, CC, CFLAGS, CPPFLAGS, LDFLAGS and SHARED may change from call to call: what
# they change is built again.  So give `make install` the same ones as `make`.

PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
CC ?= cc
HOSTCC ?= cc
CFLAGS ?= -O2 -g
# What an object needs before CPPFLAGS; set for single objects only.
FIRST :=
VERSION := $(shell cat VERSION)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wpointer-arith -Wundef
override CPPFLAGS += -D_GNU_SOURCE -DDDO_VERSION='"$(VERSION)"' -I$(BUILD) -Ilib \
	-include lib/base/banned.h
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
LIBS := -lknot -lzscanner -ldnssec -lnettle -lyaml -lsqlite3 -lcrypt -ljansson -lgnutls
HTTPLIB := -lmicrohttpd
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
MYSQL_INCLUDES = $(patsubst -I%,-isystem %,$(shell mariadb_config --include))
$(BUILD)/cmd/ddo-push-mysql/%.o: FIRST = $(MYSQL_INCLUDES) -include mysql.h
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

# These two files change only when what is in them does; another name of BUILD changes nothing.
define SETTINGS
$(CC) $(filter-out -I$(BUILD),$(CPPFLAGS)) $(STD) $(WARN) $(HARDEN)
$(LINK) $(LDEXTRA) $(LDFLAGS) $(HTTPLIB) $(LIBS)
endef
define PATHS
#define LIBEXECDIR "$(PREFIX)/libexec/ddo"
#define CONF_DEFAULT_FILE "$(SYSCONFDIR)/ddo/app.yml"
endef
export SETTINGS PATHS
$(BUILD)/settings: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$SETTINGS" | cmp -s - $@ || printf '%s\n' "$$SETTINGS" >$@
$(BUILD)/paths.h: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$PATHS" | cmp -s - $@ || printf '%s\n' "$$PATHS" >$@

# Compiles and links an empty program with everything, so that one line says what is missing.
HEADERS := libknot/libknot.h libzscanner/scanner.h microhttpd.h gnutls/gnutls.h nettle/sha2.h \
	yaml.h sqlite3.h jansson.h curl/curl.h crypt.h
NOTHING := { cat; echo 'int main(void) { return 0; }'; }
$(BUILD)/have-libraries: $(BUILD)/settings
	@{ printf '#include <%s>\n' $(HEADERS) | $(NOTHING) | \
		$(CC) -x c - -o $@.new $(LDFLAGS) $(HTTPLIB) $(LIBS) -lcurl -lmariadb && \
	echo '#include <seccomp.h>' | $(NOTHING) | $(HOSTCC) -x c - -o $@.new -lseccomp; } \
		>$@.log 2>&1 || { sed -n -e 's/.*error: \(.*\): No such file.*/\1/p' \
			-e 's/.*cannot find \(-l:*[^ :]*\).*/\1/p' \
			-e 's/.* \([^ ]*\): .*not found$$/\1/p' $@.log | sort -u | tr '\n' ' ' | \
		sed 's/^/The build lacks: /; s/ $$/; run: sudo make deps/'; echo; exit 1; } >&2
	@mv $@.new $@

$(LIBDDO): $(LIBOBJ)
	@rm -f $@
	$(AR) qcs $@ $^

$(BUILD)/%.o: %.c Makefile VERSION $(BUILD)/settings | $(BUILD)/paths.h $(BUILD)/have-libraries
	@mkdir -p $(@D)
	$(CC) $(FIRST) $(CPPFLAGS) $(STD) $(WARN) $(HARDEN) -MMD -MP -c -o $@ $<

# ddo-httpd's seccomp program, for the machine that CC builds for: libseccomp makes it of a list.
SECCOMP := cmd/ddo-httpd/seccomp
$(BUILD)/$(SECCOMP)/filter: $(SECCOMP)/filter.c
	@mkdir -p $(@D)
	$(HOSTCC) -std=c11 -D_GNU_SOURCE $(WARN) -o $@ $< -lseccomp
$(BUILD)/$(SECCOMP)/filter.inc: $(BUILD)/$(SECCOMP)/filter $(SECCOMP)/calls
	$< "$$($(CC) -dumpmachine | cut -d- -f1)" <$(SECCOMP)/calls >$@.new
	@mv $@.new $@
$(BUILD)/cmd/ddo-httpd/sandbox.o: $(BUILD)/$(SECCOMP)/filter.inc
$(BUILD)/cmd/ddo-httpd/sandbox.o: FIRST = -I$(BUILD)/cmd/ddo-httpd

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
$(BUILD)/fuzz/pickle: $(patsubst %,$(BUILD)/cmd/ddo-import/%.o,pickle pickle_machine \
		pickle_ops)
$(BUILD)/fuzz/%: t/fuzz/%.c t/fuzz/fuzz.h $(LIBDDO)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -It/fuzz -Icmd/ddo-httpd -Icmd/ddo-import -Icmd/ddo-queue $(STD) \
		$(WARN) $(HARDEN) $(LINK) $(LDEXTRA) \
		-fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(LIBDDO) $(LIBS)

-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -name '*.d' -type f -print 2>/dev/null)

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

# The tests of t/install, in containers: needs root.  Debian's packages come from t/install/base.
check-install:
	etc/deps/install build check machine deb
	$(MAKE) all deb
	BUILD=$(BUILD) t/run $(or $(T),$(sort $(wildcard t/install/[0-9]*.bats)))

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

INSTALL := DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' BIN='$(BIN)' \
	etc/install

install: all
	$(INSTALL)

# Needs no build: `make install` left a list of what it installed.
uninstall:
	$(INSTALL) remove

# The same commit makes the same bytes.
dist:
	@mkdir -p build
	git archive --prefix=ddo-$(VERSION)/ HEAD | gzip -9n >build/ddo-$(VERSION).tar.gz
	@echo build/ddo-$(VERSION).tar.gz

# Debian packages of this tree, in build/deb.
deb:
	etc/deps/install build deb
	etc/deb build/deb

clean:
	rm -rf build

FORCE:
.PHONY: all units shims benches fuzzers deps demo check check-install bench fuzz lint map \
	image install uninstall dist deb clean FORCE
