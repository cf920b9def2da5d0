// SPDX-License-Identifier: GPL-2.0
/*
 * Counts SBI firmware events of a guest.
 */
#include "firmware_event.h"

#define FIRMWARE_EVENT(code)	((unsigned long)SBI_PMU_EVENT_TYPE_FW << 16 | (code))

bool firmware_events_compiled_in(void)
{
	static const u32 ids[] = { 0 };
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = sbi_vm_create(&vcpu, ids, 1);
	bool answered = true;

	/* Not there on this host is something else. */
	if (__vcpu_has_sbi_ext(vcpu, KVM_RISCV_SBI_EXT_PMU))
		answered = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_NUM_COUNTERS).error !=
			   SBI_ERR_NOT_SUPPORTED;
	kvm_vm_free(vm);
	return answered;
}

void firmware_events_or_skip(struct kvm_vcpu *vcpu)
{
	if (!__vcpu_has_sbi_ext(vcpu, KVM_RISCV_SBI_EXT_PMU) || !firmware_events_compiled_in())
		sbi_skip("KVM offers no SBI PMU on this host");
}

unsigned long firmware_event_count(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct sbi_outcome outcome;
	unsigned long counters;

	outcome = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_NUM_COUNTERS);
	counters = outcome.value < 64 ? (1UL << outcome.value) - 1 : -1UL;

	outcome = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH,
			   0, counters, 0, FIRMWARE_EVENT(event));
	sbi_expect(outcome.returned && !outcome.error,
		   "firmware event %u cannot be configured: %ld", event, outcome.error);

	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_START,
			outcome.value, 1, SBI_PMU_START_FLAG_SET_INIT_VALUE, 0);
	return outcome.value;
}

unsigned long firmware_event_read(struct kvm_vcpu *vcpu, unsigned long counter)
{
	struct sbi_outcome outcome;

	outcome = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_FW_READ, counter);
	sbi_expect(outcome.returned && !outcome.error,
		   "firmware counter %lu cannot be read: %ld", counter, outcome.error);
	return outcome.value;
}
