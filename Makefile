# SPDX-License-Identifier: ISC
# zonesh.  make help tells what there is to make.
SHELL   := /bin/bash
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
BUILD   ?= build
VERSION := 0.1
PREFIX  ?= /usr/local

# Debian packages: to build and run, good to have then (terminals that the editor knows), and for the tests.
NEEDS   := gcc libc6-dev pkg-config libssh-dev libncurses-dev libgit2-dev libldns-dev libfido2-dev libsodium-dev \
           libmicrohttpd-dev libjansson-dev liburcu-dev libseccomp-dev libidn2-dev libssl-dev \
           ncurses-base git openssh-client openssl
NICE    := ncurses-term
TESTS   := libcmocka-dev clang libclang-rt-14-dev universal-ctags shellcheck mandoc bind9-dnsutils bind9-utils \
           knot-dnsutils ldnsutils curl jq tmux procps util-linux

PKGS    := libssh ncursesw libgit2 libfido2 libsodium libmicrohttpd jansson liburcu-qsbr libseccomp libidn2 libcrypto
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
CFLAGS  ?= -O2 -g
ALL_CFLAGS = $(CFLAGS) -std=c11 $(WARN) -fno-strict-aliasing -fstack-protector-strong -fPIE -pthread -I. -D_GNU_SOURCE \
           -DZONESH_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(EXTRA)
ALL_LDFLAGS = $(LDFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--export-dynamic-symbol=EVP_DigestVerify -pthread $(EXTRA)
LDLIBS  = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lldns -ldl

DIRS    := base zone store dns sshd tui http
SRCS    := main.c $(foreach d,$(DIRS),$(wildcard $d/*.c))
OBJS    := $(SRCS:%.c=$(BUILD)/%.o)
UNITS   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
E2E     := $(filter-out tests/e2e/lib.sh,$(wildcard tests/e2e/*.sh))
SCREENS := $(filter-out tests/tui/lib.sh,$(wildcard tests/tui/*.sh))
MAN     := $(wildcard man/*.[1-8])
ASAN    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TSAN    := -fsanitize=thread
IN_ASAN  = $(MAKE) -s BUILD=build/asan CFLAGS='-O1 -g' EXTRA='$(ASAN)'
IN_TSAN  = $(MAKE) -s BUILD=build/tsan CFLAGS='-O1 -g' EXTRA='$(TSAN)'
THREADED := build/tsan/tests/unit/test_zones build/tsan/tests/unit/test_worker
FUZZ    := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZERS := $(patsubst %.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 20

all: $(BUILD)/zonesh                    ## build build/zonesh

$(BUILD)/zonesh: $(OBJS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libzonesh.a: $(filter-out $(BUILD)/main.o,$(OBJS))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libzonesh.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

build/fuzz/tests/fuzz/%: build/fuzz/tests/fuzz/%.o build/fuzz/libzonesh.a
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

build/tests/sk-soft.so: tests/e2e/sk-soft.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $< -lsodium -lcrypto

units: $(UNITS)

run:                                    ## install what is missing, build, make a demo and serve it on loopback
	@tests/packages $(NEEDS) --optional $(NICE)
	@$(MAKE) -s all
	@exec demo/run

check:                                  ## install what the tests need, and run all of them
	@tests/packages $(NEEDS) $(NICE) $(TESTS)
	@exec tests/check

# What tests/check runs, each on its own too.
lint:                                   ## layers, sizes, documentation, shell scripts, manual pages
	@tests/lint
check-unit: $(UNITS)                    ## unit tests
	@tests/run $(UNITS)
check-e2e: all build/tests/sk-soft.so   ## end-to-end tests with real clients
	@ZONESH=$(CURDIR)/$(BUILD)/zonesh tests/run $(E2E)
check-tui: all                          ## the editor's screens in tmux
	@ZONESH=$(CURDIR)/$(BUILD)/zonesh tests/run $(SCREENS)
check-clang:                            ## everything compiles with clang, and passes the unit tests
	@$(MAKE) -s BUILD=build/clang CC=clang CFLAGS='-O1 -g' all check-unit
asan-build:
	@+$(IN_ASAN) all units
tsan-build:
	@+$(IN_TSAN) all $(THREADED)
asan:                                   ## unit, end-to-end and screen tests under ASan, UBSan and LSan
	@+$(IN_ASAN) check-unit check-e2e check-tui
tsan:                                   ## dns under TSan
	@+$(IN_TSAN) UNITS='$(THREADED)' E2E='$(filter tests/e2e/dns%,$(E2E))' check-unit check-e2e
fuzz-build:
	@$(MAKE) -s BUILD=build/fuzz CC=clang CFLAGS='-O1 -g' EXTRA='-fsanitize=fuzzer-no-link $(FUZZ)' $(FUZZERS)
fuzz: fuzz-build                        ## each fuzz target for FUZZ_SECONDS (20)
	@for fuzzer in $(FUZZERS); do \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -artifact_prefix=build/fuzz/ -print_final_stats=1 \
	        > build/fuzz/log 2>&1 || { tail -n 40 build/fuzz/log; exit 1; }; \
	    echo "$${fuzzer##*/}: $$(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/log) inputs"; done

install: all                            ## install program, unit file and manual pages below PREFIX (/usr/local)
	install -D -m 755 $(BUILD)/zonesh $(DESTDIR)$(PREFIX)/sbin/zonesh
	install -D -m 644 dist/zonesh.service $(DESTDIR)$(PREFIX)/lib/systemd/system/zonesh.service
	for page in $(MAN); do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit; done

clean:                                  ## remove what was built
	rm -rf build

help:                                   ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 14

-include $(OBJS:.o=.d) $(UNITS:=.d)
.PHONY: all units run check lint check-unit check-e2e check-tui check-clang asan asan-build tsan tsan-build fuzz fuzz-build install clean help
.SECONDARY:
