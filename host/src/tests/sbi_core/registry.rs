// SPDX-License-Identifier: GPL-2.0

//! The list of extensions, against that of the C.

use proptest::prelude::*;

use super::Row;
use super::TABLE;
use crate::sbi::Kind;

/// The row that answers an id: none of the ranges overlap.
pub(super) fn owner(id: usize) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.first <= id && id <= row.last)
}

/// Ids that are known, all but known, or cut to something known.
pub(super) fn ids() -> impl Strategy<Value = usize> {
    let known = prop::sample::select(&TABLE[..]).prop_flat_map(|row| row.first..=row.last);
    prop_oneof![
        known,
        prop::sample::select(&TABLE[..]).prop_flat_map(|row| {
            prop::sample::select(vec![
                row.first,
                row.last,
                row.first.wrapping_sub(1),
                row.last + 1,
                row.first | (1 << 32),
                row.first | (1 << 63),
                row.first | !0xFFFF_FFFF,
            ])
        }),
        (prop::sample::select(&TABLE[..]), 0..64u32).prop_map(|(row, bit)| row.first ^ (1 << bit)),
        0..32usize,
        any::<u32>().prop_map(|id| id as usize),
        any::<usize>(),
    ]
}

#[test]
fn the_order_and_the_numbers_are_those_of_the_c() {
    let ours: Vec<_> = Kind::ALL.iter().map(|&kind| (kind, kind.index())).collect();
    let theirs: Vec<_> = TABLE.iter().map(|row| (row.kind, row.index)).collect();
    assert_eq!(ours, theirs);
    for index in 0..64 {
        let row = TABLE.iter().find(|row| row.index == Some(index));
        assert_eq!(Kind::of_index(index), row.map(|row| row.kind));
    }
    assert_eq!(Kind::of_index(usize::MAX), None);
}

/// B2: -1 is nobody's.
#[test]
fn ids_at_the_ends_of_each_range() {
    for row in &TABLE {
        assert_eq!(Kind::of_id(row.first), Some(row.kind));
        assert_eq!(Kind::of_id(row.last), Some(row.kind));
        for id in [row.first.wrapping_sub(1), row.last + 1] {
            assert_eq!(Kind::of_id(id), owner(id).map(|row| row.kind));
        }
    }
    assert_eq!(Kind::of_id(usize::MAX), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// All of the register is the id.
    #[test]
    fn an_id_has_the_owner_that_the_table_says(id in ids()) {
        prop_assert_eq!(Kind::of_id(id), owner(id).map(|row| row.kind));
    }
}
