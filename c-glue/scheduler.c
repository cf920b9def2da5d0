// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler: what is a macro in C.
 */

#include <linux/sched.h>

#include "helpers.h"

void kvm_riscv_rs_cond_resched(void)
{
	cond_resched();
}
