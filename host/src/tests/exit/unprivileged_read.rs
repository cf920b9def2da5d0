// SPDX-License-Identifier: GPL-2.0

//! Reads of the guest's memory that C asks for.

use super::state::some_state;
use super::Machine;
use super::INSTRUCTION_ACCESS_FAULT;
use super::INSTRUCTION_PAGE_FAULT;
use super::LOAD_ACCESS_FAULT;
use super::LOAD_GUEST_PAGE_FAULT;
use super::LOAD_PAGE_FAULT;
use crate::exit::current_guest_memory;
use crate::exit::unprivileged_read;
use crate::exit::Trap;
use crate::kvm::Code;
use crate::kvm::Request;

/// X2: the fault of a hypervisor load, as that of the fetch that it stands for.
pub(super) fn of_a_fetch(cause: usize) -> usize {
    match cause {
        LOAD_ACCESS_FAULT => INSTRUCTION_ACCESS_FAULT,
        LOAD_PAGE_FAULT => INSTRUCTION_PAGE_FAULT,
        other => other,
    }
}

#[test]
fn faults_are_those_of_the_access() {
    for scause in 0..64 {
        let machine = Machine::new(&some_state());
        let fault = Trap {
            sepc: 1,
            scause,
            stval: 2,
            htval: 3,
            htinst: 4,
        };
        machine.vcpu.code.set(Code::Fault(fault));
        let as_fetch = Trap {
            scause: of_a_fetch(scause),
            ..fault
        };
        let vcpu = &machine.vcpu;
        assert_eq!(unprivileged_read(vcpu, true, 0x1000), Err(as_fetch));
        assert_eq!(unprivileged_read(vcpu, false, 0x2000), Err(fault));
        assert_eq!(*vcpu.guest_reads.borrow(), [0x1000, 0x2000]);
        // Who called decides what the guest sees of it.
        assert_eq!(machine.state(), some_state());
    }
    // As a constant: what is no fault of the access's own is not touched.
    assert_eq!(of_a_fetch(LOAD_GUEST_PAGE_FAULT), LOAD_GUEST_PAGE_FAULT);
}

#[test]
fn what_is_read_is_returned() {
    let machine = Machine::new(&some_state());
    machine.vcpu.code.set(Code::Bits(0x1234_5673));
    assert_eq!(unprivileged_read(&machine.vcpu, true, 8), Ok(0x1234_5673));
    machine.vcpu.code.set(Code::Bits(0x1234_4082));
    assert_eq!(unprivileged_read(&machine.vcpu, true, 8), Ok(0x4082));
    assert_eq!(unprivileged_read(&machine.vcpu, false, 8), Ok(0x1234_4082));
}

/// Each of these alone makes what the hart has cached useless: N2, N13. Nothing is read then, and the
/// guest is to try again.
#[test]
fn what_is_not_current_is_not_read() {
    let reasons: [fn(&Machine); 4] = [
        |machine| machine.vcpu.code.set(Code::OutOfDate),
        |machine| machine.vcpu.has_old_vmid.set(true),
        |machine| machine.vcpu.sync_fails.set(true),
        |machine| {
            let request = (Request::QueuedFences, vec![0]);
            machine.vm.requests.borrow_mut().push(request);
        },
    ];
    for reason in reasons {
        let machine = Machine::new(&some_state());
        machine.vcpu.code.set(Code::Bits(0));
        assert!(current_guest_memory(&machine.vcpu).is_some());
        reason(&machine);
        assert!(current_guest_memory(&machine.vcpu).is_none());
        for is_instruction in [true, false] {
            let fault = Trap {
                sepc: some_state().pc,
                scause: LOAD_GUEST_PAGE_FAULT,
                stval: 8,
                ..Trap::default()
            };
            let result = unprivileged_read(&machine.vcpu, is_instruction, 8);
            assert_eq!(result, Err(fault));
        }
        assert!(machine.vcpu.guest_reads.borrow().is_empty());
    }
}
