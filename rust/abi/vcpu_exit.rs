// SPDX-License-Identifier: GPL-2.0

//! The symbol of `vcpu_exit.c` that C calls.
//!
//! `kvm_riscv_vcpu_trap_redirect()` and `kvm_riscv_vcpu_unpriv_read()` had callers in `vcpu_insn.c` and
//! `vcpu_sbi*.c` only, which are Rust too.

use kernel::bindings;
use kernel::ffi::c_int;

use crate::exit;
use crate::exit::Trap;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Handles the trap that a guest left with.
///
/// Above 0: the guest goes on. 0: `KVM_RUN` ends, the run structure says why. Below 0: it ends with
/// this error.
///
/// Context: as [`LoadedVcpu`]; may sleep.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_ioctl_run()` on the thread that runs `vcpu`, with `run` its run
/// structure and `trap` on its stack.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_exit(
    vcpu: *mut bindings::kvm_vcpu,
    run: *mut bindings::kvm_run,
    trap: *mut bindings::kvm_cpu_trap,
) -> c_int {
    // SAFETY: The vCPU is loaded on this thread and stays so until this function returns.
    let vcpu = unsafe { LoadedVcpu::from_raw(vcpu) };
    // SAFETY: `run` belongs to `vcpu` and lives as long.
    let run = unsafe { Run::from_raw(run) };
    // SAFETY: `Trap` has the same layout, and the caller does not touch it meanwhile.
    let trap = unsafe { &*trap.cast::<Trap>() };
    exit::handle_exit(vcpu, run, trap).to_c()
}
