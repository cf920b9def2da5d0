// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI Steal-time Accounting extension (SBI v3.0, chapter 16).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "kernel_log.h"
#include "one_reg.h"

#define SBI_EXT_STA		0x535441
#define SET_SHMEM		0
#define NO_SHMEM		(-1UL)

#define SBI_EXT_HSM		0x48534d
#define HART_START		0

#define SHMEM_LO		SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, KVM_REG_RISCV_SBI_STA_REG(shmem_lo))
#define SHMEM_HI		SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, KVM_REG_RISCV_SBI_STA_REG(shmem_hi))
#define EXTENSION		RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_STA)

/* A slot far above the memory that a VM has from the start, and a hole behind it. */
#define SLOT			10
#define MEMORY			(1UL << 32)
#define PAGES			4
#define PAGE			4096UL
#define HOLE			(MEMORY + PAGES * PAGE)

/* What a guest sees. */
struct shared {
	u32 sequence;
	u32 flags;
	u64 steal;
	u8 preempted;
	u8 pad[47];
} __packed;

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;

static void create(void)
{
	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, SLOT, PAGES, 0);
}

static void *host(u64 gpa)
{
	return addr_gpa2hva(vm, gpa);
}

static struct shared shared(u64 gpa)
{
	struct shared copy;

	memcpy(&copy, host(gpa), sizeof(copy));
	return copy;
}

static bool set_gives(long error, unsigned long lo, unsigned long hi, unsigned long flags)
{
	return sbi_expect_call(vcpus[0], error, SBI_EXT_STA, SET_SHMEM, lo, hi, flags);
}

static bool set(unsigned long lo)
{
	return set_gives(SBI_SUCCESS, lo, 0, 0);
}

/* Enter the guest and see whether its steal time is written at @gpa. */
static bool is_written(struct kvm_vcpu *vcpu, u64 gpa)
{
	u32 before = shared(gpa).sequence;

	sbi_enter(vcpu);
	return shared(gpa).sequence != before;
}

static void expect_written(struct kvm_vcpu *vcpu, u64 gpa)
{
	sbi_expect(is_written(vcpu, gpa), "nothing is written at 0x%lx", gpa);
}

static void expect_not_written(struct kvm_vcpu *vcpu, u64 gpa)
{
	sbi_expect(!is_written(vcpu, gpa), "the steal time is written at 0x%lx", gpa);
}

static void is_there(void)
{
	struct sbi_outcome probe;

	create();
	one_reg_is(vcpus[0], EXTENSION, 1);
	probe = sbi_call(vcpus[0], 0x10, 3, SBI_EXT_STA);
	sbi_expect(!probe.error && probe.value == 1, "a probe gives %ld, 0x%lx",
		   probe.error, probe.value);
}

static void is_zeroed(void)
{
	static const u64 places[] = { 0, 64, PAGE - 64, PAGE, PAGES * PAGE - 64 };
	u8 *memory;
	unsigned int i, j;

	create();
	memory = host(MEMORY);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		/* The call is an entry too: the last place is not to be written. */
		set_gives(SBI_SUCCESS, NO_SHMEM, NO_SHMEM, 0);
		memset(memory, 0x5a, PAGES * PAGE);
		if (!set(MEMORY + places[i]))
			return;
		/* The fields that change from now on are at its beginning. */
		for (j = 0; j < PAGES * PAGE; j++) {
			bool in = j >= places[i] && j < places[i] + sizeof(struct shared);

			if (in && j < places[i] + offsetof(struct shared, preempted))
				continue;
			if (!sbi_expect(memory[j] == (in ? 0 : 0x5a),
					"byte %d from the structure is 0x%x",
					(int)(j - places[i]), memory[j]))
				return;
		}
		sbi_expect(shared(MEMORY + places[i]).sequence < 0x1000 &&
			   !shared(MEMORY + places[i]).flags, "the structure is not zeroed");
	}
}

static void each_entry_writes(void)
{
	struct shared last, now;
	unsigned int i, j;

	create();
	if (!set(MEMORY + 64))
		return;
	last = shared(MEMORY + 64);
	for (i = 0; i < 100; i++) {
		sbi_enter(vcpus[0]);
		now = shared(MEMORY + 64);
		sbi_expect(now.sequence > last.sequence, "the sequence number is %u after %u",
			   now.sequence, last.sequence);
		sbi_expect(!(now.sequence & 1), "the sequence number stays odd: %u", now.sequence);
		sbi_expect(now.steal >= last.steal, "the steal time goes back");
		sbi_expect(!now.flags && !now.preempted, "flags 0x%x, preempted %u",
			   now.flags, now.preempted);
		for (j = 0; j < sizeof(now.pad); j++)
			sbi_expect(!now.pad[j], "a byte of padding is 0x%x", now.pad[j]);
		last = now;
	}
}

/* For how long this thread could have run and did not, in nanoseconds. */
static u64 run_delay(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	u64 ran = 0, waited = 0;

	if (!file || fscanf(file, "%lu %lu", &ran, &waited) != 2)
		sbi_expect(false, "no schedstat");
	if (file)
		fclose(file);
	return waited;
}

/* It is what the scheduler counts from the call on, no less and no more. */
static void is_run_delay(void)
{
	u64 before, set_at, after, steal;
	pid_t child;

	create();
	sbi_enter(vcpus[0]);
	pin_self_to_any_cpu();
	before = run_delay();
	if (!set(MEMORY))
		return;
	set_at = run_delay();

	child = fork();
	if (!child) {
		for (;;)
			;
	}
	while (run_delay() - set_at < 20000000)
		sched_yield();
	kill(child, SIGKILL);

	after = run_delay();
	sbi_enter(vcpus[0]);
	steal = shared(MEMORY).steal;
	sbi_expect(steal >= after - set_at && steal <= run_delay() - before,
		   "the steal time is %lu ns; the thread waited for %lu to %lu",
		   steal, after - set_at, run_delay() - before);
}

/* In WFI, until the timer's interrupt is pending; it is not taken. */
static void guest_sleep(u64 cycles)
{
	csr_set(CSR_SIE, BIT(IRQ_S_TIMER));
	guest_sbi_call(SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, csr_read(CSR_TIME) + cycles, 0);
	asm volatile("wfi" ::: "memory");
	guest_stop();
}

static void sleep_is_not_stolen(void)
{
	u64 before, waited, stolen, second, slept, stack;

	create();
	second = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(frequency));
	/* A call from the host side sets all registers. */
	stack = vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.sp));
	if (!set(MEMORY))
		return;
	before = run_delay();
	sbi_enter(vcpus[0]);
	stolen = shared(MEMORY).steal;
	slept = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(time));
	vcpu_set_reg(vcpus[0], RISCV_CORE_REG(regs.sp), stack);
	sbi_run_guest(vcpus[0], guest_sleep, second / 5, 0);
	sbi_enter(vcpus[0]);
	slept = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(time)) - slept;
	stolen = shared(MEMORY).steal - stolen;
	waited = run_delay() - before;
	sbi_expect(slept >= second / 5, "the hart did not sleep for 200 ms");
	sbi_expect(stolen <= waited, "%lu ns were stolen; the thread waited for %lu", stolen, waited);
}

static void ends(void)
{
	create();
	if (!set(MEMORY))
		return;
	expect_written(vcpus[0], MEMORY);
	set_gives(SBI_SUCCESS, NO_SHMEM, NO_SHMEM, 0);
	expect_not_written(vcpus[0], MEMORY);
	/* To end it again is no error. */
	set_gives(SBI_SUCCESS, NO_SHMEM, NO_SHMEM, 0);
}

static void moves(void)
{
	create();
	if (!set(MEMORY) || !set(MEMORY + PAGE))
		return;
	expect_not_written(vcpus[0], MEMORY);
	expect_written(vcpus[0], MEMORY + PAGE);
}

static void each_has_its_own(void)
{
	create();
	if (!set(MEMORY))
		return;
	expect_not_written(vcpus[1], MEMORY);
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_STA, SET_SHMEM, MEMORY + 64, 0, 0);
	expect_not_written(vcpus[1], MEMORY);
	expect_written(vcpus[1], MEMORY + 64);
	expect_not_written(vcpus[0], MEMORY + 64);
	expect_written(vcpus[0], MEMORY);
}

static void low_flags(void)
{
	unsigned int bit;

	create();
	for (bit = 0; bit < 32; bit++) {
		set_gives(SBI_ERR_INVALID_PARAM, MEMORY, 0, 1UL << bit);
		/* Also where the rest would be another error, or the end. */
		set_gives(SBI_ERR_INVALID_PARAM, HOLE, 0, 1UL << bit);
		set_gives(SBI_ERR_INVALID_PARAM, NO_SHMEM, NO_SHMEM, 1UL << bit);
	}
	set_gives(SBI_ERR_INVALID_PARAM, MEMORY, 0, -1UL);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
}

static void high_flags(void)
{
	unsigned int bit;

	create();
	for (bit = 32; bit < 64; bit++) {
		set_gives(SBI_ERR_INVALID_PARAM, MEMORY, 0, 1UL << bit);
		set_gives(SBI_ERR_INVALID_PARAM, NO_SHMEM, NO_SHMEM, 1UL << bit);
	}
	set_gives(SBI_ERR_INVALID_PARAM, MEMORY, 0, -1UL << 32);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
}

static void misaligned(void)
{
	unsigned int i;

	create();
	for (i = 1; i < 64; i++) {
		set_gives(SBI_ERR_INVALID_PARAM, MEMORY + i, 0, 0);
		set_gives(SBI_ERR_INVALID_PARAM, HOLE + i, 1, 0);
	}
	/* Only both halves together mean the end. */
	set_gives(SBI_ERR_INVALID_PARAM, NO_SHMEM, 0, 0);
	set_gives(SBI_ERR_INVALID_PARAM, NO_SHMEM, 1, 0);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
}

static void not_memory(void)
{
	static const unsigned long places[] = {
		HOLE, HOLE + PAGE - 64, MEMORY - 64, 1UL << 56, 1UL << 63, -64UL,
	};
	static const unsigned long upper[] = { 1, 2, 1UL << 32, 1UL << 63, -1UL };
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(places); i++)
		set_gives(SBI_ERR_INVALID_ADDRESS, places[i], 0, 0);
	for (i = 0; i < ARRAY_SIZE(upper); i++) {
		set_gives(SBI_ERR_INVALID_ADDRESS, MEMORY, upper[i], 0);
		set_gives(SBI_ERR_INVALID_ADDRESS, 0, upper[i], 0);
	}
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
}

/* The slot becomes another one, for the guest to read. */
static void make_read_only(void)
{
	vm_mem_region_delete(vm, SLOT);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, SLOT, PAGES,
				    KVM_MEM_READONLY);
	memset(host(MEMORY), 0x5a, PAGE);
}

static void expect_untouched(void)
{
	sbi_expect(shared(MEMORY).sequence == 0x5a5a5a5a &&
		   shared(MEMORY).steal == 0x5a5a5a5a5a5a5a5a, "it has been written");
}

static void not_writable(void)
{
	create();
	make_read_only();
	set_gives(SBI_ERR_INVALID_ADDRESS, MEMORY, 0, 0);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
	expect_untouched();
}

/* A call that fails leaves everything as it was. */
static void errors_change_nothing(void)
{
	create();
	if (!set(MEMORY))
		return;
	memset(host(MEMORY + PAGE), 0x5a, PAGE);
	set_gives(SBI_ERR_INVALID_PARAM, MEMORY + PAGE, 0, 1);
	set_gives(SBI_ERR_INVALID_PARAM, NO_SHMEM, NO_SHMEM, 1);
	set_gives(SBI_ERR_INVALID_PARAM, MEMORY + PAGE + 32, 0, 0);
	set_gives(SBI_ERR_INVALID_ADDRESS, MEMORY + PAGE, 1, 0);
	set_gives(SBI_ERR_INVALID_ADDRESS, HOLE, 0, 0);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);
	expect_written(vcpus[0], MEMORY);
	sbi_expect(shared(MEMORY + PAGE).sequence == 0x5a5a5a5a &&
		   shared(MEMORY + PAGE).steal == 0x5a5a5a5a5a5a5a5a,
		   "a call that failed has written");
}

static void unknown_functions(void)
{
	create();
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_STA, 1,
				     (const unsigned long[6]) { MEMORY, 0, 0 });
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
}

static void disabled_extension(void)
{
	create();
	vcpu_set_reg(vcpus[0], EXTENSION, 0);
	set_gives(SBI_ERR_NOT_SUPPORTED, MEMORY, 0, 0);
	set_gives(SBI_ERR_NOT_SUPPORTED, NO_SHMEM, NO_SHMEM, 0);
	expect_not_written(vcpus[0], MEMORY);
	one_reg_get_gives(vcpus[0], SHMEM_LO, EINVAL);
	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY, EINVAL);
	one_reg_get_gives(vcpus[0], SHMEM_HI, EINVAL);
	sbi_expect(!one_reg_list(vcpus[0], KVM_REG_RISCV_SBI_STATE, NULL, 0) ||
		   vcpu_get_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_FWFT)),
		   "state of a disabled extension is listed");
	/* The other vCPU has it. */
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_STA, SET_SHMEM, MEMORY, 0, 0);
}

static void registers(void)
{
	static const unsigned long values[] = { 0, 64, MEMORY, HOLE, 1UL << 63, -64UL, NO_SHMEM };
	u64 list[32] = {};
	unsigned int i;

	create();
	sbi_expect(one_reg_list(vcpus[0], KVM_REG_RISCV_SBI_STATE, list, ARRAY_SIZE(list)) >= 2 &&
		   list[0] == SHMEM_LO && list[1] == SHMEM_HI,
		   "listed are 0x%lx and 0x%lx", list[0], list[1]);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
	one_reg_is(vcpus[0], SHMEM_HI, 0);

	/* There need be no memory yet. */
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		one_reg_set_gives(vcpus[0], SHMEM_LO, values[i], 0);
		one_reg_is(vcpus[0], SHMEM_LO, values[i]);
		one_reg_is(vcpus[0], SHMEM_HI, 0);
	}

	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY, 0);
	for (i = 1; i < 64; i++)
		one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY + PAGE + i, EINVAL);
	for (i = 0; i < 64; i++)
		one_reg_set_gives(vcpus[0], SHMEM_HI, 1UL << i, EINVAL);
	one_reg_set_gives(vcpus[0], SHMEM_HI, -1UL, EINVAL);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);

	if (set(MEMORY + PAGE))
		one_reg_is(vcpus[0], SHMEM_LO, MEMORY + PAGE);
	/* The VMM may write it while the guest runs, too. */
	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY, 0);
	expect_not_written(vcpus[0], MEMORY + PAGE);
	expect_written(vcpus[0], MEMORY);
	one_reg_set_gives(vcpus[0], SHMEM_LO, NO_SHMEM, 0);
	expect_not_written(vcpus[0], MEMORY);
}

static void no_registers(void)
{
	static const u64 numbers[] = { 2, 3, 0x100, 0xffff };
	const u64 four_bytes = SHMEM_LO ^ KVM_REG_SIZE_U64 ^ KVM_REG_SIZE_U32;
	const u64 sixteen_bytes = SHMEM_LO ^ KVM_REG_SIZE_U64 ^ KVM_REG_SIZE_U128;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		one_reg_get_gives(vcpus[0], SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, numbers[i]), ENOENT);
		one_reg_set_gives(vcpus[0], SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, numbers[i]), 0, ENOENT);
	}
	one_reg_get_gives(vcpus[0], four_bytes, EINVAL);
	one_reg_set_gives(vcpus[0], four_bytes, 0, EINVAL);
	one_reg_get_gives(vcpus[0], sixteen_bytes, EINVAL);
	one_reg_set_gives(vcpus[0], sixteen_bytes, 0, EINVAL);
	sbi_expect(one_reg_get_at(vcpus[0], SHMEM_LO, NULL) == EFAULT, "NULL can be written");
	sbi_expect(one_reg_set_at(vcpus[0], SHMEM_LO, NULL) == EFAULT, "NULL can be read");
}

/* As a VMM restores a vCPU: every register that is listed, in this order. */
static void restore(struct kvm_vcpu *to, struct kvm_vcpu *from)
{
	u64 list[32], value;
	unsigned int i, count;

	count = one_reg_list(from, KVM_REG_RISCV_SBI_STATE, list, ARRAY_SIZE(list));
	for (i = 0; i < count; i++) {
		if (one_reg_get(from, list[i], &value))
			continue;
		one_reg_set_gives(to, list[i], value, 0);
	}
}

static void lo_then_hi(void)
{
	create();
	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY, 0);
	one_reg_set_gives(vcpus[0], SHMEM_HI, 0, 0);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);
	expect_written(vcpus[0], MEMORY);
}

static void restored(void)
{
	create();
	if (!set(MEMORY))
		return;
	restore(vcpus[1], vcpus[0]);
	one_reg_is(vcpus[1], SHMEM_LO, MEMORY);
	expect_written(vcpus[1], MEMORY);
}

static void hi_then_lo(void)
{
	create();
	one_reg_set_gives(vcpus[0], SHMEM_HI, 0, 0);
	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY, 0);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);
	expect_written(vcpus[0], MEMORY);
}

/* A VMM that restores a vCPU without steal time does not begin it. */
static void restored_without(void)
{
	create();
	restore(vcpus[1], vcpus[0]);
	one_reg_is(vcpus[1], SHMEM_LO, NO_SHMEM);
	sbi_enter(vcpus[1]);
}

static void mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

/* The hart begins anew, and has forgotten. */
static void reset(void)
{
	create();
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_STA, SET_SHMEM, MEMORY, 0, 0);
	expect_written(vcpus[1], MEMORY);
	mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_HSM, HART_START, 1,
			addr_gva2gpa(vm, (gva_t)sbi_guest_back), 0);
	memset(host(MEMORY), 0, sizeof(struct shared));
	sbi_run_on(vcpus[1]);
	one_reg_is(vcpus[1], SHMEM_LO, NO_SHMEM);
	sbi_expect(!shared(MEMORY).sequence, "a hart that begins anew writes its steal time");
}

static void nothing(int signal)
{
}

/* KVM_RUN of a vCPU that sleeps, until a signal comes; every 20 ms one does. */
static void run_interrupted(struct kvm_vcpu *vcpu)
{
	const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } }, never = {};
	const struct sigaction action = { .sa_handler = nothing };
	int ret, error;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	ret = __vcpu_run(vcpu);
	error = errno;
	setitimer(ITIMER_REAL, &never, NULL);
	sbi_expect(ret && error == EINTR, "KVM_RUN of a stopped vCPU gives %d, errno %d",
		   ret, error);
}

static void stopped_hart(void)
{
	struct shared before, after;
	unsigned int i;

	create();
	if (!set(MEMORY))
		return;
	expect_written(vcpus[0], MEMORY);
	mp_state(vcpus[0], KVM_MP_STATE_STOPPED);
	before = shared(MEMORY);
	for (i = 0; i < 3; i++)
		run_interrupted(vcpus[0]);
	after = shared(MEMORY);
	sbi_expect(!memcmp(&before, &after, sizeof(after)),
		   "a stopped hart writes: sequence %u, then %u", before.sequence, after.sequence);
}

static void runnable_again(void)
{
	create();
	if (!set(MEMORY))
		return;
	mp_state(vcpus[0], KVM_MP_STATE_STOPPED);
	run_interrupted(vcpus[0]);
	mp_state(vcpus[0], KVM_MP_STATE_RUNNABLE);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);
	expect_written(vcpus[0], MEMORY);
}

static bool warned(void)
{
	return kernel_warned("record_steal_time");
}

/* The memory goes while the slot stays: the VMM's own affair. */
static void unmap(void)
{
	munmap(host(MEMORY), PAGES * PAGE);
}

static void map(void)
{
	void *want = host(MEMORY);
	void *is = mmap(want, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	TEST_ASSERT(is == want, "mmap failed");
}

static void unmapped_warns(void)
{
	create();
	if (!set(MEMORY))
		return;
	unmap();
	sbi_enter(vcpus[0]);
	sbi_expect(!warned(), "the kernel warns of what a VMM does");

	/* Can be read, not written. */
	map();
	mprotect(host(MEMORY), PAGES * PAGE, PROT_READ);
	sbi_enter(vcpus[0]);
	sbi_expect(!warned(), "the kernel warns of what a VMM does");
}

static void unmapped(void)
{
	create();
	if (!set(MEMORY))
		return;
	unmap();
	sbi_enter(vcpus[0]);
	one_reg_is(vcpus[0], SHMEM_LO, MEMORY);
	set_gives(SBI_ERR_INVALID_ADDRESS, MEMORY, 0, 0);
	set_gives(SBI_ERR_INVALID_ADDRESS, MEMORY + PAGE, 0, 0);

	map();
	expect_written(vcpus[0], MEMORY);
	warned();
}

static void slot_goes(void)
{
	create();
	if (!set(MEMORY))
		return;
	vm_mem_region_delete(vm, SLOT);
	sbi_enter(vcpus[0]);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
	sbi_expect(!warned(), "the kernel warns of what a VMM does");
}

static void slot_becomes_read_only(void)
{
	create();
	if (!set(MEMORY))
		return;
	make_read_only();
	sbi_enter(vcpus[0]);
	one_reg_is(vcpus[0], SHMEM_LO, NO_SHMEM);
	expect_untouched();
}

static void is_dirty(void)
{
	unsigned long dirty = 0;

	create();
	vm_mem_region_set_flags(vm, SLOT, KVM_MEM_LOG_DIRTY_PAGES);
	if (!set(MEMORY + 2 * PAGE + 64))
		return;
	kvm_vm_get_dirty_log(vm, SLOT, &dirty);
	sbi_expect(dirty == 4, "the call has made pages 0x%lx dirty, wanted 4", dirty);

	set_gives(SBI_SUCCESS, NO_SHMEM, NO_SHMEM, 0);
	kvm_vm_get_dirty_log(vm, SLOT, &dirty);
	sbi_enter(vcpus[0]);
	kvm_vm_get_dirty_log(vm, SLOT, &dirty);
	sbi_expect(!dirty, "pages 0x%lx are dirty without steal time", dirty);

	one_reg_set_gives(vcpus[0], SHMEM_LO, MEMORY + PAGE, 0);
	sbi_enter(vcpus[0]);
	kvm_vm_get_dirty_log(vm, SLOT, &dirty);
	sbi_expect(dirty == 2, "an entry has made pages 0x%lx dirty, wanted 2", dirty);
}

/* The guest may write there; what comes out of it is its own affair. */
static void guest_writes(void)
{
	struct shared *memory;

	create();
	if (!set(MEMORY))
		return;
	memory = host(MEMORY);
	memory->sequence = -2U;
	memory->steal = -1UL;
	expect_written(vcpus[0], MEMORY);
	memory->sequence = 1;
	expect_written(vcpus[0], MEMORY);
	sbi_expect(memory->sequence & 1, "the sequence number is %u", memory->sequence);
}

static void statistics(void)
{
	create();
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_STA, SET_SHMEM,
				 (const unsigned long[6]) { MEMORY, 0, 0 });
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_STA, SET_SHMEM,
				 (const unsigned long[6]) { HOLE, 0, 0 });
}

static const struct sbi_case cases[] = {
	{ "it is enabled, and a probe says so", is_there },
	{ "set_shmem fills 64 bytes with zeros, and no others", is_zeroed,
	  .conforms = REQUIREMENTS("STA.set_shmem.zero") },
	{ "each entry adds to an even sequence number; flags and padding stay 0",
	  each_entry_writes,
	  .conforms = REQUIREMENTS("STA.set_shmem.SUCCESS", "STA.set_shmem.sequence",
				   "STA.set_shmem.flags", "STA.set_shmem.preempted") },
	{ "the steal time is what the scheduler counts since the call", is_run_delay,
	  .conforms = REQUIREMENTS("STA.set_shmem.steal", "ABI.shmem.little_endian") },
	{ "time in which the hart sleeps is not stolen", sleep_is_not_stolen,
	  .conforms = REQUIREMENTS("STA.set_shmem.idle") },
	{ "all ones end it", ends,
	  .conforms = REQUIREMENTS("STA.set_shmem.all_ones", "STA.set_shmem.value") },
	{ "another address takes the place of the first", moves },
	{ "each hart has its own", each_has_its_own,
	  .conforms = REQUIREMENTS("STA.set_shmem.hart") },
	{ "flags are INVALID_PARAM, bits 0 to 31", low_flags,
	  .conforms = REQUIREMENTS("STA.set_shmem.flags.INVALID_PARAM") },
	{ "[A1] flags are INVALID_PARAM, bits 32 to 63", high_flags,
	  .conforms = REQUIREMENTS("STA.set_shmem.flags.INVALID_PARAM") },
	{ "an address that is not aligned to 64 bytes is INVALID_PARAM", misaligned,
	  .conforms = REQUIREMENTS("STA.set_shmem.aligned.INVALID_PARAM") },
	{ "an address without memory is INVALID_ADDRESS", not_memory,
	  .conforms = REQUIREMENTS("STA.set_shmem.INVALID_ADDRESS", "ABI.shmem.INVALID_ADDRESS",
				   "ABI.shmem.upper_half") },
	{ "memory that cannot be written is INVALID_ADDRESS", not_writable,
	  .conforms = REQUIREMENTS("STA.set_shmem.INVALID_ADDRESS", "ABI.shmem.access") },
	{ "a call that fails changes nothing", errors_change_nothing },
	{ "an unknown function is NOT_SUPPORTED and does nothing", unknown_functions,
	  .conforms = REQUIREMENTS("STA.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "disabled, its calls are NOT_SUPPORTED and its registers are gone", disabled_extension },
	{ "the address is read and written through ONE_REG", registers },
	{ "other registers are ENOENT, other sizes EINVAL, bad pointers EFAULT", no_registers },
	{ "[A3] ONE_REG restores the lower half, then the upper one", lo_then_hi },
	{ "[A3] a vCPU that is restored as it is listed goes on", restored },
	{ "ONE_REG restores the upper half, then the lower one", hi_then_lo },
	{ "a vCPU without steal time is restored as such", restored_without },
	{ "a hart that is started anew has none", reset },
	{ "[A2] a stopped hart that a signal wakes writes nothing", stopped_hart,
	  .conforms = REQUIREMENTS("STA.set_shmem.not_runnable") },
	{ "a hart that was stopped and runs again goes on", runnable_again },
	{ "[A4] the kernel does not warn where the VMM unmaps the memory", unmapped_warns },
	{ "memory that was unmapped is written again once it is mapped", unmapped },
	{ "it ends where the memory slot is gone", slot_goes },
	{ "it ends where the memory slot is read-only", slot_becomes_read_only },
	{ "the page is dirty where dirty pages are logged", is_dirty },
	{ "whatever the guest writes there does no harm", guest_writes,
	  .conforms = REQUIREMENTS("STA.set_shmem.guest_writes") },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
