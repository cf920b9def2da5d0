// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension (SBI v3.0, chapter 11): the snapshot's shared memory.
 */
#include "kernel_log.h"
#include "pmu_call.h"

#define PAGE			(1UL << 30)
#define OTHER_PAGE		(PAGE + 4096)
#define READ_ONLY_PAGE		(PAGE + (1UL << 20))
#define HOLE			(1UL << 36)
#define SLOT			10

#define PATTERN			0x5a5a5a5a5a5a5a5a

static struct pmu_snapshot *page, *other_page, *read_only_page;

static void expect_set(long error, unsigned long low, unsigned long high, unsigned long flags)
{
	pmu_expect(error, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, low, high, flags);
}

static void fill(struct pmu_snapshot *snapshot)
{
	memset(snapshot, PATTERN & 0xff, sizeof(*snapshot));
}

/* Every byte of a page. */
static void expect_filled_with(const struct pmu_snapshot *snapshot, u8 byte)
{
	const u8 *bytes = (const u8 *)snapshot;
	unsigned int i;

	for (i = 0; i < sizeof(*snapshot); i++) {
		if (!sbi_expect(bytes[i] == byte, "byte %u is 0x%x, wanted 0x%x",
				i, bytes[i], byte))
			return;
	}
}

static void create(void)
{
	pmu_create();
	page = pmu_add_page(PAGE, SLOT, 0);
	other_page = pmu_add_page(OTHER_PAGE, SLOT + 1, 0);
	read_only_page = pmu_add_page(READ_ONLY_PAGE, SLOT + 2, KVM_MEM_READONLY);
	fill(page);
	fill(other_page);
	fill(read_only_page);
}

static void create_with_snapshot(void)
{
	create();
	expect_set(SBI_SUCCESS, PAGE, 0, 0);
}

/* A firmware counter that stands at @value, started. */
static void start_at(unsigned long counter, u64 value)
{
	pmu_config_one(counter, 0, EVENT_IPI_SENT + (counter - pmu_hardware));
	pmu_start(SBI_SUCCESS, counter, START_INIT_VALUE, value);
}

static void set_shmem(void)
{
	create();
	expect_set(SBI_SUCCESS, PAGE, 0, 0);
	expect_filled_with(page, 0);
	fill(page);
	expect_set(SBI_SUCCESS, OTHER_PAGE, 0, 0);
	expect_filled_with(other_page, 0);
	expect_filled_with(page, PATTERN & 0xff);
	expect_set(SBI_SUCCESS, PAGE, 0, 0);
	expect_set(SBI_SUCCESS, PAGE, 0, 0);
	expect_set(SBI_SUCCESS, -1UL, -1UL, 0);
	expect_set(SBI_SUCCESS, -1UL, -1UL, 0);
}

static void set_shmem_invalid(void)
{
	unsigned int i;

	create();
	for (i = 0; i < 64; i++)
		expect_set(SBI_ERR_INVALID_PARAM, PAGE, 0, 1UL << i);
	expect_set(SBI_ERR_INVALID_PARAM, -1UL, -1UL, 1);
	expect_filled_with(page, PATTERN & 0xff);
	expect_set(SBI_ERR_INVALID_ADDRESS, HOLE, 0, 0);
	expect_set(SBI_ERR_INVALID_ADDRESS, -4096UL, 0, 0);
	expect_set(SBI_ERR_INVALID_ADDRESS, PAGE, 1, 0);
	expect_set(SBI_ERR_INVALID_ADDRESS, PAGE, -1UL, 0);
	expect_set(SBI_ERR_INVALID_ADDRESS, READ_ONLY_PAGE, 0, 0);
	expect_filled_with(read_only_page, PATTERN & 0xff);
	/* There is still none. */
	pmu_stop(SBI_ERR_NO_SHMEM, 0, STOP_SNAPSHOT);
}

static void set_shmem_unaligned(void)
{
	unsigned int i;

	create();
	for (i = 0; i < 12; i++)
		expect_set(SBI_ERR_INVALID_PARAM, PAGE + (1UL << i), 0, 0);
	expect_set(SBI_ERR_INVALID_PARAM, -1UL, 0, 0);
	expect_filled_with(page, PATTERN & 0xff);
	expect_filled_with(other_page, PATTERN & 0xff);
}

static void no_shmem(void)
{
	create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_ERR_NO_SHMEM, pmu_hardware, START_SNAPSHOT, 0);
	pmu_stop(SBI_ERR_NO_SHMEM, pmu_hardware, STOP_SNAPSHOT);
	pmu_start(SBI_SUCCESS, pmu_hardware, 0, 0);
	/* It goes on. */
	pmu_stop(SBI_ERR_NO_SHMEM, pmu_hardware, STOP_SNAPSHOT | STOP_RESET);
	pmu_start(SBI_ERR_ALREADY_STARTED, pmu_hardware, 0, 0);

	expect_set(SBI_SUCCESS, PAGE, 0, 0);
	expect_set(SBI_SUCCESS, -1UL, -1UL, 0);
	pmu_stop(SBI_ERR_NO_SHMEM, pmu_hardware, STOP_SNAPSHOT);
	pmu_stop(SBI_SUCCESS, pmu_hardware, 0);
	pmu_start(SBI_ERR_NO_SHMEM, pmu_hardware, START_SNAPSHOT, 0);
	expect_filled_with(page, 0);
}

static void start_from_snapshot(void)
{
	unsigned long base;

	create_with_snapshot();
	base = pmu_hardware;
	pmu_config_one(base + 1, 0, EVENT_IPI_SENT);
	pmu_config_one(base + 3, 0, EVENT_SET_TIMER);
	page->values[0] = 10;
	page->values[1] = 11;
	page->values[2] = 12;
	page->values[3] = -13UL;
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_START, base, 0xf, START_SNAPSHOT);
	sbi_expect(pmu_read(base + 1) == 11 && pmu_read(base + 3) == -13UL, "the values are %ld, %ld",
		   pmu_read(base + 1), pmu_read(base + 3));
	pmu_send_ipi();
	sbi_expect(pmu_read(base + 1) == 12, "the value is %ld after an event", pmu_read(base + 1));

	/* Numbers count from the base. */
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, base, 0xf, 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_START, base + 1, 5, START_SNAPSHOT);
	sbi_expect(pmu_read(base + 1) == 10 && pmu_read(base + 3) == 12, "the values are %ld, %ld",
		   pmu_read(base + 1), pmu_read(base + 3));
}

static void stop_into_snapshot(void)
{
	unsigned long base;

	create_with_snapshot();
	base = pmu_hardware;
	start_at(base + 1, 1000);
	start_at(base + 3, -3000UL);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, base, 0xf, STOP_SNAPSHOT);
	sbi_expect(page->values[1] == 1000 && page->values[3] == -3000UL && !page->overflown,
		   "values %ld, %ld, overflow 0x%lx",
		   page->values[1], page->values[3], page->overflown);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_START, base, 0xf, 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, base + 1, 5, STOP_SNAPSHOT | STOP_RESET);
	sbi_expect(page->values[0] == 1000 && page->values[2] == -3000UL && !page->overflown,
		   "values %ld, %ld, overflow 0x%lx",
		   page->values[0], page->values[2], page->overflown);
}

static void only_what_stopped(void)
{
	struct pmu_snapshot wanted;
	unsigned long base;

	create_with_snapshot();
	base = pmu_hardware;
	start_at(base, 100);
	start_at(base + 1, 200);
	start_at(base + 4, 300);
	start_at(base + 5, 400);
	pmu_stop(SBI_SUCCESS, base + 1, 0);

	fill(page);
	wanted = *page;
	wanted.overflown &= ~0x11;
	wanted.values[0] = 100;
	wanted.values[4] = 300;
	/* Counter 1 is stopped already, 2 and 3 are not configured, 5 is not named. */
	pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, base, 0x1f, STOP_SNAPSHOT);
	sbi_expect(!memcmp(page, &wanted, sizeof(wanted)),
		   "overflow 0x%lx, values %lx, %lx, %lx, %lx, %lx, %lx", page->overflown,
		   page->values[0], page->values[1], page->values[2], page->values[3],
		   page->values[4], page->values[5]);
	pmu_stop(SBI_SUCCESS, base + 5, 0);
}

/* Starting from a snapshot reads it, and nothing else has to do with it. */
static void only_snapshots_write(void)
{
	create_with_snapshot();
	fill(page);
	start_at(pmu_hardware, 100);
	pmu_send_ipi();
	pmu_stop(SBI_SUCCESS, pmu_hardware, 0);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_SNAPSHOT, 0);
	pmu_send_ipi();
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_RESET);
	expect_filled_with(page, PATTERN & 0xff);
}

static void overflow_is_of_now(void)
{
	create_with_snapshot();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_overflow(COUNTER_INSTRET, COUNTER_INSTRET, page);

	/* It is started again, and does not overflow. */
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, START_INIT_VALUE, 1);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, STOP_SNAPSHOT);
	sbi_expect(!page->overflown, "overflow 0x%lx, wanted 0", page->overflown);
}

static void overflow_bits(void)
{
	create_with_snapshot();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	/* The bit is relative to the base; it stays while the counter is stopped. */
	pmu_overflow(COUNTER_INSTRET, 1, page);
	pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, 1, 6, STOP_SNAPSHOT);
	sbi_expect(page->overflown == 2, "overflow 0x%lx, wanted 2", page->overflown);
	/* A counter that is reset has none. */
	pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, 1, 6,
		   STOP_SNAPSHOT | STOP_RESET);
	sbi_expect(!page->overflown, "overflow 0x%lx, wanted 0", page->overflown);
}

/* Memory that was there when it was named, and is not any more. */
static void lost_memory(void)
{
	create_with_snapshot();
	start_at(pmu_hardware, 5);
	vm_mem_region_delete(pmu_vm, SLOT);
	pmu_stop(SBI_ERR_FAILURE, pmu_hardware, STOP_SNAPSHOT);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, pmu_hardware, 0);
	pmu_start(SBI_ERR_FAILURE, pmu_hardware, START_SNAPSHOT, 0);
	pmu_start(SBI_SUCCESS, pmu_hardware, 0, 0);
	sbi_expect(pmu_read(pmu_hardware) == 5, "the value is %ld", pmu_read(pmu_hardware));
}

/* What a guest can repeat as often as it likes does not fill the host's log. C logs each. */
static void lost_memory_is_not_repeated(void)
{
	static const char words[] = "Unable to read snapshot shared memory";
	const unsigned int times = 60, at_most = 20;
	unsigned int i, lines;

	create_with_snapshot();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	vm_mem_region_delete(pmu_vm, SLOT);
	lines = kernel_log_count(words);
	for (i = 0; i < times; i++)
		pmu_start(SBI_ERR_FAILURE, pmu_hardware, START_SNAPSHOT, 0);
	lines = kernel_log_count(words) - lines;
	sbi_expect(lines <= at_most, "%u lines for %u starts, wanted %u at most", lines, times,
		   at_most);
}

static const struct sbi_case cases[] = {
	{ "set_shmem clears the memory; any page will do, again and again", set_shmem,
	  .conforms = REQUIREMENTS("PMU.snapshot_set_shmem.SUCCESS",
				   "PMU.snapshot_set_shmem.clear") },
	{ "flags are INVALID_PARAM, what is no memory or read-only is INVALID_ADDRESS",
	  set_shmem_invalid,
	  .conforms = REQUIREMENTS("PMU.snapshot_set_shmem.flags.INVALID_PARAM",
				   "PMU.snapshot_set_shmem.INVALID_ADDRESS",
				   "ABI.shmem.INVALID_ADDRESS", "ABI.shmem.access",
				   "ABI.shmem.upper_half") },
	{ "[M10] an address that is not aligned is INVALID_PARAM", set_shmem_unaligned,
	  .conforms = REQUIREMENTS("PMU.snapshot_set_shmem.aligned.INVALID_PARAM") },
	{ "without shared memory a snapshot is NO_SHMEM", no_shmem,
	  .conforms = REQUIREMENTS("PMU.counter_start.NO_SHMEM", "PMU.counter_stop.NO_SHMEM",
				   "PMU.snapshot_set_shmem.clear") },
	{ "counters start with the values in the snapshot", start_from_snapshot,
	  .conforms = REQUIREMENTS("PMU.counter_start.INIT_SNAPSHOT",
				   "PMU.snapshot_set_shmem.layout") },
	{ "the values of counters that are stopped are in the snapshot", stop_into_snapshot,
	  .conforms = REQUIREMENTS("PMU.counter_stop.TAKE_SNAPSHOT",
				   "PMU.snapshot_set_shmem.layout", "ABI.shmem.little_endian") },
	{ "[M8] nothing but the words of the counters that are stopped changes", only_what_stopped,
	  .conforms = REQUIREMENTS("PMU.counter_stop.others") },
	{ "nothing else writes there", only_snapshots_write,
	  .conforms = REQUIREMENTS("PMU.snapshot_set_shmem.access") },
	{ "[M8] the overflow is that of the last run", overflow_is_of_now,
	  .conforms = REQUIREMENTS("PMU.counter_stop.overflow") },
	{ "the bits of overflows", overflow_bits,
	  .conforms = REQUIREMENTS("PMU.counter_stop.overflow", "PMU.snapshot_set_shmem.layout") },
	{ "shared memory that is gone is FAILED", lost_memory },
	{ "[K3] calls that need it then do not fill the kernel's log", lost_memory_is_not_repeated },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
