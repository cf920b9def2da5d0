// SPDX-License-Identifier: GPL-2.0

//! The RFENCE extension.

use std::rc::Rc;

use proptest::prelude::*;

use super::answer;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::Request;
use crate::kvm::Vm;
use crate::sbi::Fence;
use crate::sbi::FenceRange;
use crate::sbi::FirmwareEvent;
use crate::sbi::Outcome;
use crate::sbi::Rfence;

/// Harts 0, 2 and 1, in this order.
fn three_harts() -> (Rc<Vm>, LoadedVcpu) {
    let vm = Vm::with_ids(&[0, 2, 1]);
    let vcpu = LoadedVcpu::first_of(&vm);
    (vm, vcpu)
}

fn events(vm: &Vm) -> Vec<(usize, usize)> {
    let events = vm.by_id(0).firmware_events.borrow();
    events
        .iter()
        .map(|(&event, &count)| (event, count))
        .collect()
}

/// Pages as first byte and number of bytes; nothing for all of them.
pub(super) type Bytes = Option<(u128, u128)>;

/// The fences in the queue of hart `id`: what of which ASID.
pub(super) fn queue(vm: &Vm, id: usize) -> Vec<(Bytes, Option<usize>)> {
    let range = |fence: &Fence| match fence.range {
        FenceRange::All => None,
        FenceRange::Pages(pages) => Some((pages.start() as u128, pages.size() as u128)),
    };
    let fences = vm.by_id(id).fences.borrow();
    fences
        .iter()
        .map(|fence| (range(fence), fence.asid.map(|asid| asid.to_register())))
        .collect()
}

/// The pages that a range touches.
pub(super) fn demanded(start: usize, size: usize) -> Bytes {
    let end = start as u128 + size as u128;
    let last_page = (1 << usize::BITS) - 4096;
    match (start, size) {
        (0, 0) | (_, usize::MAX) => None,
        (_, 0) => Some((start as u128 / 4096 * 4096, 0)),
        _ if end > last_page => None,
        _ => {
            let first = start as u128 / 4096 * 4096;
            Some((first, end.div_ceil(4096) * 4096 - first))
        }
    }
}

#[test]
fn fence_i_is_asked_for_and_counted() {
    let (vm, vcpu) = three_harts();
    let answered = answer::<Rfence>(&vcpu, 0, [0b110, 0, 0, 0, 0]);
    assert_eq!(answered, Ok(Outcome::SUCCESS));
    assert_eq!(*vm.requests.borrow(), [(Request::FenceI, vec![1, 2])]);
    assert_eq!(events(&vm), [(FirmwareEvent::FenceISent as usize, 1)]);
}

/// R1.
#[test]
fn harts_that_exist_are_fenced_before_the_error() {
    for function in 0..3 {
        let (vm, vcpu) = three_harts();
        let args = [0b1010, 0, 0x1000, 0x1000, 0];
        assert_eq!(answer::<Rfence>(&vcpu, function, args), Ok(INVALID_PARAM));
        let requests = vm.requests.borrow();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests.first().unwrap().1, [1]);
        assert_eq!(events(&vm).len(), 1);
    }
}

/// F1: only the hart whose queue is full fences more than it is asked to, and it empties the queue
/// even if nobody has asked for that before.
#[test]
fn a_full_queue_widens_the_fence_of_its_own_hart() {
    for (is_requested, queued) in [(true, vec![0, 1]), (false, vec![0, 1, 2])] {
        let (vm, vcpu) = three_harts();
        vm.by_id(2).queue_is_full.set(true);
        vm.by_id(2).fences_are_requested.set(is_requested);
        let args = [0, usize::MAX, 0x1000, 0x1000, 0];
        assert_eq!(answer::<Rfence>(&vcpu, 1, args), Ok(Outcome::SUCCESS));
        assert_eq!(
            *vm.requests.borrow(),
            [
                (Request::QueuedFences, queued),
                (Request::FullFence, vec![2])
            ]
        );
        for id in [0, 1] {
            assert_eq!(queue(&vm, id), [(Some((0x1000, 0x1000)), None)]);
        }
        assert_eq!(queue(&vm, 2), []);
    }
}

proptest! {
    /// The two SFENCE functions ask for what the range says, the one with an ASID for that ASID, of
    /// which what lies above 16 bits is cut off (R5).
    #[test]
    fn sfences_ask_for_their_range(start in any::<usize>(), size in 0..0x4000usize, asid in any::<usize>()) {
        let (vm, vcpu) = three_harts();
        let args = [0b011, 0, start, size, asid];
        prop_assert_eq!(answer::<Rfence>(&vcpu, 1, args), Ok(Outcome::SUCCESS));
        prop_assert_eq!(answer::<Rfence>(&vcpu, 2, args), Ok(Outcome::SUCCESS));
        let range = demanded(start, size);
        for id in [0, 1] {
            prop_assert_eq!(queue(&vm, id), [(range, None), (range, Some(asid % 0x1_0000))]);
        }
        prop_assert_eq!(queue(&vm, 2), []);
        prop_assert_eq!(
            &*vm.requests.borrow(),
            &[(Request::QueuedFences, vec![0, 1]), (Request::QueuedFences, vec![0, 1])]
        );
        prop_assert_eq!(
            events(&vm),
            [
                (FirmwareEvent::HfenceVvmaSent as usize, 1),
                (FirmwareEvent::HfenceVvmaAsidSent as usize, 1),
            ]
        );
    }
}

/// Upstream commit 76944f40a52a.
#[test]
fn hfences_and_unknown_functions_are_not_supported() {
    let (vm, vcpu) = three_harts();
    for function in (3..7).chain(UNKNOWN_FUNCTIONS) {
        assert_eq!(
            answer::<Rfence>(&vcpu, function, [3, 0, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert!(vm.requests.borrow().is_empty());
    assert!(events(&vm).is_empty());
}
