/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Firmware events of the SBI PMU extension, counted for a guest.
 */
#ifndef SELFTEST_KVM_FIRMWARE_EVENT_H
#define SELFTEST_KVM_FIRMWARE_EVENT_H

#include "sbi_call.h"

/*
 * Whether KVM has the PMU extension compiled in, CONFIG_RISCV_PMU_SBI. ONE_REG has a register of it, and
 * says that it is enabled, also where not.
 */
bool firmware_events_compiled_in(void);

/* End the case as skipped where KVM offers no PMU (no driver, or no Sscofpmf on the host). */
void firmware_events_or_skip(struct kvm_vcpu *vcpu);

/* Begin to count @event on @vcpu. Returns the number of its counter. */
unsigned long firmware_event_count(struct kvm_vcpu *vcpu, unsigned int event);

unsigned long firmware_event_read(struct kvm_vcpu *vcpu, unsigned long counter);

#endif /* SELFTEST_KVM_FIRMWARE_EVENT_H */
