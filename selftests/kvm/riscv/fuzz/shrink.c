// SPDX-License-Identifier: GPL-2.0
/*
 * The fewest steps of an episode that still differ (delta debugging).
 *
 * The modules cannot be loaded at the same time: in each round the same
 * candidates are made on the C and then on the Rust, which compares. A round of
 * all that is left but one part of it, for each part, says which parts can be left
 * out; the next one, which of these can be left out together. Where none can, the
 * parts become smaller, down to a step. What is known is in FOLDER/progress; after
 * the last round the report is in FOLDER/reproducer.
 */
#include "fuzz.h"

/* A round with more parts takes longer, and there are fewer of them. */
#define SOME_PARTS	16
#define MAX_KEPT	(MAX_LANES * EPISODE_STEPS)

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
	bool done, given;
	/* Parts that can be left out, each by itself: to be tried together if there are any. */
	u32 removable;
	bool removes[MAX_KEPT];
	struct kept kept;
};

/* Allocated: what is static becomes part of every guest. */
static struct progress *progress;
static struct episode *episode, *part;
static struct kept *candidate;
static bool *differs;
/* Of a candidate, on the C. */
static u32 (*numbers_c)[EPISODE_NUMBERS];
static const size_t numbers_size = MAX_LANES * EPISODE_NUMBERS * sizeof(u32);
/* Of the first candidate, all that is left. */
static struct outcome (*outcomes_c)[EPISODE_STEPS];
static const size_t outcomes_size = MAX_LANES * EPISODE_STEPS * sizeof(struct outcome);

static void allocate(void)
{
	episode = calloc(1, sizeof(*episode));
	part = calloc(1, sizeof(*part));
	progress = calloc(1, sizeof(*progress));
	candidate = calloc(1, sizeof(*candidate));
	differs = calloc(1 + MAX_KEPT, sizeof(*differs));
	numbers_c = calloc(1, numbers_size);
	outcomes_c = calloc(1, outcomes_size);
	TEST_ASSERT(episode && part && progress && candidate && differs && numbers_c && outcomes_c,
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

/* All that is left; without all that can be left out; without half of it; without one part. */
#define NR_TOGETHER	4

/*
 * Whether the candidate is without the part. The first one is all that is left; then
 * there is one for each part, or there are three with several parts left out.
 */
static bool leaves_out(u32 n, u32 at)
{
	u32 i, before = 0, limit;

	if (!n)
		return false;
	if (!progress->removable)
		return at == n - 1;
	limit = n == 1 ? progress->removable : n == 2 ? (progress->removable + 1) / 2 : 1;
	for (i = 0; i < at; i++)
		before += progress->removes[i];
	return progress->removes[at] && before < limit;
}

static u32 nr_candidates(void)
{
	/* The first round is to see what is behind the first difference. */
	if (progress->given || !progress->round)
		return 1;
	return progress->removable ? NR_TOGETHER : 1 + progress->parts;
}

static void nth_candidate(u32 n, struct kept *result)
{
	u32 count = progress->kept.count, i, at = 0;
	bool out = leaves_out(n, 0);

	result->count = 0;
	for (i = 0; i < count; i++) {
		while (i >= (u64)count * (at + 1) / progress->parts)
			out = leaves_out(n, ++at);
		if (!out)
			result->steps[result->count++] = progress->kept.steps[i];
	}
}

static void write_reproducer(const char *folder, struct run *run)
{
	FILE *out = open_in(folder, "reproducer", "w");
	unsigned int lane;
	u32 step, i, left;

	if (!first_difference(part, numbers_c, run->numbers, &lane, &step)) {
		fprintf(out, "seed %lu, episode %lu: no difference this time; see rust.log for the one that there was\n",
			progress->seed, progress->number);
		if (!progress->given) {
			fclose(out);
			return;
		}
	}
	fprintf(out, "seed %lu, episode %lu: %u vCPUs, ids", progress->seed, progress->number,
		episode->vcpus);
	for (i = 0; i < episode->vcpus; i++)
		fprintf(out, " %u", episode->ids[i]);
	fprintf(out, "; extensions enabled 0x%lx, disabled 0x%lx\n", episode->enabled,
		episode->disabled);
	for (i = 0, left = 0; i < progress->kept.count; i++) {
		unsigned int of = progress->kept.steps[i].lane;
		const struct step *now;
		bool here;

		if (i && of != progress->kept.steps[i - 1].lane)
			left = 0;
		now = &part->steps[of][left];
		here = numbers_c[of][left] != run->numbers[of][left];
		fprintf(out, "%s vCPU %u, step %u: ", here ? "-->" : "   ", of,
			progress->kept.steps[i].step);
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
	for (i = 0; i < part->lanes; i++) {
		left = part->count[i];
		for (step = left; step < nr_numbers(left); step++) {
			if (numbers_c[i][step] == run->numbers[i][step])
				continue;
			fprintf(out, "--> vCPU %u: ", i);
			report_dump(out, left, step);
			fprintf(out, "\n");
		}
	}
	fprintf(out, "replay: make fuzz SEED=%lu REPLAY=%lu:", progress->seed, progress->number);
	for (i = 0; i < progress->kept.count; i++)
		fprintf(out, "%s%u.%u", i ? "," : "", progress->kept.steps[i].lane,
			progress->kept.steps[i].step);
	fprintf(out, "\n");
	fclose(out);
}

/* What is behind the first difference is of no use. */
static void cut(struct kept *kept, struct run *run)
{
	unsigned int lane;
	u32 step, i, last, seen = 0, count = 0;

	make_part(kept);
	if (part->lanes > 1 ||
	    !first_difference(part, numbers_c, run->numbers, &lane, &step))
		return;
	last = step < part->count[lane] ? step : steps_of_dump(part->count[lane], step) - 1;
	for (i = 0; i < kept->count; i++)
		if (seen++ <= last)
			kept->steps[count++] = kept->steps[i];
	kept->count = count;
}

static void leave_out(u32 n)
{
	u32 out = 0, i;

	for (i = 0; i < progress->parts; i++)
		out += leaves_out(n, i);
	nth_candidate(n, candidate);
	progress->kept = *candidate;
	progress->parts -= out;
	progress->removable = 0;
	while (progress->parts && progress->parts < SOME_PARTS)
		progress->parts *= 2;
	if (progress->parts > progress->kept.count)
		progress->parts = progress->kept.count;
}

/* With all candidates known: what is left for the next round. */
static void decide(struct run *run)
{
	u32 i;

	if (!differs[0]) {
		/* It depends on time, or not on the steps alone. */
		progress->done = ++progress->tries >= 3;
		return;
	}
	if (!progress->round++) {
		cut(&progress->kept, run);
		return;
	}
	if (progress->removable) {
		/* That one part can be left out has been seen. */
		for (i = 1; i < NR_TOGETHER - 1 && !differs[i]; i++)
			;
		leave_out(i);
	} else {
		for (i = 0; i < progress->parts; i++) {
			progress->removes[i] = differs[1 + i];
			progress->removable += differs[1 + i];
		}
		if (progress->removable)
			return;
		progress->done = progress->parts >= progress->kept.count;
		progress->parts *= 2;
		if (progress->parts > progress->kept.count)
			progress->parts = progress->kept.count;
	}
}

void shrink(const char *folder, enum module module)
{
	struct run *run = run_new();
	FILE *numbers = open_in(folder, "numbers.c", module == MODULE_C ? "w" : "r");
	unsigned int lane;
	size_t done;
	u32 i, step;

	allocate();
	transfer(folder, "progress", progress, sizeof(*progress), false);
	generate_episode(episode, progress->seed, progress->number);
	if (module == MODULE_RUST)
		transfer(folder, "outcomes.c", outcomes_c, outcomes_size, false);
	/* All that is left comes last: its outcomes are the ones that are kept. */
	for (i = nr_candidates(); i-- > 0; ) {
		nth_candidate(i, candidate);
		make_part(candidate);
		run_episode(run, part, module);
		if (module == MODULE_C)
			done = fwrite(run->numbers, numbers_size, 1, numbers);
		else
			done = fread(numbers_c, numbers_size, 1, numbers);
		TEST_ASSERT(done == 1, "%s/numbers.c is too short", folder);
		differs[i] = module == MODULE_RUST &&
			     first_difference(part, numbers_c, run->numbers, &lane, &step);
	}
	TEST_ASSERT(!fclose(numbers), "no room in %s", folder);
	if (module == MODULE_C) {
		for (lane = 0; lane < MAX_LANES; lane++)
			memcpy(outcomes_c[lane], run->outcomes[lane], sizeof(outcomes_c[lane]));
		transfer(folder, "outcomes.c", outcomes_c, outcomes_size, true);
		return;
	}
	write_reproducer(folder, run);
	if (progress->given)
		progress->done = true;
	else
		decide(run);
	transfer(folder, "progress", progress, sizeof(*progress), true);
	printf("%s\n", progress->done ? "done" : "more");
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
		progress->kept.steps[progress->kept.count].lane = lane;
		progress->kept.steps[progress->kept.count++].step = step;
		steps += length;
		steps += *steps == ',';
	}
}

void shrink_begin(const char *folder, u64 seed, u64 number, const char *steps)
{
	u32 lane, i;

	allocate();
	generate_episode(episode, seed, number);
	progress->seed = seed;
	progress->number = number;
	progress->parts = SOME_PARTS;
	progress->given = *steps;
	parse(steps);
	for (lane = 0; !progress->given && lane < episode->lanes; lane++) {
		for (i = 0; i < episode->count[lane]; i++) {
			progress->kept.steps[progress->kept.count].lane = lane;
			progress->kept.steps[progress->kept.count++].step = i;
		}
	}
	transfer(folder, "progress", progress, sizeof(*progress), true);
}
