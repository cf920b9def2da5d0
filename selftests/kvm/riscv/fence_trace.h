/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which fence instructions KVM executed: kprobes next to each of them, made by
 * scripts/test/fence-probes for the kvm.ko that is loaded. The environment
 * variable KVM_FENCE_PROBES names the file.
 */
#ifndef SELFTEST_KVM_FENCE_TRACE_H
#define SELFTEST_KVM_FENCE_TRACE_H

#include <stdbool.h>
#include <linux/types.h>

enum fence_kind {
	/* hfence.vvma, hinval.vvma: the guest's own translations */
	FENCE_VVMA,
	/* hfence.gvma, hinval.gvma: guest physical translations */
	FENCE_GVMA,
	FENCE_I,
	/* The same of a vCPU that comes to a CPU; nobody has asked for them. */
	FENCE_ARRIVAL_VVMA,
	FENCE_ARRIVAL_I,
};

struct fence {
	enum fence_kind kind;
	/* Where it was executed. */
	int cpu;
	/* The operand was the register zero. */
	bool all_addresses, all_ids;
	unsigned long address, id;
};

struct fences {
	unsigned int count;
	struct fence *list;
};

/* To be called once by the program, before its cases. */
void fence_trace_setup(void);

/* To be called by a case: record from here on, or skip the case. */
void fence_trace_or_skip(void);

/* Forget what was recorded. */
void fence_trace_clear(void);

/* What was executed since then, in order. The list is the caller's to free. */
struct fences fence_trace_read(void);

#endif /* SELFTEST_KVM_FENCE_TRACE_H */
