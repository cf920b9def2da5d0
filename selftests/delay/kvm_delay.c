// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a race wide: spins whenever a kernel function is entered.
 *
 * A kprobe cannot sleep, and preemption is off in its handler. The delay is
 * longer than a time slice of the scheduler, so that the next tick, right after
 * the handler, gives the CPU to another task that waits for it.
 *
 * Written to /sys/module/kvm_delay/parameters: `symbol`, `microseconds`
 * and `one_in` first, then 1 to `armed`. How many delays have begun since is in `begun`.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>

#include "arming.h"

#define LONGEST		1000000

static char symbol[KSYM_NAME_LEN];
module_param_string(symbol, symbol, sizeof(symbol), 0644);
MODULE_PARM_DESC(symbol, "function to be delayed");

static unsigned int microseconds;
module_param(microseconds, uint, 0644);
MODULE_PARM_DESC(microseconds, "for how long, at most a second");

static unsigned int one_in = 1;
module_param(one_in, uint, 0644);
MODULE_PARM_DESC(one_in, "delay one call in so many, by chance; all by default");

static char probed[KSYM_NAME_LEN];

static atomic_t number;

static unsigned int begun;
module_param(begun, uint, 0444);
MODULE_PARM_DESC(begun, "how many delays have begun");

static int delay(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int calls = READ_ONCE(one_in);
	u64 end;

	/* Not the kernel's random numbers: they take a lock, and a probe may be anywhere. */
	if (calls > 1 && hash_32(atomic_inc_return(&number), 32) % calls)
		return 0;

	WRITE_ONCE(begun, READ_ONCE(begun) + 1);
	end = ktime_get_mono_fast_ns() +
	      (u64)min(READ_ONCE(microseconds), LONGEST) * NSEC_PER_USEC;
	while (ktime_get_mono_fast_ns() < end)
		cpu_relax();

	return 0;
}

static struct kprobe probe;

static int arm(void)
{
	WRITE_ONCE(begun, 0);
	memset(&probe, 0, sizeof(probe));
	strscpy(probed, strim(symbol));
	probe.symbol_name = probed;
	probe.pre_handler = delay;
	return register_kprobe(&probe);
}

static void disarm(void)
{
	unregister_kprobe(&probe);
}

module_param_cb(armed, &armed_ops, &armed, 0644);
MODULE_PARM_DESC(armed, "is the delay there?");

static int __init kvm_delay_init(void)
{
	return 0;
}
module_init(kvm_delay_init);

static void __exit kvm_delay_exit(void)
{
	disarm_if_armed();
}
module_exit(kvm_delay_exit);

MODULE_DESCRIPTION("Delay at a kernel function, to make a race wide");
MODULE_LICENSE("GPL");
