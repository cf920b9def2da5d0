// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs of the host: their harts, and how they go offline and come back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host_cpu.h"
#include "sbi_case.h"
#include "write_file.h"

#define TRIES		100
#define BETWEEN_US	50000
/* The kernel's own, which user space sees nevertheless. */
#define ENOTSUPP	524

static void path_of(int cpu, char path[64])
{
	snprintf(path, 64, "/sys/devices/system/cpu/cpu%d/online", cpu);
}

void host_cpu_or_skip(int cpu)
{
	char path[64];

	path_of(cpu, path);
	if (access(path, W_OK))
		sbi_skip("CPU %d cannot be put offline: %s", cpu, strerror(errno));
}

bool host_cpu_offline(int cpu)
{
	char path[64];

	path_of(cpu, path);
	return write_file(path, 0, "0");
}

bool host_cpu_online(int cpu)
{
	unsigned int i;
	char path[64];

	path_of(cpu, path);
	for (i = 0; i < TRIES; i++) {
		if (write_file(path, 0, "1"))
			return true;
		/* The firmware does not start a hart that is about to stop, nor one that is still started. */
		if (errno != EINVAL && errno != ENOTSUPP)
			return false;
		usleep(BETWEEN_US);
	}
	return false;
}

int host_cpu_hart(int cpu)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	int processor = -1, hart = -1, number;
	char line[256];

	if (!sbi_expect(file, "no /proc/cpuinfo: %s", strerror(errno)))
		return -1;
	while (hart < 0 && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "processor : %d", &number) == 1)
			processor = number;
		if (sscanf(line, "hart : %d", &number) == 1 && processor == cpu)
			hart = number;
	}
	fclose(file);
	sbi_expect(hart >= 0, "/proc/cpuinfo does not say which hart CPU %d is", cpu);
	return hart;
}
