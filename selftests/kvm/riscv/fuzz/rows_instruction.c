// SPDX-License-Identifier: GPL-2.0
/*
 * X5, X6, X8, X10: loads, stores and CSRs.
 */
#include "fuzz.h"
#include "guest_trap.h"

/* The bits of a 32-bit load or store, and of compressed ones, that the rows need. */
struct access {
	bool store;
	unsigned int bytes, rs2, length;
	u64 address;
};

static unsigned int bits(u32 insn, unsigned int high, unsigned int low)
{
	return insn >> low & ((2U << (high - low)) - 1);
}

/* a0 ... a5 and sp are what the generator takes as a base. */
static u64 reg(const struct step *step, unsigned int x)
{
	return x == SP ? step->x[STEP_SP] : x >= A0 && x <= A7 ? step->x[x - A0] : 0;
}

static bool decode(const struct step *step, struct access *access)
{
	u32 insn = step->insn;
	s64 offset;

	if (step->group != GROUP_MMIO)
		return false;
	access->length = step_length(step);
	if (access->length == 4 && (insn & 0x5f) == 0x03) {
		access->store = insn & 0x20;
		access->bytes = 1 << (bits(insn, 14, 12) & 3);
		access->rs2 = bits(insn, 24, 20);
		offset = (s32)insn >> 20;
		if (access->store)
			offset = (offset & ~0x1fL) | bits(insn, 11, 7);
		access->address = reg(step, bits(insn, 19, 15)) + offset;
		return true;
	}
	return false;
}

/* Of Zcb, of which QEMU leaves nothing in htinst. */
static bool decode_zcb(const struct step *step, struct access *access)
{
	u32 insn = step->insn;

	if (step->group != GROUP_MMIO || (insn & 0xf003) != 0x8000)
		return false;
	access->length = 2;
	access->store = insn & 0x0800;
	access->bytes = insn & 0x0400 ? 2 : 1;
	access->address = reg(step, 8 + bits(insn, 9, 7));
	access->address += access->bytes == 1 ? bits(insn, 6, 6) | bits(insn, 5, 5) << 1 :
			   bits(insn, 5, 5) << 1;
	access->rs2 = 8 + bits(insn, 4, 2);
	return true;
}

/* The other compressed ones: what is missing is only needed where they are misaligned. */
static bool decode_compressed(const struct step *step, struct access *access)
{
	u32 insn = step->insn, funct3 = bits(insn, 15, 13), quadrant = insn & 3;
	u64 offset, base;

	if (step->group != GROUP_MMIO || quadrant == 3 || quadrant == 1 || !(funct3 & 2))
		return false;
	access->length = 2;
	access->store = funct3 & 4;
	access->bytes = funct3 & 1 ? 8 : 4;
	if (!quadrant) {
		base = reg(step, 8 + bits(insn, 9, 7));
		offset = bits(insn, 12, 10) << 3;
		offset |= access->bytes == 8 ? bits(insn, 6, 5) << 6 :
			  bits(insn, 6, 6) << 2 | bits(insn, 5, 5) << 6;
		access->rs2 = 8 + bits(insn, 4, 2);
	} else {
		base = reg(step, SP);
		if (access->store)
			offset = access->bytes == 8 ? bits(insn, 12, 10) << 3 | bits(insn, 9, 7) << 6 :
				 bits(insn, 12, 9) << 2 | bits(insn, 8, 7) << 6;
		else
			offset = bits(insn, 12, 12) << 5 |
				 (access->bytes == 8 ?
				  bits(insn, 6, 5) << 3 | bits(insn, 4, 2) << 6 :
				  bits(insn, 6, 4) << 2 | bits(insn, 3, 2) << 6);
		access->rs2 = bits(insn, 6, 2);
	}
	access->address = base + offset;
	return true;
}

static u64 physical(const struct step *step, u64 address)
{
	return step->flags & STEP_USER ? address - USER_OFFSET : address;
}

/* KVM_RUN ends with an errno, and user space goes past the instruction. */
static void fail(struct expected *expected, const struct step *step, int error)
{
	expect_unchanged(expected, step);
	expected->how = FAILS;
	expected->run_error = error;
}

static void illegal(struct expected *expected, const struct step *step)
{
	expect_unchanged(expected, step);
	expected->how = TRAPS;
	expected->cause = EXC_INST_ILLEGAL;
	expected->tval = step->insn;
}

/* Whether the access comes to KVM as one to a device. */
static bool is_device(const struct step *step, const struct access *access)
{
	u64 gpa = physical(step, access->address);

	if (gpa >= HOLE && gpa + access->bytes <= HOLE + HOLE_PAGES * 4096)
		return true;
	return access->store && gpa >= READ_ONLY &&
	       gpa + access->bytes <= READ_ONLY + READ_ONLY_PAGES * 4096;
}

static void fault(struct expected *expected, const struct step *step, bool store, u64 address)
{
	expect_unchanged(expected, step);
	expected->how = TRAPS;
	expected->cause = store ? EXC_STORE_ACCESS : EXC_LOAD_ACCESS;
	expected->tval = address;
}

static bool x5(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	struct access access;
	unsigned int i;

	if (!state->c_x0 || !(decode(step, &access) || decode_compressed(step, &access)) ||
	    !access.store || access.rs2 ||
	    !is_device(step, &access) || access.address & (access.bytes - 1) ||
	    (physical(step, access.address) == EVENT_FD && access.bytes == 4))
		return false;
	for (i = 0; i < NR_MODULES; i++) {
		expected[i].how = EXITS;
		expected[i].exit_reason = KVM_EXIT_MMIO;
		expected[i].exit[0] = physical(step, access.address);
		expected[i].exit[1] = access.bytes;
		expected[i].exit[2] = true;
		expect_unchanged(&expected[i], step);
	}
	expected[MODULE_C].exit[3] = access.bytes == 8 ? state->c_x0 :
		state->c_x0 & ((1UL << 8 * access.bytes) - 1);
	return true;
}

/*
 * A CSR access with x0: stopei and seed are those that user space sees, seed only if
 * it is written.
 */
static bool x5_csr(const struct state *state, const struct step *step,
		   struct expected expected[NR_MODULES])
{
	unsigned int csr = step->insn >> 20, funct3 = bits(step->insn, 14, 12), i;

	/* There it is X6 first of all. */
	if (csr == 0x15c && step->flags & STEP_USER)
		return false;
	if (!state->c_x0 || step->group != GROUP_CSR || bits(step->insn, 19, 15) ||
	    funct3 >= 5 || !(csr == 0x15c || (csr == 0x015 && funct3 == 1)))
		return false;
	for (i = 0; i < NR_MODULES; i++) {
		u64 x0 = i == MODULE_C ? state->c_x0 : 0;

		expected[i].how = EXITS;
		expected[i].exit_reason = KVM_EXIT_RISCV_CSR;
		expected[i].exit[0] = csr;
		expected[i].exit[1] = funct3 == 1 ? x0 : funct3 == 2 ? -1UL : 0;
		expected[i].exit[2] = funct3 == 1 ? -1UL : x0;
		expect_unchanged(&expected[i], step);
		if (bits(step->insn, 11, 7) == A0)
			expected[i].error = step->answer;
	}
	return true;
}

/*
 * A counter is not for writing. Where it is not configured it is illegal on both, and so
 * is one of the firmware's.
 */
static bool x5_counter(const struct state *state, const struct step *step,
		       struct expected expected[NR_MODULES])
{
	unsigned int csr = step->insn >> 20, funct3 = bits(step->insn, 14, 12);

	if (!state->c_x0 || step->group != GROUP_CSR || bits(step->insn, 19, 15) ||
	    step->flags & STEP_USER || (funct3 != 2 && funct3 != 3) || csr < 0xc00 ||
	    csr >= 0xc00 + state->pmu.hardware || !pmu_is_configured(state, csr - 0xc00))
		return false;
	illegal(&expected[MODULE_C], step);
	expect_unchanged(&expected[MODULE_RUST], step);
	/* The host's counter goes on meanwhile. */
	expected[MODULE_RUST].any_error = bits(step->insn, 11, 7) == A0;
	return true;
}

static bool x8(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	struct access access;

	if (!(decode(step, &access) || decode_compressed(step, &access)) ||
	    !is_device(step, &access) || !(access.address & (access.bytes - 1)))
		return false;
	fail(&expected[MODULE_C], step, EIO);
	fault(&expected[MODULE_RUST], step, access.store, access.address);
	return true;
}

/* One of Zcb that is emulated. */
static void device_access(struct expected *expected, const struct step *step,
			  const struct access *access)
{
	unsigned int unused = 64 - 8 * access->bytes;
	u64 value = step->answer << unused >> unused;

	expect_unchanged(expected, step);
	expected->how = EXITS;
	expected->exit_reason = KVM_EXIT_MMIO;
	expected->exit[0] = physical(step, access->address);
	expected->exit[1] = access->bytes;
	expected->exit[2] = access->store;
	if (access->store) {
		expected->exit[3] = reg(step, access->rs2) << unused >> unused;
		return;
	}
	/* C.LH is the only one with a sign. */
	if (access->bytes == 2 && step->insn & 1 << 6)
		value = (s16)value;
	expected->others = other_register(step, access->rs2, value);
}

static bool x10(const struct state *state, const struct step *step,
		struct expected expected[NR_MODULES])
{
	bool atomic = (step->insn & 0x7f) == 0x2f;
	struct access access;

	if (decode_zcb(step, &access) && is_device(step, &access)) {
		fail(&expected[MODULE_C], step, EOPNOTSUPP);
		if (access.address & (access.bytes - 1)) {
			fault(&expected[MODULE_RUST], step, access.store, access.address);
			return true;
		}
		device_access(&expected[MODULE_RUST], step, &access);
		return true;
	}
	if (!atomic || step->group != GROUP_MMIO)
		return false;
	access.address = step->x[0];
	access.bytes = 4 << (bits(step->insn, 14, 12) & 1);
	access.store = bits(step->insn, 31, 27) != 2;
	/* One in a slot that may only be read is none that a device sees: there is none here. */
	if (!is_device(step, &access))
		return false;
	fail(&expected[MODULE_C], step, EOPNOTSUPP);
	fault(&expected[MODULE_RUST], step, access.store, access.address);
	return true;
}

/* stopei, which VS-mode may read: where the VMM has the interrupt controller, it is asked. */
static bool x6(const struct state *state, const struct step *step,
	       struct expected expected[NR_MODULES])
{
	unsigned int csr = step->insn >> 20, funct3 = bits(step->insn, 14, 12);
	unsigned int rs1 = bits(step->insn, 19, 15);
	struct expected *c = &expected[MODULE_C];
	u64 source = funct3 & 4 ? rs1 : rs1 ? step->x[1] : state->c_x0;

	if (step->group != GROUP_CSR || !(step->flags & STEP_USER) || csr != 0x15c)
		return false;
	c->how = EXITS;
	c->exit_reason = KVM_EXIT_RISCV_CSR;
	c->exit[0] = csr;
	c->exit[1] = (funct3 & 3) == 1 ? source : (funct3 & 3) == 2 ? -1UL : 0;
	c->exit[2] = (funct3 & 3) == 1 ? -1UL : source;
	expect_unchanged(c, step);
	if (bits(step->insn, 11, 7) == A0)
		c->error = step->answer;
	illegal(&expected[MODULE_RUST], step);
	return true;
}

static const struct row rows[] = {
	{ "X5", GROUP_MMIO, x5 }, { "X5", GROUP_CSR, x5_csr }, { "X5", GROUP_CSR, x5_counter },
	{ "X8", GROUP_MMIO, x8 }, { "X10", GROUP_MMIO, x10 }, { "X6", GROUP_CSR, x6 },
};

const struct row_table instruction_rows = { rows, ARRAY_SIZE(rows) };
