/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads for kvm-riscv-rs: included by rust/bindings/bindings_helper.h under
 * CONFIG_KVM_RISCV_RUST, so that no other configuration ever sees it.
 */

#include <linux/kvm_host.h>
#include <linux/perf/riscv_pmu.h>
#include <linux/perf_event.h>
#include <linux/sched/signal.h>
#include <linux/version.h>
#include <asm/kvm_isa.h>
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
/* bindgen before 0.73 has no constants above LONG_MAX. */
const unsigned long RUST_CONST_HELPER_KVM_RS_CAUSE_CODE = ~CAUSE_IRQ_FLAG;
const unsigned long RUST_CONST_HELPER_KVM_RS_ENTERED = ~KVM_RISCV_RS_NOT_ENTERED;
const u64 RUST_CONST_HELPER_ENVCFG_PMM = ENVCFG_PMM;
const u64 RUST_CONST_HELPER_ENVCFG_PMM_PMLEN_0 = ENVCFG_PMM_PMLEN_0;
const u64 RUST_CONST_HELPER_ENVCFG_PMM_PMLEN_7 = ENVCFG_PMM_PMLEN_7;
const u64 RUST_CONST_HELPER_ENVCFG_PMM_PMLEN_16 = ENVCFG_PMM_PMLEN_16;

/* Places in C's structures, which bindgen works out by itself. */
const unsigned long RUST_CONST_HELPER_KVM_RS_SIZE_OF_VCPU = sizeof(struct kvm_vcpu);
const unsigned long RUST_CONST_HELPER_KVM_RS_VCPU_REQUESTS = offsetof(struct kvm_vcpu, requests);
const unsigned long RUST_CONST_HELPER_KVM_RS_VCPU_STAT = offsetof(struct kvm_vcpu, stat);
const unsigned long RUST_CONST_HELPER_KVM_RS_VCPU_ARCH = offsetof(struct kvm_vcpu, arch);
const unsigned long RUST_CONST_HELPER_KVM_RS_SIZE_OF_VCPU_ARCH = sizeof(struct kvm_vcpu_arch);
const unsigned long RUST_CONST_HELPER_KVM_RS_VCPU_ARCH_STA = offsetof(struct kvm_vcpu_arch, sta);
const unsigned long RUST_CONST_HELPER_KVM_RS_VM_VCPU_ARRAY = offsetof(struct kvm, vcpu_array);
const unsigned long RUST_CONST_HELPER_KVM_RS_VM_ARCH = offsetof(struct kvm, arch);
const unsigned long RUST_CONST_HELPER_KVM_RS_SIZE_OF_RUN = sizeof(struct kvm_run);
const unsigned long RUST_CONST_HELPER_KVM_RS_RUN_FAIL_ENTRY = offsetof(struct kvm_run, fail_entry);
const unsigned long RUST_CONST_HELPER_KVM_RS_RUN_MMIO = offsetof(struct kvm_run, mmio);
