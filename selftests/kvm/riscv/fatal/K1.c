// SPDX-License-Identifier: GPL-2.0
/*
 * A guest cannot make its host use a snapshot that is not there.
 *
 * The C of Linux 7.2 keeps the old address when the memory that is named next
 * turns out to be none, but has let go of its buffer: the next snapshot is
 * written through NULL. It is a program of its own because such a host has to be
 * given up.
 */
#include "pmu_call.h"

#define SNAPSHOT		(1UL << 30)
#define SLOT			10
#define HOLE			(1UL << 36)

static void snapshot_stays(void)
{
	struct pmu_snapshot *snapshot;

	pmu_create();
	snapshot = pmu_add_page(SNAPSHOT, SLOT, 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, SNAPSHOT);
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_INIT_VALUE, 1234);
	pmu_expect(SBI_ERR_INVALID_ADDRESS, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, HOLE);

	/* The call that failed has changed nothing. */
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_SNAPSHOT);
	sbi_expect(snapshot->values[0] == 1234, "the snapshot has %lu", snapshot->values[0]);
}

static const struct sbi_case cases[] = {
	{ "[K1] the snapshot stays where it was if it cannot be moved", snapshot_stays },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
