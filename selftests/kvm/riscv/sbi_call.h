/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SBI calls of a guest, made one at a time from the host side: the registers
 * are set, the guest executes one ecall, and an ebreak brings it back. So each
 * call also shows that no other register changed.
 */
#ifndef SELFTEST_KVM_SBI_CALL_H
#define SELFTEST_KVM_SBI_CALL_H

#include "kvm_util.h"
#include "processor.h"
#include "sbi.h"
#include "ucall_common.h"

#include "sbi_case.h"

/* The functions of the Base extension (SBI v3.0, chapter 4). */
#define GET_SPEC_VERSION		0
#define GET_IMPL_ID			1
#define GET_IMPL_VERSION		2
#define PROBE_EXTENSION			3
#define GET_MVENDORID			4
#define GET_MARCHID			5
#define GET_MIMPID			6

#define SBI_EXT_TIME			0x54494d45
#define SBI_EXT_TIME_SET_TIMER		0

#define SBI_EXT_IPI			0x735049
#define SBI_EXT_IPI_SEND_IPI		0

#define SBI_EXT_RFENCE			0x52464e43
#define SBI_EXT_RFENCE_FENCE_I		0
#define SBI_EXT_RFENCE_SFENCE_VMA	1
#define SBI_EXT_RFENCE_SFENCE_VMA_ASID	2
#define SBI_EXT_RFENCE_HFENCE_GVMA_VMID	3
#define SBI_EXT_RFENCE_HFENCE_GVMA	4
#define SBI_EXT_RFENCE_HFENCE_VVMA_ASID	5
#define SBI_EXT_RFENCE_HFENCE_VVMA	6

#define SBI_EXT_SRST			0x53525354
#define SBI_EXT_SRST_RESET		0

#define ALL_HARTS			(-1UL)

/* A VM of vCPUs with the given ids, created in that order, able to run. */
struct kvm_vm *sbi_vm_create(struct kvm_vcpu *vcpus[], const u32 ids[], unsigned int count);

/* The same vCPUs for a VM that has been made, by vm_create(), and set up otherwise. */
void sbi_vm_add_vcpus(struct kvm_vm *vm, struct kvm_vcpu *vcpus[], const u32 ids[],
		      unsigned int count);

/* Make one vCPU able to do what follows; sbi_vm_create() has done it. */
void sbi_vcpu_prepare(struct kvm_vcpu *vcpu);

struct sbi_outcome {
	/* The call came back to the guest; otherwise KVM_RUN ended at the ecall. */
	bool returned;
	/* Why KVM_RUN ended, and its error if it failed. */
	unsigned int exit_reason;
	int run_errno;
	/* a0 and a1 after it. */
	long error;
	unsigned long value;
};

/* One call. The case fails if another register than a0 and a1 changes. */
struct sbi_outcome sbi_call_args(struct kvm_vcpu *vcpu, unsigned long extension,
				 unsigned long function, const unsigned long args[6]);

#define sbi_call(vcpu, extension, function, ...) \
	sbi_call_args(vcpu, extension, function, (const unsigned long[6]) { __VA_ARGS__ })

/* One call that has to come back with @error, and with 0 as its value. */
bool sbi_expect_call_args(struct kvm_vcpu *vcpu, long error, unsigned long extension,
			  unsigned long function, const unsigned long args[6]);

#define sbi_expect_call(vcpu, error, extension, function, ...) \
	sbi_expect_call_args(vcpu, error, extension, function, \
			     (const unsigned long[6]) { __VA_ARGS__ })

/*
 * The function numbers beyond the @known first ones are unknown: each has to
 * give NOT_SUPPORTED, whatever the arguments are.
 */
void sbi_expect_unknown_functions(struct kvm_vcpu *vcpu, unsigned long extension,
				  unsigned long known, const unsigned long args[6]);

/* The two instructions of such a guest. */
extern char sbi_guest_call[], sbi_guest_back[];

/* Enter the guest, which comes back at once: requests to the vCPU are done. */
void sbi_enter(struct kvm_vcpu *vcpu);

/*
 * Run the guest function @entry with two arguments until it calls guest_stop().
 * The case fails if it ends otherwise.
 */
void sbi_run_guest(struct kvm_vcpu *vcpu, void *entry, u64 arg0, u64 arg1);

/* The same from where the vCPU stands. */
bool sbi_run_on(struct kvm_vcpu *vcpu);

static inline void guest_stop(void)
{
	asm volatile(".option push\n.option norvc\nebreak\n.option pop" ::: "memory");
}

/* An ecall of the guest itself, with numbers of full width; arguments that are not named are 0. */
struct sbiret guest_sbi_call_args(unsigned long extension, unsigned long function,
				  const unsigned long args[6]);

#define guest_sbi_call(extension, function, ...) \
	guest_sbi_call_args(extension, function, (const unsigned long[6]) { __VA_ARGS__ })

/* Pending interrupts of a vCPU as the guest would read them: BIT(IRQ_S_SOFT) ... */
unsigned long sbi_pending(struct kvm_vcpu *vcpu);
void sbi_clear_pending(struct kvm_vcpu *vcpu);

u64 sbi_stat(struct kvm_vcpu *vcpu, const char *name);

/*
 * Every statistic of the vCPU stays as it is over a call that comes back to
 * the guest, but for the number of exits, which goes up by the ecall and the
 * ebreak after it.
 */
void sbi_expect_no_statistics(struct kvm_vcpu *vcpu, unsigned long extension,
			      unsigned long function, const unsigned long args[6]);

#endif /* SELFTEST_KVM_SBI_CALL_H */
