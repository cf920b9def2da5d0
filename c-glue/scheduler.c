// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler: what is a macro or inline in C.
 */

#include <linux/kvm_host.h>
#include <linux/sched.h>

#include "helpers.h"

void kvm_riscv_rs_cond_resched(struct kvm_vcpu *vcpu)
{
	kvm_vcpu_srcu_read_unlock(vcpu);
	cond_resched();
	kvm_vcpu_srcu_read_lock(vcpu);
}
