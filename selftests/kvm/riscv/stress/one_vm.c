// SPDX-License-Identifier: GPL-2.0
/*
 * A guest runs, asks user space for each thing that there is, and shuts down: the
 * shortest use of all of kvm.ko, for stress/module-storm.
 */
#include "bare_vm.h"
#include "sbi_case.h"

static void guest_runs(void)
{
	bare_make_vcpu();
	bare_allow_all();
	TEST_ASSERT(bare_run() >= 0, "the guest does not come to its end: errno %d", errno);
	bare_release();
}

static const struct sbi_case cases[] = {
	{ "a guest runs, asks user space, and shuts down", guest_runs },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
