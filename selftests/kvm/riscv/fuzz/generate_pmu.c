// SPDX-License-Identifier: GPL-2.0
/*
 * PMU calls. Where one leaves the modules in different states, the next one has
 * all counters stopped and reset, which makes them the same again.
 */
#include "fuzz.h"

#define SKIP_MATCH	1
#define CLEAR_VALUE	2
#define AUTO_START	4
#define INHIBIT		0xf8

#define FIRMWARE_EVENTS	22

static struct pmu_shape shape;
static __thread bool reset_next;

struct pmu_shape pmu_shape(void)
{
	if (!shape.all) {
		shape = machine_pmu();
		/* Without a PMU the calls are made all the same. */
		if (!shape.all)
			shape = (struct pmu_shape) { .hardware = 32, .all = 54 };
	}
	return shape;
}

static unsigned int firmware_counter(struct random *random)
{
	return shape.hardware + below(random, shape.all - shape.hardware);
}

/* The counters of a call: some of one kind, mostly. */
static void any_set(struct random *random, u64 *base, u64 *mask)
{
	u64 all = shape.all < 64 ? (1UL << shape.all) - 1 : -1UL;

	switch (below(random, 5)) {
	case 0:
		*base = 0;
		*mask = draw(random) & all;
		break;
	case 1:
		*base = 0;
		*mask = draw(random) & draw(random) & ((1UL << shape.hardware) - 1);
		break;
	case 2:
		*base = below(random, shape.all);
		*mask = 1;
		break;
	default:
		*base = firmware_counter(random);
		*mask = once_in(random, 2) ? 1 :
			draw(random) & ((1UL << (shape.all - *base)) - 1);
	}
	if (!*mask)
		*mask = 1;
	if (once_in(random, 16)) {
		*base = any_value(random);
		*mask = any_value(random);
	}
}

/* A counter counts one event only: then each has its own state in C too. */
static void configure_firmware(struct random *random, struct step *step)
{
	unsigned int counter = firmware_counter(random);

	step->x[0] = counter;
	step->x[1] = 1;
	step->x[2] = once_in(random, 3) ? draw(random) & INHIBIT : 0;
	step->x[3] = 0xf0000 | (counter - shape.hardware) % FIRMWARE_EVENTS;
	step->x[4] = 0;
	if (once_in(random, 8))
		step->x[2] |= AUTO_START;
	if (once_in(random, 8))
		step->x[2] |= CLEAR_VALUE;
	/* No event. */
	if (once_in(random, 16))
		step->x[3] = 0xf0000 | (FIRMWARE_EVENTS + below(random, 0x10000 - FIRMWARE_EVENTS));
}

static void configure_hardware(struct random *random, struct step *step)
{
	step->x[0] = 0;
	step->x[1] = (1UL << shape.hardware) - 1;
	step->x[2] = once_in(random, 3) ? draw(random) & INHIBIT : 0;
	step->x[4] = 0;
	switch (below(random, 6)) {
	case 0:
		/* Cycles and instructions, which have counters of their own. */
		step->x[3] = 1 + below(random, 2);
		break;
	case 1:
		step->x[3] = 3 + below(random, 12);
		break;
	case 2:
	case 3:
		step->x[3] = 0x10000 | below(random, 64);
		if (once_in(random, 8))
			step->x[3] = 0x10000 | below(random, 0x10000);
		break;
	default:
		step->x[3] = once_in(random, 2) ? 0x20000 : 0x30000;
		step->x[4] = any_value(random);
	}
	if (once_in(random, 4))
		step->x[1] &= draw(random) | 5;
}

static void other_kind_of_counter(struct random *random, struct step *step)
{
	step->x[0] = pmu_is_firmware_event(step->x[3]) ? below(random, shape.hardware) :
							  firmware_counter(random);
	step->x[1] = 1;
}

/* What the modules do differently, and leave different. */
static void configure_oddly(struct random *random, struct step *step)
{
	reset_next = true;
	switch (below(random, 6)) {
	case 0:
		step->x[2] |= 0x100UL << below(random, 56);
		break;
	case 1:
		/* Only some events have data. */
		configure_firmware(random, step);
		step->x[4] = 1 + below(random, 100);
		break;
	case 2:
		configure_firmware(random, step);
		step->x[3] |= 0x100000UL << below(random, 44);
		break;
	case 3:
		step->x[2] |= SKIP_MATCH;
		if (once_in(random, 4))
			other_kind_of_counter(random, step);
		break;
	case 4:
		configure_hardware(random, step);
		step->x[2] |= AUTO_START;
		break;
	default:
		configure_hardware(random, step);
		step->x[3] = 0;
	}
}

static void configure(struct random *random, struct step *step)
{
	if (once_in(random, 2))
		configure_firmware(random, step);
	else
		configure_hardware(random, step);
	if (once_in(random, 30)) {
		configure_oddly(random, step);
	} else if (once_in(random, 16)) {
		any_set(random, &step->x[0], &step->x[1]);
		/* One that is not valid. */
		step->x[0] |= 1UL << (6 + below(random, 58));
	}
}

/* A counter of the host's that is about to overflow interrupts at any time. */
static u64 any_initial(struct random *random, u64 base)
{
	return base < shape.hardware ? draw(random) >> 40 : any_value(random);
}

static void start(struct random *random, struct step *step)
{
	any_set(random, &step->x[0], &step->x[1]);
	step->x[2] = below(random, 8) < 5 ? 1 : below(random, 3);
	step->x[3] = any_initial(random, step->x[0]);
	if (once_in(random, 60)) {
		reset_next = true;
		step->x[2] = once_in(random, 2) ? 3 : step->x[2] | 1UL << (2 + below(random, 62));
	}
}

static void reset_all(struct step *step)
{
	step->x[0] = 0;
	step->x[1] = (1UL << shape.all) - 1;
	step->x[2] = 1;
}

static void stop(struct random *random, struct step *step)
{
	/* Also because of M3, which depends on what has been started. */
	if (once_in(random, 3)) {
		reset_all(step);
		return;
	}
	any_set(random, &step->x[0], &step->x[1]);
	step->x[2] = once_in(random, 3) ? below(random, 4) : 0;
	if (step->x[1] == 1 && once_in(random, 2))
		step->x[2] |= 2;
	step->peek = SNAPSHOT_PAGE + 8;
	if (once_in(random, 60)) {
		reset_next = true;
		step->x[2] |= 1UL << (2 + below(random, 62));
	}
}

static void read_counter(struct random *random, struct step *step)
{
	step->x[0] = once_in(random, 60) ? below(random, shape.hardware) : firmware_counter(random);
	/* The host's log has a line of each. */
	if (once_in(random, 1000))
		step->x[0] = any_value(random);
}

static void share(struct random *random, struct step *step)
{
	step->x[0] = SNAPSHOT_PAGE;
	step->x[1] = step->x[2] = 0;
	step->peek = SNAPSHOT_PAGE + 8 * below(random, 512);
	step->flags |= STEP_NO_SNAPSHOT_BEFORE;
	switch (below(random, 12)) {
	case 0:
		step->x[0] = step->x[1] = -1;
		break;
	case 1:
		step->x[2] = any_value(random) | 1;
		break;
	case 2:
		step->x[1] = any_value(random) | 1;
		break;
	case 3:
		step->x[0] = any_address(random);
		break;
	}
	if (step->x[0] != -1UL && has_memory(step->x[0], 4096, true))
		step->x[0] = SNAPSHOT_PAGE;
	/* Not at a page: for the C it is memory as any. */
	if (once_in(random, 30))
		step->x[0] = SNAPSHOT_PAGE + 8 + below(random, 4088);
	if (step->x[0] > SNAPSHOT_PAGE && step->x[0] < EVENT_PAGE)
		step->x[0] = once_in(random, 2) ? HOLE + 8 : READ_ONLY + 64;
	/* What cannot be written, while there is a snapshot. */
	if (once_in(random, 24)) {
		step->x[0] = once_in(random, 2) ? HOLE : READ_ONLY;
		step->x[1] = step->x[2] = 0;
		step->flags &= ~STEP_NO_SNAPSHOT_BEFORE;
		step->rust_only = "K1";
	}
}

static void event_info(struct random *random, struct step *step)
{
	unsigned int from = below(random, EVENT_GOOD);

	step->x[0] = EVENT_PAGE + 16 * from;
	step->x[1] = step->x[3] = 0;
	step->x[2] = 1 + below(random, EVENT_GOOD - from);
	switch (below(random, 14)) {
	case 0:
		step->x[0] += 1 + below(random, 15);
		break;
	case 1:
		step->x[2] = 0;
		break;
	case 2:
		step->x[1] = any_value(random);
		break;
	case 3:
		step->x[3] = any_value(random);
		break;
	case 4:
		/* More than there can be. */
		step->x[2] = 1UL << (60 + below(random, 4));
		break;
	}
	if (once_in(random, 40))
		step->x[0] = EVENT_PAGE + 16 * (EVENT_GOOD + below(random, EVENT_ENTRIES - EVENT_GOOD));
	else if (once_in(random, 80))
		step->x[0] = once_in(random, 2) ? HOLE : READ_ONLY;
	if (step->x[0] >= EVENT_PAGE && step->x[0] < PLAIN_PAGE && !(step->x[0] & 15))
		step->peek = step->x[0];
	if (step->x[0] >= EVENT_PAGE + 16 * EVENT_GOOD || step->x[0] == READ_ONLY)
		step->x[2] = 1;
}

/* With SKIP_MATCH C puts any event on any counter, and is not well afterwards. */
static bool kills_the_c(const struct step *step)
{
	u64 first;

	if (step->x[6] != 2 || !(step->x[2] & SKIP_MATCH) || !step->x[1])
		return false;
	first = step->x[0] + __builtin_ctzl(step->x[1]);
	return first >= 64 || (first >= shape.hardware) != pmu_is_firmware_event(step->x[3]);
}

void generate_pmu_begin(void)
{
	pmu_shape();
	reset_next = false;
}

void generate_pmu(struct random *random, struct step *step)
{
	static const u8 functions[] = { 0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 7, 8 };
	u64 function = pick(random, functions);

	/* What is not configured reads as 0 on the C. */
	if (function == SBI_EXT_PMU_COUNTER_FW_READ_HI && !once_in(random, 8))
		function = SBI_EXT_PMU_COUNTER_FW_READ;
	if (step->x[6] < 9)
		step->x[6] = function;
	if (reset_next) {
		reset_next = false;
		step->x[6] = SBI_EXT_PMU_COUNTER_STOP;
		reset_all(step);
		return;
	}
	switch (step->x[6]) {
	case SBI_EXT_PMU_COUNTER_GET_INFO:
		if (!once_in(random, 4))
			step->x[0] = below(random, shape.all);
		if (step->x[0] >= shape.all && step->x[0] < 64 && !once_in(random, 8))
			step->x[0] += 64;
		break;
	case SBI_EXT_PMU_COUNTER_CFG_MATCH:
		configure(random, step);
		break;
	case SBI_EXT_PMU_COUNTER_START:
		start(random, step);
		break;
	case SBI_EXT_PMU_COUNTER_STOP:
		stop(random, step);
		break;
	case SBI_EXT_PMU_COUNTER_FW_READ:
	case SBI_EXT_PMU_COUNTER_FW_READ_HI:
		read_counter(random, step);
		break;
	case SBI_EXT_PMU_SNAPSHOT_SET_SHMEM:
		share(random, step);
		break;
	case 8:
		event_info(random, step);
		break;
	}
	if (kills_the_c(step))
		step->rust_only = "K2";
}
