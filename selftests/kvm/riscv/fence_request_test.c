// SPDX-License-Identifier: GPL-2.0
/*
 * Fences that wait in a vCPU's queue until it enters the guest, and those of a
 * vCPU that comes to a CPU. What is judged is which of them were executed, and
 * where: see sbi_rfence_test.c.
 */
#include <sched.h>
#include <unistd.h>

#include "delay.h"
#include "fence_trace.h"
#include "guest_thread.h"
#include "sbi_call.h"

#define SBI_EXT_HSM		0x48534d
#define HART_START		0

#define PAGE			4096UL
#define ADDRESS			0x12345000UL

/* Called in KVM_RUN of a thread, with preemption on: in the C after the fences. */
#define MOMENT			"kvm_riscv_vcpu_record_steal_time"
#define MOMENT_MS		300

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;

static void create(void)
{
	unsigned int i;

	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	/* Each has run on the CPU: entering asks for no fence of its own. */
	pin_self_to_any_cpu();
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		sbi_enter(vcpus[i]);
}

static void set_mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

/* One page of hart 1. */
static void ask_for_fence(void)
{
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA,
			2, 0, ADDRESS, PAGE);
}

/* Did the fence of that page come, on @cpu, or anywhere if that is -1? */
static void expect_fence(int cpu, const char *when)
{
	struct fences fences = fence_trace_read();
	unsigned int i, elsewhere = 0;
	bool found = false;

	for (i = 0; i < fences.count; i++) {
		const struct fence *fence = &fences.list[i];

		if (fence->kind != FENCE_VVMA ||
		    (!fence->all_addresses && fence->address != ADDRESS))
			continue;
		if (cpu < 0 || fence->cpu == cpu)
			found = true;
		else
			elsewhere++;
	}
	free(fences.list);
	sbi_expect(found, "%s: no fence%s, %u elsewhere", when,
		   cpu < 0 ? "" : " on the CPU that enters the guest", elsewhere);
}

static void start_hart_1(void)
{
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_HSM, HART_START, 1,
			addr_gva2gpa(vm, (gva_t)sbi_guest_back), 0);
}

static void reset_keeps_fences(void)
{
	create();
	fence_trace_or_skip();

	/* Stopped, asked for a fence, started: which resets it. */
	set_mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
	ask_for_fence();
	start_hart_1();
	fence_trace_clear();
	sbi_run_on(vcpus[1]);
	expect_fence(-1, "a hart that was asked while it was stopped");
}

static void fences_where_the_guest_is(void)
{
	struct guest_state start;
	struct guest_end end;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: there is nowhere to move to");
	create();
	fence_trace_or_skip();
	start = guest_at_address(vcpus[1], GUEST_VS, (u64)sbi_guest_back);

	/* The last exit is on CPU 1, so an entry there asks for no fence of its own. */
	pin_task_to_cpu(pthread_self(), 1);
	sbi_enter(vcpus[1]);
	ask_for_fence();

	/* KVM_RUN begins on CPU 0, and the thread moves to CPU 1 before the guest is entered. */
	delay_or_skip(MOMENT, MOMENT_MS * 1000);
	fence_trace_clear();
	guest_thread_begin_on(0, vcpus[1], &start);
	delay_wait();
	guest_thread_pin(1);
	/* Each time that the thread is scheduled in, it comes by there. */
	delay_end();
	end = guest_thread_finish();
	sbi_expect(end.exit_reason == KVM_EXIT_DEBUG, "KVM_RUN ended with exit reason %u, errno %d",
		   end.exit_reason, end.error);
	expect_fence(1, "a task that moves on its way into the guest");
}

struct arrivals {
	unsigned int vvma, fence_i;
};

/* Of the fences of an entry on @cpu: those of all translations of the guest, and FENCE.I. */
static struct arrivals enter_on(int cpu, struct kvm_vcpu *vcpu)
{
	struct arrivals arrivals = {};
	struct fences fences;
	unsigned int i;

	pin_task_to_cpu(pthread_self(), cpu);
	fence_trace_clear();
	sbi_enter(vcpu);
	fences = fence_trace_read();
	for (i = 0; i < fences.count; i++) {
		const struct fence *fence = &fences.list[i];

		if (fence->cpu != cpu)
			continue;
		if (fence->kind == FENCE_VVMA || fence->kind == FENCE_ARRIVAL_VVMA)
			arrivals.vvma += fence->all_addresses && fence->all_ids;
		arrivals.fence_i += fence->kind == FENCE_I || fence->kind == FENCE_ARRIVAL_I;
	}
	free(fences.list);
	return arrivals;
}

/* Both have the VMID, and an ASID of one is none of the other's. */
static void follows_another(void)
{
	struct arrivals arrivals;
	unsigned int i;
	int cpu;

	create();
	fence_trace_or_skip();
	cpu = sched_getcpu();
	for (i = 0; i < 4; i++) {
		arrivals = enter_on(cpu, vcpus[i % 2]);
		sbi_expect(arrivals.vvma, "entry %u: what vCPU %u translated is not forgotten", i,
			   !(i % 2));
	}
}

/* What it fences itself meanwhile, it fences there. */
static void comes_back_to_a_cpu(void)
{
	struct arrivals arrivals;
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: there is nowhere to move to");
	create();
	fence_trace_or_skip();
	enter_on(0, vcpus[0]);
	for (i = 1; i < 5; i++) {
		arrivals = enter_on(i % 2, vcpus[0]);
		sbi_expect(arrivals.vvma, "entry %u: translations from before are not forgotten", i);
		sbi_expect(arrivals.fence_i, "entry %u: instructions are not fetched anew", i);
	}
}

/* Fences cost: there are none where nobody else was. */
static void stays_alone(void)
{
	struct arrivals arrivals;
	unsigned int i;
	int cpu;

	create();
	fence_trace_or_skip();
	cpu = sched_getcpu();
	enter_on(cpu, vcpus[0]);
	for (i = 0; i < 4; i++) {
		arrivals = enter_on(cpu, vcpus[0]);
		sbi_expect(!arrivals.vvma && !arrivals.fence_i, "entry %u: %u and %u fences", i,
			   arrivals.vvma, arrivals.fence_i);
	}
}

static const struct sbi_case cases[] = {
	{ "[K5] a reset leaves the fences that other harts ask for", reset_keeps_fences },
	{ "[K6] fences are made on the CPU that enters the guest", fences_where_the_guest_is },
	{ "[K9] a vCPU that follows another one on a CPU uses none of its translations",
	  follows_another },
	{ "[K9] a vCPU that comes back to a CPU uses nothing from before", comes_back_to_a_cpu },
	{ "a vCPU that stays on its CPU, where no other one runs, fences nothing", stays_alone },
};

int main(void)
{
	fence_trace_setup();
	delay_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
