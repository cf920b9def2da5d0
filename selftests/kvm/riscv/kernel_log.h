/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel complains of.
 */
#ifndef SELFTEST_KVM_KERNEL_LOG_H
#define SELFTEST_KVM_KERNEL_LOG_H

#include <stdbool.h>

/* All of the kernel's log, to be freed; NULL, with errno, if it cannot be read. */
char *kernel_log(void);

/* How often @words are in it. */
unsigned int kernel_log_count(const char *words);

/*
 * Whether there is a warning in the kernel's log in which @function stands. If so the log is cleared:
 * the case says it, and the run is not to fail for it again.
 */
bool kernel_warned(const char *function);

#endif /* SELFTEST_KVM_KERNEL_LOG_H */
