// SPDX-License-Identifier: GPL-2.0
/*
 * Steal time: the guest's kernel accounts what the host tells it through the SBI's STA extension.
 */
#include <stdatomic.h>

#include "guest.h"

/* The host has as many CPUs as the guest, and other things to do as well. */
#define MOST_NS 10000000000

/* The eighth number of the first line, of all CPUs. */
unsigned long stolen(void)
{
	FILE *file = fopen("/proc/stat", "r");
	unsigned long steal;

	if (!file)
		fail_errno("/proc/stat");
	if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %lu", &steal) != 1)
		fail("/proc/stat has no steal time");
	fclose(file);
	return steal;
}

static atomic_int enough;

static void be_busy(int cpu)
{
	uint64_t start = now_ns();

	while (!atomic_load(&enough)) {
		if (!cpu && (stolen() || now_ns() - start > MOST_NS))
			atomic_store(&enough, 1);
	}
}

void steal_is_accounted(void)
{
	on_each_cpu(be_busy);
	say("steal time %lu0 ms", stolen());
	if (!stolen())
		fail("no time has been stolen from two busy CPUs");
}
