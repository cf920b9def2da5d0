/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loads and stores of integer registers: RV64I, C, and Zcb. As numbers,
 * because the compiler may not know all of them, and because the registers and
 * offsets are chosen when the test runs.
 */
#ifndef SELFTEST_KVM_MEMORY_INSTRUCTION_H
#define SELFTEST_KVM_MEMORY_INSTRUCTION_H

#include <stdbool.h>
#include <linux/types.h>

#include "kvm_util.h"

enum memory_form {
	/* 32 bits long, any registers. */
	FORM_BASE,
	/* 16 bits long, x8 ... x15 only. */
	FORM_COMPRESSED,
	/* 16 bits long, relative to the stack pointer. */
	FORM_STACK,
	/* As FORM_COMPRESSED, of Zcb. */
	FORM_ZCB,
};

struct memory_instruction {
	const char *name;
	enum memory_form form;
	unsigned int bytes;
	bool store;
	/* The upper bits of the register become copies of the sign, not zero. */
	bool sign;
	u32 (*encode)(const struct memory_instruction *this, unsigned int x,
		      unsigned int base, int offset);
};

extern const struct memory_instruction memory_instructions[];
extern const unsigned int nr_memory_instructions;

#define for_each_memory_instruction(instruction)			\
	for (instruction = memory_instructions;				\
	     instruction < memory_instructions + nr_memory_instructions;	\
	     instruction++)

/* The one of this name. */
const struct memory_instruction *memory_instruction(const char *name);

/* @x is loaded or stored, at @base + @offset. */
u32 encode(const struct memory_instruction *this, unsigned int x, unsigned int base, int offset);

static inline unsigned int encoded_length(const struct memory_instruction *this)
{
	return this->form == FORM_BASE ? 4 : 2;
}

/*
 * What a hart that transforms it writes to htinst: the 32-bit instruction that
 * does the same, without its offset, the "Addr. Offset" instead of the base
 * register, bit 1 clear if it was 16 bits long.
 */
u32 transformed(const struct memory_instruction *this, unsigned int x,
		unsigned int address_offset);

/* Whether @x can be the register that is loaded or stored, and @base the other. */
bool takes_register(const struct memory_instruction *this, unsigned int x);
bool takes_base(const struct memory_instruction *this, unsigned int base);

/* The offsets that it can have: from, to, and the distance between two of them. */
struct offsets {
	int first, last, step;
};

struct offsets offsets_of(const struct memory_instruction *this);

/* What a load makes of the bytes at the address. */
unsigned long loaded(const struct memory_instruction *this, u64 bytes);

/* What a store puts there. */
u64 stored(const struct memory_instruction *this, unsigned long x);

#endif /* SELFTEST_KVM_MEMORY_INSTRUCTION_H */
