// SPDX-License-Identifier: GPL-2.0

//! A VMM that changes `struct kvm_run` while the kernel works with it, and forges exits.

use proptest::prelude::*;

use super::guest_instruction::guest_instructions;
use super::guest_instruction::Effect;
use super::guest_instruction::GuestInstruction;
use super::state::some_state;
use super::state::State;
use super::Machine;
use super::EXIT;
use super::LOAD_GUEST_PAGE_FAULT;
use super::STORE_GUEST_PAGE_FAULT;
use super::VIRTUAL_INSTRUCTION;
use crate::exit::complete_csr_access;
use crate::exit::complete_mmio;
use crate::exit::Trap;
use crate::kvm::Code;

/// `csrrw x5, seed, x6`.
const READ_SEED: u32 = 0x0153_12F3;

/// What happens next in the life of a guest.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It makes an access that user space has to perform.
    Access(GuestInstruction),
    /// It reads the seed.
    Seed,
    /// `KVM_RUN` with an exit reason that is true or not: KVM_EXIT_MMIO, KVM_EXIT_RISCV_CSR, neither.
    Run(u32),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        guest_instructions().prop_map(Step::Access),
        Just(Step::Seed),
        (0u32..3).prop_map(Step::Run),
        (0u32..3).prop_map(Step::Run),
    ]
}

/// What the guest waits for: the register that changes, and by how much the pc moves.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    mmio: Option<(u32, usize)>,
    csr: Option<(u32, usize)>,
}

/// Lets the guest make an access, at the pc where it is.
fn access(machine: &Machine, instruction: GuestInstruction, waiting: &mut Waiting) {
    let address = machine
        .state()
        .register(instruction.rs1)
        .wrapping_add_signed(instruction.offset as isize);
    machine.vcpu.code.set(Code::Bits(instruction.bits));
    let (scause, rd) = match instruction.effect {
        Effect::Load { rd, .. } => (LOAD_GUEST_PAGE_FAULT, rd),
        _ => (STORE_GUEST_PAGE_FAULT, 0),
    };
    let result = machine.handle_exit(&Trap {
        sepc: machine.state().pc,
        scause,
        stval: address,
        htval: (address % 4096) >> 2,
        htinst: 0,
    });
    if result == EXIT {
        waiting.mmio = Some((rd, instruction.length()));
    }
}

/// `kvm_arch_vcpu_ioctl_run()` up to the first entry into the guest.
fn run(machine: &Machine, exit_reason: u32) {
    match exit_reason {
        0 => complete_mmio(&machine.vcpu, &machine.run),
        1 => complete_csr_access(&machine.vcpu, &machine.run),
        _ => (),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// At most the register changes that the guest waits for, the pc moves past the one instruction,
    /// and what is read from the run structure is read once: twice could be two different things.
    #[test]
    fn a_vmm_spoils_no_more_than_the_access(data in any::<u64>(), steps in prop::collection::vec(steps(), 1..20)) {
        let machine = Machine::new(&some_state());
        machine.vcpu.has_zkr.set(true);
        machine.run.vmm_data.set(data);
        machine.run.vmm_is_racing.set(true);
        let mut waiting = Waiting::default();
        for step in steps {
            match step {
                Step::Access(instruction) => access(&machine, instruction, &mut waiting),
                Step::Seed => {
                    let result = machine.handle_exit(&Trap {
                        sepc: machine.state().pc,
                        scause: VIRTUAL_INSTRUCTION,
                        stval: READ_SEED as usize,
                        ..Trap::default()
                    });
                    prop_assert_eq!(result, EXIT);
                    waiting.csr = Some((5, 4));
                }
                Step::Run(exit_reason) => {
                    let before = machine.state();
                    let reads = machine.run.reads.get();
                    run(&machine, exit_reason);
                    let after = machine.state();
                    prop_assert!(machine.run.reads.get() - reads <= 1);

                    let access = match exit_reason {
                        0 => waiting.mmio.take(),
                        1 => waiting.csr.take(),
                        _ => None,
                    };
                    let (rd, length) = access.unwrap_or((0, 0));
                    let unchanged = before.clone();
                    // Nothing, where a reset, a trap or another access has moved the guest.
                    if after != unchanged {
                        let expected = unchanged.with_register(rd, after.register(rd)).past(length);
                        prop_assert_eq!(&after, &expected);
                    }
                    prop_assert_eq!(after.x[0], some_state().x[0]);
                }
            }
        }
    }
}

/// Which of a load and a store it was is the kernel's own knowledge, and how long.
#[test]
fn a_store_reads_nothing_from_the_run_structure() {
    let machine = Machine::new(&some_state());
    machine.vcpu.code.set(Code::Bits(0x00A6_2023)); // sw x10, 0(x12)
    let address = some_state().register(12) & !3;
    let before = State {
        x: {
            let mut x = some_state().x;
            x[12] = address;
            x
        },
        ..some_state()
    };
    before.put_into(&machine.vcpu);
    let trap = Trap {
        sepc: before.pc,
        scause: STORE_GUEST_PAGE_FAULT,
        stval: address,
        htval: address >> 2,
        htinst: 0,
    };
    assert_eq!(machine.handle_exit(&trap), EXIT);
    machine.run.vmm_data.set(u64::MAX);
    complete_mmio(&machine.vcpu, &machine.run);
    assert_eq!(machine.run.reads.get(), 0);
    assert_eq!(machine.state(), before.past(4));
}
