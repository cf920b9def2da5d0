// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU with a counter that counts is reset. To release a perf event sleeps;
 * the C of Linux 7.2 does it with preemption off and, for a VMM that resets the
 * vCPU, under a spinlock.
 */
#include "pmu_call.h"

#define SBI_EXT_HSM		0x48534d
#define HART_START		0

#ifndef KVM_CAP_RISCV_MP_STATE_RESET
#define KVM_CAP_RISCV_MP_STATE_RESET	242
#endif

static void set_mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

static void count(struct kvm_vcpu *vcpu)
{
	struct sbi_outcome outcome;

	outcome = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, pmu_all(),
			   CFG_AUTO_START, EVENT_INSTRUCTIONS, 0);
	sbi_expect(outcome.returned && !outcome.error, "config_matching: error %ld", outcome.error);
}

static void reset_by_the_vmm(void)
{
	pmu_create();
	count(pmu_vcpu);
	vm_enable_cap(pmu_vm, KVM_CAP_RISCV_MP_STATE_RESET, 0);
	set_mp_state(pmu_vcpu, KVM_MP_STATE_INIT_RECEIVED);
}

static void reset_by_a_hart(void)
{
	struct kvm_vcpu *other;

	pmu_create();
	other = vm_vcpu_add(pmu_vm, 1, sbi_guest_back);
	sbi_vcpu_prepare(other);
	count(other);
	set_mp_state(other, KVM_MP_STATE_STOPPED);
	sbi_expect_call(pmu_vcpu, SBI_SUCCESS, SBI_EXT_HSM, HART_START, 1,
			addr_gva2gpa(pmu_vm, (gva_t)sbi_guest_back), 0);
	sbi_run_on(other);
}

static const struct sbi_case cases[] = {
	{ "a vCPU with a counter is reset by the VMM", reset_by_the_vmm },
	{ "a vCPU with a counter is reset by another", reset_by_a_hart },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
