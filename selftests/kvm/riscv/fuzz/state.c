// SPDX-License-Identifier: GPL-2.0
/*
 * What the steps so far have done to the VM, as far as a row needs it. Where a
 * row leaves the modules in different states, that is noted with the row, until
 * something makes them the same again.
 */
#include "fuzz.h"

/* A hart begins with none. */
#define NO_DEADLINE	(-1UL)

void state_init(struct state *state, const struct episode *episode, unsigned int lane)
{
	unsigned int i;

	memset(state, 0, sizeof(*state));
	state->episode = episode;
	state->lane = lane;
	state->pmu = pmu_shape();
	state->deadline = state->deadline_before = NO_DEADLINE;
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

static void hsm_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		       const char *row)
{
	/* For the C, ids are as wide. */
	int vcpu = state_vcpu(state, row ? (u32)step->x[0] : step->x[0]);

	if (step->x[6] || vcpu < 0)
		return;
	if (row)
		state->unsure[vcpu] = row;
	else if (!outcome->a0)
		state->started[vcpu] = true;
}

static void steal_time_follow(struct state *state, const struct outcome *outcome, const char *row)
{
	if (row)
		state->steal_time_apart = row;
	else if (!outcome->a0)
		state->steal_time_apart = NULL;
}

/* A hart that has begun anew, with @row on the C only. */
static void landed(struct state *state, const char *row)
{
	if (state_enabled(state, KVM_RISCV_SBI_EXT_FWFT))
		state->features_apart = row ?: "P2";
	state->steal_time_apart = row;
	state->deadline_before = state->deadline;
	state->deadline = NO_DEADLINE;
	state->deadline_apart = row;
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
	memset(state->unsure, 0, sizeof(state->unsure));
}

/* Of the harts that have been started, the Rust has stopped none. */
static void reset_on_the_c(struct state *state, const char *row)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++)
		if (state->started[i])
			state->unsure[i] = row;
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

void state_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		  const char *row)
{
	count(state);
	if (row && !strcmp(row, "Q2"))
		reset_on_the_c(state, row);
	else if (outcome->exit_reason == KVM_EXIT_SYSTEM_EVENT)
		all_are_stopped(state);
	if (row && !strcmp(row, "P1"))
		landed(state, row);
	else if (outcome->landed)
		landed(state, NULL);
	if (is_mmio_load_to_x0(step, outcome))
		state->c_x0 = loaded_by_c(step);
	if (step->insn != ECALL || step->flags & STEP_USER)
		return;
	switch (step->x[7]) {
	case SBI_EXT_TIME:
		if (!step->x[6] && !outcome->a0) {
			state->deadline_before = state->deadline;
			state->deadline = step->x[0];
			state->deadline_apart = NULL;
		}
		break;
	case SBI_EXT_HSM:
		/* After the last step they are stopped, whatever it was. */
		if (state->steps % LANE_STEPS)
			hsm_follow(state, step, outcome, row);
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
