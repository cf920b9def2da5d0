// SPDX-License-Identifier: GPL-2.0
/*
 * Faults put into what the Rust has given: to see that they are found.
 */
#include "fuzz.h"

enum fault fault_wanted;

static bool is_call(const struct step *step, u64 extension)
{
	return step->insn == ECALL && !(step->flags & STEP_USER) && step->x[7] == extension &&
	       !step->x[6];
}

static void apply(const struct episode *episode, unsigned int lane, struct outcome *outcomes,
		  struct dump *dumps)
{
	bool shared = false;
	u32 i;

	for (i = 0; i < episode->count[lane]; i++) {
		const struct step *step = &episode->steps[lane][i];
		struct outcome *outcome = &outcomes[i];

		switch (fault_wanted) {
		case FAULT_AFTER_CALL:
			if (shared && is_call(step, SBI_EXT_IPI) && !outcome->a0)
				outcome->a1 ^= 1;
			shared |= is_call(step, SBI_EXT_STA) && !outcome->a0;
			break;
		case FAULT_IN_EXIT:
			if (outcome->exit_reason == KVM_EXIT_MMIO && outcome->exit[2])
				outcome->exit[3] ^= 1;
			break;
		case FAULT_IN_ROW:
			if (step->x[7] == SBI_EXT_RFENCE && step->insn == ECALL && !step->x[6] &&
			    outcome->a0 == (u64)SBI_ERR_INVALID_PARAM)
				outcome->a0 = 0;
			break;
		case FAULT_IN_DUMP:
			if (is_call(step, SBI_EXT_FWFT) && !outcome->a0 && step->x[2] == 1)
				dumps[nr_dumps(episode->count[lane]) - 1].features++;
			break;
		default:
			break;
		}
	}
}

void fault_apply(const struct episode *episode, struct outcome *outcomes[MAX_LANES],
		 struct dump dumps[MAX_LANES][NR_DUMPS])
{
	unsigned int i;

	for (i = 0; i < episode->lanes; i++)
		apply(episode, i, outcomes[i], dumps[i]);
}
