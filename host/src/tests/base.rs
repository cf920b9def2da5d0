// SPDX-License-Identifier: GPL-2.0

//! The Base extension.

use super::answer;
use super::call;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Vm;
use crate::sbi::Base;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;
use crate::sbi::Outcome;

const EDGES: [usize; 4] = [0x0800_0000, 0x08FF_FFFF, 0x0900_0000, 0x09FF_FFFF];

fn vcpu_with(extensions: &[Kind]) -> LoadedVcpu {
    let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
    for &kind in extensions {
        vcpu.set_extension_state(kind, ExtensionState::Enabled);
    }
    vcpu
}

#[test]
fn the_implementation_says_what_it_is() {
    let vcpu = vcpu_with(&[]);
    let expected = [0x0300_0000, 3, 0x70201];
    for (function, value) in expected.into_iter().enumerate() {
        assert_eq!(
            answer::<Base>(&vcpu, function, [0; 5]),
            Ok(Outcome::Return(Ok(value)))
        );
    }
    for (function, value) in [(4, 0x111), (5, 0x222), (6, 0x333)] {
        assert_eq!(
            answer::<Base>(&vcpu, function, [0; 5]),
            Ok(Outcome::Return(Ok(value)))
        );
    }
}

#[test]
fn probe_says_what_the_guest_has() {
    let vcpu = vcpu_with(&[Kind::Hsm]);
    for (id, value) in [(0x10, 1), (0x48_534D, 1), (0x5449_4D45, 0), (usize::MAX, 0)] {
        assert_eq!(
            answer::<Base>(&vcpu, 3, [id, 0, 0, 0, 0]),
            Ok(Outcome::Return(Ok(value)))
        );
    }
}

/// B1: a range that is disabled is not there, and user space is not asked.
#[test]
fn probe_of_a_disabled_range_is_0() {
    let vcpu = vcpu_with(&[]);
    for id in EDGES {
        assert_eq!(
            answer::<Base>(&vcpu, 3, [id, 0, 0, 0, 0]),
            Ok(Outcome::Return(Ok(0)))
        );
    }
}

/// B1: probe never fails, whatever user space does.
#[test]
fn user_space_is_asked_what_is_in_a_range_and_may_stay_silent() {
    for id in EDGES {
        let vcpu = vcpu_with(&[Kind::Experimental, Kind::Vendor]);
        let run = Run::default();
        let outcome = Base::handle(&call(3, [id, 0, 0, 0, 0]), &vcpu, &run);
        assert_eq!(outcome, Ok(Outcome::Exit));
        assert_eq!(run.forwarded.get(), 1);
        assert_eq!(run.answer.get(), Some((0, 0)));
    }
}

#[test]
fn ids_beside_the_ranges_are_not_user_spaces() {
    let vcpu = vcpu_with(Kind::ALL);
    for id in [0x07FF_FFFF, 0x0A00_0000] {
        assert_eq!(
            answer::<Base>(&vcpu, 3, [id, 0, 0, 0, 0]),
            Ok(Outcome::Return(Ok(0)))
        );
    }
}

#[test]
fn an_unknown_function_does_nothing() {
    let vcpu = vcpu_with(&[]);
    for function in UNKNOWN_FUNCTIONS {
        assert_eq!(
            answer::<Base>(&vcpu, function, [0; 5]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
}
