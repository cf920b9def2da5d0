// SPDX-License-Identifier: GPL-2.0

//! Random instruction words, registers, fault addresses and trap CSRs: what holds whatever they are.

use proptest::prelude::*;

use super::state::states;
use super::state::State;
use super::Machine;
use super::ENTER_GUEST;
use super::EXIT;
use crate::exit::complete_csr_access;
use crate::exit::complete_mmio;
use crate::exit::CsrEmulation;
use crate::exit::Trap;
use crate::kvm::Code;
use crate::kvm::ExitReason;
use crate::kvm::Page;

/// Words, more of them with major opcodes that mean something here.
fn words() -> impl Strategy<Value = u32> {
    let opcode = prop::sample::select(vec![0x03, 0x23, 0x73, 0x07, 0x27, 0x2F, 0x0B]);
    prop_oneof![
        any::<u32>(),
        (any::<u32>(), opcode).prop_map(|(bits, opcode)| (bits & !0x7F) | opcode),
        Just(0x1050_0073),
        Just(0x00D0_0073),
    ]
}

/// Values of htinst: words, those of compressed instructions, pseudoinstructions, anything.
fn htinsts() -> impl Strategy<Value = usize> {
    prop_oneof![
        words().prop_map(|bits| bits as usize),
        words().prop_map(|bits| bits as usize & !2),
        prop::sample::select(vec![0, 0x2000, 0x2020, 0x3000, 0x3020]),
        any::<usize>(),
    ]
}

prop_compose! {
    fn traps()(
        scause in prop_oneof![4 => prop::sample::select(vec![20usize, 21, 22, 23]), 1 => 0usize..32, 1 => any::<usize>()],
        // For a guest page fault any address, for a virtual instruction a word.
        stval in prop_oneof![any::<usize>(), words().prop_map(|bits| bits as usize), Just(0)],
        htval in any::<usize>(),
        htinst in htinsts(),
    ) -> Trap {
        Trap { sepc: 0, scause, stval, htval, htinst }
    }
}

fn codes() -> impl Strategy<Value = Code> {
    prop_oneof![
        6 => words().prop_map(Code::Bits),
        1 => traps().prop_map(Code::Fault),
        1 => Just(Code::OutOfDate),
    ]
}

/// The registers that differ.
fn changed(before: &State, after: &State) -> Vec<usize> {
    (0..32)
        .filter(|&number| before.x[number] != after.x[number])
        .collect()
}

/// Whether the guest is at its trap handler, and has been told where it was.
fn is_in_handler(before: &State, after: &State) -> bool {
    after.pc == before.vstvec & !3 && after.vsepc == before.pc && after.is_in_supervisor_mode()
}

/// The guest is where it was, past an instruction, or in its trap handler with nothing else changed.
fn check_step(before: &State, after: &State) {
    assert_eq!(after.x[0], before.x[0]);
    // An SBI call leaves two values.
    assert!(changed(before, after).len() <= 1 || changed(before, after) == [10, 11]);
    let csrs = |state: &State| {
        let trap = (state.vscause, state.vstval, state.vsepc);
        (
            trap,
            state.vsstatus,
            state.vstvec,
            state.sstatus,
            state.hstatus,
        )
    };
    if csrs(before) == csrs(after) {
        let moved = after.pc.wrapping_sub(before.pc);
        assert!([0, 2, 4].contains(&moved), "{moved}");
        assert!(moved != 0 || changed(before, after).is_empty());
    } else {
        assert!(is_in_handler(before, after));
        assert_eq!(changed(before, after), []);
        assert_eq!(
            (after.vstvec, after.hstatus),
            (before.vstvec, before.hstatus)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn a_trap_does_at_most_what_one_instruction_or_one_exception_does(
        before in states(),
        trap in traps(),
        code in codes(),
        page in prop::sample::select(vec![Page::Nothing, Page::Nothing, Page::ReadOnly, Page::InTransition, Page::Writable]),
        device in any::<Option<u64>>(),
        csr_value in any::<Option<usize>>(),
        answer in any::<u64>(),
    ) {
        let trap = Trap { sepc: before.pc, ..trap };
        let machine = Machine::new(&before);
        let vcpu = &machine.vcpu;
        let address = (trap.htval << 2) | (trap.stval & 3);
        machine.vm.pages.borrow_mut().insert(address >> 12, page);
        vcpu.code.set(code);
        vcpu.device.set(device);
        vcpu.has_zkr.set(true);
        vcpu.csr_emulation.set(Ok(match csr_value {
            Some(value) => CsrEmulation::Done(value),
            None => CsrEmulation::ExitToUserSpace,
        }));

        let result = machine.handle_exit(&trap);
        let after = machine.state();
        check_step(&before, &after);
        if result != ENTER_GUEST {
            prop_assert_eq!(&after, &before);
        }
        let reason = machine.run.exit_reason.get();
        let tells = !matches!(reason, ExitReason::Untouched | ExitReason::Unknown);
        prop_assert_eq!(result == EXIT, tells);

        // What the VMM makes of it.
        machine.run.vmm_data.set(answer);
        machine.run.vmm_is_racing.set(true);
        complete_mmio(vcpu, &machine.run);
        complete_csr_access(vcpu, &machine.run);
        check_step(&after, &machine.state());
        prop_assert!(machine.run.reads.get() <= 1);
        if result != EXIT {
            prop_assert_eq!(machine.state(), after);
        }
    }
}
