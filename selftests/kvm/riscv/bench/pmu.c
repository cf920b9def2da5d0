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
BENCH_BODY(configure_cycles, CONFIG PMU_CALL_OF("0", 4, 1));
BENCH_BODY(configure_programmable, CONFIG PMU_CALL_OF("3", 4, 1));
BENCH_BODY(configure_stop, CONFIG STOP RESET);
BENCH_BODY(configure_start_snapshot, CONFIG PMU_CALL(3, 2) RESET);
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

/* A sequence that begins with a config of these flags, and whose last call, a stop, gives @c or @rust. */
#define COUNT_WITH(text, sequence, flags, c, rust)				\
	PMU_ANSWERS(text, sequence, c, rust, SBI_EXT_PMU_COUNTER_CFG_MATCH,	\
		32, 1, flags, EVENT_IPI_SENT)
#define COUNT(text, sequence, error)	COUNT_WITH(text, sequence, 0, error, error)

/* The same of an event that the hardware counts; perf allocates each time. */
#define COUNT_EVENT(text, sequence, counter, event, data, c, rust) {		\
	.name = "PMU " text, .body = &sequence,					\
	.registers = { counter, 1, 0, event, data,				\
		       [6] = SBI_EXT_PMU_COUNTER_CFG_MATCH, [7] = SBI_EXT_PMU },	\
	.a0 = { [BENCH_C] = c, [BENCH_RUST] = rust }, .ticks = 100,		\
}

/* More counters than there are. */
#define NO_SET			-1UL
#define RESERVED_FLAG		0x100
#define RESERVED_EVENT_BITS	BIT(20)

#define MEMORY			(1UL << 33)
#define MEMORY_SLOT		5
#define MEMORY_PAGES		2
/* No memory is there. */
#define HOLE			(1UL << 32)
/* Room for so many entries is on the stack here: K7. */
#define MANY_EVENTS		64

static void add_events(struct kvm_vm *vm, u32 event)
{
	struct pmu_event_info *events;
	unsigned int i;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, MEMORY_SLOT, MEMORY_PAGES, 0);
	events = addr_gpa2hva(vm, MEMORY);
	memset(events, 0, MEMORY_PAGES * vm->page_size);
	for (i = 0; i < vm->page_size / sizeof(*events); i++)
		events[i].event = event;
}

static void add_memory(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	add_events(vm, EVENT_CYCLES);
}

static void add_reserved_events(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	add_events(vm, EVENT_CYCLES | RESERVED_EVENT_BITS);
}

static void guest_share_memory(void)
{
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY);
}

static void guest_configure_cycles(void)
{
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, COUNTER_CYCLE, 1, 0, EVENT_CYCLES);
}

static void guest_start_cycles(void)
{
	guest_configure_cycles();
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_START, COUNTER_CYCLE, 1);
}

static void guest_configure_firmware(void)
{
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, 32, 1, 0, EVENT_IPI_SENT);
}

static void guest_start_firmware(void)
{
	guest_configure_firmware();
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_START, 32, 1);
}

/* With memory that can be shared. */
#define WITH_EVENTS(text, c, rust, setup, function, ...)			\
	{ ANSWERS_FIELDS("PMU " text, c, rust, 0, SBI_EXT_PMU, function, __VA_ARGS__),	\
	  .prepare = setup, .ticks = 100 }
#define WITH_MEMORY(text, error, function, ...)				\
	WITH_EVENTS(text, error, error, add_memory, function, __VA_ARGS__)

/* After something that the guest does once. */
#define AFTER(text, c, rust, setup, function, ...)				\
	{ ANSWERS_FIELDS("PMU " text, c, rust, 0, SBI_EXT_PMU, function, __VA_ARGS__),	\
	  .guest_prepare = setup }

static const struct bench_path paths[] = {
	PMU_ANSWER("num_counters", 0, SBI_EXT_PMU_NUM_COUNTERS, 0),
	PMU_ANSWER("counter_get_info", 0, SBI_EXT_PMU_COUNTER_GET_INFO, 3),
	PMU_ANSWER("counter_get_info of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_GET_INFO, 1),
	PMU_ANSWER("counter_config_matching of no event", SBI_ERR_NOT_SUPPORTED,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, 0xffffff, 0, EVENT_FIRMWARE(100)),
	PMU_ANSWER("counter_config_matching of no counter", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, -1UL, 0, EVENT_IPI_SENT),
	PMU_ANSWERS("counter_config_matching with a reserved flag, reset", configure,
		    SBI_ERR_ALREADY_STOPPED, 0, SBI_EXT_PMU_COUNTER_CFG_MATCH,
		    32, 1, RESERVED_FLAG, EVENT_IPI_SENT),
	COUNT_WITH("configure with SKIP_MATCH, reset", configure, CFG_SKIP_MATCH,
		   0, SBI_ERR_ALREADY_STOPPED),
	AFTER("counter_config_matching with SKIP_MATCH, configured", 0, 0,
	      guest_configure_firmware, SBI_EXT_PMU_COUNTER_CFG_MATCH,
	      32, 1, CFG_SKIP_MATCH, EVENT_IPI_SENT),
	COUNT_WITH("configure with AUTO_START, stop and reset", configure, CFG_AUTO_START, 0, 0),
	COUNT_EVENT("configure cycles, reset", configure_cycles, COUNTER_CYCLE, EVENT_CYCLES, 0,
		    SBI_ERR_ALREADY_STOPPED, SBI_ERR_ALREADY_STOPPED),
	/* C counts cycles: M4. */
	COUNT_EVENT("configure event 0, reset", configure_programmable, FIRST_PROGRAMMABLE, 0, 0,
		    SBI_ERR_ALREADY_STOPPED, 0),
	COUNT_EVENT("configure a cache event, reset", configure_programmable,
		    FIRST_PROGRAMMABLE, EVENT_CACHE(3, 0, 1), 0,
		    SBI_ERR_ALREADY_STOPPED, SBI_ERR_ALREADY_STOPPED),
	COUNT_EVENT("configure a raw event, reset", configure_programmable,
		    FIRST_PROGRAMMABLE, EVENT_RAW, 1, SBI_ERR_ALREADY_STOPPED,
		    SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, reset", configure, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, read, reset", configure_read, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, read_hi, reset", configure_read_hi, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, stop, reset", configure_stop, SBI_ERR_ALREADY_STOPPED),
	COUNT("configure, start, stop and reset", configure_start, 0),
	COUNT("configure, start and stop twice, reset", start_stop_twice, SBI_ERR_ALREADY_STOPPED),
	PMU_ANSWER("counter_start of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_START, 0, 0xffffff, 0),
	AFTER("counter_start of a started firmware counter", SBI_ERR_ALREADY_STARTED,
	      SBI_ERR_ALREADY_STARTED, guest_start_firmware, SBI_EXT_PMU_COUNTER_START, 32, 1, 0),
	AFTER("counter_start of a started hardware counter", SBI_ERR_ALREADY_STARTED,
	      SBI_ERR_ALREADY_STARTED, guest_start_cycles,
	      SBI_EXT_PMU_COUNTER_START, COUNTER_CYCLE, 1, 0),
	PMU_ANSWER("counter_start without shared memory", SBI_ERR_NO_SHMEM,
		   SBI_EXT_PMU_COUNTER_START, 0, 0xffffff, START_SNAPSHOT),
	PMU_ANSWERS("counter_start with a reserved flag", call, 0, SBI_ERR_INVALID_PARAM,
		    SBI_EXT_PMU_COUNTER_START, 0, 0xffffff, RESERVED_FLAG),
	PMU_ANSWER("counter_start of no counter", SBI_ERR_INVALID_PARAM,
		   SBI_EXT_PMU_COUNTER_START, 0, NO_SET, 0),
	PMU_ANSWER("counter_stop of no counter", SBI_ERR_INVALID_PARAM,
		   SBI_EXT_PMU_COUNTER_STOP, 0, NO_SET, 0),
	PMU_ANSWERS("counter_stop with a reserved flag", call, 0, SBI_ERR_INVALID_PARAM,
		    SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, RESERVED_FLAG),
	PMU_ANSWER("counter_stop of what is not configured", 0,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, 0),
	PMU_ANSWER("counter_stop without shared memory", SBI_ERR_NO_SHMEM,
	       SBI_EXT_PMU_COUNTER_STOP, 0, 0xffffff, STOP_SNAPSHOT),
	PMU_ANSWER("counter_fw_read of what is not configured", SBI_ERR_INVALID_PARAM,
	       SBI_EXT_PMU_COUNTER_FW_READ, 32),
	AFTER("counter_fw_read", 0, 0, guest_configure_firmware, SBI_EXT_PMU_COUNTER_FW_READ, 32),
	AFTER("counter_fw_read_hi", 0, 0, guest_configure_firmware,
	      SBI_EXT_PMU_COUNTER_FW_READ_HI, 32),
	AFTER("counter_fw_read of a hardware counter", 0, SBI_ERR_INVALID_PARAM,
	      guest_configure_cycles, SBI_EXT_PMU_COUNTER_FW_READ, COUNTER_CYCLE),
	PMU_ANSWERS("counter_fw_read_hi of what is not configured", call, 0, SBI_ERR_INVALID_PARAM,
		    SBI_EXT_PMU_COUNTER_FW_READ_HI, 32),
	PMU_ANSWER("snapshot_set_shmem, none", 0, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, -1UL, -1UL, 0),
	WITH_MEMORY("snapshot_set_shmem", 0, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY, 0, 0),
	WITH_EVENTS("snapshot_set_shmem that is not aligned", 0, SBI_ERR_INVALID_PARAM, add_memory,
		    SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY + 8, 0, 0),
	PMU_ANSWER("snapshot_set_shmem with flags", SBI_ERR_INVALID_PARAM,
		   SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, MEMORY, 0, 1),
	PMU_ANSWER("snapshot_set_shmem where no memory is", SBI_ERR_INVALID_ADDRESS,
		   SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, HOLE, 0, 0),
	{ .name = "PMU configure, start, stop with a snapshot, reset", .body = &configure_snapshot,
	  .registers = { 32, 1, 0, EVENT_IPI_SENT, [6] = SBI_EXT_PMU_COUNTER_CFG_MATCH,
			 [7] = SBI_EXT_PMU },
	  .a0 = { SBI_ERR_ALREADY_STOPPED, SBI_ERR_ALREADY_STOPPED }, .prepare = add_memory,
	  .guest_prepare = guest_share_memory },
	{ .name = "PMU configure, start with a snapshot, stop and reset",
	  .body = &configure_start_snapshot,
	  .registers = { 32, 1, 0, EVENT_IPI_SENT, [6] = SBI_EXT_PMU_COUNTER_CFG_MATCH,
			 [7] = SBI_EXT_PMU },
	  .prepare = add_memory, .guest_prepare = guest_share_memory },
	{ .name = "PMU start and stop of cycles", .body = &start_stop_cycles,
	  .registers = { [7] = SBI_EXT_PMU },
	  .guest_prepare = guest_configure_cycles, .ticks = 100 },
	WITH_MEMORY("event_get_info of 1 event", 0, PMU_EVENT_GET_INFO, MEMORY, 0, 1, 0),
	WITH_MEMORY("event_get_info of 4 events", 0, PMU_EVENT_GET_INFO, MEMORY, 0, 4, 0),
	WITH_MEMORY("event_get_info of 64 events", 0, PMU_EVENT_GET_INFO,
		    MEMORY, 0, MANY_EVENTS, 0),
	WITH_MEMORY("event_get_info of 128 events", 0, PMU_EVENT_GET_INFO,
		    MEMORY, 0, 2 * MANY_EVENTS, 0),
	PMU_ANSWER("event_get_info that is not aligned", SBI_ERR_INVALID_PARAM,
		   PMU_EVENT_GET_INFO, MEMORY + 4, 0, 1, 0),
	WITH_EVENTS("event_get_info of an event with reserved bits", 0, SBI_ERR_INVALID_PARAM,
		    add_reserved_events, PMU_EVENT_GET_INFO, MEMORY, 0, 1, 0),
	PMU_ANSWERS("event_get_info where no memory is", call, SBI_ERR_FAILURE,
		    SBI_ERR_INVALID_ADDRESS, PMU_EVENT_GET_INFO, HOLE, 0, 1, 0),
	PMU_ANSWER("event_get_info with flags", SBI_ERR_INVALID_PARAM,
		   PMU_EVENT_GET_INFO, MEMORY, 0, 1, 1),
	PMU_ANSWER("event_get_info of no event", SBI_ERR_INVALID_PARAM, PMU_EVENT_GET_INFO, 0, 0, 0),
	PMU_ANSWER("unknown function", SBI_ERR_NOT_SUPPORTED, 9, 0),
};

const struct bench_group bench_pmu = { paths, ARRAY_SIZE(paths) };
