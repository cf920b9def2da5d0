/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether KVM makes every fence, as the NACL firmware judges it: by the module
 * selftests/fence_judge, which tells it what KVM wants.
 */
#ifndef SELFTEST_KVM_FENCE_JUDGE_H
#define SELFTEST_KVM_FENCE_JUDGE_H

#include <linux/types.h>

#include "nacl_firmware.h"

/* To be called once by the program, after nacl_setup() and before its cases. */
void fence_judge_setup(void);

/*
 * From here to the end of the case. The case is skipped on another firmware.
 *
 * Whoever makes a fence may be preempted before it is in the queue, and another vCPU enters its guest: the
 * judge takes that for an entry without the fence. With @hold it does not happen: for guests that
 * share CPUs, where the queue is never full.
 */
void fence_judge_or_skip(bool hold);

/* Keep KVM from making each fence of this number; 0 for none. */
void fence_judge_swallow(unsigned int each);

/* Since fence_judge_or_skip(): fences that KVM wanted on all harts, and those that it lost. */
unsigned long fence_judge_wanted(void);
unsigned long fence_judge_lost(void);

/* The case fails if one was lost, or none was wanted. */
void fence_judge_expect_none_lost(void);

/* The last HFENCE entries that the firmware processed on this CPU, the latest first. Their number. */
struct hfence_entry {
	u64 config, page_number, reserved, page_count;
};

unsigned int fence_judge_record(struct hfence_entry entries[], unsigned int max);

#endif /* SELFTEST_KVM_FENCE_JUDGE_H */
