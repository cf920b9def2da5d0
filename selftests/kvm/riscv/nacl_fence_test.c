// SPDX-License-Identifier: GPL-2.0
/*
 * Fences by way of the queue in shared memory (SBI nested acceleration): each that KVM
 * wants is made, or a wider one, before the guest runs again, whatever the hypervisor beneath
 * makes of the queue. The hypervisor is the judge of it.
 *
 * usage: nacl_fence_test [ENTRIES]	so many entries a hart; 20000 if nothing is said
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fence_flood.h"
#include "fence_judge.h"
#include "guest_thread.h"
#include "sbi_call.h"

static struct kvm_vcpu *vcpus[4];
static struct kvm_vm *vm;

static void create(unsigned int count)
{
	static const u32 ids[] = { 0, 1, 2, 3 };

	fence_judge_or_skip(true);
	vm = sbi_vm_create(vcpus, ids, count);
}

static void full_queue(void)
{
	unsigned int i;

	create(2);
	pin_self_to_cpu(0);
	for (i = 0; i < 10; i++)
		fence_flood(vcpus);
	fence_judge_expect_none_lost();
	sbi_expect(fence_judge_wanted() >= 10 * FENCE_FLOOD, "%lu fences only", fence_judge_wanted());
}

/* What the hypervisor leaves when it enters the guest is its fault, not KVM's: nobody judges. */
static void half_processed(void)
{
	static const u32 ids[] = { 0, 1 };
	unsigned int i;

	nacl_or_skip();
	vm = sbi_vm_create(vcpus, ids, 2);
	pin_self_to_cpu(0);
	nacl_set(NACL_HALF_HFENCE, 1);
	for (i = 0; i < 10; i++)
		fence_flood(vcpus);
	nacl_set(NACL_HALF_HFENCE, 0);
	/* Whatever is left. */
	sbi_enter(vcpus[1]);
}

/* A vCPU that stays where it is: one that comes to a hart fences everything (K9). */
static void fence_itself(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA,
				BIT(0), 0, FENCED + 2 * i * PAGE, PAGE);
}

/* The judge finds what is missing. */
static void judge_finds(void)
{
	create(1);
	pin_self_to_cpu(0);
	sbi_enter(vcpus[0]);
	fence_judge_swallow(10);
	fence_itself(1);
	sbi_expect(!fence_judge_lost(), "%lu fences lost, wanted 0", fence_judge_lost());
	fence_itself(FENCE_FLOOD);
	fence_judge_swallow(0);
	sbi_expect(fence_judge_lost() >= FENCE_FLOOD / 10 && fence_judge_lost() <= FENCE_FLOOD / 10 + 2,
		   "%lu fences lost of %lu, wanted each tenth", fence_judge_lost(),
		   fence_judge_wanted());
}

#define CONFIG_TYPE(config)	((config) >> 56 & 0xf)
#define CONFIG_ORDER(config)	((config) >> 48 & 0x7f)
#define CONFIG_ASID(config)	((config) & 0xffff)
#define TYPE_ALL		1
#define TYPE_ASID		2
#define TYPE_VVMA		4

/* The entry that a request has become: the first that is none of the G-stage. */
static bool entry_of(unsigned long start, unsigned long size, long asid, struct hfence_entry *entry)
{
	struct hfence_entry entries[16];
	unsigned int i, count;

	fence_request(vcpus, start, size, asid);
	sbi_enter(vcpus[1]);
	count = fence_judge_record(entries, ARRAY_SIZE(entries));
	for (i = 0; i < count; i++) {
		*entry = entries[i];
		if (CONFIG_TYPE(entry->config) & TYPE_VVMA)
			return true;
	}
	return sbi_expect(false, "no entry for a fence of 0x%lx bytes at 0x%lx", size, start);
}

static void ranges_are_covered(void)
{
	static const struct {
		unsigned long start, size;
	} ranges[] = {
		{ FENCED, PAGE },
		{ FENCED, 2 * PAGE },
		{ FENCED, 1 },
		{ FENCED + 0x800, PAGE },
		{ FENCED + 0xfff, 2 },
		{ FENCED + 1, 2 * PAGE },
		{ FENCED + 0xffe, 3 * PAGE },
		{ FENCED, 100 * PAGE + 1 },
		{ FENCED + PAGE - 1, 511 * PAGE },
	};
	struct hfence_entry entry;
	unsigned long first, end;
	unsigned int i;
	int with_asid;

	create(2);
	pin_self_to_cpu(0);
	for (i = 0; i < 2 * ARRAY_SIZE(ranges); i++) {
		unsigned long start = ranges[i / 2].start, size = ranges[i / 2].size;

		with_asid = i % 2;
		if (!entry_of(start, size, with_asid ? 7 : -1, &entry))
			return;
		sbi_expect(!!(CONFIG_TYPE(entry.config) & TYPE_ASID) == with_asid &&
			   CONFIG_ASID(entry.config) == (with_asid ? 7 : 0),
			   "0x%lx bytes at 0x%lx: Config is 0x%lx", size, start,
			   (unsigned long)entry.config);
		if (CONFIG_TYPE(entry.config) & TYPE_ALL)
			continue;
		first = entry.page_number << (12 + CONFIG_ORDER(entry.config));
		end = first + (entry.page_count << (12 + CONFIG_ORDER(entry.config)));
		sbi_expect(first <= start && end >= start + size,
			   "0x%lx bytes at 0x%lx: the entry is 0x%lx to 0x%lx", size, start, first,
			   end);
	}
}

static void entries_of_all(void)
{
	struct hfence_entry entry;
	long asid;

	create(2);
	pin_self_to_cpu(0);
	for (asid = -1; asid < 2; asid++) {
		if (!entry_of(0, -1UL, asid, &entry))
			return;
		sbi_expect(CONFIG_TYPE(entry.config) & TYPE_ALL && !CONFIG_ORDER(entry.config) &&
			   !entry.page_number && !entry.page_count && !entry.reserved,
			   "all addresses: the entry is 0x%lx 0x%lx 0x%lx 0x%lx",
			   (unsigned long)entry.config, (unsigned long)entry.page_number,
			   (unsigned long)entry.reserved, (unsigned long)entry.page_count);
	}
}

/* Of the guests that fence all the time. */
#define TOUCHED_PAGES		64
#define PRESSURE_SECONDS	150

static unsigned long entries_wanted = 20000;
static unsigned long stop;

static void guest_touch(u64 pages, u64 turn)
{
	WRITE_ONCE(*(u64 *)(pages + turn % TOUCHED_PAGES * PAGE), turn);
}

static void guest_fences(u64 self, u64 pages)
{
	unsigned long all = -1UL, one = 1UL << self, start, turn;

	for (turn = self; !READ_ONCE(stop); turn++) {
		start = FENCED + turn % 1000 * 0x1234;
		sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, one, 0, start, PAGE, 0, 0);
		sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA_ASID, one, 0, start,
			  turn % 5 * 0x777 + 1, turn % 100, 0);
		sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0, all, start,
			  turn % 700 * PAGE + 1, 0, 0);
		sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, all, start & -PAGE,
			  3 * PAGE, turn % 100, 0);
		if (turn % 8 == 0)
			sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0, all, 0, -1UL, 0, 0);
		if (turn % 8 == 4)
			sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, all, 0, -1UL,
				  turn % 100, 0);
		if (turn % 16 == 1)
			sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_FENCE_I, 0, all, 0, 0, 0, 0);
		guest_touch(pages, turn);
	}
	guest_stop();
}

static gva_t touched;

static void *run_fences(void *data)
{
	struct kvm_vcpu *vcpu = data;

	pin_self_to_cpu(vcpu->id % sysconf(_SC_NPROCESSORS_ONLN));
	sbi_run_guest(vcpu, guest_fences, vcpu->id, touched);
	return NULL;
}

#define MAX_HARTS	8

static unsigned long entries(int hart)
{
	return nacl_counted("HFENCE entry", hart);
}

/* The hart that has processed the fewest more than @before. */
static unsigned long fewest(const unsigned long before[])
{
	unsigned long least = -1UL;
	int hart;

	for (hart = 0; hart < sysconf(_SC_NPROCESSORS_ONLN); hart++)
		least = min(least, entries(hart) - before[hart]);
	return least;
}

/* Guests fence, and the host takes pages of theirs away, until there were enough entries. */
static void press(unsigned int count, unsigned long wanted, unsigned int seconds)
{
	unsigned long before[MAX_HARTS], end, gvma;
	pthread_t threads[4];
	unsigned int i;
	void *memory;
	int hart;

	touched = vm_alloc(vm, TOUCHED_PAGES * PAGE, FENCED);
	memory = addr_gva2hva(vm, touched);
	for (hart = 0; hart < MAX_HARTS; hart++)
		before[hart] = entries(hart);
	gvma = nacl_counted("HFENCE entry GVMA", -1);

	for (i = 0; i < count; i++)
		sbi_expect(!pthread_create(&threads[i], NULL, run_fences, vcpus[i]), "no thread");
	end = now_ms() + seconds * 1000;
	while (now_ms() < end && fewest(before) < wanted) {
		for (i = 0; i < 10; i++) {
			sleep_ms(20);
			sbi_expect(!madvise(memory + i * PAGE, (TOUCHED_PAGES - 10) * PAGE,
					    MADV_DONTNEED), "madvise: %s", strerror(errno));
		}
	}
	stop = 1;
	sync_global_to_guest(vm, stop);
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);

	for (hart = 0; hart < sysconf(_SC_NPROCESSORS_ONLN); hart++)
		ksft_print_msg("hart %d: %lu entries\n", hart, entries(hart) - before[hart]);
	sbi_expect(fewest(before) >= wanted, "%lu entries on a hart, wanted %lu", fewest(before),
		   wanted);
	gvma = nacl_counted("HFENCE entry GVMA", -1) - gvma;
	ksft_print_msg("%lu fences wanted, %lu entries of the G-stage\n", fence_judge_wanted(), gvma);
	sbi_expect(gvma, "no entries of the G-stage");
}

static void pressure(void)
{
	create(4);
	press(4, entries_wanted, PRESSURE_SECONDS);
	fence_judge_expect_none_lost();
}

static const struct sbi_case cases[] = {
	{ "more fences than the queue has entries", full_queue },
	{ "half of the queue is processed at a time", half_processed },
	{ "the judge finds fences that are not made", judge_finds },
	{ "[N11] an entry covers the range that was asked for", ranges_are_covered },
	{ "[N10] an entry of all addresses is as the specification has it", entries_of_all },
	{ "guests fence and lose pages all the time", pressure, PRESSURE_SECONDS + 20 },
};

int main(int argc, char *argv[])
{
	if (argc > 1)
		entries_wanted = strtoul(argv[1], NULL, 0);
	nacl_setup();
	fence_judge_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
