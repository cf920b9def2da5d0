// SPDX-License-Identifier: GPL-2.0
/*
 * Runs single instructions of a guest from the host side.
 */
#include <errno.h>

#include "guest_trap.h"

#define CODE		0x40000000UL
#define CODE_OFFSET	(4096 / 2 - 32)

/* Places in struct kvm_riscv_core: x1 ... x31 follow the pc. */
#define REG_X(i)	(RISCV_CORE_REG(regs.pc) + (i))

/*
 * A hart that enters at an odd address comes to the second breakpoint, by
 * c.addi4spn.
 */
asm(".pushsection .text\n"
	".balign 64\n"
	".globl guest_trap_handler\n"
	"guest_trap_handler: .byte 0x02, 0x90, 0x02, 0x02, 0x90\n"
	".balign 2\n"
	".popsection");

u64 guest_code(unsigned long mode)
{
	return CODE + CODE_OFFSET + (mode == GUEST_VU ? GUEST_VU_OFFSET : 0);
}

u64 *guest_map(struct kvm_vm *vm, u64 gva, u64 gpa, unsigned long mode)
{
	unsigned int level = vm->mmu.pgtable_levels;
	u64 table = vm->mmu.pgd, *pte = NULL;

	virt_pg_map(vm, gva, gpa);

	/* The same walk again; the library has none that gives the PTE. */
	while (level-- > 0) {
		pte = addr_gpa2hva(vm, table);
		pte += gva >> (PGTBL_PAGE_SIZE_SHIFT + 9 * level) & 511;
		table = (*pte & PGTBL_PTE_ADDR_MASK) >> PGTBL_PTE_ADDR_SHIFT
			<< PGTBL_PAGE_SIZE_SHIFT;
	}

	if (mode == GUEST_VU)
		*pte |= PGTBL_PTE_USER_MASK;
	return pte;
}

void *guest_page(struct kvm_vm *vm, u64 gva)
{
	u64 gpa = vm_phy_page_alloc(vm, 2 * vm->page_size,
				    vm->memslots[MEM_REGION_DATA]);

	guest_map(vm, gva, gpa, GUEST_VS);
	guest_map(vm, gva + GUEST_VU_OFFSET, gpa, GUEST_VU);
	return addr_gpa2hva(vm, gpa);
}

struct kvm_vm *guest_create(struct kvm_vcpu **vcpu)
{
	static const u32 ids[] = { 0 };
	struct kvm_vm *vm = sbi_vm_create(vcpu, ids, 1);

	guest_page(vm, CODE);
	return vm;
}

/* The registers have values that none of them has by itself. */
struct guest_state guest_at_address(struct kvm_vcpu *vcpu, unsigned long mode, u64 pc)
{
	struct guest_state state = guest_get(vcpu);
	unsigned int i;

	state.pc = pc;
	state.mode = mode;
	state.stvec = (u64)guest_trap_handler;
	/* Before its first run, a vCPU has a 0 in this field that is fixed. */
	state.sstatus |= SR_UXL_64;
	for (i = 1; i < ARRAY_SIZE(state.x); i++)
		state.x[i] = 0xa5a5000000000000 | i << 8 | i;

	/* Nor do the CSRs of a trap. */
	state.sepc = 0x5a5a5a5a5a5a;
	state.scause = 0x5b;
	state.stval = 0x5c5c5c5c5c5c;
	return state;
}

struct guest_state guest_at(struct kvm_vcpu *vcpu, unsigned long mode, u32 insn)
{
	u16 code[] = { insn, insn >> 16, INSN_C_EBREAK };

	if (guest_insn_length(insn) == 2)
		code[1] = INSN_C_EBREAK;
	memcpy(addr_gva2hva(vcpu->vm, guest_code(GUEST_VS)), code, sizeof(code));
	return guest_at_address(vcpu, mode, guest_code(mode));
}

struct guest_state guest_get(struct kvm_vcpu *vcpu)
{
	struct guest_state state = {
		.pc = vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc)),
		.mode = vcpu_get_reg(vcpu, RISCV_CORE_REG(mode)),
		.sstatus = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(sstatus)),
		.stvec = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(stvec)),
		.sepc = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(sepc)),
		.scause = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(scause)),
		.stval = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(stval)),
		.satp = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(satp)),
	};
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(state.x); i++)
		state.x[i] = vcpu_get_reg(vcpu, REG_X(i));
	return state;
}

void guest_set(struct kvm_vcpu *vcpu, const struct guest_state *state)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(state->x); i++)
		vcpu_set_reg(vcpu, REG_X(i), state->x[i]);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), state->pc);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(mode), state->mode);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(sstatus), state->sstatus);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(stvec), state->stvec);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(sepc), state->sepc);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(scause), state->scause);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(stval), state->stval);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(satp), state->satp);
}

struct guest_end guest_resume(struct kvm_vcpu *vcpu)
{
	struct guest_end end = {};

	while (__vcpu_run(vcpu)) {
		if (errno != EINTR) {
			end.error = errno;
			break;
		}
	}
	end.exit_reason = vcpu->run->exit_reason;
	end.state = guest_get(vcpu);
	return end;
}

void guest_complete(struct kvm_vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	sbi_expect(__vcpu_run(vcpu) && errno == EINTR,
		   "KVM_RUN that is to end at once gave errno %d", errno);
	vcpu->run->immediate_exit = 0;
}

struct guest_end guest_run(struct kvm_vcpu *vcpu, const struct guest_state *start)
{
	guest_complete(vcpu);
	guest_set(vcpu, start);
	return guest_resume(vcpu);
}

static bool same(const char *what, const char *name, unsigned long is, unsigned long wanted)
{
	return sbi_expect(is == wanted, "%s: %s is 0x%lx, wanted 0x%lx", what, name, is, wanted);
}

bool guest_expect_same(const char *what, const struct guest_state *is,
		       const struct guest_state *wanted, unsigned int but)
{
	unsigned int i;
	bool ok = true;
	char name[8];

	for (i = 1; i < ARRAY_SIZE(is->x); i++) {
		snprintf(name, sizeof(name), "x%u", i);
		if (i != but)
			ok &= same(what, name, is->x[i], wanted->x[i]);
	}
	ok &= same(what, "the pc", is->pc, wanted->pc);
	ok &= same(what, "the mode", is->mode, wanted->mode);
	ok &= same(what, "sstatus", is->sstatus, wanted->sstatus);
	ok &= same(what, "stvec", is->stvec, wanted->stvec);
	ok &= same(what, "sepc", is->sepc, wanted->sepc);
	ok &= same(what, "scause", is->scause, wanted->scause);
	ok &= same(what, "stval", is->stval, wanted->stval);
	ok &= same(what, "satp", is->satp, wanted->satp);
	return ok;
}

static bool expect_end(const char *what, const struct guest_end *end,
		       const struct guest_state *start, unsigned int exit_reason)
{
	return sbi_expect(!end->error && end->exit_reason == exit_reason,
			  "%s from 0x%lx, mode %lu: KVM_RUN ended with exit reason %u, errno %d, pc 0x%lx; wanted exit reason %u",
			  what, start->pc, start->mode, end->exit_reason, end->error,
			  end->state.pc, exit_reason);
}

bool guest_expect_trapped(const struct guest_end *end, const struct guest_state *start,
			  unsigned long cause, unsigned long tval)
{
	struct guest_state wanted = *start;

	if (!expect_end("a trap", end, start, KVM_EXIT_DEBUG))
		return false;

	/* Bit 0 of stvec is the mode; exceptions enter at the base in each. */
	wanted.pc = start->stvec & ~3UL;
	wanted.mode = GUEST_VS;
	wanted.sepc = start->pc;
	wanted.scause = cause;
	wanted.stval = tval;
	wanted.sstatus &= ~(SR_SPP | SR_SPIE | SR_SIE);
	if (start->mode == GUEST_VS)
		wanted.sstatus |= SR_SPP;
	if (start->sstatus & SR_SIE)
		wanted.sstatus |= SR_SPIE;
	return guest_expect_same("a trap", &end->state, &wanted, 0);
}

bool guest_expect_trap(struct kvm_vcpu *vcpu, const struct guest_state *start,
		       unsigned long cause, unsigned long tval)
{
	struct guest_state from = *start;
	struct guest_end end;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		from.sstatus = start->sstatus & ~(SR_SIE | SR_SPIE | SR_SPP);
		from.sstatus |= (i & 1 ? SR_SIE : 0) | (i & 2 ? SR_SPIE : 0) |
				(i & 4 ? SR_SPP : 0);
		end = guest_run(vcpu, &from);
		if (!guest_expect_trapped(&end, &from, cause, tval))
			return false;
	}
	return true;
}

bool guest_expect_passed(const struct guest_end *end, const struct guest_state *start,
			 unsigned int rd)
{
	struct guest_state wanted = *start;

	if (!expect_end("an instruction", end, start, KVM_EXIT_DEBUG))
		return false;

	wanted.pc = end->state.pc;
	sbi_expect(wanted.pc == start->pc + 4 || wanted.pc == start->pc + 2,
		   "an instruction: the pc is 0x%lx, from 0x%lx; scause is 0x%lx, stval 0x%lx",
		   wanted.pc, start->pc, end->state.scause, end->state.stval);
	return guest_expect_same("an instruction", &end->state, &wanted, rd);
}

unsigned long guest_expect_value(struct kvm_vcpu *vcpu, const struct guest_state *start,
				 unsigned int rd)
{
	struct guest_end end = guest_run(vcpu, start);

	guest_expect_passed(&end, start, rd);
	return rd ? end.state.x[rd] : 0;
}

bool guest_expect_exit(const struct guest_end *end, const struct guest_state *start,
		       unsigned int exit_reason)
{
	return expect_end("an exit", end, start, exit_reason) &&
	       guest_expect_same("an exit", &end->state, start, 0);
}

void guest_expect_counted(struct kvm_vcpu *vcpu, const char *name, u64 before, u64 wanted)
{
	u64 more = sbi_stat(vcpu, name) - before;

	sbi_expect(more == wanted, "%s went up by %lu, wanted %lu", name, more, wanted);
}
