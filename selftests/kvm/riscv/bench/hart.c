// SPDX-License-Identifier: GPL-2.0
/*
 * Calls about harts: HSM, and SUSP for all of them. What starts, stops or suspends
 * ends KVM_RUN or cannot be repeated, unless user space undoes it.
 */
#include <pthread.h>
#include <sched.h>

#include "call.h"
#include "sbi_call.h"

#define SBI_EXT_HSM		0x48534d
#define HART_START		0
#define HART_GET_STATUS		2
#define HART_SUSPEND		3
#define RETENTIVE		0
#define NON_RETENTIVE		0x80000000
#define RESERVED		1
#define PLATFORM		0x10000000
#define PLATFORM_NON_RETENTIVE	0x90000000

#define SBI_EXT_SUSP		0x53555350
#define SYSTEM_SUSPEND		0
#define SUSPEND_TO_RAM		0

#define ABSENT_HART		1000
#define OTHER_HART		1
/* Cut to 32 bits these are harts that exist. */
#define WIDE_ID(hart)		(1UL << 32 | (hart))
/* No memory is there. */
#define HOLE			(1UL << 32)
#define HOLE_GVA		0x40000000UL

/* In the memory of the VM. */
#define ADDRESS			0x1000

/* The call, and a load that user space answers: it stops the hart again. */
BENCH_BODIES(start_and_load, "ecall\nlw t0, 0(a3)", "lw t0, 0(a3)\nli a0, 0");

static struct kvm_vcpu *other;

static void stop(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };

	vcpu_mp_state_set(vcpu, &state);
}

static void stop_other(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	other = vcpus[OTHER_HART];
	stop(other);
}

static void stop_other_again(void)
{
	stop(other);
}

static void map_hole(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	virt_pg_map(vm, HOLE_GVA, HOLE);
	stop_other(vm, vcpus);
}

/*
 * A hart that stops itself wherever it is started: it begins without page tables, so that it has to
 * be given its physical address.
 */
extern char guest_hart_stop[];
asm(".pushsection .text\n"
	".balign 16\n"
	"guest_hart_stop: li a6, 1\n"
	"li a7, 0x48534d\n"
	"ecall\n"
	".popsection");

static pthread_t sleeper;

/* In KVM_RUN to the end: a stopped hart sleeps there. */
static void *sleep_in_kvm_run(void *vcpu)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;)
		__vcpu_run(vcpu);
	return NULL;
}

/*
 * The other hart's thread goes before this one: it has run when this one enters its guest again, and
 * sleeps, the hart being stopped.
 */
static void begin_sleeper(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	const struct sched_param priority = { .sched_priority = 1 };
	pthread_attr_t attributes;

	stop(vcpus[OTHER_HART]);
	bench_registers[1] = addr_gva2gpa(vm, (gva_t)guest_hart_stop);
	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	pthread_attr_setschedparam(&attributes, &priority);
	TEST_ASSERT(!pthread_create(&sleeper, &attributes, sleep_in_kvm_run, vcpus[OTHER_HART]),
		    "no thread for the other hart");
}

static void end_sleeper(void)
{
	pthread_cancel(sleeper);
	pthread_join(sleeper, NULL);
}

/* It is disabled by default. */
static void enable_susp(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP), 1);
}

#define SUSP(text, error, ...)							\
	{ ANSWER_FIELDS("SUSP " text, error, 1, SBI_EXT_SUSP, __VA_ARGS__),	\
	  .prepare = enable_susp }

#define START_AND_LOAD(text, c, rust, hart, address)				\
	{ .name = "HSM hart_start" text, .body = &start_and_load, .others = 1,	\
	  .registers = { hart, address, 0, HOLE_GVA,				\
			 [6] = HART_START, [7] = SBI_EXT_HSM },			\
	  .a0 = { [BENCH_C] = c, [BENCH_RUST] = rust }, .prepare = map_hole,	\
	  .exit_reason = KVM_EXIT_MMIO, .answered = stop_other_again }

static const struct bench_path paths[] = {
	START_AND_LOAD("", 0, 0, OTHER_HART, ADDRESS),
	/* C starts it: H1. */
	START_AND_LOAD(" at no memory", 0, SBI_ERR_INVALID_ADDRESS, OTHER_HART, HOLE),
	{ ANSWER_FIELDS("HSM hart_start of a hart that does hart_stop", 0, 1,
			SBI_EXT_HSM, HART_START, OTHER_HART, ADDRESS, 0),
	  .prepare = begin_sleeper, .finish = end_sleeper, .ticks = 100 },
	ANSWER("HSM hart_start of a started hart", SBI_ERR_ALREADY_AVAILABLE, 1,
	       SBI_EXT_HSM, HART_START, OTHER_HART, ADDRESS, 0),
	ANSWER("HSM hart_start of an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_HSM, HART_START, ABSENT_HART, ADDRESS, 0),
	ANSWERS("HSM hart_start of an id over 32 bits", SBI_ERR_ALREADY_AVAILABLE,
		SBI_ERR_INVALID_PARAM, 1, SBI_EXT_HSM, HART_START, WIDE_ID(0), ADDRESS, 0),
	ANSWER("HSM hart_get_status of itself", 0, 0, SBI_EXT_HSM, HART_GET_STATUS, 0),
	ANSWER("HSM hart_get_status of a started hart", 0, 1,
	       SBI_EXT_HSM, HART_GET_STATUS, OTHER_HART),
	{ ANSWER_FIELDS("HSM hart_get_status of a stopped hart", 0, 1,
			SBI_EXT_HSM, HART_GET_STATUS, OTHER_HART), .prepare = stop_other },
	ANSWER("HSM hart_get_status of an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_HSM, HART_GET_STATUS, ABSENT_HART),
	ANSWERS("HSM hart_get_status of an id over 32 bits", 0, SBI_ERR_INVALID_PARAM, 1,
		SBI_EXT_HSM, HART_GET_STATUS, WIDE_ID(OTHER_HART)),
	{ ANSWER_FIELDS("HSM hart_suspend with a pending interrupt", 0, 0,
			SBI_EXT_HSM, HART_SUSPEND, RETENTIVE),
	  .guest_prepare = guest_make_pending },
	ANSWER("HSM hart_suspend, not retentive", SBI_ERR_NOT_SUPPORTED, 0,
	       SBI_EXT_HSM, HART_SUSPEND, NON_RETENTIVE),
	ANSWER("HSM hart_suspend of a reserved type", SBI_ERR_INVALID_PARAM, 0,
	       SBI_EXT_HSM, HART_SUSPEND, RESERVED),
	ANSWER("HSM hart_suspend of a platform's type", SBI_ERR_INVALID_PARAM, 0,
	       SBI_EXT_HSM, HART_SUSPEND, PLATFORM),
	ANSWER("HSM hart_suspend of a platform's type, not retentive", SBI_ERR_INVALID_PARAM, 0,
	       SBI_EXT_HSM, HART_SUSPEND, PLATFORM_NON_RETENTIVE),
	ANSWER("HSM unknown function", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_HSM, 4, 0),

	SUSP("system_suspend beside a started hart", SBI_ERR_DENIED,
	     SYSTEM_SUSPEND, SUSPEND_TO_RAM, ADDRESS, 0),
	SUSP("system_suspend of a reserved type", SBI_ERR_INVALID_PARAM,
	     SYSTEM_SUSPEND, RESERVED, ADDRESS, 0),
	SUSP("system_suspend to no memory", SBI_ERR_INVALID_ADDRESS,
	     SYSTEM_SUSPEND, SUSPEND_TO_RAM, HOLE, 0),
	SUSP("unknown function", SBI_ERR_NOT_SUPPORTED, 1, 0),
	ANSWER("SUSP disabled", SBI_ERR_NOT_SUPPORTED, 0,
	       SBI_EXT_SUSP, SYSTEM_SUSPEND, SUSPEND_TO_RAM, ADDRESS, 0),
};

const struct bench_group bench_hart = { paths, ARRAY_SIZE(paths) };
