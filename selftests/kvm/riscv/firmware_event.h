/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Firmware events of the SBI PMU extension, counted for a guest.
 */
#ifndef SELFTEST_KVM_FIRMWARE_EVENT_H
#define SELFTEST_KVM_FIRMWARE_EVENT_H

#include "sbi_call.h"

/* End the case as skipped where KVM offers no PMU (no Sscofpmf on the host). */
void firmware_events_or_skip(struct kvm_vcpu *vcpu);

/* Begin to count @event on @vcpu. Returns the number of its counter. */
unsigned long firmware_event_count(struct kvm_vcpu *vcpu, unsigned int event);

unsigned long firmware_event_read(struct kvm_vcpu *vcpu, unsigned long counter);

#endif /* SELFTEST_KVM_FIRMWARE_EVENT_H */
