// SPDX-License-Identifier: GPL-2.0
/*
 * The host's CPUs and the task that runs: what is inline, or what Rust would find at a wrong place.
 */

#include <linux/sched.h>
#include <asm/cpufeature.h>

#include "helpers.h"

bool kvm_riscv_rs_can_delegate_misaligned(void)
{
	return misaligned_traps_can_delegate();
}

/* bindgen drops the alignment of the empty struct sched_statistics, which task_struct has before. */
u64 kvm_riscv_rs_run_delay(void)
{
	return READ_ONCE(current->sched_info.run_delay);
}
