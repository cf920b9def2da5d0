// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension (SBI v3.0, chapter 11): which counters there are, what
 * a call may name, and which counter an event gets.
 */
#include "pmu_call.h"

static void number(void)
{
	unsigned int i;

	pmu_create();
	sbi_expect(pmu_hardware > FIRST_PROGRAMMABLE && pmu_hardware <= 32,
		   "%lu hardware counters", pmu_hardware);
	sbi_expect(pmu_counters - pmu_hardware == NR_FIRMWARE_EVENTS,
		   "%lu firmware counters", pmu_counters - pmu_hardware);
	for (i = 0; i < 3; i++) {
		struct sbi_outcome outcome = pmu_call(SBI_EXT_PMU_NUM_COUNTERS, -1UL, -1UL, -1UL);

		sbi_expect(outcome.returned && !outcome.error && outcome.value == pmu_counters,
			   "num_counters gave error %ld, %lu", outcome.error, outcome.value);
	}
}

static void infos(void)
{
	unsigned long i, width, wanted;

	pmu_create();
	for (i = 0; i < pmu_counters; i++) {
		struct sbi_outcome outcome = pmu_call(SBI_EXT_PMU_COUNTER_GET_INFO, i);

		if (i == COUNTER_TIME) {
			sbi_expect(outcome.error == SBI_ERR_INVALID_PARAM,
				   "the time counter gave error %ld", outcome.error);
			continue;
		}
		width = (outcome.value >> 12) & 0x3f;
		if (i >= pmu_hardware)
			wanted = 1UL << 63 | 63UL << 12;
		else if (i < FIRST_PROGRAMMABLE)
			wanted = 63UL << 12 | PMU_CSR(i);
		else
			wanted = width << 12 | PMU_CSR(i);
		sbi_expect(outcome.returned && !outcome.error && outcome.value == wanted && width > 30,
			   "get_info(%lu) gave error %ld, 0x%lx; wanted 0x%lx",
			   i, outcome.error, outcome.value, wanted);
	}
	for (i = 6; i < 64; i++)
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_GET_INFO, 1UL << i);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_GET_INFO, (1UL << 32) + 2);
	pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_GET_INFO, -1UL);
}

static void get_info_bound(void)
{
	unsigned long i;

	pmu_create();
	for (i = pmu_counters; i < 64; i++)
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_GET_INFO, i);
}

static void invalid_sets(void)
{
	static const unsigned long functions[] = {
		SBI_EXT_PMU_COUNTER_CFG_MATCH, SBI_EXT_PMU_COUNTER_START, SBI_EXT_PMU_COUNTER_STOP,
	};
	unsigned int i, j;

	pmu_create();
	const unsigned long sets[][2] = {
		{ 0, 0 },
		{ 3, 0 },
		{ pmu_counters, 1 },
		{ 64, 1 },
		{ pmu_counters - 1, 2 },
		{ pmu_counters - 1, 3 },
		{ 0, 1UL << pmu_counters },
		{ 0, -1UL },
		{ 1, pmu_all() },
		{ -1UL, 1 },
		{ -1UL, 2 },
		{ -1UL, 0x10 },
		{ -3UL, -1UL },
		{ 1UL << 32, 1 },
		{ 1UL << 63, 1 },
	};

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		for (j = 0; j < ARRAY_SIZE(functions); j++)
			pmu_expect(SBI_ERR_INVALID_PARAM, functions[j], sets[i][0], sets[i][1], 0,
				   EVENT_CYCLES);
		pmu_expect(SBI_ERR_INVALID_PARAM, SBI_EXT_PMU_COUNTER_CFG_MATCH, sets[i][0],
			   sets[i][1], CFG_SKIP_MATCH, EVENT_CYCLES);
	}
}

static void valid_sets(void)
{
	pmu_create();
	/* Nothing is configured: nothing happens. The time counter may be named. */
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_START, 0, pmu_all(), 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, 0, pmu_all(), 0);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, 0, pmu_all(), STOP_RESET);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, COUNTER_TIME, 1, STOP_RESET);
	pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, pmu_counters - 1, 1, 0);
	pmu_config(COUNTER_CYCLE, 0, pmu_all(), 0, EVENT_CYCLES);
	pmu_config(COUNTER_INSTRET, 0, pmu_all(), 0, EVENT_INSTRUCTIONS);
	pmu_config(pmu_hardware, 0, pmu_all(), 0, EVENT_SET_TIMER);
	pmu_config(pmu_counters - 1, pmu_counters - 1, 1, 0, EVENT_SET_TIMER);
	pmu_config(FIRST_PROGRAMMABLE, 0, pmu_all(), 0, EVENT_RAW);
	pmu_config(FIRST_PROGRAMMABLE + 2, 4, 6, 0, EVENT_RAW);
}

static void reserved_flags(void)
{
	unsigned int i;

	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	for (i = 2; i < 64; i++) {
		if (i >= 8)
			pmu_expect_config(SBI_ERR_INVALID_PARAM, 0, pmu_all(), 1UL << i,
					  EVENT_SET_TIMER);
		pmu_start(SBI_ERR_INVALID_PARAM, pmu_hardware, 1UL << i, 0);
		pmu_stop(SBI_ERR_INVALID_PARAM, pmu_hardware, 1UL << i);
	}
	pmu_expect_config(SBI_ERR_INVALID_PARAM, 0, pmu_all(), -1UL, EVENT_SET_TIMER);
	pmu_start(SBI_ERR_INVALID_PARAM, pmu_hardware, START_INIT_VALUE | START_SNAPSHOT, 0);
	/* None of it has done anything. */
	pmu_stop(SBI_ERR_ALREADY_STOPPED, pmu_hardware, 0);
}

static void hints(void)
{
	unsigned long flags;

	pmu_create();
	for (flags = 0; flags <= CFG_HINTS; flags += 8) {
		pmu_config(COUNTER_INSTRET, 0, pmu_all(), flags, EVENT_INSTRUCTIONS);
		pmu_config_one(pmu_hardware, flags, EVENT_IPI_SENT);
		pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, 0, pmu_all(),
			   STOP_RESET);
	}
}

static void firmware_events(void)
{
	unsigned long code;

	pmu_create();
	for (code = 0; code < NR_FIRMWARE_EVENTS; code++)
		pmu_config(pmu_hardware + code, 0, pmu_all(), 0, EVENT_FIRMWARE(code));
	/* There is no counter left, and no hardware counter does. */
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, 0, pmu_all(), 0, EVENT_SET_TIMER);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, FIRST_PROGRAMMABLE, 1, 0, EVENT_SET_TIMER);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, pmu_hardware + 7, STOP_RESET);
	pmu_config(pmu_hardware + 7, 0, pmu_all(), 0, EVENT_SET_TIMER);
}

static void raw_events(void)
{
	unsigned long counter;

	pmu_create();
	for (counter = FIRST_PROGRAMMABLE; counter < pmu_hardware; counter++)
		sbi_expect(pmu_config_any(0, pmu_all(), 0, counter & 1 ? EVENT_RAW : EVENT_RAW_V2,
					  counter) == counter, "not the first free counter");
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, 0, pmu_all(), 0, EVENT_RAW);
	pmu_stop(SBI_ERR_ALREADY_STOPPED, pmu_hardware - 1, STOP_RESET);
	pmu_config(pmu_hardware - 1, 0, pmu_all(), 0, EVENT_RAW);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, pmu_hardware, 1, 0, EVENT_RAW);
}

static void absent_events(void)
{
	static const unsigned long events[] = {
		NR_HARDWARE_EVENTS, 0x1234, 0xffff,
		EVENT_CACHE(7, 0, 0), EVENT_CACHE(0, 3, 0), EVENT_CACHE(0x1fff, 0, 0),
		0x40000, 0x50001, 0xe0000,
		EVENT_FIRMWARE(NR_FIRMWARE_EVENTS), EVENT_FIRMWARE(31), EVENT_FIRMWARE(32),
		EVENT_FIRMWARE(255), EVENT_FIRMWARE(256), EVENT_FIRMWARE(0xffff),
	};
	unsigned int i;

	pmu_create();
	for (i = 0; i < ARRAY_SIZE(events); i++)
		pmu_expect_config(SBI_ERR_NOT_SUPPORTED, 0, pmu_all(), 0, events[i]);
}

static void reserved_events(void)
{
	static const unsigned long events[][2] = {
		/* No event. */
		{ 0, 0 },
		/* More than 20 bits. */
		{ 0x100001, 0 }, { 1UL << 32 | 1, 0 }, { 1UL << 63 | 2, 0 },
		{ 1UL << 32 | EVENT_SET_TIMER, 0 },
		/* Events that have no data. */
		{ EVENT_CYCLES, 1 }, { EVENT_CYCLES, 1UL << 63 }, { EVENT_SET_TIMER, 1 },
		/* A raw event has no code. */
		{ EVENT_RAW | 1, 0 }, { EVENT_RAW_V2 | 0x8000, 0 },
	};
	unsigned int i;

	pmu_create();
	for (i = 0; i < ARRAY_SIZE(events); i++)
		pmu_expect_config(SBI_ERR_NOT_SUPPORTED, 0, pmu_all(), 0, events[i][0],
				  events[i][1]);
}

static void fixed_counters(void)
{
	pmu_create();
	/* One that is configured but not started is taken again. */
	pmu_config(COUNTER_CYCLE, 0, pmu_all(), 0, EVENT_CYCLES);
	pmu_config(COUNTER_CYCLE, 0, pmu_all(), 0, EVENT_CYCLES);
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
}

static void fixed_counters_in_set(void)
{
	pmu_create();
	pmu_config(FIRST_PROGRAMMABLE, FIRST_PROGRAMMABLE, 1, 0, EVENT_CYCLES);
	pmu_config(FIRST_PROGRAMMABLE + 1, 1, 0x3c, 0, EVENT_CYCLES);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, pmu_hardware, 1, 0, EVENT_CYCLES);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, COUNTER_TIME, 1, 0, EVENT_CYCLES);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, COUNTER_INSTRET, 1, 0, EVENT_CYCLES);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, COUNTER_CYCLE, 3, 0, EVENT_INSTRUCTIONS);
	pmu_config(pmu_hardware - 1, pmu_hardware - 1, 1, 0, EVENT_INSTRUCTIONS);
}

static void fixed_counter_started(void)
{
	pmu_create();
	pmu_config_one(COUNTER_INSTRET, 0, EVENT_INSTRUCTIONS);
	pmu_start(SBI_SUCCESS, COUNTER_INSTRET, 0, 0);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, COUNTER_INSTRET, 1, 0, EVENT_INSTRUCTIONS);
	pmu_config(FIRST_PROGRAMMABLE, 0, pmu_all(), 0, EVENT_INSTRUCTIONS);
	pmu_stop(SBI_SUCCESS, COUNTER_INSTRET, 0);
}

static void skip_match(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_config(pmu_hardware, pmu_hardware, 3, CFG_SKIP_MATCH, EVENT_SET_TIMER);
	pmu_config_one(FIRST_PROGRAMMABLE, 0, EVENT_RAW);
	pmu_config(FIRST_PROGRAMMABLE, 0, pmu_all() & ~7, CFG_SKIP_MATCH, EVENT_INSTRUCTIONS);
	pmu_config_one(COUNTER_CYCLE, 0, EVENT_CYCLES);
	pmu_config_one(COUNTER_CYCLE, CFG_SKIP_MATCH, EVENT_CYCLES);
}

static void skip_match_unconfigured(void)
{
	pmu_create();
	pmu_config(COUNTER_CYCLE, 0, pmu_all(), CFG_SKIP_MATCH, EVENT_CYCLES);
	pmu_config_one(COUNTER_INSTRET, CFG_SKIP_MATCH, EVENT_INSTRUCTIONS);
	pmu_config(5, 4, 6, CFG_SKIP_MATCH, EVENT_RAW);
	pmu_config(pmu_counters - 1, pmu_counters - 2, 2, CFG_SKIP_MATCH, EVENT_SET_TIMER);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, COUNTER_TIME, -1UL >> 32, CFG_SKIP_MATCH,
			  EVENT_CYCLES);
}

/* The C lets go of a perf event only if its counter is a hardware counter. */
static void skip_match_of_another_type(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, pmu_hardware, 1, CFG_SKIP_MATCH | CFG_AUTO_START,
			  EVENT_INSTRUCTIONS);
	pmu_expect(SBI_ERR_ALREADY_STOPPED, SBI_EXT_PMU_COUNTER_STOP, pmu_hardware, 1, STOP_RESET);

	pmu_config_one(FIRST_PROGRAMMABLE, 0, EVENT_RAW);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, FIRST_PROGRAMMABLE, 1,
			  CFG_SKIP_MATCH | CFG_AUTO_START, EVENT_IPI_SENT);
}

/* The C warns, once for each boot, when such a counter is read: it is not read here. */
static void raw_code_on_firmware_counter(void)
{
	pmu_create();
	pmu_config_one(pmu_hardware, 0, EVENT_IPI_SENT);
	pmu_expect_config(SBI_ERR_NOT_SUPPORTED, pmu_hardware, 1, CFG_SKIP_MATCH, EVENT_RAW | 0x20);
}

static void unknown_functions(void)
{
	const unsigned long args[6] = {};

	pmu_create();
	sbi_expect_unknown_functions(pmu_vcpu, SBI_EXT_PMU, PMU_FUNCTIONS, args);
}

static void disabled(void)
{
	unsigned long function;

	pmu_create();
	kvm_vm_free(pmu_vm);
	pmu_vm = guest_create(&pmu_vcpu);
	vcpu_set_reg(pmu_vcpu, KVM_REG_RISCV | KVM_REG_SIZE_ULONG | KVM_REG_RISCV_SBI_EXT |
		     KVM_REG_RISCV_SBI_SINGLE | KVM_RISCV_SBI_EXT_PMU, 0);
	for (function = 0; function < PMU_FUNCTIONS + 1; function++)
		pmu_expect(SBI_ERR_NOT_SUPPORTED, function, 0, 1, 0, EVENT_CYCLES);
	sbi_expect_call(pmu_vcpu, SBI_SUCCESS, SBI_EXT_BASE, 3, SBI_EXT_PMU);
}

static void statistics(void)
{
	static const unsigned long args[][7] = {
		{ SBI_EXT_PMU_NUM_COUNTERS },
		{ SBI_EXT_PMU_COUNTER_GET_INFO, 3 },
		{ SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, 1, 0, EVENT_CYCLES },
		{ SBI_EXT_PMU_COUNTER_START, 0, 1 },
		{ SBI_EXT_PMU_COUNTER_STOP, 0, 1 },
		{ SBI_EXT_PMU_COUNTER_FW_READ, 0 },
		{ SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, -1UL, -1UL },
		{ PMU_EVENT_GET_INFO, 0, 0, 0, 0 },
	};
	unsigned int i;

	pmu_create();
	for (i = 0; i < ARRAY_SIZE(args); i++)
		sbi_expect_no_statistics(pmu_vcpu, SBI_EXT_PMU, args[i][0], args[i] + 1);
}

static const struct sbi_case cases[] = {
	{ "num_counters is the number of hardware and firmware counters", number,
	  .conforms = REQUIREMENTS("PMU.num_counters.SUCCESS") },
	{ "get_info tells CSR, width and type, and there is no time counter", infos,
	  .conforms = REQUIREMENTS("PMU.counter_get_info.SUCCESS",
				   "PMU.counter_get_info.INVALID_PARAM") },
	{ "[M1] get_info of an index past the counters is INVALID_PARAM", get_info_bound,
	  .conforms = REQUIREMENTS("PMU.counter_get_info.INVALID_PARAM") },
	{ "a set of counters that is empty or names too much is INVALID_PARAM", invalid_sets,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.INVALID_PARAM",
				   "PMU.counter_start.INVALID_PARAM",
				   "PMU.counter_stop.INVALID_PARAM") },
	{ "any other set is valid, whatever is configured of it", valid_sets,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.SUCCESS") },
	{ "[M2] reserved flags are INVALID_PARAM", reserved_flags,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.flags",
				   "PMU.counter_start.flags.INVALID_PARAM",
				   "PMU.counter_stop.flags.INVALID_PARAM",
				   "PMU.counter_start.exclusive") },
	{ "hints where to count are accepted", hints,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.inhibit") },
	{ "each firmware event gets a firmware counter", firmware_events,
	  .conforms = REQUIREMENTS("PMU.event.firmware", "PMU.counter_config_matching.SUCCESS",
				   "PMU.counter_config_matching.NOT_SUPPORTED") },
	{ "raw events get the programmable counters", raw_events,
	  .conforms = REQUIREMENTS("PMU.event.raw", "PMU.event.raw_v2",
				   "PMU.counter_config_matching.SUCCESS",
				   "PMU.counter_config_matching.NOT_SUPPORTED") },
	{ "events that do not exist are NOT_SUPPORTED", absent_events,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.NOT_SUPPORTED",
				   "PMU.event.firmware_reserved", "PMU.event.reserved") },
	{ "[M4] reserved events, data and bits are NOT_SUPPORTED", reserved_events,
	  .conforms = REQUIREMENTS("PMU.event.no_event", "PMU.event.event_data", "PMU.event.raw",
				   "PMU.event.raw_v2", "PMU.event.firmware_reserved",
				   "PMU.event.reserved") },
	{ "cycles and instructions get their fixed counters", fixed_counters,
	  .conforms = REQUIREMENTS("PMU.event.hardware") },
	{ "[M3] cycles and instructions get a counter of the set", fixed_counters_in_set,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.SUCCESS",
				   "PMU.counter_config_matching.NOT_SUPPORTED") },
	{ "[M3] a fixed counter that is started is not given away", fixed_counter_started,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.not_started") },
	{ "SKIP_MATCH takes the first counter of the set", skip_match,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.SKIP_MATCH") },
	{ "[M5] SKIP_MATCH takes it whether or not it is configured", skip_match_unconfigured,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.SKIP_MATCH") },
	{ "[K2] SKIP_MATCH does not mix hardware and firmware", skip_match_of_another_type,
	  .conforms = REQUIREMENTS("PMU.counter_config_matching.NOT_SUPPORTED") },
	{ "[K3] SKIP_MATCH puts no raw event on a firmware counter", raw_code_on_firmware_counter },
	{ "an unknown function is NOT_SUPPORTED", unknown_functions,
	  .conforms = REQUIREMENTS("PMU.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "a vCPU without the extension has none of it", disabled },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
