// SPDX-License-Identifier: GPL-2.0

//! CSR accesses: who may, who answers, and what becomes of the registers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::state::some_state;
use super::state::states;
use super::state::State;
use super::Machine;
use super::ENTER_GUEST;
use super::EXIT;
use super::ILLEGAL_INSTRUCTION;
use super::VIRTUAL_INSTRUCTION;
use crate::exit::complete_csr_access;
use crate::exit::CsrEmulation;
use crate::exit::Trap;
use crate::kvm::CsrCall;
use crate::kvm::CsrReport;
use crate::kvm::Errno;
use crate::kvm::ExitReason;
use crate::kvm::Statistic;

/// A CSR instruction. funct3 is 1 for CSRRW, 2 for CSRRS, 3 for CSRRC, and 4 more with an immediate.
#[derive(Clone, Copy, Debug)]
struct Access {
    csr: usize,
    funct3: u32,
    rs1: u32,
    rd: u32,
}

impl Access {
    fn bits(self) -> u32 {
        let csr = u32::try_from(self.csr).unwrap();
        (csr << 20) | (self.rs1 << 15) | (self.funct3 << 12) | (self.rd << 7) | 0x73
    }

    /// The new value and the mask of the bits that are written, as the C's `csr_insn()` has it.
    fn write(self, state: &State) -> (usize, usize) {
        let operand = match self.funct3 {
            1..=3 => state.register(self.rs1),
            _ => self.rs1 as usize,
        };
        match self.funct3 & 3 {
            1 => (operand, usize::MAX),
            2 => (usize::MAX, operand),
            _ => (0, operand),
        }
    }
}

/// Who answers for a CSR: the C's `csr_funcs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    Kernel,
    /// Without a PMU, which none of the vCPUs here has, cycle and instret are 0.
    Zero,
    UserSpace,
    Nobody,
}

fn who_answers(csr: usize, has_zkr: bool) -> Answers {
    match csr {
        // sireg and stopei.
        0x151 | 0x15C => Answers::Kernel,
        0xC00 | 0xC02 => Answers::Zero,
        // seed
        0x015 if has_zkr => Answers::UserSpace,
        _ => Answers::Nobody,
    }
}

/// X6: VU-mode may access what is not a supervisor's, counters if the guest's scounteren says so.
fn may_access(csr: usize, supervisor: bool, scounteren: usize) -> bool {
    let privilege = csr / 0x100 % 4;
    let is_counter = csr / 32 == 0xC00 / 32;
    supervisor || (privilege == 0 && (!is_counter || (scounteren >> (csr % 32)) & 1 == 1))
}

/// Lets a guest make the access, and compares all that comes of it. User space, if it is asked,
/// reads `answer`.
fn check(
    before: &State,
    access: Access,
    scounteren: usize,
    has_zkr: bool,
    emulation: Result<CsrEmulation, Errno>,
    answer: usize,
) {
    let machine = Machine::new(before);
    let vcpu = &machine.vcpu;
    vcpu.scounteren.set(scounteren);
    vcpu.has_zkr.set(has_zkr);
    vcpu.csr_emulation.set(emulation);
    let bits = access.bits() as usize;
    let result = machine.handle_exit(&Trap {
        sepc: before.pc,
        scause: VIRTUAL_INSTRUCTION,
        stval: bits,
        ..Trap::default()
    });

    let who = if may_access(access.csr, before.is_in_supervisor_mode(), scounteren) {
        who_answers(access.csr, has_zkr)
    } else {
        Answers::Nobody
    };
    let (value, mask) = access.write(before);
    let call = CsrCall {
        csr: access.csr,
        value,
        mask,
    };
    let calls: &[CsrCall] = match who {
        Answers::Kernel => &[call],
        _ => &[],
    };
    assert_eq!(*vcpu.csr_calls.borrow(), calls, "{access:x?}");

    let answered = match who {
        Answers::Kernel => emulation,
        Answers::Zero => Ok(CsrEmulation::Done(0)),
        Answers::UserSpace => Ok(CsrEmulation::ExitToUserSpace),
        Answers::Nobody => Ok(CsrEmulation::IllegalInstruction),
    };
    let raise = |cause| before.clone().after_exception(cause, bits);
    let (expected, after, counted) = match answered {
        Ok(CsrEmulation::Done(value)) => (
            ENTER_GUEST,
            before.clone().with_register(access.rd, value).past(4),
            Some(Statistic::CsrExitKernel),
        ),
        Ok(CsrEmulation::Retry) => (ENTER_GUEST, before.clone(), None),
        Ok(CsrEmulation::IllegalInstruction) => (ENTER_GUEST, raise(ILLEGAL_INSTRUCTION), None),
        Ok(CsrEmulation::VirtualInstruction) => (ENTER_GUEST, raise(VIRTUAL_INSTRUCTION), None),
        Ok(CsrEmulation::ExitToUserSpace) => (EXIT, before.clone(), Some(Statistic::CsrExitUser)),
        Err(errno) => (Err(errno), before.clone(), None),
    };
    assert_eq!(result, expected, "{access:x?}");
    assert_eq!(machine.state(), after, "{access:x?}");
    let counted: BTreeMap<_, _> = counted
        .map(|statistic| (statistic, 1))
        .into_iter()
        .collect();
    assert_eq!(*vcpu.statistics.borrow(), counted, "{access:x?}");

    if result == EXIT {
        assert_eq!(machine.run.exit_reason.get(), ExitReason::RiscvCsr);
        let report = CsrReport {
            csr: access.csr,
            value,
            mask,
        };
        assert_eq!(machine.run.csr.get(), Some(report));
        machine.run.vmm_data.set(answer as u64);
        complete_csr_access(vcpu, &machine.run);
        let after = before.clone().with_register(access.rd, answer).past(4);
        assert_eq!(machine.state(), after, "{access:x?}");
    } else {
        assert_eq!(machine.run.exit_reason.get(), ExitReason::Unknown);
        assert_eq!(vcpu.pending_csr_access.get(), None);
    }
}

#[test]
fn every_csr_is_answered_by_whom_the_c_asks_and_for_whom_it_may_be() {
    for csr in 0..0x1000 {
        for funct3 in [1, 2, 3, 5, 6, 7] {
            for supervisor in [false, true] {
                for scounteren in [0, usize::MAX, 0x5555_5555, 0xAAAA_AAAA] {
                    for has_zkr in [false, true] {
                        let access = Access {
                            csr,
                            funct3,
                            rs1: 11,
                            rd: 12,
                        };
                        let before = some_state().in_mode(supervisor);
                        let emulation = Ok(CsrEmulation::Done(0x1234));
                        check(&before, access, scounteren, has_zkr, emulation, 0x5678);
                    }
                }
            }
        }
    }
}

fn emulations() -> impl Strategy<Value = Result<CsrEmulation, Errno>> {
    prop_oneof![
        any::<usize>().prop_map(|value| Ok(CsrEmulation::Done(value))),
        Just(Ok(CsrEmulation::Retry)),
        Just(Ok(CsrEmulation::ExitToUserSpace)),
        Just(Ok(CsrEmulation::IllegalInstruction)),
        Just(Ok(CsrEmulation::VirtualInstruction)),
        Just(Err(Errno(-22))),
    ]
}

prop_compose! {
    fn accesses()(
        csr in prop_oneof![Just(0x015), Just(0x151), Just(0x15C), 0xC00usize..0xC20, 0usize..0x1000],
        funct3 in prop::sample::select(vec![1, 2, 3, 5, 6, 7]),
        rs1 in 0u32..32,
        // Often the same register.
        rd in prop_oneof![0u32..32, Just(0)],
        is_same in any::<bool>(),
    ) -> Access {
        Access { csr, funct3, rs1, rd: if is_same { rs1 } else { rd } }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Whatever the emulation says, with any registers; x0 is read as 0 and never written.
    #[test]
    fn accesses_do_what_the_model_says(
        before in states(),
        supervisor in any::<bool>(),
        access in accesses(),
        scounteren in any::<usize>(),
        has_zkr in any::<bool>(),
        emulation in emulations(),
        answer in any::<usize>(),
    ) {
        check(&before.in_mode(supervisor), access, scounteren, has_zkr, emulation, answer);
    }
}
