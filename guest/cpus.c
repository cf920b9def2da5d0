// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs of the guest: how many there are, and threads that stay on one.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

static pthread_barrier_t everyone;
static void (*current_body)(int cpu);

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail_errno("sched_setaffinity");
	if (sched_getcpu() != cpu)
		fail("pinned to CPU %d, running on CPU %d", cpu, sched_getcpu());
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void meet(void)
{
	pthread_barrier_wait(&everyone);
}

static void *on_one_cpu(void *argument)
{
	int cpu = (int)(intptr_t)argument;

	pin(cpu);
	meet();
	current_body(cpu);
	return NULL;
}

void on_each_cpu(void (*body)(int cpu))
{
	pthread_t thread[GUEST_CPUS];
	int cpu;

	current_body = body;
	pthread_barrier_init(&everyone, NULL, GUEST_CPUS);
	for (cpu = 0; cpu < GUEST_CPUS; cpu++) {
		errno = pthread_create(&thread[cpu], NULL, on_one_cpu, (void *)(intptr_t)cpu);
		if (errno)
			fail_errno("pthread_create");
	}
	for (cpu = 0; cpu < GUEST_CPUS; cpu++)
		pthread_join(thread[cpu], NULL);
	pthread_barrier_destroy(&everyone);
}

static void nothing(int cpu)
{
	(void)cpu;
}

void cpus_are_online(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (online != GUEST_CPUS)
		fail("%ld CPUs are online, not %d", online, GUEST_CPUS);
	on_each_cpu(nothing);
}
