// SPDX-License-Identifier: GPL-2.0
/*
 * The counters, as calls of which both modules make the same leave them.
 */
#include "fuzz.h"

#define SKIP_MATCH	1
#define CLEAR_VALUE	2
#define AUTO_START	4
#define RESET		1
#define TAKE_SNAPSHOT	2

bool pmu_set_valid(const struct state *state, u64 base, u64 mask)
{
	return mask && base < state->pmu.all &&
	       base + (63 - __builtin_clzl(mask)) < state->pmu.all;
}

bool pmu_is_firmware(const struct state *state, unsigned int counter)
{
	return counter >= state->pmu.hardware;
}

bool pmu_is_configured(const struct state *state, u64 counter)
{
	return counter < MAX_COUNTERS && state->event[counter] != NOT_CONFIGURED;
}

/*
 * F1: where fences also name a vCPU that never runs, its full queue keeps the C
 * from making, and counting, those of the others.
 */
static bool f1_counts_otherwise(const struct state *state, u64 event)
{
	switch (event & 0xffff) {
	case 11: case 13: case 15: case 17: case 19: case 21:
		return state->episode->vcpus > state->episode->lanes;
	}
	return false;
}

const char *pmu_value_apart(const struct state *state, u64 counter)
{
	if (state->value_apart[counter])
		return state->value_apart[counter];
	return f1_counts_otherwise(state, state->event[counter]) ? "F1" : NULL;
}

static u64 all_counters(const struct state *state)
{
	return (1UL << state->pmu.all) - 1;
}

bool pmu_resets_all(const struct state *state, const struct step *step)
{
	return step->insn == ECALL && step->x[7] == SBI_EXT_PMU &&
	       step->x[6] == SBI_EXT_PMU_COUNTER_STOP && !step->x[0] &&
	       step->x[1] == all_counters(state) && step->x[2] == RESET;
}

static bool is_start_or_stop(const struct step *step)
{
	return step->x[6] == SBI_EXT_PMU_COUNTER_START || step->x[6] == SBI_EXT_PMU_COUNTER_STOP;
}

const char *pmu_start_apart(const struct state *state, const struct step *step)
{
	u64 mask = step->x[1], counter;

	if (!is_start_or_stop(step) || !pmu_set_valid(state, step->x[0], mask))
		return NULL;
	for (; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (pmu_is_configured(state, counter) && state->start_apart[counter])
			return state->start_apart[counter];
	}
	return NULL;
}

bool pmu_has_reserved_flags(const struct step *step)
{
	switch (step->x[6]) {
	case SBI_EXT_PMU_COUNTER_CFG_MATCH:
		return step->x[2] > 0xff;
	case SBI_EXT_PMU_COUNTER_START:
		return step->x[2] > 2;
	case SBI_EXT_PMU_COUNTER_STOP:
		return step->x[2] > 3;
	}
	return false;
}

/*
 * M6: SKIP_MATCH may take the event from a hardware counter that counts, and fail. For
 * the C it stays started then, also when it has been reset, until it is configured and
 * started or stopped: a counter without an event it leaves alone.
 */
static void follow_lost_event(struct state *state, const struct step *step, const char *row)
{
	u64 counter;

	if (step->x[6] != SBI_EXT_PMU_COUNTER_CFG_MATCH || !(step->x[2] & SKIP_MATCH) ||
	    !pmu_set_valid(state, step->x[0], step->x[1]))
		return;
	counter = step->x[0] + __builtin_ctzl(step->x[1]);
	if (pmu_is_firmware(state, counter))
		return;
	if (state->pmu_apart || state->counts[counter])
		state->start_apart[counter] = row ?: "M6";
}

static void forget(struct state *state)
{
	unsigned int i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		if (!state->pmu_apart && pmu_is_configured(state, i))
			state->start_apart[i] = NULL;
		state->event[i] = NOT_CONFIGURED;
		state->counts[i] = false;
		if (state->pmu_apart)
			state->value_apart[i] = state->pmu_apart;
	}
	state->pmu_apart = NULL;
}

static void follow_configure(struct state *state, const struct step *step,
			     const struct outcome *outcome)
{
	u64 counter = outcome->a1, flags = step->x[2];
	bool was;

	if (outcome->a0 || counter >= MAX_COUNTERS) {
		/* C has taken the event from a counter that it then could not configure. */
		if (flags & SKIP_MATCH && pmu_set_valid(state, step->x[0], step->x[1]) &&
		    pmu_is_configured(state, step->x[0] + __builtin_ctzl(step->x[1])))
			state->pmu_apart = "M6";
		return;
	}
	was = pmu_is_configured(state, counter);
	state->event[counter] = step->x[3];
	if (state->counts[counter])
		state->pmu_apart = "M6";
	if (pmu_is_firmware(state, counter)) {
		if (was || flags & (CLEAR_VALUE | AUTO_START))
			state->value_apart[counter] = "M6";
		if (flags & AUTO_START)
			state->counts[counter] = true;
	} else if (flags & AUTO_START) {
		state->pmu_apart = "M6";
	}
}

static void follow_start(struct state *state, const struct step *step)
{
	u64 mask = step->x[1], counter;

	if (!pmu_set_valid(state, step->x[0], mask) || (step->x[2] & 2 && !state->has_snapshot))
		return;
	for (; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (!pmu_is_configured(state, counter) || state->counts[counter])
			continue;
		state->counts[counter] = true;
		state->start_apart[counter] = NULL;
		if (step->x[2] == 1 && state->episode->lanes == 1)
			state->value_apart[counter] = NULL;
		/* What the snapshot has for it was not compared. */
		if (step->x[2] == 2)
			state->value_apart[counter] = "M8";
	}
}

static void follow_stop(struct state *state, const struct step *step)
{
	u64 mask = step->x[1], counter;

	if (!pmu_set_valid(state, step->x[0], mask) ||
	    (step->x[2] & TAKE_SNAPSHOT && !state->has_snapshot))
		return;
	for (; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (!pmu_is_configured(state, counter))
			continue;
		state->counts[counter] = false;
		state->start_apart[counter] = NULL;
		if (step->x[2] & RESET)
			state->event[counter] = NOT_CONFIGURED;
	}
}

static void follow_share(struct state *state, const struct step *step,
			 const struct outcome *outcome, const char *row)
{
	/* Given back before, in the same step. */
	state->snapshot_apart = has_memory(step->x[0], 4096, true) ? row : NULL;
	state->has_snapshot = !row && !outcome->a0 && step->x[0] != -1UL;
}

void pmu_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		const char *row)
{
	u64 function = step->x[6];

	if (!state_enabled(state, KVM_RISCV_SBI_EXT_PMU))
		return;
	if (pmu_resets_all(state, step)) {
		forget(state);
		return;
	}
	if (function == SBI_EXT_PMU_SNAPSHOT_SET_SHMEM) {
		follow_share(state, step, outcome, row);
		return;
	}
	follow_lost_event(state, step, row);
	if (state->pmu_apart || function < SBI_EXT_PMU_COUNTER_CFG_MATCH ||
	    function > SBI_EXT_PMU_COUNTER_STOP)
		return;
	/* Whatever the C has answered: now the counter is started, or stopped, on both. */
	if (pmu_start_apart(state, step) && !pmu_has_reserved_flags(step) &&
	    !(step->x[2] & 2 && state->snapshot_apart))
		row = NULL;
	/* Which of the two has done what the call asked for makes no difference here. */
	if (row) {
		state->pmu_apart = row;
		return;
	}
	switch (function) {
	case SBI_EXT_PMU_COUNTER_CFG_MATCH:
		follow_configure(state, step, outcome);
		break;
	case SBI_EXT_PMU_COUNTER_START:
		follow_start(state, step);
		break;
	case SBI_EXT_PMU_COUNTER_STOP:
		follow_stop(state, step);
		break;
	}
}
