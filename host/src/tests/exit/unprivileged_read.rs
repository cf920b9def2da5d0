// SPDX-License-Identifier: GPL-2.0

//! When the guest's memory can be read, and what a fault of that is.

use super::state::some_state;
use super::Machine;
use super::ENTER_GUEST;
use super::INSTRUCTION_ACCESS_FAULT;
use super::INSTRUCTION_PAGE_FAULT;
use super::LOAD_ACCESS_FAULT;
use super::LOAD_PAGE_FAULT;
use super::VIRTUAL_INSTRUCTION;
use crate::exit::current_guest_memory;
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
        let virtual_instruction = Trap {
            sepc: some_state().pc,
            scause: VIRTUAL_INSTRUCTION,
            ..Trap::default()
        };
        assert_eq!(machine.handle_exit(&virtual_instruction), ENTER_GUEST);
        assert_eq!(machine.state(), some_state());
        assert!(machine.vcpu.guest_reads.borrow().is_empty());
    }
}
