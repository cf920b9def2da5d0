// SPDX-License-Identifier: GPL-2.0

//! Hart masks, against a model that writes the named harts down as a set.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::kvm::Errno;
use crate::kvm::Vm;
use crate::sbi::HartMask;
use crate::sbi::SbiError;

/// vCPU ids in the order of creation: dense, dense but shuffled, or sparse.
fn ids() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        (1..80usize).prop_map(|n| (0..n).collect::<Vec<_>>()),
        (1..80usize).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle()),
        prop::collection::btree_set(0..1024usize, 1..80)
            .prop_flat_map(|set| Just(set.into_iter().collect::<Vec<_>>()).prop_shuffle()),
        Just((0..1024).collect::<Vec<_>>()),
        Just((0..1024).rev().collect::<Vec<_>>()),
    ]
}

fn masks() -> impl Strategy<Value = usize> {
    prop_oneof![
        any::<usize>(),
        (0..64u32).prop_map(|bit| 1 << bit),
        Just(0),
        Just(usize::MAX),
    ]
}

fn bases() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..1100usize,
        Just(0),
        Just(usize::MAX),
        (1..130usize).prop_map(|n| usize::MAX - n),
        any::<usize>(),
    ]
}

/// The ids that a mask names, in numbers that do not overflow.
fn named(harts: HartMask) -> BTreeSet<u128> {
    (0..64)
        .filter(|bit| harts.mask & (1 << bit) != 0)
        .map(|bit| harts.base as u128 + bit)
        .collect()
}

/// The ids that are visited, in order, and whether all that are named exist.
fn visited(vm: &Vm, harts: HartMask) -> (Vec<usize>, bool) {
    let seen = RefCell::new(Vec::new());
    let result = harts.visit(vm, |vcpu| {
        seen.borrow_mut().push(vcpu.id());
        Ok::<_, Errno>(())
    });
    (seen.into_inner(), result.unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// I1, R1: whatever the order of creation, the named vCPUs that exist are visited, once each,
    /// and a named hart that does not exist is an error.
    #[test]
    fn visits_what_is_named_and_nothing_else(ids in ids(), mask in masks(), base in bases()) {
        let vm = Vm::with_ids(&ids);
        let harts = HartMask { mask, base };
        let (mut seen, all_exist) = visited(&vm, harts);
        let exist: BTreeSet<u128> = ids.iter().map(|&id| id as u128).collect();
        let (expected, valid) = if base == usize::MAX {
            (exist, true)
        } else {
            let named = named(harts);
            (named.intersection(&exist).copied().collect(), named.is_subset(&exist))
        };
        seen.sort_unstable();
        let seen: Vec<u128> = seen.into_iter().map(|id| id as u128).collect();
        prop_assert_eq!(seen, expected.into_iter().collect::<Vec<_>>());
        let result_expected = if valid { Ok(()) } else { Err(SbiError::InvalidParam) };
        prop_assert_eq!(all_exist, valid);
        prop_assert_eq!(harts.for_each(&vm, |_| ()), result_expected);
    }

    /// With ids in the order of creation only the bits of the mask are walked.
    #[test]
    fn walks_the_bits_of_the_mask(count in 1..1024usize, mask in masks(), at in any::<prop::sample::Index>()) {
        let vm = Vm::with_ids(&(0..count).collect::<Vec<_>>());
        let base = at.index(count);
        let mask = (0..64).filter(|bit| base + bit < count).fold(0, |bits, bit| bits | (mask & (1 << bit)));
        let harts = HartMask { mask, base };
        vm.lookups.set(0);
        let (seen, result) = visited(&vm, harts);
        prop_assert!(result);
        prop_assert_eq!(vm.lookups.get(), seen.len());
    }

    /// At the worst every vCPU is looked at once, after the bits.
    #[test]
    fn never_walks_more_than_all_vcpus_and_the_bits(ids in ids(), mask in masks(), base in bases()) {
        let vm = Vm::with_ids(&ids);
        vm.lookups.set(0);
        let _ = visited(&vm, HartMask { mask, base });
        prop_assert!(vm.lookups.get() <= ids.len() + mask.count_ones() as usize);
    }
}

#[test]
fn an_error_of_the_visit_ends_it() {
    let vm = Vm::with_ids(&[0, 1, 2]);
    let mut visits = 0;
    let result = HartMask { mask: 7, base: 0 }.visit(&vm, |_| {
        visits += 1;
        Err(Errno(-22))
    });
    assert_eq!((result, visits), (Err(Errno(-22)), 1));
}
