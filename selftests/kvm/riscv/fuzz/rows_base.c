// SPDX-License-Identifier: GPL-2.0
/*
 * B1, B2: probe_extension.
 */
#include "fuzz.h"

static bool is_probe(const struct step *step)
{
	return step->x[7] == SBI_EXT_BASE && step->x[6] == 3;
}

static bool b1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	bool experimental = step->x[0] >> 24 == 8, vendor = step->x[0] >> 24 == 9;
	bool enabled = state_enabled(state, vendor ? KVM_RISCV_SBI_EXT_VENDOR :
					    KVM_RISCV_SBI_EXT_EXPERIMENTAL);

	if (!is_probe(step) || !(experimental || vendor))
		return false;

	/* C: always user space's to say; its default is that there is no such function. */
	expected[MODULE_C].how = EXITS;
	expect_forwarded(&expected[MODULE_C], step, SBI_ERR_NOT_SUPPORTED);
	expected[MODULE_C].error = SBI_ERR_NOT_SUPPORTED;
	if (step->answer) {
		expected[MODULE_C].error = step->answer == 1 ? 0 : step->answer;
		expected[MODULE_C].value = step->answer;
	}
	if (enabled) {
		/* Its answer is what counts on both: only KVM's default is another one. */
		expected[MODULE_RUST].how = EXITS;
		expect_forwarded(&expected[MODULE_RUST], step, 0);
		if (step->answer) {
			expected[MODULE_RUST].error = expected[MODULE_C].error;
			expected[MODULE_RUST].value = step->answer;
		}
	}
	return true;
}

static bool b2(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (!is_probe(step) || step->x[0] != -1UL ||
	    !state_enabled(state, KVM_RISCV_SBI_EXT_V01))
		return false;
	expected[MODULE_C].value = 1;
	return true;
}

static const struct row rows[] = { { "B1", GROUP_BASE, b1 }, { "B2", GROUP_BASE, b2 } };

const struct row_table base_rows = { rows, ARRAY_SIZE(rows) };
