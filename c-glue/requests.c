// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to vCPUs: their numbers are statement expressions, which bindgen cannot evaluate.
 */

#include <linux/kvm_host.h>

#include "helpers.h"

void kvm_riscv_rs_request_sleep(struct kvm *kvm)
{
	kvm_make_all_cpus_request(kvm, KVM_REQ_SLEEP);
}

void kvm_riscv_rs_request_fence_i(struct kvm *kvm, unsigned long *vcpus)
{
	kvm_make_vcpus_request_mask(kvm, KVM_REQ_FENCE_I, vcpus);
}

void kvm_riscv_rs_request_hfence(struct kvm *kvm, unsigned long *vcpus)
{
	kvm_make_vcpus_request_mask(kvm, KVM_REQ_HFENCE, vcpus);
}

void kvm_riscv_rs_request_hfence_vvma_all(struct kvm *kvm, unsigned long *vcpus)
{
	kvm_make_vcpus_request_mask(kvm, KVM_REQ_HFENCE_VVMA_ALL, vcpus);
}

bool kvm_riscv_rs_hfence_is_requested(struct kvm_vcpu *vcpu)
{
	return kvm_test_request(KVM_REQ_HFENCE, vcpu);
}
