// SPDX-License-Identifier: GPL-2.0
/*
 * What the NACL firmware beneath (selftests/nacl-firmware) counts: what it is called for, and what
 * would be a trap into a hypervisor.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define COUNTERS	"/sys/kernel/debug/nacl/counters"

/* How these make themselves known. */
#define CALL		"call "
#define TRAP		"trap "
/* With `count-csrs`: what the host does with the H extension by an instruction. */
#define DIRECT		"direct "
/* To read the counters. */
#define READING		"call test extension"
/* The host's own timer. */
#define TIMER		"trap timer interrupt"

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

void bench_nacl_read(struct bench_nacl *now)
{
	FILE *file = fopen(COUNTERS, "r");
	unsigned long sum;
	char line[256], *next;

	TEST_ASSERT(file, "no %s: is this the NACL firmware, and kvm_nacl.ko loaded?", COUNTERS);
	*now = (struct bench_nacl) {};
	while (fgets(line, sizeof(line), file)) {
		sum = 0;
		for (next = strchr(line, '\t'); next; next = strchr(next + 1, '\t'))
			sum += strtoul(next + 1, NULL, 10);
		if (begins(line, READING) || begins(line, TIMER))
			continue;
		if (begins(line, CALL))
			now->calls += sum;
		else if (begins(line, TRAP) || begins(line, DIRECT))
			now->traps += sum;
	}
	fclose(file);
}
