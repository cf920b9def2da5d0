// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables of the guest that are not in its memory, or in memory that it cannot
 * write. A hart says so by a pseudo-instruction in htinst: it is no MMIO. Where
 * nothing is, the guest gets an access fault of what it wanted, as from a bus that
 * has no device there.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include "mmio_guest.h"

#define PAGE_TABLE_READ		0x3000
#define PAGE_TABLE_WRITE	0x3020

#define C_EBREAK		0x9002

/* A region of its own level 1 table, and the next one. */
#define TABLE_GVA		0x80000000UL
#define LEVEL_1_SPAN		(1UL << 30)
#define LEVEL_0_SPAN		(1UL << 21)

#define VALUE			0x8182838485868788

static struct step_guest guest;

/* jalr x0, 0(x10), and what then happens is at @gva. */
static enum step_end jump(gva_t gva)
{
	enum step_end end;

	guest.x[10] = gva;
	end = step(&guest, 0x00050067);
	guest.pc = gva;
	return end;
}

/* The page of @gva exists, but its table of this level is to be at @gpa. */
static void table_at(gva_t gva, unsigned int level, gpa_t gpa)
{
	virt_pg_map(guest.vm, gva, mmio_gpa(mmio_gva(PAGE_MMIO)));
	if (guest.user)
		*step_pte(guest.vm, gva, 0) |= PGTBL_PTE_USER_MASK;
	step_point(guest.vm, gva, level + 1, gpa);
}

static void tables_in_a_hole(void)
{
	table_at(TABLE_GVA, 0, MMIO_HOLE);
	table_at(TABLE_GVA + LEVEL_1_SPAN, 1, MMIO_HOLE + 4096);
}

static const gva_t in_a_hole[] = {
	TABLE_GVA, TABLE_GVA + 0x1238, TABLE_GVA + LEVEL_0_SPAN - 8,
	TABLE_GVA + LEVEL_1_SPAN, TABLE_GVA + 2 * LEVEL_1_SPAN - 8,
};

static void expect_no_tables(void)
{
	static const char * const names[] = {
		"lb", "lw", "ld", "sb", "sw", "sd", "c.lw", "c.ld", "c.sd", "c.swsp",
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(in_a_hole); i++) {
		for (j = 0; j < ARRAY_SIZE(names); j++)
			mmio_expect_fault(&guest, names[j], in_a_hole[i], in_a_hole[i]);
	}
	/* The lowest bits are the access's, not those of the table entry. */
	mmio_expect_fault(&guest, "lb", TABLE_GVA + 3, TABLE_GVA + 3);
	mmio_expect_fault(&guest, "sb", TABLE_GVA + 5, TABLE_GVA + 5);
	mmio_expect_alive(&guest);
}

/*
 * The machine says 0x3000, an access to a page table. C: an MMIO access at the
 * address of the table entry.
 */
static void no_tables(void)
{
	mmio_create(&guest);
	tables_in_a_hole();
	expect_no_tables();
}

static void no_tables_for_user(void)
{
	mmio_create(&guest);
	mmio_for_user(&guest);
	tables_in_a_hole();
	expect_no_tables();
}

/* amoadd.d x12, x13, (x10) and lr.d x12, (x10). C: KVM_RUN fails with EOPNOTSUPP. */
static void no_tables_for_amo(void)
{
	enum step_end end;

	mmio_create(&guest);
	tables_in_a_hole();
	guest.x[10] = TABLE_GVA + 0x100;
	end = step(&guest, 0x00d5362f);
	step_expect_trap(&guest, "amoadd.d", end, STORE_ACCESS_FAULT, TABLE_GVA + 0x100);
	end = step(&guest, 0x1005362f);
	step_expect_trap(&guest, "lr.d", end, LOAD_ACCESS_FAULT, TABLE_GVA + 0x100);
	mmio_expect_alive(&guest);
}

static void no_tables_for_fetch(void)
{
	unsigned int i;

	mmio_create(&guest);
	tables_in_a_hole();
	for (i = 0; i < ARRAY_SIZE(in_a_hole); i++)
		step_expect_trap(&guest, "a fetch", jump(in_a_hole[i]), FETCH_ACCESS_FAULT,
				 in_a_hole[i]);
	step_patterns(&guest);
	mmio_expect_alive(&guest);
}

/* A table of pages in the slot, whose first entries are pages of RAM. */
static void tables_in_slot(u32 flags)
{
	unsigned int page, i;

	mmio_create(&guest);
	mmio_add_slot(&guest, flags);
	for (page = 0; page < 2; page++) {
		table_at(TABLE_GVA + page * LEVEL_0_SPAN, 0, MMIO_SLOT_GPA + page * 4096);
		for (i = 0; i < 3; i++)
			mmio_in_slot(&guest, page)[i] =
				*step_pte(guest.vm, mmio_gva(PAGE_RAM_2), 0);
	}
}

static void expect_tables_for_loads(void)
{
	*(u64 *)mmio_ram(&guest, mmio_gva(PAGE_RAM_2)) = VALUE;
	mmio_expect_memory(&guest, "ld", TABLE_GVA, VALUE);
	mmio_expect_memory(&guest, "lh", TABLE_GVA + LEVEL_0_SPAN + 4096, VALUE);
}

static void expect_tables_for_stores(void)
{
	u64 *ram = mmio_ram(&guest, mmio_gva(PAGE_RAM_2));

	mmio_expect_memory(&guest, "sd", TABLE_GVA, 0x1234);
	sbi_expect(*ram == 0x1234, "sd: the memory is 0x%lx", *ram);
	mmio_expect_memory(&guest, "sb", TABLE_GVA + LEVEL_0_SPAN + 8192, 0x56);
	sbi_expect(*ram == 0x1256, "sb: the memory is 0x%lx", *ram);
}

static void fresh_tables_for_loads(void)
{
	tables_in_slot(0);
	expect_tables_for_loads();
	expect_tables_for_stores();
}

static void fresh_tables_for_stores(void)
{
	tables_in_slot(0);
	expect_tables_for_stores();
	expect_tables_for_loads();
}

static void read_only_tables_for_loads(void)
{
	tables_in_slot(KVM_MEM_READONLY);
	expect_tables_for_loads();
}

static void read_only_tables_for_fetch(void)
{
	u16 ebreak = C_EBREAK;
	enum step_end end;

	tables_in_slot(KVM_MEM_READONLY);
	memcpy(mmio_ram(&guest, mmio_gva(PAGE_RAM_2) + 64), &ebreak, sizeof(ebreak));
	end = jump(TABLE_GVA + 64);
	sbi_expect(end == STEP_EXIT && guest.vcpu->run->exit_reason == KVM_EXIT_DEBUG &&
		   step_pc(&guest) == TABLE_GVA + 64, "%s; wanted to be at 0x%lx",
		   step_ended(&guest, end), TABLE_GVA + 64);
}

/*
 * The store's own page can be written, and of the table, whose A and D bits are
 * set, only a read is needed. C: an MMIO store at the address of the table entry.
 */
static void read_only_tables_for_stores(void)
{
	tables_in_slot(KVM_MEM_READONLY);
	expect_tables_for_stores();
	mmio_expect_alive(&guest);
}

static bool dirty(unsigned int page)
{
	unsigned long bitmap[1] = { 0 };

	kvm_vm_get_dirty_log(guest.vm, MMIO_SLOT, bitmap);
	return bitmap[0] & BIT(page);
}

/* 0x3020, the access of a hart that sets A and D bits, which this machine does not show. */
static void table_write_is_a_write(unsigned long trap)
{
	mmio_create(&guest);
	mmio_add_slot(&guest, KVM_MEM_LOG_DIRTY_PAGES);
	*mmio_in_slot(&guest, 1) = VALUE;
	*mmio_in_slot(&guest, 2) = VALUE;
	*(u16 *)mmio_in_slot(&guest, 3) = C_EBREAK;
	dirty(0);

	mmio_expect_memory(&guest, "ld", MMIO_SLOT_GVA + 4096, VALUE);
	sbi_expect(!dirty(1), "a load makes its page dirty");
	htinst_or_skip(BIT(trap), 0, PAGE_TABLE_WRITE);
	if (trap == LOAD_GUEST_PAGE_FAULT) {
		mmio_expect_memory(&guest, "ld", MMIO_SLOT_GVA + 8192, VALUE);
		sbi_expect(dirty(2), "a page is not dirty after 0x3020 for a load");
	} else {
		jump(MMIO_SLOT_GVA + 3 * 4096);
		sbi_expect(dirty(3), "a page is not dirty after 0x3020 for a fetch");
	}
	htinst_expect_changed();
}

/* C: the page is mapped read-only, and is not dirty; the hart would trap for ever. */
static void table_write_of_load(void)
{
	table_write_is_a_write(LOAD_GUEST_PAGE_FAULT);
}

static void table_write_of_fetch(void)
{
	table_write_is_a_write(FETCH_GUEST_PAGE_FAULT);
}

/* Also where a machine says 0x3000 for MMIO itself. C: an MMIO access. */
static void table_write_in_a_hole(void)
{
	mmio_create(&guest);
	htinst_or_skip(MMIO_TRAPS, 0, PAGE_TABLE_WRITE);
	mmio_expect_fault(&guest, "lw", mmio_gva(PAGE_MMIO), mmio_gva(PAGE_MMIO));
	mmio_expect_fault(&guest, "sd", mmio_gva(PAGE_MMIO), mmio_gva(PAGE_MMIO));
	mmio_expect_fault(&guest, "c.sdsp", mmio_gva(PAGE_MMIO) + 8, mmio_gva(PAGE_MMIO) + 8);
	htinst_or_skip(MMIO_TRAPS, 0, PAGE_TABLE_READ);
	mmio_expect_fault(&guest, "lw", mmio_gva(PAGE_MMIO), mmio_gva(PAGE_MMIO));
	mmio_expect_fault(&guest, "sd", mmio_gva(PAGE_MMIO), mmio_gva(PAGE_MMIO));
	htinst_expect_changed();
	mmio_expect_alive(&guest);
}

/* C: the page is mapped read-only; the hart would trap for ever. */
static void table_write_in_read_only_slot(void)
{
	mmio_create(&guest);
	mmio_add_slot(&guest, KVM_MEM_READONLY);
	htinst_or_skip(MMIO_TRAPS | BIT(FETCH_GUEST_PAGE_FAULT), 0, PAGE_TABLE_WRITE);
	mmio_expect_fault(&guest, "lw", MMIO_SLOT_GVA, MMIO_SLOT_GVA);
	mmio_expect_fault(&guest, "sd", MMIO_SLOT_GVA, MMIO_SLOT_GVA);
	htinst_expect_changed();
	mmio_expect_alive(&guest);
}

static void table_write_of_fetch_in_read_only_slot(void)
{
	mmio_create(&guest);
	mmio_add_slot(&guest, KVM_MEM_READONLY);
	/* The code of the test itself is mapped first, for reading as well. */
	mmio_expect_alive(&guest);
	htinst_or_skip(BIT(FETCH_GUEST_PAGE_FAULT), 0, PAGE_TABLE_WRITE);
	step_expect_trap(&guest, "a fetch", jump(MMIO_SLOT_GVA + 4096), FETCH_ACCESS_FAULT,
			 MMIO_SLOT_GVA + 4096);
	htinst_expect_changed();
	step_patterns(&guest);
	mmio_expect_alive(&guest);
}

static const struct sbi_case cases[] = {
	{ "[X7] page tables in a hole: loads and stores have access faults", no_tables },
	{ "[X7] page tables in a hole: those of VU have access faults", no_tables_for_user },
	{ "[X7] page tables in a hole: LR and AMO have access faults", no_tables_for_amo },
	{ "page tables in a hole: fetches have access faults", no_tables_for_fetch },
	{ "page tables in memory that KVM has not seen yet, loads first", fresh_tables_for_loads },
	{ "page tables in memory that KVM has not seen yet, stores first", fresh_tables_for_stores },
	{ "page tables in a read-only slot: loads", read_only_tables_for_loads },
	{ "page tables in a read-only slot: fetches", read_only_tables_for_fetch },
	{ "[X7] page tables in a read-only slot: stores", read_only_tables_for_stores },
	{ "[X7] a page table written for a load is dirty", table_write_of_load },
	{ "[X7] a page table written for a fetch is dirty", table_write_of_fetch },
	{ "[X7] a page table written in a hole is an access fault", table_write_in_a_hole },
	{ "[X7] a page table written in a read-only slot is an access fault",
	  table_write_in_read_only_slot },
	{ "[X7] a page table written in a read-only slot for a fetch is an access fault",
	  table_write_of_fetch_in_read_only_slot },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
