// SPDX-License-Identifier: GPL-2.0
/*
 * Saves VMs, restores them, and lets them go on.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "hypervisor_csr.h"
#include "one_reg.h"
#include "saved_vm.h"

#define MAGIC			0x31304d5653564b52
#define BUILD_ID_NOTE		"/sys/module/kvm/notes/.note.gnu.build-id"
#define BUILD_ID_AT		16

/* Behind the last vCPU's registers, a breakpoint is 4 bytes long. */
#define BREAKPOINT		4
/* A guest that does not stop by itself is stopped after so long. */
#define MAX_SECONDS		20
#define MAX_SECONDS_QUIET	1
/* As long as the host takes to restore. */
#define MAX_SECONDS_LATER	60

#define PC			RISCV_CORE_REG(regs.pc)
#define TIME			RISCV_TIMER_REG(time)
#define STA_HI			SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, \
					      KVM_REG_RISCV_SBI_STA_REG(shmem_hi))

#define PMM(henvcfg)		((henvcfg) >> 32 & 3)
#define MISALIGNED		(BIT(4) | BIT(6))

bool saved_vm_quiet;

#define differs(is_so, ...) (!(is_so) ? 0 : ((void)(saved_vm_quiet || sbi_expect(false, __VA_ARGS__)), 1))

const char *saved_vm_this_module(void)
{
	static char text[SAVED_VM_BUILD_ID];
	u8 note[BUILD_ID_AT + sizeof(text) / 2] = {};
	FILE *file = fopen(BUILD_ID_NOTE, "r");
	unsigned int i;

	if (!file)
		return "builtin";
	TEST_ASSERT(fread(note, 1, sizeof(note), file) == sizeof(note), "no build id");
	fclose(file);
	for (i = 0; i < sizeof(text) / 2; i++)
		sprintf(text + 2 * i, "%02x", note[BUILD_ID_AT + i]);
	return text;
}

void saved_vm_host_or_skip(void)
{
	hypervisor_csr_or_skip();
	hypervisor_csr_delegate_misaligned();
}

static size_t size_of(u64 id)
{
	return 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static void take_vcpu(struct saved_vcpu *saved, struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	struct kvm_mp_state state;
	unsigned int i;

	TEST_ASSERT(list->n <= SAVED_VM_REGISTERS, "%llu registers are too many", list->n);
	vcpu_mp_state_get(vcpu, &state);
	saved->id = vcpu->id;
	saved->mp_state = state.mp_state;
	saved->count = list->n;
	for (i = 0; i < list->n; i++) {
		struct saved_register *reg = &saved->registers[i];
		int error;

		reg->id = list->reg[i];
		TEST_ASSERT(size_of(reg->id) <= sizeof(reg->value), "0x%lx is large", reg->id);
		error = one_reg_get_at(vcpu, reg->id, reg->value);
		sbi_expect(!error, "vCPU %u: register 0x%lx is listed; reading it gives errno %d",
			   vcpu->id, reg->id, error);
	}
	free(list);
}

struct saved_vm *saved_vm_take(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], u64 guest_gpa,
			       const struct saved_vm *before)
{
	struct saved_vm *saved = calloc(1, sizeof(*saved));
	struct userspace_mem_region *region;
	unsigned int i, bucket;

	TEST_ASSERT(saved, "no memory");
	saved->magic = MAGIC;
	saved->guest_gpa = guest_gpa;
	if (before) {
		memcpy(saved->chain, before->chain, sizeof(saved->chain));
		saved->saved = before->saved;
	}
	TEST_ASSERT(saved->saved < SAVED_VM_CHAIN, "saved too often");
	snprintf(saved->chain[saved->saved++], SAVED_VM_BUILD_ID, "%s", saved_vm_this_module());

	for (i = 0; i < SAVED_GUEST_VCPUS; i++)
		take_vcpu(&saved->vcpus[i], vcpus[i]);

	i = 0;
	hash_for_each(vm->regions.slot_hash, bucket, region, slot_node) {
		TEST_ASSERT(i < SAVED_VM_REGIONS, "too many memory slots");
		saved->regions[i] = (struct saved_region) {
			.gpa = region->region.guest_phys_addr,
			.size = region->region.memory_size,
			.slot = region->region.slot,
			.flags = region->region.flags,
			.memory = malloc(region->region.memory_size),
		};
		TEST_ASSERT(saved->regions[i].memory, "no memory");
		memcpy(saved->regions[i].memory, region->host_mem, region->region.memory_size);
		i++;
	}
	return saved;
}

/*
 * The order in which they are set. Which extensions there are decides what other
 * registers there are. The upper half of the address of the steal time comes
 * before the lower one: the C forgets the lower one else (A3 of the ledger).
 */
static unsigned int turn(u64 id)
{
	switch (id & KVM_REG_RISCV_TYPE_MASK) {
	case KVM_REG_RISCV_CONFIG:
		return 0;
	case KVM_REG_RISCV_ISA_EXT:
		return 1;
	case KVM_REG_RISCV_SBI_EXT:
		return 2;
	case KVM_REG_RISCV_SBI_STATE:
		return id == STA_HI ? 3 : 4;
	case KVM_REG_RISCV_TIMER:
		return 6;
	default:
		return 5;
	}
}

#define TURNS	7

/*
 * KVM does not stop a timer that does not run: EINVAL, so VMMs leave that out. A
 * hart with Sstc has its deadline in `compare`, and its state is always this.
 */
static bool is_timer_off(const struct saved_register *reg)
{
	return reg->id == RISCV_TIMER_REG(state) && *(u64 *)reg->value == KVM_RISCV_TIMER_STATE_OFF;
}

static void restore_vcpu(const struct saved_vcpu *saved, struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state = { .mp_state = saved->mp_state };
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };
	unsigned int i, now;
	int error;

	/* That is the VMM's affair, and no part of the guest. */
	vcpu_guest_debug_set(vcpu, &debug);

	for (now = 0; now < TURNS; now++) {
		for (i = 0; i < saved->count; i++) {
			const struct saved_register *reg = &saved->registers[i];

			if (turn(reg->id) != now || is_timer_off(reg))
				continue;
			error = one_reg_set_at(vcpu, reg->id, (void *)reg->value);
			sbi_expect(!error, "vCPU %u: setting 0x%lx to 0x%lx gives errno %d",
				   vcpu->id, reg->id, *(u64 *)reg->value, error);
		}
	}
	vcpu_mp_state_set(vcpu, &state);
}

struct kvm_vm *saved_vm_restore(const struct saved_vm *saved, struct kvm_vcpu *vcpus[])
{
	struct kvm_vm *vm = vm_create_barebones();
	unsigned int i;

	for (i = 0; i < SAVED_VM_REGIONS; i++) {
		const struct saved_region *region = &saved->regions[i];

		if (!region->size)
			continue;
		vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, region->gpa, region->slot,
					    region->size / vm->page_size, region->flags);
		memcpy(addr_gpa2hva(vm, region->gpa), region->memory, region->size);
	}
	for (i = 0; i < SAVED_GUEST_VCPUS; i++)
		vcpus[i] = __vm_vcpu_add(vm, saved->vcpus[i].id);
	for (i = 0; i < SAVED_GUEST_VCPUS; i++)
		restore_vcpu(&saved->vcpus[i], vcpus[i]);
	return vm;
}

static unsigned int differences_of_vcpu(const struct saved_vcpu *is, const struct saved_vcpu *was,
					u64 frequency)
{
	unsigned int i, found = 0;

	found += differs(is->mp_state != was->mp_state, "vCPU %u: its MP state is %u, was %u",
			 was->id, is->mp_state, was->mp_state);
	if (differs(is->count != was->count, "vCPU %u: %u registers are listed, were %u",
		    was->id, is->count, was->count))
		return found + 1;

	for (i = 0; i < was->count; i++) {
		const struct saved_register *now = &is->registers[i], *then = &was->registers[i];
		u64 a = *(u64 *)now->value, b = *(u64 *)then->value;

		if (differs(now->id != then->id, "vCPU %u: register %u of the list is 0x%lx, was 0x%lx",
			    was->id, i, now->id, then->id))
			return found + 1;
		if (now->id == TIME)
			found += differs(a - b > frequency * MAX_SECONDS_LATER,
					 "vCPU %u: the time is 0x%lx, was 0x%lx", was->id, a, b);
		else
			found += differs(memcmp(now->value, then->value, size_of(now->id)),
					 "vCPU %u: register 0x%lx is 0x%lx..., was 0x%lx...",
					 was->id, now->id, a, b);
	}
	return found;
}

unsigned int saved_vm_differences(const struct saved_vm *is, const struct saved_vm *was)
{
	struct saved_vm *any = (struct saved_vm *)was;
	u64 *frequency = saved_vm_register(any, 0, RISCV_TIMER_REG(frequency));
	unsigned int i, found = 0;

	for (i = 0; i < SAVED_GUEST_VCPUS; i++)
		found += differences_of_vcpu(&is->vcpus[i], &was->vcpus[i], *frequency);

	for (i = 0; i < SAVED_VM_REGIONS; i++) {
		const struct saved_region *now = &is->regions[i], *then = &was->regions[i];

		found += differs(now->gpa != then->gpa || now->size != then->size ||
				 now->slot != then->slot || now->flags != then->flags,
				 "memory slot %u is not what it was", then->slot);
		if (!found && then->size)
			found += differs(memcmp(now->memory, then->memory, then->size),
					 "the memory at 0x%lx is not what it was", then->gpa);
	}
	return found;
}

bool saved_vm_write(const struct saved_vm *saved, const char *path)
{
	FILE *file;
	unsigned int i;
	bool ok;

	mkdir(SAVED_VM_FOLDER, 0755);
	file = fopen(path, "w");
	if (!sbi_expect(file, "%s cannot be made: %s", path, strerror(errno)))
		return false;
	ok = fwrite(saved, sizeof(*saved), 1, file) == 1;
	for (i = 0; i < SAVED_VM_REGIONS; i++) {
		if (saved->regions[i].size)
			ok &= fwrite(saved->regions[i].memory, saved->regions[i].size, 1, file) == 1;
	}
	ok &= !fclose(file);
	return sbi_expect(ok, "%s cannot be written", path);
}

struct saved_vm *saved_vm_read(const char *path)
{
	struct saved_vm *saved = calloc(1, sizeof(*saved));
	FILE *file = fopen(path, "r");
	unsigned int i;
	bool ok;

	if (!sbi_expect(file, "%s cannot be opened: %s", path, strerror(errno)))
		return NULL;
	ok = fread(saved, sizeof(*saved), 1, file) == 1 && saved->magic == MAGIC;
	for (i = 0; i < SAVED_VM_REGIONS && ok; i++) {
		struct saved_region *region = &saved->regions[i];

		if (!region->size)
			continue;
		region->memory = malloc(region->size);
		ok = region->memory && fread(region->memory, region->size, 1, file) == 1;
	}
	fclose(file);
	return sbi_expect(ok, "%s is no saved VM", path) ? saved : NULL;
}

void *saved_vm_register(struct saved_vm *saved, unsigned int vcpu, u64 id)
{
	struct saved_vcpu *of = &saved->vcpus[vcpu];
	unsigned int i;

	for (i = 0; i < of->count; i++) {
		if (of->registers[i].id == id)
			return of->registers[i].value;
	}
	return NULL;
}

void *saved_vm_memory(struct saved_vm *saved, u64 gpa)
{
	unsigned int i;

	for (i = 0; i < SAVED_VM_REGIONS; i++) {
		struct saved_region *region = &saved->regions[i];

		if (gpa - region->gpa < region->size)
			return region->memory + (gpa - region->gpa);
	}
	TEST_FAIL("no memory at 0x%lx", gpa);
	return NULL;
}

static void on_alarm(int signal)
{
}

/* KVM_RUN to the next breakpoint, and behind it. */
static bool run(struct kvm_vcpu *vcpu)
{
	const unsigned int seconds = saved_vm_quiet ? MAX_SECONDS_QUIET : MAX_SECONDS;
	/* Again and again: a signal that comes before KVM_RUN ends nothing. */
	const struct itimerval limit = { { 0, 100000 }, { seconds, 0 } }, none = {};
	const struct sigaction action = { .sa_handler = on_alarm };
	u64 pc;
	int ret;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
	ret = __vcpu_run(vcpu) ? errno : 0;
	setitimer(ITIMER_REAL, &none, NULL);
	pc = vcpu_get_reg(vcpu, PC);

	if (differs(ret || vcpu->run->exit_reason != KVM_EXIT_DEBUG,
		    "vCPU %u ended with exit reason %u, errno %d%s; its pc is 0x%lx", vcpu->id,
		    vcpu->run->exit_reason, ret, ret == EINTR ? " (too long)" : "", pc))
		return false;
	vcpu_set_reg(vcpu, PC, pc + BREAKPOINT);
	return true;
}

static void stay_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity failed");
}

/* Another process wants the CPU as well. */
static void wait_for_the_cpu(void)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	cpu_set_t before;
	pid_t other;

	sched_getaffinity(0, sizeof(before), &before);
	stay_on(0);
	other = fork();
	if (!other) {
		for (;;)
			;
	}
	/* It runs meanwhile, and goes on for a while after we could. */
	nanosleep(&moment, NULL);
	sched_yield();
	nanosleep(&moment, NULL);
	sched_yield();
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	sched_setaffinity(0, sizeof(before), &before);
}

/* Hart 1 is where and what vCPU 0 has told it to be; it is stopped again. */
static unsigned int look_at_hart_1(struct kvm_vcpu *vcpu, u64 start)
{
	struct kvm_mp_state stopped = { .mp_state = KVM_MP_STATE_STOPPED };
	u64 pc, a0, a1;

	if (!run(vcpu))
		return 1;
	pc = vcpu_get_reg(vcpu, PC) - BREAKPOINT;
	a0 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a0));
	a1 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a1));
	vcpu_mp_state_set(vcpu, &stopped);
	return differs(pc != start || a0 != 1 || a1 != START_OPAQUE,
		       "hart 1 began at 0x%lx with 0x%lx, 0x%lx", pc, a0, a1);
}

/* What the guest says that it has found. */
static unsigned int told(struct saved_guest *guest)
{
	unsigned int i, wrongs = guest->wrongs;

	for (i = 0; i < wrongs && i < SAVED_GUEST_WRONGS; i++)
		differs(true, "the guest says: %s (%lu) is 0x%lx, wanted 0x%lx",
			guest->wrong[i].what, guest->wrong[i].number, guest->wrong[i].is,
			guest->wrong[i].wanted);
	wrongs += differs(!guest->checks, "the guest has not looked at anything");
	guest->wrongs = 0;
	guest->checks = 0;
	return wrongs;
}

/* The firmware features are in the hart on which vCPU 0 has just run, not only in KVM's answers. */
static unsigned int look_at_features(const struct saved_guest *guest)
{
	unsigned int wrongs = 0;

	if (guest->has & HAS_MASKING)
		wrongs += differs(!PMM(hypervisor_csr_henvcfg()), "henvcfg.PMM is 0");
	if (guest->has & HAS_MISALIGNED)
		wrongs += differs((hypervisor_csr_hedeleg() & MISALIGNED) != MISALIGNED,
				  "hedeleg does not have misaligned accesses");
	return wrongs;
}

unsigned int saved_vm_go_on(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], u64 guest_gpa)
{
	struct saved_guest *guest = addr_gpa2hva(vm, guest_gpa);
	struct kvm_interrupt interrupt = { .irq = KVM_INTERRUPT_UNSET };
	struct saved_guest_steal_time *steal;
	unsigned int wrongs = 0;

	/* First the one that has only to take its interrupts, if it has any. */
	if (!run(vcpus[2]))
		return wrongs + 1;
	vcpu_ioctl(vcpus[2], KVM_INTERRUPT, &interrupt);

	guest->asks = ASKS_NOTHING;
	while (guest->asks != ASKS_SAVE) {
		if (!run(vcpus[0]))
			return wrongs + 1 + told(guest);
		if (guest->asks == ASKS_STEAL)
			wait_for_the_cpu();
		if (guest->asks == ASKS_HART_1)
			wrongs += look_at_hart_1(vcpus[1], guest->start_gpa);
	}

	wrongs += look_at_features(guest);

	/* The guest could not say: it is written whenever the vCPU is loaded. */
	steal = addr_gpa2hva(vm, guest->sta_gpa);
	guest->steal = steal->steal;
	guest->sequence = steal->sequence;

	interrupt.irq = KVM_INTERRUPT_SET;
	vcpu_ioctl(vcpus[2], KVM_INTERRUPT, &interrupt);
	return wrongs + told(guest);
}
