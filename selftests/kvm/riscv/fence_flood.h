/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fences that one vCPU asks another for, which makes them when it runs.
 */
#ifndef SELFTEST_KVM_FENCE_FLOOD_H
#define SELFTEST_KVM_FENCE_FLOOD_H

#include "sbi_call.h"

#define FENCED			0x50000000UL
#define PAGE			0x1000UL

/* As many as the queue of a vCPU has: more than there are in the memory of a hart (SBI NACL). */
#define FENCE_FLOOD		64

/*
 * The first vCPU wants a fence of the second one, which has id 1; of one ASID, or of all with -1. It
 * is made in the second one's next KVM_RUN.
 */
void fence_request(struct kvm_vcpu *vcpus[2], unsigned long start, unsigned long size, long asid);

/* Each a fence of its own; then the second vCPU runs. */
void fence_flood(struct kvm_vcpu *vcpus[2]);

#endif /* SELFTEST_KVM_FENCE_FLOOD_H */
