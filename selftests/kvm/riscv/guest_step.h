/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that executes one instruction at a time, given as a number, with any
 * registers. The host sets them before, and compares all of them afterwards.
 */
#ifndef SELFTEST_KVM_GUEST_STEP_H
#define SELFTEST_KVM_GUEST_STEP_H

#include "kvm_util.h"
#include "processor.h"

#include "sbi_case.h"

#define NR_X			32

/* Where the instruction is, in the pages of code. */
#define STEP_PLACE		64
#define STEP_CODE_PAGES		2

enum step_end {
	/* Behind the instruction. */
	STEP_DONE,
	/* In the guest's trap handler, which has not touched anything. */
	STEP_TRAP,
	/* KVM_RUN came to user space: see run->exit_reason. */
	STEP_EXIT,
	/* KVM_RUN failed: see run_errno. */
	STEP_ERROR,
};

struct step_guest {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;

	/* For the next step: x1 ... x31; VS or VU; where the instruction is put. */
	unsigned long x[NR_X];
	bool user;
	unsigned int place;
	/* An instruction that is executed before; 0 for none. */
	u32 before;

	/* Of this step: its registers; its instruction's address, and the one behind. */
	unsigned long was[NR_X];
	u64 pc, behind;

	/* How KVM_RUN went. */
	int run_errno;

	/* The pages of code: where VS and VU see them, and the memory they are. */
	gva_t code, user_code;
	/* What the vCPU's registers are, as far as the host knows. */
	unsigned long known[NR_X];
};

/* A VM with one vCPU. Its registers are each another pattern. */
void step_create(struct step_guest *guest);

/* All registers a pattern again, and VS. */
void step_patterns(struct step_guest *guest);

/* Execute one instruction with the registers of guest->x, up to the first thing that ends it. */
enum step_end step(struct step_guest *guest, u32 instruction);

/* KVM_RUN again, after an exit to user space. */
enum step_end step_go_on(struct step_guest *guest);

/* In words. */
const char *step_ended(const struct step_guest *guest, enum step_end end);

u64 step_pc(const struct step_guest *guest);

/* The id of x@i as a register of the vCPU; x1 ... x31 follow the pc in struct kvm_riscv_core. */
static inline u64 step_register(unsigned int i)
{
	return RISCV_CORE_REG(regs.pc) + i;
}

/* The vCPU's x1 ... x31 are those of before the step, but for x[@changed]: that one is @value. */
bool step_expect_registers(struct step_guest *guest, const char *what,
			   unsigned int changed, unsigned long value);

/*
 * The step ended in the guest's trap handler, with this scause and stval; sepc
 * is the instruction, sstatus.SPP its mode, and no register has changed.
 */
bool step_expect_trap(struct step_guest *guest, const char *what, enum step_end end,
		      unsigned long scause, unsigned long stval);

/* The page table entry of an address; level 0 is that of the leaf. */
u64 *step_pte(struct kvm_vm *vm, gva_t gva, unsigned int level);

/* Let that entry say that the next table, or the page, is at @gpa. */
void step_point(struct kvm_vm *vm, gva_t gva, unsigned int level, gpa_t gpa);

#endif /* SELFTEST_KVM_GUEST_STEP_H */
