// SPDX-License-Identifier: GPL-2.0

//! The load or store that made a guest page fault.

use super::unprivileged_read::read_instruction;
use super::Exception;
use super::Trap;
use crate::isa::instruction_length;
use crate::isa::may_access_memory;
use crate::isa::Instruction;
use crate::isa::Register;
use crate::isa::TrapInstruction;
use crate::kvm::LoadedVcpu;
use crate::sbi::PAGE_SHIFT;

/// The bits of an address within its page that htval has: they are the same in the virtual and the
/// guest physical address. Above them an address may differ from what the registers say, by the bits
/// that pointer masking ignores; the two lowest are those of stval, which not every hart writes.
const WITHIN_PAGE: usize = (1 << PAGE_SHIFT) - 4;

/// An instruction that trapped, and how far it had come.
pub(super) struct TrappedInstruction {
    /// What it is, if it can be emulated.
    pub(super) instruction: Option<Instruction>,
    /// Its length in bytes: 2 or 4.
    pub(super) length: usize,
    /// Whether a first part of its access, on another page, had no fault.
    pub(super) is_part_way: bool,
}

impl TrappedInstruction {
    /// From what htinst says. `None`: it says nothing.
    #[inline(always)]
    pub(super) fn transformed(trap: &Trap) -> Option<Self> {
        match TrapInstruction::decode(trap.htinst) {
            TrapInstruction::Transformed {
                instruction,
                length,
                address_offset,
            } => Some(Self {
                instruction,
                length,
                is_part_way: address_offset != 0,
            }),
            _ => None,
        }
    }

    /// From the guest's memory. `None`: the guest is to go on.
    pub(super) fn read(vcpu: &LoadedVcpu, trap: &Trap) -> Option<Self> {
        let bits = read_instruction(vcpu)?;
        let instruction = Instruction::decode(bits);
        // Another hart has written over it since: the guest executes what is there now, and this hart
        // is not to execute what it has fetched before.
        if !may_have_made(trap, instruction, bits) {
            vcpu.forget_instructions();
            return None;
        }
        let address = match instruction {
            Some(Instruction::Load(load)) => Some(address(vcpu, load.rs1, load.offset)),
            Some(Instruction::Store(store)) => Some(address(vcpu, store.rs1, store.offset)),
            _ => None,
        };
        Some(Self {
            instruction,
            length: instruction_length(bits),
            is_part_way: address.is_some_and(|address| is_part_way(address, trap)),
        })
    }
}

/// Whether what was read may be what made `trap`. What cannot be emulated may be some access.
fn may_have_made(trap: &Trap, instruction: Option<Instruction>, bits: u32) -> bool {
    let is_load_fault = trap.scause == Exception::LoadGuestPageFault.code();
    match instruction {
        Some(Instruction::Load(_)) => is_load_fault,
        Some(Instruction::Store(_)) => !is_load_fault,
        Some(_) => false,
        None => may_access_memory(bits),
    }
}

/// Where an access begins.
fn address(vcpu: &LoadedVcpu, base: Register, offset: i16) -> usize {
    vcpu.register(base).wrapping_add_signed(offset.into())
}

/// Whether it was not the first byte of an access at `address` that faulted.
fn is_part_way(address: usize, trap: &Trap) -> bool {
    (address ^ trap.guest_physical_address()) & WITHIN_PAGE != 0
}
