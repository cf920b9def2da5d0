// SPDX-License-Identifier: GPL-2.0
/*
 * H1, H2, I1, R1, A1: calls that name harts, and where a hart begins or shares.
 */
#include "fuzz.h"

static bool is_call(const struct step *step, u64 extension, u64 function)
{
	return step->x[7] == extension && step->x[6] == function;
}

static bool h1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	int vcpu = state_vcpu(state, step->x[0]);

	if (!is_call(step, SBI_EXT_HSM, 0) || !state_enabled(state, KVM_RISCV_SBI_EXT_HSM))
		return false;
	if (vcpu < (int)state->episode->lanes || state->started[MODULE_C][vcpu] ||
	    has_memory(step->x[1], 1, false))
		return false;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_ADDRESS;
	return true;
}

static bool h2(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	u64 start = is_call(step, SBI_EXT_HSM, 0), status = is_call(step, SBI_EXT_HSM, 2);
	int vcpu = state_vcpu(state, (u32)step->x[0]);

	if (!(start || status) || !state_enabled(state, KVM_RISCV_SBI_EXT_HSM) ||
	    !(step->x[0] >> 32) || vcpu < 0)
		return false;
	/* The caller runs; the others are stopped until they are started. */
	if (start && (vcpu < (int)state->episode->lanes || state->started[MODULE_C][vcpu]))
		expected[MODULE_C].error = SBI_ERR_ALREADY_AVAILABLE;
	if (status && vcpu >= (int)state->episode->lanes && !state->started[MODULE_C][vcpu])
		expected[MODULE_C].value = 1;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

bool all_harts_exist(const struct state *state, u64 mask, u64 base)
{
	for (; mask; mask &= mask - 1) {
		u64 id = base + __builtin_ctzl(mask);

		if (id < base || state_vcpu(state, id) < 0)
			return false;
	}
	return true;
}

/* As the C goes: in the order of creation, up to the first that is past the mask. */
static u64 sent_by_c(const struct state *state, u64 mask, u64 base, bool *stopped)
{
	u64 sent = 0, bit;
	unsigned int i;

	*stopped = false;
	for (i = 0; i < state->episode->vcpus; i++) {
		if (state->episode->ids[i] < base)
			continue;
		bit = state->episode->ids[i] - base;
		if (bit >= 64) {
			*stopped = true;
			break;
		}
		sent |= mask & 1UL << bit;
	}
	return sent;
}

static bool i1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	u64 mask = step->x[0], base = step->x[1], sent, own;
	bool stopped;

	if (!is_call(step, SBI_EXT_IPI, 0) || !state_enabled(state, KVM_RISCV_SBI_EXT_IPI) ||
	    base == -1UL)
		return false;
	sent = sent_by_c(state, mask, base, &stopped);
	if (!stopped || sent == mask || !all_harts_exist(state, mask, base))
		return false;
	expected[MODULE_C].error = SBI_ERR_INVALID_PARAM;
	/* Its own interrupt is pending if it has named itself, and the C has come so far. */
	own = 1UL << ((state_own_id(state) - base) & 63);
	if (state_own_id(state) >= base && state_own_id(state) - base < 64) {
		expected[MODULE_C].pending |= sent & own ? 2 : 0;
		expected[MODULE_RUST].pending |= mask & own ? 2 : 0;
	}
	return true;
}

static bool r1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (step->x[7] != SBI_EXT_RFENCE || step->x[6] > 2 ||
	    !state_enabled(state, KVM_RISCV_SBI_EXT_RFENCE) || step->x[1] == -1UL ||
	    all_harts_exist(state, step->x[0], step->x[1]))
		return false;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

static bool a1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	struct expected *c = &expected[MODULE_C];
	u64 low = step->x[0], high = step->x[1], flags = step->x[2];

	if (!is_call(step, SBI_EXT_STA, 0) || !state_enabled(state, KVM_RISCV_SBI_EXT_STA) ||
	    !flags || (u32)flags)
		return false;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	/* Behind the steal time nothing else than 0 is ever written. */
	c->peeks = expected[MODULE_RUST].peeks = step->peek;
	if (low == -1UL && high == -1UL)
		return true;
	if (low & 63)
		return false;
	if (high || !has_memory(low, 64, true))
		c->error = SBI_ERR_INVALID_ADDRESS;
	return true;
}

static const struct row rows[] = {
	{ "H2", GROUP_HSM, h2 }, { "H1", GROUP_HSM, h1 }, { "I1", GROUP_IPI, i1 },
	{ "R1", GROUP_RFENCE, r1 }, { "A1", GROUP_STA, a1 },
};

const struct row_table hart_rows = { rows, ARRAY_SIZE(rows) };
