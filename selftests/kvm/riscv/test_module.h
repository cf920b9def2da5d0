/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The modules that help tests, of selftests/csr, selftests/delay and selftests/trap, and the
 * numbers that their parameters take and tell.
 */
#ifndef SELFTEST_KVM_TEST_MODULE_H
#define SELFTEST_KVM_TEST_MODULE_H

#include <stdbool.h>

#define TEST_MODULE_PARAMETERS(name)	"/sys/module/kvm_" name "/parameters/"

/*
 * Loads /lib/kvm_@name.ko unless it is there. The case is skipped without the file, and fails if
 * the kernel does not take it.
 */
void test_module_or_skip(const char *name);

/* False, with errno, if the parameter did not take it. */
bool test_module_write_number(const char *path, unsigned long number);

/* False, and @number as it was, if the parameter cannot be read or is no number. */
bool test_module_read_number(const char *path, unsigned long *number);

#endif /* SELFTEST_KVM_TEST_MODULE_H */
