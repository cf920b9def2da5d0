// SPDX-License-Identifier: GPL-2.0
/*
 * Gives KVM another htinst than the machine did.
 *
 * What a hart writes there is its own choice: the trapped instruction in a form
 * of its own, zero, or for an access to a page table a pseudo-instruction. A
 * given machine shows only some of these. So each trap whose scause is one of
 * `causes` gets, before KVM looks at it,
 *
 *	htinst = (htinst & keep) | set
 *
 * Written to /sys/module/kvm_trap/parameters: `causes` (a bit for each), `keep`
 * and `set` first, then 1 to `armed`. `changed` counts the traps since then.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/kprobes.h>
#include <linux/kvm_host.h>
#include <linux/module.h>

#include "arming.h"

static unsigned long causes;
module_param(causes, ulong, 0644);
MODULE_PARM_DESC(causes, "exceptions that are changed, a bit for each scause");

static unsigned long keep;
module_param(keep, ulong, 0644);
MODULE_PARM_DESC(keep, "bits of htinst that stay");

static unsigned long set;
module_param(set, ulong, 0644);
MODULE_PARM_DESC(set, "bits of htinst that are set");

static atomic_long_t changed;

/* kvm_riscv_vcpu_exit(vcpu, run, trap), whichever language it is written in. */
static int change(struct kprobe *probe, struct pt_regs *regs)
{
	struct kvm_cpu_trap *trap = (struct kvm_cpu_trap *)regs->a2;

	if (trap->scause >= BITS_PER_LONG || !(READ_ONCE(causes) & BIT(trap->scause)))
		return 0;

	trap->htinst = (trap->htinst & READ_ONCE(keep)) | READ_ONCE(set);
	atomic_long_inc(&changed);
	return 0;
}

static struct kprobe probe;

static int arm(void)
{
	memset(&probe, 0, sizeof(probe));
	probe.symbol_name = "kvm_riscv_vcpu_exit";
	probe.pre_handler = change;
	atomic_long_set(&changed, 0);
	return register_kprobe(&probe);
}

static void disarm(void)
{
	unregister_kprobe(&probe);
}

module_param_cb(armed, &armed_ops, &armed, 0644);
MODULE_PARM_DESC(armed, "is htinst changed?");

static int get_changed(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%ld\n", atomic_long_read(&changed));
}

static const struct kernel_param_ops changed_ops = {
	.get = get_changed,
};
module_param_cb(changed, &changed_ops, NULL, 0444);
MODULE_PARM_DESC(changed, "how many traps were changed since it was armed");

static int __init kvm_trap_init(void)
{
	return 0;
}
module_init(kvm_trap_init);

static void __exit kvm_trap_exit(void)
{
	disarm_if_armed();
}
module_exit(kvm_trap_exit);

MODULE_DESCRIPTION("Another htinst than the machine's, for tests of KVM");
MODULE_LICENSE("GPL");
