// SPDX-License-Identifier: GPL-2.0
/*
 * Asks a vCPU for fences.
 */
#include "fence_flood.h"

void fence_request(struct kvm_vcpu *vcpus[2], unsigned long start, unsigned long size, long asid)
{
	if (asid < 0)
		sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA,
				BIT(1), 0, start, size);
	else
		sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE,
				SBI_EXT_RFENCE_SFENCE_VMA_ASID, BIT(1), 0, start, size, asid);
}

void fence_flood(struct kvm_vcpu *vcpus[2])
{
	unsigned int i;

	for (i = 0; i < FENCE_FLOOD; i++)
		fence_request(vcpus, FENCED + 2 * i * PAGE, PAGE, i % 2 ? -1 : i);
	sbi_enter(vcpus[1]);
}
