// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the NACL firmware (selftests/nacl-firmware) which fences KVM wants made
 * on a hart before it enters a guest there. The firmware knows which it made
 * itself, and judges: what is still open when a guest is entered has been lost.
 *
 * Told are, by kprobes in either module, each fence that __kvm_riscv_nacl_hfence()
 * is given, as wanted, and each that the functions of tlb.c are, as made by the
 * instruction.
 *
 * In /sys/module/kvm_fence_judge/parameters:
 *
 *	armed		1: tell
 *	swallow		N: each N-th fence is told and KVM is kept from making it,
 *			so that the firmware has to find one that is missing; 0: none
 *	hold		1: who makes a fence keeps the CPU until that is in the queue
 *	untold		how many the firmware did not take
 *	record		the HFENCE entries that the hart that reads has processed,
 *			the latest one first, four words a line
 */
#include <linux/atomic.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include <asm/sbi.h>

#include "arming.h"

/* The test extension of the firmware, and what is used of it. */
#define EXTENSION	0x0a4e4143
#define FENCE_ASKED	5
#define FENCE_MADE	6
#define READ_RECORD	8

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "who makes a fence keeps the CPU until that is in the queue; from when it is armed");

static unsigned int swallow;
module_param(swallow, uint, 0644);
MODULE_PARM_DESC(swallow, "each fence of this number is swallowed");

/* The C hands a range over in pages, the Rust in bytes. */
static bool in_pages;
static atomic_long_t untold, wanted;

static int get_untold(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%ld\n", atomic_long_read(&untold));
}

static const struct kernel_param_ops untold_ops = {
	.get = get_untold,
};
module_param_cb(untold, &untold_ops, NULL, 0444);
MODULE_PARM_DESC(untold, "fences that the firmware did not take");

/* What a fence is, numbered as in the queue. */
enum { GVMA, GVMA_ALL, GVMA_VMID, GVMA_VMID_ALL, VVMA, VVMA_ALL, VVMA_ASID, VVMA_ASID_ALL };

struct fence {
	unsigned int type;
	unsigned long vmid, asid, address, size;
};

static void tell(int function, struct fence fence)
{
	struct sbiret ret;

	ret = sbi_ecall(EXTENSION, function, fence.type, fence.vmid, fence.asid,
			fence.address, fence.size, 0);
	if (ret.error)
		atomic_long_inc(&untold);
}

#define FIELD(config, last, first)	((config) >> (first) & GENMASK((last) - (first), 0))

/* __kvm_riscv_nacl_hfence(shmem, config, page number, page count) */
static int want(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long config = regs->a1;
	unsigned int order = FIELD(config, 54, 48) + SBI_NACL_SHMEM_HFENCE_ORDER_BASE;
	struct fence fence = {
		.type = FIELD(config, 59, 56),
		.vmid = FIELD(config, 29, 16),
		.asid = FIELD(config, 15, 0),
		.address = regs->a2,
		.size = regs->a3,
	};
	unsigned int each = READ_ONCE(swallow);

	if (in_pages && order < BITS_PER_LONG) {
		fence.address <<= order;
		fence.size <<= order;
	}
	tell(FENCE_ASKED, fence);
	if (!each || atomic_long_inc_return(&wanted) % each)
		return 0;

	/* Back to the caller at once. */
	instruction_pointer_set(regs, regs->ra);
	return 1;
}

/*
 * Who makes a fence keeps the CPU until it is made, or in the queue, if asked for: otherwise another vCPU
 * may enter its guest in between, for which the fence is not, and the firmware does not know
 * whose it is. Not where the queue may be full: the C tries for ever.
 */
static bool holding;

static int keep_cpu(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	bool *held = (bool *)instance->data;

	*held = READ_ONCE(holding);
	if (*held)
		preempt_disable();
	return 0;
}

static int let_go(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (*(bool *)instance->data)
		preempt_enable();
	return 0;
}

static struct kretprobe held;

static int begin_to_hold(void)
{
	int ret;

	if (!READ_ONCE(hold))
		return 0;
	memset(&held, 0, sizeof(held));
	held.kp.symbol_name = "__kvm_riscv_nacl_hfence";
	held.entry_handler = keep_cpu;
	held.handler = let_go;
	held.data_size = sizeof(bool);
	ret = register_kretprobe(&held);
	WRITE_ONCE(holding, !ret);
	return ret;
}

static void hold_no_more(void)
{
	if (!holding)
		return;
	WRITE_ONCE(holding, false);
	/* Who has the CPU lets it go, which nobody would see once the probe is gone. */
	synchronize_rcu();
	unregister_kretprobe(&held);
}

#define MADE(name, ...)							\
static int made_##name(struct kprobe *probe, struct pt_regs *regs)	\
{									\
	tell(FENCE_MADE, (struct fence) { __VA_ARGS__ });	\
	return 0;							\
}

MADE(gvma_gpa, GVMA, 0, 0, regs->a0, regs->a1)
MADE(gvma_all, GVMA_ALL)
MADE(gvma_vmid_gpa, GVMA_VMID, regs->a0, 0, regs->a1, regs->a2)
MADE(gvma_vmid_all, GVMA_VMID_ALL, regs->a0)
MADE(vvma_gva, VVMA, regs->a0, 0, regs->a1, regs->a2)
MADE(vvma_all, VVMA_ALL, regs->a0)
MADE(vvma_asid_gva, VVMA_ASID, regs->a0, regs->a1, regs->a2, regs->a3)
MADE(vvma_asid_all, VVMA_ASID_ALL, regs->a0, regs->a1)

#define PROBE_MADE(name)						\
	{ .symbol_name = "kvm_riscv_local_hfence_" #name, .pre_handler = made_##name }

static const struct kprobe templates[] = {
	/* The last that is registered, for its fences may be made by the others. */
	{ .symbol_name = "__kvm_riscv_nacl_hfence", .pre_handler = want },
	PROBE_MADE(gvma_gpa),
	PROBE_MADE(gvma_all),
	PROBE_MADE(gvma_vmid_gpa),
	PROBE_MADE(gvma_vmid_all),
	PROBE_MADE(vvma_gva),
	PROBE_MADE(vvma_all),
	PROBE_MADE(vvma_asid_gva),
	PROBE_MADE(vvma_asid_all),
};
static struct kprobe probes[ARRAY_SIZE(templates)];

static void unregister_from(unsigned int from)
{
	unsigned int i;

	hold_no_more();
	for (i = from; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
}

/* Whether the module that is in use has this function. */
static bool has(const char *symbol)
{
	struct kprobe probe = { .symbol_name = symbol };

	if (register_kprobe(&probe))
		return false;
	unregister_kprobe(&probe);
	return true;
}

static int arm(void)
{
	unsigned int i;
	int ret;

	in_pages = !has("kvm_riscv_rs_nacl_shmem");
	atomic_long_set(&untold, 0);
	/* First, so that it does not see those that are swallowed. */
	ret = begin_to_hold();
	if (ret)
		return ret;
	for (i = ARRAY_SIZE(probes); i--;) {
		probes[i] = templates[i];
		ret = register_kprobe(&probes[i]);
		if (ret) {
			unregister_from(i + 1);
			return ret;
		}
	}
	return 0;
}

static void disarm(void)
{
	unregister_from(0);
}

module_param_cb(armed, &armed_ops, &armed, 0644);
MODULE_PARM_DESC(armed, "is the firmware told?");

#define RECORD_LINES	32

static int get_record(char *buffer, const struct kernel_param *parameter)
{
	unsigned long number, line;
	struct sbiret ret;
	u64 *words;
	int at = 0;

	words = kzalloc(4 * sizeof(*words), GFP_KERNEL);
	if (!words)
		return -ENOMEM;
	/* One hart's, from the first line to the last. */
	preempt_disable();
	number = sbi_ecall(EXTENSION, READ_RECORD, -1UL, 0, 0, 0, 0, 0).value;
	for (line = 0; line < RECORD_LINES && number--; line++) {
		ret = sbi_ecall(EXTENSION, READ_RECORD, number, virt_to_phys(words), 0, 0, 0, 0);
		if (ret.error)
			break;
		at += sysfs_emit_at(buffer, at, "0x%llx 0x%llx 0x%llx 0x%llx\n",
				    words[0], words[1], words[2], words[3]);
	}
	preempt_enable();
	kfree(words);
	return at;
}

static const struct kernel_param_ops record_ops = {
	.get = get_record,
};
module_param_cb(record, &record_ops, NULL, 0444);
MODULE_PARM_DESC(record, "the HFENCE entries that this hart processed last");

static int __init kvm_fence_judge_init(void)
{
	return sbi_probe_extension(EXTENSION) > 0 ? 0 : -ENODEV;
}
module_init(kvm_fence_judge_init);

static void __exit kvm_fence_judge_exit(void)
{
	disarm_if_armed();
}
module_exit(kvm_fence_judge_exit);

MODULE_DESCRIPTION("Tell the NACL firmware which fences KVM wants, for tests of KVM");
MODULE_LICENSE("GPL");
