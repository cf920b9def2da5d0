// SPDX-License-Identifier: GPL-2.0
/*
 * A hardware event on a firmware counter. The C of Linux 7.2 takes it, and never
 * releases the perf event behind it: that counts on in the same task when the
 * vCPU is gone, and its overflow is noted in memory that has been freed.
 */
#include "pmu_call.h"

static void overflow_after_the_vcpu(void)
{
	pmu_create();
	/* The hardware event goes on from the value of the firmware event: near an overflow. */
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_INIT_VALUE, PMU_NEAR);
	pmu_stop(SBI_SUCCESS, pmu_hardware, 0);
	/* Whatever is said to that, and whether it can be stopped, is sbi_pmu_config_test's. */
	pmu_call(SBI_EXT_PMU_COUNTER_CFG_MATCH, pmu_hardware, 1, CFG_SKIP_MATCH | CFG_AUTO_START,
		 EVENT_INSTRUCTIONS, 0);
	pmu_call(SBI_EXT_PMU_COUNTER_STOP, pmu_hardware, 1, STOP_RESET);
	kvm_vm_free(pmu_vm);

	/* Another guest's instructions, in the same task. */
	pmu_create();
	pmu_spin(10 * PMU_NEAR_MILLISECONDS);
	kvm_vm_free(pmu_vm);
}

static const struct sbi_case cases[] = {
	{ "a guest after one that has put a hardware event on a firmware counter",
	  overflow_after_the_vcpu, .seconds = 300 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
