// SPDX-License-Identifier: GPL-2.0
/*
 * Measures every path and prints a line for each: name, tab, instructions. On the
 * NACL firmware (scripts/bench/init says so) those that are measured there, or how
 * often it is called and trapped into for an entry; on a kernel with the legacy
 * extension the paths of that.
 *
 * Under QEMU with -icount shift=0 an instruction is a nanosecond, and the time
 * CSR counts hundreds of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "sbi_call.h"
#include "test_module.h"

#define INSTRUCTIONS_PER_TICK	100

/* More than the requests that KVM queues for one vCPU: what follows is steady. */
#define WARM_UP			128
/* Of each function. */
#define CALLS			2048
/* The time is read after so many of them. */
#define CALLS_A_LAP		16
/* Of the laps so many calls have to be left when those with an interrupt are taken away. */
#define MIN_CALLS		1000

/* An interrupt of the host costs more than this, and a path varies by less. */
#define SAME_TICKS		8UL
/* Or, of a long one, by this part: that is well below what a figure is compared to. */
#define SAME_PART		500

/* What a run does once is taken off what is counted of an entry, with that of a run of so many calls. */
#define FEW_CALLS		4

#define MAX_VCPUS		65

/* The call of a guest that asks for .between_laps. */
#define BETWEEN_LAPS		0x08010203

/* See selftests/csr. */
#define DELEGATE		TEST_MODULE_PARAMETERS("csr") "delegate"

/* What is to be found out of each path. */
enum bench_what {
	BENCH_INSTRUCTIONS,
	/* On the NACL firmware, for each entry: calls of it, and traps into it. */
	BENCH_CALLS,
	BENCH_TRAPS,
	/* Instructions, of the legacy extension's paths. */
	BENCH_LEGACY,
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
unsigned long bench_registers[8];
static void (*guest_prepare)(void);
/* If not 0: time is not looked at, and so many calls are made. */
static unsigned int only_calls;
static unsigned int calls_a_lap;
/* The guest leaves before each lap. */
static bool between_laps;
static unsigned long result;
static struct bench_lap {
	unsigned long begin, end;
} with[CALLS], without[CALLS];

/* In the guest or in user space. */
static unsigned long now(void)
{
	unsigned long ticks;

	asm volatile("csrr %0, time" : "=r" (ticks) :: "memory");
	return ticks;
}

/*
 * The time goes on by hundreds of instructions, and each lap is rounded: they must not
 * all begin at the same place between two ticks.
 */
static void leave_before_lap(unsigned int lap)
{
	unsigned int i;

	guest_sbi_call(BETWEEN_LAPS, 0, 0, 0);
	for (i = 0; i < lap % INSTRUCTIONS_PER_TICK; i++)
		asm volatile("" ::: "memory");
}

/*
 * Where the guest does not leave, one reading ends a lap and begins the next: of their
 * sum only the two ends are rounded.
 */
static void count_laps(bench_function *function, struct bench_lap laps[])
{
	unsigned long end = now();
	unsigned int i, j;

	for (i = 0; i < CALLS / calls_a_lap; i++) {
		if (between_laps) {
			leave_before_lap(i);
			end = now();
		}
		laps[i].begin = end;
		for (j = 0; j < calls_a_lap; j++)
			result = function(bench_registers);
		end = now();
		laps[i].end = end;
	}
}

static void count_both(void)
{
	unsigned int i;

	if (only_calls) {
		for (i = 0; i < only_calls; i++)
			result = body.with(bench_registers);
		return;
	}
	for (i = 0; i < WARM_UP; i++) {
		if (between_laps && i % calls_a_lap == 0)
			leave_before_lap(i);
		body.without(bench_registers);
		body.with(bench_registers);
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
static double per_call(const struct bench_path *path, const struct bench_lap laps[])
{
	unsigned long lengths[CALLS], sum = 0, median, ticks, calls = 0;
	unsigned int count = CALLS / calls_a_lap, i;

	for (i = 0; i < count; i++)
		lengths[i] = laps[i].end - laps[i].begin;
	qsort(lengths, count, sizeof(lengths[0]), compare);
	median = lengths[count / 2];
	ticks = path->ticks ?: max(SAME_TICKS, median / SAME_PART);

	for (i = 0; i < count; i++) {
		if (lengths[i] + ticks < median || lengths[i] > median + ticks)
			continue;
		sum += lengths[i];
		calls += calls_a_lap;
	}
	TEST_ASSERT(calls >= MIN_CALLS,
		    "%s: only %lu calls took about the same time (a lap %lu to %lu ticks, mostly %lu): it is not steady",
		    path->name, calls, lengths[0], lengths[count - 1], median);

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

static void run_guest(const struct bench_path *path, struct kvm_vcpu *vcpus[], long value)
{
	struct kvm_vcpu *vcpu = vcpus[0];

	for (;;) {
		vcpu_run(vcpu);
		if (vcpu->run->exit_reason == KVM_EXIT_DEBUG)
			return;
		if (vcpu->run->exit_reason == KVM_EXIT_RISCV_SBI &&
		    vcpu->run->riscv_sbi.extension_id == BETWEEN_LAPS) {
			path->between_laps(&vcpus[1], path->others);
			continue;
		}
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

static void run_path(const struct bench_path *path, struct kvm_vm *vm, struct kvm_vcpu *vcpus[],
		     long value, unsigned int calls)
{
	only_calls = calls;
	if (path->in_user_space) {
		count_both();
		return;
	}
	sync_global_to_guest(vm, only_calls);
	vcpu_arch_set_entry_point(vcpus[0], guest_main);
	run_guest(path, vcpus, value);
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
	run_path(path, vm, vcpus, value, calls);
	bench_nacl_read(&after);
	return (struct counted) {
		.calls = after.calls - before.calls,
		.traps = after.traps - before.traps,
		.entries = exits(vcpus, path->others + 1) - entries,
	};
}

/* Before a vCPU is created: it notes then what it can have. */
static void delegate_misaligned(const struct bench_path *path, bool on)
{
	if (path->delegates_misaligned)
		TEST_ASSERT(test_module_write_number(DELEGATE, on), "%s: no %s", path->name,
			    DELEGATE);
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
	delegate_misaligned(path, true);
	for (i = 0; i <= path->others; i++)
		ids[i] = i;
	vm = sbi_vm_create(vcpus, ids, path->others + 1);

	body = *path->body;
	memcpy(bench_registers, path->registers, sizeof(bench_registers));
	guest_prepare = path->guest_prepare;
	between_laps = path->between_laps;
	calls_a_lap = path->calls_a_lap ?: CALLS_A_LAP;
	if (path->prepare)
		path->prepare(vm, vcpus);
	sync_global_to_guest(vm, body);
	sync_global_to_guest(vm, bench_registers);
	sync_global_to_guest(vm, guest_prepare);
	sync_global_to_guest(vm, between_laps);
	sync_global_to_guest(vm, calls_a_lap);

	switch (what) {
	case BENCH_INSTRUCTIONS:
	case BENCH_LEGACY:
		run_path(path, vm, vcpus, value, 0);
		break;
	case BENCH_CALLS:
	case BENCH_TRAPS:
		/* The first time memory is mapped as well. */
		run_path(path, vm, vcpus, value, FEW_CALLS);
		few = count_path(path, vm, vcpus, value, FEW_CALLS);
		many = count_path(path, vm, vcpus, value, MIN_CALLS + FEW_CALLS);
		break;
	}
	if (path->finish)
		path->finish();
	kvm_vm_free(vm);
	delegate_misaligned(path, false);

	TEST_ASSERT(result == (unsigned long)value, "%s: gave %ld, wanted %ld",
		    path->name, (long)result, value);
	switch (what) {
	case BENCH_INSTRUCTIONS:
	case BENCH_LEGACY:
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

static bool wanted(const struct bench_path *path, enum bench_what what, const char *prefix)
{
	if (!*prefix)
		return true;
	return what == BENCH_INSTRUCTIONS ? path->on_nacl : path->counted_on_nacl;
}

static void measure_group(const struct bench_group *group, enum bench_module module,
			  const char *part, enum bench_what what, const char *prefix)
{
	char name[200];
	unsigned int i;

	for (i = 0; i < group->count; i++) {
		const struct bench_path *path = &group->paths[i];

		if (!wanted(path, what, prefix))
			continue;
		snprintf(name, sizeof(name), "%s: %s", prefix, path->name);
		if (strstr(name, part))
			measure(path, module, prefix, what);
	}
}

static int complain(const char *program)
{
	fprintf(stderr,
		"usage: %s c|rust [PART-OF-A-NAME [instructions|calls|traps|legacy [PREFIX]]]\n",
		program);
	return 2;
}

int main(int argc, char *argv[])
{
	static const char *const whats[] = {
		[BENCH_INSTRUCTIONS] = "instructions",
		[BENCH_CALLS] = "calls",
		[BENCH_TRAPS] = "traps",
		[BENCH_LEGACY] = "legacy",
	};
	const char *part = argc > 2 ? argv[2] : "";
	const char *prefix = argc > 4 ? argv[4] : "";
	enum bench_what what = BENCH_INSTRUCTIONS;
	enum bench_module module;
	unsigned int i;

	if (argc < 2 || argc > 5)
		return complain(argv[0]);
	if (!strcmp(argv[1], "c"))
		module = BENCH_C;
	else if (!strcmp(argv[1], "rust"))
		module = BENCH_RUST;
	else
		return complain(argv[0]);
	for (; argc > 3 && strcmp(argv[3], whats[what]); what++) {
		if (what == ARRAY_SIZE(whats) - 1)
			return complain(argv[0]);
	}

	if (what == BENCH_LEGACY) {
		measure_group(&bench_legacy, module, part, what, prefix);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		measure_group(groups[i], module, part, what, prefix);
	return 0;
}
