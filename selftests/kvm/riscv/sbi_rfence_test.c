// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI RFENCE extension (SBI v3.0, chapter 8).
 *
 * A stale translation cannot be seen in QEMU, which drops its TLB whenever a
 * hart enters or leaves a guest. So the fences themselves are judged: those
 * that the host executed, against a model of what the call demanded.
 */
#include "fence_trace.h"
#include "firmware_event.h"
#include "sbi_call.h"

#define PAGE		4096UL
#define LAST_PAGE	(-1UL / PAGE)
/* ASIDMAX of RV64 is 16; the bits above are reserved in a fence's operand. */
#define ASID_MASK	0xffffUL

/* A page for the hart to be fenced from. */
#define SLOT		10
#define SLOT_GPA	(1UL << 35)
#define SLOT_VA		0x50000000UL

/* In no order: a hart is found by its id, not by its place. */
static const u32 ids[] = { 0, 70, 1, 2, 40 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static struct kvm_vm *create(void)
{
	struct kvm_vm *vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	unsigned int i;

	/* All on one CPU, each having run there: entering asks for no fence of its own. */
	pin_self_to_any_cpu();
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		sbi_enter(vcpus[i]);

	return vm;
}

struct call {
	unsigned long function, mask, base, start, size, asid;
};

static const char *describe(const struct call *call)
{
	static char text[200];

	snprintf(text, sizeof(text),
		 "function %ld (mask 0x%lx, base 0x%lx, start 0x%lx, size 0x%lx, asid 0x%lx)",
		 call->function, call->mask, call->base, call->start, call->size, call->asid);
	return text;
}

static bool named(const struct call *call, u32 id)
{
	if (call->base == ALL_HARTS)
		return true;
	return id >= call->base && id - call->base < 64 && call->mask >> (id - call->base) & 1;
}

/* Does a fence that was executed cover the page? */
static bool covers(const struct fence *fence, const struct call *call, bool all, unsigned long page)
{
	if (fence->kind != FENCE_VVMA)
		return false;
	if (!fence->all_addresses && (all || fence->address / PAGE != page))
		return false;
	if (fence->all_ids)
		return true;
	return call->function == SBI_EXT_RFENCE_SFENCE_VMA_ASID &&
	       fence->id == (call->asid & ASID_MASK);
}

static bool covered(const struct fences *fences, const struct call *call, bool all,
		    unsigned long page)
{
	unsigned int i;

	for (i = 0; i < fences->count; i++) {
		if (covers(&fences->list[i], call, all, page))
			return true;
	}
	return false;
}

/* The pages of start .. start + size - 1, which may go on at 0; the ends of many. */
static void expect_pages(const struct fences *fences, const struct call *call, u32 id)
{
	unsigned long first = call->start / PAGE;
	unsigned long last = (call->start + call->size - 1) / PAGE;
	unsigned long count = ((last - first) & LAST_PAGE) + 1;
	unsigned long i, page;

	for (i = 0; i < count; i++) {
		if (i == 600 && count > 1200)
			i = count - 600;
		page = (first + i) & LAST_PAGE;
		if (!sbi_expect(covered(fences, call, false, page),
				"%s: hart %u did not fence page 0x%lx",
				describe(call), id, page * PAGE))
			return;
	}
}

static unsigned int number_of(const struct fences *fences, enum fence_kind kind)
{
	unsigned int i, number = 0;

	for (i = 0; i < fences->count; i++)
		number += fences->list[i].kind == kind;
	return number;
}

static void expect_demanded(const struct fences *fences, const struct call *call, u32 id)
{
	if (call->function == SBI_EXT_RFENCE_FENCE_I) {
		sbi_expect(number_of(fences, FENCE_I), "%s: hart %u did no fence.i",
			   describe(call), id);
		return;
	}

	if ((!call->start && !call->size) || call->size == -1UL)
		sbi_expect(covered(fences, call, true, 0),
			   "%s: hart %u did not fence all addresses",
			   describe(call), id);
	else if (call->size)
		expect_pages(fences, call, id);
}

static void expect_no_fence(const struct fences *fences, const struct call *call, u32 id)
{
	sbi_expect(!number_of(fences, FENCE_VVMA) && !number_of(fences, FENCE_I),
		   "%s: hart %u fenced and was not asked to (%u hfence.vvma, %u fence.i)",
		   describe(call), id, number_of(fences, FENCE_VVMA),
		   number_of(fences, FENCE_I));
}

static struct sbi_outcome make(const struct call *call)
{
	return sbi_call(vcpus[0], SBI_EXT_RFENCE, call->function, call->mask, call->base,
			call->start, call->size, call->asid);
}

/*
 * Make the call, have each vCPU enter the guest, and judge what each fenced:
 * what the call demands of the harts that are named, nothing of the others.
 */
static struct sbi_outcome judge(const struct call *call)
{
	struct sbi_outcome outcome;
	struct fences fences;
	unsigned int i;

	fence_trace_clear();
	outcome = make(call);

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		/* The caller has entered already, to come back from the call. */
		if (i) {
			fence_trace_clear();
			sbi_enter(vcpus[i]);
		}
		fences = fence_trace_read();
		if (named(call, ids[i]))
			expect_demanded(&fences, call, ids[i]);
		else
			expect_no_fence(&fences, call, ids[i]);
		free(fences.list);
	}

	return outcome;
}

static void expect_fences(struct call call)
{
	struct sbi_outcome outcome = judge(&call);

	sbi_expect(outcome.returned && !outcome.error && !outcome.value,
		   "%s: gave %ld, 0x%lx", describe(&call),
		   outcome.error, outcome.value);
}

/* The same range as sfence.vma and as sfence.vma.asid. */
static void expect_range(unsigned long start, unsigned long size)
{
	expect_fences((struct call) { SBI_EXT_RFENCE_SFENCE_VMA, 3, 0, start, size });
	expect_fences((struct call) { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, start, size, 5 });
}

static void expect_answer(long error, struct call call)
{
	sbi_expect_call(vcpus[0], error, SBI_EXT_RFENCE, call.function, call.mask, call.base,
			call.start, call.size, call.asid);
}

#define FOR_EACH_FUNCTION(function) \
	for ((function) = SBI_EXT_RFENCE_FENCE_I; \
	     (function) <= SBI_EXT_RFENCE_SFENCE_VMA_ASID; (function)++)

static void success(void)
{
	static const struct { unsigned long mask, base; } harts[] = {
		{ 1, 0 }, { 7, 0 }, { BIT(40) | 1, 0 }, { 3, 1 }, { BIT(30), 40 }, { 1, 70 },
		{ BIT(63), 7 }, { 0, 0 }, { 0, 3 }, { 0, -2UL }, { 0, 1UL << 32 },
		{ 0, ALL_HARTS }, { 1, ALL_HARTS }, { -1UL, ALL_HARTS },
	};
	unsigned long function;
	unsigned int i;

	create();
	FOR_EACH_FUNCTION(function) {
		for (i = 0; i < ARRAY_SIZE(harts); i++) {
			expect_answer(SBI_SUCCESS, (struct call)
				      { function, harts[i].mask, harts[i].base, 0, 0, 1 });
			expect_answer(SBI_SUCCESS, (struct call)
				      { function, harts[i].mask, harts[i].base, PAGE, PAGE, 1 });
		}
	}
}

static const struct { unsigned long mask, base; } absent[] = {
	{ BIT(3), 0 }, { BIT(3) | 1, 0 }, { -1UL, 0 }, { -1UL, 7 }, { 2, 70 }, { 1, 71 },
	{ 1, 1023 }, { 1, 1024 }, { 1, 1UL << 32 }, { 1, 1UL << 63 }, { 1, -2UL },
	/* Bits that would name hart 0 or 1 if the sum wrapped. */
	{ BIT(2), -2UL }, { BIT(3), -2UL }, { BIT(63), -63UL }, { -1UL, -64UL },
};

static void absent_harts(void)
{
	unsigned long function;
	unsigned int i;

	create();
	FOR_EACH_FUNCTION(function) {
		for (i = 0; i < ARRAY_SIZE(absent); i++)
			expect_answer(SBI_ERR_INVALID_PARAM, (struct call)
				      { function, absent[i].mask, absent[i].base, 0, 0, 1 });
	}
}

static void absent_harts_fence(void)
{
	unsigned long function;
	unsigned int i;

	create();
	fence_trace_or_skip();
	FOR_EACH_FUNCTION(function) {
		for (i = 0; i < ARRAY_SIZE(absent); i++) {
			struct call call = {
				function, absent[i].mask, absent[i].base, PAGE, PAGE, 1,
			};

			/* The answer is for the case before. */
			judge(&call);
		}
	}
}

static const unsigned long wide_asids[] = {
	0x10000, 0x10001, 0x1ffff, 0xffff0000, 1UL << 32, 1UL << 63, -1UL,
};

static void wide_asid(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(wide_asids); i++) {
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, 0, 0, wide_asids[i] });
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, PAGE, PAGE, wide_asids[i] });
	}
}

static void wide_asid_fences(void)
{
	unsigned int i;

	create();
	fence_trace_or_skip();
	for (i = 0; i < ARRAY_SIZE(wide_asids); i++) {
		struct call all = {
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, 0, 0, wide_asids[i],
		};
		struct call page = {
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, PAGE, PAGE, wide_asids[i],
		};

		judge(&all);
		judge(&page);
	}
}

static void other_asids(void)
{
	static const unsigned long asids[] = { 0, 1, 0x7fff, 0x8000, 0xffff };
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(asids); i++)
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, PAGE, PAGE, asids[i] });

	/* The other two have no such argument: whatever is in a4 is no matter. */
	for (i = 0; i < ARRAY_SIZE(wide_asids); i++) {
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_FENCE_I, 3, 0, PAGE, PAGE, wide_asids[i] });
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA, 3, 0, PAGE, PAGE, wide_asids[i] });
	}
}

static void hfence_functions(void)
{
	unsigned long function;

	create();
	for (function = SBI_EXT_RFENCE_HFENCE_GVMA_VMID;
	     function <= SBI_EXT_RFENCE_HFENCE_VVMA; function++) {
		expect_answer(SBI_ERR_NOT_SUPPORTED, (struct call) { function, 3, 0 });
		expect_answer(SBI_ERR_NOT_SUPPORTED, (struct call) { function, 0, ALL_HARTS });
		expect_answer(SBI_ERR_NOT_SUPPORTED, (struct call)
			      { function, 8, 0, PAGE, PAGE, -1UL });
	}
}

static void unknown_functions(void)
{
	create();
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_VVMA + 1,
				     (const unsigned long[6]) { 3, 0 });
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_VVMA + 1,
				     (const unsigned long[6]) { 0, ALL_HARTS, PAGE, PAGE, -1UL });
}

static void unsupported_fence(void)
{
	static const unsigned long functions[] = {
		SBI_EXT_RFENCE_HFENCE_GVMA_VMID, SBI_EXT_RFENCE_HFENCE_GVMA,
		SBI_EXT_RFENCE_HFENCE_VVMA_ASID, SBI_EXT_RFENCE_HFENCE_VVMA,
		7, 0x100, 0x10000, 0x100000000, 0x100000001, 0x100000002, -1UL,
	};
	struct fences fences;
	unsigned int i, j, asked;

	create();
	fence_trace_or_skip();
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		struct call call = { functions[i], 0, ALL_HARTS, PAGE, PAGE, 1 };

		fence_trace_clear();
		make(&call);
		for (j = 1; j < ARRAY_SIZE(ids); j++)
			sbi_enter(vcpus[j]);
		fences = fence_trace_read();
		asked = number_of(&fences, FENCE_VVMA) + number_of(&fences, FENCE_GVMA) +
			number_of(&fences, FENCE_I);
		sbi_expect(!asked, "%s: %u fences were executed", describe(&call), asked);
		free(fences.list);
	}
}

static void fence_i(void)
{
	create();
	fence_trace_or_skip();
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, 1, 0 });
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, 6, 0 });
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, BIT(40) | 1, 0 });
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, BIT(63), 7 });
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, 0, 0 });
	expect_fences((struct call) { SBI_EXT_RFENCE_FENCE_I, 0, ALL_HARTS });
}

static void sfence_harts(void)
{
	unsigned long function;

	create();
	fence_trace_or_skip();
	for (function = SBI_EXT_RFENCE_SFENCE_VMA; function <= SBI_EXT_RFENCE_SFENCE_VMA_ASID;
	     function++) {
		expect_fences((struct call) { function, 1, 0, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, 6, 0, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, BIT(40) | 1, 0, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, BIT(63), 7, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, BIT(30) | 1, 40, 0, 0, 1 });
		expect_fences((struct call) { function, 0, 0, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, 0, 0, 0, 0, 1 });
		expect_fences((struct call) { function, 0, ALL_HARTS, PAGE, PAGE, 1 });
		expect_fences((struct call) { function, BIT(1), ALL_HARTS, 0, 0, 1 });
	}
}

static void sfence_asid(void)
{
	static const unsigned long asids[] = { 0, 1, 0x7fff, 0x8000, 0xffff };
	unsigned int i;

	create();
	fence_trace_or_skip();
	for (i = 0; i < ARRAY_SIZE(asids); i++) {
		expect_fences((struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, 0, 0, asids[i] });
		expect_fences((struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 3, 0, PAGE, 3 * PAGE, asids[i] });
	}
}

static void whole_address_space(void)
{
	create();
	fence_trace_or_skip();
	expect_range(0, 0);
	expect_range(0, -1UL);
	expect_range(PAGE, -1UL);
	expect_range(123, -1UL);
	expect_range(-1UL, -1UL);
}

static void ranges(void)
{
	create();
	fence_trace_or_skip();
	expect_range(0, PAGE);
	expect_range(PAGE, PAGE);
	expect_range(0x7ffffff000, PAGE);
	expect_range(0xffffffd600000000, 3 * PAGE);
	expect_range(1UL << 63, PAGE);
	/* Less than a page, within one. */
	expect_range(5 * PAGE, 1);
	expect_range(5 * PAGE + 8, 8);
	expect_range(5 * PAGE, PAGE - 1);
	/* Where one fence for each page gives way to one for all. */
	expect_range(PAGE, 511 * PAGE);
	expect_range(PAGE, 512 * PAGE);
	expect_range(PAGE, 513 * PAGE);
	expect_range(0, 1UL << 39);
	expect_range(0, 1UL << 63);
	/* Nothing is demanded of an empty range, but that the call succeeds. */
	expect_range(PAGE, 0);
	expect_range(1, 0);
}

static void wrapping_ranges(void)
{
	create();
	fence_trace_or_skip();
	/* Up to the last byte, and past it. */
	expect_range(-PAGE, PAGE);
	expect_range(-1UL, 1);
	expect_range(-3 * PAGE, 3 * PAGE);
	expect_range(-PAGE, 2 * PAGE);
	expect_range(-2UL, 3);
	expect_range(-8UL, 16);
	expect_range(-2 * PAGE + 1, 4 * PAGE);
}

static void unaligned_ranges(void)
{
	create();
	fence_trace_or_skip();
	expect_range(2 * PAGE - 1, 2);
	expect_range(16 * PAGE + 0x800, PAGE);
	expect_range(16 * PAGE + 1, 2 * PAGE);
	expect_range(16 * PAGE + 0xfff, 3 * PAGE - 0xffe);
	expect_range(0x800, 512 * PAGE);
	expect_range(-PAGE - 0x800, PAGE);
}

/* More calls than KVM keeps for one vCPU, before that one enters the guest. */
static void many_at_once(void)
{
	struct call calls[100];
	struct fences fences;
	unsigned int i;

	create();
	fence_trace_or_skip();
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = (struct call) {
			i & 1 ? SBI_EXT_RFENCE_SFENCE_VMA : SBI_EXT_RFENCE_SFENCE_VMA_ASID,
			6, 0, (1 + 2 * i) * PAGE, PAGE, i,
		};
		expect_answer(SBI_SUCCESS, calls[i]);
	}

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		unsigned int j;

		if (!named(&calls[0], ids[i]))
			continue;
		fence_trace_clear();
		sbi_enter(vcpus[i]);
		fences = fence_trace_read();
		for (j = 0; j < ARRAY_SIZE(calls); j++)
			expect_demanded(&fences, &calls[j], ids[i]);
		free(fences.list);
	}
}

/* Hart 1 lets its queue run full; hart 2 is asked for one page beside it. */
static void full_queue_beside(void)
{
	const struct call both = { SBI_EXT_RFENCE_SFENCE_VMA, 6, 0, PAGE, PAGE };
	struct fences fences;
	unsigned int i, wide = 0;

	create();
	fence_trace_or_skip();
	for (i = 0; i < 100; i++)
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA, 2, 0, (1 + 2 * i) * PAGE, PAGE });
	expect_answer(SBI_SUCCESS, both);

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		unsigned int j;

		if (ids[i] != 2)
			continue;
		fence_trace_clear();
		sbi_enter(vcpus[i]);
		fences = fence_trace_read();
		expect_demanded(&fences, &both, ids[i]);
		for (j = 0; j < fences.count; j++)
			wide += fences.list[j].kind == FENCE_VVMA && fences.list[j].all_addresses;
		free(fences.list);
	}
	sbi_expect(!wide, "hart 2 fenced all addresses because the queue of hart 1 is full");
}

/* The same with a fence of KVM's own: the memory of both goes away. */
static void full_queue_beside_kvm(void)
{
	struct kvm_vm *vm = create();
	struct fences fences;
	unsigned int i, wide = 0, exact = 0;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 1, 0);
	virt_pg_map(vm, SLOT_VA, SLOT_GPA);
	fence_trace_or_skip();

	/* Hart 2 executes an ebreak there, so that it is mapped. */
	*(u32 *)addr_gpa2hva(vm, SLOT_GPA) = 0x00100073;
	vcpu_set_reg(vcpus[3], RISCV_CORE_REG(regs.pc), SLOT_VA);
	sbi_run_on(vcpus[3]);
	for (i = 0; i < 100; i++)
		expect_answer(SBI_SUCCESS, (struct call)
			      { SBI_EXT_RFENCE_SFENCE_VMA, 2, 0, (1 + 2 * i) * PAGE, PAGE });

	vm_mem_region_delete(vm, SLOT);
	fence_trace_clear();
	sbi_enter(vcpus[3]);
	fences = fence_trace_read();
	for (i = 0; i < fences.count; i++) {
		if (fences.list[i].kind != FENCE_GVMA)
			continue;
		wide += fences.list[i].all_addresses;
		exact += fences.list[i].address == SLOT_GPA >> 2;
	}
	free(fences.list);
	sbi_expect(exact || wide, "hart 2 did not fence the memory that went away");
	sbi_expect(!wide, "hart 2 fenced all memory because the queue of hart 1 is full");
}

static void firmware_counters(void)
{
	static const struct {
		struct call call;
		unsigned int sent, received;
	} events[] = {
		{ { SBI_EXT_RFENCE_FENCE_I, 6, 0 },
		  SBI_PMU_FW_FENCE_I_SENT, SBI_PMU_FW_FENCE_I_RCVD },
		/* KVM counts sfence.vma as what it is for the host. */
		{ { SBI_EXT_RFENCE_SFENCE_VMA, 6, 0, PAGE, PAGE },
		  SBI_PMU_FW_HFENCE_VVMA_SENT, SBI_PMU_FW_HFENCE_VVMA_RCVD },
		{ { SBI_EXT_RFENCE_SFENCE_VMA, 6, 0, 0, 0 },
		  SBI_PMU_FW_HFENCE_VVMA_SENT, SBI_PMU_FW_HFENCE_VVMA_RCVD },
		{ { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 6, 0, PAGE, PAGE, 1 },
		  SBI_PMU_FW_HFENCE_VVMA_ASID_SENT, SBI_PMU_FW_HFENCE_VVMA_ASID_RCVD },
		{ { SBI_EXT_RFENCE_SFENCE_VMA_ASID, 6, 0, 0, 0, 1 },
		  SBI_PMU_FW_HFENCE_VVMA_ASID_SENT, SBI_PMU_FW_HFENCE_VVMA_ASID_RCVD },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		unsigned long sent, received[ARRAY_SIZE(ids)], count;
		struct kvm_vm *vm = create();

		firmware_events_or_skip(vcpus[0]);
		sent = firmware_event_count(vcpus[0], events[i].sent);
		for (j = 0; j < ARRAY_SIZE(ids); j++)
			received[j] = firmware_event_count(vcpus[j], events[i].received);

		expect_answer(SBI_SUCCESS, events[i].call);
		expect_answer(SBI_SUCCESS, events[i].call);
		expect_answer(SBI_ERR_NOT_SUPPORTED, (struct call)
			      { SBI_EXT_RFENCE_HFENCE_VVMA, 6, 0, PAGE, PAGE });

		count = firmware_event_read(vcpus[0], sent);
		sbi_expect(count == 2, "%s twice: event %u is %lu, wanted 2",
			   describe(&events[i].call), events[i].sent, count);

		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			unsigned long wanted = named(&events[i].call, ids[j]) ? 2 : 0;

			/* Two requests for a fence.i before it is done are one. */
			if (wanted && events[i].received == SBI_PMU_FW_FENCE_I_RCVD)
				wanted = 1;
			sbi_enter(vcpus[j]);
			count = firmware_event_read(vcpus[j], received[j]);
			sbi_expect(count == wanted,
				   "%s twice: event %u of hart %u is %lu, wanted %lu",
				   describe(&events[i].call), events[i].received, ids[j],
				   count, wanted);
		}
		kvm_vm_free(vm);
	}
}

static void statistics(void)
{
	unsigned long function;

	create();
	for (function = SBI_EXT_RFENCE_FENCE_I; function <= SBI_EXT_RFENCE_HFENCE_VVMA + 1;
	     function++)
		sbi_expect_no_statistics(vcpus[0], SBI_EXT_RFENCE, function,
					 (const unsigned long[6]) { 7, 0, PAGE, PAGE, 1 });
}

static const struct sbi_case cases[] = {
	{ "fence.i, sfence.vma and sfence.vma.asid are SUCCESS for harts that exist", success,
	  .conforms = REQUIREMENTS("RFNC.remote_fence_i.SUCCESS", "RFNC.remote_sfence_vma.SUCCESS",
				   "RFNC.remote_sfence_vma_asid.SUCCESS", "ABI.hart_mask.bits",
				   "ABI.hart_mask.all") },
	{ "[R1] a hart that does not exist is INVALID_PARAM", absent_harts,
	  .conforms = REQUIREMENTS("RFNC.remote_fence_i.INVALID_PARAM",
				   "RFNC.remote_sfence_vma.INVALID_PARAM",
				   "RFNC.remote_sfence_vma_asid.INVALID_PARAM",
				   "ABI.hart_mask.INVALID_PARAM") },
	{ "harts that are named beside one that does not exist are fenced", absent_harts_fence },
	{ "an ASID of more than 16 bits is SUCCESS", wide_asid,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma_asid.asid") },
	{ "[R5] of an ASID of more than 16 bits the lower 16 are fenced", wide_asid_fences,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma_asid.asid") },
	{ "an ASID of 16 bits is SUCCESS, and only sfence.vma.asid looks at it", other_asids },
	{ "the four HFENCE functions are NOT_SUPPORTED", hfence_functions,
	  .conforms = REQUIREMENTS("RFNC.remote_hfence_gvma_vmid.NOT_SUPPORTED",
				   "RFNC.remote_hfence_gvma.NOT_SUPPORTED",
				   "RFNC.remote_hfence_vvma_asid.NOT_SUPPORTED",
				   "RFNC.remote_hfence_vvma.NOT_SUPPORTED") },
	{ "an unknown function is NOT_SUPPORTED", unknown_functions,
	  .conforms = REQUIREMENTS("RFNC.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "HFENCE and unknown functions ask for no fence", unsupported_fence },
	{ "each hart that is named does a fence.i, and no other hart", fence_i,
	  .conforms = REQUIREMENTS("RFNC.remote_fence_i.SUCCESS") },
	{ "each hart that is named fences addresses, and no other hart", sfence_harts,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma.SUCCESS") },
	{ "sfence.vma.asid fences the ASID that it names", sfence_asid,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma_asid.SUCCESS") },
	{ "0/0 and a size of -1 fence all addresses", whole_address_space,
	  .conforms = REQUIREMENTS("RFNC.everything") },
	{ "each page of a range is fenced", ranges,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma.range",
				   "RFNC.remote_sfence_vma_asid.range") },
	{ "[R2] a range that reaches or wraps past 2^64 is fenced", wrapping_ranges,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma.INVALID_ADDRESS",
				   "RFNC.remote_sfence_vma_asid.INVALID_ADDRESS") },
	{ "[R3] each page that an unaligned range touches is fenced", unaligned_ranges,
	  .conforms = REQUIREMENTS("RFNC.remote_sfence_vma.range",
				   "RFNC.remote_sfence_vma_asid.range") },
	{ "more fences than KVM keeps for a vCPU are all done", many_at_once },
	{ "[F1] a full queue widens the fences of its own hart only", full_queue_beside },
	{ "[F1] a full queue widens KVM's own fences of its hart only", full_queue_beside_kvm },
	{ "the firmware events of fences count", firmware_counters,
	  .conforms = REQUIREMENTS("PMU.FW_fences") },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	fence_trace_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
