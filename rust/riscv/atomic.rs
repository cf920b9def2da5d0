// SPDX-License-Identifier: GPL-2.0

//! Atomic memory operations as single instructions, without ordering: as `atomic64_add()`,
//! `set_bit()` and `clear_bit()`.
//!
//! `kernel::sync::atomic` calls a C helper for each, which a guest's path cannot afford.

use core::arch::asm;

/// Makes a function of an instruction that changes a word and whose result is not wanted.
macro_rules! amo {
    ($(#[$doc:meta])* $name:ident, $instruction:literal) => {
        $(#[$doc])*
        ///
        /// Context: any.
        ///
        /// # Safety
        ///
        /// `ptr` points to a live, aligned word, which others change atomically if they do so at the
        /// same time.
        #[inline(always)]
        pub(crate) unsafe fn $name(ptr: *mut u64, value: u64) {
            // SAFETY: By the caller. Not `nomem`: the word changes.
            unsafe {
                asm!(
                    concat!($instruction, " zero, {value}, ({ptr})"),
                    value = in(reg) value,
                    ptr = in(reg) ptr,
                    options(nostack, preserves_flags)
                )
            };
        }
    };
}

amo! {
    /// Adds `value` to the word.
    amoadd_d, "amoadd.d"
}

amo! {
    /// Sets the bits of `value` in the word.
    amoor_d, "amoor.d"
}

amo! {
    /// Clears the bits of the word that `value` does not have.
    amoand_d, "amoand.d"
}
