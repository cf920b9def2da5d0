// SPDX-License-Identifier: GPL-2.0

//! Atomic memory operations as single instructions, without ordering: as `atomic64_add()`,
//! `set_bit()` and `clear_bit()`.
//!
//! `kernel::sync::atomic` calls a C helper for each, which a guest's path cannot afford.

use core::arch::asm;

use kernel::prelude::kunit_tests;

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

#[kunit_tests(kvm_riscv_atomic)]
mod tests {
    use super::amoadd_d;
    use super::amoand_d;
    use super::amoor_d;

    /// The word of three that is changed, with two that must not be.
    const BEFORE: [u64; 3] = [u64::MAX, 0x00FF_00FF_00FF_00FF, u64::MAX];

    /// What `change` makes of the word in the middle, if it leaves the others alone.
    fn changed(change: impl Fn(*mut u64)) -> Option<u64> {
        let mut words = BEFORE;
        change(&mut words[1]);
        (words[0] == BEFORE[0] && words[2] == BEFORE[2]).then_some(words[1])
    }

    #[test]
    fn amoadd_adds() {
        // SAFETY: The word is the closure's.
        let sum = changed(|word| unsafe { amoadd_d(word, 1 << 63) });
        assert_eq!(sum, Some(0x80FF_00FF_00FF_00FF));
        // SAFETY: As above.
        let wrapped = changed(|word| unsafe { amoadd_d(word, u64::MAX) });
        assert_eq!(wrapped, Some(0x00FF_00FF_00FF_00FE));
    }

    #[test]
    fn amoor_sets_bits() {
        // SAFETY: The word is the closure's.
        let set = changed(|word| unsafe { amoor_d(word, 0xF00F << 48) });
        assert_eq!(set, Some(0xF0FF_00FF_00FF_00FF));
    }

    #[test]
    fn amoand_clears_bits() {
        // SAFETY: The word is the closure's.
        let cleared = changed(|word| unsafe { amoand_d(word, !(0xF00F << 48)) });
        assert_eq!(cleared, Some(0x00F0_00FF_00FF_00FF));
    }
}
