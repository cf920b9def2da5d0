/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine of an episode. A process makes its memory and page tables once, and
 * has a VM in KVM begin with them for each episode: loading the program into a
 * guest takes longer than hundreds of steps.
 */
#ifndef SELFTEST_KVM_FUZZ_VM_H
#define SELFTEST_KVM_FUZZ_VM_H

#include "fuzz.h"

struct lane_memory {
	struct lane *shared;
	gva_t shared_gva, code_gva;
	u8 *code;
};

struct machine {
	struct kvm_vm *vm;
	u64 satp;
	struct lane_memory lanes[MAX_LANES];
	/* In the order in which they are created. */
	struct kvm_vcpu *vcpus[MAX_VCPUS];
};

struct machine *machine_begin(const struct episode *episode);
void machine_end(struct machine *machine);

/* Put the instruction of a step where the lane executes it; returns where that is. */
u64 machine_put_code(struct machine *machine, unsigned int lane, unsigned int slot,
		     const struct step *step);

/* The tables of events as they were. */
void fill_events(struct kvm_vm *vm);

/* Add what there is to @dump. @alone: nobody else sends the vCPU interrupts. */
void dump_registers(struct dump *dump, struct kvm_vcpu *vcpu, bool alone);
void dump_memory(struct dump *dump, struct kvm_vm *vm);
/* The tables of events that are answered alike. */
u64 dump_events(struct kvm_vm *vm, u64 sum);

void set_mp_state(struct kvm_vcpu *vcpu, u32 mp_state);

#endif /* SELFTEST_KVM_FUZZ_VM_H */
