/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM as a VMM saves it: every register that KVM_GET_REG_LIST names and the
 * multiprocessing state of each vCPU, and the memory. In a file for another
 * program, under another kvm module.
 */
#ifndef SELFTEST_KVM_SAVED_VM_H
#define SELFTEST_KVM_SAVED_VM_H

#include "saved_guest.h"

#define SAVED_VM_REGISTERS	512
#define SAVED_VM_REGIONS	4
#define SAVED_VM_CHAIN		8
#define SAVED_VM_BUILD_ID	13

struct saved_register {
	u64 id;
	/* As many bytes as the id says. */
	u8 value[256];
};

struct saved_vcpu {
	u32 id, mp_state;
	u32 count;
	struct saved_register registers[SAVED_VM_REGISTERS];
};

struct saved_region {
	u64 gpa, size;
	u32 slot, flags;
	void *memory;
};

struct saved_vm {
	u64 magic;
	/* The modules that it has been saved under, and how many these are. */
	char chain[SAVED_VM_CHAIN][SAVED_VM_BUILD_ID];
	u32 saved;
	/* Where the guest says what it found. */
	u64 guest_gpa;
	struct saved_vcpu vcpus[SAVED_GUEST_VCPUS];
	struct saved_region regions[SAVED_VM_REGIONS];
};

/* What the loaded kvm is, in short; "builtin" if it is no module. */
const char *saved_vm_this_module(void);

/*
 * To be called by each case first: on a host that delegates misaligned accesses, the guest has one
 * more firmware feature. The program calls hypervisor_csr_setup().
 */
void saved_vm_host_or_skip(void);

/* Of the guest of saved_guest.c, none of whose vCPUs runs. */
struct saved_vm *saved_vm_take(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], u64 guest_gpa,
			       const struct saved_vm *before);

/* A new VM that is what was saved. The case fails where a register cannot be set. */
struct kvm_vm *saved_vm_restore(const struct saved_vm *saved, struct kvm_vcpu *vcpus[]);

/*
 * How many registers, states and bytes differ. The guest's time goes on: it may
 * be later by some seconds.
 */
unsigned int saved_vm_differences(const struct saved_vm *is, const struct saved_vm *was);

/* To and from a file; false, with a complaint of the case, if that fails. */
bool saved_vm_write(const struct saved_vm *saved, const char *path);
struct saved_vm *saved_vm_read(const char *path);

/* Where the saved VMs are: the program that restores is not the one that saves. */
#define SAVED_VM_FOLDER		"/tmp/saved-vm"

/* The register of a saved vCPU; NULL if it has none of this id. */
void *saved_vm_register(struct saved_vm *saved, unsigned int vcpu, u64 id);
/* The memory behind a guest's physical address. */
void *saved_vm_memory(struct saved_vm *saved, u64 gpa);

/*
 * Let the guest go on until it is to be saved again, giving it what it asks for.
 * Returns how much was not as it should be, by what the guest says and the host
 * sees.
 */
unsigned int saved_vm_go_on(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], u64 guest_gpa);

/* What differs is counted, and not a complaint of the case. */
extern bool saved_vm_quiet;

#endif /* SELFTEST_KVM_SAVED_VM_H */
