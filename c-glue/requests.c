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

void kvm_riscv_rs_request_vcpu_reset(struct kvm_vcpu *vcpu)
{
	kvm_make_request(KVM_REQ_VCPU_RESET, vcpu);
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

bool kvm_riscv_rs_take_update_hgatp(struct kvm_vcpu *vcpu)
{
	return kvm_check_request(KVM_REQ_UPDATE_HGATP, vcpu);
}

bool kvm_riscv_rs_take_fence_i(struct kvm_vcpu *vcpu)
{
	return kvm_check_request(KVM_REQ_FENCE_I, vcpu);
}

bool kvm_riscv_rs_take_tlb_flush(struct kvm_vcpu *vcpu)
{
	return kvm_check_request(KVM_REQ_TLB_FLUSH, vcpu);
}

bool kvm_riscv_rs_take_hfence_vvma_all(struct kvm_vcpu *vcpu)
{
	return kvm_check_request(KVM_REQ_HFENCE_VVMA_ALL, vcpu);
}

bool kvm_riscv_rs_take_hfence(struct kvm_vcpu *vcpu)
{
	return kvm_check_request(KVM_REQ_HFENCE, vcpu);
}

/*
 * Preemption stays on while there are fences: others may add to the queue as fast as it is emptied, and
 * with PREEMPT_RT its lock may sleep. Who is preempted comes back to the same CPU.
 */
void kvm_riscv_rs_fence_and_preempt_disable(struct kvm_vcpu *vcpu)
{
	migrate_disable();
	kvm_riscv_rs_make_requested_fences(vcpu);
	preempt_disable();
	migrate_enable();
}
