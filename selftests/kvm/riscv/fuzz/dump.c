// SPDX-License-Identifier: GPL-2.0
/*
 * What there is behind some steps: the registers that ONE_REG tells of a vCPU, and the
 * guest's memory, as numbers.
 *
 * Not in it: the time; what comes when it comes (overflows; with two lanes, software
 * interrupts); and the snapshot's page, where values of the host's counters are.
 */
#include <errno.h>

#include "vm.h"

static bool is_sbi_state(u64 id, u64 extension)
{
	return (id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_SBI_STATE &&
	       (id & KVM_REG_RISCV_SUBTYPE_MASK) == extension;
}

/* Where the register's value goes; NULL if it has no place. */
static u64 *place_of(struct dump *dump, u64 id)
{
	if (is_sbi_state(id, KVM_REG_RISCV_SBI_STA))
		return &dump->steal_time;
	if (is_sbi_state(id, KVM_REG_RISCV_SBI_FWFT))
		return &dump->features;
	if (id == RISCV_TIMER_REG(time))
		return NULL;
	return &dump->registers;
}

void dump_registers(struct dump *dump, struct kvm_vcpu *vcpu, bool alone)
{
	static __thread u64 value[64];
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	u64 i, j, id, words, *place;

	for (i = 0; i < list->n; i++) {
		id = list->reg[i];
		words = ((1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT)) + 7) / 8;
		dump->registers = mix(dump->registers + id);
		place = place_of(dump, id);
		if (!place || words > ARRAY_SIZE(value))
			continue;
		for (j = 0; j < words; j++)
			value[j] = 0;
		if (__vcpu_get_reg(vcpu, id, value))
			value[0] = errno;
		if (id == RISCV_TIMER_REG(compare)) {
			dump->deadline = value[0];
			continue;
		}
		if (id == RISCV_GENERAL_CSR_REG(sip))
			value[0] &= alone ? ~(1UL << 13) : ~(1UL << 13 | 1UL << 1);
		*place = hash(*place, value, 8 * words);
	}
	free(list);
}

u64 dump_events(struct kvm_vm *vm, u64 sum)
{
	return hash(sum, addr_gpa2hva(vm, EVENT_PAGE), 16 * EVENT_GOOD);
}

/* Of steal time only that it comes is known, and that nothing else is written there. */
static u64 dump_steal_time(struct kvm_vm *vm, u64 sum)
{
	const u64 *words = addr_gpa2hva(vm, STEAL_TIME_PAGE);
	unsigned int i;

	for (i = 0; i < 4096 / 8; i++) {
		if (i % 8 == 0)
			sum = mix(sum + (words[i] >> 32)) + 1;
		else if (i % 8 != 1)
			sum = mix(sum + words[i]) + 1;
	}
	return sum;
}

void dump_memory(struct dump *dump, struct kvm_vm *vm)
{
	dump->memory = hash(dump->memory, addr_gpa2hva(vm, PLAIN_PAGE), MEMORY_END - PLAIN_PAGE);
	dump->memory = hash(dump->memory, addr_gpa2hva(vm, READ_ONLY), READ_ONLY_PAGES * 4096);
	dump->memory = dump_steal_time(vm, dump_events(vm, dump->memory));
}
