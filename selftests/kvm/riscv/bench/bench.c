// SPDX-License-Identifier: GPL-2.0
/*
 * Measures every path and prints a line for each: name, tab, instructions. On the
 * NACL firmware (scripts/bench/init says so) those that are measured there, or how
 * often it is called and trapped into for an entry.
 *
 * Under QEMU with -icount shift=0 an instruction is a nanosecond, and the time
 * CSR counts hundreds of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "sbi_call.h"

#define INSTRUCTIONS_PER_TICK	100

/* More than the requests that KVM queues for one vCPU: what follows is steady. */
#define WARM_UP			128
/* The time is read after so many calls. */
#define CALLS			16
#define LAPS			128
/* Of the laps so many calls have to be left when those with an interrupt are taken away. */
#define MIN_CALLS		1000

/* An interrupt of the host costs more than this, and a path varies by less. */
#define SAME_TICKS		8

/*
 * Where each trap is an emulated one, which takes QEMU milliseconds. A count is exact
 * whatever the number: what a run does once is taken off, with that of a run of few.
 */
#define TRAPPING_CALLS		24
#define FEW_CALLS		4

#define MAX_VCPUS		65

/* What is to be found out of each path. */
enum bench_what {
	BENCH_INSTRUCTIONS,
	/* On the NACL firmware, for each entry: calls of it, and traps into it. */
	BENCH_CALLS,
	BENCH_TRAPS,
};

static const struct bench_group *const groups[] = {
	&bench_sbi,
	&bench_hart,
	&bench_state,
	&bench_pmu,
	&bench_forward,
	&bench_exit,
	&bench_user_space,
};

/* Of the guest; the host copies them in and out. */
static struct bench_body body;
static unsigned long registers[8];
static void (*guest_prepare)(void);
/* If not 0: time is not looked at, and so many calls are made. */
static unsigned int only_calls;
static unsigned long result;
static unsigned long with[LAPS + 1], without[LAPS + 1];

/* In the guest or in user space. */
static unsigned long now(void)
{
	unsigned long ticks;

	asm volatile("csrr %0, time" : "=r" (ticks) :: "memory");
	return ticks;
}

/* One reading ends a lap and begins the next: of their sum only the two ends are rounded. */
static void count_laps(bench_function *function, unsigned long times[LAPS + 1])
{
	unsigned int i, j;

	for (i = 0; i <= LAPS; i++) {
		times[i] = now();
		for (j = 0; j < CALLS; j++)
			result = function(registers);
	}
}

static void count_both(void)
{
	unsigned int i;

	if (only_calls) {
		for (i = 0; i < only_calls; i++)
			result = body.with(registers);
		return;
	}
	for (i = 0; i < WARM_UP; i++) {
		body.without(registers);
		body.with(registers);
	}
	count_laps(body.without, without);
	count_laps(body.with, with);
}

static void guest_main(void)
{
	if (guest_prepare)
		guest_prepare();
	count_both();
	guest_stop();
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* Instructions of one call, from the laps that no interrupt of the host made longer. */
static double per_call(const struct bench_path *path, const unsigned long times[LAPS + 1])
{
	unsigned long laps[LAPS], sum = 0, median, i, calls = 0;
	unsigned int ticks = path->ticks ?: SAME_TICKS;

	for (i = 0; i < LAPS; i++)
		laps[i] = times[i + 1] - times[i];
	qsort(laps, LAPS, sizeof(laps[0]), compare);
	median = laps[LAPS / 2];

	for (i = 0; i < LAPS; i++) {
		if (laps[i] + ticks < median || laps[i] > median + ticks)
			continue;
		sum += laps[i];
		calls += CALLS;
	}
	TEST_ASSERT(calls >= MIN_CALLS,
		    "%s: only %lu calls took about the same time (a lap %lu to %lu ticks, mostly %lu): it is not steady",
		    path->name, calls, laps[0], laps[LAPS - 1], median);

	return (double)sum * INSTRUCTIONS_PER_TICK / calls;
}

/* Does what the path wants of user space. */
static void answer(const struct bench_path *path, struct kvm_run *run, long value)
{
	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		memcpy(run->mmio.data, &value, sizeof(run->mmio.data));
		break;
	case KVM_EXIT_RISCV_CSR:
		run->riscv_csr.ret_value = value;
		break;
	case KVM_EXIT_RISCV_SBI:
		run->riscv_sbi.ret[0] = value;
		break;
	default:
		TEST_FAIL("%s: nobody answers exit reason %u", path->name, run->exit_reason);
	}
}

static void run_guest(const struct bench_path *path, struct kvm_vcpu *vcpu, long value)
{
	for (;;) {
		vcpu_run(vcpu);
		if (vcpu->run->exit_reason == KVM_EXIT_DEBUG)
			return;
		TEST_ASSERT(path->exit_reason && vcpu->run->exit_reason == path->exit_reason,
			    "%s: the guest left with exit reason %u", path->name,
			    vcpu->run->exit_reason);
		answer(path, vcpu->run, value);
		if (path->answered)
			path->answered();
	}
}

static unsigned long exits(struct kvm_vcpu *vcpus[], unsigned int count)
{
	unsigned long sum = 0;

	while (count--)
		sum += sbi_stat(vcpus[count], "exits");
	return sum;
}

static void print(const char *prefix, const struct bench_path *path, const char *suffix,
		  double value)
{
	printf("%s%s%s%s\t%.3f\n", prefix, *prefix ? ": " : "", path->name, suffix, value);
	fflush(stdout);
}

static void run_path(const struct bench_path *path, struct kvm_vm *vm, struct kvm_vcpu *vcpu,
		     long value, unsigned int calls)
{
	only_calls = calls;
	if (path->in_user_space) {
		count_both();
		return;
	}
	sync_global_to_guest(vm, only_calls);
	vcpu_arch_set_entry_point(vcpu, guest_main);
	run_guest(path, vcpu, value);
	sync_global_from_guest(vm, result);
	sync_global_from_guest(vm, with);
	sync_global_from_guest(vm, without);
}

struct counted {
	unsigned long calls, traps, entries;
};

/* What the firmware beneath counts while so many calls are made. */
static struct counted count_path(const struct bench_path *path, struct kvm_vm *vm,
				 struct kvm_vcpu *vcpus[], long value, unsigned int calls)
{
	unsigned long entries = exits(vcpus, path->others + 1);
	struct bench_nacl before, after;

	bench_nacl_read(&before);
	run_path(path, vm, vcpus[0], value, calls);
	bench_nacl_read(&after);
	return (struct counted) {
		.calls = after.calls - before.calls,
		.traps = after.traps - before.traps,
		.entries = exits(vcpus, path->others + 1) - entries,
	};
}

static void measure(const struct bench_path *path, enum bench_module module, const char *prefix,
		    enum bench_what what)
{
	struct kvm_vcpu *vcpus[MAX_VCPUS];
	struct counted few = {}, many = {};
	long value = path->a0[module];
	u32 ids[MAX_VCPUS];
	struct kvm_vm *vm;
	unsigned int i;

	TEST_ASSERT(path->others < MAX_VCPUS, "%s: too many vCPUs", path->name);
	for (i = 0; i <= path->others; i++)
		ids[i] = i;
	vm = sbi_vm_create(vcpus, ids, path->others + 1);

	body = *path->body;
	memcpy(registers, path->registers, sizeof(registers));
	sync_global_to_guest(vm, body);
	guest_prepare = path->guest_prepare;
	sync_global_to_guest(vm, registers);
	sync_global_to_guest(vm, guest_prepare);
	if (path->prepare)
		path->prepare(vm, vcpus);

	switch (what) {
	case BENCH_INSTRUCTIONS:
		run_path(path, vm, vcpus[0], value, 0);
		break;
	case BENCH_CALLS:
	case BENCH_TRAPS:
		/* The first time memory is mapped as well. */
		run_path(path, vm, vcpus[0], value, FEW_CALLS);
		few = count_path(path, vm, vcpus, value, FEW_CALLS);
		many = count_path(path, vm, vcpus, value,
				  what == BENCH_CALLS ? MIN_CALLS + FEW_CALLS : TRAPPING_CALLS);
		break;
	}
	kvm_vm_free(vm);

	TEST_ASSERT(result == (unsigned long)value, "%s: gave %ld, wanted %ld",
		    path->name, (long)result, value);
	switch (what) {
	case BENCH_INSTRUCTIONS:
		print(prefix, path, "", per_call(path, with) - per_call(path, without));
		break;
	case BENCH_CALLS:
		print(prefix, path, ", calls an entry",
		      (double)(many.calls - few.calls) / (many.entries - few.entries));
		break;
	case BENCH_TRAPS:
		print(prefix, path, ", traps an entry",
		      (double)(many.traps - few.traps) / (many.entries - few.entries));
		break;
	}
}

static int complain(const char *program)
{
	fprintf(stderr,
		"usage: %s c|rust [PART-OF-A-NAME [instructions|calls|traps PREFIX]]\n", program);
	return 2;
}

int main(int argc, char *argv[])
{
	static const char *const whats[] = {
		[BENCH_INSTRUCTIONS] = "instructions",
		[BENCH_CALLS] = "calls",
		[BENCH_TRAPS] = "traps",
	};
	const char *part = argc > 2 ? argv[2] : "";
	const char *prefix = argc > 4 ? argv[4] : "";
	enum bench_what what = BENCH_INSTRUCTIONS;
	enum bench_module module;
	unsigned int i, j;

	if (argc != 2 && argc != 3 && argc != 5)
		return complain(argv[0]);
	if (!strcmp(argv[1], "c"))
		module = BENCH_C;
	else if (!strcmp(argv[1], "rust"))
		module = BENCH_RUST;
	else
		return complain(argv[0]);
	for (; argc == 5 && strcmp(argv[3], whats[what]); what++) {
		if (what == ARRAY_SIZE(whats) - 1)
			return complain(argv[0]);
	}

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		for (j = 0; j < groups[i]->count; j++) {
			const struct bench_path *path = &groups[i]->paths[j];
			char name[200];

			if (argc == 5 && !(what == BENCH_INSTRUCTIONS ? path->on_nacl :
					   path->counted_on_nacl))
				continue;
			snprintf(name, sizeof(name), "%s: %s", prefix, path->name);
			if (strstr(name, part))
				measure(path, module, prefix, what);
		}
	}
	return 0;
}
