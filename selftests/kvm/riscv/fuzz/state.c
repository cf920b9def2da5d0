// SPDX-License-Identifier: GPL-2.0
/*
 * What the steps so far have done to the VM, as far as a row needs it. Where a
 * row leaves the modules in different states, that is noted with the row, until
 * something makes them the same again.
 */
#include "fuzz.h"

/* A hart begins with none. */
#define NO_DEADLINE	(-1UL)

static void no_deadline(struct state *state)
{
	state->deadline = state->c_deadlines[0] = NO_DEADLINE;
	state->nr_c_deadlines = 1;
	state->c_is_past = false;
}

void state_init(struct state *state, const struct episode *episode, unsigned int lane)
{
	unsigned int i;

	memset(state, 0, sizeof(*state));
	state->episode = episode;
	state->lane = lane;
	state->pmu = pmu_shape();
	no_deadline(state);
	for (i = 0; i < MAX_COUNTERS; i++) {
		state->event[i] = NOT_CONFIGURED;
		/* Lanes make each other's events happen. */
		state->value_apart[i] = episode->lanes == 1 ? NULL : UNORDERED;
	}
}

/* All but these are there unless the episode says otherwise. */
bool state_enabled(const struct state *state, unsigned int extension)
{
	static const u64 by_request = 1UL << KVM_RISCV_SBI_EXT_DBCN |
		1UL << KVM_RISCV_SBI_EXT_SUSP | 1UL << KVM_RISCV_SBI_EXT_MPXY;
	u64 bit = 1UL << extension;

	if (by_request & bit)
		return state->episode->enabled & bit;
	return !(state->episode->disabled & bit);
}

int state_vcpu(const struct state *state, u64 id)
{
	unsigned int i;

	for (i = 0; i < state->episode->vcpus; i++)
		if (state->episode->ids[i] == id)
			return i;
	return -1;
}

u64 state_own_id(const struct state *state)
{
	return state->episode->ids[state->lane];
}

bool state_start_differs(const struct state *state, unsigned int vcpu)
{
	return state->started[MODULE_C][vcpu] != state->started[MODULE_RUST][vcpu];
}

static void hsm_follow(struct state *state, const struct step *step, const char *row)
{
	/* For the C, ids are as wide (H2), and any address will do (H1). */
	int vcpu = state_vcpu(state, (u32)step->x[0]);

	if (step->x[6] || vcpu < (int)state->episode->lanes ||
	    !state_enabled(state, KVM_RISCV_SBI_EXT_HSM))
		return;
	state->started[MODULE_C][vcpu] = true;
	if (!(step->x[0] >> 32) && has_memory(step->x[1], 1, false))
		state->started[MODULE_RUST][vcpu] = true;
	if (row)
		state->start_row[vcpu] = row;
}

static bool others_are_stopped(const struct state *state, enum module module)
{
	unsigned int i;

	for (i = state->episode->lanes; i < state->episode->vcpus; i++)
		if (state->started[module][i])
			return false;
	return state->episode->lanes == 1;
}

bool state_suspends(const struct state *state, const struct step *step, enum module module)
{
	return step->x[7] == SBI_EXT_SUSP && !step->x[6] && !(u32)step->x[0] &&
	       state_enabled(state, KVM_RISCV_SBI_EXT_SUSP) &&
	       others_are_stopped(state, module) && has_memory(step->x[1], 1, false);
}

bool state_c_deadline(const struct state *state, u64 deadline)
{
	unsigned int i;

	for (i = 0; i < state->nr_c_deadlines; i++)
		if (state->c_deadlines[i] == deadline)
			return true;
	return false;
}

/*
 * The C has the new one, or what it had (T1); which, is seen only where one is past and the
 * other is not.
 */
static void timer_follow(struct state *state, const struct step *step, const struct outcome *outcome)
{
	bool is_past = outcome->pending & 0x20;
	unsigned int i, kept = 0;

	if (step->x[6] || outcome->a0)
		return;
	for (i = 0; i < state->nr_c_deadlines; i++)
		if (deadline_is_past(state->c_deadlines[i]) == is_past)
			state->c_deadlines[kept++] = state->c_deadlines[i];
	state->nr_c_deadlines = kept;
	if (deadline_is_past(step->x[0]) == is_past && !state_c_deadline(state, step->x[0])) {
		TEST_ASSERT(kept < MAX_DEADLINES, "more deadlines than MAX_DEADLINES");
		state->c_deadlines[state->nr_c_deadlines++] = step->x[0];
	}
	state->deadline = step->x[0];
	state->deadline_apart = NULL;
	state->c_is_past = is_past;
}

static void steal_time_follow(struct state *state, const struct outcome *outcome, const char *row)
{
	if (row)
		state->steal_time_apart = row;
	else if (!outcome->a0)
		state->steal_time_apart = NULL;
}

/* The hart has begun anew, on one of the modules only because of @row. */
static void suspend_follow(struct state *state, const struct step *step, const char *row)
{
	bool c = state_suspends(state, step, MODULE_C);
	/* P1: for the C, whatever user space says. */
	bool rust = state_suspends(state, step, MODULE_RUST) && step->answer == 1;

	if (!c && !rust)
		return;
	if (c == rust)
		row = NULL;
	/* P2: the Rust keeps them. */
	if (c && state_enabled(state, KVM_RISCV_SBI_EXT_FWFT))
		state->features_apart = row ?: "P2";
	state->steal_time_apart = row;
	state->deadline_apart = row;
	if (!c)
		return;
	no_deadline(state);
	/* A reset clears all registers, for the C that one too. */
	state->c_x0 = 0;
}

static bool is_mmio_load_to_x0(const struct step *step, const struct outcome *outcome)
{
	return step->group == GROUP_MMIO && (step->insn & 0xfff) == 0x003 &&
	       outcome->exit_reason == KVM_EXIT_MMIO;
}

/* As C puts it there: extended as the instruction says. */
static u64 loaded_by_c(const struct step *step)
{
	unsigned int funct3 = step->insn >> 12 & 7;
	u64 data = step->answer;

	switch (funct3) {
	case 0: return (s8)data;
	case 1: return (s16)data;
	case 2: return (s32)data;
	case 4: return (u8)data;
	case 5: return (u16)data;
	case 6: return (u32)data;
	default: return data;
	}
}

static void all_are_stopped(struct state *state)
{
	memset(state->started, 0, sizeof(state->started));
}

static void reset_on_the_c(struct state *state, const char *row)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++) {
		state->started[MODULE_C][i] = false;
		state->start_row[i] = row;
	}
}

static void count(struct state *state)
{
	state->steps++;
	/* See LANE_STEPS: then the other harts are as they were. */
	if (state->steps % LANE_STEPS == 0)
		all_are_stopped(state);
}

void state_skip(struct state *state, const struct step *step)
{
	unsigned int i;

	count(state);
	/* Firmware counters have counted it, on one module. */
	for (i = 0; i < MAX_COUNTERS; i++)
		state->value_apart[i] = step->rust_only;
}

static void follow(struct state *state, const struct step *step, const struct outcome *outcome,
		   const char *row)
{
	/* Not a call that is excused by it. */
	if (row && step->group == GROUP_SRST && !strcmp(row, "Q2"))
		reset_on_the_c(state, row);
	else if (outcome->exit_reason == KVM_EXIT_SYSTEM_EVENT)
		all_are_stopped(state);
	if (is_mmio_load_to_x0(step, outcome))
		state->c_x0 = loaded_by_c(step);
	if (step->insn != ECALL || step->flags & STEP_USER)
		return;
	switch (step->x[7]) {
	case SBI_EXT_TIME:
		timer_follow(state, step, outcome);
		break;
	case SBI_EXT_HSM:
		hsm_follow(state, step, row);
		break;
	case SBI_EXT_SUSP:
		suspend_follow(state, step, row);
		break;
	case SBI_EXT_STA:
		if (!step->x[6])
			steal_time_follow(state, outcome, row);
		break;
	case SBI_EXT_PMU:
		pmu_follow(state, step, outcome, row);
		break;
	}
}

void state_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		  const char *row)
{
	follow(state, step, outcome, row);
	count(state);
}
