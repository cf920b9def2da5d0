// SPDX-License-Identifier: GPL-2.0
/*
 * On the NACL firmware: what it is called for, and what traps into it, for each
 * time that a guest is entered.
 *
 * With all features that is the one call that enters. The counts are printed for
 * scripts/test/nacl/calls, a line each: "calls", workload, counter, count, entries,
 * with tabs between.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sbi_call.h"

#define COUNTERS	"/sys/kernel/debug/nacl/counters"
#define CALL		"/sys/kernel/debug/nacl/call"
/* GET_KNOB, of `off` and of the features. */
#define GET_OFF		"3 0"
#define GET_FEATURES	"3 1"
#define ALL_FEATURES	0xf
#define MAX_COUNTERS	100

/* Each time of a workload enters the guest once. */
#define TIMES		2000
/* Per hundred entries: what the host has to do besides. */
#define BESIDES		2

#define HOLE		(1UL << 32)
#define HOLE_GVA	0x40000000UL

#define SBI_EXT_BASE	0x10

struct counter {
	char name[64];
	unsigned long count;
};

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static unsigned int read_counters(struct counter counters[MAX_COUNTERS])
{
	FILE *file = fopen(COUNTERS, "r");
	char line[256], *next;
	unsigned int n = 0;

	if (!file)
		sbi_skip("the firmware is not selftests/nacl-firmware");
	while (n < MAX_COUNTERS && fgets(line, sizeof(line), file)) {
		next = strchr(line, '\t');
		TEST_ASSERT(next, "'%s' in %s is no counter", line, COUNTERS);
		snprintf(counters[n].name, sizeof(counters[n].name), "%.*s", (int)(next - line),
			 line);
		for (counters[n].count = 0; next; next = strchr(next + 1, '\t'))
			counters[n].count += strtoul(next + 1, NULL, 10);
		n++;
	}
	fclose(file);
	return n;
}

static unsigned long knob(const char *get)
{
	unsigned long value = 0;
	char text[64] = "";
	int fd = open(CALL, O_RDWR);
	long error = -1;

	if (fd >= 0 && write(fd, get, strlen(get)) > 0 &&
	    read(fd, text, sizeof(text) - 1) > 0)
		sscanf(text, "%ld %lu", &error, &value);
	close(fd);
	TEST_ASSERT(!error, "the firmware does not say which features it offers");
	return value;
}

static void guest_call(u64 times)
{
	while (times--)
		guest_sbi_call(SBI_EXT_BASE, 0, 0, 0);
	guest_stop();
}

static void guest_load(u64 times)
{
	while (times--)
		READ_ONCE(*(u32 *)HOLE_GVA);
	guest_stop();
}

static void start(struct kvm_vcpu *vcpu, void *entry, u64 times)
{
	vcpu_arch_set_entry_point(vcpu, entry);
	vcpu_args_set(vcpu, 1, times);
}

/* Returns whether there is more to come. */
static bool step(struct kvm_vcpu *vcpu)
{
	vcpu_run(vcpu);
	return vcpu->run->exit_reason == KVM_EXIT_MMIO;
}

static void run_calls(void)
{
	start(vcpus[0], guest_call, TIMES);
	step(vcpus[0]);
}

static void run_loads(void)
{
	start(vcpus[0], guest_load, TIMES);
	while (step(vcpus[0]))
		;
}

/* Each KVM_RUN finds the state of the other in the hart. */
static void run_turns(void)
{
	bool more;

	start(vcpus[0], guest_load, TIMES / 2);
	start(vcpus[1], guest_load, TIMES / 2);
	do {
		more = step(vcpus[0]);
		/* As many as the other: both come to their end. */
		more |= step(vcpus[1]);
	} while (more);
}

static unsigned long exits(void)
{
	return sbi_stat(vcpus[0], "exits") + sbi_stat(vcpus[1], "exits");
}

static void measure(const char *workload, void (*run)(void))
{
	static struct counter before[MAX_COUNTERS], after[MAX_COUNTERS];
	unsigned long entries, count, calls = 0, others = 0;
	unsigned int n, i;
	struct kvm_vm *vm;

	read_counters(before);
	pin_self_to_cpu(0);
	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	virt_pg_map(vm, HOLE_GVA, HOLE);
	/* What is done once is not to count. */
	run();

	entries = exits();
	read_counters(before);
	run();
	n = read_counters(after);
	entries = exits() - entries;
	sbi_expect(vcpus[0]->run->exit_reason == KVM_EXIT_DEBUG && entries >= TIMES,
		   "%lu entries, the last of which ended with exit reason %u", entries,
		   vcpus[0]->run->exit_reason);

	for (i = 0; i < n; i++) {
		count = after[i].count - before[i].count;
		if (!count)
			continue;
		ksft_print_msg("calls\t%s\t%s\t%lu\t%lu\n", workload, after[i].name, count,
			       entries);
		if (!strcmp(after[i].name, "call NACL sync_sret"))
			calls = count;
		else if (!strncmp(after[i].name, "call NACL", strlen("call NACL")))
			others += count;
	}
	if (!knob(GET_OFF) && knob(GET_FEATURES) == ALL_FEATURES)
		sbi_expect(calls == entries && others <= entries * BESIDES / 100,
			   "%lu calls that enter and %lu others of NACL for %lu entries", calls,
			   others, entries);
}

static void base_call(void)
{
	measure("base call", run_calls);
}

static void mmio_load(void)
{
	measure("MMIO load to user space", run_loads);
}

static void by_turns(void)
{
	measure("two vCPUs by turns", run_turns);
}

static const struct sbi_case cases[] = {
	{ "a base call: one call to enter", base_call },
	{ "an MMIO load: one call to enter", mmio_load },
	{ "two vCPUs by turns: one call to enter", by_turns },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
