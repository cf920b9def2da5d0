/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives KVM another htinst than the machine did, by the module
 * selftests/trap/kvm_trap.c.
 */
#ifndef SELFTEST_KVM_HTINST_H
#define SELFTEST_KVM_HTINST_H

/* To be called once by the program, before its cases, and after delay_setup(). */
void htinst_setup(void);

/*
 * From here to the end of the case, each trap whose scause is a bit of @causes
 * reaches KVM with htinst = (htinst & @keep) | @set. The case is skipped without
 * /lib/kvm_trap.ko.
 */
void htinst_or_skip(unsigned long causes, unsigned long keep, unsigned long set);

/* As the machine has it again. */
void htinst_as_it_is(void);

/* The case fails unless a trap was changed since htinst_or_skip(). */
void htinst_expect_changed(void);

#endif /* SELFTEST_KVM_HTINST_H */
