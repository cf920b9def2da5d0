// SPDX-License-Identifier: GPL-2.0
/*
 * On the NACL firmware: what a guest traps for has KVM access CSRs of it, which are
 * words of the shared memory of the CPU that the task is on. The C of Linux 7.2
 * looks that CPU up while the task can leave it.
 */
#include "guest_trap.h"
#include "nacl_firmware.h"

#define DEADLINE		(-1UL)

static struct kvm_vcpu *vcpu;

static void create(void)
{
	nacl_or_skip();
	guest_create(&vcpu);
}

static void set_timer(void)
{
	create();
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, DEADLINE);
}

static void redirection(void)
{
	struct guest_state start;

	create();
	/* A CSR that a guest does not have. */
	start = guest_at(vcpu, GUEST_VS, INSN_CSRR(A0, CSR_HSTATUS));
	guest_expect_trap(vcpu, &start, EXC_INST_ILLEGAL, INSN_CSRR(A0, CSR_HSTATUS));
}

static const struct sbi_case cases[] = {
	{ "a timer is set", set_timer },
	{ "a trap is redirected", redirection },
};

int main(void)
{
	nacl_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
