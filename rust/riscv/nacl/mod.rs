// SPDX-License-Identifier: GPL-2.0

//! The hypervisor beneath this one, if it offers nested acceleration.

mod call;
mod direct_fence;
mod fence_queue;
mod keys;
mod nested;

pub(super) use call::sync_csr;
pub(crate) use fence_queue::FenceQueue;
pub(super) use keys::has_sync_csr;
pub(super) use keys::is_available;
pub(crate) use nested::Nested;

use kernel::bindings;

use super::InterruptsOff;

/// The shared memory of this hart, while interrupts are off.
pub(super) fn shared_memory(_interrupts: &InterruptsOff) -> *mut u8 {
    // SAFETY: The task stays on this CPU.
    unsafe { bindings::kvm_riscv_rs_nacl_shmem() }.cast()
}

/// Makes this hart's own hypervisor CSRs and address translation those that this KVM has asked for.
/// False if the hypervisor beneath refuses.
///
/// Context: the answer is about the hart the task is on while interrupts stay off.
pub(super) fn sync(_interrupts: &InterruptsOff) -> bool {
    (!has_sync_csr() || call::sync_csrs().is_ok())
        && (!keys::has_sync_hfence() || call::sync_fences().is_ok())
}
