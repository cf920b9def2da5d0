// SPDX-License-Identifier: GPL-2.0
/*
 * A function that one CPU rewrites and both call: a remote fence.i each time.
 */
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define ROUNDS 100

static uint32_t *function;

/* addi a0, zero, number; ret */
static void write_function(int number)
{
	function[0] = (uint32_t)number << 20 | 10 << 7 | 0x13;
	function[1] = 0x00008067;
	if (__riscv_flush_icache(function, function + 2, 0))
		fail_errno("riscv_flush_icache");
}

static void write_and_call(int cpu)
{
	int round;

	for (round = 0; round < ROUNDS; round++) {
		int returned;

		if (round % GUEST_CPUS == cpu)
			write_function(round);
		meet();
		returned = ((int (*)(void))function)();
		if (returned != round)
			fail("CPU %d ran the function of round %d in round %d", cpu, returned,
			     round);
		meet();
	}
}

void code_is_rewritten(void)
{
	function = mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (function == MAP_FAILED)
		fail_errno("mmap");
	on_each_cpu(write_and_call);
}
