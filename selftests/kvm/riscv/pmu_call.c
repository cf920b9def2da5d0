// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the SBI PMU extension.
 */
#include <sched.h>

#include "firmware_event.h"
#include "pmu_call.h"

struct kvm_vm *pmu_vm;
struct kvm_vcpu *pmu_vcpu;
unsigned long pmu_counters, pmu_hardware;

void pmu_create(void)
{
	struct sbi_outcome outcome;

	pmu_vm = guest_create(&pmu_vcpu);
	firmware_events_or_skip(pmu_vcpu);

	outcome = pmu_call(SBI_EXT_PMU_NUM_COUNTERS);
	TEST_ASSERT(outcome.returned && !outcome.error && outcome.value <= 64,
		    "num_counters: error %ld, value %lu", outcome.error, outcome.value);
	pmu_counters = outcome.value;

	for (pmu_hardware = 0; pmu_hardware < pmu_counters; pmu_hardware++) {
		outcome = pmu_call(SBI_EXT_PMU_COUNTER_GET_INFO, pmu_hardware);
		if (!outcome.error && outcome.value >> 63)
			break;
	}
}

unsigned long pmu_all(void)
{
	return -1UL >> (64 - pmu_counters);
}

unsigned long pmu_config_any(unsigned long base, unsigned long mask, unsigned long flags,
			     unsigned long event, unsigned long data)
{
	struct sbi_outcome outcome;

	outcome = pmu_call(SBI_EXT_PMU_COUNTER_CFG_MATCH, base, mask, flags, event, data);
	sbi_expect(outcome.returned && !outcome.error && outcome.value - base < 64 &&
		   (mask >> (outcome.value - base)) & 1,
		   "config_matching(0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx) gave error %ld, counter %lu",
		   base, mask, flags, event, data, outcome.error, outcome.value);
	return outcome.value;
}

void pmu_config(unsigned long counter, unsigned long base, unsigned long mask,
		unsigned long flags, unsigned long event)
{
	unsigned long chosen = pmu_config_any(base, mask, flags, event, 0);

	sbi_expect(chosen == counter, "event 0x%lx got counter %lu, wanted %lu",
		   event, chosen, counter);
}

void pmu_start(long error, unsigned long counter, unsigned long flags, u64 value)
{
	pmu_expect(error, SBI_EXT_PMU_COUNTER_START, counter, 1, flags, value);
}

void pmu_stop(long error, unsigned long counter, unsigned long flags)
{
	pmu_expect(error, SBI_EXT_PMU_COUNTER_STOP, counter, 1, flags);
}

u64 pmu_read(unsigned long counter)
{
	return firmware_event_read(pmu_vcpu, counter);
}

u64 pmu_read_csr(unsigned long counter)
{
	struct guest_state start;

	start = guest_at(pmu_vcpu, GUEST_VS, INSN_CSRR(T0, PMU_CSR(counter)));
	return guest_expect_value(pmu_vcpu, &start, T0);
}

bool pmu_expect_no_csr(unsigned long counter)
{
	u32 insn = INSN_CSRR(T0, PMU_CSR(counter));
	struct guest_state start = guest_at(pmu_vcpu, GUEST_VS, insn);

	if (guest_expect_trap(pmu_vcpu, &start, EXC_INST_ILLEGAL, insn))
		return true;
	return sbi_expect(false, "it was the CSR of counter %lu", counter);
}

static void guest_spin(u64 ticks)
{
	u64 begin = csr_read(CSR_TIME);

	while (csr_read(CSR_TIME) - begin < ticks)
		;
	guest_stop();
}

void pmu_spin(unsigned int milliseconds)
{
	u64 frequency = vcpu_get_reg(pmu_vcpu, RISCV_TIMER_REG(frequency));

	sbi_run_guest(pmu_vcpu, guest_spin, frequency / 1000 * milliseconds, 0);
}

void pmu_send_ipi(void)
{
	sbi_expect_call(pmu_vcpu, SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 0);
	sbi_clear_pending(pmu_vcpu);
}

void pmu_overflow(unsigned long counter, unsigned long base, struct pmu_snapshot *snapshot)
{
	unsigned int tries = 5;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(cpu), &cpu), "sched_setaffinity failed");

	do {
		pmu_start(SBI_SUCCESS, counter, START_INIT_VALUE, PMU_NEAR);
		pmu_spin(PMU_NEAR_MILLISECONDS);
		pmu_expect(SBI_SUCCESS, SBI_EXT_PMU_COUNTER_STOP, base, 1UL << (counter - base),
			   STOP_SNAPSHOT);
	} while (!snapshot->overflown && --tries);
	sbi_expect(snapshot->overflown == 1UL << (counter - base),
		   "overflow 0x%lx, wanted bit %lu", snapshot->overflown, counter - base);
}

void *pmu_add_page(u64 gpa, unsigned int slot, unsigned int flags)
{
	vm_userspace_mem_region_add(pmu_vm, VM_MEM_SRC_ANONYMOUS, gpa, slot, 1, flags);
	return addr_gpa2hva(pmu_vm, gpa);
}
