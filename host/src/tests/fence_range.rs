// SPDX-License-Identifier: GPL-2.0

//! The range rules of the RFENCE extension, in arithmetic that cannot overflow.

use proptest::prelude::*;

use crate::sbi::FenceRange;
use crate::sbi::PAGE_SHIFT;

const PAGE: u128 = 1 << PAGE_SHIFT;
const SPACE: u128 = 1 << usize::BITS;

/// Numbers near every edge that matters, and any other.
fn edgy() -> impl Strategy<Value = usize> {
    prop_oneof![
        any::<usize>(),
        (0..64usize),
        (0..64usize).prop_map(|n| usize::MAX - n),
        (0..3usize, 0..64usize, any::<bool>()).prop_map(|(pages, n, up)| {
            let edge = pages.wrapping_mul(4096);
            if up {
                edge.wrapping_add(n)
            } else {
                edge.wrapping_sub(n)
            }
        }),
        (0..(1usize << 24)),
    ]
}

/// The addresses that are fenced, as first and one past the last.
fn fenced(range: FenceRange) -> (u128, u128) {
    match range {
        FenceRange::All => (0, SPACE),
        FenceRange::Pages(pages) => {
            let start = pages.start() as u128;
            (start, start + pages.size() as u128)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    /// R2, R3: whatever is asked for is fenced, wrapped parts too.
    #[test]
    fn covers_every_byte_asked_for(start in edgy(), size in edgy()) {
        let (first, end) = fenced(FenceRange::new(start, size));
        let (asked, asked_end) = (start as u128, start as u128 + size as u128);
        prop_assert!(size == 0 || first <= asked);
        if asked_end <= SPACE {
            prop_assert!(size == 0 || asked_end <= end);
        } else {
            prop_assert_eq!((first, end), (0, SPACE));
        }
    }

    /// R6: C's loop `for (pos = start; pos < start + size; pos += 4096)` ends: it visits whole pages
    /// from an aligned start and its bound is an address that it hits.
    #[test]
    fn the_loop_over_pages_ends(start in edgy(), size in edgy()) {
        if let FenceRange::Pages(pages) = FenceRange::new(start, size) {
            prop_assert_eq!(pages.start() as u128 % PAGE, 0);
            prop_assert_eq!(pages.size() as u128 % PAGE, 0);
            prop_assert!(pages.start() as u128 + (pages.size() as u128) < SPACE);
        }
    }

    /// No wider than the pages that the range touches, except at the end of the address space.
    #[test]
    fn covers_no_page_too_many(start in edgy(), size in edgy()) {
        prop_assume!(size != usize::MAX && (start, size) != (0, 0));
        let last_page = SPACE - PAGE;
        let end = start as u128 + size as u128;
        if end <= last_page {
            let (first, fenced_end) = fenced(FenceRange::new(start, size));
            prop_assert_eq!(first, start as u128 / PAGE * PAGE);
            if size == 0 {
                prop_assert_eq!(first, fenced_end);
            } else {
                prop_assert_eq!(fenced_end, end.div_ceil(PAGE) * PAGE);
            }
        }
    }
}

#[test]
fn zero_and_zero_is_everything() {
    assert_eq!(FenceRange::new(0, 0), FenceRange::All);
}

#[test]
fn all_ones_is_everything() {
    assert_eq!(FenceRange::new(0, usize::MAX), FenceRange::All);
    assert_eq!(FenceRange::new(0x1234, usize::MAX), FenceRange::All);
}

#[test]
fn no_bytes_at_an_address_is_nothing() {
    assert_eq!(fenced(FenceRange::new(0x5000, 0)), (0x5000, 0x5000));
    let last_page = SPACE - PAGE;
    for start in [last_page as usize, last_page as usize + 1, usize::MAX] {
        assert_eq!(fenced(FenceRange::new(start, 0)), (last_page, last_page));
    }
}
