// SPDX-License-Identifier: GPL-2.0

//! The symbols of `vcpu_insn.c` that C calls.
//!
//! Its others had callers in `vcpu_exit.c` and `vcpu_sbi_hsm.c` only, which are Rust too.

use kernel::bindings;
use kernel::ffi::c_int;

use crate::exit;
use crate::kvm::HeldVcpu;
use crate::kvm::Run;

/// Ends an MMIO access that user space has performed. Always 0.
///
/// Context: as [`HeldVcpu`]; the vCPU is not loaded.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_ioctl_run()` on the thread that runs `vcpu`, with `run` its run
/// structure.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_mmio_return(
    vcpu: *mut bindings::kvm_vcpu,
    run: *mut bindings::kvm_run,
) -> c_int {
    // SAFETY: The run loop holds the vCPU's mutex.
    let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
    // SAFETY: `run` belongs to `vcpu` and lives as long.
    exit::complete_mmio(vcpu, unsafe { Run::from_raw(run) });
    0
}

/// Ends a CSR access that user space has performed. Always 0.
///
/// Context: as [`HeldVcpu`]; the vCPU is not loaded.
///
/// # Safety
///
/// As for [`kvm_riscv_vcpu_mmio_return()`].
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_csr_return(
    vcpu: *mut bindings::kvm_vcpu,
    run: *mut bindings::kvm_run,
) -> c_int {
    // SAFETY: The run loop holds the vCPU's mutex.
    let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
    // SAFETY: `run` belongs to `vcpu` and lives as long.
    exit::complete_csr_access(vcpu, unsafe { Run::from_raw(run) });
    0
}
