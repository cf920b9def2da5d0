// SPDX-License-Identifier: GPL-2.0

//! The symbols of `nacl.c`.

use kernel::bindings;
use kernel::ffi::c_int;
use kernel::ffi::c_ulong;
use kernel::ffi::c_void;

use crate::kvm::Errno;
use crate::nacl;
use crate::nacl::Fence;

/// Finds out whether nested acceleration can be used. 0, or ENODEV or ENOMEM below 0.
///
/// Context: process context, when the module is loaded.
#[no_mangle]
extern "C" fn kvm_riscv_nacl_init() -> c_int {
    Errno::to_c(nacl::init().map(|()| 0))
}

/// Undoes [`kvm_riscv_nacl_init()`].
///
/// Context: process context, after KVM has been disabled on every CPU.
#[no_mangle]
extern "C" fn kvm_riscv_nacl_exit() {
    nacl::exit();
}

/// Makes nested acceleration ready on this CPU, which keeps nothing of the vCPUs that were on it before
/// it came online: KVM enables itself by calling this first, with nested acceleration or without.
///
/// Context: on the CPU that comes online; or when the system resumes, with interrupts off.
#[no_mangle]
extern "C" fn kvm_riscv_nacl_enable() -> c_int {
    Errno::to_c(nacl::attach().map(|()| 0))
}

/// Undoes [`kvm_riscv_nacl_enable()`].
///
/// Context: on the CPU; also in the interrupt that stops it.
#[no_mangle]
extern "C" fn kvm_riscv_nacl_disable() {
    nacl::detach();
}

/// Has this CPU make a fence before it enters a guest: `control` in the words of the extension's
/// queue, `address` and `size` in bytes (the macros of `asm/kvm_nacl.h` are patched to hand them on).
///
/// Context: the task stays on the CPU until it enters the guest.
///
/// # Safety
///
/// Called by `tlb.c` where nested acceleration is used.
#[no_mangle]
unsafe extern "C" fn __kvm_riscv_nacl_hfence(
    _shmem: *mut c_void,
    control: c_ulong,
    address: c_ulong,
    size: c_ulong,
) {
    if let Some(fence) = Fence::asked(control, address, size) {
        nacl::make_fence(&fence);
    }
}

const _: unsafe extern "C" fn(*mut c_void, c_ulong, c_ulong, c_ulong) =
    bindings::__kvm_riscv_nacl_hfence;
