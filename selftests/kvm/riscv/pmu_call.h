/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of the SBI PMU extension (SBI v3.0, chapter 11).
 */
#ifndef SELFTEST_KVM_PMU_CALL_H
#define SELFTEST_KVM_PMU_CALL_H

#include "guest_trap.h"

#define PMU_EVENT_GET_INFO		8
#define PMU_FUNCTIONS			9

#ifndef SBI_ERR_NO_SHMEM
#define SBI_ERR_NO_SHMEM		-9
#endif

#define CFG_SKIP_MATCH			BIT(0)
#define CFG_CLEAR_VALUE			BIT(1)
#define CFG_AUTO_START			BIT(2)
/* What is no more than a hint, VUINH to MINH. */
#define CFG_HINTS			0xf8
#define START_INIT_VALUE		BIT(0)
#define START_SNAPSHOT			BIT(1)
#define STOP_RESET			BIT(0)
#define STOP_SNAPSHOT			BIT(1)

#define EVENT_CYCLES			1
#define EVENT_INSTRUCTIONS		2
#define NR_HARDWARE_EVENTS		11
#define EVENT_CACHE(cache, op, miss)	(0x10000UL | (cache) << 3 | (op) << 1 | (miss))
#define EVENT_RAW			0x20000UL
#define EVENT_RAW_V2			0x30000UL
#define EVENT_FIRMWARE(code)		(0xf0000UL | (code))
#define NR_FIRMWARE_EVENTS		22
#define EVENT_SET_TIMER			EVENT_FIRMWARE(5)
#define EVENT_IPI_SENT			EVENT_FIRMWARE(6)

#define COUNTER_CYCLE			0
#define COUNTER_TIME			1
#define COUNTER_INSTRET			2
#define FIRST_PROGRAMMABLE		3

#define PMU_CSR(counter)		(0xc00 + (counter))

struct pmu_snapshot {
	u64 overflown;
	u64 values[64];
	u64 reserved[447];
};

struct pmu_event_info {
	u32 event;
	u32 output;
	u64 data;
};

/* The case's VM of one vCPU, how many counters that has, and how many of them are hardware's. */
extern struct kvm_vm *pmu_vm;
extern struct kvm_vcpu *pmu_vcpu;
extern unsigned long pmu_counters, pmu_hardware;

/* Make the VM. The case ends as skipped where KVM offers no PMU (no Sscofpmf on the host). */
void pmu_create(void);

/* One call, of any function. */
#define pmu_call(function, ...)	sbi_call(pmu_vcpu, SBI_EXT_PMU, function, __VA_ARGS__)
#define pmu_expect(error, function, ...) \
	sbi_expect_call(pmu_vcpu, error, SBI_EXT_PMU, function, __VA_ARGS__)

/* A mask of all counters. */
unsigned long pmu_all(void);

/* counter_config_matching, which has to choose @counter, or any counter of the set. */
void pmu_config(unsigned long counter, unsigned long base, unsigned long mask,
		unsigned long flags, unsigned long event);
unsigned long pmu_config_any(unsigned long base, unsigned long mask, unsigned long flags,
			     unsigned long event, unsigned long data);

/* The same of one counter alone. */
static inline void pmu_config_one(unsigned long counter, unsigned long flags, unsigned long event)
{
	pmu_config(counter, counter, 1, flags, event);
}

/* It has to fail. */
#define pmu_expect_config(error, ...) \
	pmu_expect(error, SBI_EXT_PMU_COUNTER_CFG_MATCH, __VA_ARGS__)

/* counter_start and counter_stop of one counter. */
void pmu_start(long error, unsigned long counter, unsigned long flags, u64 value);
void pmu_stop(long error, unsigned long counter, unsigned long flags);

/* counter_fw_read, which has to succeed. */
u64 pmu_read(unsigned long counter);

/* The CSR of a counter, which has to be readable; or it has to be an illegal instruction. */
u64 pmu_read_csr(unsigned long counter);
bool pmu_expect_no_csr(unsigned long counter);

/* Have the guest execute instructions for so long. */
void pmu_spin(unsigned int milliseconds);

/* Have the guest send an IPI to itself: one IPI_SENT. */
void pmu_send_ipi(void);

/*
 * A counter of instructions that starts with this value overflows when the guest
 * spins for so long; but QEMU 10 forgets an overflow that follows a start which was
 * very far from one.
 */
#define PMU_NEAR		(-(1UL << 23))
#define PMU_NEAR_MILLISECONDS	60

/*
 * Stay on one CPU, and have the counter overflow there. It is left stopped; the bit
 * in the snapshot, which is shared, is relative to @base.
 */
void pmu_overflow(unsigned long counter, unsigned long base, struct pmu_snapshot *snapshot);

/* A page of memory at the guest's physical address @gpa, in slot @slot. */
void *pmu_add_page(u64 gpa, unsigned int slot, unsigned int flags);

#endif /* SELFTEST_KVM_PMU_CALL_H */
