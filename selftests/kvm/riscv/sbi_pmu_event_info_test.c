// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension (SBI v3.0, chapter 11): event_get_info.
 */
#include <asm/barrier.h>

#include "firmware_event.h"
#include "kernel_log.h"
#include "pmu_call.h"

#define MEMORY			(1UL << 30)
#define PAGES			8
#define READ_ONLY_PAGE		(MEMORY + (1UL << 20))
#define HOLE			(1UL << 36)
#define SLOT			10

#define PER_PAGE		(4096 / sizeof(struct pmu_event_info))
#define ENTRIES			(PAGES * PER_PAGE)

static struct pmu_event_info *entries;

static void create(void)
{
	pmu_create();
	vm_userspace_mem_region_add(pmu_vm, VM_MEM_SRC_ANONYMOUS, MEMORY, SLOT, PAGES, 0);
	entries = addr_gpa2hva(pmu_vm, MEMORY);
}

static void expect_info(long error, unsigned long low, unsigned long high, unsigned long count,
			unsigned long flags)
{
	pmu_expect(error, PMU_EVENT_GET_INFO, low, high, count, flags);
}

static void expect_output(unsigned int i, u32 event, u64 data, u32 output)
{
	sbi_expect(entries[i].event == event && entries[i].data == data &&
		   entries[i].output == output,
		   "event 0x%x with data 0x%lx: 0x%x, 0x%lx, output 0x%x; wanted %u",
		   event, data, entries[i].event, (unsigned long)entries[i].data,
		   entries[i].output, output);
}

/* Ask for one event. */
static void expect_event(u32 output, u32 event, u64 data)
{
	entries[0] = (struct pmu_event_info) { event, 0xffffffff, data };
	expect_info(SBI_SUCCESS, MEMORY, 0, 1, 0);
	expect_output(0, event, data, output);
}

static void events(void)
{
	unsigned int i;

	create();
	expect_event(1, EVENT_CYCLES, 0);
	expect_event(1, EVENT_INSTRUCTIONS, 0);
	expect_event(1, EVENT_RAW, 0x1234);
	expect_event(1, EVENT_RAW_V2, 0x1234);
	for (i = 0; i < NR_FIRMWARE_EVENTS; i++)
		expect_event(1, EVENT_FIRMWARE(i), 0);
	/* Data that do not belong to an event do not count. */
	expect_event(1, EVENT_CYCLES, -1UL);
	expect_event(1, EVENT_IPI_SENT, -1UL);
	expect_event(0, NR_HARDWARE_EVENTS, 0);
	expect_event(0, 0xffff, 0);
	expect_event(0, EVENT_CACHE(7, 0, 0), 0);
	expect_event(0, EVENT_CACHE(0, 3, 0), 0);
	expect_event(0, 0x40000, 0);
	expect_event(0, 0xe1234, 0);
}

/* What it says of an event is what config_matching does with it. */
static void events_match(void)
{
	unsigned int i, cache, op, miss, count = 0;

	create();
	for (i = 1; i < NR_HARDWARE_EVENTS; i++)
		entries[count++].event = i;
	for (cache = 0; cache < 7; cache++) {
		for (op = 0; op < 3; op++) {
			for (miss = 0; miss < 2; miss++)
				entries[count++].event = EVENT_CACHE(cache, op, miss);
		}
	}
	expect_info(SBI_SUCCESS, MEMORY, 0, count, 0);
	for (i = 0; i < count; i++) {
		struct sbi_outcome outcome;

		outcome = pmu_call(SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, pmu_all(), 0,
				   entries[i].event);
		sbi_expect(entries[i].output <= 1, "event 0x%x: output 0x%x",
			   entries[i].event, entries[i].output);
		sbi_expect((outcome.error == 0) == entries[i].output,
			   "event 0x%x: output %u, error %ld",
			   entries[i].event, entries[i].output, outcome.error);
		if (!outcome.error)
			pmu_stop(SBI_ERR_ALREADY_STOPPED, outcome.value, STOP_RESET);
	}
}

static void absent_events(void)
{
	create();
	expect_event(0, 0, 0);
	expect_event(0, EVENT_FIRMWARE(NR_FIRMWARE_EVENTS), 0);
	expect_event(0, EVENT_FIRMWARE(255), 0);
	expect_event(0, EVENT_FIRMWARE(256), 0);
	expect_event(0, EVENT_FIRMWARE(0xffff), 0);
	expect_event(0, EVENT_RAW | 1, 0);
	expect_event(0, EVENT_RAW_V2 | 0xffff, 0);
}

static void reserved_bits(void)
{
	unsigned int i;

	create();
	for (i = 20; i < 32; i++) {
		entries[0] = (struct pmu_event_info) { EVENT_CYCLES };
		entries[1] = (struct pmu_event_info) { EVENT_CYCLES | 1U << i };
		expect_info(SBI_ERR_INVALID_PARAM, MEMORY, 0, 2, 0);
	}
}

static void many_events(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ENTRIES; i++)
		entries[i] = (struct pmu_event_info) { i & 1 ? EVENT_CYCLES : 0x40000, i, i };
	/* All but the first and the last, across pages. */
	expect_info(SBI_SUCCESS, MEMORY + 16, 0, ENTRIES - 2, 0);
	expect_output(0, 0x40000, 0, 0);
	for (i = 1; i < ENTRIES - 1; i++)
		expect_output(i, i & 1 ? EVENT_CYCLES : 0x40000, i, i & 1);
	expect_output(ENTRIES - 1, EVENT_CYCLES, ENTRIES - 1, ENTRIES - 1);
}

/* The guest may use the memory for something else. */
static void left_alone(void)
{
	unsigned int i;
	u8 *bytes;

	create();
	bytes = (u8 *)entries;
	expect_event(1, EVENT_CYCLES, 0);
	memset(entries, 0x5a, PAGES * 4096);
	sbi_enter(pmu_vcpu);
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, STOP_RESET);
	for (i = 0; i < PAGES * 4096; i++) {
		if (!sbi_expect(bytes[i] == 0x5a, "byte %u is 0x%x", i, bytes[i]))
			return;
	}
}

static void invalid_arguments(void)
{
	unsigned int i;

	create();
	for (i = 0; i < 64; i++)
		expect_info(SBI_ERR_INVALID_PARAM, MEMORY, 0, 1, 1UL << i);
	for (i = 0; i < 4; i++)
		expect_info(SBI_ERR_INVALID_PARAM, MEMORY + (1UL << i), 0, 1, 0);
	expect_info(SBI_ERR_INVALID_PARAM, MEMORY, 0, 0, 0);
	expect_info(SBI_ERR_INVALID_PARAM, MEMORY, 0, 1UL << 60, 0);
	expect_info(SBI_ERR_INVALID_PARAM, MEMORY, 0, -1UL, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY, 1, 1, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, -16UL, -1UL, 1, 0);
}

static void read_only_memory(void)
{
	create();
	pmu_add_page(READ_ONLY_PAGE, SLOT + 1, KVM_MEM_READONLY);
	expect_info(SBI_ERR_INVALID_ADDRESS, READ_ONLY_PAGE, 0, 1, 0);
}

static void no_memory(void)
{
	create();
	expect_info(SBI_ERR_INVALID_ADDRESS, HOLE, 0, 1, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, -16UL, 0, 1, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY - 16, 0, 2, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY + 16, 0, ENTRIES, 0);
}

/* More than the host could allocate; then a table that wraps. */
static void immense_tables(void)
{
	create();
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY, 0, 1UL << 30, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY, 0, 1UL << 40, 0);
	expect_info(SBI_ERR_INVALID_ADDRESS, MEMORY, 0, (1UL << 60) - 1, 0);
}

/* The smallest ring; KVM wants it emptied some entries before it is full. */
#define RING			256
#define DIRTY_PAGES		(2 * RING)

static void create_with_ring(void)
{
	static const u32 id;

	pmu_vm = vm_create(1);
	if (!vm_check_cap(pmu_vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL))
		sbi_skip("no dirty ring");
	vm_enable_dirty_ring(pmu_vm, RING * sizeof(struct kvm_dirty_gfn));
	sbi_vm_add_vcpus(pmu_vm, &pmu_vcpu, &id, 1);
	firmware_events_or_skip(pmu_vcpu);
	vm_userspace_mem_region_add(pmu_vm, VM_MEM_SRC_ANONYMOUS, MEMORY, SLOT, DIRTY_PAGES,
				    KVM_MEM_LOG_DIRTY_PAGES);
	entries = addr_gpa2hva(pmu_vm, MEMORY);
}

/* Empties the ring; marks the pages that are in it. */
static void empty_ring(bool dirty[DIRTY_PAGES])
{
	struct kvm_dirty_gfn *ring = vcpu_map_dirty_ring(pmu_vcpu);
	static unsigned int next;

	for (;; next++) {
		struct kvm_dirty_gfn *gfn = &ring[next % RING];

		/* Pairs with the store of KVM, after which the other fields are there. */
		if (smp_load_acquire(&gfn->flags) != KVM_DIRTY_GFN_F_DIRTY)
			break;
		if (sbi_expect(gfn->slot == SLOT && gfn->offset < DIRTY_PAGES,
			       "page %llu of slot %u is dirty", gfn->offset, gfn->slot))
			dirty[gfn->offset] = true;
		/* The fields have been read. */
		smp_store_release(&gfn->flags, KVM_DIRTY_GFN_F_RESET);
	}
	kvm_vm_reset_dirty_ring(pmu_vm);
}

/* A table of more pages than there is room for in the ring. */
static void dirty_ring(void)
{
	static bool dirty[DIRTY_PAGES];
	struct sbi_outcome outcome;
	unsigned int i, count;

	create_with_ring();
	for (i = 0; i < DIRTY_PAGES * PER_PAGE; i++)
		entries[i].event = EVENT_CYCLES;
	for (i = 0; i < 100; i++) {
		outcome = pmu_call(PMU_EVENT_GET_INFO, MEMORY, 0, DIRTY_PAGES * PER_PAGE, 0);
		empty_ring(dirty);
		if (outcome.exit_reason != KVM_EXIT_DIRTY_RING_FULL)
			break;
	}
	sbi_expect(outcome.returned && !outcome.error, "exit reason %u, error %ld",
		   outcome.exit_reason, outcome.error);
	sbi_expect(!kernel_warned("kvm_dirty_ring_push"), "the kernel warns of what a guest does");
	for (i = 0, count = 0; i < DIRTY_PAGES; i++)
		count += dirty[i];
	sbi_expect(count == DIRTY_PAGES, "%u of %u pages were said to be dirty", count,
		   DIRTY_PAGES);
	for (i = 0; i < DIRTY_PAGES * PER_PAGE; i++) {
		if (!sbi_expect(entries[i].output == 1, "entry %u is not answered", i))
			break;
	}
}

static const struct sbi_case cases[] = {
	{ "events and what is none", events,
	  .conforms = REQUIREMENTS("PMU.event_get_info.SUCCESS", "PMU.event_get_info.output") },
	{ "an event that is there can be configured, another cannot", events_match,
	  .conforms = REQUIREMENTS("PMU.event.cache", "PMU.event_get_info.SUCCESS") },
	{ "[M11] events without a meaning are not there", absent_events,
	  .conforms = REQUIREMENTS("PMU.event_get_info.SUCCESS") },
	{ "[M11] reserved bits of an event are INVALID_PARAM", reserved_bits,
	  .conforms = REQUIREMENTS("PMU.event_get_info.reserved.INVALID_PARAM") },
	{ "a table of many pages", many_events,
	  .conforms = REQUIREMENTS("PMU.event_get_info.SUCCESS", "PMU.event_get_info.output") },
	{ "the table is left alone once the call has returned", left_alone,
	  .conforms = REQUIREMENTS("PMU.event_get_info.returned") },
	{ "flags, alignment, a number of 0 or too many, and the upper half of the address",
	  invalid_arguments,
	  .conforms = REQUIREMENTS("PMU.event_get_info.flags.INVALID_PARAM",
				   "PMU.event_get_info.aligned.INVALID_PARAM",
				   "ABI.shmem.upper_half") },
	{ "memory that is read-only is INVALID_ADDRESS", read_only_memory,
	  .conforms = REQUIREMENTS("PMU.event_get_info.INVALID_ADDRESS", "ABI.shmem.access") },
	{ "[M11] what is no memory is INVALID_ADDRESS", no_memory,
	  .conforms = REQUIREMENTS("PMU.event_get_info.INVALID_ADDRESS",
				   "ABI.shmem.INVALID_ADDRESS") },
	{ "[K7] the host allocates nothing of the guest's size", immense_tables },
	{ "[K8] a table of more pages than the dirty ring has room for", dirty_ring },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
