/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differential fuzzing: the same random steps on the C and on the Rust module.
 *
 *   random.h        numbers from a seed
 *   generate*.c     an episode: the shape of a VM, and steps for one of its vCPUs
 *   lane.c          what runs in the guest: step after step, without leaving it
 *   vm.c            the VM and its memory
 *   machine.c       user space's side of each exit
 *   state.c         what the steps so far have done to the VM, as far as rows need it
 *   rows_*.c        rows of docs/differences.md: which steps they explain, and with which results
 *   rust_only.c     what the C does not survive, and what the Rust gives
 *   host_perf.c     which events the host's perf takes
 *   judge.c         of each step a number that has to be the same on both modules
 *   shrink.c        the fewest steps that still differ
 *   report.c        steps and results in words
 *
 * A step is one instruction of the guest with its registers. What it gives
 * becomes one number, in which nothing is that depends on time. Where a row
 * applies, the module's result has to be the one that the row states for this
 * module, and the number is the same for both.
 */
#ifndef SELFTEST_KVM_FUZZ_H
#define SELFTEST_KVM_FUZZ_H

#include "kvm_util.h"
#include "processor.h"
#include "sbi_call.h"

#include "random.h"

#define SBI_EXT_DBCN		0x4442434e
#define SBI_EXT_FWFT		0x46574654
#define SBI_EXT_HSM		0x48534d
#define SBI_EXT_MPXY		0x4d505859
#define SBI_EXT_SUSP		0x53555350
#define SBI_EXT_VENDOR_START	0x09000000
#define SBI_EXT_VENDOR_END	0x09ffffff

/* Results of the specification that the selftests' library does not have. */
#define SBI_NO_SHMEM		(-9)

enum module {
	MODULE_C,
	MODULE_RUST,
	NR_MODULES,
};

/* What calls are counted by. */
enum group {
	GROUP_BASE,
	GROUP_TIME,
	GROUP_IPI,
	GROUP_RFENCE,
	GROUP_HSM,
	GROUP_SRST,
	GROUP_PMU,
	GROUP_STA,
	GROUP_FWFT,
	GROUP_SUSP,
	GROUP_FORWARDED,
	GROUP_UNKNOWN,
	GROUP_MMIO,
	GROUP_CSR,
	GROUP_TRAP,
	NR_GROUPS,
};

extern const char *const group_names[NR_GROUPS];

/*
 * The guest's memory beside its program: guest physical addresses, which the
 * guest also sees at the same virtual ones, and VU-mode USER_OFFSET higher.
 */
#define MEMORY			0x100000000UL
#define MEMORY_PAGES		16
/* Only steal time is put here, and nothing of it is compared. */
#define STEAL_TIME_PAGE		(MEMORY + 0x0000)
#define SNAPSHOT_PAGE		(MEMORY + 0x1000)
#define EVENT_PAGE		(MEMORY + 0x2000)
#define PLAIN_PAGE		(MEMORY + 0x3000)
/* What a hart executes that begins anew: it tells the host. */
#define LANDING_PAGE		(MEMORY + 0xf000)
/* It can begin anywhere in its first bytes. */
#define LANDING_SLED		128
#define MEMORY_END		(MEMORY + MEMORY_PAGES * 0x1000)
/* A slot that may only be read. */
#define READ_ONLY		(MEMORY + 0x20000)
#define READ_ONLY_PAGES		2
/* No memory. */
#define HOLE			(MEMORY + 0x40000)
#define HOLE_PAGES		2
/* Stores here are the kernel's: an ioeventfd. */
#define EVENT_FD		(HOLE + 0x1800)
/* What the guest stores here tells the host that a lane is done, or a hart has landed. */
#define DOORBELL		(HOLE + 0x10000)
#define DOORBELL_DONE		DOORBELL
#define DOORBELL_LANDED		(DOORBELL + 8)
#define USER_OFFSET		0x10000000UL

/* Event tables in EVENT_PAGE: entries of 16 bytes. */
#define EVENT_ENTRIES		64
/* In the last of these KVM's answer is not that of the C, or the call is refused. */
#define EVENT_GOOD		48
#define EVENT_ODD		56
/* The index of an entry of the odd ones. */
u32 odd_event(unsigned int entry);

/* Registers of a step: a0 to a7, and sp. */
#define NR_ARGS			8
#define STEP_SP			8
#define NR_STEP_X		9

enum step_flag {
	/* For VU-mode. */
	STEP_USER		= 1 << 0,
	/* A software interrupt is pending and enabled, so that waiting for one ends. */
	STEP_INTERRUPT		= 1 << 1,
	/* What of the time is in the result is not compared: a0 (and a1). */
	STEP_TIME_IN_RESULT	= 1 << 2,
	/* The timer's interrupt is looked at. */
	STEP_TIMER		= 1 << 3,
	/* The snapshot's memory is given back before. */
	STEP_NO_SNAPSHOT_BEFORE	= 1 << 4,
	/* The instruction is fetched from a0. */
	STEP_FETCH		= 1 << 5,
	/* The hart stops: somebody has to start it. */
	STEP_STOPS		= 1 << 6,
};

struct step {
	u32 insn;
	u32 flags;
	enum group group;
	u64 x[NR_STEP_X];
	/* Eight bytes of the guest's memory that are part of the result, or 0. */
	u64 peek;
	/* What user space answers; with 0 it leaves KVM's default. */
	u64 answer;
	/* The row because of which the C does not survive it: it is made on the Rust only. */
	const char *rust_only;
};

/* What the other registers hold before a step. */
static inline u64 register_pattern(unsigned int x)
{
	return 0xa5a5000000000000 | x << 8 | x;
}

/* Part of `others`, see struct outcome. */
static inline u64 changed_register(unsigned int x, u64 value)
{
	return mix(value + x) | 1;
}

static inline unsigned int step_length(const struct step *step)
{
	return (step->insn & 3) == 3 ? 4 : 2;
}

/* How a step went, in the guest and in user space. */
struct outcome {
	u64 a0, a1;
	/* The trap that ended it: a breakpoint behind the instruction if nothing else. */
	u64 cause, tval;
	/* Where that was, from the instruction. */
	u64 offset;
	u64 pending;
	/* 0 if no register but a0 and a1 has changed. */
	u64 others;
	u64 peek;
	/* The exits to user space: their number, the reason of the last, what was in it. */
	u32 exits;
	u32 exit_reason;
	u64 exit[4];
	/* KVM_RUN failed with this. */
	int error;
	/* The hart began anew, with these in a0 and a1. */
	bool landed;
	/* Of a hart that the step has started, if it was looked at: what it has when it has landed. */
	u64 started;
};

#define MAX_VCPUS		6
#define EPISODE_STEPS		4096
/* Lanes: vCPUs that run at the same time. */
#define MAX_LANES		2

/* One VM, and what its vCPUs do. */
struct episode {
	u64 seed, number;
	/* In the order in which they are created; the first ones are the lanes. */
	u32 vcpus;
	u32 ids[MAX_VCPUS];
	u32 lanes;
	/* Bits of enum KVM_RISCV_SBI_EXT_ID. */
	u64 enabled, disabled;
	u32 count[MAX_LANES];
	struct step steps[MAX_LANES][EPISODE_STEPS];
};

void generate_episode(struct episode *episode, u64 seed, u64 number);

/* For the generators. */
void generate_call(struct random *random, struct step *step, u64 extension, u64 function);
u64 any_value(struct random *random);
u64 any_function(struct random *random, unsigned int known);
u64 any_address(struct random *random);
void generate_pmu_begin(void);
void generate_pmu(struct random *random, struct step *step);
/* @plain: the page of memory that the lane has for itself. */
void generate_instruction(struct random *random, struct step *step, u64 plain);
bool has_memory(u64 gpa, u64 size, bool to_write);

/* What runs in the guest. */
struct guest_step {
	u64 x[NR_STEP_X];
	u64 pc;
	u64 peek;
	u64 flags;
};

struct guest_result {
	u64 a0, a1, cause, tval, pc, pending, others, peek;
};

#define LANE_STEPS		128

struct lane_slot {
	struct guest_step step;
	struct guest_result result;
};

/*
 * What a lane uses in each step is on few pages: QEMU looks each of them up again
 * whenever the guest is entered.
 */
struct lane {
	u8 stack[3072];
	u64 at, count;
	struct lane_slot slots[LANE_STEPS];
};

struct frame;
void lane_step(struct frame *frame);
void lane_main(struct lane *lane);
/* An ecall; what a hart executes that begins anew. */
extern char lane_trap[], lane_ecall[], lane_landing[], lane_landing_end[];
unsigned long lane_stvec(void);

/* What is known of the host's PMU. */
struct pmu_shape {
	unsigned int hardware, all;
};

/* What is left behind some steps, each as a number; see dump.c. */
struct dump {
	u64 registers, steal_time, features, memory;
	/* The timer's. */
	u64 deadline;
};

/* After so many steps of a lane, and after the last one. */
#define DUMP_STEPS		1024
#define NR_DUMPS		(EPISODE_STEPS / DUMP_STEPS)

static inline unsigned int nr_dumps(u32 steps)
{
	return steps ? (steps - 1) / DUMP_STEPS + 1 : 1;
}

/* Run all steps. The outcomes are in the order of the steps. */
void machine_run(const struct episode *episode, enum module module,
		 struct outcome *outcomes[MAX_LANES], struct dump dumps[MAX_LANES][NR_DUMPS]);

/* The hart of the first lane of this process. */
extern unsigned int machine_hart;

struct pmu_shape machine_pmu(void);
/* The same, asked for once. */
struct pmu_shape pmu_shape(void);

/* What the steps so far have done. */
#define MAX_COUNTERS		64
#define NOT_CONFIGURED		(-1L)
/* More than the generator has. */
#define MAX_DEADLINES		16

struct state {
	const struct episode *episode;
	unsigned int lane;
	struct pmu_shape pmu;
	/* How many steps there were. */
	unsigned int steps;

	/* Other harts: whether they have been started, and the row because of which on one module only. */
	bool started[NR_MODULES][MAX_VCPUS];
	const char *start_row[MAX_VCPUS];
	/* The timer's deadline; those that the C may have (T1), and whether what it has is past. */
	u64 deadline, c_deadlines[MAX_DEADLINES];
	unsigned int nr_c_deadlines;
	bool c_is_past;
	/* What C has put into x0. */
	u64 c_x0;
	/* The row because of which the modules are not in the same state, or NULL. */
	const char *pmu_apart, *snapshot_apart, *steal_time_apart, *features_apart, *deadline_apart;
	/* Counters: their events, and whether they have been started. */
	s64 event[MAX_COUNTERS];
	bool counts[MAX_COUNTERS];
	/* The row, or UNORDERED, because of which the value is not the same on both, or NULL. */
	const char *value_apart[MAX_COUNTERS];
	/* The row because of which the C may take a counter for started that is not, or NULL. */
	const char *start_apart[MAX_COUNTERS];
	bool has_snapshot;
};

/* None is soon. */
static inline bool deadline_is_past(u64 deadline)
{
	return deadline < 1UL << 32;
}

/* Whether the C may have this deadline. */
bool state_c_deadline(const struct state *state, u64 deadline);
void state_init(struct state *state, const struct episode *episode, unsigned int lane);
bool state_enabled(const struct state *state, unsigned int extension);
int state_vcpu(const struct state *state, u64 id);
u64 state_own_id(const struct state *state);
/* Whether only one module has started the hart. */
bool state_start_differs(const struct state *state, unsigned int vcpu);
/* Whether the call is one that suspends the system, which is user space's to do. */
bool state_suspends(const struct state *state, const struct step *step, enum module module);
/* Of those that a mask and its base name. */
bool all_harts_exist(const struct state *state, u64 mask, u64 base);

/* After a step with this outcome; @row explained it, if there was one. */
void state_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		  const char *row);
/* After one that is made on the Rust only. */
void state_skip(struct state *state, const struct step *step);

/* Of PMU calls, see state_pmu.c. */
void pmu_follow(struct state *state, const struct step *step, const struct outcome *outcome,
		const char *row);
bool pmu_set_valid(const struct state *state, u64 base, u64 mask);
bool pmu_is_firmware(const struct state *state, unsigned int counter);
/* Whether the counter is one that can be configured, whatever the number is. */
bool pmu_is_configured(const struct state *state, u64 counter);
/* Why the value of a firmware counter is not the same on both modules, or NULL if it is. */
const char *pmu_value_apart(const struct state *state, u64 counter);
bool pmu_resets_all(const struct state *state, const struct step *step);
/* The type of the events that are KVM's own counting, not the hardware's. */
#define PMU_TYPE_FIRMWARE	15

static inline bool pmu_is_firmware_event(u64 event)
{
	return (event >> 16 & 15) == PMU_TYPE_FIRMWARE;
}

/* A flag of a configuration, start or stop that is reserved, or one with another that it excludes: M2. */
bool pmu_has_reserved_flags(const struct step *step);
/* Why a start or a stop may be answered otherwise by the C, or NULL. */
const char *pmu_start_apart(const struct state *state, const struct step *step);

/* What a row says of one module. */
struct expected {
	enum { RETURNS, TRAPS, EXITS, FAILS, LANDS } how;
	/* a0 and a1, however it ends: of a call, of what user space answers, or as they were. */
	s64 error;
	u64 value;
	/* What depends on time: a counter of the host's. */
	bool any_error, any_value;
	/* Of a trap; of an exit. */
	u64 cause, tval;
	u32 exit_reason;
	u64 exit[4];
	/* KVM_RUN's. */
	int run_error;
	/* As in struct outcome. Pending is what the step itself has made so if no row says more. */
	u64 others, pending;
	/*
	 * Eight bytes of memory, where they are known: what a call leaves that has failed, or has
	 * written the time, is what earlier ones have left.
	 */
	bool peeks;
	u64 peek;
};

/* The registers are as they were. */
void expect_unchanged(struct expected *expected, const struct step *step);
/* Of a call that goes to user space: what it sees; @error is what KVM answers if it does not. */
void expect_forwarded(struct expected *expected, const struct step *step, s64 error);
/* As struct outcome has it: register @x is @value after the step. */
u64 other_register(const struct step *step, unsigned int x, u64 value);

struct row {
	const char *id;
	enum group group;
	/* Whether the step is one that the row explains, and what it gives on each module. */
	bool (*explains)(const struct state *state, const struct step *step,
			 struct expected expected[NR_MODULES]);
};

struct row_table {
	const struct row *rows;
	unsigned int count;
};

extern const struct row_table base_rows, hart_rows, reset_rows, pmu_rows, instruction_rows;

/* What the Rust gives where a step is made on it only. */
void rust_only(const struct state *state, const struct step *step, struct expected *expected);

/* Whether perf has a counter for an event of the SBI; both modules ask it. */
bool perf_takes(u64 event, u64 data);

/* Why a part of a result is not compared where no row is the reason. */
#define UNORDERED		"order"
#define OF_TIME			"time"

#define MAX_ROWS		64

enum kind {
	/* All of the result is compared. */
	COMPARED,
	/* The row states both results, and they are compared with these. */
	EXPLAINED,
	/* All of the result, or a part, may be any, because of a row or of one of the above. */
	EXCUSED,
	/* Nothing is there to compare it with but what the row says of the Rust. */
	RUST_ONLY,
	NR_KINDS,
};

struct verdict {
	u64 number;
	enum kind kind;
	const char *row;
};

struct verdict judge(struct state *state, const struct step *step,
		     const struct outcome *outcome, enum module module);

/* All reasons that a verdict can have, in the same order in each process. */
extern const char *row_ids[MAX_ROWS];
extern unsigned int nr_row_ids;
void rows_init(void);
unsigned int row_index(const char *id);

/* A fault that is put into the results of the Rust, to see that it is found; see fault.c. */
void fault_want(const char *name);
void fault_apply(const struct episode *episode, struct outcome *outcomes[MAX_LANES],
		 struct dump dumps[MAX_LANES][NR_DUMPS]);

/* What a dump has a number for each. */
enum dump_part {
	DUMP_REGISTERS,
	DUMP_MEMORY,
	DUMP_STEAL_TIME,
	DUMP_FEATURES,
	DUMP_DEADLINE,
	NR_DUMP_PARTS,
};

/* An episode on one module, judged: a number for each step and, behind the last, those of each dump. */
#define EPISODE_NUMBERS		(EPISODE_STEPS + NR_DUMPS * NR_DUMP_PARTS)

static inline unsigned int nr_numbers(u32 steps)
{
	return steps + nr_dumps(steps) * NR_DUMP_PARTS;
}

/* Of a number behind the steps: how many steps the dump has seen that it is of. */
static inline u32 steps_of_dump(u32 steps, u32 number)
{
	u32 seen = ((number - steps) / NR_DUMP_PARTS + 1) * DUMP_STEPS;

	return seen < steps ? seen : steps;
}

struct run {
	struct outcome *outcomes[MAX_LANES];
	struct dump dumps[MAX_LANES][NR_DUMPS];
	u32 numbers[MAX_LANES][EPISODE_NUMBERS];
	struct verdict verdicts[MAX_LANES][EPISODE_STEPS];
};

struct run *run_new(void);
void run_episode(struct run *run, const struct episode *episode, enum module module);

/* Where the numbers of two runs differ first: a lane, and a step or, behind the steps, a part of a dump. */
bool first_difference(const struct episode *episode, u32 c[MAX_LANES][EPISODE_NUMBERS],
		      u32 rust[MAX_LANES][EPISODE_NUMBERS], unsigned int *lane, u32 *number);

/* How many there are. */
unsigned int nr_differences(const struct episode *episode, u32 c[MAX_LANES][EPISODE_NUMBERS],
			    u32 rust[MAX_LANES][EPISODE_NUMBERS]);

/* See shrink.c. */
void shrink_begin(const char *folder, u64 seed, u64 number, const char *steps);
void shrink(const char *folder, enum module module);

void report_step(FILE *out, const struct step *step);
void report_outcome(FILE *out, const struct step *step, const struct outcome *outcome);
/* Which part of which dump a number behind the @steps of a lane is of. */
void report_dump(FILE *out, u32 steps, u32 number);

#define ECALL			0x00000073

#endif /* SELFTEST_KVM_FUZZ_H */
