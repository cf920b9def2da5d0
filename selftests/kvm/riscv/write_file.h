/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of the kernel's that take a text in one write: tracefs, module parameters.
 */
#ifndef SELFTEST_KVM_WRITE_FILE_H
#define SELFTEST_KVM_WRITE_FILE_H

#include <stdbool.h>

/* @flags are further ones of open(). False, with errno, if the file did not take all of it. */
bool write_file(const char *path, int flags, const char *text);

#endif /* SELFTEST_KVM_WRITE_FILE_H */
