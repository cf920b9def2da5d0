// SPDX-License-Identifier: GPL-2.0
/*
 * The PMU's lines of the log, which are vcpu_pmu.c's; what a guest can cause again and again, no more
 * often than a log bears.
 */

#define pr_fmt(fmt)	"riscv-kvm-pmu: " fmt
#include <linux/printk.h>

#include "helpers.h"

void kvm_riscv_rs_report_counter_limit(void)
{
	pr_warn_once("Limiting the hardware counters to 32 as specified by the ISA");
}

void kvm_riscv_rs_report_invalid_counter(long index)
{
	pr_warn_ratelimited("Invalid counter id [%ld] during read\n", index);
}

void kvm_riscv_rs_report_unreadable_snapshot(void)
{
	pr_warn_ratelimited("Unable to read snapshot shared memory while starting counters\n");
}

void kvm_riscv_rs_report_no_perf_event(unsigned long event, long error)
{
	pr_debug("kvm pmu event creation failed for eidx %lx: %ld\n", event, error);
}
