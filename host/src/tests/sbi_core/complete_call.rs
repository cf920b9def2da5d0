// SPDX-License-Identifier: GPL-2.0

//! Calls that user space answers: when and how the guest gets the answer.

use proptest::prelude::*;

use super::returned;
use super::returned_legacy;
use super::Guest;
use super::EXIT;
use super::MEMORY;
use crate::sbi::complete_call;
use crate::sbi::lifecycle;
use crate::sbi::Extension;
use crate::sbi::Fwft;
use crate::sbi::Sta;

/// How the guest gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    InBoth,
    InA0,
    /// It is to begin anew behind that, unless it is an error.
    Resumes,
}

/// Calls that end in user space: id, function, and how the answer is taken.
const CALLS: [(usize, usize, Taken); 7] = [
    (0x0900_0000, 5, Taken::InBoth),
    (0x08FF_FFFF, 0, Taken::InBoth),
    (0x4442_434E, 0, Taken::InBoth),
    // A probe of a vendor extension.
    (0x10, 3, Taken::InBoth),
    (1, 0, Taken::InA0),
    (2, 0, Taken::InA0),
    (0x5355_5350, 0, Taken::Resumes),
];

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The guest makes a call.
    Call(usize),
    /// User space answers.
    Answer(usize, usize),
    /// User space moves the guest.
    Move(usize),
    /// The hart begins anew, wherever it is.
    Reset,
    /// `KVM_RUN` with KVM_EXIT_RISCV_SBI in the run structure, true or not.
    Run,
}

fn steps() -> impl Strategy<Value = Step> {
    let errors = prop_oneof![Just(0usize), Just(usize::MAX), any::<usize>()];
    prop_oneof![
        3 => (0..CALLS.len()).prop_map(Step::Call),
        2 => (errors, any::<usize>()).prop_map(|(error, value)| Step::Answer(error, value)),
        1 => prop::sample::select(vec![4, 0, usize::MAX - 3, 1 << 20]).prop_map(Step::Move),
        1 => Just(Step::Reset),
        4 => Just(Step::Run),
    ]
}

fn call(guest: &Guest, which: usize) {
    let (id, function, _) = CALLS[which];
    let a0 = match id {
        0x10 => 0x0900_0000,
        _ => 0,
    };
    let (before, result) = guest.call(id, function, [a0, MEMORY, 0xABCD, 4, 5, 6]);
    assert_eq!(result, EXIT);
    assert_eq!(guest.state(), before);
    assert_eq!(guest.vcpu.reset.get(), None, "P1");
}

/// Sets FWFT's first flags and STA's address, resets the hart, to where it resumes if it does, and says
/// which of them it still has.
fn reset(guest: &Guest, resumes: bool) -> (bool, bool) {
    if resumes {
        guest.vcpu.set_pc(MEMORY);
    }
    assert_eq!(Fwft::set_state(&guest.vcpu, 1, 1), Ok(()));
    assert_eq!(Sta::set_state(&guest.vcpu, 0, 0x1000), Ok(()));
    lifecycle::reset(&guest.vcpu);
    (
        Fwft::get_state(&guest.vcpu, 1) == Ok(1),
        Sta::get_state(&guest.vcpu, 0) == Ok(0x1000),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// An answer is taken once, where the guest waits for it; X11, U1, P1, P2.
    #[test]
    fn an_answer_is_taken_once_by_who_waits_for_it(steps in prop::collection::vec(steps(), 1..30)) {
        let guest = Guest::new(&[0]);
        let mut waits: Option<(usize, usize)> = None;
        let mut resumes = false;
        for step in steps {
            match step {
                // Before it runs the hart is reset.
                Step::Call(_) if resumes => {
                    prop_assert_eq!(reset(&guest, true), (true, false));
                    resumes = false;
                }
                Step::Call(which) => {
                    call(&guest, which);
                    waits = Some((which, guest.state().pc));
                }
                Step::Answer(error, value) => guest.run.answer.set(Some((error, value))),
                Step::Move(by) => guest.vcpu.advance_pc(by),
                Step::Reset => {
                    prop_assert_eq!(reset(&guest, resumes), (resumes, false));
                    (waits, resumes) = (None, false);
                }
                Step::Run => {
                    let before = guest.state();
                    let reads = guest.run.reads.get();
                    complete_call(&guest.vcpu, &guest.run);
                    let asked_for = guest.vcpu.reset.take();
                    let taken = waits.take().filter(|&(_, pc)| pc == before.pc);
                    let Some((which, _)) = taken else {
                        prop_assert_eq!(guest.state(), before);
                        prop_assert_eq!(guest.run.reads.get(), reads);
                        prop_assert_eq!(asked_for, None);
                        continue;
                    };
                    prop_assert_eq!(guest.run.reads.get(), reads + 1);
                    let (error, value) = guest.run.answer.get().unwrap();
                    let expected = match (CALLS[which].2, error) {
                        (Taken::Resumes, 0) => {
                            resumes = true;
                            returned(before, 0, value)
                        }
                        (Taken::InA0, _) => returned_legacy(before, error),
                        _ => returned(before, error, value),
                    };
                    prop_assert_eq!(guest.state(), expected);
                    prop_assert_eq!(asked_for, resumes.then_some((MEMORY, 0xABCD)));
                }
            }
        }
    }
}

/// U1: a VMM that says so before the vCPU has ever run.
#[test]
fn nothing_is_pending_on_a_new_vcpu() {
    let guest = Guest::new(&[0]);
    guest.run.answer.set(Some((5, 6)));
    let before = guest.prepare(0x5355_5350, 0, [0, MEMORY, 3, 4, 5, 6]);
    complete_call(&guest.vcpu, &guest.run);
    assert_eq!(guest.state(), before);
    assert_eq!(guest.run.reads.get(), 0);
    assert_eq!(guest.vcpu.reset.get(), None);
}

/// U1: the guest that made the call is gone, though the new one begins where it was.
#[test]
fn nothing_is_pending_after_a_reset() {
    for which in 0..CALLS.len() {
        let guest = Guest::new(&[0]);
        call(&guest, which);
        lifecycle::reset(&guest.vcpu);
        guest.run.answer.set(Some((0, 6)));
        let before = guest.state();
        complete_call(&guest.vcpu, &guest.run);
        assert_eq!(guest.state(), before);
        assert_eq!(guest.vcpu.reset.get(), None);
    }
}

/// L1.
#[test]
fn a_legacy_answer_leaves_a1_alone() {
    for id in [1, 2] {
        let guest = Guest::new(&[0]);
        let (before, result) = guest.call(id, 9, [b'x'.into(), 0x1111, 3, 4, 5, 6]);
        assert_eq!(result, EXIT);
        guest.run.answer.set(Some((0x41, 0x42)));
        complete_call(&guest.vcpu, &guest.run);
        assert_eq!(guest.state(), returned_legacy(before, 0x41));
    }
}
