# ipcbench: build, measure, test. `make help` lists the targets.
#
#   CC CFLAGS LDFLAGS PREFIX DESTDIR   as usual
#   V=1                                show commands
#   BUILD=build                        where everything built goes
#   NATIVE=1                           -march=native (recorded in results: not comparable)
#   SANITIZE=address,undefined         or thread: builds under build/sanitize-...
#   PLUGIN=./libfoo.so   what `make conformance` tries
#   BENCH_ARGS='-t pipe -s 64'         added to every `ipcbench run`
#   LIBURING=no                        without io-uring, as where pkg-config does not find liburing
#   REPORT_ARGS='a.json b.json'        which files `make report` shows; the newest one by default

VERSION := 0.1.0
CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
NATIVE ?= 0
BENCH_ARGS ?=
BUILD ?= build$(if $(SANITIZE),/sanitize-$(subst $(comma),-,$(SANITIZE)))
comma := ,

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' $(1) $(2))

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes
# Without liburing io-uring is listed all the same, and skipped with the reason.
LIBURING ?= $(if $(shell pkg-config --exists 'liburing >= 2.3' 2>/dev/null && echo found),yes,no)
LIBURING := $(LIBURING)
URING_LEFT_OUT := $(if $(filter yes,$(LIBURING)),%/uring_absent.c %/io_uring_absent.c,\
	%/uring_setup.c %/uring_probe.c %/uring_loops.c tests/floor/io_uring.c)
LIBRARIES := libcjson sqlite3 zlib $(if $(filter yes,$(LIBURING)),liburing)
override TUNING := $(if $(filter 1,$(NATIVE)),-march=native) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) $(TUNING) $(CPPFLAGS)
# What plug-ins may call is exported; everything else stays the program's own.
LINK = $(CC) $(CFLAGS) $(TUNING) $(LDFLAGS) -Wl,--dynamic-list=harness/plugin.symbols
LIBS = $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null || echo -lcjson -lsqlite3 -lz) -lnuma -lm -lpthread -lrt -ldl

# The list of transports is the list of files: transports/uds_stream.c defines transport_uds_stream, and
# transports/memory/touch.c, an operation on memory, transport_touch.
TRANSPORTS := $(sort $(notdir $(basename $(wildcard transports/*.c transports/memory/*.c))))
SOURCES := $(filter-out $(URING_LEFT_OUT),\
	$(wildcard base/*.c harness/*.c transports/*.c transports/memory/*.c transports/common/*.c results/*.c results/export/*.c plots/*.c bench/*.c))
MAIN := bench/main.c
OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAIN),$(SOURCES))) $(BUILD)/transports/builtin.o
LIBRARY := $(BUILD)/libipcbench.a
PROGRAM := $(BUILD)/ipcbench

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
HELPERS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))) \
	$(BUILD)/tests/conformance/conformance
FLOOR := $(BUILD)/tests/floor/floor $(BUILD)/tests/floor/compare
COVERAGE := $(BUILD)/tests/proof/coverage_ci
PROOFS := $(COVERAGE) $(addprefix $(BUILD)/tests/proof/,aa inject closure omission delayed)
GENERATE := $(BUILD)/tests/history/generate
GENERATE_WIDE := $(BUILD)/tests/report/generate

# A measurement must not share the machine with a compiler: with one of these goals make runs one
# recipe at a time. (What they build first, they build through a make of its own, still in parallel.)
MEASURING := bench bench-quick bench-full bench-load bench-memory bench-history compare floor aa inject closure ab-proof bench-report
ifneq ($(filter $(MEASURING),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.PHONY: all ab-proof compare fuzz fuzz-targets help bench bench-quick bench-full bench-load bench-memory bench-history floor aa \
	conformance plugins plot report report-template bench-report inject closure coverage-ci test test-arm64 test-numa test-unit test-threads lint install uninstall clean \
	program tests force
.SECONDARY:

all: $(PROGRAM)

help:
	@echo 'make              build $(PROGRAM)'
	@echo 'make bench        measure every transport, under 5 minutes; results in results/runs/'
	@echo 'make bench-quick  the same in under 45 s, coarser'
	@echo 'make bench-load   latency against load and its knee, under 5 minutes'
	@echo 'make bench-memory what memory operations cost: first touch and its like, under 5 minutes'
	@echo 'make bench-full   more sizes, waits and options; the better part of an hour'
	@echo 'make compare BASE=v1 did the working tree get slower? builds that revision too, measures in turns'
	@echo 'make plot         figures of the newest result, or PLOT_FILES="a.json b.json", in results/plots/'
	@echo 'make report       report.html of the newest result in results/runs (node and npm)'
	@echo 'make bench-report how long until a report of 1,000 cells can be used (node, npm, chromium)'
	@echo 'make floor        ipcbench against minimal hand-written programs'
	@echo 'make aa           proof: the default suite against itself (AA_TRIALS=12, BENCH_ARGS; about 8 minutes)'
	@echo 'make inject       proof: are known delays of 2, 5 and 10 % found? (about 3 minutes)'
	@echo 'make closure      proof: identities between the figures of one trial (about a minute)'
	@echo 'make ab-proof     proof: does `ipcbench ab` find 10 % in the one transport that has it? (about 6 minutes)'
	@echo 'make bench-history how long 10,000 runs of 200 cells take to show (a minute)'
	@echo 'make coverage-ci  simulation: how often intervals hold the truth (5 s)'
	@echo 'make test         unit, conformance and command-line tests (about 5 minutes)'
	@echo 'make plugins      transports of libraries: ZeroMQ, nng, iceoryx, where those are installed'
	@echo 'make conformance  does a plug-in keep the contract? PLUGIN=./libfoo.so; without one, all built in'
	@echo 'make fuzz         any bytes as files and options, FUZZ_SECONDS=600 each (clang)'
	@echo 'make test-arm64   unit and conformance tests built for aarch64, under emulation'
	@echo 'make test-numa    NUMA placement on emulated machines (about 2 minutes)'
	@echo 'make lint         format, static analysis, include directions'
	@echo 'make install      into $$DESTDIR$$PREFIX (now $(DESTDIR)$(PREFIX)); also: uninstall'
	@echo 'make clean        remove $(BUILD)/'

program:
	+$(Q)$(MAKE) --no-print-directory $(PROGRAM)

bench: program
	$(Q)$(PROGRAM) run --suite default $(BENCH_ARGS)
bench-quick: program
	$(Q)$(PROGRAM) run --suite quick $(BENCH_ARGS)
bench-load: program
	$(Q)$(PROGRAM) run --suite load $(BENCH_ARGS)
bench-memory: program
	$(Q)$(PROGRAM) run --suite memory $(BENCH_ARGS)
bench-full: program
	$(Q)$(PROGRAM) run --suite full $(BENCH_ARGS)

# Figures of result files; PLOT_ARGS: options of `ipcbench plot`.
PLOT_FILES ?=
PLOT_ARGS ?=
plot: program
	$(Q)$(PROGRAM) plot $(PLOT_FILES) $(PLOT_ARGS)

floor: program
	+$(Q)$(MAKE) --no-print-directory $(FLOOR)
	$(Q)$(BUILD)/tests/floor/compare

# Two revisions in turns: BASE, and the working tree or NEW.
compare:
	$(Q)MAKEFLAGS= CC='$(CC)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' bench/compare-revisions.sh \
		$(BASE) $(NEW) $(if $(BENCH_ARGS),-- $(BENCH_ARGS))

# The proofs of trust. Invalid cells (status 4) are left out of aa and do not end it.
AA_TRIALS ?= 12
AA_FILE ?= $(BUILD)/aa.json
aa: program
	+$(Q)$(MAKE) --no-print-directory $(BUILD)/tests/proof/aa
	$(Q)$(PROGRAM) run --suite default --trials $(AA_TRIALS) -o $(AA_FILE) $(BENCH_ARGS) >/dev/null || [ $$? -eq 4 ]
	$(Q)$(BUILD)/tests/proof/aa $(AA_FILE)
inject closure:
	+$(Q)$(MAKE) --no-print-directory $(BUILD)/tests/proof/$@
	$(Q)$(BUILD)/tests/proof/$@ $(PROOF_ARGS)
ab-proof:
	+$(Q)$(MAKE) --no-print-directory $(PROGRAM) $(BUILD)/tests/proof/delayed
	$(Q)BUILD=$(BUILD) tests/proof/ab.sh $(PROOF_ARGS)
bench-report: program
	+$(Q)$(MAKE) --no-print-directory $(GENERATE_WIDE) report-template
	$(Q)BUILD=$(BUILD) tests/report/bench.sh
bench-history: program
	+$(Q)$(MAKE) --no-print-directory $(GENERATE)
	$(Q)BUILD=$(BUILD) tests/history/bench.sh

# Simulates and measures nothing.
coverage-ci: $(COVERAGE)
	$(Q)$(COVERAGE)

# --- compiling ------------------------------------------------------------------------------------

# Rewritten only when the way of compiling changes; every object depends on it.
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILE) | $(LINK) $(LIBRARIES)' | cmp -s - $@ || \
		printf '%s\n' '$(COMPILE) | $(LINK) $(LIBRARIES)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) $(EXTRA) -MMD -MP -c -o $@ $<

# What the results say about the program they came from.
COMMIT = $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
BUILD_FACTS = -DIPCBENCH_VERSION='"$(VERSION)"' -DIPCBENCH_COMMIT='"$(COMMIT)"' \
	-DIPCBENCH_CFLAGS='"$(strip $(CFLAGS) $(TUNING))"' -DIPCBENCH_NATIVE=$(if $(filter 1,$(NATIVE)),1,0) \
	-DIPCBENCH_SANITIZE='"$(SANITIZE)"'
$(BUILD)/commit: force
	@mkdir -p $(@D)
	@echo '$(VERSION) $(COMMIT)' | cmp -s - $@ || echo '$(VERSION) $(COMMIT)' > $@
FACT_OBJECTS := $(BUILD)/harness/machine_facts.o $(BUILD)/harness/machine.o $(BUILD)/bench/version.o
$(FACT_OBJECTS): $(BUILD)/commit
$(FACT_OBJECTS): EXTRA = $(BUILD_FACTS)

# The table of built-in transports: a misnamed symbol is a link error.
$(BUILD)/transports/builtin.c: transports transports/memory $(BUILD)/flags Makefile
	@mkdir -p $(@D)
	@{ echo '/* Generated from the names of the files in transports/ and transports/memory/. */'; \
	   echo '#include "transports/builtin.h"'; \
	   echo '#include "harness/transport.h"'; \
	   for name in $(TRANSPORTS); do echo "extern const struct transport transport_$$name;"; done; \
	   echo 'const struct transport *const transports_builtin[] = {'; \
	   for name in $(TRANSPORTS); do echo "    &transport_$$name,"; done; \
	   echo '};'; \
	   echo 'const size_t transports_builtin_count = $(words $(TRANSPORTS));'; } > $@
$(BUILD)/transports/builtin.o: $(BUILD)/transports/builtin.c
	$(call say,CC,$<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# What the linker exports is none of its members, but whoever has the library is linked by that list.
$(LIBRARY): $(OBJECTS) harness/plugin.symbols
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(OBJECTS)

$(PROGRAM): $(BUILD)/bench/main.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# --- plug-ins -------------------------------------------------------------------------------------

# What a plug-in includes, as it is installed: plug-ins of this tree see nothing else.
PLUGIN_HEADERS := $(BUILD)/include/ipcbench
$(PLUGIN_HEADERS)/plugin.h: plugins/headers.sh $(wildcard harness/*.h base/*.h)
	$(Q)CC='$(CC)' plugins/headers.sh $(@D)
$(BUILD)/ipcbench.pc: plugins/ipcbench.pc.in harness/transport.h Makefile force
	@mkdir -p $(@D)
	$(Q)sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),; s,@ABI@,$(shell sed -n 's/.*TRANSPORT_ABI = \([0-9]*\).*/\1/p' \
		harness/transport.h),' $< > $@

COMPILE_PLUGIN = $(CC) -std=gnu11 -D_GNU_SOURCE -I$(BUILD)/include $(WARNINGS) $(CFLAGS) $(TUNING) $(CPPFLAGS) -fPIC
LINK_PLUGIN = $(COMPILE_PLUGIN) -shared -Wl,--build-id $(LDFLAGS)
EXAMPLE := $(BUILD)/plugins/libwaitall.so
$(BUILD)/plugins/lib%.so: plugins/example/%.c $(BUILD)/flags $(PLUGIN_HEADERS)/plugin.h
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK_PLUGIN) -o $@ $<
$(BUILD)/plugins/lib%.so: plugins/%.c plugins/flags.sh $(BUILD)/flags $(PLUGIN_HEADERS)/plugin.h
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)flags=$$(CC='$(CC)' plugins/flags.sh $*) && $(LINK_PLUGIN) -o $@ $< $(wildcard plugins/$*/*.c) $$flags
$(BUILD)/plugins/libiceoryx.so: $(wildcard plugins/iceoryx/*)

# Those whose library is there, and of the others why not.
PLUGINS := $(notdir $(basename $(wildcard plugins/*.c)))
plugins: $(EXAMPLE)
	+$(Q)for name in $(PLUGINS); do \
		if reason=$$(CC='$(CC)' plugins/flags.sh $$name 2>&1); then \
			$(MAKE) --no-print-directory $(BUILD)/plugins/lib$$name.so || exit; \
		else echo "  SKIP  plugins/$$name.c: $$reason"; rm -f $(BUILD)/plugins/lib$$name.so; fi; done

# --- the report in a browser ----------------------------------------------------------------------

# Bundled by node from plots/report/ with what its lock file names. Not part of `all`: only those who
# want the page need node.
REPORT := $(BUILD)/report
REPORT_TEMPLATE := $(REPORT)/template.html
$(REPORT)/node_modules/.package-lock.json: plots/report/package.json plots/report/package-lock.json plots/report/.npmrc
	$(call say,NPM,plots/report)
	$(Q)command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo 'make: the report needs node and npm: ./setup.sh --with-report installs them' >&2; exit 1; }
	@mkdir -p $(@D)
	$(Q)cp $^ $(REPORT)/
	$(Q)npm ci --prefix $(REPORT) --ignore-scripts --silent && touch $@
$(REPORT_TEMPLATE): $(REPORT)/node_modules/.package-lock.json $(wildcard plots/report/*.* plots/report/figures/*.js)
	$(call say,NODE,$@)
	$(Q)node plots/report/build.mjs $(REPORT) $@
report-template: $(REPORT_TEMPLATE) ; @:
report: $(PROGRAM) $(REPORT_TEMPLATE)
	$(Q)$(PROGRAM) report $(REPORT_ARGS)

# --- testing --------------------------------------------------------------------------------------

# Those in which threads, or processes through the same loops, meet need no whole transport: under the
# thread sanitizer little else than these is built.
THREADED := $(patsubst %,$(BUILD)/tests/unit/test_%,ring_threads crew jitter)
PARTS := $(BUILD)/libparts.a
$(PARTS): $(filter $(addprefix $(BUILD)/,base/%.o harness/%.o transports/common/ring%.o),$(OBJECTS))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^
$(THREADED): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(PARTS)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ -lcmocka $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ -lcmocka $(LIBS)
$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)
$(BUILD)/tests/conformance/conformance: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/conformance/*.c)) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/floor/floor: $(patsubst %.c,$(BUILD)/%.o,\
		$(filter-out tests/floor/compare% $(URING_LEFT_OUT),$(wildcard tests/floor/*.c)))
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)
$(BUILD)/tests/floor/compare: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/floor/compare*.c)) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# What inject, closure and omission share.
WRAPPED := $(patsubst %,$(BUILD)/tests/proof/%.o,wrapped wrapped_loops stage chance)
$(BUILD)/tests/proof/aa: $(BUILD)/tests/proof/chance.o
$(BUILD)/tests/proof/inject: $(BUILD)/tests/proof/inject_table.o $(WRAPPED)
$(BUILD)/tests/proof/closure: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/proof/closure_*.c)) $(WRAPPED)
$(BUILD)/tests/proof/omission: $(WRAPPED) $(BUILD)/tests/conformance/tap.o
# The whole of ipcbench, with another table of transports.
$(BUILD)/tests/proof/delayed: $(BUILD)/bench/main.o $(WRAPPED)
$(PROOFS): $(BUILD)/tests/proof/%: $(BUILD)/tests/proof/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LIBS)

$(GENERATE) $(GENERATE_WIDE): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# The fuzz targets without libFuzzer, by this compiler and with these sanitizers.
REPLAYS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/tests/fuzz/replay_%,$(wildcard tests/fuzz/fuzz_*.c))
$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# One plug-in with something wrong, or nothing: a variant for each -D.
FIXTURES := right no-symbol other-abi other-size no-transport old-transport no-loops taken undefined loses corrupts
FIXTURE_right :=
FIXTURE_no-symbol := -DFIXTURE_NO_SYMBOL
FIXTURE_other-abi := -DFIXTURE_OTHER_ABI
FIXTURE_other-size := -DFIXTURE_OTHER_SIZE
FIXTURE_no-transport := -DFIXTURE_NO_TRANSPORT
FIXTURE_old-transport := -DFIXTURE_OLD_TRANSPORT
FIXTURE_no-loops := -DFIXTURE_NO_LOOPS
FIXTURE_taken := -DFIXTURE_NAME='"pipe"'
FIXTURE_undefined := -DFIXTURE_UNDEFINED
FIXTURE_loses := -DFIXTURE_FAULT=FIXTURE_LOSES
FIXTURE_corrupts := -DFIXTURE_FAULT=FIXTURE_CORRUPTS
FIXTURE_OBJECTS := $(FIXTURES:%=$(BUILD)/tests/plugins/lib%.so)
$(BUILD)/tests/plugins/loops.o: tests/plugins/fixture_loops.c tests/plugins/fixture.h $(BUILD)/flags $(PLUGIN_HEADERS)/plugin.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE_PLUGIN) -c -o $@ $<
$(FIXTURE_OBJECTS): $(BUILD)/tests/plugins/lib%.so: tests/plugins/fixture.c $(BUILD)/tests/plugins/loops.o
	$(call say,LD,$@)
	$(Q)$(LINK_PLUGIN) $(FIXTURE_$*) -o $@ $^

$(BUILD)/tests/unit/test_registry: | $(FIXTURE_OBJECTS)

tests: $(PROGRAM) $(FIXTURE_OBJECTS) plugins $(UNIT_TESTS) $(HELPERS) $(PROOFS) $(GENERATE) $(GENERATE_WIDE) $(REPLAYS)

test-threads: $(THREADED)
	$(Q)tests/run.sh $^
test-unit: $(UNIT_TESTS)
	$(Q)tests/run.sh -j $(TEST_JOBS) $(UNIT_TESTS)

TEST_SCRIPTS ?= $(sort $(wildcard tests/*.t))
# Several at once (TEST_JOBS): unit tests, and scripts that measure nothing. What measures, alone.
TEST_JOBS ?= $(shell nproc 2>/dev/null || echo 1)
READING := $(patsubst %,tests/%.t,cli_doctor cli_help cli_history cli_usage fuzz hdr_js proof_coverage setup)
test: tests
	$(Q)BUILD=$(BUILD) SANITIZE=$(SANITIZE) tests/run.sh \
		-j $(TEST_JOBS) $(filter-out $(THREADED),$(UNIT_TESTS)) $(filter $(READING),$(TEST_SCRIPTS)) \
		-j 1 $(THREADED) $(filter-out $(READING),$(TEST_SCRIPTS))

# Prints the test's lines, and which failed at the end.
conformance: $(BUILD)/tests/conformance/conformance
	$(Q)IPCBENCH_TEST_PLUGIN='$(PLUGIN)' TEST_TIMEOUT=1800 tests/run.sh $(if $(PLUGIN),$<,tests/conformance.t)

# Built apart, by clang, with the sanitizers that make a finding of what would pass unseen.
FUZZ_BUILD := build/fuzz
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(FUZZ_BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_MAKE = $(MAKE) --no-print-directory CC=clang BUILD=$(FUZZ_BUILD) SANITIZE=fuzzer-no-link,address,undefined \
	CFLAGS='-O1 -g'
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)
fuzz-targets:
	+$(Q)$(FUZZ_MAKE) $(FUZZ_TARGETS)
fuzz: fuzz-targets
	$(Q)tests/fuzz/run.sh $(FUZZ_TARGETS)

test-arm64:
	+$(Q)MAKE='$(MAKE)' tests/arm64/run.sh
test-numa: $(PROGRAM)
	$(Q)BUILD=$(BUILD) TEST_TIMEOUT=900 tests/run.sh tests/numa/numa.t

lint:
	$(Q)tests/lint/lint.sh

# --- installing -----------------------------------------------------------------------------------

SHARE = $(DESTDIR)$(PREFIX)/share
MANUAL := $(BUILD)/ipcbench.1
COMPLETION := $(BUILD)/ipcbench.bash
$(MANUAL): $(PROGRAM)
	$(Q)$(PROGRAM) help --man > $@
$(COMPLETION): $(PROGRAM)
	$(Q)$(PROGRAM) help --bash > $@

install: $(PROGRAM) $(MANUAL) $(COMPLETION) $(PLUGIN_HEADERS)/plugin.h $(BUILD)/ipcbench.pc
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/ipcbench
	install -D -m 644 -t $(SHARE)/ipcbench results/ipcbench-result-1.schema.json
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/ipcbench $(PLUGIN_HEADERS)/*.h
	install -D -m 644 -t $(SHARE)/pkgconfig $(BUILD)/ipcbench.pc
	if [ -f $(REPORT_TEMPLATE) ]; then install -D -m 644 $(REPORT_TEMPLATE) $(SHARE)/ipcbench/report-template.html; fi
	install -D -m 644 $(MANUAL) $(SHARE)/man/man1/ipcbench.1
	install -D -m 644 $(COMPLETION) $(SHARE)/bash-completion/completions/ipcbench
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/ipcbench $(SHARE)/man/man1/ipcbench.1 \
		$(SHARE)/bash-completion/completions/ipcbench $(SHARE)/ipcbench/ipcbench-result-1.schema.json \
		$(SHARE)/ipcbench/report-template.html $(SHARE)/pkgconfig/ipcbench.pc \
		$(patsubst $(PLUGIN_HEADERS)/%,$(DESTDIR)$(PREFIX)/include/ipcbench/%,$(wildcard $(PLUGIN_HEADERS)/*.h))
	-rmdir $(SHARE)/ipcbench $(DESTDIR)$(PREFIX)/include/ipcbench

clean:
	rm -rf $(BUILD)

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d')
