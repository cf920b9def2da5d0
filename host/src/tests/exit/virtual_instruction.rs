// SPDX-License-Identifier: GPL-2.0

//! Virtual-instruction traps but for CSR accesses.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::state::some_state;
use super::state::states;
use super::unprivileged_read::of_a_fetch;
use super::Machine;
use super::ENTER_GUEST;
use super::ILLEGAL_INSTRUCTION;
use super::LOAD_GUEST_PAGE_FAULT;
use super::VIRTUAL_INSTRUCTION;
use crate::exit::Trap;
use crate::kvm::Code;
use crate::kvm::Statistic;

const WFI: u32 = 0x1050_0073;
const WRS_NTO: u32 = 0x00D0_0073;

fn trap(pc: usize, stval: usize) -> Trap {
    Trap {
        sepc: pc,
        scause: VIRTUAL_INSTRUCTION,
        stval,
        ..Trap::default()
    }
}

/// Lets the guest execute `bits`, and says what it waited, yielded and counted. The hart tells the
/// instruction in stval, or KVM has to read it.
fn execute(
    machine: &Machine,
    bits: u32,
    is_told: bool,
) -> (usize, usize, BTreeMap<Statistic, usize>) {
    machine.vcpu.code.set(Code::Bits(bits));
    let pc = machine.state().pc;
    let stval = if is_told { bits as usize } else { 0 };
    assert_eq!(machine.handle_exit(&trap(pc, stval)), ENTER_GUEST);
    let reads: &[usize] = if is_told { &[] } else { &[pc] };
    assert_eq!(*machine.vcpu.guest_reads.borrow(), reads);
    (
        machine.vcpu.waits.get(),
        machine.vcpu.yields.get(),
        machine.vcpu.statistics.borrow().clone(),
    )
}

#[test]
fn wfi_of_vs_mode_waits_unless_an_interrupt_is_there() {
    for is_told in [false, true] {
        for runnable in [false, true] {
            let machine = Machine::new(&some_state());
            machine.vcpu.runnable.set(runnable);
            let counted = BTreeMap::from([(Statistic::WfiExits, 1)]);
            let done = execute(&machine, WFI, is_told);
            assert_eq!(done, (usize::from(!runnable), 0, counted));
            assert_eq!(machine.state(), some_state().past(4));
        }
    }
}

/// X6.
#[test]
fn wfi_of_vu_mode_is_illegal() {
    for is_told in [false, true] {
        let before = some_state().in_mode(false);
        let machine = Machine::new(&before);
        let done = execute(&machine, WFI, is_told);
        assert_eq!(done, (0, 0, BTreeMap::new()));
        let after = before.after_exception(ILLEGAL_INSTRUCTION, WFI as usize);
        assert_eq!(machine.state(), after);
    }
}

#[test]
fn wrs_nto_of_either_mode_yields() {
    for supervisor in [false, true] {
        let before = some_state().in_mode(supervisor);
        let machine = Machine::new(&before);
        let counted = BTreeMap::from([(Statistic::WrsExits, 1)]);
        assert_eq!(execute(&machine, WRS_NTO, true), (0, 1, counted));
        assert_eq!(machine.state(), before.past(4));
    }
}

/// X2, and what to do with each fault of the read.
#[test]
fn a_fault_of_the_read_is_one_of_the_fetch() {
    for scause in 1..64 {
        let machine = Machine::new(&some_state());
        let stval = some_state().pc + 2;
        machine.vcpu.code.set(Code::Fault(Trap {
            sepc: 0xBAD,
            scause,
            stval,
            htval: 0xBAD,
            htinst: 0xBAD,
        }));
        let pc = some_state().pc;
        assert_eq!(machine.handle_exit(&trap(pc, 0)), ENTER_GUEST);
        let after = match scause {
            // The page will be mapped when the guest comes here again.
            LOAD_GUEST_PAGE_FAULT => some_state(),
            _ => some_state().after_exception(of_a_fetch(scause), stval),
        };
        assert_eq!(machine.state(), after, "{scause}");
    }
}

/// N2: not with the page tables of another guest.
#[test]
fn the_guest_tries_again_if_its_memory_cannot_be_read_now() {
    let machine = Machine::new(&some_state());
    machine.vcpu.code.set(Code::OutOfDate);
    assert_eq!(machine.handle_exit(&trap(some_state().pc, 0)), ENTER_GUEST);
    assert_eq!(machine.state(), some_state());
    assert!(machine.vcpu.guest_reads.borrow().is_empty());
}

/// Whether KVM emulates a word in a virtual-instruction trap: WFI, WRS.NTO and the CSR instructions,
/// the major opcode SYSTEM with a funct3 that is neither 0 nor 4.
fn is_emulated(bits: u32) -> bool {
    let funct3 = (bits >> 12) & 7;
    bits == WFI || bits == WRS_NTO || (bits & 0x7F == 0x73 && funct3 & 3 != 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// Loads, stores and compressed instructions too: none of them makes this trap.
    #[test]
    fn anything_else_is_illegal(
        before in states(),
        supervisor in any::<bool>(),
        bits in prop_oneof![any::<u32>(), any::<u32>().prop_map(|bits| (bits & !0x307F) | 0x73), 1..=0xFFFFu32],
        is_told in any::<bool>(),
    ) {
        prop_assume!(!is_emulated(bits));
        // In memory, what follows a compressed instruction is not part of it.
        let read = if bits & 3 == 3 { bits } else { bits & 0xFFFF };
        let stval = if is_told { bits } else { read } as usize;
        prop_assume!(!is_told || stval != 0);
        let before = before.in_mode(supervisor);
        let machine = Machine::new(&before);
        let done = execute(&machine, bits, is_told);
        prop_assert_eq!(done, (0, 0, BTreeMap::new()));
        prop_assert_eq!(machine.state(), before.after_exception(ILLEGAL_INSTRUCTION, stval));
    }
}
