// SPDX-License-Identifier: GPL-2.0
/*
 * SBI nested acceleration: Rust has no per-CPU variables.
 */

#include <asm/kvm_nacl.h>

#include "helpers.h"

void *kvm_riscv_rs_nacl_shmem(void)
{
	return nacl_shmem();
}
