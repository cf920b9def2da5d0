# SPDX-License-Identifier: GPL-2.0
#
# The front door of kvm-riscv-rs. Each target does everything that it needs; what is made already
# is not made again. LINUX=path builds from a kernel tree of yours instead of a fetched one, BUILD=path
# puts what is made elsewhere than build/.

MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help

export BUILD LINUX

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  LINUX=path     build from your own Linux 7.2 tree; it is only read"

setup: ## Find or install the tools, fetch the kernel source and what the guest needs
	@scripts/setup/all

build: setup ## Build Image, kvm-rust.ko, kvm-c.ko and config into build/out
	@scripts/kernel/build rust
	@scripts/kernel/build c

run: build ## Boot it in QEMU with a 2-vCPU Linux guest under KVM, and judge what KVM saw
	@scripts/run/run

run-migrate: build ## Move a running Linux guest from the C module to the Rust one and back, by savevm and loadvm
	@scripts/run/migrate

host-tests: setup ## Test the policy on this machine
	@scripts/test/host

check: build ## Format, lints, rules of the rooms, W=1, option off is the C
	@scripts/check/all

test: build host-tests check ## Everything above, then all selftests on the C and on the Rust
	@scripts/kernel/build builtin
	@scripts/fuzz/run --seed 3 --episodes 10 --into "$(or $(BUILD),build)/out/fuzz-test"
	@scripts/test/run

test-nacl: build ## On the NACL firmware: all sets of features, more machines, a Linux guest, calls an entry
	@scripts/test/nacl/all

conformance: ## Make docs/conformance.md of what the last `make test` gave
	@scripts/test/conformance

test-debug: build ## All selftests on a debug kernel (KASAN, lockdep, ...), storms, failures on demand
	@scripts/kernel/build debug
	@scripts/kernel/build debug-c
	@VARIANT=debug scripts/test/run

bench: build ## Count instructions of each path on the C and the Rust: table, bench.csv, bench.svg
	@scripts/kernel/build legacy
	@scripts/kernel/build legacy-c
	@scripts/bench/build-times
	@scripts/bench/run

fuzz: build ## The same random steps on the C and the Rust: TIME=minutes SEED=n, or REPLAY=...
	@scripts/fuzz/run --minutes "$(or $(TIME),10)" --seed "$(or $(SEED),1)" $(if $(REPLAY),--replay "$(REPLAY)")

fuzz-self-test: build ## Put faults into what the fuzzer compares, and see that it finds each
	@scripts/fuzz/self-test

bench-compare: ## Show the ratios of OLD=file, an earlier bench.csv, beside the latest
	@scripts/bench/compare "$(OLD)"

mutants: build ## Put fixed defects back, one at a time, and see a test fail; goes on where it ended
	@scripts/mutants/run
	@scripts/fuzz/self-test

matrix: build ## Build our objects in a wider set of configurations; test without a PMU driver
	@scripts/kernel/matrix
	@scripts/kernel/build no-pmu
	@scripts/test/run no-pmu

shell: build ## A console in the booted host: kvm loaded, selftests at hand
	@scripts/boot/shell

rust-analyzer: build ## Write rust-project.json for the kernel crate
	@scripts/kernel/rust-analyzer

overlay-in: ## Put the overlay into LINUX=path
	@scripts/setup/overlay in "$(LINUX)"

overlay-out: ## Take the overlay out of LINUX=path; the tree is what it was
	@scripts/setup/overlay out "$(LINUX)"

clean: ## Remove what was built; keep downloads and tools
	@scripts/clean

distclean: ## Remove everything that was made
	@scripts/clean all

# Each target that the list shows.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))
