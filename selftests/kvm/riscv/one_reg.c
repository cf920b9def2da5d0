// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of a vCPU that may not be there.
 */
#include <errno.h>

#include "one_reg.h"

int one_reg_get_at(struct kvm_vcpu *vcpu, u64 id, void *address)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)address };

	return __vcpu_ioctl(vcpu, KVM_GET_ONE_REG, &reg) ? errno : 0;
}

int one_reg_set_at(struct kvm_vcpu *vcpu, u64 id, void *address)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)address };

	return __vcpu_ioctl(vcpu, KVM_SET_ONE_REG, &reg) ? errno : 0;
}

int one_reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *value)
{
	/* No register is larger than a vector of 256 bytes. */
	u64 buffer[32] = {};
	int error = one_reg_get_at(vcpu, id, buffer);

	if (!error)
		*value = buffer[0];
	return error;
}

int one_reg_set(struct kvm_vcpu *vcpu, u64 id, u64 value)
{
	u64 buffer[32] = { value };

	return one_reg_set_at(vcpu, id, buffer);
}

bool one_reg_is(struct kvm_vcpu *vcpu, u64 id, u64 value)
{
	u64 is = 0;
	int error = one_reg_get(vcpu, id, &is);

	if (!sbi_expect(!error, "register 0x%lx: errno %d", id, error))
		return false;
	return sbi_expect(is == value, "register 0x%lx is 0x%lx, wanted 0x%lx", id, is, value);
}

bool one_reg_get_gives(struct kvm_vcpu *vcpu, u64 id, int error)
{
	u64 value = 0;
	int is = one_reg_get(vcpu, id, &value);

	return sbi_expect(is == error, "reading register 0x%lx gives errno %d, wanted %d",
			  id, is, error);
}

bool one_reg_set_gives(struct kvm_vcpu *vcpu, u64 id, u64 value, int error)
{
	int is = one_reg_set(vcpu, id, value);

	return sbi_expect(is == error,
			  "setting register 0x%lx to 0x%lx gives errno %d, wanted %d",
			  id, value, is, error);
}

unsigned int one_reg_list(struct kvm_vcpu *vcpu, u64 type, u64 ids[], unsigned int max)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	unsigned int count = 0;
	u64 i;

	for (i = 0; i < list->n; i++) {
		if ((list->reg[i] & KVM_REG_RISCV_TYPE_MASK) != type)
			continue;
		if (count < max)
			ids[count] = list->reg[i];
		count++;
	}
	free(list);
	return count;
}
