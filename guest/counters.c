// SPDX-License-Identifier: GPL-2.0
/*
 * perf stat: what the guest's programs do is counted by the SBI's PMU extension, in hardware
 * counters and in one of the firmware's.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define PERF "/bin/perf"
#define COUNTS "/counts"

/* So much more work has to be counted as more, whatever else the CPU does meanwhile. */
#define LITTLE "200000"
#define MUCH "20000000"
#define AT_LEAST 4

/* The kernel's encoding of a firmware event: its bit 63, and the event's code. */
#define IPI_SENT "r8000000000000006"

enum scope { OF_THE_COMMAND, OF_ALL_CPUS };

/* Has perf count these events while `/init command argument` runs, and takes the counts. */
static void perf_stat(enum scope scope, const char *events, const char *command,
		      const char *argument, uint64_t counts[], int number)
{
	char line[256];
	int status, found = 0;
	FILE *file;
	pid_t child;

	unlink(COUNTS);
	child = fork();
	if (!child) {
		if (scope == OF_ALL_CPUS)
			execl(PERF, "perf", "stat", "-x;", "-o", COUNTS, "-e", events, "-a",
			      "/init", command, argument, NULL);
		else
			execl(PERF, "perf", "stat", "-x;", "-o", COUNTS, "-e", events,
			      "/init", command, argument, NULL);
		say("%s: %s", PERF, strerror(errno));
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("perf stat ended with status %#x", status);

	file = fopen(COUNTS, "r");
	if (!file)
		fail_errno(COUNTS);
	while (fgets(line, sizeof(line), file) && found < number) {
		char *end;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		counts[found] = strtoull(line, &end, 10);
		/* What could not be counted says so in words. */
		if (end == line)
			fail("perf stat: %s", line);
		found++;
	}
	fclose(file);
	if (found != number)
		fail("perf stat counted %d events, not %d", found, number);
}

static void count_work(const char *amount, uint64_t counts[2])
{
	perf_stat(OF_THE_COMMAND, "cycles:u,instructions:u", "work", amount, counts, 2);
}

/* What perf runs, beside `/init wake`: `/init work AMOUNT`. */
int work(const char *amount)
{
	unsigned long left = strtoul(amount, NULL, 10);

	while (left) {
		left--;
		/* Each time, and in memory. */
		asm volatile("" : "+m" (left));
	}
	return 0;
}

void counters_count(void)
{
	uint64_t little[2], much[2], ipis;

	count_work(LITTLE, little);
	count_work(MUCH, much);
	/* An IPI is sent by a CPU, not by a process. */
	perf_stat(OF_ALL_CPUS, IPI_SENT, "wake", NULL, &ipis, 1);
	say("counted %llu cycles and %llu instructions, of 100 times the work %llu and %llu, and %llu IPIs",
	    (unsigned long long)little[0], (unsigned long long)little[1],
	    (unsigned long long)much[0], (unsigned long long)much[1], (unsigned long long)ipis);
	if (!little[0] || !little[1] || !ipis)
		fail("a counter stands still");
	if (much[0] < AT_LEAST * little[0] || much[1] < AT_LEAST * little[1])
		fail("more work is not more cycles and instructions");
}
