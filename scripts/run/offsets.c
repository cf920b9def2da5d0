// SPDX-License-Identifier: GPL-2.0
/*
 * Where KVM keeps what scripts/run counts, for a kprobe's arguments. Compiled by the kernel's own
 * Kbuild to assembly, which scripts/run/offsets reads; never linked.
 */
#include <linux/kbuild.h>
#include <linux/kvm_host.h>

int main(void)
{
	OFFSET(VCPU_ID, kvm_vcpu, vcpu_id);
	DEFINE(VCPU_A6, offsetof(struct kvm_vcpu, arch.guest_context.a6));
	DEFINE(VCPU_A7, offsetof(struct kvm_vcpu, arch.guest_context.a7));
	OFFSET(TRAP_SCAUSE, kvm_cpu_trap, scause);
	return 0;
}
