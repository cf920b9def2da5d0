// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension (SBI v3.0, chapter 11): counters count.
 */
#include "kernel_log.h"
#include "pmu_call.h"

/*
 * What a counter of instructions counts while the guest spins for a moment. Under TCG these are
 * nanoseconds, so there is no telling how many.
 */
#define SPIN_LEAST		1000
#define SPIN_MOST		(1UL << 36)
#define MILLISECONDS		2

/* Farther from the overflow than the guest could spin. */
#define FAR			(-(1UL << 40))

#define SNAPSHOT		(1UL << 30)
#define SNAPSHOT_SLOT		10

static void expect_between(const char *what, u64 value, u64 least, u64 most)
{
	sbi_expect(value >= least && value <= most, "%s is %lu, wanted %lu to %lu",
		   what, value, least, most);
}

static void send_ipis(unsigned int count)
{
	while (count--)
		pmu_send_ipi();
}

static void expect_value(unsigned long counter, u64 wanted)
{
	u64 value = pmu_read(counter);

	sbi_expect(value == wanted, "counter %lu is %lu, wanted %lu", counter, value, wanted);
}

static void firmware_counter(void)
{
	unsigned long counter;

	pmu_create();
	counter = pmu_counters - 1;
	pmu_config_one(counter, 0, EVENT_IPI_SENT);
	expect_value(counter, 0);
	send_ipis(2);
	expect_value(counter, 0);

	pmu_stop(SBI_ERR_ALREADY_STOPPED, counter, 0);
	pmu_start(SBI_SUCCESS, counter, 0, 0);
	expect_value(counter, 0);
	send_ipis(3);
	expect_value(counter, 3);
	pmu_start(SBI_ERR_ALREADY_STARTED, counter, 0, 0);
	send_ipis(1);
	expect_value(counter, 4);

	pmu_stop(SBI_SUCCESS, counter, 0);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, counter, 0);
	send_ipis(2);
	expect_value(counter, 4);

	/* It goes on from where it was. */
	pmu_start(SBI_SUCCESS, counter, 0, 0);
	send_ipis(1);
	expect_value(counter, 5);
	pmu_stop(SBI_SUCCESS, counter, 0);

	/* Any value, and it wraps. */
	pmu_start(SBI_SUCCESS, counter, START_INIT_VALUE, -2UL);
	expect_value(counter, -2UL);
	send_ipis(3);
	expect_value(counter, 1);
	pmu_stop(SBI_SUCCESS, counter, STOP_RESET);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, counter);
	pmu_stop(SBI_SUCCESS, counter, 0);
}

static void firmware_auto_start(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, CFG_AUTO_START, EVENT_IPI_SENT);
	send_ipis(2);
	expect_value(pmu_hardware, 2);
	pmu_start(SBI_ERR_ALREADY_STARTED, pmu_hardware, 0, 0);
	pmu_stop(SBI_SUCCESS, pmu_hardware, 0);
	expect_value(pmu_hardware, 2);
}

static void auto_start_keeps_value(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_INIT_VALUE, 1000);
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_RESET);
	pmu_config_one(pmu_hardware, CFG_AUTO_START, EVENT_IPI_SENT);
	send_ipis(2);
	expect_value(pmu_hardware, 1002);
}

static void firmware_clear_value(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, pmu_hardware, START_INIT_VALUE, 1000);
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_RESET);

	/* Without the flag it keeps its value. */
	pmu_config_one(pmu_hardware, 0, EVENT_SET_TIMER);
	pmu_start(SBI_SUCCESS, pmu_hardware, 0, 0);
	expect_value(pmu_hardware, 1000);
	pmu_stop(SBI_SUCCESS, pmu_hardware, STOP_RESET);

	pmu_config_one(pmu_hardware, CFG_CLEAR_VALUE, EVENT_IPI_SENT);
	expect_value(pmu_hardware, 0);
	pmu_start(SBI_SUCCESS, pmu_hardware, 0, 0);
	send_ipis(1);
	expect_value(pmu_hardware, 1);
}

static void one_event_two_counters(void)
{
	unsigned long a, b;

	pmu_create();
	a = pmu_hardware;
	b = pmu_hardware + 4;
	pmu_config_one(a, 0, EVENT_IPI_SENT);
	pmu_config_one(b, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, a, START_INIT_VALUE, 100);
	send_ipis(2);
	pmu_start(SBI_SUCCESS, b, START_INIT_VALUE, 5000);
	send_ipis(3);
	expect_value(a, 105);
	expect_value(b, 5003);
	pmu_stop(SBI_SUCCESS, a, 0);
	send_ipis(1);
	expect_value(a, 105);
	expect_value(b, 5004);
	pmu_stop(SBI_SUCCESS, b, STOP_RESET);
	expect_value(a, 105);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, a, 0);
	pmu_start(SBI_SUCCESS, a, 0, 0);
	send_ipis(1);
	expect_value(a, 106);
}

static void invalid_reads(void)
{
	unsigned long i;

	pmu_create();
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, COUNTER_TIME);
	for (i = 0; i < pmu_counters; i++)
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, i);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, pmu_counters);
	for (i = 6; i < 64; i++)
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, 1UL << i);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, -1UL);
	pmu_config_one(pmu_hardware, CFG_AUTO_START, EVENT_IPI_SENT);
	send_ipis(1);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_FW_READ_HI, pmu_hardware);
}

static void firmware_reads_of_hardware(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, COUNTER_INSTRET);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ_HI, COUNTER_INSTRET);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ_HI, COUNTER_TIME);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ_HI, pmu_counters);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ_HI, 999);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ_HI, -1UL);
}

/* The instructions that the counter counts of a spin. */
static u64 spin(unsigned long counter)
{
	u64 before = pmu_read_csr(counter);

	pmu_spin(MILLISECONDS);
	return pmu_read_csr(counter) - before;
}

static void expect_counts(unsigned long counter)
{
	expect_between("the count of a spin", spin(counter), SPIN_LEAST, SPIN_MOST);
}

static void expect_counts_instructions(unsigned long counter)
{
	u64 value;

	pmu_start(SBI_SUCCESS, counter, START_INIT_VALUE, 1000000);
	pmu_start(SBI_ERR_ALREADY_STARTED, counter, 0, 0);
	expect_counts(counter);
	expect_counts(counter);
	pmu_stop(SBI_SUCCESS, counter, 0);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, counter, 0);

	value = pmu_read_csr(counter);
	expect_between("the value", value, 1000000 + 2 * SPIN_LEAST, SPIN_MOST);
	expect_between("what is counted while it is stopped", spin(counter), 0, 0);

	/* It goes on from where it was. */
	pmu_start(SBI_SUCCESS, counter, 0, 0);
	pmu_spin(MILLISECONDS);
	pmu_stop(SBI_SUCCESS, counter, 0);
	expect_between("the value", pmu_read_csr(counter), value + SPIN_LEAST, SPIN_MOST);

	pmu_stop(SBI_ERR_ALREADY_STOPPED, counter, STOP_RESET);
	pmu_expect_no_csr(counter);
}

static void hardware_counter(void)
{
	pmu_create();
	pmu_expect_no_csr(COUNTER_INSTRET);
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	expect_counts_instructions(COUNTER_INSTRET);
}

static void programmable_counter(void)
{
	pmu_create();
	pmu_config_one(FIRST_PROGRAMMABLE, 0, EVENT_INSTRUCTIONS);
	expect_counts_instructions(FIRST_PROGRAMMABLE);
}

static void stop_and_reset(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, STOP_RESET);
	pmu_expect_no_csr(COUNTER_INSTRET);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, STOP_RESET);
	pmu_config_one(COUNTER_INSTRET, CFG_CLEAR_VALUE, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	expect_counts(COUNTER_INSTRET);
}

static void hardware_auto_start(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, CFG_AUTO_START, EVENT_INSTRUCTIONS);
	expect_counts(COUNTER_INSTRET);
	pmu_start(SBI_ERR_ALREADY_STARTED, COUNTER_INSTRET, 0, 0);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, 0);
	expect_between("what is counted while it is stopped", spin(COUNTER_INSTRET), 0, 0);
}

static void configured_anew(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_config_one(COUNTER_INSTRET, CFG_SKIP_MATCH | CFG_CLEAR_VALUE, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	expect_counts(COUNTER_INSTRET);
}

static void started_twice(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, START_INIT_VALUE, 0);
	pmu_start(SBI_ERR_ALREADY_STARTED, COUNTER_INSTRET, START_INIT_VALUE, 1UL << 60);
	expect_between("the value", pmu_read_csr(COUNTER_INSTRET), 0, SPIN_MOST);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, 0);
	expect_between("the value", pmu_read_csr(COUNTER_INSTRET), 0, SPIN_MOST);
}

static void some_of_a_set(void)
{
	pmu_create();
	pmu_config_one(COUNTER_CYCLE, 0, EVENT_CYCLES);
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_start(SBI_SUCCESS, COUNTER_CYCLE, 0, 0);
	/* The others are started. */
	pmu_expect(SBI_ERR_ALREADY_STARTED, SBI_EXT_PMU_COUNTER_START, 0, 7, 0);
	pmu_start(SBI_ERR_ALREADY_STARTED, COUNTER_INSTRET, 0, 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_START, COUNTER_INSTRET + 1,
		   pmu_all() >> (COUNTER_INSTRET + 1), 0);
	send_ipis(1);
	expect_value(pmu_hardware, 1);
	pmu_stop(SBI_SUCCESS, COUNTER_CYCLE, 0);
	pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, 0, 7, 0);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, COUNTER_INSTRET, 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, 3, pmu_all() >> 3, STOP_RESET);
}

static void csrs_past_the_counters(void)
{
	pmu_create();
	if (pmu_hardware >= 32)
		sbi_skip("all 32 CSRs are those of hardware counters");
	pmu_config_one(pmu_hardware, CFG_AUTO_START, EVENT_IPI_SENT);
	pmu_expect_no_csr(pmu_hardware);
}

/* Also what the C has kept of an earlier snapshot is gone then. */
static void share_snapshot(void)
{
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, SNAPSHOT);
}

static struct pmu_snapshot *create_with_snapshot(void)
{
	struct pmu_snapshot *snapshot;

	pmu_create();
	snapshot = pmu_add_page(SNAPSHOT, SNAPSHOT_SLOT, 0);
	share_snapshot();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	return snapshot;
}

static void expect_no_overflow(struct pmu_snapshot *snapshot, u64 value)
{
	share_snapshot();
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, START_INIT_VALUE, value);
	pmu_spin(PMU_NEAR_MILLISECONDS);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, STOP_SNAPSHOT);
	expect_between("what is counted", snapshot->values[0] - value, SPIN_LEAST, SPIN_MOST);
	sbi_expect(!snapshot->overflown, "it overflows from 0x%lx", value);
}

static void overflow(void)
{
	struct pmu_snapshot *snapshot = create_with_snapshot();

	expect_no_overflow(snapshot, 0);
	expect_no_overflow(snapshot, FAR);
	pmu_overflow(COUNTER_INSTRET, COUNTER_INSTRET, snapshot);
	expect_no_overflow(snapshot, FAR);
}

static void overflow_period(void)
{
	struct pmu_snapshot *snapshot = create_with_snapshot();
	unsigned int i;

	pmu_overflow(COUNTER_INSTRET, COUNTER_INSTRET, snapshot);
	for (i = 0; i < 4; i++) {
		pmu_start(SBI_SUCCESS, COUNTER_INSTRET, START_INIT_VALUE, PMU_NEAR);
		pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, 0);
		/* The period of that start does not count any more. */
		expect_no_overflow(snapshot, i);
	}
}

static void reset_vcpu(void)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_INIT_RECEIVED };
	u64 satp = vcpu_get_reg(pmu_vcpu, RISCV_GENERAL_CSR_REG(satp));
	u64 stvec = vcpu_get_reg(pmu_vcpu, RISCV_GENERAL_CSR_REG(stvec));

	vm_enable_cap(pmu_vm, KVM_CAP_RISCV_MP_STATE_RESET, 0);
	vcpu_mp_state_set(pmu_vcpu, &state);

	/* What the guest needs to make calls. */
	vcpu_set_reg(pmu_vcpu, RISCV_GENERAL_CSR_REG(satp), satp);
	vcpu_set_reg(pmu_vcpu, RISCV_GENERAL_CSR_REG(stvec), stvec);
}

static void reset(void)
{
	create_with_snapshot();
	pmu_config_one(pmu_hardware, CFG_AUTO_START, EVENT_IPI_SENT);
	send_ipis(3);

	reset_vcpu();
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, pmu_hardware);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, 0);
	pmu_stop(SBI_ERR_NO_SHMEM, COUNTER_INSTRET, STOP_SNAPSHOT);
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	expect_value(pmu_hardware, 0);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, pmu_hardware, 0);
}

static void reset_while_started(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_spin(MILLISECONDS);

	reset_vcpu();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, COUNTER_INSTRET, 0);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	expect_counts(COUNTER_INSTRET);
}

/* What a guest can repeat as often as it likes does not fill the host's log. C logs each. */
static void bad_reads_are_not_repeated(void)
{
	static const char words[] = "Invalid counter id";
	const unsigned int times = 60, at_most = 20;
	unsigned int i, lines;

	pmu_create();
	lines = kernel_log_count(words);
	for (i = 0; i < times; i++)
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_FW_READ, pmu_counters);
	lines = kernel_log_count(words) - lines;
	sbi_expect(lines <= at_most, "%u lines for %u reads, wanted %u at most", lines, times,
		   at_most);
}

static const struct sbi_case cases[] = {
	{ "a firmware counter counts while it is started", firmware_counter,
	  .conforms = REQUIREMENTS("PMU.counter_start.SUCCESS", "PMU.counter_start.SET_INIT_VALUE",
				   "PMU.counter_start.no_flag", "PMU.counter_start.ALREADY_STARTED",
				   "PMU.counter_stop.SUCCESS", "PMU.counter_stop.ALREADY_STOPPED",
				   "PMU.counter_stop.RESET", "PMU.counter_fw_read.SUCCESS") },
	{ "a firmware counter starts with AUTO_START", firmware_auto_start,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.AUTO_START") },
	{ "AUTO_START does not change the value", auto_start_keeps_value,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.AUTO_START") },
	{ "[M6] CLEAR_VALUE clears a firmware counter, and only that does", firmware_clear_value,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.CLEAR_VALUE") },
	{ "[M15] firmware counters of one event are two counters", one_event_two_counters },
	{ "a firmware read of what is no counter, or not configured, is INVALID_PARAM",
	  invalid_reads,
	  .conforms = REQUIREMENTS("PMU.counter_fw_read.INVALID_PARAM",
				   "PMU.counter_fw_read_hi.SUCCESS") },
	{ "[M9] so is one of a hardware counter, and of the upper half",
	  firmware_reads_of_hardware,
	  .conforms = REQUIREMENTS("PMU.counter_fw_read.INVALID_PARAM",
				   "PMU.counter_fw_read_hi.INVALID_PARAM") },
	{ "[K3] reads of what is no counter do not fill the kernel's log",
	  bad_reads_are_not_repeated },
	{ "a fixed counter counts while it is started", hardware_counter,
	  .conforms = REQUIREMENTS("PMU.event.hardware", "PMU.counter_start.SUCCESS",
				   "PMU.counter_start.SET_INIT_VALUE", "PMU.counter_start.no_flag",
				   "PMU.counter_start.ALREADY_STARTED", "PMU.counter_stop.SUCCESS",
				   "PMU.counter_stop.ALREADY_STOPPED") },
	{ "[M3] a programmable counter counts while it is started", programmable_counter,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.SUCCESS") },
	{ "stop with RESET takes the event from a counter", stop_and_reset,
	  .conforms = REQUIREMENTS("PMU.counter_stop.RESET") },
	{ "[M6] a hardware counter is started after AUTO_START", hardware_auto_start,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.AUTO_START") },
	{ "[M6] a counter that is configured anew is stopped", configured_anew },
	{ "[M7] starting a counter that is started changes nothing", started_twice,
	  .conforms = REQUIREMENTS("PMU.counter_start.started") },
	{ "a counter of a set that cannot be started or stopped does not keep the others from it",
	  some_of_a_set,
	  .conforms = REQUIREMENTS("PMU.counter_start.ALREADY_STARTED",
				   "PMU.counter_stop.ALREADY_STOPPED") },
	{ "the CSRs past the hardware counters read nothing", csrs_past_the_counters },
	{ "a counter overflows when it wraps", overflow },
	{ "[M14] a counter that is far from its overflow does not overflow", overflow_period },
	{ "a reset of the vCPU resets the PMU", reset },
	{ "[M13] a counter that was started is stopped by the reset", reset_while_started },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
