// SPDX-License-Identifier: GPL-2.0

//! The System Reset extension.

use proptest::prelude::*;

use super::answer;
use super::call;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::SystemEvent;
use crate::kvm::Vm;
use crate::sbi::Extension;
use crate::sbi::Outcome;
use crate::sbi::Srst;

fn reset(
    vm: &std::rc::Rc<Vm>,
    kind: usize,
    reason: usize,
) -> (Outcome, Option<(SystemEvent, u64)>) {
    let vcpu = LoadedVcpu::first_of(vm);
    let run = Run::default();
    let outcome = Srst::handle(&call(0, [kind, reason, 0, 0, 0]), &vcpu, &run);
    (outcome.unwrap(), run.system_event.get())
}

/// Numbers of 32 bits near the borders of the specification's tables, and any other, with anything
/// in the upper half of the register.
fn numbers() -> impl Strategy<Value = usize> {
    let low = prop_oneof![
        0..4u32,
        any::<u32>(),
        0xDFFF_FFF0..=0xE000_000Fu32,
        0xEFFF_FFF0..=0xF000_000Fu32,
        0xFFFF_FFF0..=u32::MAX,
    ];
    (low, prop_oneof![Just(0u32), any::<u32>()])
        .prop_map(|(low, high)| (low as usize) | ((high as usize) << 32))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    /// Q1, Q2, by the tables of the specification.
    #[test]
    fn reserved_types_and_reasons_are_invalid(kind in numbers(), reason in numbers()) {
        let vm = Vm::with_ids(&[0, 1]);
        let event = match kind & 0xFFFF_FFFF {
            0 => Some(SystemEvent::Shutdown),
            1..=2 => Some(SystemEvent::Reset),
            _ => None,
        };
        let low_reason = reason & 0xFFFF_FFFF;
        let reserved = (2..=0xDFFF_FFFF).contains(&low_reason);
        let (outcome, reported) = reset(&vm, kind, reason);
        match event {
            Some(event) if !reserved => {
                prop_assert_eq!(outcome, Outcome::Exit);
                prop_assert_eq!(reported, Some((event, low_reason as u64)));
                prop_assert!(vm.vcpus().all(|vcpu| vcpu.stopped.get()));
            }
            _ => {
                prop_assert_eq!(outcome, INVALID_PARAM);
                prop_assert_eq!(reported, None);
                prop_assert!(vm.vcpus().all(|vcpu| !vcpu.stopped.get()));
                prop_assert_eq!(vm.sleep_requests.get(), 0);
            }
        }
    }
}

/// Q3: a hart_start that lands after the sweep has passed its target is undone.
#[test]
fn a_hart_started_behind_the_sweep_is_stopped_again() {
    let vm = Vm::with_ids(&[0, 1, 2]);
    let started = std::cell::Cell::new(false);
    *vm.meanwhile.borrow_mut() = Some(Box::new(move |vm| {
        if !started.replace(true) {
            vm.by_id(1).stopped.set(false);
        }
    }));
    assert_eq!(reset(&vm, 0, 0).0, Outcome::Exit);
    assert!(vm.vcpus().all(|vcpu| vcpu.stopped.get()));
    assert_eq!(vm.sleep_requests.get(), 2);
}

#[test]
fn one_request_is_enough_where_nobody_was_started() {
    let vm = Vm::with_ids(&[0, 1, 2]);
    reset(&vm, 1, 1);
    assert_eq!(vm.sleep_requests.get(), 1);
}

#[test]
fn an_unknown_function_does_nothing() {
    let vm = Vm::with_ids(&[0, 1]);
    let vcpu = LoadedVcpu::first_of(&vm);
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([1]) {
        assert_eq!(
            answer::<Srst>(&vcpu, function, [0; 5]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert!(vm.vcpus().all(|vcpu| !vcpu.stopped.get()));
}
