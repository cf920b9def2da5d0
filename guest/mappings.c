// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings that one CPU makes, both use, and one takes away: each time what the other CPU knows of
 * them has to be fenced off. CPU 0 and CPU 1 take turns in taking away.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define ROUNDS 100
#define PAGES 16

static unsigned char *mapping;
static __thread sigjmp_buf after_fault;

static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(after_fault, 1);
}

/* A read that the compiler neither drops nor repeats. */
static unsigned char read_page(int page)
{
	return __atomic_load_n(&mapping[page * getpagesize()], __ATOMIC_RELAXED);
}

/* Does a read of this page fault? */
static int faults(int page)
{
	if (sigsetjmp(after_fault, 1))
		return 1;
	(void)read_page(page);
	return 0;
}

static void expect_faults(const char *when, int cpu, int round)
{
	int page;

	for (page = 0; page < PAGES; page++) {
		if (!faults(page))
			fail("CPU %d could read page %d %s, round %d", cpu, page, when, round);
	}
}

static void make_and_tear_down(int cpu)
{
	size_t size = (size_t)PAGES * (size_t)getpagesize();
	int round, page;

	for (round = 0; round < ROUNDS; round++) {
		int mine = round % GUEST_CPUS == cpu;

		if (mine) {
			mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (mapping == MAP_FAILED)
				fail_errno("mmap");
			memset(mapping, round + 1, size);
		}
		meet();
		for (page = 0; page < PAGES; page++) {
			unsigned char seen = read_page(page);

			if (seen != (unsigned char)(round + 1))
				fail("CPU %d read %u in page %d, round %d", cpu, seen, page, round);
		}
		meet();
		if (mine && mprotect(mapping, size, PROT_NONE))
			fail_errno("mprotect");
		meet();
		expect_faults("after mprotect", cpu, round);
		meet();
		if (mine && mprotect(mapping, size, PROT_READ))
			fail_errno("mprotect");
		meet();
		if (faults(0))
			fail("CPU %d cannot read what mprotect gave back, round %d", cpu, round);
		meet();
		if (mine && munmap(mapping, size))
			fail_errno("munmap");
		meet();
		expect_faults("after munmap", cpu, round);
		meet();
	}
}

void mappings_come_and_go(void)
{
	const struct sigaction action = { .sa_handler = on_fault };

	if (sigaction(SIGSEGV, &action, NULL))
		fail_errno("sigaction");
	on_each_cpu(make_and_tear_down);
}
