// SPDX-License-Identifier: GPL-2.0

//! Bounds that hold under speculation.

use core::arch::asm;

/// Clamps `index` to 0 unless it is below `size`, without a branch that can be mispredicted, as
/// C's `array_index_nospec()`.
///
/// `index` and `size` are at most `isize::MAX`. For an index that a guest gives, after the check
/// that it is in range: the check alone is no bound for a speculated load.
///
/// Context: any.
#[inline(always)]
pub(crate) fn index_nospec(index: usize, size: usize) -> usize {
    let mut hidden = index;
    // SAFETY: An empty block. It hides the value from the compiler, which would otherwise see that
    // the caller has compared it already and drop the mask.
    unsafe { asm!("/* {0} */", inout(reg) hidden, options(pure, nomem, nostack, preserves_flags)) };

    // All ones if neither the index nor `size - 1 - index` is negative.
    // CAST: For a shift that copies the sign, and back.
    let sign = (hidden | size.wrapping_sub(1).wrapping_sub(hidden)) as isize;
    hidden & (!sign >> (isize::BITS - 1)) as usize
}
