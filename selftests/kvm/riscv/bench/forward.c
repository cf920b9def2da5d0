// SPDX-License-Identifier: GPL-2.0
/*
 * SBI calls that user space answers.
 */
#include "call.h"
#include "sbi_call.h"

#define CONSOLE_WRITE		0
#define GET_SHMEM_SIZE		0

#define SBI_EXT_MPXY		0x4d505859
#define SBI_EXT_EXPERIMENTAL	0x08000000
#define SBI_EXT_VENDOR		0x09000000

#define VALUE			0x5a

/* They are disabled by default. */
static void enable(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_DBCN), 1);
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_MPXY), 1);
}

static void disable_vendor(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_VENDOR), 0);
}

static const struct bench_path paths[] = {
	FORWARDED("ecall to user space", VALUE, NULL, SBI_EXT_EXPERIMENTAL, 0, 0),
	FORWARDED("DBCN console_write to user space", VALUE, enable,
		  SBI_EXT_DBCN, CONSOLE_WRITE, 1, 0, 0),
	FORWARDED("MPXY get_shmem_size to user space", VALUE, enable,
		  SBI_EXT_MPXY, GET_SHMEM_SIZE, 0),
	FORWARDED("vendor's call to user space", VALUE, NULL, SBI_EXT_VENDOR, 0, 0),
	FORWARDED("BASE probe_extension of a vendor's to user space", VALUE, NULL,
		  SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_VENDOR),
	ANSWER("DBCN disabled", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_DBCN, CONSOLE_WRITE, 1, 0, 0),
	{ ANSWER_FIELDS("vendor's call, disabled", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_VENDOR, 0, 0),
	  .prepare = disable_vendor },
};

const struct bench_group bench_forward = { paths, ARRAY_SIZE(paths) };
