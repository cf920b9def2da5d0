/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths of the benchmark that are one SBI call.
 */
#ifndef SELFTEST_KVM_BENCH_CALL_H
#define SELFTEST_KVM_BENCH_CALL_H

#include "bench.h"

#define SBI_EXT_DBCN		0x4442434e

BENCH_BODY(call, "ecall");

/* A call with the arguments that follow, in a VM of @beside more vCPUs, that gives @c or @rust. */
#define ANSWERS_FIELDS(text, c, rust, beside, extension, function, ...)		\
	.name = text, .body = &call, .others = beside,				\
	.registers = { __VA_ARGS__, [6] = function, [7] = extension },		\
	.a0 = { [BENCH_C] = c, [BENCH_RUST] = rust }
#define ANSWER_FIELDS(text, error, beside, extension, function, ...)		\
	ANSWERS_FIELDS(text, error, error, beside, extension, function, __VA_ARGS__)

#define ANSWERS(...)		{ ANSWERS_FIELDS(__VA_ARGS__) }
#define ANSWER(...)		{ ANSWER_FIELDS(__VA_ARGS__) }

/* One that user space answers, with @value. */
#define FORWARDED(text, value, setup, extension, function, ...)			\
	{ ANSWER_FIELDS(text, value, 0, extension, function, __VA_ARGS__),	\
	  .prepare = setup, .exit_reason = KVM_EXIT_RISCV_SBI }

/* A call of the guest by itself, to prepare what is measured. */
static inline unsigned long guest_call(unsigned long extension, unsigned long function,
				       const unsigned long arguments[5])
{
	register unsigned long a0 asm("a0") = arguments[0];
	register unsigned long a1 asm("a1") = arguments[1];
	register unsigned long a2 asm("a2") = arguments[2];
	register unsigned long a3 asm("a3") = arguments[3];
	register unsigned long a4 asm("a4") = arguments[4];
	register unsigned long a6 asm("a6") = function;
	register unsigned long a7 asm("a7") = extension;

	asm volatile("ecall" : "+r" (a0), "+r" (a1)
		     : "r" (a2), "r" (a3), "r" (a4), "r" (a6), "r" (a7) : "memory");
	return a0;
}

#endif /* SELFTEST_KVM_BENCH_CALL_H */
