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
	add_row("M8");
	add_row("F1");
	add_row("P2");
	add_row("T1");
	/* Those of which the C dies. */
	add_row("R6");
	add_row("K1");
	add_row("K2");
	add_row(UNORDERED);
	add_row(OF_TIME);
}

unsigned int row_index(const char *id)
{
	unsigned int i;

	for (i = 0; strcmp(row_ids[i], id); i++)
		TEST_ASSERT(i + 1 < nr_row_ids, "no row %s", id);
	return i;
}

/* What is there for a row to fill in. memset() of the selftests' library goes byte by byte. */
static void expect_nothing(struct expected *expected, const struct step *step)
{
	u64 *words = (u64 *)expected;
	unsigned int i;

	_Static_assert(!(sizeof(*expected) % sizeof(u64)), "not in words");
	for (i = 0; i < sizeof(*expected) / sizeof(u64); i++)
		words[i] = 0;
	expected->pending = step->flags & STEP_INTERRUPT ? 2 : 0;
}

static const struct row *find_row(const struct state *state, const struct step *step,
				  struct expected expected[NR_MODULES])
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (j = 0; j < tables[i]->count; j++) {
			const struct row *row = &tables[i]->rows[j];

			if (row->group != step->group)
				continue;
			expect_nothing(&expected[MODULE_C], step);
			expect_nothing(&expected[MODULE_RUST], step);
			if (row->explains(state, step, expected))
				return row;
		}
	}
	return NULL;
}

void expect_unchanged(struct expected *expected, const struct step *step)
{
	expected->error = step->x[0];
	expected->value = step->x[1];
}

void expect_forwarded(struct expected *expected, const struct step *step, s64 error)
{
	expected->exit_reason = KVM_EXIT_RISCV_SBI;
	expected->exit[0] = step->x[7];
	expected->exit[1] = step->x[6];
	expected->exit[2] = hash(0, step->x, 6 * sizeof(u64));
	expected->exit[3] = error;
}

u64 other_register(const struct step *step, unsigned int x, u64 value)
{
	u64 was = x == SP ? step->x[STEP_SP] :
		  x >= A0 && x <= A7 ? step->x[x - A0] : register_pattern(x);

	return !x || value == was ? 0 : changed_register(x, value);
}

/* The instruction is done, or KVM or user space has gone past it. */
static bool passed(const struct step *step, const struct outcome *outcome)
{
	return outcome->cause == EXC_BREAKPOINT && outcome->offset == step_length(step) &&
	       !outcome->landed;
}

static bool gives(const struct expected *expected, const struct outcome *outcome)
{
	return (expected->any_error || outcome->a0 == (u64)expected->error) &&
	       (expected->any_value || outcome->a1 == expected->value);
}

static bool exited(const struct expected *expected, const struct outcome *outcome)
{
	return outcome->exits == 1 && outcome->exit_reason == expected->exit_reason &&
	       !outcome->error &&
	       !memcmp(outcome->exit, expected->exit, sizeof(expected->exit));
}

/* Of the pending interrupts, what is the step's own: another lane may send one at any time. */
static u64 own_pending(const struct state *state, const struct step *step, u64 pending)
{
	return state->episode->lanes > 1 && !(step->flags & STEP_INTERRUPT) ? pending & ~2UL :
									       pending;
}

/* Whether the outcome is what is said of this module. */
static bool is_expected(const struct state *state, const struct expected *expected,
			const struct step *step, const struct outcome *outcome)
{
	if (expected->peeks && expected->peek != outcome->peek)
		return false;
	/* No row is about a call that starts a hart. */
	if (outcome->started || outcome->others != expected->others || !gives(expected, outcome) ||
	    own_pending(state, step, outcome->pending ^ expected->pending))
		return false;
	switch (expected->how) {
	case RETURNS:
		return !outcome->exits && !outcome->error && passed(step, outcome);
	case TRAPS:
		return !outcome->exits && !outcome->error && !outcome->landed &&
		       outcome->cause == expected->cause && outcome->tval == expected->tval &&
		       !outcome->offset;
	case EXITS:
		return exited(expected, outcome) && passed(step, outcome);
	case FAILS:
		return outcome->error == expected->run_error && !outcome->exits &&
		       passed(step, outcome);
	case LANDS:
		return exited(expected, outcome) && outcome->landed;
	}
	return false;
}

/*
 * Whether the bytes of memory that the step looks at are the same on both modules. If
 * not, and a row is the reason, that is @apart.
 */
static bool peek_counts(const struct state *state, const struct step *step,
			const struct outcome *outcome, const char **apart)
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
		if (step->x[1] != 1 || !(step->x[2] & 2) || !state->has_snapshot ||
		    state->pmu_apart || state->snapshot_apart ||
		    !pmu_is_configured(state, counter) || !pmu_is_firmware(state, counter) ||
		    !state->counts[counter])
			return false;
		*apart = pmu_value_apart(state, counter);
		return !*apart;
	}
	return false;
}

/* Why a firmware counter's value, the result of the step, is not the same on both, or NULL. */
static const char *value_apart(const struct state *state, const struct step *step)
{
	u64 counter = step->x[0];

	if (step->insn != ECALL || step->flags & STEP_USER || step->x[7] != SBI_EXT_PMU ||
	    step->x[6] != SBI_EXT_PMU_COUNTER_FW_READ || !pmu_is_configured(state, counter))
		return NULL;
	return pmu_value_apart(state, counter);
}

static u64 fold(const u64 *words, unsigned int count)
{
	u64 sum = 0;

	while (count--)
		sum = mix(sum + *words++) + 1;
	return sum;
}

/* @apart: why a part of the outcome is not in it, if so. */
static u64 number_of(const struct state *state, const struct step *step,
		     const struct outcome *outcome, const char **apart)
{
	bool time = step->flags & STEP_TIME_IN_RESULT && outcome->cause == EXC_BREAKPOINT;
	const char *value = value_apart(state, step);
	u64 peek = peek_counts(state, step, outcome, apart) ? outcome->peek : 0;
	const u64 words[] = {
		time ? 0 : outcome->a0,
		value ? 0 : outcome->a1,
		outcome->cause, outcome->tval, outcome->offset,
		own_pending(state, step, outcome->pending), outcome->others, peek,
		outcome->exits, outcome->exit_reason, outcome->exit[0], outcome->exit[1],
		outcome->exit[2], outcome->exit[3], outcome->error, outcome->landed,
		outcome->started,
	};

	if (time)
		*apart = OF_TIME;
	if (value)
		*apart = value;
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
		if ((function == 3 || function == 4) && step->x[2] & 2 && state->snapshot_apart)
			return state->snapshot_apart;
		return pmu_start_apart(state, step);
	case SBI_EXT_FWFT:
		return state->features_apart;
	case SBI_EXT_HSM:
		vcpu = state_vcpu(state, (u32)step->x[0]);
		return function != 1 && function < 3 && vcpu >= 0 &&
		       state_start_differs(state, vcpu) ? state->start_row[vcpu] : NULL;
	case SBI_EXT_SUSP:
		if (state_suspends(state, step, MODULE_C) == state_suspends(state, step, MODULE_RUST))
			return NULL;
		for (vcpu = 0; !state_start_differs(state, vcpu); vcpu++)
			;
		return state->start_row[vcpu];
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
	bool timer = deadline_is_past(step->x[0]), before = state->c_is_past;
	bool pending = outcome->pending & 0x20;

	return module == MODULE_C && step->flags & STEP_TIMER && step->x[7] == SBI_EXT_TIME &&
	       !step->x[6] && !outcome->a0 && passed(step, outcome) && !outcome->others &&
	       timer != before && pending == before;
}

static struct verdict judge_rust_only(struct state *state, const struct step *step,
				      const struct outcome *outcome, enum module module)
{
	struct verdict verdict = { .kind = RUST_ONLY, .row = step->rust_only };
	struct expected expected;

	expect_nothing(&expected, step);
	rust_only(state, step, &expected);
	verdict.number = module == MODULE_RUST && !is_expected(state, &expected, step, outcome);
	state_skip(state, step);
	return verdict;
}

struct verdict judge(struct state *state, const struct step *step,
		     const struct outcome *outcome, enum module module)
{
	struct expected expected[NR_MODULES];
	struct verdict verdict = {};
	const char *part = NULL;
	const struct row *row;

	if (step->rust_only)
		return judge_rust_only(state, step, outcome, module);
	verdict.row = apart(state, step);
	if (verdict.row) {
		verdict.kind = EXCUSED;
		state_follow(state, step, outcome, verdict.row);
		return verdict;
	}
	row = find_row(state, step, expected);
	if (row) {
		verdict.row = row->id;
		verdict.kind = EXPLAINED;
		verdict.number = is_expected(state, &expected[module], step, outcome) ?
			fold((const u64 *)(u64[]) { mix(row->id[0]), row->id[1] }, 2) :
			number_of(state, step, outcome, &part) + module + 1;
	} else if (is_t1(state, step, outcome, module)) {
		struct outcome as_if = *outcome;

		verdict.row = "T1";
		verdict.kind = EXPLAINED;
		as_if.pending ^= 0x20;
		verdict.number = number_of(state, step, &as_if, &part);
	} else {
		verdict.number = number_of(state, step, outcome, &part);
		verdict.row = part;
		verdict.kind = part ? EXCUSED : COMPARED;
	}
	state_follow(state, step, outcome, row ? row->id : NULL);
	return verdict;
}
