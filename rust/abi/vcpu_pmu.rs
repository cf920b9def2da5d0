// SPDX-License-Identifier: GPL-2.0

//! The symbols of `vcpu_pmu.c` that C calls.

use kernel::bindings;
use kernel::ffi::c_int;
use kernel::ffi::c_ulong;

use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::sbi::pmu::lifecycle;
use crate::sbi::FirmwareEventCode;

/// Gives a new vCPU its PMU.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_create()`, which has the vCPU for itself.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_pmu_init(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    lifecycle::init(unsafe { HeldVcpu::from_raw(vcpu) });
}

/// Releases what a vCPU's PMU holds.
///
/// Context: sleeps.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_destroy()`, which has the vCPU for itself.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_pmu_deinit(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    lifecycle::reset(unsafe { HeldVcpu::from_raw(vcpu) });
}

/// Resets a vCPU's PMU.
///
/// Context: sleeps if a counter has a perf event. `kvm_riscv_reset_vcpu()` would call it while
/// preemption is off; c-glue/patches has it called before that, and before any spinlock is taken.
///
/// # Safety
///
/// Called by `kvm_riscv_reset_vcpu()` with the vCPU's mutex held, or while it is made.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_pmu_reset(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    lifecycle::reset(unsafe { HeldVcpu::from_raw(vcpu) });
}

/// Counts a firmware event. 0, or `-EINVAL` if there is no such event.
///
/// Context: any.
///
/// # Safety
///
/// Called by `tlb.c` on the thread that runs `vcpu`.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_pmu_incr_fw(
    vcpu: *mut bindings::kvm_vcpu,
    fid: c_ulong,
) -> c_int {
    let Some(event) = FirmwareEventCode::new(fid) else {
        return Errno::EINVAL.to_int();
    };
    // SAFETY: By the caller.
    let vcpu = unsafe { HeldVcpu::from_raw(vcpu) };
    vcpu.count_firmware_event_code(event);
    0
}
