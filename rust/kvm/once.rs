// SPDX-License-Identifier: GPL-2.0

//! `READ_ONCE()` and `WRITE_ONCE()` for fields that another CPU or C code on this one also uses.
//!
//! `kernel::sync::atomic` calls a C helper for each access, which a guest's path cannot afford.

use core::ptr;

use kernel::prelude::kunit_tests;

/// Reads `*ptr` in one access, as C's `READ_ONCE()`.
///
/// # Safety
///
/// `ptr` points to a live, aligned `T` of at most the size of a word, which concurrent writers
/// write in one access.
#[inline(always)]
pub(super) unsafe fn read_once<T: Copy>(ptr: *const T) -> T {
    // SAFETY: By the caller.
    unsafe { ptr::read_volatile(ptr) }
}

/// Writes `*ptr` in one access, as C's `WRITE_ONCE()`.
///
/// # Safety
///
/// `ptr` points to a live, aligned `T` of at most the size of a word, which concurrent readers read
/// in one access.
#[inline(always)]
pub(super) unsafe fn write_once<T: Copy>(ptr: *mut T, value: T) {
    // SAFETY: By the caller.
    unsafe { ptr::write_volatile(ptr, value) }
}

#[kunit_tests(kvm_riscv_once)]
mod tests {
    use super::read_once;
    use super::write_once;

    #[test]
    fn a_write_is_of_the_field_alone() {
        let mut words: [u32; 3] = [1, 2, 3];
        // SAFETY: The word is this function's.
        unsafe { write_once(&mut words[1], u32::MAX) };
        assert_eq!(words, [1, u32::MAX, 3]);
        let mut halves: [u16; 4] = [1, 2, 3, 4];
        // SAFETY: As above.
        unsafe { write_once(&mut halves[2], u16::MAX) };
        assert_eq!(halves, [1, 2, u16::MAX, 4]);
    }

    #[test]
    fn a_read_is_of_the_field_alone() {
        let words: [u32; 3] = [u32::MAX, 0x1234_5678, u32::MAX];
        // SAFETY: The word is this function's.
        let word = unsafe { read_once(&words[1]) };
        assert_eq!(word, 0x1234_5678);
    }
}
