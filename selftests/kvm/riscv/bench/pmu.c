// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension. What changes a counter is undone by the calls after it, so
 * that it can be repeated.
 */
#include "bench.h"
#include "pmu_call.h"

/* A firmware counter on every host: at most 32 counters are hardware, at least 3. */
#define COUNTER			"32"

#define PMU_CALL(function, flags)					\
	"li a0, " COUNTER "\nli a1, 1\nli a2, " #flags "\nli a6, " #function "\necall\n"

#define CONFIG			"ecall\n"
#define START			PMU_CALL(3, 1)
#define STOP			PMU_CALL(4, 0)
#define RESET			PMU_CALL(4, 1)
#define READ			PMU_CALL(5, 0)

BENCH_BODY(one_call, "ecall");
BENCH_BODY(configure, CONFIG RESET);
BENCH_BODY(configure_read, CONFIG READ RESET);
BENCH_BODY(configure_start, CONFIG START RESET);
BENCH_BODY(start_stop_twice, CONFIG START STOP START STOP RESET);

#define ANSWERS(text, sequence, c, rust, function, ...) {		\
	.name = "PMU " text, .body = &sequence,				\
	.registers = { __VA_ARGS__, [6] = function, [7] = SBI_EXT_PMU },	\
	.a0 = { [BENCH_C] = c, [BENCH_RUST] = rust },			\
}
#define ANSWER(text, error, function, ...)				\
	ANSWERS(text, one_call, error, error, function, __VA_ARGS__)

/* The last call of the sequence, a stop, gives @error. */
#define COUNT(text, sequence, error)					\
	ANSWERS(text, sequence, error, error, SBI_EXT_PMU_COUNTER_CFG_MATCH,	\
		32, 1, 0, EVENT_IPI_SENT)

static const struct bench_path paths[] = {
	ANSWER("num_counters", 0, SBI_EXT_PMU_NUM_COUNTERS, 0),
	ANSWER("counter_get_info", 0, SBI_EXT_PMU_COUNTER_GET_INFO, 3),
	ANSWER("counter_get_info of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_GET_INFO, 1),
	ANSWER("counter_config_matching of no event", SBI_ERR_NOT_SUPPORTED,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, 0xffffff, 0, EVENT_FIRMWARE(100)),
	ANSWER("counter_config_matching of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, -1UL, 0, EVENT_IPI_SENT),
	COUNT("configure, reset", configure, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, read, reset", configure_read, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, start, stop and reset", configure_start, 0),
	COUNT("configure, start and stop twice, reset", start_stop_twice, SBI_ERR_ALREADY_STOPPED),
	ANSWER("counter_start of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_START, 0, 0xffffff, 0),
	ANSWER("counter_stop of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, 0),
	ANSWER("counter_stop without shared memory", SBI_ERR_NO_SHMEM,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, STOP_SNAPSHOT),
	ANSWER("counter_fw_read of what is not configured", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_FW_READ, 32),
	ANSWER("snapshot_set_shmem, none", 0, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, -1UL, -1UL, 0),
	ANSWER("event_get_info of no event", SBI_ERR_INVALID_PARAM, PMU_EVENT_GET_INFO, 0, 0, 0),
	ANSWER("unknown function", SBI_ERR_NOT_SUPPORTED, 9, 0),
};

const struct bench_group bench_pmu = { paths, ARRAY_SIZE(paths) };
