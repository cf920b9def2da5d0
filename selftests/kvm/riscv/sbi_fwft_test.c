// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI Firmware Features extension (SBI v3.0, chapter 18).
 */
#include <errno.h>

#include "hypervisor_csr.h"
#include "one_reg.h"
#include "user_space_call.h"

#define SBI_EXT_FWFT		0x46574654
#define SET			0
#define GET			1
#define LOCK			1UL

#define SBI_EXT_HSM		0x48534d
#define HART_START		0

#define SBI_EXT_SUSP		0x53555350
#define SYSTEM_SUSPEND		0

#define DENIED_LOCKED		(-14)

#define MISALIGNED_EXC_DELEG	0
#define POINTER_MASKING_PMLEN	5

#define FWFT_REG(name) \
	SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, KVM_REG_RISCV_SBI_FWFT_REG(name))
#define EXTENSION		RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_FWFT)
#define SMNPM			RISCV_ISA_EXT_REG(KVM_RISCV_ISA_EXT_SMNPM)

#define PMM(henvcfg)		((henvcfg) >> 32 & 3)
#define MISALIGNED		(BIT(4) | BIT(6))

static const struct feature {
	u32 id;
	u64 enable, flags, value;
} misaligned = {
	MISALIGNED_EXC_DELEG, FWFT_REG(misaligned_deleg.enable),
	FWFT_REG(misaligned_deleg.flags), FWFT_REG(misaligned_deleg.value),
}, masking = {
	POINTER_MASKING_PMLEN, FWFT_REG(pointer_masking.enable),
	FWFT_REG(pointer_masking.flags), FWFT_REG(pointer_masking.value),
};

static const struct feature * const features[] = { &misaligned, &masking };

static const u32 ids[] = { 0, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;

static void create(void)
{
	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP), 1);
}

static bool has(const struct feature *feature)
{
	u64 value;

	return !one_reg_get(vcpus[0], feature->enable, &value);
}

static void create_with_masking(void)
{
	create();
	if (!has(&masking))
		sbi_skip("this CPU has no pointer masking");
}

static bool set_gives(struct kvm_vcpu *vcpu, long error, unsigned long feature,
		      unsigned long value, unsigned long flags)
{
	return sbi_expect_call(vcpu, error, SBI_EXT_FWFT, SET, feature, value, flags);
}

static bool get_fails(struct kvm_vcpu *vcpu, long error, unsigned long feature)
{
	return sbi_expect_call(vcpu, error, SBI_EXT_FWFT, GET, feature);
}

/* The guest and the VMM read this value. */
static bool is(struct kvm_vcpu *vcpu, const struct feature *feature, unsigned long value)
{
	struct sbi_outcome got = sbi_call(vcpu, SBI_EXT_FWFT, GET, feature->id);

	return sbi_expect(got.returned && !got.error && got.value == value,
			  "get(%u) gives %ld, 0x%lx; wanted 0, 0x%lx", feature->id,
			  got.error, got.value, value) &&
	       one_reg_is(vcpu, feature->value, value);
}

/* The lengths that the hardware has: at least one. */
static unsigned int lengths(unsigned long of[3])
{
	static const unsigned long possible[] = { 7, 16 };
	unsigned int i, count = 0;

	for (i = 0; i < ARRAY_SIZE(possible); i++) {
		int error = one_reg_set(vcpus[1], masking.value, possible[i]);

		if (!error)
			of[count++] = possible[i];
		else
			sbi_expect(error == EINVAL, "PMLEN %lu: errno %d", possible[i], error);
	}
	one_reg_set_gives(vcpus[1], masking.value, 0, 0);
	sbi_expect(count, "pointer masking is there, and has no length");
	of[count] = 0;
	return count;
}

/* Any that is not 0. */
static unsigned long a_length(void)
{
	unsigned long all[3] = {};

	lengths(all);
	return all[0];
}

static void is_there(void)
{
	struct sbi_outcome probe;

	create();
	one_reg_is(vcpus[0], EXTENSION, 1);
	probe = sbi_call(vcpus[0], 0x10, 3, SBI_EXT_FWFT);
	sbi_expect(!probe.error && probe.value == 1, "a probe gives %ld, 0x%lx",
		   probe.error, probe.value);
}

static void reserved_features(void)
{
	static const unsigned long reserved[] = {
		6, 7, 8, 0x3fffffff, 0x40000000, 0x40000005, 0x7fffffff, 0x80000000, 0x80000005,
		0xbfffffff, 0xc0000000, 0xffffffff, 0x100000006, -1UL,
	};
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		set_gives(vcpus[0], SBI_ERR_DENIED, reserved[i], 0, 0);
		set_gives(vcpus[0], SBI_ERR_DENIED, reserved[i], 1, LOCK);
		set_gives(vcpus[0], SBI_ERR_DENIED, reserved[i], -1UL, -1UL);
		get_fails(vcpus[0], SBI_ERR_DENIED, reserved[i]);
	}
}

static void expect_not_supported(struct kvm_vcpu *vcpu, unsigned long feature)
{
	set_gives(vcpu, SBI_ERR_NOT_SUPPORTED, feature, 0, 0);
	set_gives(vcpu, SBI_ERR_NOT_SUPPORTED, feature, 1, LOCK);
	set_gives(vcpu, SBI_ERR_NOT_SUPPORTED, feature, -1UL, -1UL);
	get_fails(vcpu, SBI_ERR_NOT_SUPPORTED, feature);
}

static void absent_features(void)
{
	unsigned int i;

	create();
	/* LANDING_PAD, SHADOW_STACK, DOUBLE_TRAP, PTE_AD_HW_UPDATING */
	for (i = 1; i < 5; i++) {
		expect_not_supported(vcpus[0], i);
		expect_not_supported(vcpus[0], i | 1UL << 32);
	}
	/* And what this host has not got. */
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if (!has(features[i]))
			expect_not_supported(vcpus[0], features[i]->id);
	}
}

static void masking_values(void)
{
	static const unsigned long invalid[] = {
		1, 2, 6, 8, 9, 15, 17, 32, 63, 64, 256 + 7, (1UL << 32) + 7, 1UL << 63, -1UL,
	};
	unsigned long all[3] = {};
	unsigned int i, j, count;

	create_with_masking();
	is(vcpus[0], &masking, 0);
	count = lengths(all);
	for (i = 0; i <= count; i++) {
		set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, all[i], 0);
		is(vcpus[0], &masking, all[i]);
		for (j = 0; j < ARRAY_SIZE(invalid); j++)
			set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, POINTER_MASKING_PMLEN,
				  invalid[j], 0);
		is(vcpus[0], &masking, all[i]);
		is(vcpus[1], &masking, 0);
	}
	/* The id has 32 bits; what is above is ignored. */
	set_gives(vcpus[0], SBI_SUCCESS, 1UL << 32 | POINTER_MASKING_PMLEN, all[0], 0);
	is(vcpus[0], &masking, all[0]);
	set_gives(vcpus[0], SBI_SUCCESS, -1UL << 32 | POINTER_MASKING_PMLEN, 0, 0);
	is(vcpus[0], &masking, 0);
}

static void flags(void)
{
	unsigned long length;
	unsigned int bit;

	create_with_masking();
	length = a_length();
	for (bit = 1; bit < 64; bit++) {
		set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, POINTER_MASKING_PMLEN, length,
			  1UL << bit);
		set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, POINTER_MASKING_PMLEN, length,
			  1UL << bit | LOCK);
	}
	/* Neither value nor lock. */
	is(vcpus[0], &masking, 0);
	one_reg_is(vcpus[0], masking.flags, 0);
	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, 0);
	is(vcpus[0], &masking, length);
}

/* Locked at @value. */
static void expect_locked(struct kvm_vcpu *vcpu, unsigned long value)
{
	set_gives(vcpu, DENIED_LOCKED, POINTER_MASKING_PMLEN, 0, 0);
	set_gives(vcpu, DENIED_LOCKED, POINTER_MASKING_PMLEN, value, 0);
	set_gives(vcpu, DENIED_LOCKED, POINTER_MASKING_PMLEN, value, LOCK);
	set_gives(vcpu, DENIED_LOCKED, POINTER_MASKING_PMLEN, 1, 0);
	set_gives(vcpu, SBI_ERR_INVALID_PARAM, POINTER_MASKING_PMLEN, value, 2);
	one_reg_is(vcpu, masking.flags, LOCK);
	is(vcpu, &masking, value);
}

static void expect_unlocked(struct kvm_vcpu *vcpu, unsigned long value)
{
	one_reg_is(vcpu, masking.flags, 0);
	is(vcpu, &masking, value);
	set_gives(vcpu, SBI_SUCCESS, POINTER_MASKING_PMLEN, value, 0);
}

static void lock(void)
{
	unsigned long length;

	create_with_masking();
	length = a_length();
	/* A value that is not valid locks nothing. */
	set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, POINTER_MASKING_PMLEN, 1, LOCK);
	expect_unlocked(vcpus[0], 0);
	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, LOCK);
	expect_locked(vcpus[0], length);
	expect_unlocked(vcpus[1], 0);
}

/*
 * What the guest ran with: henvcfg.PMM, not what a load does. QEMU 10.0 goes by
 * mstatus.MPV, not by V, and masks no pointer of a guest.
 */
static void expect_masked(struct kvm_vcpu *vcpu, unsigned long length)
{
	unsigned long wanted = length == 16 ? 3 : length == 7 ? 2 : 0, is;

	sbi_enter(vcpu);
	is = PMM(hypervisor_csr_henvcfg());
	sbi_expect(is == wanted, "henvcfg.PMM is %lu with PMLEN %lu, wanted %lu",
		   is, length, wanted);
}

static void create_and_watch_masking(void)
{
	hypervisor_csr_or_skip();
	create_with_masking();
}

static void masks(void)
{
	unsigned long all[3] = {}, others;
	unsigned int i, count;

	create_and_watch_masking();
	expect_masked(vcpus[0], 0);
	others = hypervisor_csr_henvcfg();
	count = lengths(all);
	for (i = 0; i <= count; i++) {
		set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, all[i], 0);
		expect_masked(vcpus[0], all[i]);
		sbi_expect(!((hypervisor_csr_henvcfg() ^ others) & ~(3UL << 32)),
			   "another field of henvcfg has changed: 0x%lx, was 0x%lx",
			   hypervisor_csr_henvcfg(), others);
		expect_masked(vcpus[1], 0);
		expect_masked(vcpus[0], all[i]);
	}
}

/* Without another load of the vCPU: in the same KVM_RUN. */
static void masks_at_once(void)
{
	unsigned long all[3] = {}, is;
	unsigned int i, count;

	create_and_watch_masking();
	count = lengths(all);
	sbi_enter(vcpus[0]);
	for (i = 0; i <= count; i++) {
		set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, all[i], 0);
		is = PMM(hypervisor_csr_henvcfg());
		sbi_expect(is == (all[i] == 16 ? 3 : all[i] == 7 ? 2 : 0),
			   "henvcfg.PMM is %lu after PMLEN %lu was set", is, all[i]);
	}
}

static void masks_by_one_reg(void)
{
	unsigned long all[3] = {};
	unsigned int i, count;

	create_and_watch_masking();
	count = lengths(all);
	for (i = 0; i <= count; i++) {
		one_reg_set_gives(vcpus[0], masking.value, all[i], 0);
		expect_masked(vcpus[0], all[i]);
	}
}

static void create_with_misaligned(void)
{
	hypervisor_csr_or_skip();
	hypervisor_csr_delegate_misaligned();
	create();
	sbi_expect(has(&misaligned), "there is no MISALIGNED_EXC_DELEG");
}

/* All of hedeleg is @others but for the two bits. */
static void expect_delegated(bool delegated, unsigned long others)
{
	unsigned long is = hypervisor_csr_hedeleg();

	sbi_expect((is & MISALIGNED) == (delegated ? MISALIGNED : 0) &&
		   !((is ^ others) & ~MISALIGNED),
		   "hedeleg is 0x%lx, was 0x%lx; delegated: %d", is, others, delegated);
}

static void misaligned_values(void)
{
	create_with_misaligned();
	is(vcpus[0], &misaligned, 0);
	set_gives(vcpus[0], SBI_SUCCESS, MISALIGNED_EXC_DELEG, 1, 0);
	is(vcpus[0], &misaligned, 1);
	set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, MISALIGNED_EXC_DELEG, 2, 0);
	set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, MISALIGNED_EXC_DELEG, -1UL, 0);
	is(vcpus[0], &misaligned, 1);
	set_gives(vcpus[0], SBI_SUCCESS, MISALIGNED_EXC_DELEG, 0, LOCK);
	is(vcpus[0], &misaligned, 0);
	set_gives(vcpus[0], DENIED_LOCKED, MISALIGNED_EXC_DELEG, 1, 0);
	one_reg_is(vcpus[0], misaligned.flags, LOCK);
	one_reg_set_gives(vcpus[0], misaligned.value, 1, 0);
	is(vcpus[0], &misaligned, 1);
	one_reg_set_gives(vcpus[0], misaligned.value, 2, EINVAL);
	is(vcpus[0], &misaligned, 1);
}

static void delegates(void)
{
	unsigned long others;

	create_with_misaligned();
	sbi_enter(vcpus[0]);
	others = hypervisor_csr_hedeleg();
	expect_delegated(false, others);
	set_gives(vcpus[0], SBI_SUCCESS, MISALIGNED_EXC_DELEG, 1, 0);
	expect_delegated(true, others);
	sbi_enter(vcpus[1]);
	expect_delegated(false, others);
	sbi_enter(vcpus[0]);
	expect_delegated(true, others);
	set_gives(vcpus[0], SBI_ERR_INVALID_PARAM, MISALIGNED_EXC_DELEG, 2, 0);
	expect_delegated(true, others);
	set_gives(vcpus[0], SBI_SUCCESS, MISALIGNED_EXC_DELEG, 0, 0);
	expect_delegated(false, others);

	one_reg_set_gives(vcpus[0], misaligned.value, 1, 0);
	sbi_enter(vcpus[0]);
	expect_delegated(true, others);
	one_reg_set_gives(vcpus[0], misaligned.value, 0, 0);
	sbi_enter(vcpus[0]);
	expect_delegated(false, others);
}

static void unknown_functions(void)
{
	create();
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_FWFT, 2,
				     (const unsigned long[6]) { POINTER_MASKING_PMLEN, 7, LOCK });
}

static unsigned int listed(struct kvm_vcpu *vcpu, u64 list[], unsigned int max)
{
	u64 all[64];
	unsigned int i, count, found = 0;

	count = one_reg_list(vcpu, KVM_REG_RISCV_SBI_STATE, all, ARRAY_SIZE(all));
	for (i = 0; i < count && i < ARRAY_SIZE(all); i++) {
		if ((all[i] & KVM_REG_RISCV_SUBTYPE_MASK) == KVM_REG_RISCV_SBI_FWFT && found < max)
			list[found++] = all[i];
	}
	return found;
}

static void registers_are_listed(void)
{
	unsigned int i, j, count, wanted = 0;
	u64 list[16];

	create();
	count = listed(vcpus[0], list, ARRAY_SIZE(list));
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const u64 three[] = { features[i]->enable, features[i]->flags, features[i]->value };

		for (j = 0; j < ARRAY_SIZE(three); j++) {
			if (!has(features[i])) {
				one_reg_get_gives(vcpus[0], three[j], ENOENT);
				one_reg_set_gives(vcpus[0], three[j], 0, ENOENT);
				continue;
			}
			sbi_expect(wanted < count && list[wanted] == three[j],
				   "register 0x%lx is not listed in its place", three[j]);
			wanted++;
		}
	}
	sbi_expect(count == wanted, "%u registers are listed, wanted %u", count, wanted);
}

static void no_registers(void)
{
	static const u64 numbers[] = { 6, 7, 0x100, 0xffff };
	const u64 four_bytes = masking.value ^ KVM_REG_SIZE_U64 ^ KVM_REG_SIZE_U32;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		one_reg_get_gives(vcpus[0], SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, numbers[i]), ENOENT);
		one_reg_set_gives(vcpus[0], SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, numbers[i]), 0,
				  ENOENT);
	}
	/* Another subtype is no extension's. */
	one_reg_get_gives(vcpus[0], SBI_STATE_REG(2 << KVM_REG_RISCV_SUBTYPE_SHIFT, 0), EINVAL);
	one_reg_set_gives(vcpus[0], SBI_STATE_REG(2 << KVM_REG_RISCV_SUBTYPE_SHIFT, 0), 0, EINVAL);
	one_reg_get_gives(vcpus[0], four_bytes, EINVAL);
	one_reg_set_gives(vcpus[0], four_bytes, 0, EINVAL);
	sbi_expect(one_reg_set_at(vcpus[0], masking.value, NULL) == EFAULT, "NULL can be read");
	if (has(&masking))
		sbi_expect(one_reg_get_at(vcpus[0], masking.value, NULL) == EFAULT,
			   "NULL can be written");
}

static void enable(void)
{
	unsigned long length;
	u64 list[16];

	create_with_masking();
	length = a_length();
	one_reg_is(vcpus[0], masking.enable, 1);
	one_reg_set_gives(vcpus[0], masking.enable, 2, EINVAL);
	one_reg_set_gives(vcpus[0], masking.enable, -1UL, EINVAL);
	one_reg_is(vcpus[0], masking.enable, 1);

	one_reg_set_gives(vcpus[0], masking.enable, 0, 0);
	one_reg_is(vcpus[0], masking.enable, 0);
	expect_not_supported(vcpus[0], POINTER_MASKING_PMLEN);
	/* The VMM still has all of it. */
	sbi_expect(listed(vcpus[0], list, ARRAY_SIZE(list)) >= 3, "a disabled feature is not listed");
	one_reg_set_gives(vcpus[0], masking.value, length, 0);
	one_reg_is(vcpus[0], masking.value, length);
	one_reg_set_gives(vcpus[0], masking.flags, LOCK, 0);

	/* After a run as well. */
	one_reg_set_gives(vcpus[0], masking.enable, 1, 0);
	expect_locked(vcpus[0], length);
	is(vcpus[1], &masking, 0);
}

static void flags_register(void)
{
	unsigned long length;

	create_with_masking();
	length = a_length();
	one_reg_is(vcpus[0], masking.flags, 0);
	one_reg_set_gives(vcpus[0], masking.flags, LOCK, 0);
	expect_locked(vcpus[0], 0);
	/* A lock is for the guest; the VMM can do as it likes. */
	one_reg_set_gives(vcpus[0], masking.value, length, 0);
	expect_locked(vcpus[0], length);
	one_reg_set_gives(vcpus[0], masking.flags, 0, 0);
	expect_unlocked(vcpus[0], length);
	/* Flags that do not exist are ignored. */
	one_reg_set_gives(vcpus[0], masking.flags, ~LOCK, 0);
	expect_unlocked(vcpus[0], length);
	one_reg_set_gives(vcpus[0], masking.flags, -1UL, 0);
	expect_locked(vcpus[0], length);
}

static void value_register(void)
{
	static const unsigned long invalid[] = { 1, 6, 8, 15, 17, 64, (1UL << 32) + 7, -1UL };
	unsigned long all[3] = {};
	unsigned int i, j, count;

	create_with_masking();
	count = lengths(all);
	for (i = 0; i <= count; i++) {
		one_reg_set_gives(vcpus[0], masking.value, all[i], 0);
		for (j = 0; j < ARRAY_SIZE(invalid); j++)
			one_reg_set_gives(vcpus[0], masking.value, invalid[j], EINVAL);
		is(vcpus[0], &masking, all[i]);
	}
}

static void restored(void)
{
	unsigned long length;
	u64 list[16], value;
	unsigned int i, count;

	create_and_watch_masking();
	length = a_length();
	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, LOCK);
	count = listed(vcpus[0], list, ARRAY_SIZE(list));
	for (i = 0; i < count; i++) {
		if (!one_reg_get(vcpus[0], list[i], &value))
			one_reg_set_gives(vcpus[1], list[i], value, 0);
	}
	expect_locked(vcpus[1], length);
	expect_masked(vcpus[1], length);
}

static void without_isa_extension(void)
{
	u64 list[16];

	create_with_masking();
	vcpu_set_reg(vcpus[0], SMNPM, 0);
	expect_not_supported(vcpus[0], POINTER_MASKING_PMLEN);
	one_reg_get_gives(vcpus[0], masking.enable, ENOENT);
	one_reg_get_gives(vcpus[0], masking.flags, ENOENT);
	one_reg_get_gives(vcpus[0], masking.value, ENOENT);
	one_reg_set_gives(vcpus[0], masking.value, 0, ENOENT);
	sbi_expect(listed(vcpus[0], list, ARRAY_SIZE(list)) == (has(&misaligned) ? 3 : 0),
		   "registers without Smnpm are listed");
	is(vcpus[1], &masking, 0);
}

static void disabled_extension(void)
{
	u64 list[16];

	create();
	vcpu_set_reg(vcpus[0], EXTENSION, 0);
	expect_not_supported(vcpus[0], POINTER_MASKING_PMLEN);
	expect_not_supported(vcpus[0], MISALIGNED_EXC_DELEG);
	expect_not_supported(vcpus[0], 1);
	expect_not_supported(vcpus[0], 6);
	one_reg_get_gives(vcpus[0], masking.value, EINVAL);
	one_reg_set_gives(vcpus[0], masking.value, 0, EINVAL);
	sbi_expect(!listed(vcpus[0], list, ARRAY_SIZE(list)),
		   "registers of a disabled extension are listed");
	get_fails(vcpus[1], SBI_ERR_DENIED, 6);
}

static void mp_state(struct kvm_vcpu *vcpu, u32 wanted)
{
	struct kvm_mp_state state = { .mp_state = wanted };

	vcpu_mp_state_set(vcpu, &state);
}

/* Run a hart that begins at sbi_guest_back, and give it address translation again. */
static void begin(struct kvm_vcpu *vcpu, u64 satp)
{
	sbi_run_on(vcpu);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(satp), satp);
}

static u64 entry(void)
{
	return addr_gva2gpa(vm, (gva_t)sbi_guest_back);
}

static void reset(void)
{
	unsigned long length;
	u64 satp;

	create_and_watch_masking();
	length = a_length();
	satp = vcpu_get_reg(vcpus[1], RISCV_GENERAL_CSR_REG(satp));
	set_gives(vcpus[1], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, LOCK);
	expect_masked(vcpus[1], length);

	mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
	/* Not yet. */
	one_reg_is(vcpus[1], masking.value, length);
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_HSM, HART_START, 1, entry(), 0);
	begin(vcpus[1], satp);
	expect_unlocked(vcpus[1], 0);
	expect_masked(vcpus[1], 0);
	one_reg_is(vcpus[1], masking.enable, 1);
}

static void suspend(void)
{
	u64 satp = vcpu_get_reg(vcpus[0], RISCV_GENERAL_CSR_REG(satp));

	vcpu_set_reg(vcpus[0], RISCV_CORE_REG(mode), KVM_RISCV_MODE_S);
	mp_state(vcpus[1], KVM_MP_STATE_STOPPED);
	if (!user_space_gets(vcpus[0], SBI_EXT_SUSP, SYSTEM_SUSPEND, 0, entry(), 0))
		return;
	vcpus[0]->run->riscv_sbi.ret[0] = 0;
	begin(vcpus[0], satp);
}

static void resumed(void)
{
	unsigned long length;

	create_and_watch_masking();
	length = a_length();
	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, 0);
	suspend();
	expect_unlocked(vcpus[0], length);
	expect_masked(vcpus[0], length);

	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, LOCK);
	suspend();
	expect_locked(vcpus[0], length);
	expect_masked(vcpus[0], length);
	one_reg_is(vcpus[0], masking.enable, 1);
}

/* A suspend that was does not keep the features of a hart that is started later. */
static void reset_after_resume(void)
{
	unsigned long length;
	u64 satp;

	create_with_masking();
	length = a_length();
	satp = vcpu_get_reg(vcpus[0], RISCV_GENERAL_CSR_REG(satp));
	suspend();
	set_gives(vcpus[0], SBI_SUCCESS, POINTER_MASKING_PMLEN, length, LOCK);
	mp_state(vcpus[0], KVM_MP_STATE_STOPPED);
	mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	sbi_expect_call(vcpus[1], SBI_SUCCESS, SBI_EXT_HSM, HART_START, 0, entry(), 0);
	begin(vcpus[0], satp);
	expect_unlocked(vcpus[0], 0);
}

static void statistics(void)
{
	create();
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_FWFT, SET,
				 (const unsigned long[6]) { POINTER_MASKING_PMLEN, 0, 0 });
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_FWFT, GET,
				 (const unsigned long[6]) { POINTER_MASKING_PMLEN });
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_FWFT, GET,
				 (const unsigned long[6]) { MISALIGNED_EXC_DELEG });
}

static const struct sbi_case cases[] = {
	{ "it is enabled, and a probe says so", is_there },
	{ "reserved and platform features are DENIED", reserved_features,
	  .conforms = REQUIREMENTS("FWFT.set.DENIED", "FWFT.get.DENIED", "FWFT.get.failure") },
	{ "features that KVM or the host has not got are NOT_SUPPORTED", absent_features,
	  .conforms = REQUIREMENTS("FWFT.set.NOT_SUPPORTED", "FWFT.get.NOT_SUPPORTED",
				   "FWFT.get.failure", "ABI.32_bit_parameter") },
	{ "MISALIGNED_EXC_DELEG is 0 or 1", misaligned_values,
	  .conforms = REQUIREMENTS("FWFT.MISALIGNED_EXC_DELEG", "FWFT.set.SUCCESS",
				   "FWFT.get.SUCCESS", "FWFT.set.value.INVALID_PARAM",
				   "FWFT.set.DENIED_LOCKED") },
	{ "POINTER_MASKING_PMLEN is 0, 7 or 16; other values are INVALID_PARAM", masking_values,
	  .conforms = REQUIREMENTS("FWFT.POINTER_MASKING_PMLEN", "FWFT.reset_value", "FWFT.local",
				   "FWFT.set.SUCCESS", "FWFT.get.SUCCESS",
				   "FWFT.set.value.INVALID_PARAM", "ABI.32_bit_parameter") },
	{ "reserved flags are INVALID_PARAM and change nothing", flags,
	  .conforms = REQUIREMENTS("FWFT.set.flags.INVALID_PARAM", "FWFT.set.failure") },
	{ "a locked feature is DENIED_LOCKED and stays as it is", lock,
	  .conforms = REQUIREMENTS("FWFT.set.LOCK", "FWFT.set.DENIED_LOCKED", "FWFT.set.failure",
				   "FWFT.local") },
	{ "a pointer mask is in henvcfg whenever the guest runs", masks,
	  .conforms = REQUIREMENTS("FWFT.POINTER_MASKING_PMLEN", "FWFT.local") },
	{ "a pointer mask is in henvcfg when the call returns", masks_at_once },
	{ "a pointer mask that ONE_REG sets is in henvcfg", masks_by_one_reg },
	{ "what MISALIGNED_EXC_DELEG says is in hedeleg", delegates,
	  .conforms = REQUIREMENTS("FWFT.MISALIGNED_EXC_DELEG", "FWFT.local") },
	{ "an unknown function is NOT_SUPPORTED", unknown_functions,
	  .conforms = REQUIREMENTS("FWFT.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "listed are three registers for each feature that is there", registers_are_listed },
	{ "other registers are ENOENT, other sizes EINVAL, bad pointers EFAULT", no_registers },
	{ "ONE_REG disables and enables a feature", enable },
	{ "ONE_REG locks and unlocks a feature", flags_register },
	{ "ONE_REG sets the valid values of a feature, locked or not", value_register },
	{ "a vCPU is restored as it is listed", restored },
	{ "without Smnpm there is no POINTER_MASKING_PMLEN", without_isa_extension },
	{ "disabled, its calls are NOT_SUPPORTED and its registers are gone", disabled_extension },
	{ "a hart that is started anew has features with value 0, not locked", reset,
	  .conforms = REQUIREMENTS("FWFT.hart_reset", "FWFT.reset_value") },
	{ "[P2] a hart that resumes from suspend keeps values and locks", resumed,
	  .conforms = REQUIREMENTS("FWFT.suspend") },
	{ "a hart that is started anew after a suspend does not", reset_after_resume },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	hypervisor_csr_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
