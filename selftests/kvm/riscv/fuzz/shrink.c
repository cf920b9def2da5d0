// SPDX-License-Identifier: GPL-2.0
/*
 * The fewest steps of an episode that still differ (delta debugging).
 *
 * The modules cannot be loaded at the same time: in each round the same
 * candidates, parts of what is left, are made on the C and then on the Rust,
 * which compares and goes on with the smallest one that differs. What is known
 * is in FOLDER/progress; after the last round the report is in FOLDER/reproducer.
 */
#include "fuzz.h"

#define MAX_KEPT	(MAX_LANES * EPISODE_STEPS)
#define MAX_CANDIDATES	17

/* In the order of lanes. */
struct kept {
	u32 count;
	struct {
		u16 lane, step;
	} steps[MAX_KEPT];
};

struct progress {
	u64 seed, number;
	u32 parts, round, tries;
	bool done, given, reproduced;
	struct kept kept;
};

static struct progress progress;

/* Allocated: what is static becomes part of every guest. */
static struct episode *episode, *part;
static u32 (*numbers[NR_MODULES])[MAX_LANES][EPISODE_NUMBERS];
/* Of the first candidate, all that is left. */
static struct outcome (*outcomes_c)[EPISODE_STEPS];
static const size_t numbers_size = MAX_CANDIDATES * MAX_LANES * EPISODE_NUMBERS * sizeof(u32);
static const size_t outcomes_size = MAX_LANES * EPISODE_STEPS * sizeof(struct outcome);

static void allocate(void)
{
	episode = calloc(1, sizeof(*episode));
	part = calloc(1, sizeof(*part));
	numbers[MODULE_C] = calloc(1, numbers_size);
	numbers[MODULE_RUST] = calloc(1, numbers_size);
	outcomes_c = calloc(1, outcomes_size);
	TEST_ASSERT(episode && part && numbers[MODULE_C] && numbers[MODULE_RUST] && outcomes_c,
		    "no memory");
}

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, mode);
	TEST_ASSERT(file, "cannot open %s", path);
	return file;
}

static void transfer(const char *folder, const char *name, void *data, size_t size, bool save)
{
	FILE *file = open_in(folder, name, save ? "w" : "r");
	size_t done = save ? fwrite(data, 1, size, file) : fread(data, 1, size, file);

	TEST_ASSERT(done == size, "%s/%s is too short", folder, name);
	fclose(file);
}

/* Of what is kept, without the steps from @from up to @to. */
static void candidate(const struct kept *kept, u32 from, u32 to, struct kept *result)
{
	u32 i;

	result->count = 0;
	for (i = 0; i < kept->count; i++)
		if (i < from || i >= to)
			result->steps[result->count++] = kept->steps[i];
}

static void make_part(const struct kept *kept)
{
	u32 i;

	memcpy(part, episode, offsetof(struct episode, steps));
	memset(part->count, 0, sizeof(part->count));
	for (i = 0; i < kept->count; i++) {
		u32 lane = kept->steps[i].lane;

		part->steps[lane][part->count[lane]++] = episode->steps[lane][kept->steps[i].step];
	}
}

/* The first one is all; then all without one part, for each part-> */
static void nth_candidate(u32 n, struct kept *result)
{
	u32 count = progress.kept.count, parts = progress.parts;

	if (!n)
		candidate(&progress.kept, 0, 0, result);
	else
		candidate(&progress.kept, count * (n - 1) / parts, count * n / parts, result);
}

static u32 nr_candidates(void)
{
	/* The first round is to see what is behind the first difference. */
	return progress.given || !progress.round ? 1 : 1 + progress.parts;
}

static void write_reproducer(const char *folder, struct run *run)
{
	FILE *out = open_in(folder, "reproducer", "w");
	unsigned int lane;
	u32 step, i, left;

	if (!first_difference(part, numbers[MODULE_C][0], run->numbers, &lane, &step)) {
		fprintf(out, "seed %lu, episode %lu: no difference this time; see rust.log for the one that there was\n",
			progress.seed, progress.number);
		if (!progress.given) {
			fclose(out);
			return;
		}
	}
	fprintf(out, "seed %lu, episode %lu: %u vCPUs, ids", progress.seed, progress.number,
		episode->vcpus);
	for (i = 0; i < episode->vcpus; i++)
		fprintf(out, " %u", episode->ids[i]);
	fprintf(out, "; extensions enabled 0x%lx, disabled 0x%lx\n", episode->enabled,
		episode->disabled);
	for (i = 0, left = 0; i < progress.kept.count; i++) {
		unsigned int of = progress.kept.steps[i].lane;
		const struct step *now;
		bool differs;

		if (i && of != progress.kept.steps[i - 1].lane)
			left = 0;
		now = &part->steps[of][left];
		differs = numbers[MODULE_C][0][of][left] != run->numbers[of][left];
		fprintf(out, "%s vCPU %u, step %u: ", differs ? "-->" : "   ", of,
			progress.kept.steps[i].step);
		report_step(out, now);
		if (run->verdicts[of][left].row)
			fprintf(out, " [%s]", run->verdicts[of][left].row);
		fprintf(out, "\n      C:    ");
		if (now->rust_only)
			fprintf(out, "-");
		else
			report_outcome(out, now, &outcomes_c[of][left]);
		fprintf(out, "\n      Rust: ");
		report_outcome(out, now, &run->outcomes[of][left]);
		fprintf(out, "\n");
		left++;
	}
	for (i = 0; i < part->lanes; i++)
		if (numbers[MODULE_C][0][i][part->count[i]] != run->numbers[i][part->count[i]])
			fprintf(out, "--> vCPU %u: the registers or the memory at the end\n", i);
	fprintf(out, "replay: make fuzz SEED=%lu REPLAY=%lu:", progress.seed, progress.number);
	for (i = 0; i < progress.kept.count; i++)
		fprintf(out, "%s%u.%u", i ? "," : "", progress.kept.steps[i].lane,
			progress.kept.steps[i].step);
	fprintf(out, "\n");
	fclose(out);
}

static bool differs(u32 n, struct kept *kept)
{
	unsigned int lane;
	u32 step;

	nth_candidate(n, kept);
	make_part(kept);
	return first_difference(part, numbers[MODULE_C][n], numbers[MODULE_RUST][n], &lane, &step);
}

/* What is behind the first difference is of no use. */
static void cut(struct kept *kept)
{
	unsigned int lane;
	u32 step, i, seen = 0, count = 0;

	make_part(kept);
	if (part->lanes > 1 ||
	    !first_difference(part, numbers[MODULE_C][0], numbers[MODULE_RUST][0], &lane, &step))
		return;
	for (i = 0; i < kept->count; i++)
		if (seen++ <= step)
			kept->steps[count++] = kept->steps[i];
	kept->count = count;
}

/* With all candidates known: what is left for the next round. */
static void decide(void)
{
	static struct kept kept;
	u32 i;

	if (!differs(0, &kept)) {
		/* It depends on time, or not on the steps alone. */
		progress.done = ++progress.tries >= 3;
		return;
	}
	progress.reproduced = true;
	if (!progress.round++) {
		cut(&progress.kept);
		return;
	}
	for (i = 1; i <= progress.parts; i++) {
		if (!differs(i, &kept) || kept.count == progress.kept.count)
			continue;
		progress.kept = kept;
		progress.parts = progress.parts > 2 ? progress.parts - 1 : 2;
		return;
	}
	if (progress.parts >= progress.kept.count || progress.parts == MAX_CANDIDATES - 1) {
		progress.done = true;
		return;
	}
	progress.parts *= 2;
	if (progress.parts > progress.kept.count)
		progress.parts = progress.kept.count;
	if (progress.parts > MAX_CANDIDATES - 1)
		progress.parts = MAX_CANDIDATES - 1;
}

void shrink(const char *folder, enum module module)
{
	static struct kept kept;
	struct run *run = run_new();
	unsigned int lane;
	u32 i;

	allocate();
	transfer(folder, "progress", &progress, sizeof(progress), false);
	generate_episode(episode, progress.seed, progress.number);
	if (module == MODULE_RUST) {
		transfer(folder, "numbers.c", numbers[MODULE_C], numbers_size, false);
		transfer(folder, "outcomes.c", outcomes_c, outcomes_size, false);
	}
	/* All that is left comes last: its outcomes are the ones that are kept. */
	for (i = nr_candidates(); i-- > 0; ) {
		nth_candidate(i, &kept);
		make_part(&kept);
		run_episode(run, part, module);
		memcpy(numbers[module][i], run->numbers, sizeof(run->numbers));
	}
	if (module == MODULE_C) {
		for (lane = 0; lane < MAX_LANES; lane++)
			memcpy(outcomes_c[lane], run->outcomes[lane], sizeof(outcomes_c[lane]));
		transfer(folder, "numbers.c", numbers[MODULE_C], numbers_size, true);
		transfer(folder, "outcomes.c", outcomes_c, outcomes_size, true);
		return;
	}
	write_reproducer(folder, run);
	if (progress.given)
		progress.done = true;
	else
		decide();
	transfer(folder, "progress", &progress, sizeof(progress), true);
	printf("%s\n", progress.done ? "done" : "more");
}

/* "LANE.STEP,LANE.STEP,..." */
static void parse(const char *steps)
{
	unsigned int lane, step;
	int length;

	while (*steps) {
		TEST_ASSERT(sscanf(steps, "%u.%u%n", &lane, &step, &length) == 2 &&
			    lane < MAX_LANES && step < EPISODE_STEPS,
			    "'%s' is no list of LANE.STEP", steps);
		progress.kept.steps[progress.kept.count].lane = lane;
		progress.kept.steps[progress.kept.count++].step = step;
		steps += length;
		steps += *steps == ',';
	}
}

void shrink_begin(const char *folder, u64 seed, u64 number, const char *steps)
{
	u32 lane, i;

	allocate();
	generate_episode(episode, seed, number);
	progress.seed = seed;
	progress.number = number;
	progress.parts = 2;
	progress.given = *steps;
	parse(steps);
	for (lane = 0; !progress.given && lane < episode->lanes; lane++) {
		for (i = 0; i < episode->count[lane]; i++) {
			progress.kept.steps[progress.kept.count].lane = lane;
			progress.kept.steps[progress.kept.count++].step = i;
		}
	}
	transfer(folder, "progress", &progress, sizeof(progress), true);
}
