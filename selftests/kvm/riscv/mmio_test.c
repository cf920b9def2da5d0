// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and stores where no memory is, which user space performs.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include "mmio_guest.h"

#define RANDOM(n)		((n) * 0x9e3779b97f4a7c15UL)

static struct step_guest guest;

/* Two values that a load can find: with and without the sign bit of each width. */
static const u64 values[] = { 0x8182838485868788, 0x0102030405060708 };

/* Each register of each instruction of these forms, at a place of its own. */
static void each_register(bool store, bool zcb)
{
	const struct memory_instruction *instruction;
	unsigned int x, place = 0;

	for_each_memory_instruction(instruction) {
		if (instruction->store != store || (instruction->form == FORM_ZCB) != zcb)
			continue;
		for (x = 0; x < NR_X; x++) {
			struct mmio_access access = {
				.instruction = instruction,
				.x = x,
				.base = mmio_base(instruction, x),
				.gva = mmio_gva(PAGE_MMIO) + ++place % 512 * 8,
				.value = values[x % 2],
			};

			if (!takes_register(instruction, x))
				continue;
			if (instruction->form == FORM_STACK)
				access.offset = 5 * instruction->bytes;
			if (access.base != x)
				guest.x[x] = RANDOM(place);
			if (!mmio_expect_access(&guest, &access))
				return;
		}
	}
}

static void loads(void)
{
	mmio_create(&guest);
	each_register(false, false);
}

static void loads_without_htinst(void)
{
	mmio_without_htinst();
	loads();
	htinst_expect_changed();
}

static void stores(void)
{
	mmio_create(&guest);
	each_register(true, false);
}

static void stores_without_htinst(void)
{
	mmio_without_htinst();
	stores();
	htinst_expect_changed();
}

static void zcb_or_skip(void)
{
	mmio_create(&guest);
	if (!__vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_ZCB))
		sbi_skip("the guest has no Zcb");
}

/*
 * QEMU does not transform them, so KVM has to read them. C: KVM_RUN fails with
 * EOPNOTSUPP.
 */
static void zcb_loads(void)
{
	zcb_or_skip();
	each_register(false, true);
}

static void zcb_stores(void)
{
	zcb_or_skip();
	each_register(true, true);
}

/*
 * What is executed is a C.LW or C.SW, because the machine may not have Zcb; what
 * the hart says was executed is what counts.
 */
static void expect_transformed(const struct memory_instruction *said, unsigned int x)
{
	const char *executed = said->store ? "c.sw" : "c.lw";
	const gva_t gva = mmio_gva(PAGE_MMIO) + 0x88;
	const unsigned int base = x == 10 ? 11 : 10;
	enum step_end end;

	htinst_or_skip(MMIO_TRAPS, 0, transformed(said, x, 0));
	step_patterns(&guest);
	guest.x[base] = gva;
	end = step(&guest, encode(memory_instruction(executed), x, base, 0));
	if (!mmio_expect_exit(&guest, said->name, end, said->store, mmio_gpa(gva), said->bytes))
		return;

	if (said->store)
		sbi_expect(!memcmp(guest.vcpu->run->mmio.data, &guest.x[x], said->bytes),
			   "%s: user space gets other data", said->name);
	else
		memcpy(guest.vcpu->run->mmio.data, &values[0], sizeof(values[0]));
	end = step_go_on(&guest);
	sbi_expect(end == STEP_DONE, "%s: after user space %s", said->name,
		   step_ended(&guest, end));
	step_expect_registers(&guest, said->name, said->store ? 0 : x, loaded(said, values[0]));
}

/* As another hart would transform them. */
static void transformed_compressed(void)
{
	const struct memory_instruction *instruction;
	unsigned int x;

	mmio_create(&guest);
	for_each_memory_instruction(instruction) {
		if (instruction->form == FORM_BASE)
			continue;
		for (x = 8; x < 16; x += 3)
			expect_transformed(instruction, x);
	}
	htinst_expect_changed();
}

/* No instruction and no pseudo-instruction: KVM cannot know what it says. */
static void custom_htinst(void)
{
	static const char * const names[] = { "lw", "sd", "c.lw", "c.sdsp" };
	unsigned int i;

	mmio_create(&guest);
	htinst_or_skip(MMIO_TRAPS, 0, 4);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mmio_access access = {
			.instruction = memory_instruction(names[i]),
			.x = 12,
			.base = mmio_base(memory_instruction(names[i]), 12),
			.offset = 16,
			.gva = mmio_gva(PAGE_MMIO) + 8,
			.value = values[0],
		};

		mmio_expect_access(&guest, &access);
	}
	htinst_expect_changed();
}

/* The base register is each one, that of the value as well. */
static void base_registers(void)
{
	static const char * const names[] = { "lh", "ld", "sb", "sd", "c.ld", "c.sw" };
	unsigned int i, base;

	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (base = 1; base < NR_X; base++) {
			struct mmio_access access = {
				.instruction = memory_instruction(names[i]),
				.x = 9,
				.base = base,
				.gva = mmio_gva(PAGE_MMIO_2) + 0x7f8,
				.value = values[base % 2],
			};

			if (!takes_base(access.instruction, base))
				continue;
			if (!mmio_expect_access(&guest, &access))
				return;
			access.x = base;
			if (!mmio_expect_access(&guest, &access))
				return;
		}
	}
}

static void base_registers_without_htinst(void)
{
	mmio_without_htinst();
	base_registers();
	htinst_expect_changed();
}

/* The page at 0, and the last one, are at an offset of x0. */
static void zero_as_base(void)
{
	static const struct {
		gva_t gva;
		int offset;
	} places[] = {
		{ 0, 0 }, { 8, 8 }, { 2040, 2040 },
	};
	static const char * const names[] = { "lw", "lbu", "sh", "sd" };
	unsigned int i, j;

	mmio_create(&guest);
	virt_pg_map(guest.vm, 0, mmio_gpa(0));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (j = 0; j < ARRAY_SIZE(names); j++) {
			struct mmio_access access = {
				.instruction = memory_instruction(names[j]),
				.x = 13,
				.offset = places[i].offset,
				.gva = places[i].gva,
				.value = values[0],
			};

			mmio_expect_access(&guest, &access);
		}
	}
}

static void zero_as_base_without_htinst(void)
{
	mmio_without_htinst();
	zero_as_base();
	htinst_expect_changed();
}

/*
 * C.SWSP and C.SDSP with an offset of 0 or 32 have no bit set where a C.LWSP has
 * its rd.
 */
static bool looks_like_reserved(const struct memory_instruction *instruction, int offset)
{
	return instruction->form == FORM_STACK && instruction->store &&
	       (offset == 0 || offset == 32);
}

static void each_offset(const struct memory_instruction *instruction, bool reserved)
{
	const struct offsets offsets = offsets_of(instruction);
	/* Not all of the long ones, but each bit of them. */
	const int factor = instruction->form == FORM_BASE ? 93 : 1;
	int offset;

	for (offset = offsets.first; offset <= offsets.last; offset += offsets.step * factor) {
		struct mmio_access access = {
			.instruction = instruction,
			.x = 15,
			.base = mmio_base(instruction, 15),
			.offset = offset,
			.gva = mmio_gva(PAGE_MMIO) + 8 * instruction->bytes,
			.value = values[0],
		};

		if (looks_like_reserved(instruction, offset) != reserved)
			continue;
		if (!mmio_expect_access(&guest, &access))
			return;
	}
}

static void offsets(void)
{
	const struct memory_instruction *instruction;

	mmio_create(&guest);
	for_each_memory_instruction(instruction) {
		if (instruction->form != FORM_ZCB)
			each_offset(instruction, false);
	}
}

static void offsets_without_htinst(void)
{
	mmio_without_htinst();
	offsets();
	htinst_expect_changed();
}

/* C: KVM_RUN fails with EOPNOTSUPP. */
static void offsets_that_look_reserved(void)
{
	mmio_without_htinst();
	mmio_create(&guest);
	each_offset(memory_instruction("c.swsp"), true);
	each_offset(memory_instruction("c.sdsp"), true);
	htinst_expect_changed();
}

/* With an htinst KVM does not look at them. */
static void offsets_with_htinst(void)
{
	mmio_create(&guest);
	each_offset(memory_instruction("c.swsp"), true);
	each_offset(memory_instruction("c.sdsp"), true);
}

/* Also where the second half of the instruction is in another page. */
static void places_of_the_instruction(void)
{
	static const unsigned int places[] = { 66, 4090, 4092, 4094, 4096, 4098 };
	static const char * const names[] = { "lw", "sd", "c.lw", "c.sdsp" };
	unsigned int i, j;

	mmio_without_htinst();
	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		guest.place = places[i];
		for (j = 0; j < ARRAY_SIZE(names); j++) {
			struct mmio_access access = {
				.instruction = memory_instruction(names[j]),
				.x = 8,
				.base = mmio_base(memory_instruction(names[j]), 8),
				.offset = 64,
				.gva = mmio_gva(PAGE_MMIO),
				.value = values[0],
			};

			mmio_expect_access(&guest, &access);
		}
	}
	htinst_expect_changed();
}

static void a_few(void)
{
	static const char * const names[] = {
		"lb", "lhu", "lw", "lwu", "ld", "sb", "sh", "sw", "sd", "c.lw", "c.ldsp", "c.sd",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mmio_access access = {
			.instruction = memory_instruction(names[i]),
			.x = 14,
			.base = mmio_base(memory_instruction(names[i]), 14),
			.offset = 24,
			.gva = mmio_gva(PAGE_MMIO_2) + 16,
			.value = values[i % 2],
		};

		mmio_expect_access(&guest, &access);
	}
}

/* Of the permission to read the page there is no need. */
static void code_that_cannot_be_read(void)
{
	mmio_without_htinst();
	mmio_create(&guest);
	*step_pte(guest.vm, guest.code, 0) &= ~(u64)(PGTBL_PTE_READ_MASK | PGTBL_PTE_WRITE_MASK);
	a_few();
	htinst_expect_changed();
}

static void user_mode(void)
{
	mmio_create(&guest);
	mmio_for_user(&guest);
	a_few();
}

static void user_mode_without_htinst(void)
{
	mmio_without_htinst();
	user_mode();
	htinst_expect_changed();
}

/* Nothing can be seen of it but that nothing else changes. */
static void loads_to_zero(void)
{
	const struct memory_instruction *instruction;

	mmio_create(&guest);
	for_each_memory_instruction(instruction) {
		struct mmio_access access = {
			.instruction = instruction,
			.base = 10,
			.gva = mmio_gva(PAGE_MMIO),
			.value = values[0],
		};

		if (!instruction->store && takes_register(instruction, 0))
			mmio_expect_access(&guest, &access);
	}
}

/* C: the value of the last load to x0 is stored. */
static void zero_stays_zero(void)
{
	static const char * const load_names[] = { "lb", "lw", "lwu", "ld" };
	static const char * const store_names[] = { "sb", "sd", "c.swsp", "c.sdsp" };
	unsigned int i, j;

	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(load_names); i++) {
		struct mmio_access load = {
			.instruction = memory_instruction(load_names[i]),
			.base = 10,
			.gva = mmio_gva(PAGE_MMIO),
			.value = values[0],
		};

		mmio_expect_access(&guest, &load);
		for (j = 0; j < ARRAY_SIZE(store_names); j++) {
			struct mmio_access store = {
				.instruction = memory_instruction(store_names[j]),
				.base = mmio_base(memory_instruction(store_names[j]), 0),
				.offset = 8,
				.gva = mmio_gva(PAGE_MMIO_2),
			};

			mmio_expect_access(&guest, &store);
		}
	}
}

static void zero_stays_zero_without_htinst(void)
{
	mmio_without_htinst();
	zero_stays_zero();
	htinst_expect_changed();
}

#define CSR_OF_AIA		0x15c	/* stopei */

static u32 csr_instruction(unsigned int funct3, unsigned int rd, unsigned int rs1)
{
	return CSR_OF_AIA << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73;
}

/*
 * csrrw and csrrs with x0, of a CSR that user space has where the VM has no AIA.
 * C: the value of the last load to x0 is what is written, or the bits that are.
 */
static void zero_stays_zero_for_csrs(void)
{
	static const struct {
		unsigned int funct3;
		u64 write_mask;
	} instructions[] = { { 1, -1UL }, { 2, 0 }, { 3, 0 } };
	struct mmio_access load = {
		.instruction = memory_instruction("ld"),
		.base = 10,
		.gva = mmio_gva(PAGE_MMIO),
		.value = values[0],
	};
	struct kvm_run *run;
	enum step_end end;
	unsigned int i;

	mmio_create(&guest);
	if (!__vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_SSAIA))
		sbi_skip("the guest has no Ssaia");
	run = guest.vcpu->run;
	mmio_expect_access(&guest, &load);

	for (i = 0; i < ARRAY_SIZE(instructions); i++) {
		memset(&run->riscv_csr, 0x5a, sizeof(run->riscv_csr));
		end = step(&guest, csr_instruction(instructions[i].funct3, 11, 0));
		if (!sbi_expect(end == STEP_EXIT && run->exit_reason == KVM_EXIT_RISCV_CSR,
				"funct3 %u: %s; wanted a CSR exit", instructions[i].funct3,
				step_ended(&guest, end)))
			return;
		sbi_expect(run->riscv_csr.csr_num == CSR_OF_AIA &&
			   run->riscv_csr.write_mask == instructions[i].write_mask &&
			   (!instructions[i].write_mask || !run->riscv_csr.new_value),
			   "funct3 %u: CSR 0x%lx, mask 0x%lx, new value 0x%lx; wanted mask 0x%lx, value 0",
			   instructions[i].funct3, (unsigned long)run->riscv_csr.csr_num,
			   (unsigned long)run->riscv_csr.write_mask,
			   (unsigned long)run->riscv_csr.new_value,
			   (unsigned long)instructions[i].write_mask);
		run->riscv_csr.ret_value = values[0];
		end = step_go_on(&guest);
		sbi_expect(end == STEP_DONE, "after user space %s", step_ended(&guest, end));
		step_expect_registers(&guest, "a CSR", 11, values[0]);
	}
}

/* Loads read the memory, stores are MMIO, in whichever order. */
static void read_only_memory(void)
{
	const struct memory_instruction *store = memory_instruction("sw");
	struct kvm_run *run;
	unsigned int i;

	mmio_create(&guest);
	mmio_add_slot(&guest, KVM_MEM_READONLY);
	run = guest.vcpu->run;
	for (i = 0; i < 2 * MMIO_SLOT_PAGES; i++) {
		const u64 offset = i / 2 * 4096 + 64;
		u64 *word = mmio_in_slot(&guest, i / 2) + 64 / sizeof(u64);
		enum step_end end;

		*word = values[0];
		step_patterns(&guest);
		guest.x[10] = MMIO_SLOT_GVA + offset;
		guest.x[11] = RANDOM(i + 1);
		end = step(&guest, encode(store, 11, 10, 0));
		if (!mmio_expect_exit(&guest, "sw", end, true, MMIO_SLOT_GPA + offset, 4))
			return;
		sbi_expect(!memcmp(run->mmio.data, &guest.x[11], 4),
			   "sw: user space gets other data");
		end = step_go_on(&guest);
		sbi_expect(end == STEP_DONE, "sw: after user space %s", step_ended(&guest, end));
		step_expect_registers(&guest, "sw", 0, 0);
		sbi_expect(*word == values[0], "read-only memory was changed");

		mmio_expect_memory(&guest, "lh", MMIO_SLOT_GVA + offset, values[0]);
	}
}

static void read_only_memory_without_htinst(void)
{
	mmio_without_htinst();
	read_only_memory();
	htinst_expect_changed();
}

static const struct sbi_case cases[] = {
	{ "loads of every width into every register", loads },
	{ "loads of every width into every register, htinst 0", loads_without_htinst },
	{ "stores of every width of every register", stores },
	{ "stores of every width of every register, htinst 0", stores_without_htinst },
	{ "[X10] Zcb loads, which the machine does not transform", zcb_loads },
	{ "[X10] Zcb stores, which the machine does not transform", zcb_stores },
	{ "every 16-bit load and store, transformed", transformed_compressed },
	{ "a custom htinst is as none", custom_htinst },
	{ "every base register", base_registers },
	{ "every base register, htinst 0", base_registers_without_htinst },
	{ "the base register is x0", zero_as_base },
	{ "the base register is x0, htinst 0", zero_as_base_without_htinst },
	{ "every offset of 16-bit loads and stores, some of the others", offsets },
	{ "every offset but those of X9, htinst 0", offsets_without_htinst },
	{ "C.SWSP and C.SDSP with offsets 0 and 32", offsets_with_htinst },
	{ "[X9] C.SWSP and C.SDSP with offsets 0 and 32, htinst 0", offsets_that_look_reserved },
	{ "instructions at the end of a page and across it, htinst 0", places_of_the_instruction },
	{ "code that can be executed and not read, htinst 0", code_that_cannot_be_read },
	{ "loads and stores of VU", user_mode },
	{ "loads and stores of VU, htinst 0", user_mode_without_htinst },
	{ "a load into x0 changes no other register", loads_to_zero },
	{ "[X5] x0 is stored as 0 after a load into it", zero_stays_zero },
	{ "[X5] x0 is stored as 0 after a load into it, htinst 0", zero_stays_zero_without_htinst },
	{ "[X5] x0 is 0 for a CSR after a load into it", zero_stays_zero_for_csrs },
	{ "memory of a read-only slot is read, a store there is MMIO", read_only_memory },
	{ "memory of a read-only slot is read, a store there is MMIO, htinst 0",
	  read_only_memory_without_htinst },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
