// SPDX-License-Identifier: GPL-2.0

//! The RFENCE extension.

use std::rc::Rc;

use proptest::prelude::*;

use super::answer;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::Fence;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::FirmwareEvent;
use crate::sbi::HartMask;
use crate::sbi::Outcome;
use crate::sbi::Rfence;

const HARTS: HartMask = HartMask { mask: 3, base: 0 };

/// The pages that a range touches, as first byte and number of bytes; nothing for all of them.
fn demanded(start: usize, size: usize) -> Option<(u128, u128)> {
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

fn two_harts() -> (Rc<Vm>, LoadedVcpu) {
    let vm = Vm::with_ids(&[0, 1]);
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

#[test]
fn fence_i_is_asked_for_and_counted() {
    let (vm, vcpu) = two_harts();
    assert_eq!(
        answer::<Rfence>(&vcpu, 0, [3, 0, 0, 0, 0]),
        Ok(Outcome::SUCCESS)
    );
    assert_eq!(*vm.fences.borrow(), [Fence::I(HARTS)]);
    assert_eq!(events(&vm), [(FirmwareEvent::FenceISent as usize, 1)]);
}

#[test]
fn harts_that_exist_are_fenced_before_the_error() {
    for function in 0..3 {
        let (vm, vcpu) = two_harts();
        let args = [0b101, 0, 0x1000, 0x1000, 0];
        assert_eq!(answer::<Rfence>(&vcpu, function, args), Ok(INVALID_PARAM));
        assert_eq!(vm.fences.borrow().len(), 1);
        assert_eq!(events(&vm).len(), 1);
    }
}

proptest! {
    /// The two SFENCE functions ask for what the range says, the one with an ASID for that ASID.
    #[test]
    fn sfences_ask_for_their_range(start in any::<usize>(), size in 0..0x4000usize, asid in any::<u16>()) {
        let (vm, vcpu) = two_harts();
        let asid = usize::from(asid);
        prop_assert_eq!(answer::<Rfence>(&vcpu, 1, [3, 0, start, size, asid]), Ok(Outcome::SUCCESS));
        prop_assert_eq!(answer::<Rfence>(&vcpu, 2, [3, 0, start, size, asid]), Ok(Outcome::SUCCESS));
        let fences = vm.fences.borrow();
        match (demanded(start, size), &fences[..]) {
            (None, [Fence::VvmaAll(HARTS), Fence::VvmaAsidAll(HARTS, named)]) => {
                prop_assert_eq!(named.to_register(), asid);
            }
            (
                Some((first, bytes)),
                [Fence::VvmaGva(HARTS, all), Fence::VvmaAsidGva(HARTS, one, named)],
            ) => {
                prop_assert_eq!((all.start() as u128, all.size() as u128), (first, bytes));
                prop_assert_eq!(one, all);
                prop_assert_eq!(named.to_register(), asid);
            }
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(
            events(&vm),
            [
                (FirmwareEvent::HfenceVvmaSent as usize, 1),
                (FirmwareEvent::HfenceVvmaAsidSent as usize, 1),
            ]
        );
    }

    /// R5: what lies above the 16 bits of an ASID is cut off, and the fence is made.
    #[test]
    fn the_reserved_bits_of_an_asid_are_cut_off(asid in any::<usize>()) {
        let (vm, vcpu) = two_harts();
        let args = [3, 0, 0, 0, asid];
        prop_assert_eq!(answer::<Rfence>(&vcpu, 2, args), Ok(Outcome::SUCCESS));
        let fences = vm.fences.borrow();
        match fences[..] {
            [Fence::VvmaAsidAll(HARTS, fenced)] => {
                prop_assert_eq!(fenced.to_register(), asid % 0x1_0000);
            }
            ref other => prop_assert!(false, "{:?}", other),
        }
    }
}

/// Upstream commit 76944f40a52a.
#[test]
fn hfences_and_unknown_functions_are_not_supported() {
    let (vm, vcpu) = two_harts();
    for function in (3..7).chain(UNKNOWN_FUNCTIONS) {
        assert_eq!(
            answer::<Rfence>(&vcpu, function, [3, 0, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert!(vm.fences.borrow().is_empty());
    assert!(events(&vm).is_empty());
}
