/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads for kvm-riscv-rs: included by rust/bindings/bindings_helper.h under
 * CONFIG_KVM_RISCV_RUST, so that no other configuration ever sees it.
 */

#include <linux/kvm_host.h>
#include <linux/version.h>
#include <asm/kvm_vcpu_sbi.h>
#include <asm/kvm_vcpu_timer.h>
#include <asm/sbi.h>

#include "helpers.h"
