// SPDX-License-Identifier: GPL-2.0

//! From an ecall to its answer, as `kvm_riscv_vcpu_sbi_ecall()`.

use proptest::prelude::*;

use super::registry::ids;
use super::registry::owner;
use super::returned;
use super::returned_legacy;
use super::Guest;
use super::COUNTERS;
use super::ENTER_GUEST;
use super::EXIT;
use super::INVALID_PARAM;
use super::MEMORY;
use super::NOT_SUPPORTED;
use super::STATES;
use super::TABLE;
use crate::kvm::Errno;
use crate::kvm::ExitReason;
use crate::kvm::SbiReport;
use crate::kvm::SystemEvent;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;

/// What a call comes to.
enum Answer {
    /// 0 and this value, or any.
    Success(Option<usize>),
    /// 0, and a1 stays.
    Legacy,
    /// User space is to answer.
    Forwarded,
    /// All stops.
    Shutdown,
}

/// A call of each extension that can be told from one that there is not.
fn good_call(kind: Kind, id: usize) -> (usize, [usize; 6], Answer) {
    let some = [1, 2, 3, 4, 5, 6];
    let nobody = [0, 0, 0, 0, 0, 6];
    match kind {
        Kind::Legacy => match id {
            1 | 2 => (77, some, Answer::Forwarded),
            8 => (77, some, Answer::Shutdown),
            // At NULL: all harts.
            _ => (77, [0, 2, 3, 4, 5, 6], Answer::Legacy),
        },
        Kind::Base => (1, some, Answer::Success(Some(3))),
        Kind::Time | Kind::Ipi | Kind::Rfence => (0, nobody, Answer::Success(Some(0))),
        Kind::Srst => (0, nobody, Answer::Shutdown),
        Kind::Hsm => (2, nobody, Answer::Success(Some(0))),
        Kind::Pmu => (0, nobody, Answer::Success(Some(COUNTERS))),
        Kind::Sta => (
            0,
            [usize::MAX, usize::MAX, 0, 0, 0, 0],
            Answer::Success(None),
        ),
        Kind::Fwft => (1, nobody, Answer::Success(None)),
        Kind::Susp => (0, [0, MEMORY, 3, 4, 5, 6], Answer::Forwarded),
        Kind::Dbcn | Kind::Mpxy | Kind::Experimental | Kind::Vendor => {
            (usize::MAX, some, Answer::Forwarded)
        }
    }
}

fn check(id: usize, state: ExtensionState) {
    let guest = Guest::new(&[0]);
    let row = owner(id);
    let kind = row.map(|row| row.kind);
    if let Some(kind) = kind {
        guest.vcpu.set_extension_state(kind, state);
    }
    let what = format!("{id:#x} {kind:?} {state:?}");

    let is_there = row.is_some_and(|row| row.index.is_none() || state == ExtensionState::Enabled);
    let good = kind.map(|kind| good_call(kind, id));
    let (function, arguments, answer) = good.unwrap_or((0, [0; 6], Answer::Legacy));
    let (before, result) = guest.call(id, function, arguments);
    let after = guest.state();
    if !is_there {
        assert_eq!(result, ENTER_GUEST, "{what}");
        assert_eq!(after, returned(before, NOT_SUPPORTED, 0), "{what}");
        guest.assert_nothing_happened(&what);
        return;
    }
    let (expected, expected_state, reason) = match answer {
        Answer::Success(value) => (
            ENTER_GUEST,
            returned(before, 0, value.unwrap_or(after.register(11))),
            ExitReason::Untouched,
        ),
        Answer::Legacy => (
            ENTER_GUEST,
            returned_legacy(before, 0),
            ExitReason::Untouched,
        ),
        Answer::Forwarded => (EXIT, before, ExitReason::RiscvSbi),
        Answer::Shutdown => (EXIT, before, ExitReason::SystemEvent),
    };
    assert_eq!(result, expected, "{what}");
    assert_eq!(after, expected_state, "{what}");
    assert_eq!(guest.run.exit_reason.get(), reason, "{what}");
    if reason == ExitReason::RiscvSbi {
        let report = SbiReport {
            extension: id,
            function,
            arguments,
        };
        assert_eq!(guest.run.sbi.get(), Some(report), "{what}");
        assert_eq!(guest.run.answer.get(), Some((NOT_SUPPORTED, 0)), "{what}");
    }
    if reason == ExitReason::SystemEvent {
        let event = Some((SystemEvent::Shutdown, 0));
        assert_eq!(guest.run.system_event.get(), event, "{what}");
    }
}

#[test]
fn an_enabled_extension_answers_and_no_other() {
    for row in &TABLE {
        let ends = [row.first.wrapping_sub(1), row.first, row.last, row.last + 1];
        for id in ends
            .into_iter()
            .chain(row.first..=row.last.min(row.first + 20))
        {
            for state in STATES {
                check(id, state);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_id_in_any_state(id in ids(), state in prop::sample::select(&STATES[..])) {
        check(id, state);
    }

    /// Base cannot be disabled.
    // conforms: BASE.available
    #[test]
    fn base_is_there_whatever_the_others_are(states in prop::collection::vec(prop::sample::select(&STATES[..]), 14)) {
        let guest = Guest::new(&[0]);
        for (index, state) in states.into_iter().enumerate() {
            guest.vcpu.set_extension_state(Kind::of_index(index).unwrap(), state);
        }
        guest.vcpu.set_extension_state(Kind::Base, ExtensionState::Disabled);
        let (before, result) = guest.call(0x10, 1, [0; 6]);
        prop_assert_eq!(result, ENTER_GUEST);
        prop_assert_eq!(guest.state(), returned(before, 0, 3));
    }

    /// Base's probe says what a call would find.
    #[test]
    fn a_probe_tells_what_is_there(id in ids(), state in prop::sample::select(&STATES[..])) {
        let guest = Guest::new(&[0]);
        let row = owner(id);
        if let Some(row) = row {
            guest.vcpu.set_extension_state(row.kind, state);
        }
        let is_there = row.is_some_and(|row| row.index.is_none() || state == ExtensionState::Enabled);
        let is_user_spaces = row.is_some_and(|row| matches!(row.kind, Kind::Experimental | Kind::Vendor));
        let (before, result) = guest.call(0x10, 3, [id, 2, 3, 4, 5, 6]);
        if is_there && is_user_spaces {
            prop_assert_eq!(result, EXIT);
            prop_assert_eq!(guest.state(), before);
            prop_assert_eq!(guest.run.answer.get(), Some((0, 0)));
        } else {
            prop_assert_eq!(result, ENTER_GUEST);
            prop_assert_eq!(guest.state(), returned(before, 0, is_there.into()));
            prop_assert_eq!(guest.run.forwarded.get(), 0);
        }
    }
}

#[test]
fn an_error_leaves_0_in_a1() {
    let guest = Guest::new(&[0]);
    let (before, result) = guest.call(0x73_5049, 0, [2, 0, 3, 4, 5, 6]);
    assert_eq!(result, ENTER_GUEST);
    assert_eq!(guest.state(), returned(before, INVALID_PARAM, 0));
}

/// `KVM_RUN` fails and the guest is where it was: it makes the call again if the VMM goes on.
#[test]
fn an_errno_changes_nothing_of_the_guest() {
    for id in [0x73_5049, 3] {
        let guest = Guest::new(&[0]);
        guest.vcpu.refuses_interrupts.set(Some(Errno(-22)));
        let (before, result) = guest.call(id, 0, [1, 0, 3, 4, 5, 6]);
        assert_eq!(result, Err(Errno(-22)));
        assert_eq!(guest.state(), before);
        assert_eq!(guest.run.exit_reason.get(), ExitReason::Untouched);
    }
}
