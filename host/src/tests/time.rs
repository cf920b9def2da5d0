// SPDX-License-Identifier: GPL-2.0

//! The Timer extension.

use super::answer;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::FirmwareEvent;
use crate::sbi::Outcome;
use crate::sbi::Time;

#[test]
fn set_timer_sets_the_deadline_and_counts() {
    let vm = Vm::with_ids(&[0]);
    let vcpu = LoadedVcpu::first_of(&vm);
    for deadline in [0, 1, 1 << 40, usize::MAX] {
        assert_eq!(
            answer::<Time>(&vcpu, 0, [deadline, 7, 7, 7, 7]),
            Ok(Outcome::SUCCESS)
        );
        assert_eq!(vcpu.deadline.get(), Some(deadline as u64));
    }
    let events = vm.by_id(0).firmware_events.borrow();
    assert_eq!(events.get(&(FirmwareEvent::SetTimer as usize)), Some(&4));
}

/// Upstream commit 0611f78f83c9.
#[test]
fn an_unknown_function_does_nothing() {
    let vm = Vm::with_ids(&[0]);
    let vcpu = LoadedVcpu::first_of(&vm);
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([1]) {
        assert_eq!(
            answer::<Time>(&vcpu, function, [5, 0, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert_eq!(vcpu.deadline.get(), None);
    assert!(vm.by_id(0).firmware_events.borrow().is_empty());
}
