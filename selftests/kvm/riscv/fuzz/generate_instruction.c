// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that come to KVM: loads and stores where no memory is, CSRs, and
 * what the guest may not execute.
 */
#include "fuzz.h"
#include "guest_trap.h"
#include "memory_instruction.h"

static u64 user_offset(const struct step *step)
{
	return step->flags & STEP_USER ? USER_OFFSET : 0;
}

/* Where a load or store of @bytes goes, aligned. */
static u64 any_place(struct random *random, bool store, unsigned int bytes, u64 plain)
{
	const u64 bases[] = { HOLE, HOLE, HOLE + 0x1000, EVENT_FD, plain };
	u64 base = pick(random, bases);

	if (store && once_in(random, 8))
		base = READ_ONLY;
	if (base == EVENT_FD)
		return base;
	return base + (below(random, 4096 - 8) & -(u64)bytes);
}

static void generate_access(struct random *random, struct step *step, u64 plain)
{
	const struct memory_instruction *insn =
		&memory_instructions[below(random, nr_memory_instructions)];
	struct offsets offsets = offsets_of(insn);
	unsigned int base = insn->form == FORM_STACK ? SP : A0 + below(random, 3), x;
	int offset = offsets.first +
		offsets.step * below(random, (offsets.last - offsets.first) / offsets.step + 1);
	u64 place = any_place(random, insn->store, insn->bytes, plain);

	/* What is loaded or stored: x0 now and then. */
	x = A3 + below(random, 3);
	if (once_in(random, 50) && takes_register(insn, X0))
		x = X0;
	/* C ends KVM_RUN. Zcb, where QEMU does not say which instruction it was, too. */
	if (insn->bytes > 1 && place >= HOLE && once_in(random, 60))
		place += 1;
	if (insn->form == FORM_ZCB && place != plain && !once_in(random, 12))
		place = plain + (place & 0xff8);
	if (place == EVENT_FD + 1)
		place = HOLE + 1;
	step->insn = encode(insn, x, base, offset);
	place += user_offset(step) - offset;
	if (base == SP)
		step->x[STEP_SP] = place;
	else
		step->x[base - A0] = place;
	step->answer = any_value(random);
}

/* Not emulated. */
static void generate_atomic(struct random *random, struct step *step, u64 plain)
{
	static const u32 insns[] = {
		INSN_LR_W(A1, A0), INSN_LR_D(A1, A0), INSN_AMOADD_W(A1, A2, A0),
		INSN_AMOSWAP_D(A1, A2, A0),
	};

	step->insn = pick(random, insns);
	step->x[0] = (once_in(random, 3) ? HOLE : plain) + (below(random, 4080) & -8UL) +
		     user_offset(step);
}

static void generate_csr(struct random *random, struct step *step)
{
	static const u16 csrs[] = {
		0x015, 0x015, 0x015, 0x015, 0x151, 0x15c, 0x200, 0x240, 0x280, 0x300, 0x342, 0x5a8,
		0x600, 0x605, 0x680, 0x7a0, 0x7c0, 0x8ff, 0xbff, 0xc03, 0xc04, 0xc1f, 0xc81, 0xcff,
		0xda0, 0xf11, 0xfff,
	};
	unsigned int csr = pick(random, csrs), funct3 = pick(random, ((const u8[]) { 1, 2, 3, 5, 6, 7 }));
	unsigned int rd = once_in(random, 3) ? X0 : A0, rs1 = once_in(random, 3) ? X0 : A1;

	/* Counters are read, and what they have is not compared. */
	if (once_in(random, 3)) {
		csr = 0xc00 + below(random, 32);
		if (csr == 0xc01)
			csr = 0xc00;
	}
	if (csr >= 0xc00 && csr < 0xc20)
		step->flags |= STEP_TIME_IN_RESULT;
	/* What the C emulates for VU-mode too: one of these is enough, now and then. */
	if (csr >= 0xc00 && csr < 0xc20)
		step->flags &= ~STEP_USER;
	if (csr == 0x151 || (csr == 0x15c && !once_in(random, 8)))
		step->flags &= ~STEP_USER;
	step->insn = INSN_I(csr, rs1, funct3, rd, 0x73);
	step->answer = any_value(random);
}

static void generate_trap(struct random *random, struct step *step, u64 plain)
{
	static const u32 insns[] = {
		0x00000000, 0xffffffff, INSN_CUSTOM_0, 0x0000001f, INSN_C_EBREAK, INSN_EBREAK,
		/* mnret, dret; hfence.vvma, hfence.gvma, hlv.w, hsv.w, hlvx.hu. Of mret QEMU does not
		 * always say in stval that it was one.
		 */
		0x70200073, 0x7b200073, 0x22000073, 0x62000073, 0x68054073, 0x6ab54073,
		0x64354073,
		/* wrs.nto, wrs.sto, sfence.vma, a reserved SYSTEM instruction. */
		INSN_WRS_NTO, INSN_WRS_STO, 0x12000073, 0x8c000073,
		/* fadd.s, vadd.vv, flw: switched off. */
		0x00b57553, 0x02b50557, 0x00052507,
		INSN_WFI, INSN_WFI,
	};

	step->insn = pick(random, insns);
	step->x[0] = plain + user_offset(step);
	if (once_in(random, 8)) {
		step->insn = INSN_NOP;
		step->flags |= STEP_FETCH;
		step->x[0] = HOLE + (below(random, 4096) & -4UL) + user_offset(step);
	} else if (once_in(random, 8)) {
		/* Where nothing is mapped; where the other mode's pages are. */
		step->insn = once_in(random, 2) ? INSN_LD(A0, A0) : INSN_SD(A1, A0);
		step->x[0] = once_in(random, 2) ? 0x300000000 :
			     plain + USER_OFFSET - user_offset(step);
	}
	if (step->insn == INSN_WFI) {
		/* In VU-mode the C waits, and nothing comes. */
		if (step->flags & STEP_USER)
			step->rust_only = "X6";
		else
			step->flags |= STEP_INTERRUPT;
	}
	if (step->flags & STEP_USER && once_in(random, 8)) {
		step->insn = ECALL;
		step->flags &= STEP_USER;
		step->rust_only = NULL;
	}
}

void generate_instruction(struct random *random, struct step *step, u64 plain)
{
	unsigned int i;

	for (i = 0; i < NR_ARGS; i++)
		step->x[i] = any_value(random);
	if (once_in(random, 4))
		step->flags |= STEP_USER;
	switch (step->group) {
	case GROUP_MMIO:
		if (once_in(random, 40))
			generate_atomic(random, step, plain);
		else
			generate_access(random, step, plain);
		break;
	case GROUP_CSR:
		generate_csr(random, step);
		break;
	default:
		generate_trap(random, step, plain);
	}
}
