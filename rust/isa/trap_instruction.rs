// SPDX-License-Identifier: GPL-2.0

//! What a trap says about the instruction that trapped (volume II, "Transformed Instruction or
//! Pseudoinstruction for mtinst or htinst").

use super::base;
use super::field::field;
use super::Instruction;

/// The bits of a transformed load that say what it is: funct3, rd and the major opcode.
const LOAD_FIELDS: u32 = 0x0000_7FFF;

/// The bits of a transformed store that say what it is: rs2, funct3 and the major opcode.
const STORE_FIELDS: u32 = 0x01F0_707F;

/// The major opcode of loads of floating-point registers, and of vectors.
const LOAD_FP: u32 = 0x07;

/// The major opcode of stores of floating-point registers, and of vectors.
const STORE_FP: u32 = 0x27;

/// The major opcode of atomic instructions.
const AMO: u32 = 0x2F;

/// The pseudoinstruction of a read of a page table entry.
const PAGE_TABLE: usize = 0x2000;

/// What is added to it where entries have 64 bits.
const PAGE_TABLE_64: usize = 0x1000;

/// What is added to it for a write.
const PAGE_TABLE_WRITE: usize = 0x0020;

/// The value of htinst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrapInstruction {
    /// Nothing is known of the instruction.
    ///
    /// That is 0, and every value that is not recognised, custom ones too: the manual has software
    /// treat those as 0.
    Zero,
    /// An explicit memory access.
    Transformed {
        /// The load or store without rs1 and offset, which are x0 and 0. `None` if it is an access
        /// of another kind, which can only be a standard one: no custom instruction may have these
        /// major opcodes.
        instruction: Option<Instruction>,
        /// The number of bytes, 2 or 4, of the instruction that trapped.
        length: usize,
        /// How far the address that faulted is from the first byte of the access: "Addr. Offset".
        /// Only that of a misaligned access can be other than 0.
        address_offset: usize,
    },
    /// The hart read an entry of a VS-stage page table.
    PageTableRead,
    /// The hart wrote an entry of a VS-stage page table, to set its A or D bit.
    PageTableWrite,
}

impl TrapInstruction {
    /// Decodes htinst.
    #[inline(always)]
    pub(crate) fn decode(htinst: usize) -> Self {
        // The manual wants the upper half of the register looked at too.
        let Ok(value) = u32::try_from(htinst) else {
            return Self::Zero;
        };
        if value & 1 != 0 {
            return Self::transformed(value);
        }
        Self::pseudo(htinst).unwrap_or(Self::Zero)
    }

    /// Decodes htinst if it is a pseudoinstruction, which is known at a glance.
    #[inline(always)]
    pub(crate) fn pseudo(htinst: usize) -> Option<Self> {
        if htinst & !(PAGE_TABLE_WRITE | PAGE_TABLE_64) != PAGE_TABLE {
            None
        } else if htinst & PAGE_TABLE_WRITE != 0 {
            Some(Self::PageTableWrite)
        } else {
            Some(Self::PageTableRead)
        }
    }

    /// Decodes a value whose bit 0 is set.
    ///
    /// rs1 is not there, its field holds the address offset. Nor is the offset of the instruction:
    /// what is in its place one day is to be ignored.
    #[inline(always)]
    fn transformed(value: u32) -> Self {
        // Bit 1 is clear if the instruction that trapped was compressed.
        let bits = value | 0b10;
        let instruction = match base::major_opcode(bits) {
            base::LOAD => base::load(bits & LOAD_FIELDS).map(Instruction::Load),
            base::STORE => base::store(bits & STORE_FIELDS).map(Instruction::Store),
            LOAD_FP | STORE_FP | AMO => None,
            _ => return Self::Zero,
        };
        Self::Transformed {
            instruction,
            length: if value == bits { 4 } else { 2 },
            // CAST: 5 bits.
            address_offset: field(bits, 15, 5) as usize,
        }
    }
}
