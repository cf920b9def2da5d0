// SPDX-License-Identifier: GPL-2.0
/*
 * A guest runs and asks user space for things, and its vCPU is told things, with each place failing that can. It needs a kernel with fault
 * injection; what is lost on the way the debug kernel tells.
 */
#include <sys/ioctl.h>

#include "bare_vm.h"
#include "injection.h"
#include "sbi_case.h"

#ifndef KVM_CAP_RISCV_MP_STATE_RESET
#define KVM_CAP_RISCV_MP_STATE_RESET	242
#endif

static void vcpu_that_may_all(void)
{
	bare_make_vcpu();
	bare_allow_all();
}

/* One that has a perf event to be released. */
static void vcpu_that_can_be_reset(void)
{
	bare_make_vcpu();
	bare_enable(KVM_CAP_RISCV_MP_STATE_RESET, 0);
	bare_run();
}

static int get_mp_state(void)
{
	struct kvm_mp_state state;

	return ioctl(bare.vcpu, KVM_GET_MP_STATE, &state);
}

static int set_mp_state(u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	return ioctl(bare.vcpu, KVM_SET_MP_STATE, &state);
}

static int start(void)
{
	return set_mp_state(KVM_MP_STATE_RUNNABLE);
}

static int stop(void)
{
	return set_mp_state(KVM_MP_STATE_STOPPED);
}

static int reset(void)
{
	return set_mp_state(KVM_MP_STATE_INIT_RECEIVED);
}

static int set_signal_mask(void)
{
	struct {
		struct kvm_signal_mask mask;
		u64 signals;
	} __packed all = { .mask.len = sizeof(all.signals) };

	return ioctl(bare.vcpu, KVM_SET_SIGNAL_MASK, &all);
}

static int set_debug(void)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };

	return ioctl(bare.vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static int interrupt(void)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };

	return ioctl(bare.vcpu, KVM_INTERRUPT, &irq);
}

static const struct injection running[] = {
	{ "KVM_RUN", vcpu_that_may_all, bare_release, bare_run },
};

static const struct injection told[] = {
	{ "KVM_GET_MP_STATE", bare_make_vcpu, bare_release, get_mp_state },
	{ "KVM_SET_MP_STATE, runnable", bare_make_vcpu, bare_release, start },
	{ "KVM_SET_MP_STATE, stopped", bare_make_vcpu, bare_release, stop },
	{ "KVM_SET_MP_STATE, reset", vcpu_that_can_be_reset, bare_release, reset },
	{ "KVM_SET_SIGNAL_MASK", bare_make_vcpu, bare_release, set_signal_mask },
	{ "KVM_SET_GUEST_DEBUG", bare_make_vcpu, bare_release, set_debug },
	{ "KVM_INTERRUPT", bare_make_vcpu, bare_release, interrupt },
};

static void running_fails(void)
{
	injection_try_table(running, ARRAY_SIZE(running));
}

static void telling_fails(void)
{
	injection_try_table(told, ARRAY_SIZE(told));
}

static const struct sbi_case cases[] = {
	{ "a guest runs and asks user space", running_fails, .seconds = 900 },
	{ "a vCPU is told what to do", telling_fails, .seconds = 600 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
