// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at SBI calls that KVM hands to user space, and at what the guest gets.
 */
#include "user_space_call.h"

/* Places in struct kvm_riscv_core: x1 ... x31 follow the pc. */
#define REG_PC		0
#define REG_A0		10
#define REG_A1		11
#define NR_REGS		32

/* Where the guest goes on after the call. */
static unsigned long behind_ecall;

static unsigned long get(struct kvm_vcpu *vcpu, unsigned int i)
{
	return vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc) + i);
}

bool user_space_gets_args(struct kvm_vcpu *vcpu, unsigned long extension,
			  unsigned long function, const unsigned long args[6])
{
	struct kvm_run *run = vcpu->run;
	struct sbi_outcome outcome;
	unsigned int i;
	bool ok;

	/* What is not written is seen. */
	memset(&run->riscv_sbi, 0x5a, sizeof(run->riscv_sbi));

	outcome = sbi_call_args(vcpu, extension, function, args);
	if (!sbi_expect(!outcome.run_errno && outcome.exit_reason == KVM_EXIT_RISCV_SBI,
			"call 0x%lx/0x%lx: exit reason %u, errno %d, a0 is %ld; wanted an SBI exit",
			extension, function, outcome.exit_reason, outcome.run_errno,
			outcome.error))
		return false;

	behind_ecall = get(vcpu, REG_PC) + 4;
	ok = sbi_expect(run->riscv_sbi.extension_id == extension &&
			run->riscv_sbi.function_id == function,
			"call 0x%lx/0x%lx is 0x%lx/0x%lx for user space", extension, function,
			(unsigned long)run->riscv_sbi.extension_id,
			(unsigned long)run->riscv_sbi.function_id);
	for (i = 0; i < 6; i++)
		ok &= sbi_expect(run->riscv_sbi.args[i] == args[i],
				 "argument %u of call 0x%lx/0x%lx is 0x%lx for user space, was 0x%lx",
				 i, extension, function, (unsigned long)run->riscv_sbi.args[i],
				 args[i]);
	return ok;
}

bool guest_gets(struct kvm_vcpu *vcpu, long error, unsigned long value)
{
	unsigned long before[NR_REGS], after[NR_REGS];
	unsigned int i;
	bool ok;

	for (i = 0; i < NR_REGS; i++)
		before[i] = get(vcpu, i);
	before[REG_PC] = behind_ecall;

	if (!sbi_run_on(vcpu))
		return false;

	for (i = 0; i < NR_REGS; i++)
		after[i] = get(vcpu, i);

	ok = sbi_expect(after[REG_A0] == error && after[REG_A1] == value,
			"the guest got %ld, 0x%lx; wanted %ld, 0x%lx",
			after[REG_A0], after[REG_A1], error, value);
	for (i = 0; i < NR_REGS; i++) {
		if (i == REG_A0 || i == REG_A1)
			continue;
		ok &= sbi_expect(after[i] == before[i],
				 "%s is 0x%lx after the answer, wanted 0x%lx",
				 i ? "a register" : "the pc", after[i], before[i]);
	}
	return ok;
}
