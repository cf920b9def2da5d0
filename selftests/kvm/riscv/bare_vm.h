/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM made of single system calls, each of which may fail. Its guest has one
 * piece of memory, no page tables, and a few instructions.
 */
#ifndef SELFTEST_KVM_BARE_VM_H
#define SELFTEST_KVM_BARE_VM_H

#include <linux/kvm.h>

#include "kvm_util.h"

#define BARE_MEMORY		0x80000000UL
#define BARE_PAGES		16
#define BARE_SIZE		(BARE_PAGES * 4096UL)
#define BARE_SLOT		0
/* In the memory: not 0 if the guest has the CSR seed. */
#define BARE_HAS_SEED		0xc000UL

#define BARE_APLIC		0x0d000000UL
#define BARE_IMSIC		0x28000000UL
#define BARE_SOURCES		32

struct bare_vm {
	int kvm, vm, vcpu, second, aia;
	struct kvm_run *run;
	void *memory;
};

extern struct bare_vm bare;

/* The guest's instructions, which can be anywhere. */
extern char bare_guest[], bare_guest_end[];

/* The steps of its life: 0 or more, or -1 with errno. */
int bare_open(void);
int bare_create(void);
int bare_set_memory(void);
/* The same by KVM_SET_USER_MEMORY_REGION2. */
int bare_set_memory_2(void);
int bare_move_memory(void);
int bare_stop_log(void);
int bare_delete_memory(void);
int bare_enable(u32 cap, u64 arg);
int bare_create_vcpu(void);
int bare_create_second_vcpu(void);
int bare_map_run(void);
int bare_create_aia(void);
int bare_configure_aia(void);
int bare_init_aia(void);
/* KVM_SET_DEVICE_ATTR and the like of the AIA. */
int bare_aia_attr(unsigned long request, u32 group, u64 attr, void *value);

/* The guest's code is there, and the vCPU is about to execute it. */
int bare_set_guest(void);
/* KVM_RUN, to the end of that: a shutdown. What the guest wants of user space it gets. */
int bare_run(void);
/* The guest may suspend the system, and has a second hart to start. */
void bare_allow_all(void);

/* Everything up to there; ends the case if that is not possible. */
void bare_make_vm(void);
void bare_make_vcpu(void);
/* The same where there is a VM, which is set up otherwise. */
void bare_finish_vcpu(void);
void bare_make_aia(void);

void bare_unmap_run(void);
/* Whatever there is. */
void bare_release(void);

#endif /* SELFTEST_KVM_BARE_VM_H */
