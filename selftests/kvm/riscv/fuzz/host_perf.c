// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the SBI's events the host's perf has counters for: asked of perf itself,
 * as KVM asks it, so that rows can say what comes of a call that configures one.
 */
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define TYPE_HARDWARE	0
#define TYPE_CACHE	1
#define TYPE_RAW	2
#define TYPE_RAW_V2	3

static const u64 hardware[] = {
	/* The C takes event 0 for this one too. */
	PERF_COUNT_HW_CPU_CYCLES,
	PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CACHE_REFERENCES,
	PERF_COUNT_HW_CACHE_MISSES, PERF_COUNT_HW_BRANCH_INSTRUCTIONS,
	PERF_COUNT_HW_BRANCH_MISSES, PERF_COUNT_HW_BUS_CYCLES,
	PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, PERF_COUNT_HW_STALLED_CYCLES_BACKEND,
	PERF_COUNT_HW_REF_CPU_CYCLES,
};

static u64 cache_config(u64 code)
{
	u64 cache = code >> 3, operation = code >> 1 & 3, result = code & 1;

	if (cache >= PERF_COUNT_HW_CACHE_MAX || operation >= PERF_COUNT_HW_CACHE_OP_MAX)
		return -1;
	return cache | operation << 8 | result << 16;
}

bool perf_takes(u64 event, u64 data)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .config = -1, .disabled = 1, .pinned = 1,
		.exclude_hv = 1, .exclude_host = 1,
	};
	u64 code = event & 0xffff;
	int counter;

	switch (event >> 16 & 15) {
	case TYPE_HARDWARE:
		attr.type = PERF_TYPE_HARDWARE;
		if (code < ARRAY_SIZE(hardware))
			attr.config = hardware[code];
		break;
	case TYPE_CACHE:
		attr.type = PERF_TYPE_HW_CACHE;
		attr.config = cache_config(code);
		break;
	case TYPE_RAW:
		attr.type = PERF_TYPE_RAW;
		attr.config = data & ((1UL << 48) - 1);
		break;
	case TYPE_RAW_V2:
		attr.type = PERF_TYPE_RAW;
		attr.config = data & ((1UL << 56) - 1);
		break;
	case PMU_TYPE_FIRMWARE:
		/* KVM counts these by itself. */
		return true;
	default:
		return false;
	}
	counter = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (counter < 0)
		return false;
	close(counter);
	return true;
}
