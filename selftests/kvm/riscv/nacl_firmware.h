/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NACL firmware beneath the host, selftests/nacl-firmware: its knobs and what it counts, by
 * the module selftests/nacl.
 */
#ifndef SELFTEST_KVM_NACL_FIRMWARE_H
#define SELFTEST_KVM_NACL_FIRMWARE_H

#include "sbi_case.h"

/* Numbered as in the README.md of the firmware. */
enum nacl_knob {
	NACL_FEATURES = 1,
	NACL_REFUSED = 2,
	NACL_STRICT = 3,
	NACL_NEVER_CLEAR = 4,
	NACL_HALF_HFENCE = 5,
	NACL_REFUSE_SHMEM = 6,
	NACL_REFUSE_DISABLE = 7,
	NACL_SRET_FAIL_AT = 8,
	NACL_SRET_FAIL_EVERY = 9,
	NACL_SRET_ERROR = 10,
	NACL_CSR_ERROR = 11,
	NACL_HFENCE_ERROR = 12,
	NACL_PROBE_ERROR = 13,
	NACL_NO_HTINST = 14,
};

#define NACL_NO_HART	(-1L)

/* To be called once by the program, before its cases: knobs are put back after each. */
void nacl_setup(void);

/* The case is skipped on another firmware. */
void nacl_or_skip(void);

/* Set a knob, until the end of the case at the latest. */
void nacl_set(enum nacl_knob knob, long value);

/* What was counted on one hart, or on all (-1), by the counters whose names begin so. */
unsigned long nacl_counted(const char *name, int hart);

#endif /* SELFTEST_KVM_NACL_FIRMWARE_H */
