/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame of a test program: a list of cases, each run in a process of its
 * own. A case that fails, dies or hangs is reported, and the next one runs.
 *
 * A case whose name begins with an id in brackets, such as "[I1] ...", shows a
 * row of docs/differences.md: the C of Linux 7.2 fails it. Every other case
 * passes on the C as well.
 *
 * A case that shows requirements of the SBI specification names them by their
 * ids in scripts/test/requirements. They are printed before its result, and
 * docs/conformance.md is made of that.
 */
#ifndef SELFTEST_KVM_SBI_CASE_H
#define SELFTEST_KVM_SBI_CASE_H

#include <stdbool.h>

#include "kselftest.h"

struct sbi_case {
	const char *name;
	void (*run)(void);
	/*
	 * The case fails after so many seconds; 0 stands for 60. On a slow kernel the
	 * environment variable SBI_CASE_TIMES says how often that.
	 */
	unsigned int seconds;
	/* The requirements that it shows; NULL ends them. */
	const char * const *conforms;
};

#define REQUIREMENTS(...)	((const char * const []) { __VA_ARGS__, NULL })

/* Run all, print KTAP, and exit as ksft_finished() does. */
void __noreturn sbi_run_cases(const struct sbi_case *cases, unsigned int count);

/* To be called by a case: it fails unless @ok. Returns @ok. */
bool __printf(2, 3) sbi_expect(bool ok, const char *format, ...);

/* To be called by a case: it cannot be run here, and why. */
void __printf(1, 2) __noreturn sbi_skip(const char *format, ...);

/* Things to undo after a case that may have been killed. */
extern void (*sbi_after_case)(void);

#endif /* SELFTEST_KVM_SBI_CASE_H */
