// SPDX-License-Identifier: GPL-2.0
/*
 * SBI calls that user space answers.
 */
#include "call.h"
#include "sbi_call.h"

#define CONSOLE_WRITE		0
#define CONSOLE_READ		1
#define CONSOLE_WRITE_BYTE	2

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

static void disable_experimental(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_EXPERIMENTAL), 0);
}

static void disable_vendor(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_VENDOR), 0);
}

#define DBCN(text, function)							\
	FORWARDED("DBCN " text " to user space", VALUE, enable, SBI_EXT_DBCN, function, 1, 0, 0)
#define MPXY(text, function)							\
	FORWARDED("MPXY " text " to user space", VALUE, enable, SBI_EXT_MPXY, function, 0)

/* User space answers if it is asked: in C it is, B1. */
#define PROBE_OF_DISABLED(text, extension, setup)				\
	{ ANSWERS_FIELDS("BASE probe_extension of " text ", disabled", VALUE, 0, 0,	\
			 SBI_EXT_BASE, PROBE_EXTENSION, extension),		\
	  .prepare = setup, .exit_reason = KVM_EXIT_RISCV_SBI }

static const struct bench_path paths[] = {
	FORWARDED("ecall to user space", VALUE, NULL, SBI_EXT_EXPERIMENTAL, 0, 0),
	{ ANSWER_FIELDS("experimental call, disabled", SBI_ERR_NOT_SUPPORTED, 0,
			SBI_EXT_EXPERIMENTAL, 0, 0), .prepare = disable_experimental },
	FORWARDED("vendor's call to user space", VALUE, NULL, SBI_EXT_VENDOR, 0, 0),
	{ ANSWER_FIELDS("vendor's call, disabled", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_VENDOR, 0, 0),
	  .prepare = disable_vendor },

	FORWARDED("BASE probe_extension of an experimental one to user space", VALUE, NULL,
		  SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_EXPERIMENTAL),
	FORWARDED("BASE probe_extension of a vendor's to user space", VALUE, NULL,
		  SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_VENDOR),
	PROBE_OF_DISABLED("an experimental one", SBI_EXT_EXPERIMENTAL, disable_experimental),
	PROBE_OF_DISABLED("a vendor's", SBI_EXT_VENDOR, disable_vendor),

	DBCN("console_write", CONSOLE_WRITE),
	DBCN("console_read", CONSOLE_READ),
	DBCN("console_write_byte", CONSOLE_WRITE_BYTE),
	DBCN("unknown function", 3),
	ANSWER("DBCN disabled", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_DBCN, CONSOLE_WRITE, 1, 0, 0),

	MPXY("get_shmem_size", 0),
	MPXY("set_shmem", 1),
	MPXY("get_channel_ids", 2),
	MPXY("read_attributes", 3),
	MPXY("write_attributes", 4),
	MPXY("send_message_with_response", 5),
	MPXY("send_message_without_response", 6),
	MPXY("get_notification_events", 7),
	MPXY("unknown function", 8),
	ANSWER("MPXY disabled", SBI_ERR_NOT_SUPPORTED, 0, SBI_EXT_MPXY, 0, 0),
};

const struct bench_group bench_forward = { paths, ARRAY_SIZE(paths) };
