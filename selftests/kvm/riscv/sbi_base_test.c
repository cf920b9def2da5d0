// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI Base extension (SBI v3.0, chapter 4).
 */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "firmware_event.h"
#include "user_space_call.h"

#define NR_FUNCTIONS		7

#define EXPERIMENTAL_FIRST	0x08000000UL
#define EXPERIMENTAL_LAST	0x08ffffffUL
#define VENDOR_FIRST		0x09000000UL
#define VENDOR_LAST		0x09ffffffUL

#define FIRST_LEGACY		0
#define LAST_LEGACY		8

/* Extensions of which KVM itself says whether they are there. */
static const struct extension {
	const char *name;
	unsigned long id;
	unsigned int index;
} extensions[] = {
	{ "TIME", SBI_EXT_TIME, KVM_RISCV_SBI_EXT_TIME },
	{ "IPI", SBI_EXT_IPI, KVM_RISCV_SBI_EXT_IPI },
	{ "RFENCE", SBI_EXT_RFENCE, KVM_RISCV_SBI_EXT_RFENCE },
	{ "SRST", SBI_EXT_SRST, KVM_RISCV_SBI_EXT_SRST },
	{ "HSM", 0x48534d, KVM_RISCV_SBI_EXT_HSM },
	{ "PMU", SBI_EXT_PMU, KVM_RISCV_SBI_EXT_PMU },
	{ "DBCN", 0x4442434e, KVM_RISCV_SBI_EXT_DBCN },
	{ "SUSP", 0x53555350, KVM_RISCV_SBI_EXT_SUSP },
	{ "STA", SBI_EXT_STA, KVM_RISCV_SBI_EXT_STA },
	{ "FWFT", 0x46574654, KVM_RISCV_SBI_EXT_FWFT },
	{ "MPXY", 0x4d505859, KVM_RISCV_SBI_EXT_MPXY },
};

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static struct kvm_vm *create(void)
{
	return sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
}

static void enable(struct kvm_vcpu *vcpu, unsigned int index, bool on)
{
	vcpu_set_reg(vcpu, RISCV_SBI_EXT_REG(index), on);
}

/* Those whose own probe says no, such as PMU on some hosts, have no register; or it says nothing. */
static bool exists(struct kvm_vcpu *vcpu, unsigned int index)
{
	unsigned long value;

	if (index == KVM_RISCV_SBI_EXT_PMU && !firmware_events_compiled_in())
		return false;
	return !__vcpu_get_reg(vcpu, RISCV_SBI_EXT_REG(index), &value);
}

static bool enabled(struct kvm_vcpu *vcpu, unsigned int index)
{
	unsigned long value;

	return !__vcpu_get_reg(vcpu, RISCV_SBI_EXT_REG(index), &value) && value;
}

/* A call that has to succeed with @value, whatever the arguments after the first one are. */
static bool expect_value(struct kvm_vcpu *vcpu, unsigned long function, unsigned long arg,
			 unsigned long value)
{
	struct sbi_outcome outcome;

	outcome = sbi_call(vcpu, SBI_EXT_BASE, function, arg, -1UL, 3, 1UL << 63, 5, 6);
	return sbi_expect(outcome.returned && !outcome.error && outcome.value == value,
			  "function %lu (0x%lx): exit reason %u, errno %d, error %ld, value 0x%lx; wanted 0, 0x%lx",
			  function, arg, outcome.exit_reason, outcome.run_errno, outcome.error,
			  outcome.value, value);
}

static bool expect_probe(struct kvm_vcpu *vcpu, unsigned long id, unsigned long value)
{
	return expect_value(vcpu, PROBE_EXTENSION, id, value);
}

static void specification_is_3_0(void)
{
	create();
	expect_value(vcpus[0], GET_SPEC_VERSION, 0, 0x03000000);
	expect_value(vcpus[1], GET_SPEC_VERSION, -1UL, 0x03000000);
}

static void implementation_is_kvm(void)
{
	create();
	expect_value(vcpus[0], GET_IMPL_ID, 0, 3);
	expect_value(vcpus[1], GET_IMPL_ID, -1UL, 3);
}

static void version_is_the_kernels(void)
{
	unsigned int version, patchlevel, sublevel = 0;
	struct utsname name;
	unsigned long code;

	uname(&name);
	TEST_ASSERT(sscanf(name.release, "%u.%u.%u", &version, &patchlevel, &sublevel) >= 2,
		    "the kernel's release is '%s'", name.release);
	/* As the kernel's own LINUX_VERSION_CODE: later stable releases are all 255. */
	code = version << 16 | patchlevel << 8 | (sublevel > 255 ? 255 : sublevel);

	create();
	expect_value(vcpus[0], GET_IMPL_VERSION, 0, code);
	expect_value(vcpus[1], GET_IMPL_VERSION, -1UL, code);
}

static void machine_ids_by_default(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		struct kvm_vcpu *vcpu = vcpus[i];

		expect_value(vcpu, GET_MVENDORID, 0,
			     vcpu_get_reg(vcpu, RISCV_CONFIG_REG(mvendorid)));
		expect_value(vcpu, GET_MARCHID, 0,
			     vcpu_get_reg(vcpu, RISCV_CONFIG_REG(marchid)));
		expect_value(vcpu, GET_MIMPID, 0,
			     vcpu_get_reg(vcpu, RISCV_CONFIG_REG(mimpid)));
	}
}

/* Another one for each register and vCPU, of all widths. */
static void machine_ids_of_user_space(void)
{
	static const unsigned long wanted[][3] = {
		{ 0x489, 0x8000000000000007, 0x4210427 },
		{ -1UL, 0x5b7, 0x123456789abcdef0 },
		{ 0x80000000, 0, -2UL },
		{ 0, 1UL << 32, 0xffffffff },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		const unsigned long *other = wanted[(i + 1) % ARRAY_SIZE(wanted)];
		struct kvm_vm *vm = create();
		unsigned int j;

		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			const unsigned long *set = j ? other : wanted[i];

			vcpu_set_reg(vcpus[j], RISCV_CONFIG_REG(mvendorid), set[0]);
			vcpu_set_reg(vcpus[j], RISCV_CONFIG_REG(marchid), set[1]);
			vcpu_set_reg(vcpus[j], RISCV_CONFIG_REG(mimpid), set[2]);
		}
		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			const unsigned long *set = j ? other : wanted[i];

			expect_value(vcpus[j], GET_MVENDORID, -1UL, set[0]);
			expect_value(vcpus[j], GET_MARCHID, -1UL, set[1]);
			expect_value(vcpus[j], GET_MIMPID, -1UL, set[2]);
		}
		kvm_vm_free(vm);
	}
}

static void machine_ids_stay_after_a_run(void)
{
	unsigned long set;

	create();
	vcpu_set_reg(vcpus[0], RISCV_CONFIG_REG(mvendorid), 0x489);
	expect_value(vcpus[0], GET_MVENDORID, 0, 0x489);

	set = 0x5b7;
	sbi_expect(__vcpu_set_reg(vcpus[0], RISCV_CONFIG_REG(mvendorid), set) && errno == EBUSY,
		   "mvendorid could be set after the vCPU had run, or errno %d", errno);
	expect_value(vcpus[0], GET_MVENDORID, 0, 0x489);
}

static void probe_by_default(void)
{
	unsigned int i;

	create();
	expect_probe(vcpus[0], SBI_EXT_BASE, 1);
	for (i = 0; i < ARRAY_SIZE(extensions); i++)
		expect_probe(vcpus[0], extensions[i].id,
			     exists(vcpus[0], extensions[i].index) &&
			     enabled(vcpus[0], extensions[i].index));
}

/* The first vCPU has all but one, the second one only that one. */
static void probe_one_by_one(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(extensions); i++) {
		struct kvm_vm *vm = create();

		for (j = 0; j < ARRAY_SIZE(extensions); j++) {
			if (!exists(vcpus[0], extensions[j].index))
				continue;
			enable(vcpus[0], extensions[j].index, i != j);
			enable(vcpus[1], extensions[j].index, i == j);
		}
		for (j = 0; j < ARRAY_SIZE(extensions); j++) {
			bool there = exists(vcpus[0], extensions[j].index);

			expect_probe(vcpus[0], extensions[j].id, there && i != j);
			expect_probe(vcpus[1], extensions[j].id, there && i == j);
		}
		expect_probe(vcpus[1], SBI_EXT_BASE, 1);
		kvm_vm_free(vm);
	}
}

static void probe_unknown_ids(void)
{
	static const unsigned long unknown[] = {
		0x9, 0xf, 0x11, 0xff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
		/* Around the ranges of which user space knows, and the firmware's range. */
		EXPERIMENTAL_FIRST - 1, VENDOR_LAST + 1, 0x0affffff,
		EXPERIMENTAL_FIRST | 1UL << 32, VENDOR_LAST | 1UL << 63,
		/* CPPC, NACL, SSE and DBTR, which KVM does not have for its guests. */
		0x43505043, 0x4e41434c, 0x535345, 0x44425452,
		0x100000000, 0x100000010, 0x8000000000000010, LONG_MAX, 1UL << 63, -2UL,
	};
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		expect_probe(vcpus[0], unknown[i], 0);

	for (i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (exists(vcpus[1], extensions[i].index))
			enable(vcpus[1], extensions[i].index, true);
	}
	for (i = 0; i < ARRAY_SIZE(extensions); i++) {
		expect_probe(vcpus[1], extensions[i].id - 1, 0);
		expect_probe(vcpus[1], extensions[i].id + 1, 0);
		expect_probe(vcpus[1], extensions[i].id | 1UL << 32, 0);
		expect_probe(vcpus[1], extensions[i].id << 32, 0);
	}
}

static void probe_legacy_ids(void)
{
	unsigned long id;

	create();
	enable(vcpus[0], KVM_RISCV_SBI_EXT_V01, false);
	for (id = FIRST_LEGACY; id <= LAST_LEGACY; id++)
		expect_probe(vcpus[0], id, 0);
}

/* ONE_REG has such an extension nevertheless. */
static bool is_compiled_out(struct kvm_vcpu *vcpu, unsigned int index, unsigned long id)
{
	return enabled(vcpu, index) && !sbi_call(vcpu, SBI_EXT_BASE, PROBE_EXTENSION, id).value;
}

static void probe_all_ones(void)
{
	create();
	if (!is_compiled_out(vcpus[0], KVM_RISCV_SBI_EXT_V01, FIRST_LEGACY) &&
	    !is_compiled_out(vcpus[0], KVM_RISCV_SBI_EXT_PMU, SBI_EXT_PMU))
		sbi_skip("neither the legacy extension nor the PMU is compiled out");
	expect_probe(vcpus[0], -1UL, 0);
}

static void call_all_ones(void)
{
	unsigned long function;

	create();
	for (function = 0; function < 4; function++)
		sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, -1UL, function, 1, 2);
}

static void unknown_functions(void)
{
	create();
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_BASE, NR_FUNCTIONS,
				     (const unsigned long[6]) { SBI_EXT_TIME, 1, 2 });
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_BASE, NR_FUNCTIONS,
				     (const unsigned long[6]) { EXPERIMENTAL_FIRST, -1UL });
}

/* On the C, each ends KVM_RUN: the rest of that vCPU's calls would show nothing. */
static void probe_disabled_range(unsigned int index, unsigned long first, unsigned long last)
{
	create();
	enable(vcpus[0], index, false);
	enable(vcpus[1], index, false);
	if (expect_probe(vcpus[0], first, 0))
		expect_probe(vcpus[0], first + 0x1234, 0);
	expect_probe(vcpus[1], last, 0);
}

static void probe_disabled_experimental(void)
{
	probe_disabled_range(KVM_RISCV_SBI_EXT_EXPERIMENTAL, EXPERIMENTAL_FIRST,
			     EXPERIMENTAL_LAST);
}

static void probe_disabled_vendor(void)
{
	probe_disabled_range(KVM_RISCV_SBI_EXT_VENDOR, VENDOR_FIRST, VENDOR_LAST);
}

/* Ids of the ranges that are enabled by default. */
static const unsigned long forwarded[] = {
	EXPERIMENTAL_FIRST, EXPERIMENTAL_FIRST + 0x1234, EXPERIMENTAL_LAST,
	VENDOR_FIRST, VENDOR_FIRST + 0x5678, VENDOR_LAST,
};

static void user_space_answers(void)
{
	static const struct {
		long error;
		unsigned long value;
	} answers[] = {
		{ SBI_SUCCESS, 1 }, { SBI_SUCCESS, 0 }, { SBI_SUCCESS, 1UL << 63 },
		{ SBI_ERR_NOT_SUPPORTED, 0 }, { SBI_ERR_DENIED, -1UL },
	};
	unsigned int i, j;

	create();
	for (i = 0; i < ARRAY_SIZE(forwarded); i++) {
		for (j = 0; j < ARRAY_SIZE(answers); j++) {
			if (!user_space_gets(vcpus[0], SBI_EXT_BASE, PROBE_EXTENSION,
					     forwarded[i], -1UL, 3, 1UL << 63, 5, 6))
				return;
			vcpus[0]->run->riscv_sbi.ret[0] = answers[j].error;
			vcpus[0]->run->riscv_sbi.ret[1] = answers[j].value;
			if (!guest_gets(vcpus[0], answers[j].error, answers[j].value))
				return;
		}
	}
}

static void user_space_says_nothing(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(forwarded); i++) {
		if (!user_space_gets(vcpus[0], SBI_EXT_BASE, PROBE_EXTENSION, forwarded[i], 1) ||
		    !guest_gets(vcpus[0], SBI_SUCCESS, 0))
			return;
	}
}

/* That one range is disabled, or is for another vCPU, is nothing to the other one. */
static void ranges_are_apart(void)
{
	create();
	enable(vcpus[0], KVM_RISCV_SBI_EXT_EXPERIMENTAL, false);
	enable(vcpus[1], KVM_RISCV_SBI_EXT_VENDOR, false);

	if (user_space_gets(vcpus[0], SBI_EXT_BASE, PROBE_EXTENSION, VENDOR_FIRST)) {
		vcpus[0]->run->riscv_sbi.ret[0] = SBI_SUCCESS;
		vcpus[0]->run->riscv_sbi.ret[1] = 1;
		guest_gets(vcpus[0], SBI_SUCCESS, 1);
	}
	if (user_space_gets(vcpus[1], SBI_EXT_BASE, PROBE_EXTENSION, EXPERIMENTAL_LAST)) {
		vcpus[1]->run->riscv_sbi.ret[0] = SBI_SUCCESS;
		vcpus[1]->run->riscv_sbi.ret[1] = 2;
		guest_gets(vcpus[1], SBI_SUCCESS, 2);
	}
}

static void statistics(void)
{
	unsigned long function;
	u64 before;

	create();
	for (function = 0; function <= NR_FUNCTIONS; function++)
		sbi_expect_no_statistics(vcpus[0], SBI_EXT_BASE, function,
					 (const unsigned long[6]) { SBI_EXT_TIME });

	before = sbi_stat(vcpus[0], "ecall_exit_stat");
	if (user_space_gets(vcpus[0], SBI_EXT_BASE, PROBE_EXTENSION, VENDOR_FIRST))
		sbi_expect(sbi_stat(vcpus[0], "ecall_exit_stat") == before + 1,
			   "ecall_exit_stat went up by %lu over a probe for user space, wanted 1",
			   sbi_stat(vcpus[0], "ecall_exit_stat") - before);
}

static const struct sbi_case cases[] = {
	{ "the specification is version 3.0", specification_is_3_0,
	  .conforms = REQUIREMENTS("BASE.get_spec_version.SUCCESS",
				   "BASE.get_spec_version.reserved") },
	{ "the implementation is KVM", implementation_is_kvm,
	  .conforms = REQUIREMENTS("BASE.get_impl_id.SUCCESS") },
	{ "the implementation's version is the kernel's", version_is_the_kernels,
	  .conforms = REQUIREMENTS("BASE.get_impl_version.SUCCESS") },
	{ "mvendorid, marchid and mimpid are those that ONE_REG reads", machine_ids_by_default,
	  .conforms = REQUIREMENTS("BASE.get_mvendorid.SUCCESS", "BASE.get_marchid.SUCCESS",
				   "BASE.get_mimpid.SUCCESS") },
	{ "mvendorid, marchid and mimpid are those that ONE_REG has written",
	  machine_ids_of_user_space,
	  .conforms = REQUIREMENTS("BASE.get_mvendorid.SUCCESS", "BASE.get_marchid.SUCCESS",
				   "BASE.get_mimpid.SUCCESS") },
	{ "mvendorid stays as it is once the vCPU has run", machine_ids_stay_after_a_run },
	{ "a probe says 1 of what is enabled by default, 0 of what is not", probe_by_default,
	  .conforms = REQUIREMENTS("BASE.probe_extension.available",
				   "BASE.probe_extension.unavailable") },
	{ "a probe says of each extension whether this vCPU has it", probe_one_by_one,
	  .conforms = REQUIREMENTS("BASE.probe_extension.available",
				   "BASE.probe_extension.unavailable", "BASE.available") },
	{ "a probe says 0 of ids that are none", probe_unknown_ids,
	  .conforms = REQUIREMENTS("BASE.probe_extension.unavailable",
				   "BASE.probe_extension.SUCCESS", "CPPC.probe", "NACL.probe",
				   "SSE.probe", "DBTR.probe") },
	{ "a probe says 0 of the legacy ids if they are disabled", probe_legacy_ids,
	  .conforms = REQUIREMENTS("BASE.probe_extension.unavailable") },
	{ "[B2] a probe says 0 of -1", probe_all_ones,
	  .conforms = REQUIREMENTS("BASE.probe_extension.unavailable") },
	{ "a call of extension -1 is NOT_SUPPORTED", call_all_ones },
	{ "an unknown function is NOT_SUPPORTED", unknown_functions,
	  .conforms = REQUIREMENTS("BASE.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "[B1] a probe says 0 of experimental ids if they are disabled",
	  probe_disabled_experimental,
	  .conforms = REQUIREMENTS("BASE.probe_extension.SUCCESS") },
	{ "[B1] a probe says 0 of vendor ids if they are disabled", probe_disabled_vendor,
	  .conforms = REQUIREMENTS("BASE.probe_extension.SUCCESS") },
	{ "a probe of an experimental or vendor id is for user space to answer",
	  user_space_answers },
	{ "[B1] a probe that user space does not answer says 0", user_space_says_nothing,
	  .conforms = REQUIREMENTS("BASE.probe_extension.SUCCESS") },
	{ "experimental and vendor ids are enabled apart, and for each vCPU", ranges_are_apart },
	{ "the calls change no statistics but the exits and those to user space", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
