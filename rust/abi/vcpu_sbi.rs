// SPDX-License-Identifier: GPL-2.0

//! The symbols of `vcpu_sbi.c` that anything outside of the SBI calls.

use kernel::bindings;
use kernel::ffi::c_int;

use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::OneReg;
use crate::kvm::RegisterList;
use crate::kvm::Run;
use crate::sbi;
use crate::sbi::extension_registers;
use crate::sbi::lifecycle;
use crate::sbi::state_registers;

/// Gives a new vCPU its SBI extensions.
///
/// Context: sleeps.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_create()`, which has the vCPU for itself, when everything else of it is
/// initialised.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_sbi_init(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    lifecycle::init(unsafe { HeldVcpu::from_raw(vcpu) });
}

/// Does nothing: no extension holds anything of a vCPU but the PMU, which vcpu.c releases.
///
/// Context: any.
///
/// # Safety
///
/// None is needed; `kvm_arch_vcpu_destroy()` calls it.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_sbi_deinit(_vcpu: *mut bindings::kvm_vcpu) {}

/// Resets a vCPU's SBI extensions.
///
/// Context: preemption is off.
///
/// # Safety
///
/// Called by `kvm_riscv_reset_vcpu()` with the vCPU's mutex held, or while it is made.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_sbi_reset(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    lifecycle::reset(unsafe { HeldVcpu::from_raw(vcpu) });
}

/// Gives a hart that begins anew the pc and a1 that were asked for.
///
/// Context: preemption is off.
///
/// # Safety
///
/// As for [`kvm_riscv_vcpu_sbi_reset()`].
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_sbi_load_reset_state(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
    vcpu.load_reset_state();
}

/// Ends an SBI call that user space has answered. Always 0.
///
/// Context: as [`HeldVcpu`]; the vCPU is not loaded.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_ioctl_run()` on the thread that runs `vcpu`, with `run` its run
/// structure.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_sbi_return(
    vcpu: *mut bindings::kvm_vcpu,
    run: *mut bindings::kvm_run,
) -> c_int {
    // SAFETY: The run loop holds the vCPU's mutex.
    let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
    // SAFETY: `run` belongs to `vcpu` and lives as long.
    sbi::complete_call(vcpu, unsafe { Run::from_raw(run) });
    0
}

/// Makes a symbol that reads or writes a register.
macro_rules! one_reg {
    ($(#[$doc:meta])* $name:ident => $access:path) => {
        $(#[$doc])*
        ///
        /// 0, or a negative errno.
        ///
        /// Context: as [`HeldVcpu`]; sleeps.
        ///
        /// # Safety
        ///
        /// Called by an ioctl that holds the mutex of `vcpu`, with `reg` its argument.
        #[no_mangle]
        unsafe extern "C" fn $name(
            vcpu: *mut bindings::kvm_vcpu,
            reg: *const bindings::kvm_one_reg,
        ) -> c_int {
            // SAFETY: By the caller.
            let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
            // SAFETY: By the caller.
            let register = unsafe { OneReg::from_raw(reg) };
            Errno::to_c($access(vcpu, &register).map(|()| 0))
        }
    };
}

/// Makes a symbol that lists registers.
macro_rules! register_list {
    ($(#[$doc:meta])* $name:ident => $list:path) => {
        $(#[$doc])*
        ///
        /// The number of them, or a negative errno. If `uindices` is NULL they are only counted.
        ///
        /// Context: as [`HeldVcpu`]; sleeps.
        ///
        /// # Safety
        ///
        /// Called by an ioctl that holds the mutex of `vcpu`.
        #[no_mangle]
        unsafe extern "C" fn $name(
            vcpu: *mut bindings::kvm_vcpu,
            uindices: *mut u64,
        ) -> c_int {
            // SAFETY: By the caller.
            let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
            let mut list = RegisterList::new(uindices);
            Errno::to_c($list(vcpu, &mut list).map(|()| list.count()))
        }
    };
}

one_reg! {
    /// Enables or disables SBI extensions.
    kvm_riscv_vcpu_set_reg_sbi_ext => extension_registers::set
}

one_reg! {
    /// Tells whether SBI extensions are enabled.
    kvm_riscv_vcpu_get_reg_sbi_ext => extension_registers::get
}

register_list! {
    /// Lists the SBI extensions that can be enabled.
    kvm_riscv_vcpu_reg_indices_sbi_ext => extension_registers::list
}

one_reg! {
    /// Sets what an SBI extension remembers.
    kvm_riscv_vcpu_set_reg_sbi => state_registers::set
}

one_reg! {
    /// Tells what an SBI extension remembers.
    kvm_riscv_vcpu_get_reg_sbi => state_registers::get
}

register_list! {
    /// Lists what the enabled SBI extensions remember.
    kvm_riscv_vcpu_reg_indices_sbi => state_registers::list
}
