// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and stores that no device sees as one access: misaligned ones, and those
 * that cross a page, of which one half may be memory. The guest gets an access
 * fault.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include "mmio_guest.h"

#define VALUE			0x8182838485868788

static struct step_guest guest;

static const char * const wide_names[] = {
	"lh", "lhu", "lw", "lwu", "ld", "sh", "sw", "sd", "c.lw", "c.ld", "c.sw", "c.sd",
	"c.lwsp", "c.ldsp", "c.swsp", "c.sdsp",
};

/* Misaligned within a page that no memory backs. C: KVM_RUN fails with EIO. */
static void misaligned(void)
{
	unsigned int i, j;

	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(wide_names); i++) {
		for (j = 1; j < memory_instruction(wide_names[i])->bytes; j++)
			mmio_expect_fault(&guest, wide_names[i], mmio_gva(PAGE_MMIO) + 128 + j,
					  mmio_gva(PAGE_MMIO) + 128 + j);
	}
	mmio_expect_alive(&guest);
}

static void misaligned_without_htinst(void)
{
	mmio_without_htinst();
	misaligned();
	htinst_expect_changed();
}

/* In VU, and where the access crosses a page as well. C: EIO, or MMIO at the second page. */
static void misaligned_for_user(void)
{
	mmio_create(&guest);
	mmio_for_user(&guest);
	mmio_expect_fault(&guest, "lw", mmio_gva(PAGE_MMIO) + 2, mmio_gva(PAGE_MMIO) + 2);
	mmio_expect_fault(&guest, "sd", mmio_gva(PAGE_MMIO) + 4, mmio_gva(PAGE_MMIO) + 4);
	mmio_expect_fault(&guest, "ld", mmio_gva(PAGE_MMIO) - 4, mmio_gva(PAGE_MMIO));
	mmio_expect_fault(&guest, "sw", mmio_gva(PAGE_MMIO) - 2, mmio_gva(PAGE_MMIO));
	mmio_expect_alive(&guest);
}

/* Across the end of a page, where it faults at @stval, or at its own address if that is 0. */
static void across(gva_t boundary, gva_t stval)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(wide_names); i++) {
		for (j = 1; j < memory_instruction(wide_names[i])->bytes; j++)
			mmio_expect_fault(&guest, wide_names[i], boundary - j,
					  stval ?: boundary - j);
	}
}

/* C: the whole access is MMIO at the beginning of the second page. */
static void from_memory_to_mmio(void)
{
	mmio_create(&guest);
	across(mmio_gva(PAGE_MMIO), mmio_gva(PAGE_MMIO));
	mmio_expect_alive(&guest);
}

static void from_memory_to_mmio_without_htinst(void)
{
	mmio_without_htinst();
	from_memory_to_mmio();
	htinst_expect_changed();
}

/* C: KVM_RUN fails with EIO. */
static void from_mmio(void)
{
	mmio_create(&guest);
	across(mmio_gva(PAGE_RAM_2), 0);
	across(mmio_gva(PAGE_MMIO_2), 0);
	mmio_expect_alive(&guest);
}

static void from_mmio_without_htinst(void)
{
	mmio_without_htinst();
	from_mmio();
	htinst_expect_changed();
}

/* The second half of a store is in a read-only slot. C: all of it is MMIO there. */
static void from_memory_to_read_only(void)
{
	mmio_create(&guest);
	mmio_add_slot(&guest, KVM_MEM_READONLY);
	/* The page behind RAM is the slot's. */
	step_point(guest.vm, mmio_gva(PAGE_MMIO), 0, MMIO_SLOT_GPA);
	mmio_expect_fault(&guest, "sd", mmio_gva(PAGE_MMIO) - 4, mmio_gva(PAGE_MMIO));
	mmio_expect_fault(&guest, "c.sw", mmio_gva(PAGE_MMIO) - 1, mmio_gva(PAGE_MMIO));
	sbi_expect(!*mmio_in_slot(&guest, 0), "read-only memory was changed");
	mmio_expect_memory(&guest, "ld", mmio_gva(PAGE_MMIO) - 4, 0);

	step_point(guest.vm, mmio_gva(PAGE_MMIO), 0, mmio_gpa(mmio_gva(PAGE_MMIO)));
	mmio_expect_alive(&guest);
}

static void from_memory_to_read_only_without_htinst(void)
{
	mmio_without_htinst();
	from_memory_to_read_only();
	htinst_expect_changed();
}

/* The two halves of an access across the end of PAGE_RAM_2. */
static void halves(const struct memory_instruction *instruction, char **first, char **second)
{
	*first = (char *)mmio_ram(&guest, mmio_gva(PAGE_RAM_3) - 1) + 1 - instruction->bytes / 2;
	*second = mmio_ram(&guest, mmio_gva(PAGE_RAM_3));
}

static void expect_across_memory(const struct memory_instruction *instruction)
{
	const unsigned int half = instruction->bytes / 2;
	const gva_t gva = mmio_gva(PAGE_RAM_3) - half;
	char *first, *second, data[8] = {};
	u64 value = VALUE;

	halves(instruction, &first, &second);
	if (!instruction->store) {
		memcpy(first, &value, half);
		memcpy(second, (char *)&value + half, half);
		mmio_expect_memory(&guest, instruction->name, gva, VALUE);
		return;
	}

	mmio_expect_memory(&guest, instruction->name, gva, VALUE);
	memcpy(data, first, half);
	memcpy(data + half, second, half);
	sbi_expect(!memcmp(data, &value, instruction->bytes), "%s: the memory is something else",
		   instruction->name);
}

/* Both halves are memory; KVM has seen neither yet, or only the first. */
static void from_memory_to_memory(void)
{
	unsigned int i, seen;

	for (i = 0; i < ARRAY_SIZE(wide_names); i++) {
		for (seen = 0; seen < 2; seen++) {
			mmio_create(&guest);
			if (seen)
				mmio_expect_memory(&guest, "lb", mmio_gva(PAGE_RAM_2), 0);
			expect_across_memory(memory_instruction(wide_names[i]));
			kvm_vm_free(guest.vm);
		}
	}
}

static void from_memory_to_memory_without_htinst(void)
{
	mmio_without_htinst();
	from_memory_to_memory();
	htinst_expect_changed();
}

static const struct sbi_case cases[] = {
	{ "[X8] misaligned MMIO", misaligned },
	{ "[X8] misaligned MMIO, htinst 0", misaligned_without_htinst },
	{ "[X8] misaligned MMIO of VU", misaligned_for_user },
	{ "[X8] across the end of memory", from_memory_to_mmio },
	{ "[X8] across the end of memory, htinst 0", from_memory_to_mmio_without_htinst },
	{ "[X8] from MMIO across the beginning of memory, and within MMIO", from_mmio },
	{ "[X8] from MMIO across the beginning of memory, and within MMIO, htinst 0",
	  from_mmio_without_htinst },
	{ "[X8] a store across the beginning of read-only memory", from_memory_to_read_only },
	{ "[X8] a store across the beginning of read-only memory, htinst 0",
	  from_memory_to_read_only_without_htinst },
	{ "across two pages of memory", from_memory_to_memory },
	{ "across two pages of memory, htinst 0", from_memory_to_memory_without_htinst },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
