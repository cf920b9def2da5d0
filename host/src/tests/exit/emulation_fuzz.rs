// SPDX-License-Identifier: GPL-2.0

//! Random instruction words, registers, fault addresses and trap CSRs: what holds whatever they are.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::state::states;
use super::state::State;
use super::Machine;
use super::ENTER_GUEST;
use super::EXIT;
use crate::exit::complete_csr_access;
use crate::exit::complete_mmio;
use crate::exit::CsrEmulation;
use crate::exit::Next;
use crate::exit::Trap;
use crate::isa::Instruction;
use crate::isa::Register;
use crate::kvm::Code;
use crate::kvm::Errno;
use crate::kvm::ExitReason;
use crate::kvm::Page;

/// CSRs that somebody emulates: seed, sireg, stopei, time, cycle, a programmable counter.
const CSRS: [u32; 6] = [0x015, 0x151, 0x15C, 0xC01, 0xC00, 0xC1F];

/// Words, more of them with major opcodes and CSR numbers that mean something here.
fn words() -> impl Strategy<Value = u32> {
    let opcode = prop::sample::select(vec![0x03, 0x23, 0x73, 0x07, 0x27, 0x2F, 0x0B]);
    prop_oneof![
        any::<u32>(),
        (any::<u32>(), opcode).prop_map(|(bits, opcode)| (bits & !0x7F) | opcode),
        (any::<u32>(), prop::sample::select(&CSRS[..]))
            .prop_map(|(bits, csr)| (bits & 0xF_FF80) | 0x73 | (csr << 20)),
        Just(0x1050_0073),
        Just(0x00D0_0073),
    ]
}

/// Values of htinst: words, those of compressed instructions, pseudoinstructions, anything.
fn htinsts() -> impl Strategy<Value = usize> {
    prop_oneof![
        words().prop_map(|bits| bits as usize),
        words().prop_map(|bits| bits as usize & !2),
        // Without an address offset.
        (words(), any::<bool>())
            .prop_map(|(bits, short)| bits as usize & !0xF_8000 & if short { !2 } else { !0 }),
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

/// A trap of a guest, and what KVM finds when it looks.
#[derive(Clone, Debug)]
struct Step {
    before: State,
    trap: Trap,
    code: Code,
    page: Page,
    device: Option<u64>,
    csr_value: Option<usize>,
}

impl Step {
    /// The length of the instruction that trapped, by what is in memory if KVM has looked there.
    fn length(&self, is_read: bool) -> usize {
        let first_bits = match self.code {
            Code::Bits(bits) if is_read => bits as usize,
            _ if [21, 23].contains(&self.trap.scause) => self.trap.htinst,
            // What else can be emulated is never compressed.
            _ => 3,
        };
        if first_bits & 3 == 3 {
            4
        } else {
            2
        }
    }
}

prop_compose! {
    fn steps()(
        before in states(),
        trap in traps(),
        code in codes(),
        page in prop::sample::select(vec![Page::Nothing, Page::Nothing, Page::ReadOnly, Page::InTransition, Page::Writable]),
        device in any::<Option<u64>>(),
        csr_value in any::<Option<usize>>(),
        is_odd in prop::bool::weighted(0.25),
    ) -> Step {
        let mut before = before;
        let mut trap = Trap { sepc: before.pc, ..trap };
        // Mostly the address is aligned, and what the base register and the offset of the instruction
        // in memory give: else hardly an access would be whole.
        if !is_odd {
            if [21, 23].contains(&trap.scause) {
                trap.stval &= !7;
            }
            trap.htval &= !1;
        }
        if let (false, Code::Bits(bits)) = (is_odd, code) {
            let access = match Instruction::decode(bits) {
                Some(Instruction::Load(load)) => Some((load.rs1, load.offset)),
                Some(Instruction::Store(store)) => Some((store.rs1, store.offset)),
                _ => None,
            };
            if let Some((base, offset)) = access.filter(|(base, _)| *base != Register::ZERO) {
                let address = before.x[base.number()] & !7;
                before.x[base.number()] = address.wrapping_sub(offset as usize);
                trap.stval = address;
                trap.htval = (trap.htval & !0x3FF) | (address >> 2 & 0x3FF);
            }
        }
        Step { before, trap, code, page, device, csr_value }
    }
}

/// The guest is where it was, past its instruction, or in its trap handler with nothing else changed.
fn check_step(step: &Step, is_read: bool, before: &State, after: &State) {
    assert_eq!(after.x[0], before.x[0]);
    // An SBI call leaves two values.
    let most: &[usize] = if step.trap.scause == 10 {
        &[10, 11]
    } else {
        &[]
    };
    let registers = changed(before, after);
    assert!(registers.len() <= 1 || registers == most, "{registers:?}");
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
        assert!(moved == 0 || moved == step.length(is_read), "{moved}");
        assert!(moved != 0 || registers.is_empty());
    } else {
        assert!(is_in_handler(before, after));
        assert_eq!(registers, []);
        assert_eq!(
            (after.vstvec, after.hstatus),
            (before.vstvec, before.hstatus)
        );
    }
}

/// What came of a step, for `the_steps_reach_what_there_is`.
#[derive(Debug)]
struct Outcome {
    /// By how much the pc was moved, user space's part included.
    moved: usize,
    result: Result<Next, Errno>,
    /// Whether KVM has read the instruction.
    is_read: bool,
    /// Whether a register was written.
    writes: bool,
    exit_reason: ExitReason,
}

fn check(step: &Step, answer: u64) -> Outcome {
    let machine = Machine::new(&step.before);
    let vcpu = &machine.vcpu;
    let address = (step.trap.htval << 2) | (step.trap.stval & 3);
    machine
        .vm
        .pages
        .borrow_mut()
        .insert(address >> 12, step.page);
    vcpu.code.set(step.code);
    vcpu.device.set(step.device);
    vcpu.has_zkr.set(true);
    vcpu.csr_emulation.set(Ok(match step.csr_value {
        Some(value) => CsrEmulation::Done(value),
        None => CsrEmulation::ExitToUserSpace,
    }));

    let result = machine.handle_exit(&step.trap);
    let after = machine.state();
    let is_read = !vcpu.guest_reads.borrow().is_empty();
    check_step(step, is_read, &step.before, &after);
    if result != ENTER_GUEST {
        assert_eq!(after, step.before);
    }
    let exit_reason = machine.run.exit_reason.get();
    let tells = !matches!(exit_reason, ExitReason::Untouched | ExitReason::Unknown);
    assert_eq!(result == EXIT, tells);

    // What the VMM makes of it.
    machine.run.vmm_data.set(answer);
    machine.run.vmm_is_racing.set(true);
    complete_mmio(vcpu, &machine.run);
    complete_csr_access(vcpu, &machine.run);
    let end = machine.state();
    check_step(step, is_read, &after, &end);
    assert!(machine.run.reads.get() <= 1);
    if result != EXIT {
        assert_eq!(end, after);
    }
    Outcome {
        moved: end.pc.wrapping_sub(step.before.pc),
        result,
        is_read,
        writes: end.x != step.before.x,
        exit_reason,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn a_trap_does_at_most_what_one_instruction_or_one_exception_does(
        step in steps(),
        answer in any::<u64>(),
    ) {
        check(&step, answer);
    }
}

/// What is random may miss what it is for: that each of these is reached is seen here.
#[test]
fn the_steps_reach_what_there_is() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<String, usize>::new();
    let cases = [
        ("virtual instruction", 22, true),
        ("load, told", 21, false),
        ("load, read", 21, true),
        ("store, told", 23, false),
        ("store, read", 23, true),
    ];
    for _ in 0..50_000 {
        let step = steps().new_tree(&mut runner).unwrap().current();
        let outcome = check(&step, 0x5A5A_5A5A_5A5A_5A5A);
        for (what, scause, is_read) in cases {
            if step.trap.scause != scause || outcome.is_read != is_read {
                continue;
            }
            let user = outcome.result == EXIT;
            let length = step.length(is_read);
            for (row, is_reached) in [
                ("done by the kernel", !user && outcome.moved == length),
                ("done by user space", user && outcome.moved == length),
                ("a register is written", outcome.writes || scause == 23),
                ("2 bytes", outcome.moved == 2 || scause == 22),
                ("4 bytes", outcome.moved == 4),
                ("an exception", ![0, 2, 4].contains(&outcome.moved)),
            ] {
                *reached.entry(format!("{what}: {row}")).or_default() += usize::from(is_reached);
            }
        }
        let call = step.trap.scause == 10 && outcome.moved == 4;
        *reached.entry("SBI call".into()).or_default() += usize::from(call);
        let csr = outcome.exit_reason == ExitReason::RiscvCsr && outcome.moved == 4;
        *reached.entry("CSR, by user space".into()).or_default() += usize::from(csr);
    }
    for (row, count) in reached {
        assert!(count >= 5, "{row}: {count}");
    }
}
