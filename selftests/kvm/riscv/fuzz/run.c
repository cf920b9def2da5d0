// SPDX-License-Identifier: GPL-2.0
/*
 * One episode on one module: executed, and judged.
 */
#include "fuzz.h"

struct run *run_new(void)
{
	struct run *run = calloc(1, sizeof(*run));
	unsigned int i;

	TEST_ASSERT(run, "no memory");
	for (i = 0; i < MAX_LANES; i++) {
		run->outcomes[i] = calloc(EPISODE_STEPS, sizeof(struct outcome));
		TEST_ASSERT(run->outcomes[i], "no memory");
	}
	return run;
}

static void judge_dump(u32 numbers[NR_DUMP_PARTS], const struct state *state,
		       const struct dump *dump, enum module module)
{
	u64 deadline = dump->deadline;

	/* T1: on the C the old one may be back. */
	if (module == MODULE_C && state_c_deadline(state, deadline))
		deadline = state->deadline;
	numbers[DUMP_REGISTERS] = mix(dump->registers);
	numbers[DUMP_MEMORY] = mix(dump->memory);
	numbers[DUMP_STEAL_TIME] = state->steal_time_apart ? 0 : mix(dump->steal_time);
	numbers[DUMP_FEATURES] = state->features_apart ? 0 : mix(dump->features);
	numbers[DUMP_DEADLINE] = state->deadline_apart ? 0 : mix(deadline);
}

/* Each step, and each dump behind the steps that it has seen. */
static void judge_lane(struct run *run, const struct episode *episode, unsigned int lane,
		       enum module module)
{
	u32 count = episode->count[lane], *numbers = &run->numbers[lane][count], i;
	const struct dump *dump = run->dumps[lane];
	struct state state;

	state_init(&state, episode, lane);
	for (i = 0; i < count; i++) {
		run->verdicts[lane][i] = judge(&state, &episode->steps[lane][i],
					       &run->outcomes[lane][i], module);
		run->numbers[lane][i] = run->verdicts[lane][i].number;
		if ((i + 1) % DUMP_STEPS == 0 || i + 1 == count) {
			judge_dump(numbers, &state, dump++, module);
			numbers += NR_DUMP_PARTS;
		}
	}
	if (!count)
		judge_dump(numbers, &state, dump, module);
}

void run_episode(struct run *run, const struct episode *episode, enum module module)
{
	unsigned int lane;

	machine_run(episode, module, run->outcomes, run->dumps);
	if (module == MODULE_RUST)
		fault_apply(episode, run->outcomes, run->dumps);
	for (lane = 0; lane < episode->lanes; lane++)
		judge_lane(run, episode, lane, module);
}

bool first_difference(const struct episode *episode, u32 c[MAX_LANES][EPISODE_NUMBERS],
		      u32 rust[MAX_LANES][EPISODE_NUMBERS], unsigned int *lane, u32 *number)
{
	for (*lane = 0; *lane < episode->lanes; (*lane)++)
		for (*number = 0; *number < nr_numbers(episode->count[*lane]); (*number)++)
			if (c[*lane][*number] != rust[*lane][*number])
				return true;
	return false;
}

unsigned int nr_differences(const struct episode *episode, u32 c[MAX_LANES][EPISODE_NUMBERS],
			    u32 rust[MAX_LANES][EPISODE_NUMBERS])
{
	unsigned int lane, count = 0;
	u32 i;

	for (lane = 0; lane < episode->lanes; lane++)
		for (i = 0; i < nr_numbers(episode->count[lane]); i++)
			count += c[lane][i] != rust[lane][i];
	return count;
}
