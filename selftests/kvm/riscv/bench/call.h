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

#endif /* SELFTEST_KVM_BENCH_CALL_H */
