// SPDX-License-Identifier: GPL-2.0

//! The legacy extensions, against a model that writes the named harts down as a set.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::rfence::demanded;
use super::super::rfence::queue;
use super::returned_legacy;
use super::Guest;
use super::ENTER_GUEST;
use super::EXIT;
use crate::kvm::ExitReason;
use crate::kvm::Request;
use crate::kvm::SystemEvent;
use crate::kvm::Vm;
use crate::kvm::MAX_VCPUS;

pub(super) const SEND_IPI: usize = 4;
pub(super) const REMOTE_FENCE_I: usize = 5;
pub(super) const REMOTE_SFENCE_VMA: usize = 6;
pub(super) const REMOTE_SFENCE_VMA_ASID: usize = 7;

/// Where the mask is, in the guest's memory.
pub(super) const MASK: usize = 0xFFFF_FFC0_0000_1FF0;

/// vCPU ids in the order of creation.
fn ids() -> impl Strategy<Value = Vec<usize>> {
    let counts = prop_oneof![1..200usize, 62..67usize, 126..131usize, Just(MAX_VCPUS)];
    prop_oneof![
        counts.prop_map(|count| (0..count).collect::<Vec<_>>()),
        (1..200usize).prop_flat_map(|count| Just((0..count).collect::<Vec<_>>()).prop_shuffle()),
        prop::collection::btree_set(0..MAX_VCPUS, 1..150)
            .prop_flat_map(|ids| Just(ids.into_iter().collect::<Vec<_>>()).prop_shuffle()),
    ]
}

fn words() -> impl Strategy<Value = Vec<usize>> {
    let word = prop_oneof![
        any::<usize>(),
        Just(0),
        Just(usize::MAX),
        (0..64u32).prop_map(|bit| 1 << bit),
    ];
    prop::collection::vec(word, 17)
}

/// Puts a mask into the guest's memory; behind it is what must not be read.
fn put(guest: &Guest, words: &[usize]) {
    let mut memory = guest.vcpu.words.borrow_mut();
    for (index, &word) in words.iter().enumerate() {
        memory.insert(MASK + 8 * index, Ok(word));
    }
}

/// The harts that a mask names: "a sequence of unsigned longs whose length equals the number of harts
/// in the system divided by the number of bits in an unsigned long, rounded up".
fn named(ids: &[usize], words: &[usize]) -> BTreeSet<usize> {
    let length = ids.len().div_ceil(64);
    ids.iter()
        .copied()
        .filter(|&id| id / 64 < length && (words[id / 64] >> (id % 64)) & 1 != 0)
        .collect()
}

/// Who was asked to do something, and that each was asked once.
fn asked(vm: &Vm, what: Request) -> BTreeSet<usize> {
    let mut asked = BTreeSet::new();
    for (request, ids) in &*vm.requests.borrow() {
        assert_eq!(*request, what);
        for &id in ids {
            assert!(asked.insert(id), "hart {id} is asked twice");
        }
    }
    asked
}

/// Makes the call, and looks at who got what.
fn check(guest: &Guest, id: usize, address: usize, range: [usize; 3], named: &BTreeSet<usize>) {
    let [start, size, asid] = range;
    let before = guest.prepare(id, 7, [address, start, size, asid, 5, 6]);
    let (calls, result) = guest.call_until_done();
    assert_eq!((calls, result), (1, ENTER_GUEST));
    assert_eq!(guest.state(), returned_legacy(before, 0));

    let vm = &guest.vm;
    let nobody = BTreeSet::new();
    let (interrupted, fenced) = match id {
        SEND_IPI => (named, &nobody),
        _ => (&nobody, named),
    };
    match id {
        REMOTE_FENCE_I => assert_eq!(asked(vm, Request::FenceI), *fenced),
        _ => assert_eq!(asked(vm, Request::QueuedFences), *fenced),
    }
    for vcpu in vm.vcpus() {
        let id_of_vcpu = vcpu.id();
        let interrupts = usize::from(interrupted.contains(&id_of_vcpu));
        assert_eq!(vcpu.interrupts.get(), interrupts, "hart {id_of_vcpu}");
        let mut fences = vec![];
        if fenced.contains(&id_of_vcpu) && id != REMOTE_FENCE_I {
            let asid = (id == REMOTE_SFENCE_VMA_ASID).then_some(asid % 0x1_0000);
            fences.push((demanded(start, size), asid));
        }
        assert_eq!(queue(vm, id_of_vcpu), fences, "hart {id_of_vcpu}");
        assert!(vcpu.firmware_events.borrow().is_empty());
    }
    assert_eq!(guest.run.exit_reason.get(), ExitReason::Untouched);
}

fn ranges() -> impl Strategy<Value = [usize; 3]> {
    let size = prop_oneof![0..0x4000usize, Just(usize::MAX), any::<usize>()];
    let start = prop_oneof![Just(0usize), any::<usize>()];
    (start, size, any::<usize>()).prop_map(|(start, size, asid)| [start, size, asid])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// L3: any number of words. The caller may be named, too.
    // conforms: LEGACY.send_ipi.SUCCESS LEGACY.send_ipi.mask LEGACY.remote_fence_i.SUCCESS
    // conforms: LEGACY.remote_sfence_vma.SUCCESS LEGACY.remote_sfence_vma.everything
    // conforms: LEGACY.remote_sfence_vma_asid.SUCCESS LEGACY.remote_sfence_vma_asid.everything
    #[test]
    fn a_mask_names_harts_by_their_ids(ids in ids(), words in words(), id in SEND_IPI..=REMOTE_SFENCE_VMA_ASID, range in ranges()) {
        let guest = Guest::new(&ids);
        put(&guest, &words);
        check(&guest, id, MASK, range, &named(&ids, &words));
        let read: BTreeMap<_, usize> = guest.vcpu.guest_reads.borrow().iter().fold(
            BTreeMap::new(),
            |mut read, &address| {
                *read.entry(address).or_default() += 1;
                read
            },
        );
        let expected = (0..ids.len().div_ceil(64)).map(|index| (MASK + 8 * index, 1));
        prop_assert_eq!(read, expected.collect::<BTreeMap<_, _>>());
    }

    /// L4: all, whatever their ids are and however many.
    #[test]
    fn null_names_all_harts(ids in ids(), id in SEND_IPI..=REMOTE_SFENCE_VMA_ASID, range in ranges()) {
        let guest = Guest::new(&ids);
        check(&guest, id, 0, range, &ids.iter().copied().collect());
        prop_assert!(guest.vcpu.guest_reads.borrow().is_empty());
    }
}

/// F1, as RFENCE's.
#[test]
fn a_full_queue_widens_the_fence_of_its_own_hart() {
    let guest = Guest::new(&[0, 1, 2]);
    guest.vm.by_id(2).queue_is_full.set(true);
    guest.vm.by_id(2).fences_are_requested.set(true);
    let (_, result) = guest.call(REMOTE_SFENCE_VMA, 0, [0, 0x1000, 0x1000, 0, 0, 0]);
    assert_eq!(result, ENTER_GUEST);
    let requests = guest.vm.requests.borrow();
    assert_eq!(
        *requests,
        [
            (Request::QueuedFences, vec![0, 1]),
            (Request::FullFence, vec![2])
        ]
    );
}

#[test]
fn set_timer_sets_the_deadline_and_leaves_a1() {
    for deadline in [0, 1, usize::MAX] {
        let guest = Guest::new(&[0]);
        let (before, result) = guest.call(0, 9, [deadline, 0x55, 3, 4, 5, 6]);
        assert_eq!(result, ENTER_GUEST);
        assert_eq!(guest.state(), returned_legacy(before, 0));
        assert_eq!(guest.vcpu.deadline.get(), Some(deadline as u64));
        assert!(guest.vcpu.firmware_events.borrow().is_empty());
    }
}

/// L2: "positive if an IPI had been pending".
#[test]
fn clear_ipi_says_whether_one_was_pending() {
    let guest = Guest::new(&[0, 1]);
    guest.vm.by_id(1).interrupts.set(1);
    for (pending, value) in [(0, 0), (1, 1), (3, 1), (0, 0)] {
        guest.vcpu.interrupts.set(pending);
        let (before, result) = guest.call(3, 9, [1, 0x55, 3, 4, 5, 6]);
        assert_eq!(result, ENTER_GUEST);
        assert_eq!(guest.state(), returned_legacy(before, value));
        assert_eq!(guest.vcpu.interrupts.get(), 0);
        assert_eq!(guest.vm.by_id(1).interrupts.get(), 1);
    }
}

/// As SRST's: a hart that is started behind the first sweep is stopped by the second (Q3).
#[test]
fn shutdown_stops_all_twice() {
    let guest = Guest::new(&[0, 1, 2]);
    let started = std::cell::Cell::new(false);
    *guest.vm.meanwhile.borrow_mut() = Some(Box::new(move |vm: &Vm| {
        if !started.replace(true) {
            vm.by_id(1).stopped.set(false);
        }
    }));
    let (before, result) = guest.call(8, 9, [1, 2, 3, 4, 5, 6]);
    assert_eq!(result, EXIT);
    assert_eq!(guest.state(), before);
    assert!(guest.vm.vcpus().all(|vcpu| vcpu.stopped.get()));
    assert_eq!(guest.vm.sleep_requests.get(), 2);
    let event = Some((SystemEvent::Shutdown, 0));
    assert_eq!(guest.run.system_event.get(), event);
}
