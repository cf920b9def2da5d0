// SPDX-License-Identifier: GPL-2.0

//! The static keys that say what is used of nested acceleration. C's inline functions read them too.

use kernel::bindings;

use crate::nacl::Feature;

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
pub(crate) fn is_available() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_available)
}

/// Whether CSRs that are written there can be handed over before the next entry into a guest, as
/// C's macro `kvm_riscv_nacl_sync_csr_available()`.
#[inline(always)]
pub(crate) fn has_sync_csr() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_sync_csr_available)
}

/// Whether fences that are queued there can be handed over before the next entry.
#[inline(always)]
pub(super) fn has_sync_hfence() -> bool {
    static_key_is_on!(bindings::kvm_riscv_nacl_sync_hfence_available)
}

/// Whether this feature is used.
pub(super) fn has(feature: Feature) -> bool {
    match feature {
        Feature::SyncCsr => has_sync_csr(),
        Feature::SyncHfence => has_sync_hfence(),
        Feature::SyncSret => static_key_is_on!(bindings::kvm_riscv_nacl_sync_sret_available),
        Feature::AutoswapCsr => static_key_is_on!(bindings::kvm_riscv_nacl_autoswap_csr_available),
    }
}

/// The key of a feature.
fn of(feature: Feature) -> *mut bindings::static_key_false {
    match feature {
        Feature::SyncCsr => &raw mut bindings::kvm_riscv_nacl_sync_csr_available,
        Feature::SyncHfence => &raw mut bindings::kvm_riscv_nacl_sync_hfence_available,
        Feature::SyncSret => &raw mut bindings::kvm_riscv_nacl_sync_sret_available,
        Feature::AutoswapCsr => &raw mut bindings::kvm_riscv_nacl_autoswap_csr_available,
    }
}

/// Turns the key of a feature on.
///
/// Context: process context; sleeps.
pub(super) fn turn_on(feature: Feature) {
    // SAFETY: One of this module's keys.
    unsafe { bindings::kvm_riscv_rs_turn_on(of(feature)) };
}

/// Turns the key of a feature off.
///
/// Context: process context; sleeps.
pub(super) fn turn_off(feature: Feature) {
    // SAFETY: One of this module's keys.
    unsafe { bindings::kvm_riscv_rs_turn_off(of(feature)) };
}

/// Turns the key of nested acceleration itself on or off.
///
/// Context: process context; sleeps.
pub(super) fn set_available(on: bool) {
    let key = &raw mut bindings::kvm_riscv_nacl_available;
    // SAFETY: One of this module's keys.
    unsafe {
        if on {
            bindings::kvm_riscv_rs_turn_on(key);
        } else {
            bindings::kvm_riscv_rs_turn_off(key);
        }
    }
}
