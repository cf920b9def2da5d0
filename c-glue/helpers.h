/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only C can say, for kvm-riscv-rs to call. These are objects of kvm.ko: the kernel's own
 * rust/helpers are part of vmlinux and cannot reach it.
 */
#ifndef KVM_RISCV_RS_HELPERS_H
#define KVM_RISCV_RS_HELPERS_H

#include <linux/types.h>

struct kvm;
struct kvm_cpu_trap;
struct kvm_vcpu;

void kvm_riscv_rs_request_sleep(struct kvm *kvm);
void kvm_riscv_rs_request_fence_i(struct kvm *kvm, unsigned long *vcpus);
void kvm_riscv_rs_request_hfence(struct kvm *kvm, unsigned long *vcpus);
bool kvm_riscv_rs_hfence_is_requested(struct kvm_vcpu *vcpu);
void kvm_riscv_rs_request_hfence_vvma_all(struct kvm *kvm, unsigned long *vcpus);

void kvm_riscv_rs_halt(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_may_report_exit(void);
void kvm_riscv_rs_report_exit(struct kvm_vcpu *vcpu, struct kvm_cpu_trap *trap, int error);

void *kvm_riscv_rs_nacl_shmem(void);

#endif
