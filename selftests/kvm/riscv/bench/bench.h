/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark: how many instructions one use of a path of KVM costs.
 *
 * A path is an instruction of the guest that KVM acts on, executed again and
 * again in one KVM_RUN; or a function of user space, called there as often. To
 * add one: a row in a file here, and if it is not an ecall, a body for it; a new
 * file is also named in the groups of bench.c.
 */
#ifndef SELFTEST_KVM_BENCH_H
#define SELFTEST_KVM_BENCH_H

#include "kvm_util.h"

enum bench_module {
	BENCH_C,
	BENCH_RUST,
	NR_BENCH_MODULES,
};

/* What the guest executes: a function of the registers a0 to a7 as an array, which returns a0. */
typedef unsigned long bench_function(const unsigned long registers[8]);

/* The same function with the instruction in question and without: the second is taken off. */
struct bench_body {
	bench_function *with, *without;
};

/* A body that loads all of a0 to a7, executes @instructions and returns; without: @others. */
#define BENCH_BODIES(name, instructions, others)			\
	bench_function name##_with, name##_without;			\
	asm(".pushsection .text\n"					\
	    ".balign 4\n"						\
	    #name "_with:\n" BENCH_LOAD instructions "\nret\n"		\
	    #name "_without:\n" BENCH_LOAD others "\nret\n"		\
	    ".popsection");						\
	static const struct bench_body name = { name##_with, name##_without }
#define BENCH_BODY(name, instructions)	BENCH_BODIES(name, instructions, "")

#define BENCH_LOAD							\
	"ld a7, 56(a0)\nld a6, 48(a0)\nld a5, 40(a0)\nld a4, 32(a0)\n"	\
	"ld a3, 24(a0)\nld a2, 16(a0)\nld a1, 8(a0)\nld a0, 0(a0)\n"

struct bench_path {
	const char *name;
	const struct bench_body *body;
	/* vCPUs beside the one that runs; they are there and never run. Ids are 0, 1, 2 ... */
	unsigned int others;
	unsigned long registers[8];
	/* What a0 has to be afterwards, with each module: it was that path and no other. */
	long a0[NR_BENCH_MODULES];
	/* Once, before the guest runs, if there is something to be done; it may change bench_registers. */
	void (*prepare)(struct kvm_vm *vm, struct kvm_vcpu *vcpus[]);
	/* The same in the guest. */
	void (*guest_prepare)(void);
	/*
	 * By how many ticks laps may differ, if more than usual: memory is allocated now and then; or
	 * less, where a lap is a single call.
	 */
	unsigned int ticks;
	/* User space is to answer this exit, with the value of a0; 0 if there is none. */
	unsigned int exit_reason;
	/* What else it does then. */
	void (*answered)(void);
	/*
	 * User space has the vCPUs beside as they were before each lap of @calls_a_lap calls, which is
	 * not counted. Without it laps follow each other.
	 */
	void (*between_laps)(struct kvm_vcpu *others[], unsigned int count);
	unsigned int calls_a_lap;
	/* Afterwards, while the VM is still there. */
	void (*finish)(void);
	/* The host says that its firmware delegates misaligned accesses: kvm_csr.ko is there. */
	bool delegates_misaligned;
	/* The functions of the body are user space's: they are called there, and no guest runs. */
	bool in_user_space;
	/* Measured also on the NACL firmware; and the calls and traps of an entry are counted there. */
	bool on_nacl, counted_on_nacl;
};

struct bench_group {
	const struct bench_path *paths;
	unsigned int count;
};

/* Of the path that is measured. */
extern unsigned long bench_registers[8];

extern const struct bench_group bench_sbi;
extern const struct bench_group bench_hart;
extern const struct bench_group bench_state;
extern const struct bench_group bench_pmu;
extern const struct bench_group bench_forward;
extern const struct bench_group bench_exit;
extern const struct bench_group bench_user_space;
extern const struct bench_group bench_legacy;

/* For .guest_prepare: an interrupt is pending, enabled by itself, and not taken: sstatus.SIE is clear. */
void guest_make_pending(void);

/* For .guest_prepare: a trap goes on after the instruction. */
void guest_skip_faults(void);

/* For .between_laps: they have made their fences, which leaves room in their queues for 64 ... */
void bench_enter_others(struct kvm_vcpu *others[], unsigned int count);
/* ... and have no IPI pending. */
void bench_clear_ipis(struct kvm_vcpu *others[], unsigned int count);

/* How often the firmware beneath has been called so far, and trapped into. */
struct bench_nacl {
	unsigned long calls, traps;
};

void bench_nacl_read(struct bench_nacl *now);

#endif /* SELFTEST_KVM_BENCH_H */
