// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that executes one instruction at a time.
 */
#include <errno.h>

#include "guest_step.h"

/* The guest's trap handler: it changes nothing, and comes to the host at once. */
extern char step_trapped[];
asm(".pushsection .text\n"
	".balign 4\n"
	"step_trapped: ebreak\n"
	".popsection");

/* The code is seen a second time by VU, which may not execute pages of VS, nor VS its. */
#define USER_CODE		0x50000000

#define FENCE_I			0x0000100f
#define SFENCE_VMA		0x12000073
#define C_EBREAK		0x9002

#define BITS_OF_LEVEL		9

u64 *step_pte(struct kvm_vm *vm, gva_t gva, unsigned int level)
{
	gpa_t table = vm->mmu.pgd;
	unsigned int at = vm->mmu.pgtable_levels;
	u64 *pte;

	for (;;) {
		at--;
		pte = (u64 *)addr_gpa2hva(vm, table) +
		      (gva >> (PGTBL_PAGE_SIZE_SHIFT + at * BITS_OF_LEVEL)) %
		      (1 << BITS_OF_LEVEL);
		if (at == level)
			return pte;
		table = (*pte & PGTBL_PTE_ADDR_MASK) >> PGTBL_PTE_ADDR_SHIFT <<
			PGTBL_PAGE_SIZE_SHIFT;
	}
}

void step_point(struct kvm_vm *vm, gva_t gva, unsigned int level, gpa_t gpa)
{
	u64 *pte = step_pte(vm, gva, level);

	*pte &= ~PGTBL_PTE_ADDR_MASK;
	*pte |= gpa >> PGTBL_PAGE_SIZE_SHIFT << PGTBL_PTE_ADDR_SHIFT;
}

void step_patterns(struct step_guest *guest)
{
	unsigned long i;

	for (i = 1; i < NR_X; i++)
		guest->x[i] = 0xa5a5000000000000 | i << 8 | i;
	guest->user = false;
}

void step_create(struct step_guest *guest)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };
	unsigned int i;

	memset(guest, 0, sizeof(*guest));
	guest->vm = vm_create_with_one_vcpu(&guest->vcpu, step_trapped);
	guest->code = vm_alloc_pages(guest->vm, STEP_CODE_PAGES);
	guest->user_code = USER_CODE;
	for (i = 0; i < STEP_CODE_PAGES; i++) {
		virt_pg_map(guest->vm, guest->user_code + i * 4096,
			    addr_gva2gpa(guest->vm, guest->code + i * 4096));
		*step_pte(guest->vm, guest->user_code + i * 4096, 0) |= PGTBL_PTE_USER_MASK;
	}

	/* Each ebreak comes to the host. */
	vcpu_guest_debug_set(guest->vcpu, &debug);
	vcpu_set_reg(guest->vcpu, RISCV_GENERAL_CSR_REG(stvec), (unsigned long)step_trapped);

	guest->place = STEP_PLACE;
	step_patterns(guest);
	for (i = 1; i < NR_X; i++)
		guest->known[i] = ~guest->x[i];
}

static unsigned int length(u32 instruction)
{
	return (instruction & 3) == 3 ? 4 : 2;
}

/* Where the step begins. */
static u64 write_code(struct step_guest *guest, u32 instruction)
{
	u32 before[3];
	unsigned int count = 0, bytes, i;
	u16 ebreak = C_EBREAK;
	char *code;

	before[count++] = FENCE_I;
	if (!guest->user)
		before[count++] = SFENCE_VMA;
	if (guest->before)
		before[count++] = guest->before;

	for (i = 0, bytes = 0; i < count; i++)
		bytes += length(before[i]);

	/* The pages follow each other in the guest, but maybe not here. */
	code = addr_gva2hva(guest->vm, guest->code);
	TEST_ASSERT(addr_gva2hva(guest->vm, guest->code + 4096) == code + 4096,
		    "the pages of code are not next to each other");
	code += guest->place - bytes;
	for (i = 0; i < count; i++) {
		memcpy(code, &before[i], length(before[i]));
		code += length(before[i]);
	}
	memcpy(code, &instruction, length(instruction));
	memcpy(code + length(instruction), &ebreak, sizeof(ebreak));

	guest->pc = (guest->user ? guest->user_code : guest->code) + guest->place;
	guest->behind = guest->pc + length(instruction);
	return guest->pc - bytes;
}

enum step_end step_go_on(struct step_guest *guest)
{
	u64 pc;

	guest->run_errno = 0;
	while (__vcpu_run(guest->vcpu)) {
		if (errno != EINTR) {
			guest->run_errno = errno;
			return STEP_ERROR;
		}
	}

	if (guest->vcpu->run->exit_reason != KVM_EXIT_DEBUG)
		return STEP_EXIT;
	pc = step_pc(guest);
	if (pc == guest->behind)
		return STEP_DONE;
	return pc == (u64)step_trapped ? STEP_TRAP : STEP_EXIT;
}

enum step_end step(struct step_guest *guest, u32 instruction)
{
	u64 begin = write_code(guest, instruction);
	unsigned int i;

	for (i = 1; i < NR_X; i++) {
		guest->was[i] = guest->x[i];
		if (guest->known[i] != guest->x[i])
			vcpu_set_reg(guest->vcpu, step_register(i), guest->x[i]);
		guest->known[i] = guest->x[i];
	}
	vcpu_set_reg(guest->vcpu, RISCV_CORE_REG(mode),
		     guest->user ? KVM_RISCV_MODE_U : KVM_RISCV_MODE_S);
	vcpu_set_reg(guest->vcpu, RISCV_CORE_REG(regs.pc), begin);

	/* What an earlier step has left to user space is over. */
	guest->vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;

	return step_go_on(guest);
}

u64 step_pc(const struct step_guest *guest)
{
	return vcpu_get_reg(guest->vcpu, RISCV_CORE_REG(regs.pc));
}

static u64 csr(const struct step_guest *guest, u64 id)
{
	return vcpu_get_reg(guest->vcpu, id);
}

const char *step_ended(const struct step_guest *guest, enum step_end end)
{
	static char text[256];
	struct kvm_run *run = guest->vcpu->run;

	switch (end) {
	case STEP_DONE:
		return "it went on behind the instruction";
	case STEP_ERROR:
		snprintf(text, sizeof(text), "KVM_RUN failed with errno %d", guest->run_errno);
		return text;
	case STEP_TRAP:
		snprintf(text, sizeof(text), "a trap: scause %lu, stval 0x%lx, sepc 0x%lx",
			 csr(guest, RISCV_GENERAL_CSR_REG(scause)),
			 csr(guest, RISCV_GENERAL_CSR_REG(stval)),
			 csr(guest, RISCV_GENERAL_CSR_REG(sepc)));
		return text;
	case STEP_EXIT:
		break;
	}

	if (run->exit_reason == KVM_EXIT_MMIO)
		snprintf(text, sizeof(text), "an MMIO exit: a %s of %u bytes at 0x%lx",
			 run->mmio.is_write ? "store" : "load", run->mmio.len,
			 (unsigned long)run->mmio.phys_addr);
	else
		snprintf(text, sizeof(text), "exit reason %u, the pc 0x%lx", run->exit_reason,
			 step_pc(guest));
	return text;
}

bool step_expect_registers(struct step_guest *guest, const char *what,
			   unsigned int changed, unsigned long value)
{
	unsigned int i;
	bool ok = true;

	for (i = 1; i < NR_X; i++) {
		unsigned long wanted = i == changed ? value : guest->was[i];

		guest->known[i] = vcpu_get_reg(guest->vcpu, step_register(i));
		ok &= sbi_expect(guest->known[i] == wanted,
				 "%s: x%u is 0x%lx, wanted 0x%lx; it was 0x%lx",
				 what, i, guest->known[i], wanted, guest->was[i]);
	}
	return ok;
}

bool step_expect_trap(struct step_guest *guest, const char *what, enum step_end end,
		      unsigned long scause, unsigned long stval)
{
	unsigned long is_scause, is_stval, sepc;
	bool ok, supervisor;

	if (!sbi_expect(end == STEP_TRAP, "%s: %s; wanted scause %lu, stval 0x%lx", what,
			step_ended(guest, end), scause, stval))
		return false;

	is_scause = csr(guest, RISCV_GENERAL_CSR_REG(scause));
	is_stval = csr(guest, RISCV_GENERAL_CSR_REG(stval));
	sepc = csr(guest, RISCV_GENERAL_CSR_REG(sepc));
	supervisor = csr(guest, RISCV_GENERAL_CSR_REG(sstatus)) & SR_SPP;

	ok = sbi_expect(is_scause == scause && is_stval == stval,
			"%s: scause %lu, stval 0x%lx; wanted %lu, 0x%lx", what,
			is_scause, is_stval, scause, stval);
	ok &= sbi_expect(sepc == guest->pc, "%s: sepc is 0x%lx, wanted 0x%lx", what, sepc,
			 (unsigned long)guest->pc);
	ok &= sbi_expect(supervisor == !guest->user, "%s: sstatus.SPP is %u, wanted %u", what,
			 supervisor, !guest->user);
	return step_expect_registers(guest, what, 0, 0) && ok;
}
