// SPDX-License-Identifier: GPL-2.0
/*
 * The command line, and the processes that run episodes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define WORKERS		2
#define MAX_DIFFERENCES	16

struct tally {
	/* The next episode; one that is begun is ended. */
	u64 next, end;
	u64 steps[NR_GROUPS][NR_KINDS], rows[NR_GROUPS][MAX_ROWS][NR_KINDS];
	/* Steps, and what is left at an end, that differ; episodes with one of them. */
	u64 differences, different_episodes;
	u64 different[MAX_DIFFERENCES];
};

static struct tally *tally;

/* In milliseconds. */
static u64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void add(u64 *sum, u64 more)
{
	__atomic_fetch_add(sum, more, __ATOMIC_RELAXED);
}

static void count(const struct episode *episode, const struct run *run)
{
	unsigned int lane;
	u32 i;

	for (lane = 0; lane < episode->lanes; lane++) {
		for (i = 0; i < episode->count[lane]; i++) {
			const struct verdict *verdict = &run->verdicts[lane][i];
			enum group group = episode->steps[lane][i].group;

			add(&tally->steps[group][verdict->kind], 1);
			if (verdict->row)
				add(&tally->rows[group][row_index(verdict->row)][verdict->kind], 1);
		}
	}
}

static void compare(const struct episode *episode, struct run *run, int log, u64 number)
{
	static u32 c[MAX_LANES][EPISODE_NUMBERS];
	unsigned int lane;
	u64 different;
	u32 step;

	TEST_ASSERT(pread(log, c, sizeof(c), number * sizeof(c)) == sizeof(c),
		    "the log of the C ends before episode %lu", number);
	if (!first_difference(episode, c, run->numbers, &lane, &step))
		return;
	fprintf(stderr, "episode %lu, vCPU %u, step %u: ", number, lane, step);
	if (step < episode->count[lane]) {
		report_step(stderr, &episode->steps[lane][step]);
		fprintf(stderr, ": ");
		report_outcome(stderr, &episode->steps[lane][step], &run->outcomes[lane][step]);
		fprintf(stderr, "%s%s", run->verdicts[lane][step].row ? "; " : "",
			run->verdicts[lane][step].row ?: "");
	} else {
		report_dump(stderr, episode->count[lane], step);
	}
	fprintf(stderr, "\n");
	add(&tally->differences, nr_differences(episode, c, run->numbers));
	different = __atomic_fetch_add(&tally->different_episodes, 1, __ATOMIC_RELAXED);
	if (different < MAX_DIFFERENCES)
		tally->different[different] = number;
}

static void say(const char *module, u64 episodes)
{
	/* Not through the kernel's log, which does not reach the console now. */
	int file = open("/dev/console", O_WRONLY | O_NOCTTY);

	dprintf(file, "kvm-riscv-rs: %s: %lu episodes, %lu steps\r\n", module, episodes,
		episodes * EPISODE_STEPS);
	close(file);
}

static void work(enum module module, u64 seed, u64 deadline, int log, unsigned int worker)
{
	struct episode *episode = calloc(1, sizeof(*episode));
	struct run *run = run_new();
	u64 number, said = now();

	TEST_ASSERT(episode, "no memory");
	for (;;) {
		if (module == MODULE_C && deadline && now() >= deadline)
			break;
		number = __atomic_fetch_add(&tally->next, 1, __ATOMIC_RELAXED);
		if (number >= tally->end)
			break;
		generate_episode(episode, seed, number);
		run_episode(run, episode, module);
		if (module == MODULE_C)
			TEST_ASSERT(pwrite(log, run->numbers, sizeof(run->numbers),
					   number * sizeof(run->numbers)) == sizeof(run->numbers),
				    "no room for the log");
		else
			compare(episode, run, log, number);
		count(episode, run);
		if (!worker && now() >= said + 20000) {
			said = now();
			say(module == MODULE_C ? "c" : "rust", number + 1);
		}
	}
}

static void print_kinds(const u64 kinds[NR_KINDS])
{
	unsigned int i;

	for (i = 0; i < NR_KINDS; i++)
		printf("\t%lu", kinds[i]);
	printf("\n");
}

/* For scripts/fuzz/summary: names, numbers; one line each. */
static void print_tally(u64 episodes, u64 milliseconds)
{
	u64 i, j;

	printf("episodes %lu\nmilliseconds %lu\ndifferences %lu\n", episodes, milliseconds,
	       tally->differences);
	for (i = 0; i < NR_GROUPS; i++) {
		printf("calls\t%s", group_names[i]);
		print_kinds(tally->steps[i]);
		for (j = 0; j < nr_row_ids; j++) {
			const u64 *kinds = tally->rows[i][j];

			if (!(kinds[EXPLAINED] | kinds[EXCUSED] | kinds[RUST_ONLY]))
				continue;
			printf("row\t%s\t%s", group_names[i], row_ids[j]);
			print_kinds(kinds);
		}
	}
	for (j = 0; j < nr_row_ids; j++)
		printf("reason\t%s\n", row_ids[j]);
	for (i = 0; i < tally->different_episodes && i < MAX_DIFFERENCES; i++)
		printf("different\t%lu\n", tally->different[i]);
}

/* On the C until the time is over or there are enough; on the Rust the same episodes. */
static int run_all(enum module module, u64 seed, u64 episodes, u64 seconds, const char *path)
{
	int log = open(path, module == MODULE_C ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY, 0600);
	u64 began = now(), deadline = seconds ? began + seconds * 1000 : 0;
	unsigned int i, failed = 0;
	int status;

	TEST_ASSERT(log >= 0, "cannot open %s", path);
	tally->end = episodes;
	if (module == MODULE_RUST)
		tally->end = lseek(log, 0, SEEK_END) /
			     (sizeof(u32) * MAX_LANES * EPISODE_NUMBERS);
	for (i = 0; i < WORKERS; i++) {
		if (fork())
			continue;
		machine_hart = i;
		work(module, seed, deadline, log, i);
		exit(0);
	}
	for (i = 0; i < WORKERS; i++) {
		wait(&status);
		failed += status != 0;
	}
	if (failed) {
		fprintf(stderr, "a worker failed near episode %lu\n", tally->next);
		return 1;
	}
	print_tally(tally->next < tally->end ? tally->next : tally->end, now() - began);
	return 0;
}

int main(int argc, char *argv[])
{
	bool is_c = argc > 2 && !strcmp(argv[2], "c");
	enum module module = is_c ? MODULE_C : MODULE_RUST;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(tally != MAP_FAILED, "no memory");
	rows_init();
	fault_want(getenv("FUZZ_FAULT"));
	pmu_shape();

	if (argc == 7 && !strcmp(argv[1], "run"))
		return run_all(module, strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 0),
			       strtoul(argv[5], NULL, 0), argv[6]);
	if (argc == 6 && !strcmp(argv[1], "shrink-begin")) {
		shrink_begin(argv[2], strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 0), argv[5]);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "shrink")) {
		shrink(argv[3], module);
		return 0;
	}
	fprintf(stderr,
		"usage: %s run c|rust SEED EPISODES SECONDS LOG\n"
		"       %s shrink-begin FOLDER SEED EPISODE [LANE.STEP,...]\n"
		"       %s shrink c|rust FOLDER\n", argv[0], argv[0], argv[0]);
	return 2;
}
