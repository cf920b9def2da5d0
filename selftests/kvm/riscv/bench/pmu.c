// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI PMU extension. What changes a counter is undone by the calls after it, so
 * that it can be repeated.
 */
#include "call.h"
#include "pmu_call.h"

/* A firmware counter on every host: at most 32 counters are hardware, at least 3. */
#define COUNTER			"32"

#define PMU_CALL_OF(counter, function, flags)				\
	"li a0, " counter "\nli a1, 1\nli a2, " #flags "\nli a6, " #function "\necall\n"
#define PMU_CALL(function, flags)	PMU_CALL_OF(COUNTER, function, flags)

#define CONFIG			"ecall\n"
#define START			PMU_CALL(3, 1)
#define STOP			PMU_CALL(4, 0)
#define RESET			PMU_CALL(4, 1)
#define READ			PMU_CALL(5, 0)

BENCH_BODY(configure, CONFIG RESET);
BENCH_BODY(configure_read, CONFIG READ RESET);
BENCH_BODY(configure_start, CONFIG START RESET);
BENCH_BODY(configure_read_hi, CONFIG PMU_CALL(6, 0) RESET);
BENCH_BODY(configure_snapshot, CONFIG START PMU_CALL(4, 2) RESET);
BENCH_BODY(start_stop_cycles, PMU_CALL_OF("0", 3, 1) PMU_CALL_OF("0", 4, 0));
BENCH_BODY(start_stop_twice, CONFIG START STOP START STOP RESET);

#define PMU_ANSWERS(text, sequence, c, rust, function, ...) {		\
	.name = "PMU " text, .body = &sequence,				\
	.registers = { __VA_ARGS__, [6] = function, [7] = SBI_EXT_PMU },	\
	.a0 = { [BENCH_C] = c, [BENCH_RUST] = rust },			\
}
#define PMU_ANSWER(text, error, function, ...)				\
	PMU_ANSWERS(text, call, error, error, function, __VA_ARGS__)

/* The last call of the sequence, a stop, gives @error. */
#define COUNT(text, sequence, error)					\
	PMU_ANSWERS(text, sequence, error, error, SBI_EXT_PMU_COUNTER_CFG_MATCH,	\
		32, 1, 0, EVENT_IPI_SENT)

#define MEMORY			(1UL << 33)
#define MEMORY_SLOT		5
/* No memory is there. */
#define HOLE			(1UL << 32)
#define EVENTS			4

static void add_memory(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	struct pmu_event_info *events;
	unsigned int i;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, MEMORY_SLOT, 1, 0);
	events = addr_gpa2hva(vm, MEMORY);
	memset(events, 0, vm->page_size);
	for (i = 0; i < EVENTS; i++)
		events[i].event = EVENT_CYCLES;
}

static void guest_share_memory(void)
{
	guest_call(SBI_EXT_PMU, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, (unsigned long[5]) { MEMORY });
}

static void guest_configure_cycles(void)
{
	guest_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH,
		   (unsigned long[5]) { COUNTER_CYCLE, 1, 0, EVENT_CYCLES });
}

/* With memory that can be shared. */
#define WITH_MEMORY(text, error, function, ...)				\
	{ ANSWER_FIELDS("PMU " text, error, 0, SBI_EXT_PMU, function, __VA_ARGS__),	\
	  .prepare = add_memory, .ticks = 100 }

static const struct bench_path paths[] = {
	PMU_ANSWER("num_counters", 0, SBI_EXT_PMU_NUM_COUNTERS, 0),
	PMU_ANSWER("counter_get_info", 0, SBI_EXT_PMU_COUNTER_GET_INFO, 3),
	PMU_ANSWER("counter_get_info of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_GET_INFO, 1),
	PMU_ANSWER("counter_config_matching of no event", SBI_ERR_NOT_SUPPORTED,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, 0xffffff, 0, EVENT_FIRMWARE(100)),
	PMU_ANSWER("counter_config_matching of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, -1UL, 0, EVENT_IPI_SENT),
	COUNT("configure, reset", configure, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, read, reset", configure_read, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, read_hi, reset", configure_read_hi, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, start, stop and reset", configure_start, 0),
	COUNT("configure, start and stop twice, reset", start_stop_twice, SBI_ERR_ALREADY_STOPPED),
	PMU_ANSWER("counter_start of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_START, 0, 0xffffff, 0),
	PMU_ANSWER("counter_stop of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, 0),
	PMU_ANSWER("counter_stop without shared memory", SBI_ERR_NO_SHMEM,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, STOP_SNAPSHOT),
	PMU_ANSWER("counter_fw_read of what is not configured", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_FW_READ, 32),
	PMU_ANSWER("snapshot_set_shmem, none", 0, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, -1UL, -1UL, 0),
	WITH_MEMORY("snapshot_set_shmem", 0, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY, 0, 0),
	PMU_ANSWER("snapshot_set_shmem with flags", SBI_ERR_INVALID_PARAM,
		   SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY, 0, 1),
	PMU_ANSWER("snapshot_set_shmem where no memory is", SBI_ERR_INVALID_ADDRESS,
		   SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, HOLE, 0, 0),
	{ .name = "PMU configure, start, stop with a snapshot, reset", .body = &configure_snapshot,
	  .registers = { 32, 1, 0, EVENT_IPI_SENT, [6] = SBI_EXT_PMU_COUNTER_CFG_MATCH,
			 [7] = SBI_EXT_PMU },
	  .a0 = { SBI_ERR_ALREADY_STOPPED, SBI_ERR_ALREADY_STOPPED }, .prepare = add_memory,
	  .guest_prepare = guest_share_memory },
	{ .name = "PMU start and stop of cycles", .body = &start_stop_cycles,
	  .registers = { [7] = SBI_EXT_PMU },
	  .guest_prepare = guest_configure_cycles, .ticks = 100 },
	WITH_MEMORY("event_get_info of 1 event", 0, PMU_EVENT_GET_INFO, MEMORY, 0, 1, 0),
	WITH_MEMORY("event_get_info of 4 events", 0, PMU_EVENT_GET_INFO, MEMORY, 0, EVENTS, 0),
	PMU_ANSWER("event_get_info with flags", SBI_ERR_INVALID_PARAM,
		   PMU_EVENT_GET_INFO, MEMORY, 0, 1, 1),
	PMU_ANSWER("event_get_info of no event", SBI_ERR_INVALID_PARAM, PMU_EVENT_GET_INFO, 0, 0, 0),
	PMU_ANSWER("unknown function", SBI_ERR_NOT_SUPPORTED, 9, 0),
};

const struct bench_group bench_pmu = { paths, ARRAY_SIZE(paths) };
