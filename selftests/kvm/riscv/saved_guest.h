/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest to be saved and restored: it puts all that a VMM can save of a hart
 * into a state that nothing has by chance, stops to be saved, and when it goes
 * on looks whether everything is as it was. Then it does so again with other
 * values. Its code is in its memory: whoever restores it needs none of this.
 *
 * vCPU 0 does that, vCPU 1 is stopped, and vCPU 2 has interrupts pending. One
 * vCPU runs at a time.
 */
#ifndef SELFTEST_KVM_SAVED_GUEST_H
#define SELFTEST_KVM_SAVED_GUEST_H

#include "sbi_call.h"

#define SAVED_GUEST_VCPUS	3

/* What the guest has its ebreak for. */
enum saved_guest_asks {
	ASKS_NOTHING,
	/* vCPU 0 is to wait for a CPU of the host, so that there is steal time. */
	ASKS_STEAL,
	/* It is at the point where it is to be saved: vCPU 0, vCPU 2. */
	ASKS_SAVE,
	/* vCPU 1 has been started, with START_OPAQUE. */
	ASKS_HART_1,
};

#define START_OPAQUE		0x0123456789abcdefUL

/* The kinds of state that a guest may have or not, as the host finds them. */
#define HAS_VECTOR		BIT(0)
#define HAS_AIA			BIT(1)
#define HAS_STA			BIT(2)
#define HAS_MASKING		BIT(3)
#define HAS_PMU			BIT(4)
#define HAS_MISALIGNED		BIT(5)
#define HAS_SSTC		BIT(6)

#define SAVED_GUEST_CSRS	10
#define SAVED_GUEST_PROBES	12
#define SAVED_GUEST_WRONGS	16
#define SAVED_GUEST_VECTOR	(32 * 256)

/* The order is that of the assembly in saved_guest.c. */
struct saved_guest_registers {
	u64 x[32], x_found[32];
	u64 f[32], f_found[32];
	u64 kept[32];
	u64 fcsr, fcsr_found;
};

struct saved_guest {
	struct saved_guest_registers registers;

	/* Set by the host before the guest runs. */
	u64 has;
	u64 frequency;
	u64 start_gpa, sta_gpa;

	/* Each time that it is saved it is another one, from 1. */
	u64 generation;
	u64 asks;

	/* What it found: how often it looked, and what was not as it had been. */
	u64 checks, wrongs;
	struct {
		char what[24];
		u64 number, is, wanted;
	} wrong[SAVED_GUEST_WRONGS];

	/* What was so when it stopped. */
	u64 csrs[SAVED_GUEST_CSRS];
	u64 sip, time, deadline;
	u64 probes[SAVED_GUEST_PROBES];
	u64 priorities, masking;
	u64 steal, sequence;
	u64 vector_csrs[4];
	u8 vector[SAVED_GUEST_VECTOR], vector_found[SAVED_GUEST_VECTOR];

	/* Interrupts that it took. */
	u64 timer, soft, external;
};

/* The steal time of vCPU 0 (SBI v3.0, STA). */
struct saved_guest_steal_time {
	u32 sequence, flags;
	u64 steal;
	u8 rest[48];
};

/* A VM of SAVED_GUEST_VCPUS vCPUs that has not run yet. */
struct kvm_vm *saved_guest_create(struct kvm_vcpu *vcpus[]);

/* Where it keeps what it says, for the one who restores it. */
gpa_t saved_guest_gpa(struct kvm_vm *vm);

#endif /* SELFTEST_KVM_SAVED_GUEST_H */
