// SPDX-License-Identifier: GPL-2.0

//! Bounds that hold under speculation.

use core::arch::asm;

use kernel::prelude::kunit_tests;

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

#[kunit_tests(kvm_riscv_nospec)]
mod tests {
    use super::index_nospec;

    const SIZES: [usize; 5] = [1, 2, 64, 1000, isize::MAX as usize];

    #[test]
    fn an_index_in_range_stays() {
        for size in SIZES {
            for index in [0, size / 2, size - 1] {
                assert_eq!(index_nospec(index, size), index);
            }
        }
    }

    #[test]
    fn an_index_past_the_end_is_0() {
        for size in SIZES {
            for index in [size, isize::MAX as usize] {
                assert_eq!(index_nospec(index, size), 0);
            }
        }
    }
}
