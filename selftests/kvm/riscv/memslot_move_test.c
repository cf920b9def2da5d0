// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that uses memory whose slot is moved or deleted. There is a moment in
 * which KVM has the slot, marked as invalid (KVM_MEMSLOT_INVALID), and nothing
 * of it is mapped any more. Neither has it gone yet, nor, if it is moved so that
 * the guest's page stays, does it ever go: the guest is to notice nothing, or
 * nothing before it is gone. C takes the memory for a device, or for nothing, if
 * the guest comes in that moment, which a delay makes wide.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "delay.h"
#include "guest_thread.h"

/* Called in that moment, with everything unmapped. */
#define MOMENT		"kvm_arch_guest_memory_reclaimed"
#define DELAY_MS	12
#define LONG_DELAY_MS	100

/* A signal comes early in a delay. */
#define SIGNAL_DELAY_MS	500
#define SIGNAL_MS	50

/* The guest uses the page in the middle, whose content all of them have. */
#define SLOT		10
#define SLOT_GPA	(1UL << 35)
#define SLOT_PAGES	3
#define PAGE_GPA	(SLOT_GPA + 0x1000)
#define PAGE_VA		0x50001000UL

#define MOVES		10
#define DELETIONS	4

#define VALUE		0x0123456789abcdef

static const unsigned long modes[] = { GUEST_VS, GUEST_VU };

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

/* Endless, as long as all is well; the fetch is from the page itself. */
static const struct access {
	const char *name;
	u16 code[6];
	bool in_page;
} accesses[] = {
	/* 1: ld a1, (a0); beq a1, a2, 1b; c.ebreak */
	{ "a load", { 0x3583, 0x0005, 0x8ee3, 0xfec5, INSN_C_EBREAK } },
	/* 1: sd a2, (a0); c.j 1b */
	{ "a store", { 0x3023, 0x00c5, 0xbff5 } },
	/* 1: amoor.d a1, a2, (a0); c.j 1b */
	{ "an AMO", { 0x35af, 0x40c5, 0xbff5 } },
	/* c.j . */
	{ "a fetch", { 0xa001 }, .in_page = true },
};

static void add_slot(void)
{
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, SLOT_PAGES, 0);
}

static void create(void)
{
	vm = guest_create(&vcpu);
	add_slot();
	guest_map(vm, PAGE_VA, PAGE_GPA, GUEST_VS);
	guest_map(vm, PAGE_VA + GUEST_VU_OFFSET, PAGE_GPA, GUEST_VU);
}

/* A guest that is about to use the page in this way. */
static struct guest_state user_of_the_page(const struct access *access, unsigned long mode)
{
	u64 address = PAGE_VA + (mode == GUEST_VU ? GUEST_VU_OFFSET : 0);
	struct guest_state start = guest_at(vcpu, mode, INSN_C_NOP);
	unsigned int i;
	u64 *page;

	for (i = 0; i < SLOT_PAGES; i++) {
		page = addr_gpa2hva(vm, SLOT_GPA + i * 0x1000);
		*page = VALUE;
		memcpy(&page[1], access->code, sizeof(access->code));
	}
	memcpy(addr_gva2hva(vm, guest_code(GUEST_VS)), access->code, sizeof(access->code));

	if (access->in_page)
		start.pc = address + 8;
	start.x[A0] = address;
	start.x[A2] = VALUE;
	return start;
}

/* So that the vCPU is at it. */
static void let_it_run(void)
{
	u64 exits = sbi_stat(vcpu, "exits");
	unsigned long give_up = now_ms() + GUEST_THREAD_MS;

	while (sbi_stat(vcpu, "exits") < exits + 2 && !guest_thread_done() && now_ms() < give_up)
		sleep_ms(1);
}

/* There and back, with the guest at it all the time. */
static void expect_moved_unseen(const struct access *access, unsigned long mode)
{
	struct guest_state start = user_of_the_page(access, mode);
	struct guest_end end;
	unsigned int i;
	bool unseen;

	guest_thread_begin(vcpu, &start);
	let_it_run();
	for (i = 0; i < MOVES && !guest_thread_done(); i++)
		vm_mem_region_move(vm, SLOT, SLOT_GPA - (i & 1 ? 0 : 0x1000));
	unseen = !guest_thread_done();
	guest_thread_interrupt();
	end = guest_thread_finish();
	vm_mem_region_move(vm, SLOT, SLOT_GPA);

	sbi_expect(unseen && end.error == EINTR,
		   "%s in mode %lu saw move %u: exit reason %u, errno %d, pc 0x%lx, scause 0x%lx, stval 0x%lx",
		   access->name, mode, i, end.exit_reason, end.error, end.state.pc,
		   end.state.scause, end.state.stval);
}

static void expect_all_moved_unseen(unsigned int from, unsigned int to)
{
	unsigned int i, j;

	create();
	delay_or_skip(MOMENT, DELAY_MS * 1000);
	for (i = from; i < to; i++) {
		for (j = 0; j < ARRAY_SIZE(modes); j++)
			expect_moved_unseen(&accesses[i], modes[j]);
	}
}

static void moved_under_data(void)
{
	expect_all_moved_unseen(0, 3);
}

static void moved_under_code(void)
{
	expect_all_moved_unseen(3, 4);
}

/*
 * The delay of a deletion is longer than the deletion: what ends KVM_RUN before
 * it is over did not wait until the slot had gone.
 */
static void expect_deleted_first(const struct access *access, unsigned long mode)
{
	struct guest_state start = user_of_the_page(access, mode);
	unsigned long began, ended;
	struct guest_end end;

	guest_thread_begin(vcpu, &start);
	let_it_run();
	began = now_ms();
	vm_mem_region_delete(vm, SLOT);
	end = guest_thread_finish();
	ended = guest_thread_ended_ms();
	add_slot();

	sbi_expect(ended >= began + LONG_DELAY_MS,
		   "%s in mode %lu saw the deletion after %lu ms, it took more than %u: exit reason %u",
		   access->name, mode, ended - began, LONG_DELAY_MS, end.exit_reason);

	/* Once the slot has gone, nothing is there. */
	if (access->in_page)
		guest_expect_trapped(&end, &start, EXC_INST_ACCESS, start.pc);
	else
		sbi_expect(!end.error && end.exit_reason == KVM_EXIT_MMIO &&
			   vcpu->run->mmio.phys_addr == PAGE_GPA,
			   "%s in mode %lu: exit reason %u, errno %d, GPA 0x%lx after the deletion",
			   access->name, mode, end.exit_reason, end.error,
			   (unsigned long)vcpu->run->mmio.phys_addr);
}

static void expect_all_deleted_first(const struct access *access)
{
	unsigned int i;

	create();
	delay_or_skip(MOMENT, LONG_DELAY_MS * 1000);
	for (i = 0; i < DELETIONS; i++)
		expect_deleted_first(access, modes[i & 1]);
}

static void deleted_under_a_load(void)
{
	expect_all_deleted_first(&accesses[0]);
}

static void deleted_under_a_store(void)
{
	expect_all_deleted_first(&accesses[1]);
}

static void deleted_under_code(void)
{
	expect_all_deleted_first(&accesses[3]);
}

/* Trying again and again does not keep the vCPU from a signal. */
static void *interrupt_soon(void *unused)
{
	/* Not where the delay is, which keeps its CPU. */
	pin_self_to_cpu(1);
	sleep_ms(SIGNAL_MS);
	guest_thread_interrupt();
	return NULL;
}

static void deleted_and_interrupted(void)
{
	struct guest_state start;
	unsigned long began;
	struct guest_end end;
	pthread_t thread;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: no signal comes while it is delayed");
	pin_self_to_cpu(0);
	create();
	delay_or_skip(MOMENT, SIGNAL_DELAY_MS * 1000);
	start = user_of_the_page(&accesses[0], GUEST_VS);
	guest_thread_begin_on(1, vcpu, &start);
	let_it_run();
	sbi_expect(!pthread_create(&thread, NULL, interrupt_soon, NULL), "no thread");
	began = now_ms();
	vm_mem_region_delete(vm, SLOT);
	pthread_join(thread, NULL);
	end = guest_thread_finish();

	sbi_expect(end.error == EINTR && guest_thread_ended_ms() < began + SIGNAL_DELAY_MS,
		   "KVM_RUN ended after %lu ms, with exit reason %u, errno %d; wanted EINTR before %u ms",
		   guest_thread_ended_ms() - began, end.exit_reason, end.error, SIGNAL_DELAY_MS);
}

/* What the delay is not needed for. */
static void moved_without_delay(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct guest_state start = user_of_the_page(&accesses[i], GUEST_VS);
		struct guest_end end;

		vm_mem_region_move(vm, SLOT, SLOT_GPA - 0x1000);
		guest_thread_begin(vcpu, &start);
		let_it_run();
		guest_thread_interrupt();
		end = guest_thread_finish();
		sbi_expect(end.error == EINTR, "%s after a move: exit reason %u, errno %d",
			   accesses[i].name, end.exit_reason, end.error);
		vm_mem_region_move(vm, SLOT, SLOT_GPA);
	}
}

static const struct sbi_case cases[] = {
	{ "memory is there for each access before and after its slot is moved",
	  moved_without_delay },
	{ "[X3] a load, a store and an AMO do not see that the slot is moved", moved_under_data },
	{ "[X3] a fetch does not see that the slot is moved", moved_under_code },
	{ "[X3] a load sees that the slot is deleted when it is", deleted_under_a_load },
	{ "[X3] a store sees that the slot is deleted when it is", deleted_under_a_store },
	{ "[X3] a fetch sees that the slot is deleted when it is", deleted_under_code },
	{ "[X3] a signal ends KVM_RUN while the slot is being deleted", deleted_and_interrupted },
};

int main(void)
{
	delay_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
