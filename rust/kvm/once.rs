// SPDX-License-Identifier: GPL-2.0

//! `READ_ONCE()` and `WRITE_ONCE()` for fields that another CPU or C code on this one also uses.
//!
//! `kernel::sync::atomic` calls a C helper for each access, which a guest's path cannot afford.

use core::ptr;

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
