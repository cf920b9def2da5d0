// SPDX-License-Identifier: GPL-2.0
/*
 * Sleepers on one CPU woken from the other: each wake-up of an idle CPU is an IPI.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ROUNDS 500

/* One number goes to and fro between two processes and grows by one at each step. */
static void return_each(int from, int to)
{
	unsigned int number;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (read(from, &number, sizeof(number)) != sizeof(number))
			fail_errno("read from the pipe");
		number++;
		if (write(to, &number, sizeof(number)) != sizeof(number))
			fail_errno("write to the pipe");
	}
}

void processes_wake_each_other(void)
{
	int there[2], back[2], status;
	unsigned int number = 0;
	pid_t child;

	if (pipe(there) || pipe(back))
		fail_errno("pipe");
	child = fork();
	if (child < 0)
		fail_errno("fork");
	if (!child) {
		pin(1);
		return_each(there[0], back[1]);
		_exit(0);
	}
	pin(0);
	if (write(there[1], &number, sizeof(number)) != sizeof(number))
		fail_errno("write to the pipe");
	return_each(back[0], there[1]);
	if (waitpid(child, &status, 0) != child || status)
		fail("the process on CPU 1 ended with status %#x", status);
	if (read(there[0], &number, sizeof(number)) != sizeof(number) || number != 2 * ROUNDS)
		fail("%u steps between the processes, not %d", number, 2 * ROUNDS);
}

/* The turn is that of the CPU whose number is the parity of the word. */
static atomic_uint word;

static void take_turns(int cpu)
{
	unsigned int seen, i;

	for (i = 0; i < ROUNDS; i++) {
		while ((seen = atomic_load(&word)) % GUEST_CPUS != (unsigned int)cpu)
			syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
		atomic_store(&word, seen + 1);
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}

void threads_wake_each_other(void)
{
	atomic_store(&word, 0);
	on_each_cpu(take_turns);
	if (atomic_load(&word) != GUEST_CPUS * ROUNDS)
		fail("%u turns of the threads, not %d", atomic_load(&word), GUEST_CPUS * ROUNDS);
}
