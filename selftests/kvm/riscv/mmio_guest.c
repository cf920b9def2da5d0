// SPDX-License-Identifier: GPL-2.0
/*
 * A guest with MMIO pages.
 */
#include "mmio_guest.h"

void mmio_create(struct step_guest *guest)
{
	enum mmio_page page;

	step_create(guest);
	for (page = 0; page < NR_PAGES; page++) {
		bool mmio = page == PAGE_MMIO || page == PAGE_MMIO_2;

		virt_pg_map(guest->vm, mmio_gva(page), mmio ? mmio_gpa(mmio_gva(page)) :
			    vm_phy_page_alloc(guest->vm, KVM_GUEST_PAGE_TABLE_MIN_PADDR,
					      guest->vm->memslots[MEM_REGION_DATA]));
	}
}

void mmio_for_user(struct step_guest *guest)
{
	enum mmio_page page;

	for (page = 0; page < NR_PAGES; page++)
		*step_pte(guest->vm, mmio_gva(page), 0) |= PGTBL_PTE_USER_MASK;
	guest->user = true;
}

void *mmio_ram(struct step_guest *guest, gva_t gva)
{
	return addr_gva2hva(guest->vm, gva);
}

unsigned int mmio_base(const struct memory_instruction *instruction, unsigned int x)
{
	if (instruction->form == FORM_STACK)
		return 2;
	return x == 10 ? 11 : 10;
}

const char *mmio_name(const struct mmio_access *access)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s x%u, %d(x%u)", access->instruction->name, access->x,
		 access->offset, access->base);
	return text;
}

bool mmio_expect_exit(struct step_guest *guest, const char *what, enum step_end end,
		      bool is_write, gpa_t gpa, unsigned int bytes)
{
	struct kvm_run *run = guest->vcpu->run;
	u64 pc;
	bool ok;

	ok = sbi_expect(end == STEP_EXIT && run->exit_reason == KVM_EXIT_MMIO &&
			run->mmio.phys_addr == gpa && run->mmio.len == bytes &&
			run->mmio.is_write == is_write,
			"%s: %s; wanted a %s of %u bytes at 0x%lx", what, step_ended(guest, end),
			is_write ? "store" : "load", bytes, gpa);
	if (!ok)
		return false;

	pc = step_pc(guest);
	return sbi_expect(pc == guest->pc, "%s: the pc is 0x%lx for user space, wanted 0x%lx",
			  what, pc, guest->pc);
}

bool mmio_expect_access(struct step_guest *guest, const struct mmio_access *access)
{
	const struct memory_instruction *instruction = access->instruction;
	const char *what = mmio_name(access);
	struct kvm_run *run = guest->vcpu->run;
	unsigned long base_before = guest->x[access->base];
	enum step_end end;
	u64 data = 0;
	bool ok;

	if (access->base)
		guest->x[access->base] = access->gva - access->offset;
	/* What is not written is seen. */
	memset(&run->mmio, 0x5a, sizeof(run->mmio));

	end = step(guest, encode(instruction, access->x, access->base, access->offset));
	guest->x[access->base] = base_before;
	ok = mmio_expect_exit(guest, what, end, instruction->store, mmio_gpa(access->gva),
			      instruction->bytes);
	if (!ok)
		return false;

	if (instruction->store) {
		u64 wanted = stored(instruction, access->x ? guest->was[access->x] : 0);

		memcpy(&data, run->mmio.data, instruction->bytes);
		ok = sbi_expect(data == wanted, "%s: user space gets 0x%lx, wanted 0x%lx",
				what, data, wanted);
	} else {
		memcpy(run->mmio.data, &access->value, sizeof(access->value));
	}

	end = step_go_on(guest);
	ok &= sbi_expect(end == STEP_DONE, "%s: after user space %s", what,
			 step_ended(guest, end));
	if (instruction->store || !access->x)
		return step_expect_registers(guest, what, 0, 0) && ok;
	return step_expect_registers(guest, what, access->x,
				     loaded(instruction, access->value)) && ok;
}

bool mmio_expect_fault(struct step_guest *guest, const char *name, gva_t gva, gva_t stval)
{
	const struct memory_instruction *instruction = memory_instruction(name);
	const unsigned int base = mmio_base(instruction, 12);
	const unsigned long before = guest->x[base];
	const int offset = 8 * instruction->bytes;
	char what[64];
	enum step_end end;

	snprintf(what, sizeof(what), "%s at 0x%lx", name, gva);
	guest->x[base] = gva - offset;
	end = step(guest, encode(instruction, 12, base, offset));
	guest->x[base] = before;
	return step_expect_trap(guest, what, end,
				instruction->store ? STORE_ACCESS_FAULT : LOAD_ACCESS_FAULT, stval);
}

bool mmio_expect_memory(struct step_guest *guest, const char *name, gva_t gva,
			unsigned long value)
{
	const struct memory_instruction *instruction = memory_instruction(name);
	const unsigned int base = mmio_base(instruction, 12);
	const unsigned long base_before = guest->x[base], before = guest->x[12];
	char what[64];
	enum step_end end;

	snprintf(what, sizeof(what), "%s at 0x%lx", name, gva);
	guest->x[base] = gva;
	if (instruction->store)
		guest->x[12] = value;
	end = step(guest, encode(instruction, 12, base, 0));
	guest->x[base] = base_before;
	guest->x[12] = before;
	if (!sbi_expect(end == STEP_DONE, "%s: %s; wanted none", what, step_ended(guest, end)))
		return false;
	return step_expect_registers(guest, what, instruction->store ? 0 : 12,
				     loaded(instruction, value));
}

void mmio_expect_alive(struct step_guest *guest)
{
	struct mmio_access load = {
		.instruction = memory_instruction("ld"),
		.x = 11,
		.base = 10,
		.gva = mmio_gva(PAGE_MMIO),
		.value = 0x8182838485868788,
	};

	guest->before = 0;
	htinst_as_it_is();
	mmio_expect_access(guest, &load);
}

void mmio_add_slot(struct step_guest *guest, u32 flags)
{
	unsigned int i;

	vm_userspace_mem_region_add(guest->vm, VM_MEM_SRC_ANONYMOUS, MMIO_SLOT_GPA, MMIO_SLOT,
				    MMIO_SLOT_PAGES, flags);
	for (i = 0; i < MMIO_SLOT_PAGES; i++)
		virt_pg_map(guest->vm, MMIO_SLOT_GVA + i * 4096, MMIO_SLOT_GPA + i * 4096);
}
