// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI System Suspend extension (SBI v3.0, chapter 13): KVM looks whether the
 * system can be suspended, and user space suspends it.
 */
#include <errno.h>

#include "one_reg.h"
#include "user_space_call.h"

#define SBI_EXT_SUSP		0x53555350
#define SYSTEM_SUSPEND		0
#define SUSPEND_TO_RAM		0

#define SBI_EXT_HSM		0x48534d
#define HART_START		0

#define EXTENSION		RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP)

/* A slot far above the memory that a VM has from the start, and a hole behind it. */
#define SLOT			10
#define MEMORY			(1UL << 32)
#define PAGES			2
#define HOLE			(MEMORY + PAGES * 4096)

#define OPAQUE			0x0123456789abcdef

static const u32 ids[] = { 0, 1, 7 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;

static void mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

/* Where a hart resumes: what it sees of itself is left in s0 and s1. */
extern char guest_resume_at[], guest_resumed[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_resume_at: csrr s0, satp\n"
	"csrr s1, sstatus\n"
	"guest_resumed: ebreak\n"
	".option pop\n"
	".popsection");

static u64 resume_addr(void)
{
	return addr_gva2gpa(vm, (gva_t)guest_resume_at);
}

/* The one that calls runs, the others are stopped. */
static void create(struct kvm_vcpu **caller)
{
	unsigned int i;

	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, SLOT, PAGES, 0);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		vcpu_set_reg(vcpus[i], EXTENSION, 1);
		vcpu_set_reg(vcpus[i], RISCV_CORE_REG(mode), KVM_RISCV_MODE_S);
		if (&vcpus[i] != caller)
			mp_state(vcpus[i], KVM_MP_STATE_STOPPED);
	}
}

static bool gives(long error, unsigned long type, unsigned long address)
{
	return sbi_expect_call(vcpus[0], error, SBI_EXT_SUSP, SYSTEM_SUSPEND, type, address,
			       OPAQUE);
}

/* The call comes to user space, with the default answer in place. */
static bool suspends(struct kvm_vcpu *vcpu, unsigned long type, u64 address, u64 opaque)
{
	if (!user_space_gets(vcpu, SBI_EXT_SUSP, SYSTEM_SUSPEND, type, address, opaque,
			     3, 4, 5))
		return false;
	return sbi_expect((long)vcpu->run->riscv_sbi.ret[0] == SBI_ERR_NOT_SUPPORTED &&
			  !vcpu->run->riscv_sbi.ret[1],
			  "the answer is %ld, 0x%lx at first; wanted NOT_SUPPORTED, 0",
			  (long)vcpu->run->riscv_sbi.ret[0],
			  (unsigned long)vcpu->run->riscv_sbi.ret[1]);
}

static void expect_resumed(struct kvm_vcpu *vcpu, u64 opaque)
{
	u64 pc, a0, a1, satp, sstatus;

	if (!sbi_run_on(vcpu))
		return;
	pc = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc));
	a0 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a0));
	a1 = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.a1));
	satp = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.s0));
	sstatus = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.s1));
	sbi_expect(pc == resume_addr() + (guest_resumed - guest_resume_at),
		   "the hart is at 0x%lx, wanted 0x%lx and two instructions", pc, resume_addr());
	sbi_expect(a0 == vcpu->id, "the hart resumed with 0x%lx in a0", a0);
	sbi_expect(a1 == opaque, "the hart resumed with 0x%lx in a1, wanted 0x%lx", a1, opaque);
	sbi_expect(!satp, "the hart resumed with 0x%lx in satp", satp);
	sbi_expect(!(sstatus & SR_SIE), "the hart resumed with interrupts on");
}

/* Suspend, resume, and give the hart its address translation back. */
static void resumes(struct kvm_vcpu *vcpu, unsigned long type, u64 opaque)
{
	u64 satp = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(satp));

	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(sstatus),
		     vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(sstatus)) | SR_SIE);
	if (!suspends(vcpu, type, resume_addr(), opaque))
		return;
	vcpu->run->riscv_sbi.ret[0] = SBI_SUCCESS;
	vcpu->run->riscv_sbi.ret[1] = 0x55;
	expect_resumed(vcpu, opaque);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(satp), satp);
}

static void by_default(void)
{
	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	one_reg_is(vcpus[0], EXTENSION, 0);
	sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, SBI_EXT_SUSP, SYSTEM_SUSPEND,
			SUSPEND_TO_RAM, resume_addr(), OPAQUE);
}

static void other_types(void)
{
	static const unsigned long types[] = {
		1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000001, -1UL,
	};
	unsigned int i;

	create(&vcpus[0]);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		gives(SBI_ERR_INVALID_PARAM, types[i], resume_addr());
		/* Whatever else is wrong. */
		gives(SBI_ERR_INVALID_PARAM, types[i], HOLE);
	}
	mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	gives(SBI_ERR_INVALID_PARAM, 1, resume_addr());
}

static void other_addresses(void)
{
	static const u64 addresses[] = {
		HOLE, MEMORY - 4, 1UL << 56, 1UL << 63, -4096UL, -1UL,
	};
	unsigned int i;

	create(&vcpus[0]);
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		gives(SBI_ERR_INVALID_ADDRESS, SUSPEND_TO_RAM, addresses[i]);
	mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	gives(SBI_ERR_INVALID_ADDRESS, SUSPEND_TO_RAM, HOLE);
}

static void other_harts(void)
{
	unsigned int i;

	create(&vcpus[0]);
	for (i = 1; i < ARRAY_SIZE(ids); i++) {
		mp_state(vcpus[i], KVM_MP_STATE_RUNNABLE);
		gives(SBI_ERR_DENIED, SUSPEND_TO_RAM, resume_addr());
		mp_state(vcpus[i], KVM_MP_STATE_STOPPED);
	}
	suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE);
}

static void success(void)
{
	static const u64 opaques[] = { 0, 1, OPAQUE, 1UL << 63, -1UL };
	unsigned int i;

	create(&vcpus[0]);
	for (i = 0; i < ARRAY_SIZE(opaques); i++)
		resumes(vcpus[0], SUSPEND_TO_RAM, opaques[i]);
	/* The type has 32 bits: what is above is ignored. */
	resumes(vcpus[0], 1UL << 32, OPAQUE);
	resumes(vcpus[0], -1UL << 32, OPAQUE);
}

static void any_hart(void)
{
	create(&vcpus[2]);
	resumes(vcpus[2], SUSPEND_TO_RAM, OPAQUE);
	/* It runs, so it can start another one. */
	sbi_expect_call(vcpus[2], SBI_SUCCESS, SBI_EXT_HSM, HART_START, 0, resume_addr(), 42);
	expect_resumed(vcpus[0], 42);
}

/* KVM_RUN with a signal pending ends the call; the next one resumes. */
static void in_two_steps(void)
{
	u64 pc;

	create(&vcpus[0]);
	if (!suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
		return;
	pc = vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.pc));
	vcpus[0]->run->riscv_sbi.ret[0] = SBI_SUCCESS;
	vcpus[0]->run->immediate_exit = 1;
	sbi_expect(__vcpu_run(vcpus[0]) && errno == EINTR, "KVM_RUN gives errno %d", errno);
	vcpus[0]->run->immediate_exit = 0;
	/* A VMM that saves the vCPU now saves one that has its answer: the reset is not saved. */
	sbi_expect(vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.pc)) == pc + 4,
		   "the answer is taken, and the guest still at the call");
	sbi_expect(!vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.a0)), "the guest has no answer");
	/* What user space writes there now is nothing to anybody. */
	vcpus[0]->run->riscv_sbi.ret[0] = SBI_ERR_FAILURE;
	expect_resumed(vcpus[0], OPAQUE);
}

static void refused(void)
{
	static const long errors[] = {
		SBI_ERR_FAILURE, SBI_ERR_NOT_SUPPORTED, SBI_ERR_INVALID_PARAM, SBI_ERR_DENIED,
		SBI_ERR_INVALID_ADDRESS, -14, LONG_MIN, 1,
	};
	unsigned int i;

	create(&vcpus[0]);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (!suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
			return;
		vcpus[0]->run->riscv_sbi.ret[0] = errors[i];
		if (!guest_gets(vcpus[0], errors[i], 0))
			return;
	}
}

static void not_answered(void)
{
	create(&vcpus[0]);
	if (suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
		guest_gets(vcpus[0], SBI_ERR_NOT_SUPPORTED, 0);
}

/* The one does not become the other. */
static void refused_then_resumed(void)
{
	create(&vcpus[0]);
	if (!suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
		return;
	vcpus[0]->run->riscv_sbi.ret[0] = SBI_ERR_DENIED;
	if (!guest_gets(vcpus[0], SBI_ERR_DENIED, 0))
		return;
	resumes(vcpus[0], SUSPEND_TO_RAM, OPAQUE);
	if (!suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
		return;
	vcpus[0]->run->riscv_sbi.ret[0] = SBI_ERR_FAILURE;
	guest_gets(vcpus[0], SBI_ERR_FAILURE, 0);
}

static void unknown_functions(void)
{
	create(&vcpus[0]);
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_SUSP, 1,
				     (const unsigned long[6]) { SUSPEND_TO_RAM, resume_addr() });
}

static void statistics(void)
{
	u64 before;

	create(&vcpus[0]);
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_SUSP, SYSTEM_SUSPEND,
				 (const unsigned long[6]) { 1 });
	before = sbi_stat(vcpus[0], "ecall_exit_stat");
	if (!suspends(vcpus[0], SUSPEND_TO_RAM, resume_addr(), OPAQUE))
		return;
	sbi_expect(sbi_stat(vcpus[0], "ecall_exit_stat") == before + 1,
		   "a suspend does not count as an SBI call for user space");
}

static const struct sbi_case cases[] = {
	{ "it is disabled by default", by_default,
	  .conforms = REQUIREMENTS("SUSP.disabled.NOT_SUPPORTED") },
	{ "a type other than SUSPEND_TO_RAM is INVALID_PARAM", other_types,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.reserved.INVALID_PARAM",
				   "SUSP.system_suspend.platform.INVALID_PARAM") },
	{ "an address without memory is INVALID_ADDRESS", other_addresses,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.INVALID_ADDRESS") },
	{ "with another hart that is not stopped it is DENIED", other_harts,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.DENIED") },
	{ "answered with SUCCESS, the hart resumes as it is to", success,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.SUCCESS", "SUSP.system_suspend.registers",
				   "SUSP.system_suspend.32_bits", "ABI.32_bit_parameter") },
	{ "any hart may suspend the system, and start others later", any_hart,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.SUCCESS") },
	{ "a signal between the answer and the guest changes nothing", in_two_steps },
	{ "[P1] answered with an error, the guest gets it and goes on", refused,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.error") },
	{ "[P1] not answered it is NOT_SUPPORTED", not_answered,
	  .conforms = REQUIREMENTS("SUSP.system_suspend.NOT_SUPPORTED") },
	{ "[P1] a suspend that was refused leaves nothing to a later one", refused_then_resumed },
	{ "an unknown function is NOT_SUPPORTED", unknown_functions,
	  .conforms = REQUIREMENTS("SUSP.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "the calls change no statistics but the exits and those to user space", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
