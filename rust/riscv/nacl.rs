// SPDX-License-Identifier: GPL-2.0

//! The hypervisor beneath this one, if it offers nested acceleration.

use core::ffi::c_int;

use kernel::bindings;

use super::InterruptsOff;

/// Whether a static key of C's is on; a no-op instruction that is patched where the kernel can.
macro_rules! static_key_is_on {
    ($key:path) => {{
        #[cfg(CONFIG_JUMP_LABEL)]
        {
            // SAFETY: A key of C's, whose no-op the kernel patches.
            unsafe {
                kernel::jump_label::arch_static_branch!(
                    $key,
                    bindings::static_key_false,
                    key,
                    false
                )
            }
        }
        #[cfg(not(CONFIG_JUMP_LABEL))]
        {
            // SAFETY: A static of this module that C changes atomically; only its address is taken.
            let enabled = unsafe { &raw const $key.key.enabled.counter };
            // SAFETY: As above.
            unsafe { core::ptr::read_volatile(enabled) > 0 }
        }
    }};
}

/// Whether CSRs are kept in shared memory, as C's macro `kvm_riscv_nacl_available()`.
#[inline(always)]
pub(super) fn is_available() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_available)
}

/// Whether CSRs that are written there can be handed over before the next entry into a guest, as
/// C's macro `kvm_riscv_nacl_sync_csr_available()`.
#[inline(always)]
pub(super) fn has_sync_csr() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_sync_csr_available)
}

/// Whether fences that are queued there can be handed over before the next entry.
#[inline(always)]
pub(super) fn has_sync_hfence() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_sync_hfence_available)
}

/// The shared memory of this hart, while interrupts are off.
pub(super) fn shared_memory(_interrupts: &InterruptsOff) -> *mut u8 {
    // SAFETY: The task stays on this CPU.
    unsafe { bindings::kvm_riscv_rs_nacl_shmem() }.cast()
}

/// What stands for all CSRs or all fences.
const ALL: usize = usize::MAX;

/// Makes the hypervisor take over a CSR (`SYNC_CSR`) or a fence (`SYNC_HFENCE`), or all, from shared
/// memory. False if it refuses.
fn sync_what(function: u32, what: usize) -> bool {
    // CAST: Ids of the SBI, small enough.
    let extension = bindings::sbi_ext_id_SBI_EXT_NACL as c_int;
    // SAFETY: The function may be called from anywhere.
    let ret = unsafe { bindings::__sbi_ecall(what, 0, 0, 0, 0, 0, function as c_int, extension) };
    ret.error == 0
}

/// Makes this hart's own hypervisor CSRs and address translation those that this KVM has asked for.
/// False if the hypervisor beneath refuses.
///
/// Context: the answer is about the hart the task is on while interrupts stay off.
pub(super) fn sync(_interrupts: &InterruptsOff) -> bool {
    let csrs = !has_sync_csr() || sync_what(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_CSR, ALL);
    csrs && (!has_sync_hfence()
        || sync_what(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_HFENCE, ALL))
}

/// Makes this hart's CSR with this number what was written in shared memory, and the word there what
/// the CSR has become. False if the hypervisor beneath refuses.
///
/// Context: as [`sync()`].
pub(super) fn sync_csr(number: usize, _interrupts: &InterruptsOff) -> bool {
    sync_what(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_CSR, number)
}
