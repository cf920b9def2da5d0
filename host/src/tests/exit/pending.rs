// SPDX-License-Identifier: GPL-2.0

//! Accesses that user space has performed: X11.

use proptest::prelude::*;

use super::state::some_state;
use super::state::State;
use super::Machine;
use crate::exit::complete_csr_access;
use crate::exit::complete_mmio;
use crate::exit::Destination;
use crate::exit::PendingCsrAccess;
use crate::exit::PendingMmio;
use crate::isa::Extend;
use crate::isa::Register;
use crate::isa::Width;

/// A machine whose guest waits at `some_state()` for a load of a byte into x10, and for a CSR into
/// x11. Both at once is more than can be.
fn waiting() -> Machine {
    let machine = Machine::new(&some_state());
    let pc = some_state().pc;
    machine.vcpu.set_pending_mmio(PendingMmio {
        pc,
        length: 2,
        destination: Some(Destination {
            register: Register::new(10),
            width: Width::Byte,
            extend: Extend::Sign,
        }),
    });
    let rd = Register::new(11);
    machine
        .vcpu
        .set_pending_csr_access(PendingCsrAccess { pc, rd });
    machine.run.vmm_data.set(0x1234_5680);
    machine
}

fn complete_both(machine: &Machine) {
    complete_mmio(&machine.vcpu, &machine.run);
    complete_csr_access(&machine.vcpu, &machine.run);
}

#[test]
fn an_access_is_completed_where_the_guest_waits_for_it() {
    let machine = waiting();
    complete_mmio(&machine.vcpu, &machine.run);
    let loaded = 0xFFFF_FFFF_FFFF_FF80;
    assert_eq!(
        machine.state(),
        some_state().with_register(10, loaded).past(2)
    );

    let machine = waiting();
    complete_csr_access(&machine.vcpu, &machine.run);
    let read = 0x1234_5680;
    assert_eq!(
        machine.state(),
        some_state().with_register(11, read).past(4)
    );
}

/// The VMM can say KVM_EXIT_MMIO or KVM_EXIT_RISCV_CSR again and again, wherever the guest is then.
#[test]
fn an_access_is_completed_once() {
    for complete in [complete_mmio, complete_csr_access] {
        for moved in [0, 2, 4] {
            let machine = waiting();
            complete(&machine.vcpu, &machine.run);
            let pc = some_state().pc + moved;
            machine.vcpu.set_pc(pc);
            let before = machine.state();
            for _ in 0..3 {
                complete(&machine.vcpu, &machine.run);
            }
            assert_eq!(machine.state(), before);
        }
    }
}

/// A VMM that says so before the vCPU has ever run.
#[test]
fn nothing_is_completed_where_there_is_no_access() {
    let machine = Machine::new(&some_state());
    machine.run.vmm_data.set(u64::MAX);
    complete_both(&machine);
    assert_eq!(machine.state(), some_state());
    assert_eq!(machine.run.reads.get(), 0);
}

proptest! {
    /// A reset, or a VMM that sets the pc, has said where the guest goes on; nor does the access
    /// come back when the guest does.
    #[test]
    fn an_access_is_forgotten_when_the_guest_is_moved(pc in any::<usize>()) {
        prop_assume!(pc != some_state().pc);
        let machine = waiting();
        let moved = State { x: [0; 32], pc, ..some_state() };
        moved.put_into(&machine.vcpu);
        complete_both(&machine);
        prop_assert_eq!(machine.state(), moved.clone());

        machine.vcpu.set_pc(some_state().pc);
        complete_both(&machine);
        prop_assert_eq!(machine.state(), State { pc: some_state().pc, ..moved });
    }
}
