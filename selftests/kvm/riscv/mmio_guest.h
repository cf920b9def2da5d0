/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest of guest_step.h with pages that no memory backs next to pages of
 * memory, and what an access there has to be for user space.
 */
#ifndef SELFTEST_KVM_MMIO_GUEST_H
#define SELFTEST_KVM_MMIO_GUEST_H

#include "guest_step.h"
#include "htinst.h"
#include "memory_instruction.h"

#define FETCH_ACCESS_FAULT	1
#define LOAD_ACCESS_FAULT	5
#define STORE_ACCESS_FAULT	7
#define FETCH_GUEST_PAGE_FAULT	20
#define LOAD_GUEST_PAGE_FAULT	21
#define STORE_GUEST_PAGE_FAULT	23

/* The traps that an MMIO access is. */
#define MMIO_TRAPS		(BIT(LOAD_GUEST_PAGE_FAULT) | BIT(STORE_GUEST_PAGE_FAULT))

/* The pages, as the guest sees them: one after the other. */
enum mmio_page {
	PAGE_RAM,
	PAGE_MMIO,
	PAGE_MMIO_2,
	PAGE_RAM_2,
	PAGE_RAM_3,
	NR_PAGES,
};

#define MMIO_PAGES		0x40000000UL
/* Above all memory that there is. */
#define MMIO_HOLE		(1UL << 32)

/* step_create(), and the pages for VS. */
void mmio_create(struct step_guest *guest);

/* The pages are VU's from here on, which has to be before the guest has run. */
void mmio_for_user(struct step_guest *guest);

static inline gva_t mmio_gva(enum mmio_page page)
{
	return MMIO_PAGES + page * 4096;
}

/* Of an address in one of the MMIO pages. */
static inline gpa_t mmio_gpa(gva_t gva)
{
	return MMIO_HOLE + (gva - MMIO_PAGES);
}

/* The memory at an address in one of the others. */
void *mmio_ram(struct step_guest *guest, gva_t gva);

/* KVM_RUN ended with this access, at the instruction. */
bool mmio_expect_exit(struct step_guest *guest, const char *what, enum step_end end,
		      bool is_write, gpa_t gpa, unsigned int bytes);

/*
 * One load or store of x@x at @gva with x@base and @offset, by user space. With
 * a load user space answers with @value; with a store it has to get what is in
 * x@x. Nothing else may change in the guest.
 */
struct mmio_access {
	const struct memory_instruction *instruction;
	unsigned int x, base;
	int offset;
	gva_t gva;
	u64 value;
};

bool mmio_expect_access(struct step_guest *guest, const struct mmio_access *access);

/* A register that is not @x and can be the base. */
unsigned int mmio_base(const struct memory_instruction *instruction, unsigned int x);

/* "lw x5, -4(x6)", in a buffer of its own until the next call. */
const char *mmio_name(const struct mmio_access *access);

/* The instruction of this name, at @gva, is an access fault; stval is @stval. */
bool mmio_expect_fault(struct step_guest *guest, const char *name, gva_t gva, gva_t stval);

/* The instruction of this name is one of memory: it loads or stores @value. */
bool mmio_expect_memory(struct step_guest *guest, const char *name, gva_t gva,
			unsigned long value);

/* After what it had to bear, the VM goes on as before. */
void mmio_expect_alive(struct step_guest *guest);

/* A memory slot with these flags, and its pages. */
#define MMIO_SLOT		10
#define MMIO_SLOT_GPA		(MMIO_HOLE + (1UL << 30))
#define MMIO_SLOT_GVA		0x41000000UL
#define MMIO_SLOT_PAGES		4

void mmio_add_slot(struct step_guest *guest, u32 flags);

static inline u64 *mmio_in_slot(struct step_guest *guest, unsigned int page)
{
	return addr_gpa2hva(guest->vm, MMIO_SLOT_GPA + page * 4096);
}

/* From here on KVM has to read the instruction of each MMIO access from the guest's memory. */
static inline void mmio_without_htinst(void)
{
	htinst_or_skip(MMIO_TRAPS, 0, 0);
}

#endif /* SELFTEST_KVM_MMIO_GUEST_H */
