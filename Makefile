# The front door of idsd: `make help` lists the targets. This file knows C and order; npm knows TypeScript.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# --- What can be set on the command line -----------------------------------------------------------------------

PREFIX       ?= /usr/local
DESTDIR      ?=
# Not empty: packages are left alone.
SKIP_DEPS    ?=
# Not empty: shows the commands.
V            ?=
NODE         ?= $(shell command -v node)
NPM          ?= npm
CLANG        ?= clang
BPFTOOL      ?= $(shell packaging/packages.sh bpftool)
# Folder of the labelled tables that `make train` reads.
DATA         ?= ../shared/datasets
TRAIN_FLAGS  ?=
DEMO_FLAGS   ?=
SOAK_FLAGS   ?=
BENCH_FLAGS  ?=
KERNEL_FLAGS ?=
FUZZ_SECONDS ?= 3600
# What `make test` runs.
TESTS        ?= $(patsubst %.ts,build/%.js,$(sort $(shell find daemon/src daemon/test cli lab -name '*.test.ts')))
TEST_FLAGS   ?=
# Those that measure time or use every CPU have the machine for themselves, a file at a time.
ALONE         = $(filter $(addprefix build/daemon/test/,fuzz.test.js \
	$(patsubst %,e2e/%.test.js,live-features same-flows segmentation soak)),$(TESTS))
# Those in network namespaces mostly wait: three at a time, apart from those that compute.
NETWORKED     = $(filter-out $(ALONE),$(filter build/daemon/test/e2e/% build/lab/% \
	build/daemon/test/old-kernel.test.js,$(TESTS)))
TOGETHER      = $(filter-out $(ALONE) $(NETWORKED),$(TESTS))

ifeq ($(origin CC),default)
CC = gcc
endif
ifeq ($(origin CXX),default)
CXX = g++
endif

# --- Node: checked before anything else ------------------------------------------------------------------------

# Under Node 24 better-sqlite3 12 ends the process, and 13 does the same under Node 20.
NODE_VERSIONS := 20 22
NODE_MISSING  := Node is missing: idsd needs Node 20 or 22 on PATH, or make NODE=/path/to/node
SUDO_HINT     := . Under sudo PATH is short: run make as yourself, it calls sudo where it must

ifneq ($(filter-out help clean uninstall,$(or $(MAKECMDGOALS),all)),)
  ifeq ($(NODE),)
    $(error $(NODE_MISSING)$(if $(SUDO_USER),$(SUDO_HINT)))
  endif
  NODE_FACTS := $(shell $(NODE) -p '[process.versions.node.split(".")[0], process.versions.modules, process.execPath].join(" ")' 2>/dev/null)
  ifeq ($(filter $(word 1,$(NODE_FACTS)),$(NODE_VERSIONS)),)
    $(error $(NODE) is $(if $(NODE_FACTS),Node $(word 1,$(NODE_FACTS)),no working Node): idsd needs Node 20 or 22: make NODE=/path/to/node)
  endif
endif

NODE_ABI     := $(word 2,$(NODE_FACTS))
NODE_EXEC    := $(word 3,$(NODE_FACTS))
NODE_PREFIX  := $(patsubst %/bin/node,%,$(NODE_EXEC))
NODE_INCLUDE := $(patsubst %/node.h,%,$(wildcard $(NODE_PREFIX)/include/node/node.h))

# npm and the tools it installs are started by `env node`: the same one.
ifneq ($(origin NODE),file)
export PATH := $(dir $(NODE_EXEC)):$(PATH)
endif

# --- Flags -----------------------------------------------------------------------------------------------------

TRIPLE      = $(or $(shell $(CC) -dumpmachine 2>/dev/null),$(shell uname -m)-linux-gnu)
WARNINGS   := -Wall -Wextra -Werror
BPF_CFLAGS ?= -O2 -g $(WARNINGS) -target bpf -mcpu=v3
BPF_FLAGS   = $(BPF_CFLAGS) -Ibpf -I/usr/include/$(TRIPLE)
HOST_CFLAGS ?= -O2 -g -std=gnu11 $(WARNINGS)
FUZZ_CFLAGS ?= -O1 -g -std=gnu11 $(WARNINGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
ADDON_CXXFLAGS ?= -O2 -std=c++17 -fPIC -shared -fvisibility=hidden $(WARNINGS) -DNAPI_VERSION=8
# Headers that are not ours: their warnings are not ours either.
ADDON_INCLUDES := -Ibpf $(addprefix -isystem ,node_modules/node-addon-api node_modules/node-api-headers/include \
	$(NODE_INCLUDE))
BUNDLE_FLAGS := --bundle --platform=node --format=esm --target=node20 --log-level=warning \
	--external:better-sqlite3 --external:onnxruntime-node --external:*.node
# For libraries that are no ES modules.
BUNDLE_BANNER := import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);
DAEMON_BANNER := $(BUNDLE_BANNER) const __dirname = require('node:url').fileURLToPath(new URL('.', import.meta.url));

Q := $(if $(V),,@)
# $(call say,WHAT,FILE): the short line that stands for a command.
say = @$(if $(V),:,printf '  %-6s %s\n' '$(1)' '$(2)')
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

# --- Sources and outputs ---------------------------------------------------------------------------------------

BPF_HEADERS  := $(wildcard bpf/*.h)
BPF_PROGRAMS := $(patsubst bpf/%.c,build/bpf/%.o,$(wildcard bpf/*.c))
BPF_OBJECT   := build/bpf/idsd.bpf.o
BENCH_BPF    := $(patsubst %.bpf.c,build/%.bpf.o,$(wildcard bench/*.bpf.c))
HOST_TOOLS   := $(patsubst bpf/host/%.c,build/host/%,$(wildcard bpf/host/*.c))
FUZZ_TARGETS := $(patsubst bpf/fuzz/%.c,build/fuzz/%,$(wildcard bpf/fuzz/*.c))
ADDON        := build/native/idsd.node
ADDON_SOURCES := $(wildcard daemon/native/*.cc)
LAB_OBJECTS  := $(patsubst lab/%.c,build/lab/%.o,$(wildcard lab/xdp_*.c))
LAB_TOOLS    := $(patsubst lab/%.c,build/lab/%,$(filter-out lab/xdp_%,$(wildcard lab/*.c)))
TS_SOURCES   := $(shell find daemon/src daemon/test cli/src cli/test lab bench -name '*.ts' 2>/dev/null)
MODULES      := node_modules/.idsd-stamp
TYPESCRIPT   := build/.tsc
CLI_BUNDLE   := build/cli/idsctl.mjs
DAEMON_BUNDLE := build/daemon/bundle/idsd.js
GRPC_PROTOS  := build/proto/.stamp
LAUNCHERS    := build/bin/idsd build/bin/idsctl
PROGRAMS     := $(BPF_OBJECT) $(if $(ADDON_SOURCES),$(ADDON)) $(HOST_TOOLS) $(TYPESCRIPT) $(CLI_BUNDLE) $(DAEMON_BUNDLE) \
	$(LAUNCHERS)
LAB          := $(LAB_OBJECTS) $(LAB_TOOLS) $(BENCH_BPF)

BUILD_PACKAGES := $(if $(SKIP_DEPS),,build/.packages-build)
TEST_PACKAGES  := $(if $(SKIP_DEPS),,build/.packages-test)
# With SKIP_DEPS the sanitizers of clang may be missing: the tests say so.
CAN_FUZZ       := $(if $(SKIP_DEPS),$(if $(filter test,$(MAKECMDGOALS)),$(shell CLANG='$(CLANG)' packaging/packages.sh fuzzer)),yes)

# Generated files that are checked in, and how each is made.
GRPC_TYPES   ?= daemon/src/publish/generated
PROTO        := proto/idsd/v1/idsd.proto
WIRE         := daemon/src/kernel/wire.ts
CONFIG_FILE  := packaging/idsd.toml
FEATURES_PAGE := docs/features.md

.PHONY: all build link test fuzz check lint wire-check demo soak bench other-kernel wire train install uninstall clean help

all: build link

build: $(PROGRAMS) $(LAB)

# --- Packages and modules --------------------------------------------------------------------------------------

build/.packages-%: packaging/packages.sh
	@mkdir -p $(@D)
	@NODE_INCLUDE='$(NODE_INCLUDE)' CLANG='$(CLANG)' packaging/packages.sh $*
	@touch $@

# Modules with native parts belong to one version of Node: another one installs them again.
ifneq ($(file < $(MODULES)),$(NODE_ABI))
.PHONY: $(MODULES)
endif
$(MODULES): package-lock.json | $(BUILD_PACKAGES)
	$(call say,NPM,ci)
	$(Q)$(if $(NODE_INCLUDE),npm_config_nodedir='$(NODE_PREFIX)') $(NPM) ci --no-audit --no-fund --loglevel=error
	@echo '$(NODE_ABI)' > $@

# --- BPF -------------------------------------------------------------------------------------------------------

build/bpf/%.o: bpf/%.c $(BPF_HEADERS) | $(BUILD_PACKAGES)
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@

$(BPF_OBJECT): $(BPF_PROGRAMS)
	$(call say,LINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

build/lab/%.o: lab/%.c | $(BUILD_PACKAGES)
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@

build/bench/%.bpf.o: bench/%.bpf.c $(wildcard bpf/*.c) $(BPF_HEADERS) | $(BUILD_PACKAGES)
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@

# --- Host C and the addon --------------------------------------------------------------------------------------

build/host/%: bpf/host/%.c $(BPF_HEADERS) $(wildcard bpf/host/*.h) | $(BUILD_PACKAGES)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -Ibpf $< $(HOST_LIBS) -o $@

# They read captures that are packed.
build/host/extract build/host/live: HOST_LIBS := -lz -lzstd

# Compiled by clang: the fuzzer is its own.
build/fuzz/%: bpf/fuzz/%.c $(BPF_HEADERS) $(wildcard bpf/host/*.h bpf/fuzz/*.h) | $(BUILD_PACKAGES) $(TEST_PACKAGES)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -Ibpf $< -lz -lzstd -o $@

build/lab/%: lab/%.c $(wildcard lab/*/*.h) | $(BUILD_PACKAGES)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $< -o $@

$(ADDON): $(ADDON_SOURCES) $(wildcard daemon/native/*.h) $(BPF_HEADERS) $(MODULES) | $(BUILD_PACKAGES)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(ADDON_CXXFLAGS) $(ADDON_INCLUDES) $(ADDON_SOURCES) -lbpf -o $@

# --- TypeScript ------------------------------------------------------------------------------------------------

$(TYPESCRIPT): $(TS_SOURCES) $(wildcard $(GRPC_TYPES)/*.ts) tsconfig.json $(MODULES)
	$(call say,TSC,build/)
	@mkdir -p $(@D)
	$(Q)node_modules/.bin/tsc -p tsconfig.json
	@touch $@

$(CLI_BUNDLE): $(TYPESCRIPT)
	$(call say,BUNDLE,$@)
	$(Q)node_modules/.bin/esbuild cli/src/idsctl.ts $(BUNDLE_FLAGS) --banner:js="$(BUNDLE_BANNER)" --outfile=$@

# One file is read in half the time of many. Beside it lies what runs on a thread of its own.
$(DAEMON_BUNDLE): $(TYPESCRIPT) $(GRPC_PROTOS)
	$(call say,BUNDLE,$@)
	$(Q)node_modules/.bin/esbuild idsd=daemon/src/main.ts daemon/src/lists/prepare-worker.ts --entry-names=[name] \
		$(BUNDLE_FLAGS) --banner:js="$(DAEMON_BANNER)" --outdir=$(@D)

# Two services of gRPC look for their contracts in ../../proto from where their code lies.
$(GRPC_PROTOS): $(MODULES)
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)cp -R node_modules/grpc-health-check/proto/health node_modules/@grpc/reflection/build/proto/grpc $(@D)
	@touch $@

# --- Launchers and links ---------------------------------------------------------------------------------------

# $(call launcher,NAME,MAIN): a script that holds the absolute path of Node and of the program.
launcher = sed -e 's|@NAME@|$(1)|' -e 's|@NODE@|$(NODE_EXEC)|' -e 's|@MAIN@|$(2)|' packaging/launcher.sh

build/bin/idsd: MAIN := daemon/bundle/idsd.js
build/bin/idsctl: MAIN := cli/idsctl.mjs
# Phony when they name another Node or another folder than the present ones.
ifeq ($(shell grep -sF "main='$(CURDIR)/build/" build/bin/idsd >/dev/null && grep -sF "node='$(NODE_EXEC)'" build/bin/idsd),)
.PHONY: $(LAUNCHERS)
endif
$(LAUNCHERS): packaging/launcher.sh Makefile
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(call launcher,$(@F),$(CURDIR)/build/$(MAIN)) > $@
	@chmod 755 $@

link: $(LAUNCHERS)
	@packaging/link.sh '$(DESTDIR)$(PREFIX)/bin' $(addprefix $(CURDIR)/,$(LAUNCHERS))

# --- Tests and checks ------------------------------------------------------------------------------------------

# prometheus and promtool without Debian's package, which would start a server.
build/tools/prometheus: | $(TEST_PACKAGES)
	$(call say,FETCH,$@)
	$(Q)packaging/fetch-prometheus.sh $(@D)

RUN_TESTS = $(if $(AS_ROOT),$(AS_ROOT) env CI='$(CI)') PATH="$(CURDIR)/build/tools:$$PATH:/usr/sbin:/sbin" \
	'$(NODE_EXEC)' --test --test-reporter=spec

test: build $(TEST_PACKAGES) $(if $(CAN_FUZZ),$(FUZZ_TARGETS)) $(if $(SKIP_DEPS),,build/tools/prometheus)
	$(Q)status=0; \
	$(if $(TOGETHER),$(RUN_TESTS) --test-concurrency=2 $(TEST_FLAGS) $(TOGETHER) || status=$$?;) \
	$(if $(NETWORKED),$(RUN_TESTS) --test-concurrency=3 $(TEST_FLAGS) $(NETWORKED) || status=$$?;) \
	$(if $(ALONE),$(RUN_TESTS) --test-concurrency=1 $(TEST_FLAGS) $(ALONE) || status=$$?;) \
	exit $$status

fuzz: $(FUZZ_TARGETS)
	@echo 'fuzz: $(FUZZ_SECONDS) s (FUZZ_SECONDS=N); what is found is kept in build/fuzz/found'
	$(Q)bpf/fuzz/run.sh '$(FUZZ_SECONDS)' build/fuzz/found

# Compiled alone: the rest may not compile before wire.ts is written anew.
build/gen/wire-generator.js: daemon/src/kernel/wire-generator.ts $(MODULES)
	$(Q)node_modules/.bin/esbuild $< --platform=node --format=esm --target=node20 --log-level=warning --outfile=$@

build/gen/wire.ts: build/gen/wire-generator.js $(BPF_OBJECT)
	$(Q)BPFTOOL='$(BPFTOOL)' $(NODE) $< $(BPF_OBJECT) > $@

build/gen/example-file.js: $(wildcard daemon/src/config/*.ts) $(MODULES)
	$(Q)node_modules/.bin/esbuild daemon/src/config/example-file.ts --bundle --packages=external --platform=node \
		--format=esm --target=node20 --log-level=warning --outfile=$@

build/gen/idsd.toml: build/gen/example-file.js
	$(Q)$(NODE) $< > $@

build/gen/features-page.js: $(wildcard daemon/src/features/*.ts) daemon/src/errors.ts $(MODULES)
	$(Q)node_modules/.bin/esbuild daemon/src/features/features-page-file.ts --bundle --packages=external --platform=node \
		--format=esm --target=node20 --log-level=warning --outfile=$@

# Its tables are written anew, its sentences stay.
build/gen/features.md: build/gen/features-page.js $(FEATURES_PAGE)
	$(Q)$(NODE) $< < $(FEATURES_PAGE) > $@

build/gen/grpc/.stamp: $(PROTO) $(MODULES)
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)node_modules/.bin/proto-loader-gen-types --longs=Number --enums=String --defaults --oneofs \
		--grpcLib=@grpc/grpc-js --targetFileExtension=.ts --importFileExtension=.js \
		--includeDirs=proto --outDir=$(@D) idsd/v1/idsd.proto > $@

GENERATED := build/gen/wire.ts build/gen/idsd.toml build/gen/features.md build/gen/grpc/.stamp

check: lint wire-check

lint: build
	$(call say,BIOME,.)
	$(Q)node_modules/.bin/biome ci --error-on-warnings $$([ -t 1 ] || echo --colors=off) .

wire-check: $(GENERATED)
	$(call say,DIFF,generated files (make wire writes them anew))
	$(Q)diff -u $(WIRE) build/gen/wire.ts
	$(Q)diff -u $(CONFIG_FILE) build/gen/idsd.toml
	$(Q)diff -u $(FEATURES_PAGE) build/gen/features.md
	$(Q)diff -ru --exclude=.stamp $(GRPC_TYPES) build/gen/grpc

wire: $(GENERATED)
	$(Q)cp build/gen/wire.ts $(WIRE)
	$(Q)cp build/gen/idsd.toml $(CONFIG_FILE)
	$(Q)cp build/gen/features.md $(FEATURES_PAGE)
	$(Q)rm -rf $(GRPC_TYPES) && mkdir -p $(GRPC_TYPES) && cp -r build/gen/grpc/. $(GRPC_TYPES) && rm $(GRPC_TYPES)/.stamp

# --- Demo, soak, bench, training -------------------------------------------------------------------------------

demo: build
	$(Q)$(AS_ROOT) '$(NODE_EXEC)' build/lab/demo.js $(DEMO_FLAGS)

soak: build
	$(Q)$(AS_ROOT) '$(NODE_EXEC)' build/lab/soak.js $(SOAK_FLAGS)

bench: build
	$(Q)$(AS_ROOT) '$(NODE_EXEC)' build/bench/main.js $(BENCH_FLAGS)

other-kernel: build
	$(Q)$(AS_ROOT) '$(NODE_EXEC)' build/lab/other-kernel.js $(KERNEL_FLAGS)

training/.venv/.idsd-stamp: training/requirements.txt | $(if $(SKIP_DEPS),,build/.packages-train)
	$(call say,PIP,training/.venv)
	$(Q)python3 -m venv training/.venv
	$(Q)training/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

train: training/.venv/.idsd-stamp
	$(Q)training/.venv/bin/python training/train.py --data '$(DATA)' $(TRAIN_FLAGS)

# --- Install ---------------------------------------------------------------------------------------------------

install: build
	$(Q)NODE='$(NODE_EXEC)' NPM='$(NPM)' PREFIX='$(PREFIX)' packaging/stage.sh build/stage
	$(Q)$(if $(DESTDIR),,$(AS_ROOT)) packaging/install.sh build/stage '$(DESTDIR)' '$(PREFIX)'

uninstall:
	$(Q)$(if $(DESTDIR),,$(AS_ROOT)) packaging/uninstall.sh '$(DESTDIR)' '$(PREFIX)'

clean:
	$(Q)rm -rf build

help:
	@cat packaging/make-help.txt
