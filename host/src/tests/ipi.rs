// SPDX-License-Identifier: GPL-2.0

//! The IPI extension.

use super::answer;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::FirmwareEvent;
use crate::sbi::Ipi;
use crate::sbi::Outcome;

#[test]
fn harts_that_exist_get_the_ipi_before_the_error() {
    let vm = Vm::with_ids(&[0, 100, 1]);
    let vcpu = LoadedVcpu::first_of(&vm);
    assert_eq!(
        answer::<Ipi>(&vcpu, 0, [0b110, 0, 0, 0, 0]),
        Ok(INVALID_PARAM)
    );
    assert_eq!(vm.by_id(0).interrupts.get(), 0);
    assert_eq!(vm.by_id(1).interrupts.get(), 1);
    assert_eq!(vm.by_id(100).interrupts.get(), 0);
}

#[test]
fn sender_and_receivers_count_their_firmware_events() {
    let vm = Vm::with_ids(&[0, 1, 2]);
    let vcpu = LoadedVcpu::first_of(&vm);
    assert_eq!(
        answer::<Ipi>(&vcpu, 0, [0, usize::MAX, 0, 0, 0]),
        Ok(Outcome::SUCCESS)
    );
    let sent = FirmwareEvent::IpiSent as usize;
    let received = FirmwareEvent::IpiReceived as usize;
    for id in 0..3 {
        let events = vm.by_id(id).firmware_events.borrow();
        assert_eq!(events.get(&received), Some(&1));
        assert_eq!(events.get(&sent), (id == 0).then_some(&1));
    }
}

#[test]
fn an_unknown_function_does_nothing() {
    let vm = Vm::with_ids(&[0, 1]);
    let vcpu = LoadedVcpu::first_of(&vm);
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([1]) {
        assert_eq!(
            answer::<Ipi>(&vcpu, function, [3, 0, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert_eq!(vm.by_id(1).interrupts.get(), 0);
    assert!(vm.by_id(0).firmware_events.borrow().is_empty());
}

#[test]
fn an_errno_of_kvm_ends_the_run_and_is_not_told_to_the_guest() {
    let vm = Vm::with_ids(&[0, 1]);
    vm.by_id(1).refuses_interrupts.set(Some(Errno(-22)));
    let vcpu = LoadedVcpu::first_of(&vm);
    assert_eq!(answer::<Ipi>(&vcpu, 0, [2, 0, 0, 0, 0]), Err(Errno(-22)));
}
