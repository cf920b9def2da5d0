// SPDX-License-Identifier: GPL-2.0
/*
 * The legacy extensions, version 0.1 (SBI v3.0, chapter 5), where the kernel has
 * them: CONFIG_RISCV_SBI_V01. A call leaves its value in a0 and everything else
 * as it was, a1 too.
 *
 * "L1" ... "L5" are rows of docs/differences.md.
 */
#include <sys/mman.h>

#include "firmware_event.h"
#include "guest_trap.h"
#include "sbi_legacy.h"

#define FOR_EACH_WITH_MASK(id) \
	for ((id) = SEND_IPI; (id) <= REMOTE_SFENCE_VMA_ASID; (id)++)

#define PAGE			4096UL
#define MAX_VCPUS		1024
#define MAX_WORDS		(MAX_VCPUS / 64)

/* Two pages, one behind the other; around them nothing is mapped. */
#define MASKS			0x60000000UL
#define MASKS_END		(MASKS + 2 * PAGE)

/* A memory slot that the guest has not used, and where it sees its pages. */
#define SLOT			10
#define SLOT_GPA		(1UL << 35)
#define SLOT_PAGES		2
#define FRESH			0x70000000UL
/* Guest physical memory that there is not. */
#define HOLE_GPA		(1UL << 36)
#define HOLE			0x78000000UL

/* Exceptions. */
#define LOAD_ACCESS_FAULT	5
#define LOAD_PAGE_FAULT		13

static struct kvm_vm *vm;
static struct kvm_vcpu *vcpus[MAX_VCPUS];
static unsigned int nr_vcpus;

/* Both pages of MASKS, as the host sees them. */
static unsigned long *masks[2];

static void legacy_or_skip(void)
{
	struct sbi_outcome outcome = sbi_call(vcpus[0], CLEAR_IPI, 0);

	if (outcome.returned && outcome.error == SBI_ERR_NOT_SUPPORTED)
		sbi_skip("this kernel has not got the legacy extensions");
}

/* The first vCPU has the id 0, and it makes the calls. */
static void create_with_ids(const u32 ids[], unsigned int count)
{
	unsigned int i;

	kvm_set_files_rlimit(count);
	vm = guest_create(&vcpus[0]);
	legacy_or_skip();

	for (i = 1; i < count; i++)
		vcpus[i] = __vm_vcpu_add(vm, ids ? ids[i] : i);
	nr_vcpus = count;

	for (i = 0; i < ARRAY_SIZE(masks); i++)
		masks[i] = guest_page(vm, MASKS + i * PAGE);
}

static void create(unsigned int count)
{
	create_with_ids(NULL, count);
}

/* A guest that is about to make this call. */
static struct guest_state at_call(unsigned long id, unsigned long a0, unsigned long a1,
				  unsigned long a2, unsigned long a3)
{
	struct guest_state state = guest_at(vcpus[0], GUEST_VS, INSN_ECALL);

	state.x[A0] = a0;
	state.x[A1] = a1;
	state.x[A2] = a2;
	state.x[A3] = a3;
	state.x[A7] = id;
	return state;
}

static struct guest_state at_call_for(unsigned long id, u64 mask)
{
	return at_call(id, mask, 0x1000, 0x2000, 1);
}

/* The call comes back with this value; a1 and all other registers stay. */
static bool expect_call(const struct guest_state *start, unsigned long wanted)
{
	unsigned long value = guest_expect_value(vcpus[0], start, A0);

	return sbi_expect(value == wanted, "call %lu(0x%lx) gave 0x%lx, wanted 0x%lx",
			  start->x[A7], start->x[A0], value, wanted);
}

/* Puts @words before the end of the pages, or @bytes before that. Returns where. */
static u64 put_mask(const unsigned long words[], unsigned int count, unsigned int bytes)
{
	u64 address = MASKS_END - bytes - count * sizeof(*words);
	unsigned int i;

	for (i = 0; i < count; i++) {
		u64 offset = address - MASKS + i * sizeof(*words);

		masks[offset / PAGE][offset % PAGE / sizeof(*words)] = words[i];
	}
	return address;
}

/*
 * What the specification says: as many words as there are harts, divided by
 * XLEN and rounded up. No words are all harts.
 */
static bool named(const unsigned long words[], u32 id)
{
	if (!words)
		return true;
	if (id / 64 >= (nr_vcpus + 63) / 64)
		return false;
	return words[id / 64] >> (id % 64) & 1;
}

/* Who has got an IPI, and who has not. None is left pending. */
static void expect_ipis(const unsigned long words[], bool any)
{
	unsigned int i;

	for (i = 0; i < nr_vcpus; i++) {
		unsigned long wanted = any && named(words, vcpus[i]->id) ? BIT(IRQ_S_SOFT) : 0;
		unsigned long pending = sbi_pending(vcpus[i]) & BIT(IRQ_S_SOFT);

		sbi_expect(pending == wanted,
			   "hart %u has interrupts 0x%lx pending, wanted 0x%lx",
			   vcpus[i]->id, pending, wanted);
		if (pending)
			sbi_clear_pending(vcpus[i]);
	}
}

static void expect_send_ipi_at(u64 mask, const unsigned long words[])
{
	struct guest_state start = at_call_for(SEND_IPI, mask);

	expect_call(&start, 0);
	expect_ipis(words, true);
}

/* The words of @words that there are harts for, with nothing behind them that could be read. */
static void expect_send_ipi(const unsigned long words[])
{
	unsigned int count = words ? (nr_vcpus + 63) / 64 : 0;

	expect_send_ipi_at(words ? put_mask(words, count, 0) : 0, words);
}

static void set_timer(void)
{
	static const unsigned long deadlines[] = {
		0, 1, 0x0123456789abcdef, 1UL << 63, LONG_MAX, -1UL,
	};
	struct guest_state start;
	unsigned long compare;
	unsigned int i;

	create(1);
	for (i = 0; i < ARRAY_SIZE(deadlines); i++) {
		start = at_call(SET_TIMER, deadlines[i], 1, 2, 3);
		expect_call(&start, 0);
		compare = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(compare));
		sbi_expect(compare == deadlines[i], "the timer is set to 0x%lx, wanted 0x%lx",
			   compare, deadlines[i]);
	}
}

/* A deadline that has come, and one that has not. */
static void timer_interrupt(void)
{
	static const struct { unsigned long deadline, pending; } timers[] = {
		{ 0, BIT(IRQ_S_TIMER) }, { LONG_MAX, 0 }, { 1, BIT(IRQ_S_TIMER) },
		{ -1UL, 0 },
	};
	struct guest_state start;
	unsigned long pending;
	unsigned int i;

	create(1);
	for (i = 0; i < ARRAY_SIZE(timers); i++) {
		start = at_call(SET_TIMER, timers[i].deadline, 1, 2, 3);
		expect_call(&start, 0);
		start = guest_at(vcpus[0], GUEST_VS, INSN_CSRR(A0, CSR_SIP));
		pending = guest_expect_value(vcpus[0], &start, A0) & BIT(IRQ_S_TIMER);
		sbi_expect(pending == timers[i].pending,
			   "after set_timer(0x%lx) sip is 0x%lx, wanted 0x%lx",
			   timers[i].deadline, pending, timers[i].pending);
	}
}

/* User space gets the call and gives @a0 and @a1, of which the guest gets the first. */
static void expect_console(unsigned long id, unsigned long character, const unsigned long *answer)
{
	struct guest_state start = at_call(id, character, 0x1111, 0x2222, 0x3333);
	struct kvm_run *run = vcpus[0]->run;
	struct guest_end end;
	unsigned int i;

	memset(&run->riscv_sbi, 0x5a, sizeof(run->riscv_sbi));
	end = guest_run(vcpus[0], &start);
	if (!guest_expect_exit(&end, &start, KVM_EXIT_RISCV_SBI))
		return;

	sbi_expect(run->riscv_sbi.extension_id == id &&
		   run->riscv_sbi.function_id == start.x[A6],
		   "call %lu is 0x%lx/0x%lx for user space", id,
		   (unsigned long)run->riscv_sbi.extension_id,
		   (unsigned long)run->riscv_sbi.function_id);
	for (i = 0; i < 6; i++)
		sbi_expect(run->riscv_sbi.args[i] == start.x[A0 + i],
			   "argument %u is 0x%lx for user space, wanted 0x%lx", i,
			   (unsigned long)run->riscv_sbi.args[i], start.x[A0 + i]);
	sbi_expect((long)run->riscv_sbi.ret[0] == SBI_ERR_NOT_SUPPORTED && !run->riscv_sbi.ret[1],
		   "the default answer is %ld, 0x%lx", (long)run->riscv_sbi.ret[0],
		   (unsigned long)run->riscv_sbi.ret[1]);

	if (answer) {
		run->riscv_sbi.ret[0] = answer[0];
		run->riscv_sbi.ret[1] = answer[1];
	}
	end = guest_resume(vcpus[0]);
	if (guest_expect_passed(&end, &start, A0))
		sbi_expect(end.state.x[A0] == (answer ? answer[0] : SBI_ERR_NOT_SUPPORTED),
			   "call %lu gave 0x%lx", id, end.state.x[A0]);
}

static void console(void)
{
	static const unsigned long answers[][2] = {
		{ 0, 0 }, { 'x', 0 }, { -1UL, 0 }, { 'y', 0x4444 }, { 0, -1UL },
		{ 1UL << 63, 1 },
	};
	unsigned int i;

	create(1);
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		expect_console(CONSOLE_GETCHAR, -1UL, answers[i]);
		expect_console(CONSOLE_PUTCHAR, 'a' + i, answers[i]);
	}
}

static void silent_console(void)
{
	create(1);
	expect_console(CONSOLE_GETCHAR, 0, NULL);
	expect_console(CONSOLE_PUTCHAR, 'a', NULL);
}

static void expect_clear_ipi(unsigned long wanted)
{
	struct guest_state start = at_call(CLEAR_IPI, 7, 1, 2, 3);

	expect_call(&start, wanted);
	expect_ipis(NULL, false);
}

static void clear_ipi(void)
{
	static const unsigned long self = 1, other = 2;
	unsigned long ipi = BIT(IRQ_S_SOFT);
	struct guest_state start;

	create(2);
	expect_clear_ipi(0);

	/* By user space, by a call, and by the guest itself. */
	vcpu_set_reg(vcpus[0], RISCV_GENERAL_CSR_REG(sip), ipi);
	expect_clear_ipi(1);
	expect_clear_ipi(0);

	start = at_call_for(SEND_IPI, put_mask(&self, 1, 0));
	expect_call(&start, 0);
	expect_clear_ipi(1);
	expect_clear_ipi(0);

	start = guest_at(vcpus[0], GUEST_VS, INSN_CSRRSI(X0, CSR_SIP, BIT(IRQ_S_SOFT)));
	guest_expect_value(vcpus[0], &start, X0);
	expect_clear_ipi(1);
	expect_clear_ipi(0);

	/* That of another hart is not the caller's. */
	start = at_call_for(SEND_IPI, put_mask(&other, 1, 0));
	expect_call(&start, 0);
	start = at_call(CLEAR_IPI, 7, 1, 2, 3);
	expect_call(&start, 0);
	sbi_expect(sbi_pending(vcpus[1]) == ipi, "the IPI of hart 1 is gone");
}

static void send_ipi(void)
{
	unsigned long mask;

	create(3);
	for (mask = 0; mask < 8; mask++)
		expect_send_ipi(&mask);
}

static void absent_harts(void)
{
	static const unsigned long masks[] = { 8, 9, BIT(63), -1UL, -8UL };
	unsigned int i;

	create(3);
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		expect_send_ipi(&masks[i]);
}

static void any_order(void)
{
	static const u32 ids[] = { 0, 40, 3, 63, 1 };
	static const unsigned long masks[] = {
		1, 2, BIT(40), BIT(63), BIT(3) | BIT(1), -1UL, ~BIT(63),
	};
	unsigned int i;

	create_with_ids(ids, ARRAY_SIZE(ids));
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		expect_send_ipi(&masks[i]);
}

/* Masks of which each word matters, and which no other word can stand for. */
static void expect_words(void)
{
	unsigned int count = (nr_vcpus + 63) / 64, bit, word;
	unsigned long words[MAX_WORDS];

	for (word = 0; word < count; word++) {
		for (bit = 0; bit < 64; bit += 63) {
			memset(words, 0, sizeof(words));
			words[word] = 1UL << bit;
			expect_send_ipi(words);
		}
	}
	memset(words, 0xff, sizeof(words));
	expect_send_ipi(words);
	for (word = 0; word < count; word++)
		words[word] = 0x8000000000000001 >> word | 1UL << (word + 7);
	expect_send_ipi(words);
	memset(words, 0, sizeof(words));
	expect_send_ipi(words);
}

static void sixty_four(void)
{
	create(64);
	expect_words();
}

static void sixty_five(void)
{
	create(65);
	expect_words();
}

static void three_words(void)
{
	create(130);
	expect_words();
}

/* As many vCPUs as KVM allows. */
static void all_words(void)
{
	unsigned int count = kvm_check_cap(KVM_CAP_MAX_VCPUS);

	create(count < MAX_VCPUS ? count : MAX_VCPUS);
	expect_words();
}

/* The mask continues on another page. */
static void mask_on_two_pages(void)
{
	static const unsigned long words[] = { 6, BIT(63) | BIT(1), 3 };
	unsigned int bytes;

	create(130);
	for (bytes = PAGE - 16; bytes <= PAGE; bytes += 8)
		expect_send_ipi_at(put_mask(words, ARRAY_SIZE(words), bytes), words);
}

static void null_mask(void)
{
	static const unsigned int counts[] = { 1, 2, 63 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		create(counts[i]);
		expect_send_ipi(NULL);
		kvm_vm_free(vm);
	}
}

static void null_mask_of_many(void)
{
	static const unsigned int counts[] = { 64, 65, 130 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		create(counts[i]);
		expect_send_ipi(NULL);
		kvm_vm_free(vm);
	}
}

static void null_mask_of_sparse(void)
{
	static const u32 ids[] = { 0, 100, 1, 63, 64, 700 };

	create_with_ids(ids, ARRAY_SIZE(ids));
	expect_send_ipi(NULL);
}

/* Ids that the vector is too short for cannot be named, and nothing else is. */
static void sparse_ids(void)
{
	static const u32 ids[] = { 0, 100, 1, 63, 64, 700 };
	unsigned long words[MAX_WORDS];

	create_with_ids(ids, ARRAY_SIZE(ids));
	memset(words, 0xff, sizeof(words));
	expect_send_ipi(words);
	words[0] = BIT(1) | BIT(36);
	expect_send_ipi(words);
}

/* Every call with a mask, which names hart 0, at @mask. */
static void expect_traps(u64 mask, unsigned long cause, u64 tval)
{
	unsigned long id;

	FOR_EACH_WITH_MASK(id) {
		struct guest_state start = at_call_for(id, mask);

		if (!guest_expect_trap(vcpus[0], &start, cause, tval))
			sbi_expect(false, "that was call %lu with a mask at 0x%lx", id, mask);
	}
	expect_ipis(NULL, false);
}

static void expect_all_calls(u64 mask, const unsigned long words[])
{
	struct guest_state start;
	unsigned long id;

	FOR_EACH_WITH_MASK(id) {
		start = at_call_for(id, mask);
		expect_call(&start, 0);
	}
	expect_ipis(words, true);
}

static void unmapped_mask(void)
{
	create(2);
	expect_traps(MASKS_END, LOAD_PAGE_FAULT, MASKS_END);
	expect_traps(MASKS - 8, LOAD_PAGE_FAULT, MASKS - 8);
	expect_traps(8, LOAD_PAGE_FAULT, 8);
	expect_traps(1UL << 63, LOAD_PAGE_FAULT, 1UL << 63);
}

/* Who is named by the first word gets nothing. */
static void mask_half_unmapped(void)
{
	static const unsigned long words[] = { 3, 3 };
	u64 *pte;

	create(65);
	put_mask(words, 1, 0);
	expect_traps(MASKS_END - 8, LOAD_PAGE_FAULT, MASKS_END);

	/* Now the page is there, but there is no memory behind it. */
	pte = guest_map(vm, MASKS_END, HOLE_GPA, GUEST_VS);
	expect_traps(MASKS_END - 8, LOAD_ACCESS_FAULT, MASKS_END);
	*pte = 0;
}

/* The page is VU-mode's: VS-mode may read it if sstatus.SUM says so. */
static void mask_of_vu_mode(void)
{
	static const unsigned long words[] = { 3 };
	struct guest_state start;
	unsigned long id;
	u64 mask;

	create(2);
	mask = put_mask(words, 1, 0) + GUEST_VU_OFFSET;
	expect_traps(mask, LOAD_PAGE_FAULT, mask);

	FOR_EACH_WITH_MASK(id) {
		start = at_call_for(id, mask);
		start.sstatus |= SR_SUM;
		expect_call(&start, 0);
	}
	expect_ipis(words, true);
}

static void mask_in_a_hole(void)
{
	create(2);
	guest_map(vm, HOLE, HOLE_GPA, GUEST_VS);
	expect_traps(HOLE, LOAD_ACCESS_FAULT, HOLE);
	expect_traps(HOLE + 0xff8, LOAD_ACCESS_FAULT, HOLE + 0xff8);
}

/* Two pages that the guest can read, but has not; their last and first words are one mask. */
static u64 fresh_mask(const unsigned long words[2], u32 flags)
{
	unsigned int i;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, SLOT_PAGES, flags);
	for (i = 0; i < SLOT_PAGES; i++)
		guest_map(vm, FRESH + i * PAGE, SLOT_GPA + i * PAGE, GUEST_VS);
	memcpy(addr_gpa2hva(vm, SLOT_GPA + PAGE - 8), words, 2 * sizeof(*words));
	return FRESH + PAGE - 8;
}

static void mask_not_mapped_yet(void)
{
	static const unsigned long words[] = { 3, 1 };
	unsigned long id;

	/* A VM for each call: the first one maps the pages. */
	FOR_EACH_WITH_MASK(id) {
		struct guest_state start;

		create(65);
		start = at_call_for(id, fresh_mask(words, 0));
		expect_call(&start, 0);
		expect_ipis(words, id == SEND_IPI);
		kvm_vm_free(vm);
	}
}

static void mask_taken_away(void)
{
	unsigned long words[] = { 5, 0 };
	unsigned int i;
	char *pages;
	u64 mask;

	create(66);
	mask = fresh_mask(words, 0);
	pages = addr_gpa2hva(vm, SLOT_GPA);
	for (i = 0; i < 20; i++) {
		expect_all_calls(mask, words);
		/* As if it were swapped out: the guest's page is another one. */
		sbi_expect(!madvise(pages, SLOT_PAGES * PAGE, MADV_DONTNEED), "madvise failed");
		words[0] = 1UL << i | 1;
		words[1] = i & 3;
		memcpy(pages + PAGE - 8, words, sizeof(words));
	}
}

static void read_only_mask(void)
{
	static const unsigned long words[] = { 3, 1 };

	if (!kvm_has_cap(KVM_CAP_READONLY_MEM))
		sbi_skip("KVM has no read-only memory");
	create(65);
	expect_all_calls(fresh_mask(words, KVM_MEM_READONLY), words);
}

/* To another place and back: nothing of the slot is mapped for the guest any more. */
static void move_slot(unsigned int slot)
{
	u64 gpa = memslot2region(vm, slot)->region.guest_phys_addr;

	vm_mem_region_move(vm, slot, HOLE_GPA);
	vm_mem_region_move(vm, slot, gpa);
}

/* That of the mask, and that of the rest, with the guest's page tables. */
static void slots_moved(void)
{
	static const unsigned long words[] = { 3, 1 };
	const unsigned int slots[] = { SLOT, 0 };
	struct guest_state start;
	unsigned long id;
	unsigned int i;
	u64 mask;

	create(65);
	mask = fresh_mask(words, 0);
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		FOR_EACH_WITH_MASK(id) {
			move_slot(slots[i]);
			start = at_call_for(id, mask);
			expect_call(&start, 0);
		}
		expect_ipis(words, true);
	}
}

static void shut_down(void)
{
	struct kvm_run *run;
	struct guest_state start;
	struct kvm_mp_state state;
	struct guest_end end;
	unsigned int i;

	create(3);
	run = vcpus[0]->run;
	start = at_call(SHUTDOWN, 1, 2, 3, 4);
	end = guest_run(vcpus[0], &start);
	guest_expect_exit(&end, &start, KVM_EXIT_SYSTEM_EVENT);
	sbi_expect(run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN &&
		   run->system_event.ndata == 1 && !run->system_event.data[0],
		   "system event %u with %u data, 0x%llx; wanted a shutdown with 1, 0",
		   run->system_event.type, run->system_event.ndata, run->system_event.data[0]);
	for (i = 0; i < nr_vcpus; i++) {
		vcpu_mp_state_get(vcpus[i], &state);
		sbi_expect(state.mp_state == KVM_MP_STATE_STOPPED, "vCPU %u is in MP state %u",
			   i, state.mp_state);
	}
}

/* Remote fences are counted by who makes them: this many vCPUs can run and count. */
#define NR_COUNTING	4

static const unsigned int fence_events[] = {
	[REMOTE_FENCE_I] = SBI_PMU_FW_FENCE_I_RCVD,
	[REMOTE_SFENCE_VMA] = SBI_PMU_FW_HFENCE_VVMA_RCVD,
	[REMOTE_SFENCE_VMA_ASID] = SBI_PMU_FW_HFENCE_VVMA_ASID_RCVD,
};

/* The harts 0, 1, 64 and 65 can run, of 66. */
static void create_counting(void)
{
	static const u32 ids[NR_COUNTING] = { 0, 1, 64, 65 };
	unsigned int i;

	kvm_set_files_rlimit(66);
	vm = guest_create(&vcpus[0]);
	legacy_or_skip();
	firmware_events_or_skip(vcpus[0]);
	for (i = 1; i < NR_COUNTING; i++) {
		vcpus[i] = vm_vcpu_add(vm, ids[i], sbi_guest_back);
		sbi_vcpu_prepare(vcpus[i]);
	}
	for (i = 2; i < 64; i++)
		vcpus[i + 2] = __vm_vcpu_add(vm, i);
	nr_vcpus = 66;
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		masks[i] = guest_page(vm, MASKS + i * PAGE);
}

/* The call, and how many fences each made that it was to make. */
static void expect_fences(unsigned long id, const unsigned long words[], unsigned long start_addr,
			  unsigned long size)
{
	u64 mask = words ? put_mask(words, 2, 0) : 0;
	unsigned long counters[NR_COUNTING], made, wanted;
	struct guest_state start;
	unsigned int i;

	for (i = 0; i < NR_COUNTING; i++)
		counters[i] = firmware_event_count(vcpus[i], fence_events[id]);

	start = at_call(id, mask, start_addr, size, 7);
	expect_call(&start, 0);
	for (i = 0; i < NR_COUNTING; i++) {
		sbi_enter(vcpus[i]);
		made = firmware_event_read(vcpus[i], counters[i]);
		wanted = named(words, vcpus[i]->id);
		sbi_expect(made == wanted,
			   "call %lu with words 0x%lx, 0x%lx: hart %u made %lu fences, wanted %lu",
			   id, words ? words[0] : 0, words ? words[1] : 0, vcpus[i]->id, made,
			   wanted);
		sbi_call(vcpus[i], SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_STOP, counters[i], 1,
			 SBI_PMU_STOP_FLAG_RESET);
	}
	expect_ipis(NULL, false);
}

static void remote_fences_with(const unsigned long (*words)[2])
{
	static const struct { unsigned long start, size; } ranges[] = {
		{ 0, 0 }, { 0x1000, 0x1000 }, { 0x1fff, 2 }, { 0, -1UL }, { -PAGE, PAGE },
	};
	unsigned long id;
	unsigned int i;

	for (id = REMOTE_FENCE_I; id <= REMOTE_SFENCE_VMA_ASID; id++) {
		for (i = 0; i < ARRAY_SIZE(ranges); i++)
			expect_fences(id, words ? *words : NULL, ranges[i].start, ranges[i].size);
	}
}

static void remote_fences(void)
{
	static const unsigned long words[][2] = { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 } };
	unsigned int i;

	create_counting();
	for (i = 0; i < ARRAY_SIZE(words); i++)
		remote_fences_with(&words[i]);
}

/* The caller too is named, in another word than the last. */
static void remote_fences_of_two_words(void)
{
	static const unsigned long words[][2] = {
		{ 0, 1 }, { 0, 2 }, { 2, 3 }, { 1, 1 }, { 3, 3 }, { -1UL, -1UL },
	};
	unsigned int i;

	create_counting();
	for (i = 0; i < ARRAY_SIZE(words); i++)
		remote_fences_with(&words[i]);
}

static void remote_fences_of_all(void)
{
	create_counting();
	remote_fences_with(NULL);
}

static void statistics(void)
{
	static const unsigned long words[] = { 3 };
	unsigned long id, mask;

	create(2);
	mask = put_mask(words, 1, 0);
	sbi_expect_no_statistics(vcpus[0], SET_TIMER, 0, (const unsigned long[6]) { LONG_MAX });
	sbi_expect_no_statistics(vcpus[0], CLEAR_IPI, 0, (const unsigned long[6]) { 0 });
	FOR_EACH_WITH_MASK(id) {
		/* The first call maps the mask. */
		sbi_call(vcpus[0], id, 0, mask);
		sbi_expect_no_statistics(vcpus[0], id, 0, (const unsigned long[6]) { mask });
		sbi_expect_no_statistics(vcpus[0], id, 0, (const unsigned long[6]) { 0 });
	}
}

static void function_id_is_ignored(void)
{
	struct guest_state start;
	static const unsigned long words[] = { 3 };
	unsigned int i;

	create(2);
	for (i = 0; i < 64; i += 9) {
		start = at_call_for(SEND_IPI, put_mask(words, 1, 0));
		start.x[A6] = 1UL << i;
		expect_call(&start, 0);
		expect_ipis(words, true);
	}
}

static void ids_behind(void)
{
	unsigned long id;

	create(1);
	for (id = SHUTDOWN + 1; id < 0x10; id++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, id, 0, 0, 2, 3, 4, 5);
	for (id = SET_TIMER; id <= SHUTDOWN; id++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, id | 1UL << 32, 0, 0, 2, 3, 4, 5);
}

/* Also where the kernel has not got them: ONE_REG has the register nevertheless. */
static void disabled(void)
{
	static const u32 ids[] = { 0 };
	unsigned long id;

	vm = sbi_vm_create(vcpus, ids, 1);
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_V01), 0);
	for (id = SET_TIMER; id <= SHUTDOWN; id++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, id, 0, 1, 2, 3, 4, 5);
}

static const struct sbi_case cases[] = {
	{ "set_timer sets the timer", set_timer,
	  .conforms = REQUIREMENTS("LEGACY.set_timer.SUCCESS", "LEGACY.registers") },
	{ "the interrupt of a timer that set_timer sets", timer_interrupt,
	  .conforms = REQUIREMENTS("LEGACY.set_timer.SUCCESS", "LEGACY.set_timer.clears") },
	{ "L1: user space answers the console, and a1 stays", console,
	  .conforms = REQUIREMENTS("LEGACY.console_putchar.SUCCESS",
				   "LEGACY.console_getchar.SUCCESS", "LEGACY.registers") },
	{ "a console that user space does not answer is NOT_SUPPORTED", silent_console },
	{ "L2: clear_ipi clears the IPI and says whether there was one", clear_ipi,
	  .conforms = REQUIREMENTS("LEGACY.clear_ipi.clears", "LEGACY.clear_ipi.value") },
	{ "send_ipi: each hart that the mask names gets an IPI, and no other", send_ipi,
	  .conforms = REQUIREMENTS("LEGACY.send_ipi.SUCCESS", "LEGACY.send_ipi.mask") },
	{ "send_ipi: harts that do not exist are left out", absent_harts },
	{ "send_ipi: vCPUs created in any order", any_order },
	{ "send_ipi: 64 harts are one word", sixty_four,
	  .conforms = REQUIREMENTS("LEGACY.send_ipi.mask") },
	{ "L3: 65 harts are two words", sixty_five,
	  .conforms = REQUIREMENTS("LEGACY.send_ipi.mask") },
	{ "L3: 130 harts are three words", three_words,
	  .conforms = REQUIREMENTS("LEGACY.send_ipi.mask") },
	{ "L3: as many words as there can be", all_words, 240 },
	{ "L3: a mask on two pages", mask_on_two_pages,
	  .conforms = REQUIREMENTS("LEGACY.send_ipi.mask") },
	{ "a mask at NULL names all harts", null_mask },
	{ "L4: a mask at NULL names all of 64 harts and more", null_mask_of_many },
	{ "L4: a mask at NULL names all harts whose ids are sparse", null_mask_of_sparse },
	{ "sparse ids: a mask is as long as there are harts", sparse_ids },
	{ "a mask that the guest has not mapped is its page fault", unmapped_mask,
	  .conforms = REQUIREMENTS("LEGACY.page_fault") },
	{ "L3: a mask whose second word cannot be read: nobody gets anything",
	  mask_half_unmapped,
	  .conforms = REQUIREMENTS("LEGACY.page_fault") },
	{ "a mask of VU-mode's is a page fault, or not, as sstatus.SUM says", mask_of_vu_mode },
	{ "L5: a mask in a hole is a load access fault", mask_in_a_hole,
	  .conforms = REQUIREMENTS("LEGACY.access_fault") },
	{ "L5: a mask that KVM has not mapped yet is read", mask_not_mapped_yet },
	{ "L5: a mask whose page was taken away is read", mask_taken_away },
	{ "L5: a mask in read-only memory is read", read_only_mask },
	{ "L5: a mask is read after all of the guest's memory was unmapped", slots_moved },
	{ "shutdown stops all and is a shutdown event", shut_down,
	  .conforms = REQUIREMENTS("LEGACY.shutdown.SUCCESS") },
	{ "remote fences are made by whom the mask names, and nobody else", remote_fences, 120,
	  .conforms = REQUIREMENTS("LEGACY.remote_fence_i.SUCCESS",
				   "LEGACY.remote_sfence_vma.SUCCESS",
				   "LEGACY.remote_sfence_vma_asid.SUCCESS") },
	{ "L3: remote fences with a mask of two words, the caller named or not",
	  remote_fences_of_two_words, 120,
	  .conforms = REQUIREMENTS("LEGACY.remote_fence_i.SUCCESS",
				   "LEGACY.remote_sfence_vma.SUCCESS",
				   "LEGACY.remote_sfence_vma_asid.SUCCESS") },
	{ "L4: remote fences with a mask at NULL", remote_fences_of_all, 120 },
	{ "the calls change no statistics but the exits", statistics },
	{ "the function id is ignored", function_id_is_ignored,
	  .conforms = REQUIREMENTS("LEGACY.function") },
	{ "ids behind them are NOT_SUPPORTED", ids_behind,
	  .conforms = REQUIREMENTS("LEGACY.reserved") },
	{ "all are NOT_SUPPORTED where user space has disabled them", disabled },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
