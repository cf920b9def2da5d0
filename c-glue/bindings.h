/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads for kvm-riscv-rs: included by rust/bindings/bindings_helper.h under
 * CONFIG_KVM_RISCV_RUST, so that no other configuration ever sees it.
 */

#include <linux/kvm_host.h>
#include <linux/version.h>
#include <asm/kvm_mmu.h>
#include <asm/kvm_nacl.h>
#include <asm/kvm_vcpu_sbi.h>
#include <asm/kvm_vcpu_timer.h>
#include <asm/sbi.h>

#include "helpers.h"

/* Constants whose definitions bindgen cannot evaluate. */
const unsigned long RUST_CONST_HELPER_HSTATUS_SPV = HSTATUS_SPV;
const unsigned long RUST_CONST_HELPER_SR_SPP = SR_SPP;
const unsigned long RUST_CONST_HELPER_SR_SPIE = SR_SPIE;
const unsigned long RUST_CONST_HELPER_SR_SIE = SR_SIE;
const unsigned long RUST_CONST_HELPER_CAUSE_IRQ_FLAG = CAUSE_IRQ_FLAG;
