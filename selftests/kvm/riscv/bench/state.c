// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that set what KVM keeps of a hart: STA and FWFT.
 */
#include "call.h"
#include "sbi_call.h"

#define SBI_EXT_STA		0x535441
#define SET_SHMEM		0

#define SBI_EXT_FWFT		0x46574654
#define SET			0
#define GET			1
#define LOCK			1
#define RESERVED_FLAG		2

#define MISALIGNED_EXC_DELEG	0
#define LANDING_PAD		1
#define PMLEN			5
#define RESERVED		6

#define DENIED_LOCKED		(-14)

#define MEMORY			(1UL << 33)
#define MEMORY_SLOT		5
/* No memory is there. */
#define HOLE			(1UL << 32)

static void add_memory(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, MEMORY_SLOT, 1, 0);
	memset(addr_gpa2hva(vm, MEMORY), 0, vm->page_size);
}

static void lock_pmlen(void)
{
	guest_sbi_call(SBI_EXT_FWFT, SET, PMLEN, 0, LOCK);
}

#define STA(text, error, ...)							\
	{ ANSWER_FIELDS("STA " text, error, 0, SBI_EXT_STA, __VA_ARGS__), .prepare = add_memory }
#define FWFT(text, error, ...)							\
	ANSWER("FWFT " text, error, 0, SBI_EXT_FWFT, __VA_ARGS__)
/* The module that makes the host say that it has it is asked in each call. */
#define DELEGATION(text, error, ...)						\
	{ ANSWER_FIELDS("FWFT " text, error, 0, SBI_EXT_FWFT, __VA_ARGS__),	\
	  .delegates_misaligned = true }

static const struct bench_path paths[] = {
	STA("set_shmem", 0, SET_SHMEM, MEMORY, 0, 0),
	STA("end", 0, SET_SHMEM, -1UL, -1UL, 0),
	STA("with flags", SBI_ERR_INVALID_PARAM, SET_SHMEM, -1UL, -1UL, 1),
	{ ANSWERS_FIELDS("STA with a flag above bit 31", 0, SBI_ERR_INVALID_PARAM, 0,
			 SBI_EXT_STA, SET_SHMEM, MEMORY, 0, 1UL << 32), .prepare = add_memory },
	STA("set_shmem that is not aligned", SBI_ERR_INVALID_PARAM, SET_SHMEM, MEMORY + 8, 0, 0),
	STA("set_shmem where no memory is", SBI_ERR_INVALID_ADDRESS, SET_SHMEM, HOLE, 0, 0),
	STA("unknown function", SBI_ERR_NOT_SUPPORTED, 1, 0),

	DELEGATION("get of MISALIGNED_EXC_DELEG", 0, GET, MISALIGNED_EXC_DELEG),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 0", 0, SET, MISALIGNED_EXC_DELEG, 0, 0),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 1", 0, SET, MISALIGNED_EXC_DELEG, 1, 0),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 2", SBI_ERR_INVALID_PARAM,
		   SET, MISALIGNED_EXC_DELEG, 2, 0),
	FWFT("get of PMLEN", 0, GET, PMLEN),
	FWFT("set of PMLEN to 0", 0, SET, PMLEN, 0, 0),
	FWFT("set of PMLEN to 7", 0, SET, PMLEN, 7, 0),
	FWFT("set of PMLEN to 8", SBI_ERR_INVALID_PARAM, SET, PMLEN, 8, 0),
	FWFT("set of PMLEN with a reserved flag", SBI_ERR_INVALID_PARAM,
	     SET, PMLEN, 0, RESERVED_FLAG),
	{ ANSWER_FIELDS("FWFT set of PMLEN, locked", DENIED_LOCKED, 0,
			SBI_EXT_FWFT, SET, PMLEN, 0, 0), .guest_prepare = lock_pmlen },
	FWFT("get of a reserved feature", SBI_ERR_DENIED, GET, RESERVED),
	FWFT("get of an absent feature", SBI_ERR_NOT_SUPPORTED, GET, LANDING_PAD),
	FWFT("set of a reserved feature", SBI_ERR_DENIED, SET, RESERVED, 0, 0),
	FWFT("set of an absent feature", SBI_ERR_NOT_SUPPORTED, SET, LANDING_PAD, 0, 0),
	FWFT("unknown function", SBI_ERR_NOT_SUPPORTED, 2, 0),
};

const struct bench_group bench_state = { paths, ARRAY_SIZE(paths) };
