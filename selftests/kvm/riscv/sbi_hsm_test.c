// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI Hart State Management extension (SBI v3.0, chapter 9).
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "sbi_call.h"

#define SBI_EXT_HSM			0x48534d
#define SBI_EXT_HSM_HART_START		0
#define SBI_EXT_HSM_HART_STOP		1
#define SBI_EXT_HSM_HART_GET_STATUS	2
#define SBI_EXT_HSM_HART_SUSPEND	3
#define NR_FUNCTIONS			4

#define STARTED				0
#define STOPPED				1
#define SUSPENDED			4

#define RETENTIVE			0
#define NON_RETENTIVE			0x80000000

/* A slot far above the memory that a VM has from the start. */
#define FAR_SLOT			10
#define FAR_MEMORY			(1UL << 32)
#define FAR_PAGES			2

#define OPAQUE				0x0123456789abcdef
#define MAX_HARTS			8
#define SECONDS				20

static const u32 three[] = { 0, 1, 2 };

static struct kvm_vcpu *vcpus[MAX_HARTS];
static struct kvm_vm *vm;

/* Shared by host and guest; each has its own, see addr_gva2hva(). */
static u64 beats, starts, bad_starts;

static u64 physical(void *guest)
{
	return addr_gva2gpa(vm, (gva_t)guest);
}

/* Where a hart begins: what it sees of itself is left in s0 and s1. */
extern char guest_begin[], guest_began[], guest_begin_end[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_begin: csrr s0, satp\n"
	"csrr s1, sstatus\n"
	"guest_began: ebreak\n"
	"guest_begin_end:\n"
	".option pop\n"
	".popsection");

static u64 guest_value(u64 *global)
{
	return READ_ONCE(*(u64 *)addr_gva2hva(vm, (gva_t)global));
}

/* A hart that counts where a1 points, and stops. It comes back if it does not. */
extern char guest_beat[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_beat: li t0, 1\n"
	"amoadd.d zero, t0, (a1)\n"
	"li a7, 0x48534d\n"
	"li a6, 1\n"
	"ecall\n"
	"ebreak\n"
	".option pop\n"
	".popsection");

static void set_mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

/* Not while it is in KVM_RUN, which would have to end first. */
static void expect_mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(vcpu, &state);
	sbi_expect(state.mp_state == wanted, "hart %u is in MP state %u, wanted %u",
		   vcpu->id, state.mp_state, wanted);
}

/* The first hart is the one that calls; the others are stopped. */
static void create(const u32 ids[], unsigned int count)
{
	unsigned int i;

	vm = sbi_vm_create(vcpus, ids, count);
	for (i = 1; i < count; i++)
		set_mp_state(vcpus[i], KVM_MP_STATE_STOPPED);
}

static bool expect_start(long error, unsigned long id, u64 address, u64 opaque)
{
	return sbi_expect_call(vcpus[0], error, SBI_EXT_HSM, SBI_EXT_HSM_HART_START,
			       id, address, opaque);
}

static bool start(unsigned long id, u64 address, u64 opaque)
{
	return expect_start(SBI_SUCCESS, id, address, opaque);
}

static long status(unsigned long id)
{
	struct sbi_outcome outcome;

	outcome = sbi_call(vcpus[0], SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, id);
	if (!sbi_expect(outcome.returned && !outcome.error,
			"hart_get_status(0x%lx): exit reason %u, error %ld",
			id, outcome.exit_reason, outcome.error))
		return -1;
	return outcome.value;
}

static void expect_status(unsigned long id, long wanted)
{
	long is = status(id);

	sbi_expect(is == wanted, "hart_get_status(%lu) is %ld, wanted %ld", id, is, wanted);
}

static bool wait_for_status(unsigned long id, long wanted)
{
	time_t begin = time(NULL);
	long is;

	for (;;) {
		is = status(id);
		if (is == wanted || is < 0)
			return is == wanted;
		if (!sbi_expect(time(NULL) - begin < SECONDS,
				"hart_get_status(%lu) stays %ld, wanted %ld", id, is, wanted))
			return false;
		usleep(1000);
	}
}

static void expect_stopped(struct kvm_vcpu *vcpu)
{
	expect_status(vcpu->id, STOPPED);
	expect_mp_state(vcpu, KVM_MP_STATE_STOPPED);
}

/* Run a hart that was started at a guest_begin, wherever that is. */
static void expect_begins(struct kvm_vcpu *vcpu, u64 address, u64 opaque)
{
	u64 pc, a0, a1, satp, sstatus;

	if (!sbi_run_on(vcpu))
		return;

	pc = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc));
	a0 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a0));
	a1 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a1));
	satp = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.s0));
	sstatus = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.s1));

	sbi_expect(pc == address + (guest_began - guest_begin),
		   "hart %u began near 0x%lx, wanted 0x%lx", vcpu->id, pc, address);
	sbi_expect(a0 == vcpu->id, "hart %u began with 0x%lx in a0", vcpu->id, a0);
	sbi_expect(a1 == opaque, "hart %u began with 0x%lx in a1, wanted 0x%lx",
		   vcpu->id, a1, opaque);
	sbi_expect(!satp, "hart %u began with 0x%lx in satp", vcpu->id, satp);
	sbi_expect(!(sstatus & SR_SIE), "hart %u began with interrupts on", vcpu->id);
}

static void start_and_begin(struct kvm_vcpu *vcpu, u64 opaque)
{
	u64 address = physical(guest_begin);

	if (!start(vcpu->id, address, opaque))
		return;
	expect_status(vcpu->id, STARTED);
	expect_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	expect_begins(vcpu, address, opaque);
	expect_status(vcpu->id, STARTED);
}

static void *run_once(void *vcpu)
{
	return (void *)(long)(__vcpu_run(vcpu) ? errno : 0);
}

static pthread_t run(void *(*function)(void *vcpu), struct kvm_vcpu *vcpu)
{
	pthread_t thread;

	TEST_ASSERT(!pthread_create(&thread, NULL, function, vcpu), "pthread_create failed");
	return thread;
}

static void nothing(int signal)
{
}

/* Interrupt a run_once() that has to be going on still. */
static void end_run(pthread_t thread, struct kvm_vcpu *vcpu)
{
	void *error;

	signal(SIGUSR1, nothing);
	WRITE_ONCE(vcpu->run->immediate_exit, 1);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, &error);
	WRITE_ONCE(vcpu->run->immediate_exit, 0);
	sbi_expect((long)error == EINTR,
		   "hart %u ended by itself: exit reason %u, errno %ld; its pc is 0x%lx",
		   vcpu->id, vcpu->run->exit_reason, (long)error,
		   (unsigned long)vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc)));
}

static void start_begins(void)
{
	static const u64 opaques[] = { 0, 1, OPAQUE, 1UL << 63, -1UL };
	unsigned int i;
	u64 satp;

	create(three, ARRAY_SIZE(three));
	satp = vcpu_get_reg(vcpus[1], RISCV_GENERAL_CSR_REG(satp));
	for (i = 0; i < ARRAY_SIZE(opaques); i++) {
		/* What it had before is gone. */
		vcpu_set_reg(vcpus[1], RISCV_GENERAL_CSR_REG(satp), satp);
		vcpu_set_reg(vcpus[1], RISCV_GENERAL_CSR_REG(sstatus), SR_SIE);
		set_mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
		start_and_begin(vcpus[1], opaques[i]);
		expect_stopped(vcpus[2]);
	}
	start_and_begin(vcpus[2], OPAQUE);
}

static void *begin_in_thread(void *vcpu)
{
	expect_begins(vcpu, physical(guest_begin), OPAQUE);
	return NULL;
}

static void start_wakes(void)
{
	pthread_t thread;

	create(three, ARRAY_SIZE(three));
	thread = run(begin_in_thread, vcpus[1]);
	usleep(50000);
	expect_status(1, STOPPED);
	if (start(1, physical(guest_begin), OPAQUE))
		pthread_join(thread, NULL);
}

/* An attempt changes nothing, whatever the address is. */
static void expect_available(struct kvm_vcpu *vcpu)
{
	u64 pc = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc));

	expect_start(SBI_ERR_ALREADY_AVAILABLE, vcpu->id, physical(guest_beat), ~OPAQUE);
	expect_start(SBI_ERR_ALREADY_AVAILABLE, vcpu->id, -4096UL, ~OPAQUE);
	expect_status(vcpu->id, STARTED);
	expect_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	if (vcpu != vcpus[0])
		sbi_expect(vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc)) == pc,
			   "the pc of hart %u changed", vcpu->id);
}

static void start_when_running(void)
{
	u64 address;

	create(three, ARRAY_SIZE(three));
	address = physical(guest_begin);
	expect_available(vcpus[0]);

	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	expect_available(vcpus[1]);
	sbi_enter(vcpus[1]);

	/* Started, but it has not run yet: the first call is the one that counts. */
	start(2, address, OPAQUE);
	expect_available(vcpus[2]);
	expect_begins(vcpus[2], address, OPAQUE);
	expect_available(vcpus[2]);
}

static void expect_no_hart(unsigned long id)
{
	u64 address = physical(guest_begin);

	expect_start(SBI_ERR_INVALID_PARAM, id, address, OPAQUE);
	expect_start(SBI_ERR_INVALID_PARAM, id, -4096UL, OPAQUE);
	sbi_expect_call(vcpus[0], SBI_ERR_INVALID_PARAM, SBI_EXT_HSM,
			SBI_EXT_HSM_HART_GET_STATUS, id, address, OPAQUE);
}

static void absent_harts(void)
{
	static const u32 ids[] = { 0, 1, 2, 70 };
	static const unsigned long absent[] = {
		3, 4, 63, 64, 69, 71, 255, 256, 257, 1023, 1024, 0x10000, 0x10001,
		0x7fffffff, 0x80000000, 0x80000001, 0xffffffff,
	};
	unsigned int i;

	create(ids, ARRAY_SIZE(ids));
	for (i = 0; i < ARRAY_SIZE(absent); i++)
		expect_no_hart(absent[i]);
	for (i = 1; i < ARRAY_SIZE(ids); i++)
		expect_stopped(vcpus[i]);
}

static const unsigned long wide_ids[] = {
	1UL << 32, (1UL << 32) + 1, (1UL << 32) + 2, 1UL << 63, (1UL << 63) + 1,
	-1UL << 32, (-1UL << 32) + 1, LONG_MAX, -1UL,
};

static void wide_ids_start(void)
{
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	for (i = 0; i < ARRAY_SIZE(wide_ids); i++)
		expect_start(SBI_ERR_INVALID_PARAM, wide_ids[i], physical(guest_begin), OPAQUE);
	expect_stopped(vcpus[1]);
	expect_stopped(vcpus[2]);
}

static void wide_ids_get_status(void)
{
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	for (i = 0; i < ARRAY_SIZE(wide_ids); i++)
		sbi_expect_call(vcpus[0], SBI_ERR_INVALID_PARAM, SBI_EXT_HSM,
				SBI_EXT_HSM_HART_GET_STATUS, wide_ids[i]);
}

static u64 end_of_memory(void)
{
	struct userspace_mem_region *memory = memslot2region(vm, vm->memslots[MEM_REGION_CODE]);

	return memory->region.guest_phys_addr + memory->region.memory_size;
}

static void add_far_memory(u32 flags)
{
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, FAR_MEMORY, FAR_SLOT, FAR_PAGES,
				    flags);
}

static void expect_invalid_address(u64 address)
{
	expect_start(SBI_ERR_INVALID_ADDRESS, 1, address, OPAQUE);
	expect_stopped(vcpus[1]);
	/* The next one finds it stopped, whatever came of this one. */
	set_mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
}

static void no_memory_at_the_address(void)
{
	static const u64 addresses[] = {
		FAR_MEMORY, 1UL << 40, 1UL << 41, 1UL << 56, 1UL << 63, LONG_MAX & ~3UL,
		-4096UL, -4UL,
	};
	u64 address;
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		expect_invalid_address(addresses[i]);

	/* Memory, but for the upper bits. */
	address = physical(guest_begin);
	for (i = 41; i < 64; i++)
		expect_invalid_address(address | 1UL << i);

	/* A refused call leaves nothing behind. */
	start_and_begin(vcpus[1], ~OPAQUE);
}

static void memory_ends_before_the_address(void)
{
	create(three, ARRAY_SIZE(three));
	expect_invalid_address(end_of_memory());
	expect_invalid_address(end_of_memory() + 4096);

	add_far_memory(0);
	expect_invalid_address(FAR_MEMORY - 4);
	expect_invalid_address(FAR_MEMORY - 4096);
	expect_invalid_address(FAR_MEMORY + FAR_PAGES * 4096);
	start(2, FAR_MEMORY, OPAQUE);

	vm_mem_region_delete(vm, FAR_SLOT);
	expect_invalid_address(FAR_MEMORY);
	start_and_begin(vcpus[1], ~OPAQUE);
}

static void expect_valid_address(u64 address)
{
	start(1, address, OPAQUE);
	expect_status(1, STARTED);
	expect_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	set_mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
}

/* As a hart begins in a flash memory. */
static void begin_in_far_memory(u32 flags)
{
	create(three, ARRAY_SIZE(three));
	add_far_memory(flags);
	expect_valid_address(FAR_MEMORY);
	expect_valid_address(FAR_MEMORY + 4096);
	expect_valid_address(FAR_MEMORY + FAR_PAGES * 4096 - 4);

	memcpy(addr_gpa2hva(vm, FAR_MEMORY + 4096), guest_begin, guest_begin_end - guest_begin);
	start(1, FAR_MEMORY + 4096, OPAQUE);
	expect_begins(vcpus[1], FAR_MEMORY + 4096, OPAQUE);
}

static void any_memory_will_do(void)
{
	create(three, ARRAY_SIZE(three));
	expect_valid_address(0);
	expect_valid_address(end_of_memory() - 4096);
	expect_valid_address(end_of_memory() - 4);
	kvm_vm_free(vm);

	begin_in_far_memory(0);
	kvm_vm_free(vm);
	if (kvm_check_cap(KVM_CAP_READONLY_MEM))
		begin_in_far_memory(KVM_MEM_READONLY);
}

/* Its thread stays in KVM_RUN; only a signal ends that, and it is stopped still. */
static void stop_does_not_return(void)
{
	pthread_t thread;
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	for (i = 1; i <= 3; i++) {
		start(1, physical(guest_beat), physical(&beats));
		expect_status(1, STARTED);
		thread = run(run_once, vcpus[1]);
		wait_for_status(1, STOPPED);
		usleep(50000);
		expect_status(1, STOPPED);
		end_run(thread, vcpus[1]);
		expect_stopped(vcpus[1]);
		sbi_expect(guest_value(&beats) == i, "hart 1 ran %lu times, wanted %u",
			   guest_value(&beats), i);
	}
	start_and_begin(vcpus[1], OPAQUE);
}

static void stop_and_start_again(void)
{
	pthread_t thread;
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	thread = run(run_once, vcpus[1]);
	for (i = 1; i <= 50; i++) {
		if (!start(1, physical(guest_beat), physical(&beats)) ||
		    !wait_for_status(1, STOPPED))
			break;
		if (!sbi_expect(guest_value(&beats) == i, "hart 1 ran %lu times, wanted %u",
				guest_value(&beats), i))
			break;
	}
	end_run(thread, vcpus[1]);
	expect_stopped(vcpus[1]);
}

static void stopped_sleeps_on(void)
{
	pthread_t thread;

	create(three, ARRAY_SIZE(three));
	vcpu_set_reg(vcpus[1], RISCV_GENERAL_CSR_REG(sie), BIT(IRQ_S_SOFT));
	thread = run(run_once, vcpus[1]);
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 2, 0);
	usleep(50000);
	expect_status(1, STOPPED);
	end_run(thread, vcpus[1]);
	expect_stopped(vcpus[1]);
	start_and_begin(vcpus[1], OPAQUE);
}

static void status_tells_the_state(void)
{
	struct kvm_vcpu *late;

	create(three, ARRAY_SIZE(three));
	expect_status(0, STARTED);
	expect_stopped(vcpus[1]);
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	expect_status(1, STARTED);
	set_mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
	expect_status(1, STOPPED);
	expect_status(2, STOPPED);

	/* All but the first one are stopped when they are created. */
	late = __vm_vcpu_add(vm, 3);
	sbi_vcpu_prepare(late);
	expect_stopped(late);
	start_and_begin(late, OPAQUE);
}

static void guest_wait(void)
{
	csr_set(CSR_SIE, BIT(IRQ_S_SOFT));
	asm volatile("wfi" ::: "memory");
	guest_stop();
}

static void *wait_in_guest(void *vcpu)
{
	sbi_run_guest(vcpu, guest_wait, 0, 0);
	return NULL;
}

/* Retentive: the resume address and the opaque value mean nothing. */
static void *suspend_in_guest(void *vcpu)
{
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_HSM, SBI_EXT_HSM_HART_SUSPEND,
			RETENTIVE, -1UL, OPAQUE);
	return NULL;
}

/* Suspended, as hart_get_status shows, and an IPI ends that. */
static void expect_suspends(void *(*function)(void *vcpu))
{
	pthread_t thread;

	thread = run(function, vcpus[1]);
	wait_for_status(1, SUSPENDED);
	usleep(50000);
	expect_status(1, SUSPENDED);
	expect_start(SBI_ERR_ALREADY_AVAILABLE, 1, physical(guest_begin), OPAQUE);
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 2, 0);
	pthread_join(thread, NULL);
	expect_status(1, STARTED);
	expect_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
}

static void wfi_is_suspended(void)
{
	create(three, ARRAY_SIZE(three));
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	expect_suspends(wait_in_guest);
}

static void suspend_until_an_interrupt(void)
{
	const u64 kept[] = {
		RISCV_GENERAL_CSR_REG(sstatus), RISCV_GENERAL_CSR_REG(sie),
		RISCV_GENERAL_CSR_REG(stvec), RISCV_GENERAL_CSR_REG(sscratch),
		RISCV_GENERAL_CSR_REG(satp), RISCV_GENERAL_CSR_REG(scounteren),
	};
	u64 before[ARRAY_SIZE(kept)], after;
	unsigned int i;

	create(three, ARRAY_SIZE(three));
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	/* Enabled, but for sstatus: it wakes and is not taken. */
	vcpu_set_reg(vcpus[1], RISCV_GENERAL_CSR_REG(sie), BIT(IRQ_S_SOFT));
	/* The fields of sstatus that cannot be written show after the first run. */
	sbi_enter(vcpus[1]);
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		before[i] = vcpu_get_reg(vcpus[1], kept[i]);

	expect_suspends(suspend_in_guest);

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		after = vcpu_get_reg(vcpus[1], kept[i]);
		sbi_expect(after == before[i], "CSR %u is 0x%lx after the call, was 0x%lx",
			   i, after, before[i]);
	}
	sbi_expect(sbi_pending(vcpus[1]) == BIT(IRQ_S_SOFT), "the IPI is not pending");
}

/* An interrupt for the caller itself: no call that suspends lasts. */
static void create_awake(void)
{
	create(three, ARRAY_SIZE(three));
	vcpu_set_reg(vcpus[0], RISCV_GENERAL_CSR_REG(sie), BIT(IRQ_S_SOFT));
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 0);
}

static void expect_suspend(long error, unsigned long type)
{
	sbi_expect_call(vcpus[0], error, SBI_EXT_HSM, SBI_EXT_HSM_HART_SUSPEND,
			type, physical(guest_begin), OPAQUE);
	expect_status(0, STARTED);
}

static void suspend_with_an_interrupt(void)
{
	unsigned int i;

	create_awake();
	for (i = 0; i < 5; i++)
		expect_suspend(SBI_SUCCESS, RETENTIVE);
	sbi_expect(sbi_pending(vcpus[0]) == BIT(IRQ_S_SOFT), "the IPI is not pending");
}

static void non_retentive_suspend(void)
{
	static const unsigned long addresses[] = { 0, FAR_MEMORY, 1UL << 63, -1UL };
	unsigned int i;

	create_awake();
	expect_suspend(SBI_ERR_NOT_SUPPORTED, NON_RETENTIVE);
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, SBI_EXT_HSM,
				SBI_EXT_HSM_HART_SUSPEND, NON_RETENTIVE, addresses[i], OPAQUE);
}

static const unsigned long other_types[] = {
	/* Reserved, a platform's retentive ones, reserved, a platform's others. */
	1, 2, 0x80, 0x100, 0x10000, 0x0fffffff,
	0x10000000, 0x10000001, 0x7fffffff,
	0x80000001, 0x80000002, 0x8fffffff,
	0x90000000, 0x90000001, 0xfffffffe, 0xffffffff,
};

static void other_suspends(void)
{
	unsigned int i;

	create_awake();
	for (i = 0; i < ARRAY_SIZE(other_types); i++)
		expect_suspend(SBI_ERR_INVALID_PARAM, other_types[i]);
}

static void upper_halves_of_types(void)
{
	static const unsigned long uppers[] = {
		1UL << 32, 1UL << 63, 0x12345678UL << 32, -1UL << 32,
	};
	unsigned int i, j;

	create_awake();
	for (i = 0; i < ARRAY_SIZE(uppers); i++) {
		expect_suspend(SBI_SUCCESS, uppers[i] | RETENTIVE);
		expect_suspend(SBI_ERR_NOT_SUPPORTED, uppers[i] | NON_RETENTIVE);
		for (j = 0; j < ARRAY_SIZE(other_types); j++)
			expect_suspend(SBI_ERR_INVALID_PARAM, uppers[i] | other_types[j]);
	}
}

static void unknown_functions(void)
{
	unsigned long args[6] = { 1, 0, OPAQUE }, function;

	create_awake();
	args[1] = physical(guest_begin);
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_HSM, NR_FUNCTIONS, args);
	args[0] = RETENTIVE;
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_HSM, NR_FUNCTIONS, args);
	for (function = 0; function < NR_FUNCTIONS; function++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, SBI_EXT_HSM,
				1UL << 32 | function, 1, args[1], OPAQUE);
	expect_status(0, STARTED);
	expect_stopped(vcpus[1]);
	expect_stopped(vcpus[2]);
}

/* Each is the one that is named: it starts, and those after it are stopped yet. */
static void expect_each(const u32 ids[], unsigned int count)
{
	unsigned int i, j;

	create(ids, count);
	for (i = 1; i < count; i++) {
		start_and_begin(vcpus[i], OPAQUE + i);
		for (j = 1; j < count; j++)
			expect_status(ids[j], j <= i ? STARTED : STOPPED);
	}
}

static void any_order(void)
{
	static const u32 swapped[] = { 0, 100, 1 };
	static const u32 hart_0_later[] = { 5, 0, 3 };
	static const u32 descending[] = { 7, 6, 5, 4, 3, 2, 1, 0 };

	expect_each(swapped, ARRAY_SIZE(swapped));
	kvm_vm_free(vm);
	expect_each(hart_0_later, ARRAY_SIZE(hart_0_later));
	kvm_vm_free(vm);
	expect_each(descending, ARRAY_SIZE(descending));
}

static void sparse_ids(void)
{
	/* Without the capability for ids, it is that for the number of vCPUs. */
	u32 highest = (kvm_check_cap(KVM_CAP_MAX_VCPU_ID) ?:
		       kvm_check_cap(KVM_CAP_MAX_VCPUS)) - 1;
	const u32 ids[] = { 0, 2, 63, 64, 65, highest - 1, highest };

	expect_each(ids, ARRAY_SIZE(ids));
	expect_no_hart(1);
	expect_no_hart(highest + 1UL);
}

/* Two harts that start a third one whenever it has stopped. */
#define STARTS		50

static void guest_start_often(u64 address, u64 opaque)
{
	unsigned int done = 0;
	long error;

	while (done < STARTS && !READ_ONCE(bad_starts)) {
		error = sbi_ecall(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 2, address, opaque,
				  0, 0, 0).error;
		if (!error) {
			__atomic_add_fetch(&starts, 1, __ATOMIC_SEQ_CST);
			done++;
		} else if (error != SBI_ERR_ALREADY_AVAILABLE) {
			__atomic_add_fetch(&bad_starts, 1, __ATOMIC_SEQ_CST);
		}
	}
	guest_stop();
}

static void *start_often(void *vcpu)
{
	sbi_run_guest(vcpu, guest_start_often, physical(guest_beat), physical(&beats));
	return NULL;
}

static void start_at_once(void)
{
	pthread_t starters[2], thread;

	create(three, ARRAY_SIZE(three));
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	thread = run(run_once, vcpus[2]);
	starters[0] = run(start_often, vcpus[0]);
	starters[1] = run(start_often, vcpus[1]);
	pthread_join(starters[0], NULL);
	pthread_join(starters[1], NULL);
	wait_for_status(2, STOPPED);
	end_run(thread, vcpus[2]);

	sbi_expect(!guest_value(&bad_starts), "%lu calls gave another error than ALREADY_AVAILABLE",
		   guest_value(&bad_starts));
	sbi_expect(guest_value(&starts) == 2 * STARTS, "%lu calls were SUCCESS, wanted %u",
		   guest_value(&starts), 2 * STARTS);
	sbi_expect(guest_value(&beats) == guest_value(&starts),
		   "hart 2 ran %lu times for %lu calls that were SUCCESS",
		   guest_value(&beats), guest_value(&starts));
}

static void statistics(void)
{
	unsigned long calls[][4] = {
		{ SBI_EXT_HSM_HART_START, 1, 0, OPAQUE },
		{ SBI_EXT_HSM_HART_START, 0, 0, OPAQUE },
		{ SBI_EXT_HSM_HART_START, 3, 0, OPAQUE },
		{ SBI_EXT_HSM_HART_GET_STATUS, 0 },
		{ SBI_EXT_HSM_HART_GET_STATUS, 2 },
		{ SBI_EXT_HSM_HART_GET_STATUS, 3 },
		{ SBI_EXT_HSM_HART_SUSPEND, RETENTIVE },
		{ SBI_EXT_HSM_HART_SUSPEND, NON_RETENTIVE },
		{ SBI_EXT_HSM_HART_SUSPEND, 1 },
		{ NR_FUNCTIONS, 0 },
	};
	unsigned int i;

	create_awake();
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		sbi_expect_no_statistics(vcpus[0], SBI_EXT_HSM, calls[i][0],
					 (const unsigned long[6]) {
						calls[i][1], calls[i][2], calls[i][3] });
	expect_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
}

static const struct sbi_case cases[] = {
	{ "a stopped hart begins at start_addr with a0, a1, no translation, no interrupts",
	  start_begins,
	  .conforms = REQUIREMENTS("HSM.hart_start.SUCCESS", "HSM.hart_start.registers") },
	{ "a hart that is stopped in KVM_RUN wakes", start_wakes },
	{ "a hart that is not stopped is ALREADY_AVAILABLE, and goes on as it was",
	  start_when_running,
	  .conforms = REQUIREMENTS("HSM.hart_start.ALREADY_AVAILABLE") },
	{ "a hart that does not exist is INVALID_PARAM", absent_harts,
	  .conforms = REQUIREMENTS("HSM.hart_start.INVALID_PARAM",
				   "HSM.hart_get_status.INVALID_PARAM") },
	{ "[H2] hart_start of a hart id that is wider than 32 bits is INVALID_PARAM",
	  wide_ids_start,
	  .conforms = REQUIREMENTS("HSM.hart_start.INVALID_PARAM") },
	{ "[H2] hart_get_status of a hart id that is wider than 32 bits is INVALID_PARAM",
	  wide_ids_get_status,
	  .conforms = REQUIREMENTS("HSM.hart_get_status.INVALID_PARAM") },
	{ "[H1] a start_addr outside of memory is INVALID_ADDRESS, and the hart stays stopped",
	  no_memory_at_the_address,
	  .conforms = REQUIREMENTS("HSM.hart_start.INVALID_ADDRESS") },
	{ "[H1] a start_addr at the edges of memory, or where there was some, is INVALID_ADDRESS",
	  memory_ends_before_the_address,
	  .conforms = REQUIREMENTS("HSM.hart_start.INVALID_ADDRESS") },
	{ "a start_addr in any memory is SUCCESS", any_memory_will_do,
	  .conforms = REQUIREMENTS("HSM.hart_start.SUCCESS") },
	{ "hart_stop does not return, and the hart can be started again", stop_does_not_return,
	  .conforms = REQUIREMENTS("HSM.hart_stop.SUCCESS", "HSM.STOPPED") },
	{ "a hart in KVM_RUN stops and starts again and again", stop_and_start_again },
	{ "an IPI does not wake a stopped hart", stopped_sleeps_on,
	  .conforms = REQUIREMENTS("HSM.STOPPED") },
	{ "hart_get_status is STARTED or STOPPED", status_tells_the_state,
	  .conforms = REQUIREMENTS("HSM.hart_get_status.SUCCESS", "HSM.STARTED", "HSM.STOPPED") },
	{ "hart_get_status of a hart in WFI is SUSPENDED", wfi_is_suspended,
	  .conforms = REQUIREMENTS("HSM.hart_get_status.SUCCESS", "HSM.SUSPENDED") },
	{ "a retentive suspend is SUSPENDED until an interrupt, and keeps everything",
	  suspend_until_an_interrupt,
	  .conforms = REQUIREMENTS("HSM.hart_suspend.SUCCESS", "HSM.hart_suspend.retentive",
				   "HSM.hart_suspend.interrupt", "HSM.hart_suspend.resume_addr",
				   "HSM.SUSPENDED") },
	{ "a retentive suspend with an interrupt pending is SUCCESS at once",
	  suspend_with_an_interrupt,
	  .conforms = REQUIREMENTS("HSM.hart_suspend.SUCCESS", "HSM.hart_suspend.interrupt") },
	{ "the default non-retentive suspend is NOT_SUPPORTED, whatever resume_addr is", non_retentive_suspend,
	  .conforms = REQUIREMENTS("HSM.hart_suspend.NOT_SUPPORTED",
				   "HSM.hart_suspend.INVALID_ADDRESS") },
	{ "any other suspend is INVALID_PARAM", other_suspends,
	  .conforms = REQUIREMENTS("HSM.hart_suspend.reserved.INVALID_PARAM",
				   "HSM.hart_suspend.platform.INVALID_PARAM") },
	{ "the suspend type is 32 bits wide: what is above is ignored", upper_halves_of_types,
	  .conforms = REQUIREMENTS("ABI.32_bit_parameter") },
	{ "an unknown function is NOT_SUPPORTED and does nothing", unknown_functions,
	  .conforms = REQUIREMENTS("HSM.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "harts that are created in any order are found", any_order },
	{ "harts with sparse ids are found", sparse_ids },
	{ "two harts start a third at once: one of them does", start_at_once },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
