// SPDX-License-Identifier: GPL-2.0
/*
 * The exit path: what is inline or a macro in C.
 */

#include <linux/kvm_host.h>
#include <linux/ratelimit.h>

#include "helpers.h"

void kvm_riscv_rs_halt(struct kvm_vcpu *vcpu)
{
	kvm_vcpu_srcu_read_unlock(vcpu);
	kvm_vcpu_halt(vcpu);
	kvm_vcpu_srcu_read_lock(vcpu);
}

static DEFINE_RATELIMIT_STATE(exit_reports, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);

bool kvm_riscv_rs_may_report_exit(void)
{
	return __ratelimit(&exit_reports);
}

void kvm_riscv_rs_report_exit(struct kvm_vcpu *vcpu, struct kvm_cpu_trap *trap, int error)
{
	struct kvm_cpu_context *guest = &vcpu->arch.guest_context;

	kvm_err("VCPU exit error %d\n", error);
	kvm_err("SEPC=0x%lx SSTATUS=0x%lx HSTATUS=0x%lx\n",
		guest->sepc, guest->sstatus, guest->hstatus);
	kvm_err("SCAUSE=0x%lx STVAL=0x%lx HTVAL=0x%lx HTINST=0x%lx\n",
		trap->scause, trap->stval, trap->htval, trap->htinst);
}
