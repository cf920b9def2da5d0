// SPDX-License-Identifier: GPL-2.0
/*
 * Timers on both CPUs at once: none early, none lost.
 */
#include <time.h>

#include "guest.h"

#define SLEEPS 100
#define SLEEP_NS 2000000

static void sleep_often(int cpu)
{
	const struct timespec request = { .tv_nsec = SLEEP_NS };
	int i;

	for (i = 0; i < SLEEPS; i++) {
		uint64_t start = now_ns(), slept;

		if (clock_nanosleep(CLOCK_MONOTONIC, 0, &request, NULL))
			fail("CPU %d: clock_nanosleep failed", cpu);
		slept = now_ns() - start;
		if (slept < SLEEP_NS)
			fail("CPU %d: slept %llu ns of %d", cpu, (unsigned long long)slept,
			     SLEEP_NS);
	}
}

void timers_fire(void)
{
	on_each_cpu(sleep_often);
}
