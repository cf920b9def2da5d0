// SPDX-License-Identifier: GPL-2.0

//! Fences by way of the queue, with hypervisors that make them, make some, or none: each that was
//! asked for is made, or a wider one.

use proptest::prelude::*;

use crate::nacl::make_fence;
use crate::nacl::Fence;
use crate::nacl::FenceKind;
use crate::riscv::Drain;
use crate::riscv::QueueModel;

/// What C asks for: the arguments of its macros `nacl_hfence_*()`.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// As the specification numbers them.
    kind: usize,
    order: usize,
    vmid: usize,
    asid: usize,
    address: usize,
    size: usize,
}

impl Asked {
    /// `nacl_hfence_mkconfig()` of Linux 7.2.
    fn control(&self) -> usize {
        1 << 63
            | (self.kind & 0xF) << 56
            | (self.order.wrapping_sub(12) & 0x7F) << 48
            | (self.vmid & 0x3FFF) << 16
            | (self.asid & 0xFFFF)
    }

    fn make(&self) {
        if let Some(fence) = Fence::asked(self.control(), self.address, self.size) {
            make_fence(&fence);
        }
    }
}

/// A fence that was made, as the specification reads an entry: which translations it drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Made {
    is_vvma: bool,
    vmid: Option<usize>,
    asid: Option<usize>,
    /// The first address and the last, both included.
    addresses: (u128, u128),
}

impl Made {
    /// Reads an entry strictly: what the specification wants to be zero is.
    fn of_entry([config, number, count]: [usize; 3]) -> Self {
        assert_eq!(
            config >> 60,
            8,
            "pending, and the reserved bits: {config:#x}"
        );
        assert_eq!(config >> 55 & 1, 0, "a reserved bit: {config:#x}");
        assert_eq!(config >> 30 & 0x3FFFF, 0, "reserved bits: {config:#x}");
        let kind = config >> 56 & 0xF;
        let order = config >> 48 & 0x7F;
        let (vmid, asid) = (config >> 16 & 0x3FFF, config & 0xFFFF);
        assert!(kind < 8, "{config:#x}");
        if matches!(kind, 0 | 1) {
            assert_eq!(vmid, 0, "no VMID in {config:#x}");
        }
        if !matches!(kind, 6 | 7) {
            assert_eq!(asid, 0, "no ASID in {config:#x}");
        }
        let addresses = if kind % 2 == 1 {
            assert_eq!((order, number, count), (0, 0, 0), "of all: {config:#x}");
            (0, u128::MAX)
        } else {
            assert_ne!(count, 0, "no page: {config:#x}");
            let first = (number as u128) << (order + 12);
            (first, first + ((count as u128) << (order + 12)) - 1)
        };
        Self {
            is_vvma: kind >= 4,
            vmid: (kind >= 2).then_some(vmid),
            asid: (kind >= 6).then_some(asid),
            addresses,
        }
    }

    /// A fence that the hart has made itself, as the functions of `tlb.c` are told of it.
    fn of_direct(fence: &Fence) -> Self {
        let (is_vvma, vmid, asid) = match fence.kind {
            FenceKind::Gvma { vmid } => (false, vmid, None),
            FenceKind::Vvma { vmid, asid } => (true, Some(vmid), asid),
        };
        let addresses = match fence.range {
            None => (0, u128::MAX),
            Some(range) => {
                // Their loops end where this does.
                let end = range.address().checked_add(range.size()).unwrap();
                assert!((12..64).contains(&range.order));
                (range.address() as u128, end as u128 - 1)
            }
        };
        Self {
            is_vvma,
            vmid,
            asid,
            addresses,
        }
    }

    /// Whether this drops all that `asked` was to drop.
    fn covers(&self, asked: &Asked) -> bool {
        let last = match asked.kind % 2 {
            1 => u128::MAX,
            _ => asked.address as u128 + asked.size as u128 - 1,
        };
        let first = if asked.kind % 2 == 1 {
            0
        } else {
            asked.address as u128
        };
        self.is_vvma == (asked.kind >= 4)
            && self
                .vmid
                .is_none_or(|vmid| asked.kind >= 2 && vmid == asked.vmid)
            && self
                .asid
                .is_none_or(|asid| asked.kind >= 6 && asid == asked.asid)
            && self.addresses.0 <= first
            && self.addresses.1 >= last
    }
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(0),
        1usize..0x3000,
        (1usize..600).prop_map(|pages| pages << 12),
        (1usize..600).prop_map(|pages| pages << 21),
        any::<usize>(),
    ]
}

fn addresses() -> impl Strategy<Value = usize> {
    prop_oneof![
        any::<usize>(),
        (0usize..1 << 20).prop_map(|page| page << 12),
        (0usize..0x4000).prop_map(|below| usize::MAX - below),
    ]
}

fn fences() -> impl Strategy<Value = Asked> {
    (
        0usize..8,
        prop_oneof![
            Just(12),
            Just(16),
            Just(21),
            Just(30),
            Just(39),
            Just(48),
            12usize..64
        ],
        0usize..0x4000,
        0usize..0x10000,
        addresses(),
        sizes(),
    )
        .prop_map(|(kind, order, vmid, asid, address, size)| match kind % 2 {
            // The macros of these kinds have no such arguments.
            1 => Asked {
                kind,
                order: 0,
                vmid,
                asid,
                address: 0,
                size: 0,
            },
            _ => Asked {
                kind,
                order,
                vmid,
                asid,
                address,
                size,
            },
        })
        .prop_map(|asked| match asked.kind {
            0 | 1 => Asked {
                vmid: 0,
                asid: 0,
                ..asked
            },
            2..=5 => Asked { asid: 0, ..asked },
            _ => asked,
        })
}

fn drains() -> impl Strategy<Value = Drain> {
    prop_oneof![
        Just(Drain::All),
        Just(Drain::Half),
        Just(Drain::None),
        Just(Drain::Refuse),
    ]
}

/// Fences and what the hypervisor is like from each on.
fn runs() -> impl Strategy<Value = Vec<(Asked, Option<Drain>)>> {
    let change = prop_oneof![9 => Just(None), 1 => drains().prop_map(Some)];
    prop::collection::vec((fences(), change), 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// N8, N10, N11.
    #[test]
    fn every_fence_is_made_or_widened(
        run in runs(),
        first in prop_oneof![4 => drains(), 1 => Just(Drain::NotServed)],
    ) {
        QueueModel::begin(first);
        for (asked, change) in &run {
            if let (Some(drain), true) = (change, first != Drain::NotServed) {
                QueueModel::set_drain(*drain);
            }
            asked.make();
        }
        let after = QueueModel::enter_guest();
        prop_assert!(after.syncs <= 5 * run.len(), "{} syncs", after.syncs);
        if first == Drain::NotServed {
            prop_assert_eq!(after.made.len() + after.syncs, 0);
        }
        let made: Vec<_> = after
            .made
            .iter()
            .map(|entry| Made::of_entry(*entry))
            .chain(after.direct.iter().map(Made::of_direct))
            .collect();
        for (asked, _) in &run {
            let is_one = asked.kind % 2 == 1 || asked.size != 0;
            prop_assert!(
                !is_one || made.iter().any(|fence| fence.covers(asked)),
                "{:x?} in {:x?}", asked, made
            );
        }
    }

    /// A range of few pages is not widened to all: a fence of everything costs others their
    /// translations.
    #[test]
    fn few_pages_stay_few(kind in 0usize..4, order in 12usize..31, first in 0usize..1 << 20, pages in 1usize..=512) {
        let asked = Asked {
            kind: 2 * kind,
            order,
            vmid: 0,
            asid: 0,
            address: first << order,
            size: pages << order,
        };
        QueueModel::begin(Drain::All);
        asked.make();
        let after = QueueModel::enter_guest();
        prop_assert_eq!(after.made.len(), 1);
        let [config, number, count] = after.made[0];
        prop_assert_eq!((number, count), (first, pages));
        prop_assert_eq!(config, asked.control());
    }
}

/// The queue has 60 entries, and the 61st fence has it handed over once where that helps.
#[test]
fn a_full_queue_is_handed_over() {
    for (drain, syncs, direct) in [
        (Drain::All, 1, 0),
        (Drain::Half, 1, 0),
        (Drain::None, 5, 1),
        (Drain::Refuse, 1, 1),
    ] {
        QueueModel::begin(drain);
        for page in 0..61 {
            Asked {
                kind: 4,
                order: 12,
                vmid: 1,
                asid: 0,
                address: page << 12,
                size: 4096,
            }
            .make();
        }
        let after = QueueModel::enter_guest();
        assert_eq!(
            (after.syncs, after.direct.len()),
            (syncs, direct),
            "{drain:?}"
        );
        assert_eq!(after.made.len() + after.direct.len(), 61, "{drain:?}");
    }
}
