// SPDX-License-Identifier: GPL-2.0
/*
 * What all SBI extensions have in common: who answers a call, who may have an
 * extension, and how a call ends that user space has answered.
 */
#include <errno.h>

#include "firmware_event.h"
#include "one_reg.h"
#include "user_space_call.h"

#define SBI_EXT_BASE		0x10
#define SBI_EXT_HSM		0x48534d
#define HART_START		0
#define EXPERIMENTAL		0x08000000
#define VENDOR_LAST		0x09ffffff

#define MULTI_EN(n) \
	(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_MULTI_EN | (n))
#define MULTI_DIS(n) \
	(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_MULTI_DIS | (n))
#define SINGLE(n)		RISCV_SBI_EXT_REG(n)

#define NR_EXTENSIONS		KVM_RISCV_SBI_EXT_MAX
#define ALL_EXTENSIONS		(BIT(NR_EXTENSIONS) - 1)

/* In the order of their numbers in ONE_REG; and a call of each, with what it gives. */
static const struct extension {
	const char *name;
	unsigned long id;
	bool by_default, for_user_space;
	unsigned long function, args[6];
	long error;
} extensions[NR_EXTENSIONS] = {
	{ "V01", -1UL, true },
	{ "TIME", 0x54494d45, true, false, 0, { -1UL }, SBI_SUCCESS },
	{ "IPI", 0x735049, true, false, 0, { 0, 0 }, SBI_SUCCESS },
	{ "RFENCE", 0x52464e43, true, false, 0, { 0, 0 }, SBI_SUCCESS },
	/* One that resets nothing gives another error on the C (Q1). */
	{ "SRST", -1UL, true },
	{ "HSM", SBI_EXT_HSM, true, false, 3, { 1 }, SBI_ERR_INVALID_PARAM },
	{ "PMU", 0x504d55, true, false, 5, { 999 }, SBI_ERR_INVALID_PARAM },
	{ "EXPERIMENTAL", EXPERIMENTAL + 5, true, true },
	{ "VENDOR", VENDOR_LAST, true, true },
	{ "DBCN", 0x4442434e, false, true },
	{ "STA", 0x535441, true, false, 0, { 0, 0, 1 }, SBI_ERR_INVALID_PARAM },
	{ "SUSP", 0x53555350, false, false, 0, { 1 }, SBI_ERR_INVALID_PARAM },
	{ "FWFT", 0x46574654, true, false, 1, { 6 }, SBI_ERR_DENIED },
	{ "MPXY", 0x4d505859, false, true },
};

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;

static bool pmu_compiled_in;

/* The extensions that the host can offer, a bit for each; and those that are enabled. */
static unsigned long available, enabled;

static void create(void)
{
	unsigned int i;
	u64 value;

	pmu_compiled_in = firmware_events_compiled_in();
	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	available = 0;
	enabled = 0;
	for (i = 0; i < NR_EXTENSIONS; i++) {
		if (one_reg_get(vcpus[0], SINGLE(i), &value))
			continue;
		available |= BIT(i);
		enabled |= extensions[i].by_default ? BIT(i) : 0;
	}
	/* Only the PMU depends on the host's CPU. */
	sbi_expect((available | BIT(KVM_RISCV_SBI_EXT_PMU)) == ALL_EXTENSIONS,
		   "available are 0x%lx", available);
}

static bool not_supported(struct kvm_vcpu *vcpu, unsigned long extension)
{
	static const unsigned long args[6] = { -1UL, 1, 2, 3, 4, 5 };
	unsigned int function;

	for (function = 0; function < 8; function++) {
		if (!sbi_expect_call_args(vcpu, SBI_ERR_NOT_SUPPORTED, extension, function, args))
			return false;
	}
	return true;
}

static void unknown_ids(void)
{
	static const unsigned long unknown[] = {
		9, 0xf, 0x11, 0xff, 0x504d54, 0x504d56, 0x735048, 0x73504a, 0x48534c, 0x48534e,
		0x54494d44, 0x54494d46, 0x52464e42, 0x52464e44, 0x53525353, 0x53525355,
		/* SSE, DBTR, CPPC, NACL: those that KVM has not got */
		0x535345, 0x44425452, 0x43505043, 0x4e41434c,
		0x07ffffff, 0x0a000000, 0x0affffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x100000010, 0x154494d45, 0x80000000535441, 0x1080000000,
		1UL << 63, LONG_MAX, -2UL, -1UL,
	};
	unsigned long random = 88172645463325252;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		not_supported(vcpus[0], unknown[i]);

	for (i = 0; i < 200; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		/* No known one has a bit above these. */
		if (random >> 32)
			sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, random, 0);
	}
}

/* The guest finds the extensions of @enabled, and no others. */
static void expect_guest_has(struct kvm_vcpu *vcpu, unsigned long which)
{
	unsigned int i;

	for (i = 0; i < NR_EXTENSIONS; i++) {
		const struct extension *extension = &extensions[i];

		if (extension->id == -1UL)
			continue;
		if (!(which & BIT(i)) || (i == KVM_RISCV_SBI_EXT_PMU && !pmu_compiled_in)) {
			not_supported(vcpu, extension->id);
		} else if (extension->for_user_space) {
			if (user_space_gets(vcpu, extension->id, 0, 1, 2, 3, 4, 5, 6))
				guest_gets(vcpu, SBI_ERR_NOT_SUPPORTED, 0);
		} else if (i == KVM_RISCV_SBI_EXT_PMU) {
			struct sbi_outcome is = sbi_call(vcpu, extension->id, 0);

			sbi_expect(is.returned && !is.error, "PMU does not answer: %ld", is.error);
		} else {
			sbi_expect_call_args(vcpu, extension->error, extension->id,
					     extension->function, extension->args);
		}
	}
}

static void by_default(void)
{
	unsigned int i;

	create();
	for (i = 0; i < NR_EXTENSIONS; i++) {
		if (available & BIT(i))
			one_reg_is(vcpus[0], SINGLE(i), extensions[i].by_default);
	}
	one_reg_is(vcpus[0], MULTI_EN(0), enabled);
	expect_guest_has(vcpus[0], enabled);
}

static void one_by_one(void)
{
	unsigned int i;

	for (i = 0; i < NR_EXTENSIONS; i++) {
		create();
		if (available & BIT(i)) {
			one_reg_set_gives(vcpus[0], SINGLE(i), 0, 0);
			one_reg_is(vcpus[0], SINGLE(i), 0);
			/* The other one has it still. */
			one_reg_is(vcpus[1], SINGLE(i), extensions[i].by_default);
			expect_guest_has(vcpus[0], enabled & ~BIT(i));
			one_reg_set_gives(vcpus[1], SINGLE(i), 1, 0);
			one_reg_is(vcpus[1], SINGLE(i), 1);
			expect_guest_has(vcpus[1], enabled | BIT(i));
		} else {
			one_reg_get_gives(vcpus[0], SINGLE(i), ENOENT);
			one_reg_set_gives(vcpus[0], SINGLE(i), 0, ENOENT);
			one_reg_set_gives(vcpus[0], SINGLE(i), 1, ENOENT);
		}
		kvm_vm_free(vm);
	}
}

static void all_or_none(void)
{
	create();
	one_reg_set_gives(vcpus[0], MULTI_EN(0), -1UL, 0);
	one_reg_is(vcpus[0], MULTI_EN(0), available);
	one_reg_is(vcpus[0], MULTI_DIS(0), ~available);
	expect_guest_has(vcpus[0], available);

	one_reg_set_gives(vcpus[1], MULTI_DIS(0), -1UL, 0);
	one_reg_is(vcpus[1], MULTI_EN(0), 0);
	one_reg_is(vcpus[1], MULTI_DIS(0), -1UL);
	expect_guest_has(vcpus[1], 0);
	/* Base is no extension that could go. */
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_BASE, PROBE_EXTENSION, SBI_EXT_HSM);
}

static void values(void)
{
	static const unsigned long invalid[] = { 2, 3, 0x100, 1UL << 32, 1UL << 63, -1UL };
	unsigned int i, j;

	create();
	for (i = 0; i < NR_EXTENSIONS; i++) {
		if (!(available & BIT(i)))
			continue;
		for (j = 0; j < ARRAY_SIZE(invalid); j++)
			one_reg_set_gives(vcpus[0], SINGLE(i), invalid[j], EINVAL);
		one_reg_is(vcpus[0], SINGLE(i), extensions[i].by_default);
	}
}

static void none_such(void)
{
	static const u64 numbers[] = { NR_EXTENSIONS, NR_EXTENSIONS + 1, 63, 64, 0x100, 0xffff };
	unsigned int i, subtype;

	create();
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		one_reg_get_gives(vcpus[0], SINGLE(numbers[i]), ENOENT);
		one_reg_set_gives(vcpus[0], SINGLE(numbers[i]), 1, ENOENT);
	}
	for (i = 1; i < 4; i++) {
		one_reg_get_gives(vcpus[0], MULTI_EN(i), ENOENT);
		one_reg_set_gives(vcpus[0], MULTI_EN(i), 1, ENOENT);
		one_reg_get_gives(vcpus[0], MULTI_DIS(i), ENOENT);
		one_reg_set_gives(vcpus[0], MULTI_DIS(i), 1, ENOENT);
	}
	for (subtype = 3; subtype < 256; subtype += 11) {
		u64 id = SINGLE(0) | (u64)subtype << KVM_REG_RISCV_SUBTYPE_SHIFT;

		one_reg_get_gives(vcpus[0], id, ENOENT);
		one_reg_set_gives(vcpus[0], id, 1, ENOENT);
	}
	one_reg_is(vcpus[0], MULTI_EN(0), enabled);
}

static void other_sizes(void)
{
	u64 size, ids[] = { SINGLE(1), MULTI_EN(0), MULTI_DIS(0) };
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		for (size = KVM_REG_SIZE_U8; size <= KVM_REG_SIZE_U2048; size += KVM_REG_SIZE_U16) {
			u64 id = (ids[i] & ~KVM_REG_SIZE_MASK) | size;

			if (size == KVM_REG_SIZE_U64)
				continue;
			one_reg_get_gives(vcpus[0], id, EINVAL);
			one_reg_set_gives(vcpus[0], id, 1, EINVAL);
		}
	}
	one_reg_is(vcpus[0], MULTI_EN(0), enabled);
}

static void bad_pointers(void)
{
	u64 ids[] = { SINGLE(1), MULTI_EN(0), MULTI_DIS(0) };
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		sbi_expect(one_reg_get_at(vcpus[0], ids[i], NULL) == EFAULT, "NULL can be written");
		sbi_expect(one_reg_set_at(vcpus[0], ids[i], NULL) == EFAULT, "NULL can be read");
		sbi_expect(one_reg_set_at(vcpus[0], ids[i], (void *)-4096L) == EFAULT,
			   "the kernel's memory can be read");
	}
	one_reg_is(vcpus[0], MULTI_EN(0), enabled);
}

static void after_a_run(void)
{
	unsigned int i;

	create();
	sbi_enter(vcpus[0]);
	for (i = 0; i < NR_EXTENSIONS; i++) {
		one_reg_set_gives(vcpus[0], SINGLE(i), 0, EBUSY);
		one_reg_set_gives(vcpus[0], SINGLE(i), 1, EBUSY);
		if (available & BIT(i))
			one_reg_is(vcpus[0], SINGLE(i), extensions[i].by_default);
	}
	one_reg_set_gives(vcpus[0], MULTI_EN(0), 0, EBUSY);
	one_reg_set_gives(vcpus[0], MULTI_DIS(0), 0, EBUSY);
	one_reg_is(vcpus[0], MULTI_EN(0), enabled);
	expect_guest_has(vcpus[0], enabled);
	/* The other one has not run. */
	one_reg_set_gives(vcpus[1], SINGLE(1), 0, 0);
}

static void those_there(void)
{
	u64 list[64];
	unsigned int i, count, wanted = 0;

	create();
	/* Whether it is enabled or not. */
	one_reg_set_gives(vcpus[0], SINGLE(1), 0, 0);
	one_reg_set_gives(vcpus[0], SINGLE(KVM_RISCV_SBI_EXT_DBCN), 1, 0);
	count = one_reg_list(vcpus[0], KVM_REG_RISCV_SBI_EXT, list, ARRAY_SIZE(list));
	for (i = 0; i < NR_EXTENSIONS; i++) {
		if (!(available & BIT(i)))
			continue;
		sbi_expect(wanted < count && list[wanted] == SINGLE(i),
			   "%s is not listed in its place", extensions[i].name);
		wanted++;
	}
	sbi_expect(count == wanted, "%u are listed, wanted %u", count, wanted);
}

/* Single and multiple registers in any order, beside a model of one word. */
static void random_walk(void)
{
	unsigned long random = 2463534242, model;
	unsigned int walk, i;

	for (walk = 0; walk < 20; walk++) {
		create();
		model = enabled;
		for (i = 0; i < 50; i++) {
			unsigned int number;
			unsigned long bits;

			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			number = (random >> 8) % (NR_EXTENSIONS + 2);
			bits = random >> 20;

			switch (random & 3) {
			case 0:
				one_reg_set_gives(vcpus[0], MULTI_EN(0), bits, 0);
				model |= bits & available;
				break;
			case 1:
				one_reg_set_gives(vcpus[0], MULTI_DIS(0), bits, 0);
				model &= ~bits;
				break;
			default:
				bits = bits % 3;
				one_reg_set_gives(vcpus[0], SINGLE(number), bits,
						  bits > 1 ? EINVAL :
						  available & BIT(number) ? 0 : ENOENT);
				if (bits > 1 || !(available & BIT(number)))
					break;
				model = (model & ~BIT(number)) | bits << number;
			}
			one_reg_is(vcpus[0], MULTI_EN(0), model);
			one_reg_is(vcpus[0], MULTI_DIS(0), ~model);
			if (available & BIT(number))
				one_reg_is(vcpus[0], SINGLE(number), !!(model & BIT(number)));
		}
		expect_guest_has(vcpus[0], model);
		kvm_vm_free(vm);
	}
}

/* Breakpoints, so that a guest that is somewhere else is seen there. */
extern char guest_breakpoints[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_breakpoints: ebreak\n"
	"ebreak\n"
	"ebreak\n"
	"ebreak\n"
	".option pop\n"
	".popsection");

#define A0_BEFORE	0x1111222233334444
#define A1_BEFORE	0x5555666677778888

/* User space says that it has answered a call. */
static void forge(struct kvm_vcpu *vcpu, long error)
{
	vcpu->run->exit_reason = KVM_EXIT_RISCV_SBI;
	vcpu->run->riscv_sbi.ret[0] = error;
	vcpu->run->riscv_sbi.ret[1] = 0x4321;
}

static void place(struct kvm_vcpu *vcpu)
{
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), (u64)guest_breakpoints);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.a0), A0_BEFORE);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.a1), A1_BEFORE);
}

/* The guest is where place() has put it, and as it was. */
static bool starts_there(struct kvm_vcpu *vcpu)
{
	if (!sbi_run_on(vcpu))
		return false;
	return one_reg_is(vcpu, RISCV_CORE_REG(regs.pc), (u64)guest_breakpoints) &&
	       one_reg_is(vcpu, RISCV_CORE_REG(regs.a0), A0_BEFORE) &&
	       one_reg_is(vcpu, RISCV_CORE_REG(regs.a1), A1_BEFORE);
}

static void forged_on_a_fresh_vcpu(void)
{
	create();
	place(vcpus[0]);
	forge(vcpus[0], SBI_SUCCESS);
	starts_there(vcpus[0]);
	/* Nor on one that has run, and has made no call for user space. */
	place(vcpus[0]);
	forge(vcpus[0], SBI_ERR_FAILURE);
	starts_there(vcpus[0]);
}

static void forged_later(void)
{
	create();
	if (!user_space_gets(vcpus[0], EXPERIMENTAL, 0, 1, 2, 3, 4, 5, 6) ||
	    !guest_gets(vcpus[0], SBI_ERR_NOT_SUPPORTED, 0))
		return;
	place(vcpus[0]);
	forge(vcpus[0], SBI_SUCCESS);
	starts_there(vcpus[0]);
}

/* A call that is not answered before the VMM puts the guest somewhere else. */
static void moved_meanwhile(void)
{
	create();
	if (!user_space_gets(vcpus[0], EXPERIMENTAL, 0, 1, 2, 3, 4, 5, 6))
		return;
	place(vcpus[0]);
	starts_there(vcpus[0]);
	/* It is not left over for later either. */
	place(vcpus[0]);
	forge(vcpus[0], SBI_SUCCESS);
	starts_there(vcpus[0]);
}

/* Or resets it. */
static void reset_meanwhile(void)
{
	struct kvm_mp_state init = { .mp_state = KVM_MP_STATE_INIT_RECEIVED };
	u64 satp, stvec;

	create();
	vm_enable_cap(vm, KVM_CAP_RISCV_MP_STATE_RESET, 0);
	satp = vcpu_get_reg(vcpus[0], RISCV_GENERAL_CSR_REG(satp));
	stvec = vcpu_get_reg(vcpus[0], RISCV_GENERAL_CSR_REG(stvec));
	if (!user_space_gets(vcpus[0], EXPERIMENTAL, 0, 1, 2, 3, 4, 5, 6))
		return;
	vcpu_mp_state_set(vcpus[0], &init);
	vcpu_set_reg(vcpus[0], RISCV_GENERAL_CSR_REG(satp), satp);
	vcpu_set_reg(vcpus[0], RISCV_GENERAL_CSR_REG(stvec), stvec);
	place(vcpus[0]);
	starts_there(vcpus[0]);
}

/* The answer is taken once, however often KVM_RUN comes back before the guest runs. */
static void answered_once(void)
{
	create();
	if (!user_space_gets(vcpus[0], EXPERIMENTAL, 0, 1, 2, 3, 4, 5, 6))
		return;
	vcpus[0]->run->riscv_sbi.ret[0] = 77;
	vcpus[0]->run->riscv_sbi.ret[1] = 88;
	vcpus[0]->run->immediate_exit = 1;
	sbi_expect(__vcpu_run(vcpus[0]) && errno == EINTR, "KVM_RUN gives errno %d", errno);
	vcpus[0]->run->riscv_sbi.ret[0] = 99;
	sbi_expect(__vcpu_run(vcpus[0]) && errno == EINTR, "KVM_RUN gives errno %d", errno);
	vcpus[0]->run->immediate_exit = 0;
	guest_gets(vcpus[0], 77, 88);
}

/* Any answer is the guest's, and all of it. */
static void any_answer(void)
{
	static const unsigned long answers[] = {
		0, 1, -1UL, SBI_ERR_NOT_SUPPORTED, LONG_MAX, 1UL << 63, 0x0123456789abcdef,
	};
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		if (!user_space_gets(vcpus[0], EXPERIMENTAL, i, 1, 2, 3, 4, 5, 6))
			return;
		vcpus[0]->run->riscv_sbi.ret[0] = answers[i];
		vcpus[0]->run->riscv_sbi.ret[1] = ~answers[i];
		guest_gets(vcpus[0], answers[i], ~answers[i]);
	}
}

static const struct sbi_case cases[] = {
	{ "an unknown extension is NOT_SUPPORTED, with 0 in a1", unknown_ids,
	  .conforms = REQUIREMENTS("ABI.extension.NOT_SUPPORTED", "ABI.registers",
				   "CPPC.NOT_SUPPORTED", "NACL.NOT_SUPPORTED", "SSE.NOT_SUPPORTED",
				   "DBTR.NOT_SUPPORTED", "SPACE.firmware") },
	{ "each extension is enabled by default, or not", by_default },
	{ "ONE_REG enables and disables each one", one_by_one },
	{ "ONE_REG enables and disables all", all_or_none },
	{ "a value other than 0 and 1 is EINVAL", values },
	{ "what is not there is ENOENT", none_such },
	{ "another size than 8 bytes is EINVAL", other_sizes },
	{ "a bad pointer is EFAULT", bad_pointers },
	{ "after the first run it is EBUSY", after_a_run },
	{ "those that can be enabled are listed", those_there },
	{ "a random walk through the states gives what a model says", random_walk },
	{ "[U1] an exit that was never made is not completed: a vCPU without one",
	  forged_on_a_fresh_vcpu },
	{ "an exit that was never made is not completed: after a call", forged_later },
	{ "[U1] a call is not completed where the VMM has moved the guest", moved_meanwhile },
	{ "[U1] a call is not completed where the VMM has reset the vCPU", reset_meanwhile },
	{ "a call is completed once", answered_once },
	{ "whatever user space answers is the guest's", any_answer,
	  .conforms = REQUIREMENTS("ABI.sbiret") },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
