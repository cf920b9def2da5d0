// SPDX-License-Identifier: GPL-2.0
/*
 * A thread moves to another CPU while KVM puts a fence into the queue of the one it was on
 * (SBI nested acceleration), back to where the vCPU last ran. The fence has to be made where the
 * guest is entered: a delay where KVM writes to the queue, whose memory it has already looked up, gives
 * the time to move.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "delay.h"
#include "fence_flood.h"
#include "guest_thread.h"
#include "host_cpu.h"
#include "nacl_firmware.h"

#define ROUNDS		3
#define DELAY_MS	200
#define ASID		7

static struct kvm_vcpu *vcpus[2];
static int from, to;

static void *run_pinned(void *unused)
{
	pin_self_to_cpu(from);
	sbi_enter(vcpus[1]);
	return NULL;
}

/* What happened on a hart: a vCPU that changes its CPU is fenced as a whole. */
struct counts {
	unsigned long entered, fences;
};

static struct counts counts_of(int hart)
{
	return (struct counts) {
		.entered = nacl_counted("entry into V=1", hart),
		.fences = nacl_counted("HFENCE entry VVMA", hart) +
			  nacl_counted("HFENCE entry GVMA_VMID_ALL", hart),
	};
}

static void move_meanwhile(void)
{
	struct counts before[2], after[2];
	pthread_t thread;
	int hart;

	/* Its pages are mapped, and it was on that CPU last. */
	pin_self_to_cpu(to);
	sbi_enter(vcpus[1]);
	fence_request(vcpus, FENCED, PAGE, ASID);
	for (hart = 0; hart < 2; hart++)
		before[hart] = counts_of(hart);

	delay_or_skip("__kvm_riscv_nacl_hfence", DELAY_MS * 1000);
	sbi_expect(!pthread_create(&thread, NULL, run_pinned, NULL), "no thread");
	delay_wait();
	pin_task_to_cpu(thread, to);
	pthread_join(thread, NULL);
	delay_or_skip("__kvm_riscv_nacl_hfence", 0);

	for (hart = 0; hart < 2; hart++) {
		after[hart] = counts_of(hart);
		after[hart].entered -= before[hart].entered;
		after[hart].fences -= before[hart].fences;
		sbi_expect(!after[hart].entered || after[hart].fences,
			   "the guest was entered on hart %d without its fence", hart);
	}
}

static void fences_are_where_the_guest_is(void)
{
	static const u32 ids[] = { 0, 1 };
	unsigned int i;

	nacl_or_skip();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: no thread can move");
	sbi_vm_create(vcpus, ids, 2);
	for (i = 0; i < 2 * ROUNDS; i++) {
		from = i % 2;
		to = !from;
		move_meanwhile();
	}
}

/* Called in KVM_RUN of a thread, with preemption on, each time that it has been scheduled in. */
#define MOMENT		"kvm_riscv_vcpu_record_steal_time"

/*
 * A vCPU is loaded on another CPU than the one it last ran on, and goes back there before its
 * guest is entered: as a vCPU that has changed its CPU it fences its guest's memory. C, where it
 * does so at all, does it by the instruction.
 */
static void there_and_back(void)
{
	static const u32 ids[] = { 0, 1 };
	struct guest_state start;
	struct guest_end end;
	unsigned long fences;
	int hart;

	nacl_or_skip();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: no thread can move");
	sbi_vm_create(vcpus, ids, 2);
	start = guest_at_address(vcpus[1], GUEST_VS, (u64)sbi_guest_back);
	pin_self_to_cpu(1);
	sbi_enter(vcpus[1]);

	delay_or_skip(MOMENT, DELAY_MS * 1000);
	hart = host_cpu_hart(1);
	fences = nacl_counted("HFENCE entry GVMA_VMID_ALL", hart);
	guest_thread_begin_on(0, vcpus[1], &start);
	delay_wait();
	guest_thread_pin(1);
	delay_end();
	end = guest_thread_finish();
	sbi_expect(end.exit_reason == KVM_EXIT_DEBUG, "KVM_RUN ended with exit reason %u, errno %d",
		   end.exit_reason, end.error);
	fences = nacl_counted("HFENCE entry GVMA_VMID_ALL", hart) - fences;
	sbi_expect(fences, "the guest was entered without its memory being fenced");
}

/* Both have the VMID: what page tables of the other one gave is to be forgotten. */
static void follows_another(void)
{
	static const u32 ids[] = { 0, 1 };
	unsigned long before;
	unsigned int i;
	int hart;

	nacl_or_skip();
	sbi_vm_create(vcpus, ids, 2);
	pin_self_to_cpu(0);
	hart = host_cpu_hart(0);
	for (i = 0; i < 2; i++)
		sbi_enter(vcpus[i]);
	for (i = 0; i < 4; i++) {
		before = nacl_counted("HFENCE entry VVMA_ALL", hart);
		sbi_enter(vcpus[i % 2]);
		sbi_expect(nacl_counted("HFENCE entry VVMA_ALL", hart) > before,
			   "entry %u: what vCPU %u translated is not forgotten", i, !(i % 2));
	}
}

static const struct sbi_case cases[] = {
	{ "[N1] a fence of a thread that moves to another CPU", fences_are_where_the_guest_is },
	{ "[K6] a vCPU that comes back from a CPU where its guest was not entered", there_and_back },
	{ "[K9] a vCPU that follows another one on a CPU uses none of its translations",
	  follows_another },
};

int main(void)
{
	delay_setup();
	nacl_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
