// SPDX-License-Identifier: GPL-2.0
/*
 * Shows the CSRs that say what a guest may do.
 *
 * KVM leaves them in the hart when a guest has left it. Who stays on a CPU on
 * which nobody else runs a guest reads what the last one ran with, in
 * /sys/module/kvm_csr/parameters:
 *
 *	hedeleg, henvcfg	the CSRs of the CPU that reads
 *	delegate		1: the host says that its firmware delegates the
 *				exceptions of misaligned accesses to it
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#include <asm/csr.h>

#include "arming.h"

static int get_hedeleg(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%lu\n", csr_read(CSR_HEDELEG));
}

static const struct kernel_param_ops hedeleg_ops = {
	.get = get_hedeleg,
};
module_param_cb(hedeleg, &hedeleg_ops, NULL, 0444);
MODULE_PARM_DESC(hedeleg, "the exceptions that a guest handles itself");

static int get_henvcfg(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%lu\n", csr_read(CSR_HENVCFG));
}

static const struct kernel_param_ops henvcfg_ops = {
	.get = get_henvcfg,
};
module_param_cb(henvcfg, &henvcfg_ops, NULL, 0444);
MODULE_PARM_DESC(henvcfg, "what the environment of a guest has");

static int say_yes(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	regs_set_return_value(regs, true);
	return 0;
}

static struct kretprobe probe;

static int arm(void)
{
	memset(&probe, 0, sizeof(probe));
	probe.kp.symbol_name = "misaligned_traps_can_delegate";
	probe.handler = say_yes;
	return register_kretprobe(&probe);
}

static void disarm(void)
{
	unregister_kretprobe(&probe);
}

module_param_cb(delegate, &armed_ops, &armed, 0644);
MODULE_PARM_DESC(delegate, "does the host say that misaligned accesses can be delegated?");

static int __init kvm_csr_init(void)
{
	return 0;
}
module_init(kvm_csr_init);

static void __exit kvm_csr_exit(void)
{
	disarm_if_armed();
}
module_exit(kvm_csr_exit);

MODULE_DESCRIPTION("The hypervisor's CSRs, for tests of KVM");
MODULE_LICENSE("GPL");
