// SPDX-License-Identifier: GPL-2.0

//! The Hart State Management extension.

use std::rc::Rc;

use proptest::prelude::*;

use super::answer;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::Hsm;
use crate::sbi::Outcome;
use crate::sbi::SbiError;

const ENTRY: usize = 0x8020_0000;

fn error(error: SbiError) -> Outcome {
    Outcome::Return(Err(error))
}

/// Harts 0 and 1 run, hart 7 is stopped.
fn three_harts() -> (Rc<Vm>, LoadedVcpu) {
    let vm = Vm::with_ids(&[0, 7, 1]);
    vm.by_id(7).stopped.set(true);
    let vcpu = LoadedVcpu::first_of(&vm);
    (vm, vcpu)
}

fn start(vcpu: &LoadedVcpu, id: usize, address: usize) -> Outcome {
    answer::<Hsm>(vcpu, Hsm::HART_START, [id, address, 0xabcd, 0, 0]).unwrap()
}

fn state(vcpu: &LoadedVcpu, id: usize) -> Outcome {
    answer::<Hsm>(vcpu, Hsm::HART_GET_STATUS, [id, 0, 0, 0, 0]).unwrap()
}

#[test]
fn a_stopped_hart_is_started_where_it_is_told() {
    let (vm, vcpu) = three_harts();
    assert_eq!(start(&vcpu, 7, ENTRY), Outcome::SUCCESS);
    let target = vm.by_id(7);
    assert_eq!(target.reset.get(), Some((ENTRY, 0xabcd)));
    assert!(!target.stopped.get() && target.woken.get());
    assert_eq!(start(&vcpu, 7, ENTRY), error(SbiError::AlreadyAvailable));
}

/// H1.
#[test]
fn a_hart_is_not_started_outside_of_memory() {
    let (vm, vcpu) = three_harts();
    for address in [0, 0x7fff_fffe, 0x9000_0000, usize::MAX] {
        assert_eq!(start(&vcpu, 7, address), error(SbiError::InvalidAddress));
    }
    let target = vm.by_id(7);
    assert!(target.stopped.get() && !target.woken.get() && target.reset.get().is_none());
}

proptest! {
    /// H2: all of the register is the hart's id.
    #[test]
    fn a_hart_that_does_not_exist_is_invalid(low in 0..9usize, high in any::<u32>()) {
        let (_vm, vcpu) = three_harts();
        let id = low | ((high as usize) << 32);
        prop_assume!(![0, 1, 7].contains(&id));
        prop_assert_eq!(start(&vcpu, id, ENTRY), INVALID_PARAM);
        prop_assert_eq!(state(&vcpu, id), INVALID_PARAM);
    }

    /// The types of the specification's table, in the lower half of the register.
    #[test]
    fn only_the_two_default_types_of_suspend_are_known(low in prop_oneof![
        Just(0u32), Just(0x8000_0000u32), any::<u32>()
    ], high in any::<u32>()) {
        let (_vm, vcpu) = three_harts();
        let register = (low as usize) | ((high as usize) << 32);
        let expected = match low {
            0 => Outcome::SUCCESS,
            0x8000_0000 => Outcome::NOT_SUPPORTED,
            _ => INVALID_PARAM,
        };
        prop_assert_eq!(answer::<Hsm>(&vcpu, Hsm::HART_SUSPEND, [register, 0, 0, 0, 0]), Ok(expected));
        prop_assert_eq!(vcpu.waits.get(), usize::from(low == 0));
    }
}

#[test]
fn the_states_are_those_of_the_specification() {
    let (vm, vcpu) = three_harts();
    vm.by_id(1).blocking.set(true);
    assert_eq!(state(&vcpu, 0), Outcome::Return(Ok(0)));
    assert_eq!(state(&vcpu, 7), Outcome::Return(Ok(1)));
    assert_eq!(state(&vcpu, 1), Outcome::Return(Ok(4)));
}

#[test]
fn a_hart_stops_itself_once() {
    let (vm, vcpu) = three_harts();
    let stop = || answer::<Hsm>(&vcpu, Hsm::HART_STOP, [0; 5]).unwrap();
    assert_eq!(stop(), Outcome::SUCCESS);
    assert!(vm.by_id(0).stopped.get() && vm.by_id(0).kicked.get());
    assert_eq!(stop(), error(SbiError::Failed));
}

/// Q3: after the sweeps of a system reset nobody starts a hart any more.
#[test]
fn a_hart_that_a_reset_has_stopped_starts_no_other() {
    let (vm, vcpu) = three_harts();
    vm.by_id(0).stopped.set(true);
    assert_eq!(start(&vcpu, 7, ENTRY), error(SbiError::Failed));
    assert!(vm.by_id(7).stopped.get() && vm.by_id(7).reset.get().is_none());
}

#[test]
fn an_unknown_function_does_nothing() {
    let (vm, vcpu) = three_harts();
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([4]) {
        assert_eq!(
            answer::<Hsm>(&vcpu, function, [7, ENTRY, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert!(vm.by_id(7).stopped.get());
}
