// SPDX-License-Identifier: GPL-2.0
/*
 * R6, K1, K2 (with K3), X6: what the C does not survive, or does not come back from. It is
 * made on the Rust only, and has to give what the row says of that.
 */
#include "fuzz.h"
#include "guest_trap.h"

static void fence(const struct state *state, const struct step *step, struct expected *expected)
{
	if (!state_enabled(state, KVM_RISCV_SBI_EXT_RFENCE) || step->x[6] > 2)
		expected->error = SBI_ERR_NOT_SUPPORTED;
	else if (step->x[1] != -1UL && !all_harts_exist(state, step->x[0], step->x[1]))
		expected->error = SBI_ERR_INVALID_PARAM;
}

static void configure(const struct state *state, const struct step *step,
		      struct expected *expected)
{
	expected->error = SBI_ERR_NOT_SUPPORTED;
	if (!state_enabled(state, KVM_RISCV_SBI_EXT_PMU))
		return;
	/* Reserved flags, and counters that there are not. */
	if (pmu_has_reserved_flags(step) || !pmu_set_valid(state, step->x[0], step->x[1]))
		expected->error = SBI_ERR_INVALID_PARAM;
}

static void share(const struct state *state, struct expected *expected)
{
	expected->error = state_enabled(state, KVM_RISCV_SBI_EXT_PMU) ? SBI_ERR_INVALID_ADDRESS :
									SBI_ERR_NOT_SUPPORTED;
}

void rust_only(const struct state *state, const struct step *step, struct expected *expected)
{
	if (step->insn != ECALL) {
		expect_unchanged(expected, step);
		expected->how = TRAPS;
		expected->cause = EXC_INST_ILLEGAL;
		expected->tval = step->insn;
	} else if (step->x[7] == SBI_EXT_RFENCE) {
		fence(state, step, expected);
	} else if (step->x[6] == SBI_EXT_PMU_SNAPSHOT_SET_SHMEM) {
		share(state, expected);
	} else {
		configure(state, step, expected);
	}
}
