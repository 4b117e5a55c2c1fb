# Everything that is done with this repository. `make` alone lists it.

# Where `make install` puts things. DESTDIR stages them for a package.
PREFIX ?= /usr/local
DESTDIR ?=

# A target may import only what Package.swift says that it depends on.
SWIFT_FLAGS := --explicit-target-dependency-import-check error

# How the program is built for production, dependencies included: across modules, and without the
# checks at run time that nobody writes what another reads, which builds for tests have. Together
# they save a tenth of a heartbeat's instructions. It is linked by Swift's own linker, which writes
# the addresses that a start puts in place as 25 KB and not as 3 MB (this needs the glibc of Debian
# 12), and without a table of 37,000 names for libraries that would look for them.
RELEASE_FLAGS := $(SWIFT_FLAGS) --configuration release --static-swift-stdlib \
	-Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=unchecked \
	-Xswiftc -use-ld=lld -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs

# Tests that run at once. They are real servers with real deadlines; on two cores more of them would
# starve each other. A test's own time limit counts the time for which it waits for its place, so
# these are 15 minutes everywhere: they only end what hangs.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 2

# Seconds that the tests may take, about four times what they do: a hang is a failure, too.
TEST_LIMIT := 2400

# Runs of each model in a soak, and seconds for all its fuzzers together.
export SEEDS ?= 20
export FUZZ_SECONDS ?= 600
export SEED

# What is worth running under a sanitizer: everything but whole processes and source checks.
UNIT_MODULES := Domain|HTTPAPI|PrometheusText|RedisClient|RedisStore|Signatures|TLS
UNIT_TESTS := ^($(UNIT_MODULES))Tests\.

.DEFAULT_GOAL := help
.PHONY: help deps build release run test simulate soak mutants bench bench-hosts \
	bench-compare bench-counts bench-ledger bench-million named-revision lint format tsan asan \
	install deb test-package uninstall clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

deps: ## Install the Debian packages that building and testing need, if any is missing
	@deploy/dependencies.sh build test

build: ## Build for debugging
	swift build $(SWIFT_FLAGS)

release: ## Build the program for production, in .build/release
	@deploy/dependencies.sh build
	swift build $(RELEASE_FLAGS) --product playmeter

run: ## Play a cafe's evening on a private Redis and service; KEEP=1 leaves them running
	@deploy/dependencies.sh build run
	swift build $(SWIFT_FLAGS) --product playmeter
	@deploy/run.sh .build/debug/playmeter

test: deps lint ## Check the style, build, and run every test
	swift build $(SWIFT_FLAGS) --build-tests
	@Tests/run.sh $(TEST_LIMIT) $(SWIFT_FLAGS)

# 39000 steps are about a month and 1,000 sessions; PLAYMETER_SIMULATION_SEEDS gives many. HOLD=1 is
# a world with outages, holds by hand and low balances, in which as many steps are half of that.
simulate: deps ## Play a simulated month, or replay one: make simulate SEED=7 STEPS=39000 HOLD=1
	swift build $(SWIFT_FLAGS) --build-tests
	PLAYMETER_SIMULATION_SEED='$(or $(SEED),1)' PLAYMETER_SIMULATION_STEPS='$(or $(STEPS),39000)' \
	swift test $(SWIFT_FLAGS) --skip-build \
	  --filter '^RedisStoreTests\.SimulationTests/simulate$(if $(HOLD),Holds)\('

# Figures, no test: it fails only when it cannot measure. BENCH is for its options, which
# python3 Tests/Benchmarks/bench.py --help lists: make bench BENCH=--quick
bench: release ## Measure what requests, billing and memory cost, beside their goals and floors
	@deploy/dependencies.sh run bench
	@python3 -B Tests/Benchmarks/bench.py $(BENCH)

bench-hosts: release ## The part of it that is about heartbeats of hosts and searches for them
	@deploy/dependencies.sh run bench
	@python3 -B Tests/Benchmarks/bench.py --acts hosts $(BENCH)

# Unlike figures of time, these can fail: with status 1 when something needs 5 % more instructions
# than Tests/Benchmarks/counts.json says. With status 3 nothing can be said, because the stored ones
# are of another machine or version; that is no failure. BENCH=--store renews them.
bench-counts: release ## Count instructions of each kind of request, compare them with the stored
	@deploy/dependencies.sh run bench
	@python3 -B Tests/Benchmarks/counts.py $(BENCH) || [ $$? -eq 3 ]

# SEATS, CAFES and MINUTES make it smaller. With a million seats it takes about 40 minutes, 12 GB of
# memory and 10 GB of TMPDIR.
bench-million: release ## Hold SEATS=1000000 players in CAFES=5000 cafes for MINUTES=10
	@deploy/dependencies.sh run build bench
	@python3 -B Tests/Benchmarks/million.py $(if $(SEATS),--seats $(SEATS)) \
	  $(if $(CAFES),--cafes $(CAFES)) $(if $(MINUTES),--minutes $(MINUTES)) $(BENCH)

# The other program is built in .build-compare, with the same dependencies. The next comparison goes
# on from there. Without a work tree of its own there, git would work on this one.
bench-compare: named-revision release ## Measure this and another revision: REF=v1.0.0
	@deploy/dependencies.sh run bench
	git worktree prune
	[ -e .build-compare/.git ] || git worktree add --quiet --detach .build-compare
	git -C .build-compare checkout --quiet --force --detach \
	  "$$(git rev-parse --verify '$(REF)^{commit}')"
	cp Package.resolved .build-compare
	$(MAKE) -C .build-compare release
	@python3 -B Tests/Benchmarks/bench.py --program '$(REF)=.build-compare/.build/release/playmeter' \
	  --program here=.build/release/playmeter $(BENCH)

# Before anything is built.
named-revision:
	@git rev-parse --quiet --verify '$(or $(REF),none)^{commit}' >/dev/null \
	  || { echo 'Name a revision: make bench-compare REF=v1.0.0' >&2; exit 1; }

# The same for a long ledger; LINES=10000000 takes 5 minutes and 2 GB of TMPDIR.
bench-ledger: release ## Measure what reading a ledger of LINES='100000 1000000' lines costs
	@deploy/dependencies.sh run bench
	@python3 -B Tests/Benchmarks/ledger.py $(if $(LINES),--lines $(LINES))

# PLAYMETER_TEST_SEED is the seed of a run; SEED=… replays one. A fuzzer names the seed of a single
# input, with which it is the first one of the next run.
soak: deps ## Run the models with SEEDS=20 random seeds, and the fuzzers for FUZZ_SECONDS=600
	swift build $(SWIFT_FLAGS) --build-tests
	@Tests/soak.sh "$$(swift build --show-bin-path)/playmeterPackageTests.xctest"

# The copy in .build-mutants is built from nothing the first time, which takes as long as `build`.
mutants: deps ## Break each rule once and see a test go red; one: make mutants ONLY=lua/bill-to-now
	@python3 -B Tests/mutants/mutants.py $(ONLY)

lint: ## Check the style of Swift, Lua, shell and the systemd unit
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	luacheck --quiet --no-color Sources/RedisStore/Scripts Tests/Benchmarks/load
	find deploy Tests -name '*.sh' -exec shellcheck .ci/run {} +
	deploy/verify-unit.sh

format: ## Format the Swift sources
	swift format --in-place --parallel --recursive Package.swift Sources Tests

tsan: deps ## Run the unit tests under the thread sanitizer
	swift test --sanitize=thread --scratch-path .build-tsan --filter '$(UNIT_TESTS)'

asan: deps ## Run the unit tests under the address sanitizer
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp \
	swift test --sanitize=address --scratch-path .build-asan --filter '$(UNIT_TESTS)'

# Under sudo nothing is built: root would own the build directory.
install: $(if $(SUDO_USER),,release) ## Install: make release && sudo make install
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' deploy/install.sh

deb: release ## Pack the program as a Debian package, in .build/deb
	@deploy/dependencies.sh package
	@deploy/package.sh

test-package: deb ## Install the package in a fresh Debian and boot it (needs root)
	@deploy/dependencies.sh test-package
	@deploy/test-package.sh .build/deb/playmeter_*.deb

uninstall: ## Remove what install put there, except settings and data
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' deploy/uninstall.sh

clean: ## Remove everything that builds have made
	rm -rf .build .build-*
