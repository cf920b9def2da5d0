// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that access MMIO and are no loads and stores of integer registers.
 * KVM does not emulate them, and no VM should end because VU has executed one: the
 * guest gets an access fault.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include "mmio_guest.h"

static struct step_guest guest;

/* Instructions that access x10, and that KVM does not emulate. */
struct other_instruction {
	const char *name;
	u32 instruction;
	unsigned long scause;
	/* The extension that it is of. */
	u64 extension;
	/* Executed before. */
	u32 before;
};

#define VSETIVLI_E8		0xcc00f057	/* vsetivli x0, 1, e8, m1, ta, ma */
#define VSETIVLI_E64		0xcd80f057	/* vsetivli x0, 1, e64, m1, ta, ma */

static const struct other_instruction others[] = {
	/* Of x12, x13 */
	{ "lr.w", 0x1005262f, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "lr.d", 0x1005362f, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "amoswap.w", 0x08d5262f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "amoadd.d", 0x00d5362f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "amoor.d x0", 0x40d5302f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "amomaxu.w.aqrl", 0xe6d5262f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_A },
	{ "amoadd.b", 0x00d5062f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZABHA },
	{ "amocas.d", 0x28d5362f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZACAS },
	/* Of f12 */
	{ "flw", 0x00052607, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_F },
	{ "fld", 0x00053607, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	{ "flh", 0x00051607, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZFHMIN },
	{ "fsw", 0x00c52027, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_F },
	{ "fsd", 0x00c53027, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	{ "fsh", 0x00c51027, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZFHMIN },
	{ "c.fld", 0x2110, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	{ "c.fsd", 0xa110, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	{ "c.fldsp", 0x2602, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	{ "c.fsdsp", 0xa032, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_D },
	/* Of v1 */
	{ "vle8.v", 0x02050087, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E8 },
	{ "vle64.v", 0x02057087, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E64 },
	{ "vse8.v", 0x020500a7, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E8 },
	{ "vse64.v", 0x020570a7, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E64 },
	{ "vlse8.v", 0x0a050087, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E8 },
	{ "vl1re8.v", 0x02850087, LOAD_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E8 },
	{ "vs1r.v", 0x028500a7, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_V, VSETIVLI_E8 },
	{ "cbo.zero", 0x0045200f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZICBOZ },
	{ "cbo.clean", 0x0015200f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZICBOM },
	{ "cbo.flush", 0x0025200f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZICBOM },
	{ "cbo.inval", 0x0005200f, STORE_ACCESS_FAULT, KVM_RISCV_ISA_EXT_ZICBOM },
};

/* senvcfg.CBIE, CBCFE, CBZE */
#define SENVCFG_CBO		0xf0

/* FP, vector and cache-block instructions are on, for VU as well. */
static void create_for_others(bool user)
{
	mmio_create(&guest);
	if (user)
		mmio_for_user(&guest);
	vcpu_set_reg(guest.vcpu, RISCV_GENERAL_CSR_REG(sstatus),
		     SR_FS_INITIAL | (__vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_V) ?
				      SR_VS_INITIAL : 0));
	if (__vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_ZICBOM) &&
	    __vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_ZICBOZ))
		vcpu_set_reg(guest.vcpu, RISCV_GENERAL_CSR_REG(senvcfg), SENVCFG_CBO);
}

/* Those from @first to @last, as far as the guest has them. */
static void expect_faults(bool user, const char *first, const char *last)
{
	const struct other_instruction *other = others;
	unsigned int done = 0;
	gva_t gva = mmio_gva(PAGE_MMIO) + 0x240;

	create_for_others(user);
	while (strcmp(other->name, first))
		other++;
	for (;; other++) {
		if (__vcpu_has_isa_ext(guest.vcpu, other->extension)) {
			enum step_end end;

			done++;
			guest.x[2] = gva;
			guest.x[10] = gva;
			guest.before = other->before;
			end = step(&guest, other->instruction);
			step_expect_trap(&guest, other->name, end, other->scause, gva);
		}
		if (!strcmp(other->name, last))
			break;
	}
	if (!done)
		sbi_skip("the guest has none of %s ... %s", first, last);
	mmio_expect_alive(&guest);
}

/* C: KVM_RUN fails with EOPNOTSUPP at each of these. */
static void atomics(void)
{
	expect_faults(false, "lr.w", "amocas.d");
}

static void floats(void)
{
	expect_faults(false, "flw", "c.fsdsp");
}

static void vectors(void)
{
	expect_faults(false, "vle8.v", "vs1r.v");
}

static void cache_blocks(void)
{
	expect_faults(false, "cbo.zero", "cbo.inval");
}

static void others_without_htinst(void)
{
	mmio_without_htinst();
	expect_faults(false, "lr.w", "cbo.inval");
	htinst_expect_changed();
}

static void others_for_user(void)
{
	expect_faults(true, "lr.w", "cbo.inval");
}

static void others_for_user_without_htinst(void)
{
	mmio_without_htinst();
	expect_faults(true, "lr.w", "cbo.inval");
	htinst_expect_changed();
}

/* It need not look at the memory, the reservation being another one. */
static void store_conditional(void)
{
	enum step_end end;

	mmio_create(&guest);
	/* lr.d x0, (x10); sc.d x11, x12, (x13) */
	guest.x[10] = mmio_gva(PAGE_RAM);
	guest.x[13] = mmio_gva(PAGE_MMIO);
	guest.before = 0x1005302f;
	end = step(&guest, 0x18c6b5af);
	if (end == STEP_TRAP)
		step_expect_trap(&guest, "sc.d", end, STORE_ACCESS_FAULT, mmio_gva(PAGE_MMIO));
	else if (sbi_expect(end == STEP_DONE, "sc.d: %s", step_ended(&guest, end)))
		step_expect_registers(&guest, "sc.d", 11, 1);
	guest.before = 0;
	mmio_expect_alive(&guest);
}

/* Another instruction's htinst than what is executed: what a hart says counts. */
static void transformed_others(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		bool load = others[i].scause == LOAD_ACCESS_FAULT;

		/* Those that have a transformed form, 32 bits long: with rs1 = 0. */
		if ((others[i].instruction & 3) != 3 || (others[i].instruction & 0x7f) == 0x0f)
			continue;
		mmio_create(&guest);
		htinst_or_skip(MMIO_TRAPS, 0, others[i].instruction & ~0x000f8000U);
		mmio_expect_fault(&guest, load ? "lw" : "sw", mmio_gva(PAGE_MMIO),
				  mmio_gva(PAGE_MMIO));
		htinst_expect_changed();
		mmio_expect_alive(&guest);
		kvm_vm_free(guest.vm);
	}
}

static const struct sbi_case cases[] = {
	{ "[X10] atomic instructions at MMIO", atomics },
	{ "[X10] floating-point loads and stores at MMIO", floats },
	{ "[X10] vector loads and stores at MMIO", vectors },
	{ "[X10] cache-block operations at MMIO", cache_blocks },
	{ "[X10] all of these, htinst 0", others_without_htinst },
	{ "[X10] all of these, of VU", others_for_user },
	{ "[X10] all of these, of VU, htinst 0", others_for_user_without_htinst },
	{ "[X10] all of these, as other harts would transform them", transformed_others },
	{ "SC at MMIO fails or faults", store_conditional },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
