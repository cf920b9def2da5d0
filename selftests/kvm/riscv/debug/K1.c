// SPDX-License-Identifier: GPL-2.0
/*
 * Where the guest's snapshots of its counters are kept. The C of Linux 7.2
 * allocates a buffer with each call, and forgets the one before: the debug
 * kernel finds what nothing points to any more.
 */
#include "pmu_call.h"

#define SNAPSHOT		(1UL << 30)
#define SLOT			10
#define CALLS			50

static void snapshots(void)
{
	unsigned int i;

	pmu_create();
	pmu_add_page(SNAPSHOT, SLOT, 0);
	for (i = 0; i < CALLS; i++)
		pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, SNAPSHOT);
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_SNAPSHOT, 0);
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_SNAPSHOT);
	kvm_vm_free(pmu_vm);
}

static const struct sbi_case cases[] = {
	{ "the snapshot is set again and again", snapshots },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
