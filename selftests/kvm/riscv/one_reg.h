/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of a vCPU that may not be there, and what reading and writing them
 * gives.
 */
#ifndef SELFTEST_KVM_ONE_REG_H
#define SELFTEST_KVM_ONE_REG_H

#include "sbi_call.h"

/* A register of 8 bytes of an SBI extension's state: KVM_REG_RISCV_SBI_STA, ..._FWFT. */
#define SBI_STATE_REG(subtype, number) \
	(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_SBI_STATE | (subtype) | (number))

/* Zero or an errno. @value stays as it is on an error. */
int one_reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *value);
int one_reg_set(struct kvm_vcpu *vcpu, u64 id, u64 value);

/* The register has @value. */
bool one_reg_is(struct kvm_vcpu *vcpu, u64 id, u64 value);

/* To read, or to set to @value, gives this errno, or 0. */
bool one_reg_get_gives(struct kvm_vcpu *vcpu, u64 id, int error);
bool one_reg_set_gives(struct kvm_vcpu *vcpu, u64 id, u64 value, int error);

/* The same with an address where nothing is. */
int one_reg_get_at(struct kvm_vcpu *vcpu, u64 id, void *address);
int one_reg_set_at(struct kvm_vcpu *vcpu, u64 id, void *address);

/* The ids of this KVM_REG_RISCV_* type that the vCPU lists, in its order. Their number. */
unsigned int one_reg_list(struct kvm_vcpu *vcpu, u64 type, u64 ids[], unsigned int max);

#endif /* SELFTEST_KVM_ONE_REG_H */
