/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures inside the kernel, on demand: of a kernel with fault injection, each
 * place of a system call at which memory could be short or user memory missing.
 */
#ifndef SELFTEST_KVM_INJECTION_H
#define SELFTEST_KVM_INJECTION_H

#include <stdbool.h>

struct injection {
	const char *name;
	/* Without failures: before each try, and after it. May be missing. */
	void (*before)(void);
	void (*after)(void);
	/* Zero or more if it succeeded; otherwise -1, with its errno. */
	int (*step)(void);
	/* What it has made may stay where its answer cannot be written: it is not repeated. */
	bool stays;
	/* Say nothing where all is well. */
	bool quiet;
};

/* To be called by a case: it is skipped where the kernel cannot do this. */
void injection_or_skip(void);

/*
 * Try the step with the first place failing, with the second, and so on until
 * there is none. Each time it has to succeed, or to fail with ENOMEM or EFAULT
 * and then succeed as if it had never been tried.
 */
void injection_try_all(const struct injection *injection);

/* The same with each of a table, in a case; it is skipped where the kernel cannot do this. */
void injection_try_table(const struct injection *table, unsigned int count);

#endif /* SELFTEST_KVM_INJECTION_H */
