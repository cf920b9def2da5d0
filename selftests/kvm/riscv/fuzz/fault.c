// SPDX-License-Identifier: GPL-2.0
/*
 * Faults put into what the Rust has given, to see that they are found: scripts/fuzz/self-test.
 */
#include <errno.h>

#include "fuzz.h"
#include "guest_trap.h"

/* Of one step, with what has been before it in its lane. */
struct place {
	const struct episode *episode;
	const struct step *step;
	struct outcome *outcome;
	/* The last one. */
	struct dump *dump;
	/* Steal time has been shared. */
	bool shared;
};

static bool is_call(const struct place *place, u64 extension, u64 function)
{
	return place->step->insn == ECALL && !(place->step->flags & STEP_USER) &&
	       place->step->x[7] == extension && place->step->x[6] == function;
}

/* The same, and the guest was told that it was done. */
static bool is_done(const struct place *place, u64 extension, u64 function)
{
	return is_call(place, extension, function) && !place->outcome->a0;
}

/* Where R1, X8 and B1 explain the result. */
static bool is_r1(const struct place *place)
{
	return is_call(place, SBI_EXT_RFENCE, 0) &&
	       place->outcome->a0 == (u64)SBI_ERR_INVALID_PARAM;
}

static bool is_x8(const struct place *place)
{
	u64 cause = place->outcome->cause;

	return place->step->group == GROUP_MMIO && (place->step->insn & 3) == 3 &&
	       (cause == EXC_LOAD_ACCESS || cause == EXC_STORE_ACCESS);
}

static bool is_b1(const struct place *place)
{
	return is_call(place, SBI_EXT_BASE, 3) && place->outcome->exits;
}

/* A load of Zcb from a device: X10. */
static bool is_x10(const struct place *place)
{
	return place->step->group == GROUP_MMIO && (place->step->insn & 0xf003) == 0x8000 &&
	       place->outcome->exits && !place->outcome->exit[2];
}

/* Of an event that is not there: M11 has what is written. */
static bool is_m11(const struct place *place)
{
	u64 entry = (place->step->x[0] - EVENT_PAGE) / 16;

	return is_done(place, SBI_EXT_PMU, 8) && entry >= EVENT_GOOD && entry < EVENT_ODD;
}

/* A call that changes nothing and is the same on both. */
static bool is_plain(const struct place *place)
{
	return is_done(place, SBI_EXT_BASE, 0);
}

static bool is_illegal(const struct place *place)
{
	return place->step->group == GROUP_TRAP && place->outcome->cause == EXC_INST_ILLEGAL;
}

static bool is_mmio(const struct place *place)
{
	return place->outcome->exit_reason == KVM_EXIT_MMIO;
}

static void status(const struct place *place)
{
	if (is_plain(place))
		place->outcome->a0 = SBI_ERR_FAILURE;
}

static void run_error(const struct place *place)
{
	if (is_plain(place))
		place->outcome->error = EIO;
}

static void landed(const struct place *place)
{
	if (is_plain(place))
		place->outcome->landed = true;
}

static void offset(const struct place *place)
{
	if (is_plain(place))
		place->outcome->offset += 4;
}

static void stval(const struct place *place)
{
	if (is_illegal(place))
		place->outcome->tval ^= 2;
}

static void written(const struct place *place)
{
	if (is_done(place, SBI_EXT_PMU, 8) && !is_m11(place) && place->step->peek)
		place->outcome->peek ^= 1;
}

static void one_exit_more(const struct place *place)
{
	if (is_mmio(place))
		place->outcome->exits++;
}

static void exit_reason(const struct place *place)
{
	if (is_mmio(place))
		place->outcome->exit_reason = KVM_EXIT_RISCV_CSR;
}

static void exit_address(const struct place *place)
{
	if (is_mmio(place))
		place->outcome->exit[0] ^= 8;
}

static void exit_length(const struct place *place)
{
	if (is_mmio(place))
		place->outcome->exit[1] ^= 1;
}

static void exit_direction(const struct place *place)
{
	if (is_mmio(place))
		place->outcome->exit[2] ^= 1;
}

static void call(const struct place *place)
{
	if (place->shared && is_done(place, SBI_EXT_IPI, 0))
		place->outcome->a1 ^= 1;
}

static void two_lanes(const struct place *place)
{
	if (place->episode->lanes > 1)
		call(place);
}

static void pending(const struct place *place)
{
	if (is_done(place, SBI_EXT_TIME, 0))
		place->outcome->pending ^= 0x20;
}

static void other_registers(const struct place *place)
{
	if (is_plain(place))
		place->outcome->others = 1;
}

static void cause(const struct place *place)
{
	if (is_illegal(place))
		place->outcome->cause = EXC_LOAD_ACCESS;
}

static void store(const struct place *place)
{
	if (is_mmio(place) && place->outcome->exit[2])
		place->outcome->exit[3] ^= 1;
}

static void csr(const struct place *place)
{
	if (place->outcome->exit_reason == KVM_EXIT_RISCV_CSR)
		place->outcome->exit[1] ^= 1;
}

static void started(const struct place *place)
{
	if (place->outcome->started)
		place->outcome->started ^= 1;
}

static void rust_only_step(const struct place *place)
{
	if (place->step->rust_only)
		place->outcome->a0 ^= 1;
}

/* What the C gives. */
static void row(const struct place *place)
{
	if (is_r1(place))
		place->outcome->a0 = 0;
}

static void row_value(const struct place *place)
{
	if (is_r1(place))
		place->outcome->a1 ^= 1;
}

static void row_pending(const struct place *place)
{
	if (is_r1(place) && place->episode->lanes == 1)
		place->outcome->pending ^= 2;
}

static void row_other_registers(const struct place *place)
{
	if (is_r1(place))
		place->outcome->others = 1;
}

static void row_cause(const struct place *place)
{
	if (is_x8(place))
		place->outcome->cause ^= EXC_LOAD_ACCESS ^ EXC_STORE_ACCESS;
}

static void row_stval(const struct place *place)
{
	if (is_x8(place))
		place->outcome->tval += 8;
}

static void row_trap_registers(const struct place *place)
{
	if (is_x8(place))
		place->outcome->a1 ^= 1;
}

static void row_exit(const struct place *place)
{
	if (is_b1(place))
		place->outcome->exit[2] ^= 1;
}

static void row_loaded(const struct place *place)
{
	if (is_x10(place))
		place->outcome->others ^= 2;
}

static void row_run_error(const struct place *place)
{
	if (is_x8(place))
		place->outcome->error = EIO;
}

static void row_written(const struct place *place)
{
	if (is_m11(place))
		place->outcome->peek ^= 1;
}

static void registers(const struct place *place)
{
	if (is_plain(place))
		place->dump->registers++;
}

static void steal_time(const struct place *place)
{
	if (is_done(place, SBI_EXT_STA, 0))
		place->dump->steal_time++;
}

static void features(const struct place *place)
{
	if (is_done(place, SBI_EXT_FWFT, 0) && place->step->x[2] == 1)
		place->dump->features++;
}

static void deadline(const struct place *place)
{
	if (is_done(place, SBI_EXT_TIME, 0))
		place->dump->deadline++;
}

static void memory(const struct place *place)
{
	if (is_done(place, SBI_EXT_PMU, 8))
		place->dump->memory++;
}

static const struct {
	const char *name;
	void (*put)(const struct place *place);
} faults[] = {
	{ "status", status }, { "run-error", run_error }, { "landed", landed },
	{ "offset", offset }, { "stval", stval }, { "written", written },
	{ "one-exit-more", one_exit_more }, { "exit-reason", exit_reason },
	{ "exit-address", exit_address }, { "exit-length", exit_length },
	{ "exit-direction", exit_direction },
	{ "call", call }, { "two-lanes", two_lanes }, { "pending", pending },
	{ "other-registers", other_registers }, { "cause", cause }, { "store", store },
	{ "csr", csr }, { "started", started }, { "rust-only", rust_only_step },
	{ "row", row }, { "row-value", row_value }, { "row-pending", row_pending },
	{ "row-other-registers", row_other_registers }, { "row-cause", row_cause },
	{ "row-stval", row_stval }, { "row-trap-registers", row_trap_registers },
	{ "row-exit", row_exit }, { "row-loaded", row_loaded },
	{ "row-run-error", row_run_error }, { "row-written", row_written },
	{ "registers", registers }, { "steal-time", steal_time }, { "features", features },
	{ "deadline", deadline }, { "memory", memory },
};

static int wanted = -1;

void fault_want(const char *name)
{
	if (!name || !*name)
		return;
	for (wanted = 0; wanted < (int)ARRAY_SIZE(faults); wanted++)
		if (!strcmp(faults[wanted].name, name))
			return;
	TEST_FAIL("there is no fault '%s'", name);
}

void fault_apply(const struct episode *episode, struct outcome *outcomes[MAX_LANES],
		 struct dump dumps[MAX_LANES][NR_DUMPS])
{
	unsigned int lane;
	u32 i, count;

	if (wanted < 0)
		return;
	for (lane = 0; lane < episode->lanes; lane++) {
		struct place place = { .episode = episode };

		count = episode->count[lane];
		place.dump = &dumps[lane][nr_dumps(count) - 1];
		for (i = 0; i < count; i++) {
			place.step = &episode->steps[lane][i];
			place.outcome = &outcomes[lane][i];
			faults[wanted].put(&place);
			place.shared |= is_done(&place, SBI_EXT_STA, 0);
		}
	}
}
