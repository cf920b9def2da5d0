// SPDX-License-Identifier: GPL-2.0
/*
 * A guest cannot make its host spin in a fence.
 *
 * The C of Linux 7.2 walks a range with `pos < start + size; pos += 4096`. Near
 * the top of the address space pos steps over the end and begins again at the
 * bottom: 2^52 fences, in the kernel, in a task that no signal ends. It is a
 * program of its own because such a host has to be given up.
 */
#include "sbi_call.h"

static void expect_end(unsigned long start, unsigned long size)
{
	static const u32 ids[] = { 0, 1 };
	struct kvm_vcpu *vcpus[2];
	struct kvm_vm *vm = sbi_vm_create(vcpus, ids, 2);

	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA,
			3, 0, start, size);
	sbi_enter(vcpus[1]);
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA_ASID,
			3, 0, start, size, 1);
	sbi_enter(vcpus[1]);
	kvm_vm_free(vm);
}

static void fence_ends(void)
{
	expect_end(-2UL, 1);
	expect_end(-4095UL, 4094);
	expect_end(-8192UL, 8191);
}

static const struct sbi_case cases[] = {
	{ "[R6] a fence that ends in the last page comes to an end", fence_ends, 15 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
