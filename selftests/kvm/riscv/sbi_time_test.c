// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI Timer extension (SBI v3.0, chapter 6).
 */
#include <pthread.h>
#include <sched.h>

#include "delay.h"
#include "firmware_event.h"
#include "sbi_call.h"

#define SECOND		(frequency)
#define MILLISECOND	(frequency / 1000)
#define HOUR		(3600 * frequency)
#define NEVER		(-1UL)

/* Shared by host and guest; each has its own, see sync_global_*(). */
static u64 frequency;
static u64 deadline, came_at, came, cause;
static u64 pending;
static u64 lost, tries;

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void create(void)
{
	static const u32 ids[] = { 0 };

	vm = sbi_vm_create(&vcpu, ids, 1);
	frequency = vcpu_get_reg(vcpu, RISCV_TIMER_REG(frequency));
	sync_global_to_guest(vm, frequency);
}

static u64 guest_time(void)
{
	return csr_read(CSR_TIME);
}

static void guest_set_timer(u64 when)
{
	guest_sbi_call(SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, when, 0);
}

static bool guest_pending(void)
{
	return csr_read(CSR_SIP) & BIT(IRQ_S_TIMER);
}

/* Wait until the timer interrupt is pending, or for so long. */
static bool guest_pending_within(u64 cycles)
{
	u64 start = guest_time();

	do {
		if (guest_pending())
			return true;
	} while (guest_time() - start < cycles);

	return guest_pending();
}

static void timer_interrupt(struct pt_regs *regs)
{
	came_at = guest_time();
	cause = regs->cause;
	came++;
	guest_set_timer(NEVER);
}

/* The interrupt comes while the guest spins, or sleeps if @asleep. */
static void guest_one_timer(u64 ahead, u64 asleep)
{
	u64 give_up;

	came = 0;
	csr_set(CSR_SIE, BIT(IRQ_S_TIMER));
	deadline = guest_time() + ahead;
	give_up = deadline + 10 * SECOND;
	guest_set_timer(deadline);
	while (!READ_ONCE(came) && guest_time() < give_up) {
		/* With interrupts disabled, or it might come just before the wfi. */
		if (asleep)
			asm volatile("wfi" ::: "memory");
		local_irq_enable();
		local_irq_disable();
	}
	/* It comes once. */
	local_irq_enable();
	give_up = guest_time() + 20 * MILLISECOND;
	while (guest_time() < give_up)
		;
	local_irq_disable();
	guest_stop();
}

static void expect_timer(u64 ahead, bool asleep)
{
	sbi_run_guest(vcpu, guest_one_timer, ahead, asleep);
	sync_global_from_guest(vm, deadline);
	sync_global_from_guest(vm, came_at);
	sync_global_from_guest(vm, came);
	sync_global_from_guest(vm, cause);

	if (!sbi_expect(came == 1, "%lu timer interrupts for a deadline %lu cycles ahead, wanted 1",
			came, ahead))
		return;
	sbi_expect(cause == (CAUSE_IRQ_FLAG | IRQ_S_TIMER), "the cause was 0x%lx", cause);
	sbi_expect(came_at >= deadline, "the interrupt came %lu cycles early", deadline - came_at);
}

static void interrupt_comes(bool asleep)
{
	unsigned int i;

	create();
	vm_install_interrupt_handler(vm, timer_interrupt);
	expect_timer(0, asleep);
	for (i = 0; i < 5; i++) {
		expect_timer(MILLISECOND / 10, asleep);
		expect_timer(MILLISECOND, asleep);
		expect_timer(30 * MILLISECOND, asleep);
	}
}

static void interrupt_comes_while_running(void)
{
	interrupt_comes(false);
}

static void interrupt_comes_while_asleep(void)
{
	interrupt_comes(true);
}

/* Leaves 1 in @pending for each step that went right. */
static void guest_past_and_future(void)
{
	pending = 0;

	guest_set_timer(guest_time() - 1);
	pending |= guest_pending_within(5 * SECOND) << 0;
	guest_set_timer(guest_time() + HOUR);
	pending |= !guest_pending() << 1;

	guest_set_timer(0);
	pending |= guest_pending_within(5 * SECOND) << 2;
	guest_set_timer(NEVER);
	pending |= !guest_pending() << 3;
	pending |= !guest_pending_within(20 * MILLISECOND) << 4;

	/* A deadline takes the place of the one before it. */
	guest_set_timer(guest_time() + HOUR);
	guest_set_timer(guest_time() + MILLISECOND);
	pending |= guest_pending_within(5 * SECOND) << 5;
	guest_set_timer(guest_time() + 10 * MILLISECOND);
	guest_set_timer(guest_time() + HOUR);
	pending |= !guest_pending_within(100 * MILLISECOND) << 6;

	guest_stop();
}

static void past_and_future(void)
{
	static const char * const steps[] = {
		"a deadline in the past is not pending",
		"a deadline in an hour does not clear what is pending",
		"a deadline of 0 is not pending",
		"a deadline of -1 does not clear what is pending",
		"a deadline of -1 is pending",
		"a deadline in a millisecond, after one in an hour, is not pending",
		"a deadline in an hour does not replace one in 10 milliseconds",
	};
	unsigned int i;

	create();
	sbi_run_guest(vcpu, guest_past_and_future, 0, 0);
	sync_global_from_guest(vm, pending);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		sbi_expect(pending >> i & 1, "%s", steps[i]);
}

static void full_width(void)
{
	static const u64 deadlines[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x123456789abcdef0,
		LONG_MAX, 1UL << 63, -2UL, -1UL,
	};
	unsigned int i;
	u64 compare;

	create();
	for (i = 0; i < ARRAY_SIZE(deadlines); i++) {
		sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER,
				deadlines[i], -1UL, -1UL, -1UL, -1UL, -1UL);
		compare = vcpu_get_reg(vcpu, RISCV_TIMER_REG(compare));
		sbi_expect(compare == deadlines[i], "set_timer(0x%lx): the deadline is 0x%lx",
			   deadlines[i], compare);
	}
}

static void guest_is_pending(u64 wanted)
{
	/* Long enough for one that should not be there. */
	pending = wanted ? guest_pending_within(5 * SECOND) :
			   guest_pending_within(20 * MILLISECOND);
	guest_stop();
}

static void expect_pending(bool wanted, const char *when)
{
	sbi_run_guest(vcpu, guest_is_pending, wanted, 0);
	sync_global_from_guest(vm, pending);
	sbi_expect(pending == wanted, "a timer interrupt is %spending %s",
		   pending ? "" : "not ", when);
}

static void unknown_functions(void)
{
	u64 compare;

	create();

	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, NEVER);
	sbi_expect_unknown_functions(vcpu, SBI_EXT_TIME, 1, (const unsigned long[6]) { 0 });
	compare = vcpu_get_reg(vcpu, RISCV_TIMER_REG(compare));
	sbi_expect(compare == NEVER, "an unknown function set the deadline 0x%lx", compare);
	expect_pending(false, "after unknown functions");

	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, 0);
	expect_pending(true, "after set_timer(0)");
	sbi_expect_unknown_functions(vcpu, SBI_EXT_TIME, 1, (const unsigned long[6]) { NEVER });
	compare = vcpu_get_reg(vcpu, RISCV_TIMER_REG(compare));
	sbi_expect(!compare, "an unknown function set the deadline 0x%lx", compare);
	expect_pending(true, "before unknown functions and");
}

/* Each vCPU has its own. */
static void own_timers(void)
{
	static const u32 ids[] = { 0, 5 };
	struct kvm_vcpu *vcpus[2];

	vm = sbi_vm_create(vcpus, ids, 2);
	frequency = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(frequency));
	sync_global_to_guest(vm, frequency);

	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, NEVER);
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, 0);
	vcpu = vcpus[0];
	expect_pending(false, "on hart 0, which asked for none");
	vcpu = vcpus[1];
	expect_pending(true, "on hart 5, which asked for one");
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, NEVER);
	expect_pending(true, "on hart 5 when hart 0 clears its own, and");
}

/*
 * Preemption between the call and the next entry of the guest. Another task
 * wants the same CPU, and each pass of KVM's run loop takes longer than a time
 * slice, so the vCPU is scheduled out right there, nearly each time.
 */
static void guest_preempted(u64 times)
{
	lost = 0;
	for (tries = 0; tries < times && lost < 3; tries++) {
		guest_set_timer(guest_time() + HOUR);
		guest_set_timer(guest_time() + MILLISECOND);
		if (!guest_pending_within(SECOND))
			lost++;
	}
	guest_stop();
}

static void *compete(void *unused)
{
	for (;;)
		asm volatile("" ::: "memory");
	return NULL;
}

static void run_delayed(u64 times)
{
	pin_self_to_any_cpu();
	delay_or_skip("kvm_riscv_gstage_vmid_update", 12000);

	sbi_run_guest(vcpu, guest_preempted, times, 0);
	sync_global_from_guest(vm, lost);
	sync_global_from_guest(vm, tries);
	sbi_expect(!lost, "%lu of %lu timers never came", lost, tries);
}

static void preempted(void)
{
	pthread_t competitor;

	create();
	if (!__vcpu_has_isa_ext(vcpu, KVM_RISCV_ISA_EXT_SSTC))
		sbi_skip("no Sstc on this host");

	pin_self_to_any_cpu();
	pthread_create(&competitor, NULL, compete, NULL);
	run_delayed(15);
}

/* That it is the preemption and not the delay that the case before shows. */
static void delayed(void)
{
	const struct sched_param priority = { .sched_priority = 1 };

	create();
	sbi_expect(!sched_setscheduler(0, SCHED_FIFO, &priority), "SCHED_FIFO: %s",
		   strerror(errno));
	run_delayed(5);
}

static void firmware_counter(void)
{
	unsigned long counter, count;

	create();
	firmware_events_or_skip(vcpu);
	counter = firmware_event_count(vcpu, SBI_PMU_FW_SET_TIMER);
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, NEVER);
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, 0);
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, NEVER);
	sbi_expect_call(vcpu, SBI_ERR_NOT_SUPPORTED, SBI_EXT_TIME, 1, NEVER);
	count = firmware_event_read(vcpu, counter);
	sbi_expect(count == 3, "SET_TIMER is %lu, wanted 3", count);
}

static void statistics(void)
{
	create();
	sbi_expect_no_statistics(vcpu, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER,
				 (const unsigned long[6]) { NEVER });
	sbi_expect_no_statistics(vcpu, SBI_EXT_TIME, 1, (const unsigned long[6]) { NEVER });
}

static const struct sbi_case cases[] = {
	{ "the timer interrupt comes at the deadline or after it, once, to a guest that runs",
	  interrupt_comes_while_running,
	  .conforms = REQUIREMENTS("TIME.set_timer.event") },
	{ "the timer interrupt comes at the deadline or after it, once, to a guest that sleeps",
	  interrupt_comes_while_asleep,
	  .conforms = REQUIREMENTS("TIME.set_timer.event") },
	{ "a past deadline is pending, a future one clears it", past_and_future,
	  .conforms = REQUIREMENTS("TIME.set_timer.clears", "TIME.set_timer.masked",
				   "TIME.set_timer.never") },
	{ "the deadline has 64 bits, and is what user space reads", full_width,
	  .conforms = REQUIREMENTS("TIME.set_timer.SUCCESS", "TIME.set_timer.absolute") },
	{ "an unknown function is NOT_SUPPORTED and leaves the timer alone", unknown_functions,
	  .conforms = REQUIREMENTS("TIME.function.NOT_SUPPORTED") },
	{ "each vCPU has its own timer", own_timers },
	{ "[T1] a deadline survives preemption before the next entry", preempted, 120,
	  .conforms = REQUIREMENTS("TIME.set_timer.event") },
	{ "a deadline survives the same delay without preemption", delayed },
	{ "SET_TIMER counts", firmware_counter,
	  .conforms = REQUIREMENTS("PMU.FW_SET_TIMER") },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	delay_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
