// SPDX-License-Identifier: GPL-2.0
/*
 * The loads and stores of integer registers, as numbers.
 */
#include <string.h>

#include "kvm_util.h"
#include "memory_instruction.h"

#define LOAD		0x03
#define STORE		0x23

#define SP		2

/* Bits @high ... @low of an offset. */
static u32 bits(int offset, unsigned int high, unsigned int low)
{
	return (u32)offset >> low & ((2U << (high - low)) - 1);
}

static u32 funct3(const struct memory_instruction *this)
{
	return __builtin_ctz(this->bytes) | (this->store || this->sign ? 0 : 4);
}

static u32 base_load(const struct memory_instruction *this, unsigned int x,
		     unsigned int base, int offset)
{
	return bits(offset, 11, 0) << 20 | base << 15 | funct3(this) << 12 | x << 7 | LOAD;
}

static u32 base_store(const struct memory_instruction *this, unsigned int x,
		      unsigned int base, int offset)
{
	return bits(offset, 11, 5) << 25 | x << 20 | base << 15 | funct3(this) << 12 |
	       bits(offset, 4, 0) << 7 | STORE;
}

/* C.LW, C.LD, C.SW, C.SD */
static u32 compressed(const struct memory_instruction *this, unsigned int x,
		      unsigned int base, int offset)
{
	u32 word = bits(offset, 2, 2) << 6 | bits(offset, 6, 6) << 5;
	u32 doubleword = bits(offset, 7, 6) << 5;

	return (this->store ? 6 : 2) << 13 | (this->bytes == 8) << 13 | bits(offset, 5, 3) << 10 |
	       (base - 8) << 7 | (this->bytes == 8 ? doubleword : word) | (x - 8) << 2;
}

/* C.LWSP, C.LDSP */
static u32 stack_load(const struct memory_instruction *this, unsigned int x,
		      unsigned int base, int offset)
{
	u32 word = bits(offset, 4, 2) << 4 | bits(offset, 7, 6) << 2;
	u32 doubleword = bits(offset, 4, 3) << 5 | bits(offset, 8, 6) << 2;

	return 2 << 13 | (this->bytes == 8) << 13 | bits(offset, 5, 5) << 12 | x << 7 |
	       (this->bytes == 8 ? doubleword : word) | 2;
}

/* C.SWSP, C.SDSP */
static u32 stack_store(const struct memory_instruction *this, unsigned int x,
		       unsigned int base, int offset)
{
	u32 word = bits(offset, 5, 2) << 9 | bits(offset, 7, 6) << 7;
	u32 doubleword = bits(offset, 5, 3) << 10 | bits(offset, 8, 6) << 7;

	return 6 << 13 | (this->bytes == 8) << 13 | (this->bytes == 8 ? doubleword : word) |
	       x << 2 | 2;
}

/* C.LBU, C.LHU, C.LH, C.SB, C.SH */
static u32 zcb(const struct memory_instruction *this, unsigned int x,
	       unsigned int base, int offset)
{
	u32 byte = bits(offset, 0, 0) << 6 | bits(offset, 1, 1) << 5;
	u32 halfword = this->sign << 6 | bits(offset, 1, 1) << 5;

	return 4 << 13 | (this->store << 1 | (this->bytes == 2)) << 10 | (base - 8) << 7 |
	       (this->bytes == 1 ? byte : halfword) | (x - 8) << 2;
}

const struct memory_instruction memory_instructions[] = {
	{ "lb", FORM_BASE, 1, false, true, base_load },
	{ "lbu", FORM_BASE, 1, false, false, base_load },
	{ "lh", FORM_BASE, 2, false, true, base_load },
	{ "lhu", FORM_BASE, 2, false, false, base_load },
	{ "lw", FORM_BASE, 4, false, true, base_load },
	{ "lwu", FORM_BASE, 4, false, false, base_load },
	{ "ld", FORM_BASE, 8, false, true, base_load },
	{ "sb", FORM_BASE, 1, true, false, base_store },
	{ "sh", FORM_BASE, 2, true, false, base_store },
	{ "sw", FORM_BASE, 4, true, false, base_store },
	{ "sd", FORM_BASE, 8, true, false, base_store },
	{ "c.lw", FORM_COMPRESSED, 4, false, true, compressed },
	{ "c.ld", FORM_COMPRESSED, 8, false, true, compressed },
	{ "c.sw", FORM_COMPRESSED, 4, true, false, compressed },
	{ "c.sd", FORM_COMPRESSED, 8, true, false, compressed },
	{ "c.lwsp", FORM_STACK, 4, false, true, stack_load },
	{ "c.ldsp", FORM_STACK, 8, false, true, stack_load },
	{ "c.swsp", FORM_STACK, 4, true, false, stack_store },
	{ "c.sdsp", FORM_STACK, 8, true, false, stack_store },
	{ "c.lbu", FORM_ZCB, 1, false, false, zcb },
	{ "c.lhu", FORM_ZCB, 2, false, false, zcb },
	{ "c.lh", FORM_ZCB, 2, false, true, zcb },
	{ "c.sb", FORM_ZCB, 1, true, false, zcb },
	{ "c.sh", FORM_ZCB, 2, true, false, zcb },
};

const unsigned int nr_memory_instructions = ARRAY_SIZE(memory_instructions);

const struct memory_instruction *memory_instruction(const char *name)
{
	const struct memory_instruction *instruction;

	for_each_memory_instruction(instruction) {
		if (!strcmp(instruction->name, name))
			return instruction;
	}
	TEST_FAIL("there is no %s", name);
	return NULL;
}

bool takes_register(const struct memory_instruction *this, unsigned int x)
{
	switch (this->form) {
	case FORM_COMPRESSED:
	case FORM_ZCB:
		return x >= 8 && x < 16;
	case FORM_STACK:
		/* The loads with rd = 0 are reserved. */
		return x < 32 && (x || this->store);
	default:
		return x < 32;
	}
}

bool takes_base(const struct memory_instruction *this, unsigned int base)
{
	switch (this->form) {
	case FORM_COMPRESSED:
	case FORM_ZCB:
		return base >= 8 && base < 16;
	case FORM_STACK:
		return base == SP;
	default:
		return base < 32;
	}
}

struct offsets offsets_of(const struct memory_instruction *this)
{
	const int bytes = this->bytes;

	switch (this->form) {
	case FORM_COMPRESSED:
		return (struct offsets) { 0, 31 * bytes, bytes };
	case FORM_STACK:
		return (struct offsets) { 0, 63 * bytes, bytes };
	case FORM_ZCB:
		return (struct offsets) { 0, 4 - bytes, bytes };
	default:
		return (struct offsets) { -2048, 2047, 1 };
	}
}

u32 encode(const struct memory_instruction *this, unsigned int x, unsigned int base, int offset)
{
	const struct offsets offsets = offsets_of(this);

	TEST_ASSERT(takes_register(this, x) && takes_base(this, base) &&
		    offset >= offsets.first && offset <= offsets.last &&
		    !((offset - offsets.first) % offsets.step),
		    "there is no %s x%u, %d(x%u)", this->name, x, offset, base);
	return this->encode(this, x, base, offset);
}

u32 transformed(const struct memory_instruction *this, unsigned int x,
		unsigned int address_offset)
{
	u32 instruction = (this->store ? base_store : base_load)(this, x, address_offset, 0);

	return this->form == FORM_BASE ? instruction : instruction & ~2U;
}

unsigned long loaded(const struct memory_instruction *this, u64 value)
{
	const unsigned int unused = 64 - 8 * this->bytes;

	return this->sign ? (u64)((s64)(value << unused) >> unused) : value << unused >> unused;
}

u64 stored(const struct memory_instruction *this, unsigned long x)
{
	const unsigned int unused = 64 - 8 * this->bytes;

	return x << unused >> unused;
}
