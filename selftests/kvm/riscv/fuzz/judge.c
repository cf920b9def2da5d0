// SPDX-License-Identifier: GPL-2.0
/*
 * One number of each step's outcome, the same on both modules: of all of the
 * outcome that does not depend on time, or of the row that explains the step, if
 * the outcome is the one that the row states for this module.
 */
#include "fuzz.h"
#include "guest_trap.h"

static const struct row_table *const tables[] = {
	&base_rows, &hart_rows, &reset_rows, &pmu_rows, &instruction_rows,
};

const char *row_ids[MAX_ROWS];
unsigned int nr_row_ids;

static void add_row(const char *id)
{
	unsigned int i;

	for (i = 0; i < nr_row_ids; i++)
		if (!strcmp(row_ids[i], id))
			return;
	TEST_ASSERT(nr_row_ids < MAX_ROWS, "too many rows");
	row_ids[nr_row_ids++] = id;
}

void rows_init(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (j = 0; j < tables[i]->count; j++)
			add_row(tables[i]->rows[j].id);
	/* Those that are no answer of a step: what they leave is. */
	add_row("M6");
	add_row("P2");
	add_row("T1");
}

unsigned int row_index(const char *id)
{
	unsigned int i;

	for (i = 0; strcmp(row_ids[i], id); i++)
		TEST_ASSERT(i + 1 < nr_row_ids, "no row %s", id);
	return i;
}

static const struct row *find_row(const struct state *state, const struct step *step,
				  struct expected expected[NR_MODULES])
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		bool is_instruction = tables[i] == &instruction_rows;

		if (is_instruction != (step->group >= GROUP_MMIO))
			continue;
		if (!is_instruction && (step->insn != ECALL || step->flags & STEP_USER))
			continue;
		for (j = 0; j < tables[i]->count; j++) {
			memset(expected, 0, sizeof(expected[0]) * NR_MODULES);
			if (tables[i]->rows[j].explains(state, step, expected))
				return &tables[i]->rows[j];
		}
	}
	return NULL;
}

static bool returned(const struct step *step, const struct outcome *outcome)
{
	return outcome->cause == EXC_BREAKPOINT && outcome->offset == step_length(step) &&
	       !outcome->others && !outcome->landed;
}

static bool gives(const struct expected *expected, const struct outcome *outcome)
{
	if (expected->or_error && outcome->a0 == (u64)expected->other_error && !outcome->a1)
		return true;
	return (expected->any_error || outcome->a0 == (u64)expected->error) &&
	       (expected->any_value || outcome->a1 == expected->value);
}

static bool exited(const struct expected *expected, const struct outcome *outcome)
{
	return outcome->exits == 1 && outcome->exit_reason == expected->exit_reason &&
	       !outcome->error &&
	       !memcmp(outcome->exit, expected->exit, expected->payload * sizeof(u64));
}

/* Whether the outcome is what the row says of this module. */
static bool is_expected(const struct expected *expected, const struct step *step,
			const struct outcome *outcome)
{
	if (expected->peeks && expected->peek != outcome->peek)
		return false;
	switch (expected->how) {
	case RETURNS:
		return !outcome->exits && !outcome->error && returned(step, outcome) &&
		       gives(expected, outcome);
	case TRAPS:
		return !outcome->exits && !outcome->error && !outcome->others &&
		       outcome->cause == expected->cause && outcome->tval == expected->tval &&
		       !outcome->offset && !outcome->landed;
	case EXITS:
		if (!exited(expected, outcome))
			return false;
		/* A load changes its register, which the row does not say. */
		if (step->group == GROUP_MMIO)
			return outcome->cause == EXC_BREAKPOINT &&
			       outcome->offset == step_length(step);
		return returned(step, outcome) && gives(expected, outcome);
	case FAILS:
		return outcome->error == expected->run_error && !outcome->exits;
	case LANDS:
		return exited(expected, outcome) && outcome->landed && gives(expected, outcome);
	}
	return false;
}

/* Whether the bytes of memory that the step looks at are the same on both modules. */
static bool peek_counts(const struct state *state, const struct step *step,
			const struct outcome *outcome)
{
	u64 counter = step->x[0];

	if (!step->peek || outcome->a0)
		return false;
	/* The snapshot is one page for all. */
	if (state->episode->lanes > 1 && step->x[7] == SBI_EXT_PMU && step->x[6] != 8)
		return false;
	if (step->x[7] == SBI_EXT_STA)
		return true;
	switch (step->x[6]) {
	case SBI_EXT_PMU_SNAPSHOT_SET_SHMEM:
		return step->x[0] == SNAPSHOT_PAGE;
	case 8:
		return true;
	case SBI_EXT_PMU_COUNTER_STOP:
		/* One firmware counter, which has counted from a value that was given. */
		return step->x[1] == 1 && step->x[2] & 2 && state->has_snapshot &&
		       !state->pmu_apart && !state->snapshot_apart &&
		       pmu_is_configured(state, counter) && pmu_is_firmware(state, counter) &&
		       state->counts[counter] && pmu_value_is_known(state, counter);
	}
	return false;
}

/* Whether a firmware counter's value is the same on both. */
static bool value_counts(const struct state *state, const struct step *step)
{
	u64 counter = step->x[0];

	if (step->x[7] != SBI_EXT_PMU || step->x[6] != SBI_EXT_PMU_COUNTER_FW_READ)
		return true;
	return !pmu_is_configured(state, counter) || pmu_value_is_known(state, counter);
}

static u64 fold(const u64 *words, unsigned int count)
{
	u64 sum = 0;

	while (count--)
		sum = mix(sum + *words++) + 1;
	return sum;
}

static u64 number_of(const struct state *state, const struct step *step,
		     const struct outcome *outcome)
{
	bool time = step->flags & STEP_TIME_IN_RESULT && outcome->cause == EXC_BREAKPOINT;
	/* Another lane may send an interrupt at any time. */
	u64 pending = state->episode->lanes > 1 && !(step->flags & STEP_INTERRUPT) ?
		      outcome->pending & ~2UL : outcome->pending;
	const u64 words[] = {
		time ? 0 : outcome->a0,
		value_counts(state, step) ? outcome->a1 : 0,
		outcome->cause, outcome->tval, outcome->offset, pending, outcome->others,
		peek_counts(state, step, outcome) ? outcome->peek : 0,
		outcome->exits, outcome->exit_reason, outcome->exit[0], outcome->exit[1],
		outcome->exit[2], outcome->exit[3], outcome->error, outcome->landed,
	};

	return fold(words, ARRAY_SIZE(words));
}

/* The row because of which this step's result may be another one on the other module. */
static const char *apart(const struct state *state, const struct step *step)
{
	u64 function = step->x[6], csr = step->insn >> 20;
	int vcpu;

	if (step->group == GROUP_CSR && csr >= 0xc00 && csr < 0xc20)
		return state->pmu_apart;
	if (step->insn != ECALL || step->flags & STEP_USER)
		return NULL;
	switch (step->x[7]) {
	case SBI_EXT_PMU:
		if (function == SBI_EXT_PMU_SNAPSHOT_SET_SHMEM || function == 8 || function < 2 ||
		    function > 8)
			return NULL;
		if (state->pmu_apart)
			return state->pmu_apart;
		if ((function == 3 || function == 4) && step->x[2] & 2)
			return state->snapshot_apart;
		return NULL;
	case SBI_EXT_FWFT:
		return state->features_apart;
	case SBI_EXT_HSM:
		vcpu = state_vcpu(state, (u32)step->x[0]);
		return function != 1 && function < 3 && vcpu >= 0 ? state->unsure[vcpu] : NULL;
	case SBI_EXT_SUSP:
		for (vcpu = 0; vcpu < (int)state->episode->vcpus; vcpu++)
			if (state->unsure[vcpu])
				return state->unsure[vcpu];
	}
	return NULL;
}

/*
 * T1: on the C the old deadline may be back, when the thread was preempted before
 * the guest could go on. Then the interrupt is as the deadline before wanted it.
 */
static bool is_t1(const struct state *state, const struct step *step,
		  const struct outcome *outcome, enum module module)
{
	bool timer = step->x[0] < 1UL << 32, pending = outcome->pending & 0x20;

	return module == MODULE_C && step->flags & STEP_TIMER && step->x[7] == SBI_EXT_TIME &&
	       !step->x[6] && !outcome->a0 && returned(step, outcome) &&
	       timer != state->timer && pending == state->timer && pending != timer;
}

struct verdict judge(struct state *state, const struct step *step,
		     const struct outcome *outcome, enum module module)
{
	struct expected expected[NR_MODULES];
	struct outcome as_if = *outcome;
	struct verdict verdict = {};
	const struct row *row;

	if (step->flags & STEP_RUST_ONLY) {
		verdict.not_compared = true;
		/* The Rust answers, whatever that is, or the instruction is illegal. */
		verdict.number = module == MODULE_RUST && !returned(step, outcome) &&
				 outcome->cause != EXC_INST_ILLEGAL;
		state_skip(state, step);
		return verdict;
	}
	verdict.row = apart(state, step);
	if (verdict.row) {
		verdict.follows = true;
		state_follow(state, step, outcome, verdict.row);
		return verdict;
	}
	row = find_row(state, step, expected);
	if (row) {
		verdict.row = row->id;
		verdict.number = is_expected(&expected[module], step, outcome) ?
			fold((const u64 *)(u64[]) { mix(row->id[0]), row->id[1] }, 2) :
			number_of(state, step, outcome) + module + 1;
	} else if (is_t1(state, step, outcome, module)) {
		verdict.row = "T1";
		as_if.pending ^= 0x20;
		verdict.number = number_of(state, step, &as_if);
	} else {
		verdict.number = number_of(state, step, outcome);
	}
	state_follow(state, step, outcome, row ? row->id : NULL);
	return verdict;
}
