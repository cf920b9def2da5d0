// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI extensions that user space answers: the experimental and the vendor
 * ids, the debug console and the message proxy (SBI v3.0, chapters 12 and 20).
 */
#include <errno.h>

#include "user_space_call.h"

static const struct range {
	const char *name;
	unsigned int index;
	unsigned long first, last;
	bool by_default;
} ranges[] = {
	{ "DBCN", KVM_RISCV_SBI_EXT_DBCN, 0x4442434e, 0x4442434e, false },
	{ "MPXY", KVM_RISCV_SBI_EXT_MPXY, 0x4d505859, 0x4d505859, false },
	{ "EXPERIMENTAL", KVM_RISCV_SBI_EXT_EXPERIMENTAL, 0x08000000, 0x08ffffff, true },
	{ "VENDOR", KVM_RISCV_SBI_EXT_VENDOR, 0x09000000, 0x09ffffff, true },
};

/* All that the specification has for any of them, and some that it does not have. */
static const unsigned long functions[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0x80000000, 0x100000000, LONG_MAX, -1UL,
};

static const unsigned long args[6] = {
	-1UL, 0x8000000000000001, 0x0123456789abcdef, 0, 0xffffffff, 1UL << 32,
};

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static struct kvm_vm *create(void)
{
	return sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
}

static void enable(struct kvm_vcpu *vcpu, const struct range *range, bool on)
{
	vcpu_set_reg(vcpu, RISCV_SBI_EXT_REG(range->index), on);
}

static bool enabled(struct kvm_vcpu *vcpu, const struct range *range)
{
	return vcpu_get_reg(vcpu, RISCV_SBI_EXT_REG(range->index));
}

static void create_with_all(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		enable(vcpus[0], &ranges[i], true);
}

/* An exit with the default answer, then another answer. */
static bool expect_forwarded(struct kvm_vcpu *vcpu, unsigned long extension,
			     unsigned long function)
{
	struct kvm_run *run = vcpu->run;

	if (!user_space_gets_args(vcpu, extension, function, args))
		return false;

	sbi_expect((long)run->riscv_sbi.ret[0] == SBI_ERR_NOT_SUPPORTED && !run->riscv_sbi.ret[1],
		   "call 0x%lx/0x%lx: the answer is %ld, 0x%lx at first; wanted NOT_SUPPORTED, 0",
		   extension, function, (long)run->riscv_sbi.ret[0],
		   (unsigned long)run->riscv_sbi.ret[1]);

	run->riscv_sbi.ret[0] = extension;
	run->riscv_sbi.ret[1] = ~function;
	return guest_gets(vcpu, extension, ~function);
}

static void expect_all_forwarded(struct kvm_vcpu *vcpu, unsigned long extension)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (!expect_forwarded(vcpu, extension, functions[i]))
			return;
	}
}

static void expect_none_forwarded(struct kvm_vcpu *vcpu, unsigned long extension)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (!sbi_expect_call_args(vcpu, SBI_ERR_NOT_SUPPORTED, extension, functions[i],
					  args))
			return;
	}
}

/* All ids of a short range; of a long one the ends and one between. */
static void each_id(struct kvm_vcpu *vcpu, const struct range *range,
		    void (*expect)(struct kvm_vcpu *vcpu, unsigned long extension))
{
	expect(vcpu, range->first);
	if (range->first == range->last)
		return;
	expect(vcpu, range->first + 0x123456);
	expect(vcpu, range->last);
}

static void by_default(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		sbi_expect(enabled(vcpus[0], &ranges[i]) == ranges[i].by_default,
			   "%s is %s by default", ranges[i].name,
			   ranges[i].by_default ? "disabled" : "enabled");
		each_id(vcpus[0], &ranges[i], ranges[i].by_default ? expect_all_forwarded :
								     expect_none_forwarded);
	}
}

static void once_enabled(void)
{
	unsigned int i;

	create_with_all();
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		each_id(vcpus[0], &ranges[i], expect_all_forwarded);
}

/* The first vCPU has all but one, the second one only that one. */
static void one_by_one(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct kvm_vm *vm = create();

		for (j = 0; j < ARRAY_SIZE(ranges); j++) {
			enable(vcpus[0], &ranges[j], i != j);
			enable(vcpus[1], &ranges[j], i == j);
		}
		for (j = 0; j < ARRAY_SIZE(ranges); j++) {
			struct kvm_vcpu *with = vcpus[i == j], *without = vcpus[i != j];

			expect_forwarded(with, ranges[j].first, 0);
			expect_forwarded(with, ranges[j].last, 1);
			sbi_expect_call_args(without, SBI_ERR_NOT_SUPPORTED, ranges[j].first, 0,
					     args);
			sbi_expect_call_args(without, SBI_ERR_NOT_SUPPORTED, ranges[j].last, 1,
					     args);
		}
		kvm_vm_free(vm);
	}
}

static void ids_next_to_them(void)
{
	unsigned int i;

	create_with_all();
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		/* The experimental and the vendor ids are next to each other. */
		if (ranges[i].index != KVM_RISCV_SBI_EXT_VENDOR)
			expect_none_forwarded(vcpus[0], ranges[i].first - 1);
		if (ranges[i].index != KVM_RISCV_SBI_EXT_EXPERIMENTAL)
			expect_none_forwarded(vcpus[0], ranges[i].last + 1);

		/* What a cut to 32 bits would take for one of them. */
		expect_none_forwarded(vcpus[0], ranges[i].first | 1UL << 32);
		expect_none_forwarded(vcpus[0], ranges[i].last | 1UL << 63);
		expect_none_forwarded(vcpus[0], ranges[i].last | 0xffffffff00000000);
	}
}

static void answers(void)
{
	static const unsigned long some[][2] = {
		{ 0, 0 }, { 0, -1UL }, { -1UL, 0 }, { 1, 2 }, { 1UL << 63, 1UL << 32 },
		{ 0xffffffff, 0x80000000 }, { 0x0123456789abcdef, 0xfedcba9876543210 },
	};
	unsigned int i, j;

	create_with_all();
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (j = 0; j < ARRAY_SIZE(some); j++) {
			if (!user_space_gets_args(vcpus[0], ranges[i].first, j, args))
				return;
			vcpus[0]->run->riscv_sbi.ret[0] = some[j][0];
			vcpus[0]->run->riscv_sbi.ret[1] = some[j][1];
			if (!guest_gets(vcpus[0], some[j][0], some[j][1]))
				return;
		}
	}
}

static void no_answer(void)
{
	unsigned int i;

	create_with_all();
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (!user_space_gets_args(vcpus[0], ranges[i].last, 1, args) ||
		    !guest_gets(vcpus[0], SBI_ERR_NOT_SUPPORTED, 0))
			return;
	}
}

/* KVM_RUN that takes the answer and does not enter the guest, then one that does. */
static void answered_once(void)
{
	struct kvm_run *run;
	unsigned int i;

	create_with_all();
	run = vcpus[0]->run;
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		unsigned long before, after;

		if (!user_space_gets_args(vcpus[0], ranges[i].first, 0, args))
			return;
		run->riscv_sbi.ret[0] = 7;
		run->riscv_sbi.ret[1] = 8;
		before = vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.pc));

		run->immediate_exit = 1;
		sbi_expect(__vcpu_run(vcpus[0]) && errno == EINTR,
			   "KVM_RUN that is to end at once gave errno %d", errno);
		run->immediate_exit = 0;
		after = vcpu_get_reg(vcpus[0], RISCV_CORE_REG(regs.pc));
		sbi_expect(after == before + 4,
			   "the pc is 0x%lx after the answer was taken, was 0x%lx", after, before);

		run->riscv_sbi.ret[0] = 9;
		run->riscv_sbi.ret[1] = 10;
		if (!guest_gets(vcpus[0], 7, 8))
			return;
	}
}

static void registers(void)
{
	const unsigned long word = 8 * sizeof(unsigned long);
	struct kvm_vcpu *vcpu;
	unsigned long mask;
	unsigned int i;
	u64 all, none;

	all = __kvm_reg_id(KVM_REG_RISCV_SBI_EXT, KVM_REG_RISCV_SBI_MULTI_EN, 0,
			   KVM_REG_SIZE_ULONG);
	none = __kvm_reg_id(KVM_REG_RISCV_SBI_EXT, KVM_REG_RISCV_SBI_MULTI_DIS, 0,
			    KVM_REG_SIZE_ULONG);
	create();
	vcpu = vcpus[0];

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		unsigned long bit = 1UL << ranges[i].index % word;
		unsigned int on;

		for (on = 2; on-- > 0;) {
			enable(vcpu, &ranges[i], on);
			sbi_expect(enabled(vcpu, &ranges[i]) == on,
				   "%s reads as %u after %u was written", ranges[i].name,
				   !on, on);
			mask = vcpu_get_reg(vcpu, all);
			sbi_expect(!!(mask & bit) == on, "%s is %u, and the mask of all 0x%lx",
				   ranges[i].name, on, mask);
			sbi_expect(vcpu_get_reg(vcpu, none) == ~mask,
				   "the mask of all is 0x%lx, and that of none 0x%lx",
				   mask, (unsigned long)vcpu_get_reg(vcpu, none));
		}

		vcpu_set_reg(vcpu, all, bit);
		sbi_expect(enabled(vcpu, &ranges[i]), "%s is not enabled by the mask",
			   ranges[i].name);
		vcpu_set_reg(vcpu, none, bit);
		sbi_expect(!enabled(vcpu, &ranges[i]), "%s is not disabled by the mask",
			   ranges[i].name);

		sbi_expect(__vcpu_set_reg(vcpu, RISCV_SBI_EXT_REG(ranges[i].index), 2) &&
			   errno == EINVAL,
			   "%s was set to 2, or errno %d", ranges[i].name, errno);
	}
}

static void registers_after_a_run(void)
{
	unsigned int i, j;

	create();
	sbi_enter(vcpus[0]);

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		/* To what it is as well. */
		for (j = 0; j < 2; j++)
			sbi_expect(__vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(ranges[i].index), j) &&
				   errno == EBUSY,
				   "%s was set to %u after the vCPU had run, or errno %d",
				   ranges[i].name, j, errno);
		sbi_expect(enabled(vcpus[0], &ranges[i]) == ranges[i].by_default,
			   "%s has changed", ranges[i].name);

		/* The other vCPU has not run. */
		enable(vcpus[1], &ranges[i], !ranges[i].by_default);
	}
}

static void statistics(void)
{
	unsigned int i, j;
	u64 more;

	create_with_all();
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		u64 before = sbi_stat(vcpus[0], "ecall_exit_stat");

		for (j = 0; j < ARRAY_SIZE(functions); j++) {
			if (!expect_forwarded(vcpus[0], ranges[i].last, functions[j]))
				return;
			more = sbi_stat(vcpus[0], "ecall_exit_stat") - before;
			sbi_expect(more == j + 1, "ecall_exit_stat of %s went up by %lu, wanted %u",
				   ranges[i].name, more, j + 1);
		}
	}

	/* None for a call that does not get there. */
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (!ranges[i].by_default)
			sbi_expect_no_statistics(vcpus[1], ranges[i].first, 0, args);
	}
}

static const struct sbi_case cases[] = {
	{ "by default DBCN and MPXY are NOT_SUPPORTED, experimental and vendor ids are forwarded",
	  by_default,
	  .conforms = REQUIREMENTS("DBCN.disabled.NOT_SUPPORTED", "MPXY.disabled.NOT_SUPPORTED",
				   "SPACE.experimental", "SPACE.vendor") },
	{ "every call of an extension that is enabled is forwarded as it is", once_enabled,
	  .conforms = REQUIREMENTS("ABI.a7.a6", "DBCN.console_write", "DBCN.console_read",
				   "DBCN.console_write_byte", "DBCN.function", "MPXY.forwarded",
				   "SPACE.experimental", "SPACE.vendor") },
	{ "each is enabled apart, and for each vCPU", one_by_one,
	  .conforms = REQUIREMENTS("DBCN.disabled.NOT_SUPPORTED", "MPXY.disabled.NOT_SUPPORTED",
				   "SPACE.experimental", "SPACE.vendor") },
	{ "the ids next to them are NOT_SUPPORTED", ids_next_to_them,
	  .conforms = REQUIREMENTS("ABI.extension.NOT_SUPPORTED") },
	{ "the guest gets the answer of user space", answers,
	  .conforms = REQUIREMENTS("ABI.sbiret", "DBCN.answer", "MPXY.forwarded") },
	{ "the guest gets NOT_SUPPORTED where user space does not answer", no_answer },
	{ "an answer is taken once", answered_once },
	{ "the registers that enable and disable them", registers },
	{ "the registers cannot be written once the vCPU has run", registers_after_a_run },
	{ "each forwarded call counts in the statistics, no other", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
