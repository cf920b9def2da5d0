// SPDX-License-Identifier: GPL-2.0

//! The hypervisor beneath this one, if it offers nested acceleration.

use core::arch::asm;

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

/// Makes the hypervisor take over all CSRs (`SYNC_CSR`) or all fences (`SYNC_HFENCE`) from shared
/// memory. False if it refuses.
fn sync_all(function: u32) -> bool {
    let error: isize;
    // SAFETY: An SBI call: it changes a0 and a1, and memory that the hypervisor shares.
    unsafe {
        asm!(
            "ecall",
            inlateout("a0") usize::MAX => error,
            inlateout("a1") 0usize => _,
            in("a6") function as usize,
            in("a7") bindings::sbi_ext_id_SBI_EXT_NACL as usize,
            options(nostack),
        )
    };
    error == 0
}

/// Makes this hart's own hypervisor CSRs and address translation those that this KVM has asked for.
/// False if the hypervisor beneath refuses.
///
/// Context: the answer is about the hart the task is on while interrupts stay off.
pub(super) fn sync(_interrupts: &InterruptsOff) -> bool {
    let csrs = !has_sync_csr() || sync_all(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_CSR);
    csrs && (!has_sync_hfence() || sync_all(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_HFENCE))
}
