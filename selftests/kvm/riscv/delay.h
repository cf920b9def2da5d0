/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes a race wide: a delay at a named point of the kernel, by the module
 * selftests/delay/kvm_delay.c.
 */
#ifndef SELFTEST_KVM_DELAY_H
#define SELFTEST_KVM_DELAY_H

/* To be called once by the program, before its cases. */
void delay_setup(void);

/*
 * Spin for so long each time that the kernel function @symbol is entered, from
 * here to the end of the case. The case is skipped without /lib/kvm_delay.ko.
 */
void delay_or_skip(const char *symbol, unsigned int microseconds);

/*
 * The same, but one call in @one_in is delayed, by chance: for a race whose loser tries again, and
 * would lose each time.
 */
void delay_some_or_skip(const char *symbol, unsigned int microseconds, unsigned int one_in);

/* Wait for the first one to begin. */
void delay_wait(void);

/* No more, before the end of the case. */
void delay_end(void);

#endif /* SELFTEST_KVM_DELAY_H */
