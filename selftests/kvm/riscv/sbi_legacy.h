/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The legacy extensions (SBI v3.0, "Legacy Extensions"): the call is the extension.
 */
#ifndef SELFTEST_KVM_SBI_LEGACY_H
#define SELFTEST_KVM_SBI_LEGACY_H

#define SET_TIMER		0
#define CONSOLE_PUTCHAR		1
#define CONSOLE_GETCHAR		2
#define CLEAR_IPI		3
#define SEND_IPI		4
#define REMOTE_FENCE_I		5
#define REMOTE_SFENCE_VMA	6
#define REMOTE_SFENCE_VMA_ASID	7
#define SHUTDOWN		8

#endif /* SELFTEST_KVM_SBI_LEGACY_H */
