// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor beneath does not make the fences in the queue (SBI nested acceleration), and
 * the queue is full: KVM makes them otherwise.
 *
 * The C of Linux 7.2 asks again and again, in the kernel, in a task that no signal ends. It ends when the
 * knob is put back after the case.
 */
#include "fence_flood.h"
#include "fence_judge.h"

#define SBI_FAILED	-1

static struct kvm_vcpu *vcpus[2];

static void create(void)
{
	static const u32 ids[] = { 0, 1 };

	fence_judge_or_skip(false);
	sbi_vm_create(vcpus, ids, 2);
	pin_self_to_cpu(0);
}

static void floods(void)
{
	unsigned long directly = nacl_counted("fence performed directly", -1);
	unsigned int i;

	for (i = 0; i < 10; i++)
		fence_flood(vcpus);
	fence_judge_expect_none_lost();
	sbi_expect(fence_judge_wanted() >= 10 * FENCE_FLOOD, "%lu fences only",
		   fence_judge_wanted());
	directly = nacl_counted("fence performed directly", -1) - directly;
	sbi_expect(directly, "no fence was made by the instruction");
	ksft_print_msg("%lu fences wanted, %lu made by the instruction\n", fence_judge_wanted(),
		       directly);
}

static void never_cleared(void)
{
	create();
	nacl_set(NACL_NEVER_CLEAR, 1);
	floods();
}

static void sync_fails(void)
{
	create();
	nacl_set(NACL_HFENCE_ERROR, SBI_FAILED);
	floods();
}

static const struct sbi_case cases[] = {
	{ "[N8] entries of the queue stay pending", never_cleared, 8 },
	{ "[N8] the queue is full and sync_hfence fails", sync_fails, 8 },
};

int main(void)
{
	nacl_setup();
	fence_judge_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
