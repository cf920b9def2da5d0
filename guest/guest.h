/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The workload of `make run`: what a guest does so that its two vCPUs need each other.
 *
 * Every part forces one kind of work for the hypervisor on both CPUs, checks what came out of it,
 * and returns. A part that cannot go on says why on the console through fail(), and the guest shuts
 * down without the line that a verdict needs.
 */
#ifndef GUEST_H
#define GUEST_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The workload is made for so many CPUs; /init refuses to start with another number. */
#define GUEST_CPUS 2

/* One "guest: ..." line on the console, which is what scripts/run/verdict reads. */
#define say(format, ...) printf("guest: " format "\n", ##__VA_ARGS__)

/* Says why, and ends the workload. */
#define fail(format, ...) \
	do { \
		say(format, ##__VA_ARGS__); \
		exit(EXIT_FAILURE); \
	} while (0)

/* As fail(), with errno in words. */
#define fail_errno(what) fail("%s: %s", what, strerror(errno))

/* From now on the calling thread runs on this CPU only. */
void pin(int cpu);

/* Run body(cpu) in one thread on each CPU at once, and wait for all of them. */
void on_each_cpu(void (*body)(int cpu));

/* All threads of on_each_cpu() wait here for each other. */
void meet(void);

uint64_t now_ns(void);

/* The parts, in the order in which /init runs them. */
void cpus_are_online(void);
void timers_fire(void);
void processes_wake_each_other(void);
void threads_wake_each_other(void);
void mappings_come_and_go(void);
void code_is_rewritten(void);
void counters_count(void);
void steal_is_accounted(void);
void disk_keeps_data(void);

/* In hundredths of a second. */
unsigned long stolen(void);

/* The part that `make run-migrate` is about. */
void guest_moves(void);

/* `/init work AMOUNT`, for counters_count(). */
int work(const char *amount);

#endif
