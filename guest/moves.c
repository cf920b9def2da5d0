// SPDX-License-Identifier: GPL-2.0
/*
 * `make run-migrate`: the guest is saved while it works, and loaded under another kvm module, more
 * than once. It goes on where it was: with its memory, its timers, a clock that did not jump, and
 * its second CPU.
 *
 * QEMU 10 does not tell KVM whether a CPU runs or is stopped when it loads a VM: all but the first
 * stay stopped. So CPU 1 is offline meanwhile, which is a stopped hart, and is started again under
 * the other module.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

/* To C, to Rust and to C once more. */
#define MOVES 2

/* The host writes there how often the guest has been moved; it is read past the page cache. */
#define MOVED_DISK "/dev/vdb"
#define SECTOR 4096

#define MEMORY (16 << 20)
#define SLEEP_NS 2000000

static void set_cpu_1(const char *online)
{
	static const char path[] = "/sys/devices/system/cpu/cpu1/online";
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, online, 1) != 1)
		fail_errno(path);
	close(fd);
}

static int moved(void)
{
	static _Alignas(SECTOR) char sector[SECTOR];
	int fd = open(MOVED_DISK, O_RDONLY | O_DIRECT);

	if (fd < 0 || read(fd, sector, SECTOR) != SECTOR)
		fail_errno(MOVED_DISK);
	close(fd);
	return sector[0] - '0';
}

/* A round adds to a sum over all of the memory, changes it, and sleeps on a timer. */
static uint64_t one_round(uint64_t *memory, uint64_t sum, uint64_t round)
{
	const size_t words = MEMORY / sizeof(*memory);
	size_t i;

	for (i = round % 64; i < words; i += 64) {
		sum = (sum ^ memory[i]) * 0x100000001b3;
		memory[i] = sum;
	}
	return sum;
}

/* What that comes to after so many rounds: the same, done at one go, later. */
static uint64_t sum_of(uint64_t *memory, uint64_t rounds)
{
	const size_t words = MEMORY / sizeof(*memory);
	uint64_t sum = 14695981039346656037u, round;
	size_t i;

	for (i = 0; i < words; i++)
		memory[i] = i * 0x9e3779b97f4a7c15;
	for (round = 0; round < rounds; round++)
		sum = one_round(memory, sum, round);
	return sum;
}

static uint64_t *allocate(void)
{
	void *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail_errno("mmap");
	return memory;
}

/* What both CPUs do for each other. */
static void work_on_both(void)
{
	cpus_are_online();
	timers_fire();
	processes_wake_each_other();
	threads_wake_each_other();
	mappings_come_and_go();
	code_is_rewritten();
}

void guest_moves(void)
{
	const struct timespec request = { .tv_nsec = SLEEP_NS };
	uint64_t *memory = allocate(), *again = allocate();
	uint64_t sum = sum_of(memory, 0), rounds = 0;
	int move;

	for (move = 1; move <= MOVES; move++) {
		uint64_t first = rounds, last = now_ns(), away = 0, end;

		set_cpu_1("0");
		say("may be moved, time %d", move);
		/* To the other module, and for a while longer. */
		for (end = 0; !end || now_ns() < end;) {
			uint64_t gap;

			sum = one_round(memory, sum, rounds++);
			if (clock_nanosleep(CLOCK_MONOTONIC, 0, &request, NULL))
				fail("clock_nanosleep failed");
			if (!end && moved() >= move)
				end = now_ns() + 300000000;
			gap = now_ns() - last;
			last += gap;
			if (gap > away)
				away = gap;
		}
		say("moved, time %d: %llu rounds, its clock was away for at most %llu ms", move,
		    (unsigned long long)(rounds - first), (unsigned long long)away / 1000000);
		set_cpu_1("1");
		work_on_both();
		say("both CPUs work after time %d; steal time %lu0 ms so far", move, stolen());
	}

	if (sum != sum_of(again, rounds) || memcmp(memory, again, MEMORY))
		fail("what was computed while it was moved is wrong");
	say("sum %llx of %llu rounds", (unsigned long long)sum, (unsigned long long)rounds);
}
