// SPDX-License-Identifier: GPL-2.0
/*
 * Makes single SBI calls of a guest from the host side.
 */
#include <errno.h>

#include "sbi_call.h"

/* The guest's whole program: one call, then back to the host. */
asm(".pushsection .text\n"
	".balign 4\n"
	".option push\n"
	".option norvc\n"
	".globl sbi_guest_call, sbi_guest_back\n"
	"sbi_guest_call: ecall\n"
	"sbi_guest_back: ebreak\n"
	".option pop\n"
	".popsection");

/* Places in struct kvm_riscv_core: x1 ... x31 follow the pc. */
#define REG_PC		0
#define REG_A0		10
#define REG_A1		11
#define REG_A6		16
#define REG_A7		17
#define NR_REGS		32

static u64 reg_id(unsigned int i)
{
	return RISCV_CORE_REG(regs.pc) + i;
}

void sbi_vcpu_prepare(struct kvm_vcpu *vcpu)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };

	vcpu_guest_debug_set(vcpu, &debug);
	vcpu_init_vector_tables(vcpu);
}

struct kvm_vm *sbi_vm_create(struct kvm_vcpu *vcpus[], const u32 ids[], unsigned int count)
{
	struct kvm_vm *vm = vm_create(count);

	sbi_vm_add_vcpus(vm, vcpus, ids, count);
	return vm;
}

void sbi_vm_add_vcpus(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], const u32 ids[],
		      unsigned int count)
{
	unsigned int i;

	vm_init_vector_tables(vm);
	for (i = 0; i < count; i++) {
		vcpus[i] = vm_vcpu_add(vm, ids[i], sbi_guest_back);
		sbi_vcpu_prepare(vcpus[i]);
	}
}

/* KVM_RUN until it ends by itself. Zero or an errno. */
static int run(struct kvm_vcpu *vcpu)
{
	while (__vcpu_run(vcpu)) {
		if (errno != EINTR)
			return errno;
	}
	return 0;
}

struct sbi_outcome sbi_call_args(struct kvm_vcpu *vcpu, unsigned long extension,
				 unsigned long function, const unsigned long args[6])
{
	unsigned long before[NR_REGS], after;
	struct sbi_outcome outcome = {};
	unsigned int i;

	before[REG_PC] = (unsigned long)sbi_guest_call;
	for (i = 1; i < NR_REGS; i++)
		before[i] = 0xa5a5000000000000 | i << 8 | i;
	for (i = 0; i < 6; i++)
		before[REG_A0 + i] = args[i];
	before[REG_A6] = function;
	before[REG_A7] = extension;

	for (i = 0; i < NR_REGS; i++)
		vcpu_set_reg(vcpu, reg_id(i), before[i]);

	outcome.run_errno = run(vcpu);
	outcome.exit_reason = vcpu->run->exit_reason;
	outcome.returned = !outcome.run_errno && outcome.exit_reason == KVM_EXIT_DEBUG;
	outcome.error = vcpu_get_reg(vcpu, reg_id(REG_A0));
	outcome.value = vcpu_get_reg(vcpu, reg_id(REG_A1));

	/* An exit to user space leaves the guest at the ecall, as it was. */
	if (outcome.returned)
		before[REG_PC] = (unsigned long)sbi_guest_back;

	for (i = 0; i < NR_REGS; i++) {
		if (outcome.returned && (i == REG_A0 || i == REG_A1))
			continue;
		after = vcpu_get_reg(vcpu, reg_id(i));
		sbi_expect(after == before[i], "%s is 0x%lx after the call 0x%lx/0x%lx, was 0x%lx",
			   i ? "a register" : "the pc", after, extension, function, before[i]);
	}

	return outcome;
}

bool sbi_expect_call_args(struct kvm_vcpu *vcpu, long error, unsigned long extension,
			  unsigned long function, const unsigned long args[6])
{
	struct sbi_outcome outcome = sbi_call_args(vcpu, extension, function, args);

	if (!sbi_expect(outcome.returned,
			"call 0x%lx/0x%lx (0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx) did not return: exit reason %u, errno %d",
			extension, function, args[0], args[1], args[2], args[3], args[4],
			outcome.exit_reason, outcome.run_errno))
		return false;

	return sbi_expect(outcome.error == error && !outcome.value,
			  "call 0x%lx/0x%lx (0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx) gave %ld, 0x%lx; wanted %ld, 0",
			  extension, function, args[0], args[1], args[2], args[3], args[4],
			  outcome.error, outcome.value, error);
}

void sbi_expect_unknown_functions(struct kvm_vcpu *vcpu, unsigned long extension,
				  unsigned long known, const unsigned long args[6])
{
	/* Also what a cut to 32, 16 or 8 bits would take for a known one. */
	const unsigned long unknown[] = {
		known, known + 1, 0x80, 0x100, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x100000000 + known - 1, LONG_MAX, -2UL, -1UL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		/* A call that was taken for a known one may have stopped the vCPU. */
		if (!sbi_expect_call_args(vcpu, SBI_ERR_NOT_SUPPORTED, extension, unknown[i],
					  args))
			break;
	}
}

void sbi_enter(struct kvm_vcpu *vcpu)
{
	vcpu_set_reg(vcpu, reg_id(REG_PC), (unsigned long)sbi_guest_back);
	sbi_run_on(vcpu);
}

bool sbi_run_on(struct kvm_vcpu *vcpu)
{
	int ret = run(vcpu);

	return sbi_expect(!ret && vcpu->run->exit_reason == KVM_EXIT_DEBUG,
			  "vCPU %u ended with exit reason %u, errno %d; its pc is 0x%lx",
			  vcpu->id, vcpu->run->exit_reason, ret,
			  (unsigned long)vcpu_get_reg(vcpu, reg_id(REG_PC)));
}

void sbi_run_guest(struct kvm_vcpu *vcpu, void *entry, u64 arg0, u64 arg1)
{
	vcpu_arch_set_entry_point(vcpu, entry);
	vcpu_args_set(vcpu, 2, arg0, arg1);
	sbi_run_on(vcpu);
}

struct sbiret guest_sbi_call_args(unsigned long extension, unsigned long function,
				  const unsigned long args[6])
{
	register unsigned long a0 asm("a0") = args[0];
	register unsigned long a1 asm("a1") = args[1];
	register unsigned long a2 asm("a2") = args[2];
	register unsigned long a3 asm("a3") = args[3];
	register unsigned long a4 asm("a4") = args[4];
	register unsigned long a5 asm("a5") = args[5];
	register unsigned long a6 asm("a6") = function;
	register unsigned long a7 asm("a7") = extension;

	asm volatile("ecall" : "+r" (a0), "+r" (a1)
		     : "r" (a2), "r" (a3), "r" (a4), "r" (a5), "r" (a6), "r" (a7) : "memory");

	return (struct sbiret) { .error = a0, .value = a1 };
}

unsigned long sbi_pending(struct kvm_vcpu *vcpu)
{
	return vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(sip));
}

void sbi_clear_pending(struct kvm_vcpu *vcpu)
{
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(sip), 0);
}

u64 sbi_stat(struct kvm_vcpu *vcpu, const char *name)
{
	u64 value = 0;

	kvm_get_stat(&vcpu->stats, name, &value, 1);
	return value;
}

void sbi_expect_no_statistics(struct kvm_vcpu *vcpu, unsigned long extension,
			      unsigned long function, const unsigned long args[6])
{
	static const char * const names[] = {
		"ecall_exit_stat", "wfi_exit_stat", "wrs_exit_stat",
		"mmio_exit_user", "mmio_exit_kernel", "csr_exit_user", "csr_exit_kernel",
		"signal_exits", "instr_illegal_exits", "load_misaligned_exits",
		"store_misaligned_exits", "load_access_exits", "store_access_exits", "exits",
	};
	u64 before[ARRAY_SIZE(names)], after, more;
	unsigned int i;

	/* The guest's code is mapped from here on: no exits for it. */
	sbi_enter(vcpu);

	for (i = 0; i < ARRAY_SIZE(names); i++)
		before[i] = sbi_stat(vcpu, names[i]);

	sbi_call_args(vcpu, extension, function, args);

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		after = sbi_stat(vcpu, names[i]);
		/* The host's own interrupts end a run as well. */
		more = strcmp(names[i], "exits") ? 0 : 2;
		if (more)
			sbi_expect(after - before[i] >= more && after - before[i] <= more + 20,
				   "exits went up by %lu, wanted 2 and the host's interrupts",
				   after - before[i]);
		else
			sbi_expect(after == before[i], "%s went up by %lu",
				   names[i], after - before[i]);
	}
}
