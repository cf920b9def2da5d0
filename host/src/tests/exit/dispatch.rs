// SPDX-License-Identifier: GPL-2.0

//! Which trap is handled where: the table of `kvm_riscv_vcpu_exit()` of Linux 7.2.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::state::some_state;
use super::Machine;
use super::ENTER_GUEST;
use super::EXIT;
use super::SPV;
use crate::exit::Trap;
use crate::kvm::Errno;
use crate::kvm::ExitReason;
use crate::kvm::Statistic;
use crate::sbi::lifecycle;

/// WFI, so that a virtual-instruction trap can be told from others.
const WFI: usize = 0x1050_0073;

/// SBI_ERR_NOT_SUPPORTED in a register.
const NOT_SUPPORTED: usize = usize::MAX - 1;

/// What happens if the guest trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handling {
    /// The guest's own handler gets it.
    Redirect,
    /// The instruction is emulated.
    VirtualInstruction,
    /// The page that was accessed is mapped, for this access.
    GuestPageFault { write: bool },
    /// The SBI answers.
    SbiCall,
    /// User space is told of a breakpoint.
    Debug,
    /// `KVM_RUN` fails with `EFAULT`.
    Refuse,
}

/// A row of the table: the handling, and what is counted whether the guest trapped or not. The
/// numbers of firmware events are those of the SBI PMU extension.
fn row(cause: usize) -> (Handling, Option<(Statistic, usize)>) {
    match cause {
        1 => (Handling::Redirect, None),
        2 => (
            Handling::Redirect,
            Some((Statistic::IllegalInstructionExits, 4)),
        ),
        3 => (Handling::Debug, None),
        4 => (
            Handling::Redirect,
            Some((Statistic::LoadMisalignedExits, 0)),
        ),
        5 => (Handling::Redirect, Some((Statistic::LoadAccessExits, 2))),
        6 => (
            Handling::Redirect,
            Some((Statistic::StoreMisalignedExits, 1)),
        ),
        7 => (Handling::Redirect, Some((Statistic::StoreAccessExits, 3))),
        10 => (Handling::SbiCall, None),
        20 | 21 => (Handling::GuestPageFault { write: false }, None),
        22 => (Handling::VirtualInstruction, None),
        23 => (Handling::GuestPageFault { write: true }, None),
        _ => (Handling::Refuse, None),
    }
}

fn check(cause: usize, is_guest: bool, is_interrupt: bool, supervisor: bool) {
    let mut before = some_state().in_mode(supervisor);
    if !is_guest {
        before.hstatus &= !SPV;
    }
    let machine = Machine::new(&before);
    let trap = Trap {
        sepc: before.pc,
        scause: cause | (usize::from(is_interrupt) << 63),
        stval: WFI,
        htval: 0x8000_1000 >> 2,
        htinst: 0,
    };
    let result = machine.handle_exit(&trap);

    let (handling, counted) = if is_interrupt {
        (None, None)
    } else {
        let (handling, counted) = row(cause);
        (
            // X12: without SPV nothing is the guest's, breakpoints neither.
            Some(if is_guest { handling } else { Handling::Refuse }),
            counted,
        )
    };

    let mut statistics: BTreeMap<_, _> = counted.iter().map(|&(name, _)| (name, 1)).collect();
    let firmware_events: BTreeMap<_, _> = counted.iter().map(|&(_, event)| (event, 1)).collect();
    let mut after = before.clone();
    let mut expected = ENTER_GUEST;
    let mut reason = ExitReason::Unknown;
    let mut mapped = vec![];
    let mut waits = 0;
    match handling {
        None => reason = ExitReason::Untouched,
        Some(Handling::Redirect) => after = before.after_exception(cause, WFI),
        Some(Handling::GuestPageFault { write }) => mapped.push((0x8000_1003, write)),
        // There is no such extension.
        Some(Handling::SbiCall) => {
            after = before
                .with_register(10, NOT_SUPPORTED)
                .with_register(11, 0)
                .past(4);
        }
        Some(Handling::VirtualInstruction) if supervisor => {
            waits = 1;
            statistics.insert(Statistic::WfiExits, 1);
            after = before.past(4);
        }
        // X6.
        Some(Handling::VirtualInstruction) => after = before.after_exception(2, WFI),
        Some(Handling::Debug) => {
            expected = EXIT;
            reason = ExitReason::Debug;
        }
        Some(Handling::Refuse) => expected = Err(Errno(-14)),
    }

    let what = format!("{trap:x?} guest {is_guest} VS {supervisor}");
    let vcpu = &machine.vcpu;
    assert_eq!(result, expected, "{what}");
    assert_eq!(machine.state(), after, "{what}");
    assert_eq!(machine.run.exit_reason.get(), reason, "{what}");
    assert_eq!(*vcpu.statistics.borrow(), statistics, "{what}");
    assert_eq!(*vcpu.firmware_events.borrow(), firmware_events, "{what}");
    assert_eq!(*vcpu.mapped.borrow(), mapped, "{what}");
    assert_eq!(vcpu.waits.get(), waits, "{what}");
    let reported: Vec<_> = expected
        .err()
        .map(|errno| (errno, trap))
        .into_iter()
        .collect();
    assert_eq!(*vcpu.reported_errors.borrow(), reported, "{what}");
}

#[test]
fn dispatch_is_the_table_of_the_c() {
    for cause in 0..64 {
        for flags in 0..8 {
            check(cause, flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
        }
    }
}

proptest! {
    /// A cause is not cut to fewer bits.
    #[test]
    fn codes_above_63_are_unknown(high in 1usize..1 << 57, low in 0usize..64, is_guest in any::<bool>()) {
        check((high << 6) | low, is_guest, false, true);
    }

    /// All interrupts are handled before. Only the cause that no trap has is something else.
    #[test]
    fn interrupts_change_nothing(cause in 0usize..(1 << 63) - 1, is_guest in any::<bool>()) {
        check(cause, is_guest, true, true);
    }
}

/// N3: user space gets the error of the hypervisor beneath, and the guest is where it was.
#[test]
fn a_refused_entry_is_told_and_changes_nothing() {
    for error in [-1isize, -2, -9, 3, isize::MIN] {
        for supervisor in [false, true] {
            let before = some_state().in_mode(supervisor);
            let machine = Machine::new(&before);
            let trap = Trap {
                scause: usize::MAX,
                stval: error as usize,
                ..Trap::default()
            };
            assert_eq!(machine.handle_exit(&trap), EXIT);
            assert_eq!(machine.state(), before);
            let told = ExitReason::FailEntry(error as usize, 5);
            assert_eq!(machine.run.exit_reason.get(), told);
            assert!(machine.vcpu.statistics.borrow().is_empty());
        }
    }
}

/// What the SBI says is what the run loop is told. Only a signal is no error to write home about.
#[test]
fn results_of_sbi_calls_are_passed_on() {
    let send_ipi = 0x73_5049;
    let vendor = 0x0900_0000;
    for (id, result, is_reported) in [
        (send_ipi, ENTER_GUEST, false),
        (vendor, EXIT, false),
        (send_ipi, Err(Errno(-4)), false),
        (send_ipi, Err(Errno(-14)), true),
        (send_ipi, Err(Errno(-22)), true),
    ] {
        let to_itself = [(10, 1), (11, 0), (16, 0), (17, id)];
        let state = to_itself
            .into_iter()
            .fold(some_state(), |state, (number, value)| {
                state.with_register(number, value)
            });
        let machine = Machine::new(&state);
        lifecycle::init(&machine.vcpu);
        machine.vcpu.refuses_interrupts.set(result.err());
        let trap = Trap {
            scause: 10,
            ..Trap::default()
        };
        assert_eq!(machine.handle_exit(&trap), result);
        assert_eq!(
            !machine.vcpu.reported_errors.borrow().is_empty(),
            is_reported
        );
    }
}
