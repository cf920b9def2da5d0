/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only C can say, for kvm-riscv-rs to call. These are objects of kvm.ko: the kernel's own
 * rust/helpers are part of vmlinux and cannot reach it.
 */
#ifndef KVM_RISCV_RS_HELPERS_H
#define KVM_RISCV_RS_HELPERS_H

#include <linux/smp.h>
#include <linux/types.h>

struct kvm;
struct kvm_cpu_trap;
struct kvm_riscv_nacl;
struct kvm_vcpu;
struct static_key_false;

/* What vcpu.c puts into trap->scause where the guest was not entered; trap->stval is the SBI's error. */
#define KVM_RISCV_RS_NOT_ENTERED	(-1UL)

void kvm_riscv_rs_request_sleep(struct kvm *kvm);
void kvm_riscv_rs_request_vcpu_reset(struct kvm_vcpu *vcpu);
void kvm_riscv_rs_request_fence_i(struct kvm *kvm, unsigned long *vcpus);
void kvm_riscv_rs_request_hfence(struct kvm *kvm, unsigned long *vcpus);
bool kvm_riscv_rs_hfence_is_requested(struct kvm_vcpu *vcpu);
void kvm_riscv_rs_request_hfence_vvma_all(struct kvm *kvm, unsigned long *vcpus);

bool kvm_riscv_rs_take_update_hgatp(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_take_fence_i(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_take_tlb_flush(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_take_hfence_vvma_all(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_take_hfence(struct kvm_vcpu *vcpu);

/* In Rust, for the function that follows it. */
void kvm_riscv_rs_make_requested_fences(struct kvm_vcpu *vcpu);
/* For vcpu.c. */
void kvm_riscv_rs_fence_and_preempt_disable(struct kvm_vcpu *vcpu);
/* In Rust, for tlb.c and vcpu.c. */
void kvm_riscv_rs_arrive(struct kvm_vcpu *vcpu);
void kvm_riscv_rs_follow(struct kvm_vcpu *vcpu);

void kvm_riscv_rs_halt(struct kvm_vcpu *vcpu);
bool kvm_riscv_rs_may_report_exit(void);
void kvm_riscv_rs_report_exit(struct kvm_vcpu *vcpu, struct kvm_cpu_trap *trap, int error);

void kvm_riscv_rs_turn_on(struct static_key_false *key);
void kvm_riscv_rs_turn_off(struct static_key_false *key);
void *kvm_riscv_rs_nacl_shmem(void);
struct kvm_riscv_nacl *kvm_riscv_rs_nacl_of_this_cpu(void);
struct kvm_riscv_nacl *kvm_riscv_rs_nacl_of_cpu(int cpu);
void *kvm_riscv_rs_nacl_alloc(void);
void kvm_riscv_rs_nacl_free(void *memory);
phys_addr_t kvm_riscv_rs_phys(void *memory);
int kvm_riscv_rs_next_possible_cpu(int cpu);
unsigned int kvm_riscv_rs_cpus(void);
void kvm_riscv_rs_on_each_cpu(smp_call_func_t func, void *info);
void kvm_riscv_rs_report_nacl_features(void);
void kvm_riscv_rs_report_nacl_refusal(void);
void kvm_riscv_rs_report_nacl_lost(void);
/* In vcpu.c, which has the variable. */
void kvm_riscv_rs_forget_former_vcpu(void);

int kvm_riscv_rs_get_user_u32(u32 *value, const u32 __user *address);
int kvm_riscv_rs_get_user_u64(u64 *value, const u64 __user *address);
int kvm_riscv_rs_put_user_u32(u32 value, u32 __user *address);
int kvm_riscv_rs_put_user_u64(u64 value, u64 __user *address);

bool kvm_riscv_rs_can_delegate_misaligned(void);
u64 kvm_riscv_rs_run_delay(void);

void kvm_riscv_rs_cond_resched(struct kvm_vcpu *vcpu);

void kvm_riscv_rs_report_counter_limit(void);
void kvm_riscv_rs_report_invalid_counter(long index);
void kvm_riscv_rs_report_unreadable_snapshot(void);
void kvm_riscv_rs_report_no_perf_event(unsigned long event, long error);

#endif
