// SPDX-License-Identifier: GPL-2.0
/*
 * SBI calls that KVM answers by itself: each function, what it refuses, and what does not exist.
 */
#include "call.h"
#include "sbi_call.h"

#define SBI_EXT_SET_TIMER_LEGACY	0
#define NO_EXTENSION		0x0bad0bad

/* None of the VMs here has it. */
#define ABSENT_HART		1000
#define FAR_AWAY		(1UL << 62)
#define PAGE			4096UL
#define ASID			5
#define WIDE_ASID		(1UL << 16 | ASID)

/* Of the address space. A range that goes on from there fences nothing in C: R2. */
#define LAST_PAGE		(-PAGE)

/* A mask of @count harts from the base up. */
#define HARTS(count)		(-1UL >> (64 - (count)))

/* An IPI of the guest to itself is one that it has to clear. */
BENCH_BODIES(call_and_clear, "ecall\ncsrci sip, 2", "csrci sip, 2");

void bench_enter_others(struct kvm_vcpu *others[], unsigned int count)
{
	while (count--)
		vcpu_run(others[count]);
}

void bench_clear_ipis(struct kvm_vcpu *others[], unsigned int count)
{
	while (count--)
		sbi_clear_pending(others[count]);
}

#define IPI_TO(text, count, mask, base)						\
	{ ANSWER_FIELDS("IPI send_ipi to " text, 0, count, SBI_EXT_IPI,		\
			SBI_EXT_IPI_SEND_IPI, mask, base),			\
	  .between_laps = bench_clear_ipis, .calls_a_lap = 1, .ticks = 2 }
/* Since the first one. */
#define IPI_PENDING(text, count, mask, base)					\
	ANSWER("IPI send_ipi to " text ", pending already", 0, count,		\
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, mask, base)

/* To @count harts of which none is the caller: the base of the mask is 1. */
#define FENCE(text, count, function, ...)					\
	{ ANSWER_FIELDS("RFENCE " text " of " #count, 0, count,			\
			SBI_EXT_RFENCE, function, HARTS(count), 1, __VA_ARGS__),	\
	  .between_laps = bench_enter_others, .calls_a_lap = 32 }
/* They never run. */
#define FENCE_FULL(text, count, function, ...)					\
	ANSWER("RFENCE " text " of " #count ", whose queue is full", 0, count,	\
	       SBI_EXT_RFENCE, function, HARTS(count), 1, __VA_ARGS__)

#define FENCE_OF_ITSELF(text, function, ...)					\
	ANSWER("RFENCE " text " of itself", 0, 0, SBI_EXT_RFENCE, function, 1, 0, __VA_ARGS__)

/* It is not queued: each hart has one such request at a time. */
#define FENCE_I(count)								\
	ANSWER("RFENCE fence.i of " #count, 0, count,				\
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_FENCE_I, HARTS(count), 1)

/* What the C does not refuse: R1. */
#define FENCE_ABSENT(text, function, ...)					\
	ANSWERS("RFENCE " text, 0, SBI_ERR_INVALID_PARAM, 1, SBI_EXT_RFENCE, function, __VA_ARGS__)

static const struct bench_path paths[] = {
	ANSWER("BASE get_spec_version", 0, 0, SBI_EXT_BASE, GET_SPEC_VERSION, 0),
	ANSWER("BASE get_impl_id", 0, 0, SBI_EXT_BASE, GET_IMPL_ID, 0),
	ANSWER("BASE get_impl_version", 0, 0, SBI_EXT_BASE, GET_IMPL_VERSION, 0),
	ANSWER("BASE probe_extension of one that is there", 0, 0,
	       SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_TIME),
	ANSWER("BASE probe_extension of one that is disabled", 0, 0,
	       SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_DBCN),
	ANSWER("BASE probe_extension of -1", 0, 0, SBI_EXT_BASE, PROBE_EXTENSION, -1UL),
	ANSWER("BASE probe_extension of none", 0, 0, SBI_EXT_BASE, PROBE_EXTENSION, NO_EXTENSION),
	ANSWER("BASE get_mvendorid", 0, 0, SBI_EXT_BASE, GET_MVENDORID, 0),
	ANSWER("BASE get_marchid", 0, 0, SBI_EXT_BASE, GET_MARCHID, 0),
	ANSWER("BASE get_mimpid", 0, 0, SBI_EXT_BASE, GET_MIMPID, 0),
	ANSWER("BASE unknown function", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_BASE, 7, 0),
	{ ANSWER_FIELDS("unknown extension", SBI_ERR_NOT_SUPPORTED, 0, NO_EXTENSION, 0, 0),
	  .on_nacl = true, .counted_on_nacl = true },
	/* The test kernels of the C have none of them. */
	ANSWER("legacy set_timer, not compiled in", SBI_ERR_NOT_SUPPORTED, 0,
	       SBI_EXT_SET_TIMER_LEGACY, 0, FAR_AWAY),

	ANSWER("TIME set_timer", 0, 0, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, FAR_AWAY),
	ANSWER("TIME set_timer to what has passed", 0, 0,
	       SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, 0),
	ANSWER("TIME unknown function", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_TIME, 1, FAR_AWAY),

	{ .name = "IPI send_ipi to itself", .body = &call_and_clear,
	  .registers = { 1, 0, [6] = SBI_EXT_IPI_SEND_IPI, [7] = SBI_EXT_IPI } },
	ANSWER("IPI send_ipi to itself, pending already", 0, 0,
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 0),
	IPI_TO("1", 1, HARTS(1), 1),
	IPI_PENDING("1", 1, HARTS(1), 1),
	IPI_TO("8", 8, HARTS(8), 1),
	IPI_PENDING("8", 8, HARTS(8), 1),
	IPI_TO("64", 64, HARTS(64), 1),
	IPI_PENDING("64", 64, HARTS(64), 1),
	IPI_TO("all of 2", 1, 0, ALL_HARTS),
	IPI_PENDING("all of 2", 1, 0, ALL_HARTS),
	IPI_TO("all of 9", 8, 0, ALL_HARTS),
	IPI_PENDING("all of 9", 8, 0, ALL_HARTS),
	IPI_TO("all of 65", 64, 0, ALL_HARTS),
	IPI_PENDING("all of 65", 64, 0, ALL_HARTS),
	IPI_TO("1 of 65", 64, 1, 1),
	IPI_PENDING("1 of 65", 64, 1, 1),
	ANSWER("IPI send_ipi to an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, ABSENT_HART),
	ANSWER("IPI send_ipi to 1 and an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 3, 1),
	ANSWER("IPI unknown function", SBI_ERR_NOT_SUPPORTED, 1, SBI_EXT_IPI, 1, 1, 1),

	FENCE_OF_ITSELF("fence.i", SBI_EXT_RFENCE_FENCE_I, 0),
	FENCE_I(1),
	FENCE_I(8),
	FENCE_I(64),
	ANSWER("RFENCE fence.i of all of 65", 0, 64,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_FENCE_I, 0, ALL_HARTS),

	FENCE_OF_ITSELF("sfence.vma of all pages", SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE_OF_ITSELF("sfence.vma of a page", SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE_OF_ITSELF("sfence.vma of 8 pages", SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE("sfence.vma of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of a page", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of a page", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of a page", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of 8 pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE("sfence.vma of 8 pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE("sfence.vma of 8 pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE_FULL("sfence.vma of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE_FULL("sfence.vma of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE_FULL("sfence.vma of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE_FULL("sfence.vma of a page", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE_FULL("sfence.vma of a page", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE_FULL("sfence.vma of a page", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE_FULL("sfence.vma of 8 pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE_FULL("sfence.vma of 8 pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE_FULL("sfence.vma of 8 pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	{ ANSWER_FIELDS("RFENCE sfence.vma of a page of all of 65", 0, 64, SBI_EXT_RFENCE,
			SBI_EXT_RFENCE_SFENCE_VMA, 0, ALL_HARTS, PAGE, PAGE),
	  .between_laps = bench_enter_others, .calls_a_lap = 32 },
	{ ANSWER_FIELDS("RFENCE sfence.vma of a page of 1 of 65", 0, 64, SBI_EXT_RFENCE,
			SBI_EXT_RFENCE_SFENCE_VMA, 1, 1, PAGE, PAGE),
	  .between_laps = bench_enter_others, .calls_a_lap = 32 },
	FENCE_OF_ITSELF("sfence.vma of a range that wraps",
			SBI_EXT_RFENCE_SFENCE_VMA, LAST_PAGE, 2 * PAGE),
	FENCE("sfence.vma of a range that wraps", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA, LAST_PAGE, 2 * PAGE),
	FENCE_OF_ITSELF("sfence.vma of a page that is not aligned",
			SBI_EXT_RFENCE_SFENCE_VMA, PAGE + 8, PAGE),
	FENCE("sfence.vma of a page that is not aligned", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA, PAGE + 8, PAGE),

	FENCE_OF_ITSELF("sfence.vma.asid of all pages", SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE_OF_ITSELF("sfence.vma.asid of a page",
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE_OF_ITSELF("sfence.vma.asid of 8 pages",
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of a page", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of a page", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of a page", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 8,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 64,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE_FULL("sfence.vma.asid of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE_FULL("sfence.vma.asid of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE_FULL("sfence.vma.asid of a page", 1,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of a page", 8,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of a page", 64,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of 8 pages", 1,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of 8 pages", 8,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE_FULL("sfence.vma.asid of 8 pages", 64,
		   SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of a page and a wide ASID", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, WIDE_ASID),
	FENCE_OF_ITSELF("sfence.vma.asid of a range that wraps",
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, LAST_PAGE, 2 * PAGE, ASID),
	FENCE("sfence.vma.asid of a range that wraps", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, LAST_PAGE, 2 * PAGE, ASID),
	FENCE_OF_ITSELF("sfence.vma.asid of a page that is not aligned",
			SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE + 8, PAGE, ASID),
	FENCE("sfence.vma.asid of a page that is not aligned", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE + 8, PAGE, ASID),

	FENCE_ABSENT("fence.i of an absent hart", SBI_EXT_RFENCE_FENCE_I, 1, ABSENT_HART),
	FENCE_ABSENT("fence.i of 1 and an absent hart", SBI_EXT_RFENCE_FENCE_I, 3, 1),
	FENCE_ABSENT("sfence.vma of an absent hart", SBI_EXT_RFENCE_SFENCE_VMA,
		     1, ABSENT_HART, PAGE, PAGE),
	FENCE_ABSENT("sfence.vma.asid of an absent hart", SBI_EXT_RFENCE_SFENCE_VMA_ASID,
		     1, ABSENT_HART, PAGE, PAGE, ASID),
	ANSWER("RFENCE hfence.gvma.vmid", SBI_ERR_NOT_SUPPORTED, 1,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_GVMA_VMID, 1, 1),
	ANSWER("RFENCE hfence.gvma", SBI_ERR_NOT_SUPPORTED, 1,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_GVMA, 1, 1),
	ANSWER("RFENCE hfence.vvma.asid", SBI_ERR_NOT_SUPPORTED, 1,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_VVMA_ASID, 1, 1),
	ANSWER("RFENCE hfence.vvma", SBI_ERR_NOT_SUPPORTED, 1,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_HFENCE_VVMA, 1, 1),
	ANSWER("RFENCE unknown function", SBI_ERR_NOT_SUPPORTED, 1, SBI_EXT_RFENCE, 7, 1, 1),

	/* What does reset ends KVM_RUN: user_space.c. */
	ANSWERS("SRST reserved type", SBI_ERR_NOT_SUPPORTED, SBI_ERR_INVALID_PARAM, 0,
		SBI_EXT_SRST, SBI_EXT_SRST_RESET, 3, 0),
	ANSWER("SRST unknown function", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_SRST, 1, 0),
};

const struct bench_group bench_sbi = { paths, ARRAY_SIZE(paths) };
