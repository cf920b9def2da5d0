/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The KVM module of the kernel, unloaded and loaded again: what happens when KVM starts.
 */
#ifndef SELFTEST_KVM_KVM_MODULE_H
#define SELFTEST_KVM_KVM_MODULE_H

#include "sbi_case.h"

/* To be called once by the program, before its cases: KVM is loaded after each. */
void kvm_module_setup(void);

/* The case is skipped where KVM is not a module. */
void kvm_module_or_skip(void);

/* No VM may be left. The case fails if it does not go. */
bool kvm_module_unload(void);

/* Zero or an errno. */
int kvm_module_load(void);

/* Whether the kernel's log has a line with @text since the last unload. */
bool kvm_module_said(const char *text);

#endif /* SELFTEST_KVM_KVM_MODULE_H */
