/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only C can say, for kvm-riscv-rs to call. These are objects of kvm.ko: the kernel's own
 * rust/helpers are part of vmlinux and cannot reach it.
 */
#ifndef KVM_RISCV_RS_HELPERS_H
#define KVM_RISCV_RS_HELPERS_H

struct kvm;

void kvm_riscv_rs_request_sleep(struct kvm *kvm);

#endif
