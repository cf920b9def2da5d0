// SPDX-License-Identifier: GPL-2.0
/*
 * Words of the VMM's memory in one access each: the kernel's Rust copies bytes.
 */

#include <linux/uaccess.h>

#include "helpers.h"

int kvm_riscv_rs_get_user_u32(u32 *value, const u32 __user *address)
{
	return get_user(*value, address);
}

int kvm_riscv_rs_get_user_u64(u64 *value, const u64 __user *address)
{
	return get_user(*value, address);
}

int kvm_riscv_rs_put_user_u32(u32 value, u32 __user *address)
{
	return put_user(value, address);
}

int kvm_riscv_rs_put_user_u64(u64 value, u64 __user *address)
{
	return put_user(value, address);
}
