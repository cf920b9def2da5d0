// SPDX-License-Identifier: GPL-2.0

//! The fields of an encoding.

/// The `length` bits of `bits` from bit `low` up, fewer than 32.
#[inline]
pub(super) const fn field(bits: u32, low: u32, length: u32) -> u32 {
    (bits >> low) & ((1 << length) - 1)
}
