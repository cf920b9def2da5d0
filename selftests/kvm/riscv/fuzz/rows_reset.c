// SPDX-License-Identifier: GPL-2.0
/*
 * Q1, Q2, P1: resets and suspends.
 */
#include "fuzz.h"

static bool is_reset(const struct state *state, const struct step *step)
{
	return step->x[7] == SBI_EXT_SRST && !step->x[6] &&
	       state_enabled(state, KVM_RISCV_SBI_EXT_SRST);
}

static bool q1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (!is_reset(state, step) || (u32)step->x[0] <= 2)
		return false;
	expected[MODULE_C].error = SBI_ERR_NOT_SUPPORTED;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

static bool q2(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	u32 type = step->x[0], reason = step->x[1];
	struct expected *c = &expected[MODULE_C];

	if (!is_reset(state, step) || type > 2 || reason <= 1 || reason >= 0xe0000000)
		return false;
	c->how = EXITS;
	c->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	c->exit[0] = type ? KVM_SYSTEM_EVENT_RESET : KVM_SYSTEM_EVENT_SHUTDOWN;
	c->exit[1] = 1;
	c->exit[2] = reason;
	/* All harts. */
	c->exit[3] = (1UL << state->episode->vcpus) - 1;
	/* Nothing completes it. */
	expect_unchanged(c, step);
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

static bool p1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	struct expected *c = &expected[MODULE_C], *rust = &expected[MODULE_RUST];

	/* User space has suspended the system. */
	if (!state_suspends(state, step, MODULE_C) || step->answer == 1)
		return false;
	expect_forwarded(c, step, SBI_ERR_NOT_SUPPORTED);
	expect_forwarded(rust, step, SBI_ERR_NOT_SUPPORTED);
	/* The hart resumes, with its id and what it has handed over. */
	c->how = LANDS;
	c->error = state_own_id(state);
	c->value = step->x[2];
	rust->how = EXITS;
	rust->error = step->answer ?: SBI_ERR_NOT_SUPPORTED;
	rust->value = step->answer;
	return true;
}

static const struct row rows[] = {
	{ "Q1", GROUP_SRST, q1 }, { "Q2", GROUP_SRST, q2 }, { "P1", GROUP_SUSP, p1 },
};

const struct row_table reset_rows = { rows, ARRAY_SIZE(rows) };
