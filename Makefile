# zonesh: make (build), make run (a demo), make check (everything that must hold), make help
SHELL   := /bin/bash
CC      ?= gcc
BUILD   ?= build
VERSION := 0.1

PKGS    := libssh ncursesw libgit2 libfido2 libsodium libmicrohttpd jansson liburcu-qsbr libseccomp libidn2 libcrypto
CFLAGS  ?= -O2 -g
CFLAGS  += -std=c11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
           -fno-strict-aliasing -fstack-protector-strong -fPIE -pthread -I. -D_GNU_SOURCE -DZONESH_VERSION='"$(VERSION)"' \
           $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(EXTRA)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--export-dynamic-symbol=EVP_DigestVerify -pthread $(EXTRA)
LDLIBS  := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lldns -ldl

DIRS    := base zone store dns sshd tui http
SRCS    := main.c $(foreach d,$(DIRS),$(wildcard $d/*.c))
OBJS    := $(SRCS:%.c=$(BUILD)/%.o)
LIBOBJS := $(filter-out $(BUILD)/main.o,$(OBJS))
UNITS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(BUILD)/zonesh

$(BUILD)/zonesh: $(OBJS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libzonesh.a: $(LIBOBJS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libzonesh.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

units: $(UNITS)

-include $(OBJS:.o=.d)
.PHONY: all units
.SECONDARY:
