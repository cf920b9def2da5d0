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

/* A mask of @count harts from the base up. */
#define HARTS(count)		(-1UL >> (64 - (count)))

/* To @count harts of which none is the caller: a1, the base of the mask, is 1. */
#define IPI(count)							\
	ANSWER("IPI send_ipi to " #count, 0, count,			\
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, HARTS(count), 1)

#define FENCE(text, count, function, ...)				\
	ANSWER("RFENCE " text " of " #count, 0, count,			\
	       SBI_EXT_RFENCE, function, HARTS(count), 1, __VA_ARGS__)

/* What the C does not refuse: R1. */
#define FENCE_ABSENT(text, function, ...)				\
	ANSWERS("RFENCE " text, 0, SBI_ERR_INVALID_PARAM, 1, SBI_EXT_RFENCE, function, __VA_ARGS__)

static const struct bench_path paths[] = {
	ANSWER("BASE get_spec_version", 0, 0, SBI_EXT_BASE, GET_SPEC_VERSION, 0),
	ANSWER("BASE get_impl_id", 0, 0, SBI_EXT_BASE, GET_IMPL_ID, 0),
	ANSWER("BASE get_impl_version", 0, 0, SBI_EXT_BASE, GET_IMPL_VERSION, 0),
	ANSWER("BASE probe_extension of one that is there", 0, 0,
	       SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_TIME),
	ANSWER("BASE probe_extension of one that is disabled", 0, 0,
	       SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_DBCN),
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
	ANSWER("TIME unknown function", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_TIME, 1, FAR_AWAY),

	ANSWER("IPI send_ipi to itself", 0, 0, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 0),
	IPI(1),
	IPI(8),
	IPI(64),
	ANSWER("IPI send_ipi to all of 2", 0, 1, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS),
	ANSWER("IPI send_ipi to all of 9", 0, 8, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS),
	ANSWER("IPI send_ipi to all of 65", 0, 64, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS),
	ANSWER("IPI send_ipi to 1 of 65", 0, 64, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 1),
	ANSWER("IPI send_ipi to an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, ABSENT_HART),
	ANSWER("IPI send_ipi to 1 and an absent hart", SBI_ERR_INVALID_PARAM, 1,
	       SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 3, 1),
	ANSWER("IPI unknown function", SBI_ERR_NOT_SUPPORTED, 1, SBI_EXT_IPI, 1, 1, 1),

	ANSWER("RFENCE fence.i of itself", 0, 0,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_FENCE_I, 1, 0),
	FENCE("fence.i", 1, SBI_EXT_RFENCE_FENCE_I, 0),
	FENCE("fence.i", 8, SBI_EXT_RFENCE_FENCE_I, 0),
	FENCE("fence.i", 64, SBI_EXT_RFENCE_FENCE_I, 0),
	ANSWER("RFENCE fence.i of all of 65", 0, 64,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_FENCE_I, 0, ALL_HARTS),

	ANSWER("RFENCE sfence.vma of a page of itself", 0, 0,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 1, 0, PAGE, PAGE),
	FENCE("sfence.vma of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, 0, 0),
	FENCE("sfence.vma of a page", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of a page", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of a page", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, PAGE),
	FENCE("sfence.vma of 8 pages", 1, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE("sfence.vma of 8 pages", 8, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	FENCE("sfence.vma of 8 pages", 64, SBI_EXT_RFENCE_SFENCE_VMA, PAGE, 8 * PAGE),
	ANSWER("RFENCE sfence.vma of a page of all of 65", 0, 64,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0, ALL_HARTS, PAGE, PAGE),
	ANSWER("RFENCE sfence.vma of a page of 1 of 65", 0, 64,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 1, 1, PAGE, PAGE),

	ANSWER("RFENCE sfence.vma.asid of a page of itself", 0, 0,
	       SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 1, 0, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of all pages", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of all pages", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of all pages", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, 0, 0, ASID),
	FENCE("sfence.vma.asid of a page", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of a page", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of a page", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 1, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 8, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of 8 pages", 64, SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, 8 * PAGE, ASID),
	FENCE("sfence.vma.asid of a wide ASID", 1,
	      SBI_EXT_RFENCE_SFENCE_VMA_ASID, PAGE, PAGE, WIDE_ASID),

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
