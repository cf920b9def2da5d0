// SPDX-License-Identifier: GPL-2.0
/*
 * M1 to M11 and K7: the PMU. What the C answers is worked out here as vcpu_pmu.c
 * of Linux 7.2 does it.
 */
#include "fuzz.h"

#define SKIP_MATCH	1
#define FIRMWARE_EVENTS	22
#define COUNTERS_OF_C	64

static bool is_pmu(const struct state *state, const struct step *step, u64 function)
{
	return step->x[7] == SBI_EXT_PMU && step->x[6] == function &&
	       state_enabled(state, KVM_RISCV_SBI_EXT_PMU);
}

/* The host's perf has no counter for the event. */
static bool perf_refuses(struct expected *expected, u64 event, u64 data)
{
	if (perf_takes(event, data))
		return false;
	expected->value = 0;
	expected->error = SBI_ERR_NOT_SUPPORTED;
	return true;
}

/* counter_config_matching of the C, of a valid set. */
static void configure_in_c(const struct state *state, const struct step *step,
			   struct expected *c)
{
	u64 base = step->x[0], mask = step->x[1], event = step->x[3], code = event & 0xffff;
	bool firmware = pmu_is_firmware_event(event);
	u64 min = firmware ? state->pmu.hardware : 3;
	u64 max = firmware ? state->pmu.all : state->pmu.hardware;

	if (firmware && code >= FIRMWARE_EVENTS) {
		c->error = SBI_ERR_NOT_SUPPORTED;
		return;
	}
	if (step->x[2] & SKIP_MATCH) {
		c->value = base + __builtin_ctzl(mask);
		if (!pmu_is_configured(state, c->value)) {
			c->value = 0;
			c->error = SBI_ERR_FAILURE;
			return;
		}
		perf_refuses(c, event, step->x[4]);
		return;
	}
	if (perf_refuses(c, event, step->x[4]))
		return;
	if (!(event >> 16 & 15) && (code == 1 || code == 2)) {
		c->value = code == 1 ? 0 : 2;
		return;
	}
	for (; mask; mask &= mask - 1) {
		c->value = base + __builtin_ctzl(mask);
		if (c->value >= min && c->value < max && !pmu_is_configured(state, c->value))
			return;
	}
	c->value = 0;
	c->error = SBI_ERR_NOT_SUPPORTED;
}

/* counter_start and counter_stop of the C, of a valid set: the last error counts. */
static void start_or_stop_in_c(const struct state *state, const struct step *step,
			       struct expected *c)
{
	bool start = step->x[6] == SBI_EXT_PMU_COUNTER_START;
	u64 mask = step->x[1], counter;

	if (step->x[2] & 2 && !state->has_snapshot) {
		c->error = SBI_NO_SHMEM;
		return;
	}
	for (; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (pmu_is_configured(state, counter) && state->counts[counter] == start)
			c->error = start ? SBI_ERR_ALREADY_STARTED : SBI_ERR_ALREADY_STOPPED;
	}
}

static bool m1(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (!is_pmu(state, step, SBI_EXT_PMU_COUNTER_GET_INFO) ||
	    step->x[0] < state->pmu.all || step->x[0] >= COUNTERS_OF_C)
		return false;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

static bool m2(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (!is_pmu(state, step, step->x[6]) || !pmu_has_reserved_flags(step) ||
	    !pmu_set_valid(state, step->x[0], step->x[1]))
		return false;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	if (step->x[6] == SBI_EXT_PMU_COUNTER_CFG_MATCH)
		configure_in_c(state, step, &expected[MODULE_C]);
	else
		start_or_stop_in_c(state, step, &expected[MODULE_C]);
	return true;
}

/* Events that are none: a reserved number, or data of one that has none. */
static bool is_reserved(u64 event, u64 data)
{
	u64 type = event >> 16, code = event & 0xffff;

	switch (type) {
	case 0:
		return !code || data;
	case 1:
		return data;
	case 2:
	case 3:
		return code;
	case PMU_TYPE_FIRMWARE:
		return data;
	}
	return true;
}

static bool m4(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	if (!is_pmu(state, step, SBI_EXT_PMU_COUNTER_CFG_MATCH) ||
	    !pmu_set_valid(state, step->x[0], step->x[1]) ||
	    !is_reserved(step->x[3], step->x[4]))
		return false;
	/* Of types that C does not know either it says the same. */
	if ((step->x[3] >> 16 & 15) > 3 && !pmu_is_firmware_event(step->x[3]))
		return false;
	configure_in_c(state, step, &expected[MODULE_C]);
	expected[MODULE_RUST].error = SBI_ERR_NOT_SUPPORTED;
	return expected[MODULE_C].error != SBI_ERR_NOT_SUPPORTED;
}

/* What the Rust gives cycles or instructions. */
static void fixed_event_in_rust(const struct state *state, const struct step *step,
				struct expected *rust)
{
	u64 mask = step->x[1], counter, own = step->x[3] == 1 ? 0 : 2;

	for (; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (counter == own && !state->counts[own]) {
			rust->value = own;
			return;
		}
	}
	for (mask = step->x[1]; mask; mask &= mask - 1) {
		counter = step->x[0] + __builtin_ctzl(mask);
		if (counter > 2 && counter < state->pmu.hardware &&
		    !pmu_is_configured(state, counter)) {
			rust->value = counter;
			return;
		}
	}
	rust->error = SBI_ERR_NOT_SUPPORTED;
}

static bool m3(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	u64 event = step->x[3];

	if (!is_pmu(state, step, SBI_EXT_PMU_COUNTER_CFG_MATCH) || (event != 1 && event != 2) ||
	    step->x[2] & SKIP_MATCH || !pmu_set_valid(state, step->x[0], step->x[1]))
		return false;
	configure_in_c(state, step, &expected[MODULE_C]);
	fixed_event_in_rust(state, step, &expected[MODULE_RUST]);
	return expected[MODULE_C].value != expected[MODULE_RUST].value ||
	       expected[MODULE_C].error != expected[MODULE_RUST].error;
}

/* The other half of M3: C has a fixed counter that is configured count anything. */
static bool m3_skip(const struct state *state, const struct step *step,
		    struct expected expected[NR_MODULES])
{
	u64 first, event = step->x[3];

	if (!is_pmu(state, step, SBI_EXT_PMU_COUNTER_CFG_MATCH) ||
	    !(step->x[2] & SKIP_MATCH) || !pmu_set_valid(state, step->x[0], step->x[1]))
		return false;
	first = step->x[0] + __builtin_ctzl(step->x[1]);
	if ((first || event == 1) && (first != 2 || event == 2))
		return false;
	if (!pmu_is_configured(state, first))
		return false;
	configure_in_c(state, step, &expected[MODULE_C]);
	expected[MODULE_RUST].error = SBI_ERR_NOT_SUPPORTED;
	return true;
}

static bool m5(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	struct expected *rust = &expected[MODULE_RUST];
	u64 first, event = step->x[3];

	if (!is_pmu(state, step, SBI_EXT_PMU_COUNTER_CFG_MATCH) ||
	    !(step->x[2] & SKIP_MATCH) || !pmu_set_valid(state, step->x[0], step->x[1]))
		return false;
	first = step->x[0] + __builtin_ctzl(step->x[1]);
	if (pmu_is_configured(state, first))
		return false;
	if (pmu_is_firmware_event(event) && (event & 0xffff) >= FIRMWARE_EVENTS)
		return false;
	expected[MODULE_C].error = SBI_ERR_FAILURE;
	rust->value = first;
	/* No other event can be counted by these. */
	if (first == 1 || (first == 0 && event != 1) || (first == 2 && event != 2)) {
		rust->value = 0;
		rust->error = SBI_ERR_NOT_SUPPORTED;
	} else {
		perf_refuses(rust, event, step->x[4]);
	}
	return true;
}

static bool m9(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	bool high = is_pmu(state, step, SBI_EXT_PMU_COUNTER_FW_READ_HI);
	u64 counter = step->x[0];
	bool configured = pmu_is_configured(state, counter);

	if (!high && !is_pmu(state, step, SBI_EXT_PMU_COUNTER_FW_READ))
		return false;
	/* It reads the host's counter, which goes on meanwhile. */
	expected[MODULE_C].any_value = !high;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	if (configured && counter >= state->pmu.hardware)
		return false;
	return high || configured;
}

static bool m10(const struct state *state, const struct step *step,
		struct expected expected[NR_MODULES])
{
	u64 low = step->x[0], high = step->x[1];

	if (!is_pmu(state, step, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM) || step->x[2] ||
	    !(low & 4095) || (low == -1UL && high == -1UL))
		return false;
	if (high || !has_memory(low, 4096, true))
		expected[MODULE_C].error = SBI_ERR_INVALID_ADDRESS;
	expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
	return true;
}

/* Tables that the C takes for good, or fails on otherwise; also K7. */
static bool m11(const struct state *state, const struct step *step,
		struct expected expected[NR_MODULES])
{
	u64 address = step->x[0], count = step->x[2], entry = (address - EVENT_PAGE) / 16;

	if (!is_pmu(state, step, 8) || step->x[3] || address & 15 || !count || count >> 60 ||
	    step->x[1])
		return false;
	if (!has_memory(address, 16 * count, false)) {
		expected[MODULE_C].error = SBI_ERR_FAILURE;
		expected[MODULE_RUST].error = SBI_ERR_INVALID_ADDRESS;
		return true;
	}
	if (address < EVENT_PAGE || entry >= EVENT_ENTRIES)
		return false;
	if (entry + count > EVENT_ODD) {
		/* An entry with reserved bits: the C knows its type by the others, event 0. */
		expected[MODULE_RUST].error = SBI_ERR_INVALID_PARAM;
		return true;
	}
	if (entry < EVENT_GOOD || count != 1)
		return false;
	/* What is not there: C says that it is, a 1 in the upper half of the word. */
	expected[MODULE_C].peeks = expected[MODULE_RUST].peeks = true;
	expected[MODULE_RUST].peek = odd_event(entry);
	expected[MODULE_C].peek = expected[MODULE_RUST].peek | 1UL << 32;
	return true;
}

static const struct row rows[] = {
	{ "M1", GROUP_PMU, m1 }, { "M2", GROUP_PMU, m2 }, { "M4", GROUP_PMU, m4 },
	{ "M3", GROUP_PMU, m3 }, { "M3", GROUP_PMU, m3_skip }, { "M5", GROUP_PMU, m5 },
	{ "M9", GROUP_PMU, m9 }, { "M10", GROUP_PMU, m10 }, { "M11", GROUP_PMU, m11 },
};

const struct row_table pmu_rows = { rows, ARRAY_SIZE(rows) };
