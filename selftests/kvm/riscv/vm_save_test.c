// SPDX-License-Identifier: GPL-2.0
/*
 * Saves a VM whose state is a rich one, for vm_restore_test under another kvm
 * module, and restores it under the same one.
 */
#include "hypervisor_csr.h"
#include "one_reg.h"
#include "saved_vm.h"

#define FWFT_REG(name) \
	SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, KVM_REG_RISCV_SBI_FWFT_REG(name))
#define STA_LO	SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, KVM_REG_RISCV_SBI_STA_REG(shmem_lo))

static const char *path(void)
{
	static char text[64];

	snprintf(text, sizeof(text), SAVED_VM_FOLDER "/%s.1", saved_vm_this_module());
	return text;
}

static void is_saved(void)
{
	struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
	struct saved_guest *guest;
	struct saved_vm *saved;
	struct kvm_vm *vm;

	saved_vm_host_or_skip();
	remove(path());
	vm = saved_guest_create(vcpus);
	guest = addr_gpa2hva(vm, saved_guest_gpa(vm));
	ksft_print_msg("vectors: %u, AIA: %u, steal time: %u, pointer masking: %u, misaligned: %u, PMU: %u\n",
		       !!(guest->has & HAS_VECTOR), !!(guest->has & HAS_AIA),
		       !!(guest->has & HAS_STA), !!(guest->has & HAS_MASKING),
		       !!(guest->has & HAS_MISALIGNED), !!(guest->has & HAS_PMU));
	if (saved_vm_go_on(vm, vcpus, saved_guest_gpa(vm)))
		return;
	saved = saved_vm_take(vm, vcpus, saved_guest_gpa(vm), NULL);
	sbi_expect(!saved_vm_differences(saved_vm_take(vm, vcpus, saved_guest_gpa(vm), NULL), saved),
		   "a VM that does not run changes");
	saved_vm_write(saved, path());
}

static struct saved_vm *read_or_skip(void)
{
	struct saved_vm *saved;

	saved_vm_host_or_skip();
	saved = saved_vm_read(path());
	if (!saved)
		sbi_skip("there is no saved VM");
	return saved;
}

static void is_restored(void)
{
	struct saved_vm *saved = read_or_skip();
	struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
	struct kvm_vm *vm = saved_vm_restore(saved, vcpus);

	saved_vm_differences(saved_vm_take(vm, vcpus, saved->guest_gpa, saved), saved);
	saved_vm_go_on(vm, vcpus, saved->guest_gpa);
}

/*
 * Registers of which one bit is changed on the way. Where KVM takes the change,
 * the guest has to say so, or the next save has to differ.
 */
static void changes_are_noticed(void)
{
	const struct {
		const char *what;
		unsigned int vcpu;
		u64 id, bits;
	} changes[] = {
		{ "t0", 0, RISCV_CORE_REG(regs.t0), 1 },
		{ "sp", 0, RISCV_CORE_REG(regs.sp), 16 },
		{ "ft1", 0, KVM_REG_RISCV | KVM_REG_RISCV_FP_D | KVM_REG_SIZE_U64 |
			    KVM_REG_RISCV_FP_D_REG(f[1]), 1 },
		{ "fcsr", 0, KVM_REG_RISCV | KVM_REG_RISCV_FP_D | KVM_REG_SIZE_U32 |
			     KVM_REG_RISCV_FP_D_REG(fcsr), 1 },
		{ "v9", 0, KVM_REG_RISCV | KVM_REG_RISCV_VECTOR | KVM_REG_SIZE_U128 |
			   KVM_REG_RISCV_VECTOR_REG(9), 1 },
		{ "sstatus.SUM", 0, RISCV_GENERAL_CSR_REG(sstatus), SR_SUM },
		{ "sie.STIE", 0, RISCV_GENERAL_CSR_REG(sie), BIT(IRQ_S_TIMER) },
		{ "stval", 0, RISCV_GENERAL_CSR_REG(stval), 2 },
		{ "sip.SSIP", 0, RISCV_GENERAL_CSR_REG(sip), BIT(IRQ_S_SOFT) },
		{ "sip.SEIP of vCPU 2", 2, RISCV_GENERAL_CSR_REG(sip), BIT(IRQ_S_EXT) },
		{ "scounteren", 0, RISCV_GENERAL_CSR_REG(scounteren), 2 },
		{ "the time", 2, RISCV_TIMER_REG(time), 1UL << 42 },
		{ "the timer's deadline", 0, RISCV_TIMER_REG(compare), 1UL << 43 },
		{ "SRST", 0, RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SRST), 1 },
		{ "the steal time's address", 0, STA_LO, 1UL << 12 },
		{ "PMLEN's lock", 0, FWFT_REG(pointer_masking.flags), 1 },
		{ "MISALIGNED_EXC_DELEG", 0, FWFT_REG(misaligned_deleg.value), 1 },
	};
	struct saved_vm *saved = read_or_skip();
	unsigned int i, tried = 0;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		u64 *value = saved_vm_register(saved, changes[i].vcpu, changes[i].id);
		struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
		struct kvm_vm *vm;

		/* No vectors, or longer ones, or no such extension. */
		if (!value)
			continue;
		tried++;
		*value ^= changes[i].bits;
		vm = saved_vm_restore(saved, vcpus);
		saved_vm_quiet = true;
		if (!saved_vm_go_on(vm, vcpus, saved->guest_gpa)) {
			saved_vm_quiet = false;
			sbi_expect(false, "the guest does not notice that %s is another", changes[i].what);
		}
		saved_vm_quiet = false;
		*value ^= changes[i].bits;
		kvm_vm_free(vm);
	}
	sbi_expect(tried >= 10, "only %u of them are there", tried);
}

static void other_changes_are_noticed(void)
{
	struct saved_vm *saved = read_or_skip(), *other = read_or_skip();
	struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
	struct saved_guest *guest;
	struct kvm_vm *vm;

	guest = saved_vm_memory(saved, saved->guest_gpa);
	guest->registers.x[7]++;
	saved_vm_quiet = true;
	sbi_expect(saved_vm_differences(saved, other) == 1, "memory is not compared");
	vm = saved_vm_restore(saved, vcpus);
	sbi_expect(saved_vm_go_on(vm, vcpus, saved->guest_gpa) == 1,
		   "the guest does not notice what its memory is");
	guest->registers.x[7]--;

	saved->vcpus[1].mp_state = KVM_MP_STATE_RUNNABLE;
	sbi_expect(saved_vm_differences(saved, other) == 1, "MP states are not compared");
	vm = saved_vm_restore(saved, vcpus);
	sbi_expect(saved_vm_go_on(vm, vcpus, saved->guest_gpa),
		   "the guest does not notice that hart 1 runs");
	saved->vcpus[1].mp_state = KVM_MP_STATE_STOPPED;

	saved->vcpus[2].registers[7].value[3]++;
	sbi_expect(saved_vm_differences(saved, other) == 1, "registers are not compared");
}

static const struct sbi_case cases[] = {
	{ "a VM is saved: registers, MP states and memory", is_saved },
	{ "under the same module it is restored as it was, and goes on", is_restored },
	{ "a register that is changed on the way is noticed", changes_are_noticed },
	{ "memory and MP states that are changed on the way are noticed", other_changes_are_noticed },
};

int main(void)
{
	hypervisor_csr_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
