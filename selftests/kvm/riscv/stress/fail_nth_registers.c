// SPDX-License-Identifier: GPL-2.0
/*
 * Every register that user space has of a vCPU, with each place failing that can. It needs a kernel with fault
 * injection; what is lost on the way the debug kernel tells.
 */
#include <sys/ioctl.h>

#include "bare_vm.h"
#include "injection.h"
#include "sbi_case.h"

#define MAX_REGISTERS	2000

static struct kvm_reg_list *list;
static struct kvm_one_reg reg;
static u8 reg_value[256];

static int register_list(void)
{
	list->n = MAX_REGISTERS;
	return ioctl(bare.vcpu, KVM_GET_REG_LIST, list);
}

static int get_register(void)
{
	return ioctl(bare.vcpu, KVM_GET_ONE_REG, &reg);
}

static int set_register(void)
{
	return ioctl(bare.vcpu, KVM_SET_ONE_REG, &reg);
}

/* Each that user space has, of a vCPU that has not run: to be read and, where it can be, written. */
static void all_registers(void)
{
	static const struct injection list_step = { "KVM_GET_REG_LIST", .step = register_list };
	static char name[64];
	struct injection step = { .name = name, .quiet = true };
	unsigned int i;

	injection_or_skip();
	list = malloc(sizeof(*list) + MAX_REGISTERS * sizeof(u64));
	TEST_ASSERT(list, "out of memory");
	bare_make_vcpu();
	injection_try_all(&list_step);

	ksft_print_msg("there are %llu\n", list->n);
	for (i = 0; i < list->n; i++) {
		reg.id = list->reg[i];
		reg.addr = (unsigned long)reg_value;
		snprintf(name, sizeof(name), "KVM_GET_ONE_REG of 0x%llx", reg.id);
		step.step = get_register;
		injection_try_all(&step);
		if (set_register())
			continue;
		snprintf(name, sizeof(name), "KVM_SET_ONE_REG of 0x%llx", reg.id);
		step.step = set_register;
		injection_try_all(&step);
	}
	bare_release();
}

static const struct sbi_case cases[] = {
	{ "registers are read and written", all_registers, .seconds = 600 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
