// SPDX-License-Identifier: GPL-2.0

//! Encodings of 16 bits: the loads and stores of C and Zcb.

use super::field::field;
use super::Extend;
use super::Instruction;
use super::Load;
use super::Register;
use super::Store;
use super::Width;

/// Decodes an instruction whose lowest two bits are not both set.
pub(super) fn decode(bits: u32) -> Option<Instruction> {
    let quadrant = field(bits, 0, 2);
    let funct3 = field(bits, 13, 3);
    match (quadrant, funct3) {
        (0b00, 0b010) => load(Width::Word, word_offset(bits), bits),
        (0b00, 0b011) => load(Width::Double, double_offset(bits), bits),
        (0b00, 0b100) => zcb(bits),
        (0b00, 0b110) => store(Width::Word, word_offset(bits), bits),
        (0b00, 0b111) => store(Width::Double, double_offset(bits), bits),
        (0b10, 0b010) => stack_load(Width::Word, word_stack_load_offset(bits), bits),
        (0b10, 0b011) => stack_load(Width::Double, double_stack_load_offset(bits), bits),
        (0b10, 0b110) => stack_store(Width::Word, word_stack_store_offset(bits), bits),
        (0b10, 0b111) => stack_store(Width::Double, double_stack_store_offset(bits), bits),
        _ => None,
    }
}

/// One of the "popular" registers x8 to x15, in the 3 bits from `low` up.
const fn popular(bits: u32, low: u32) -> Register {
    Register::new(8 + field(bits, low, 3))
}

/// C.LW, C.LD.
fn load(width: Width, offset: u32, bits: u32) -> Option<Instruction> {
    extending_load(width, Extend::Sign, offset, bits)
}

/// C.LW, C.LD, and the loads of Zcb.
fn extending_load(width: Width, extend: Extend, offset: u32, bits: u32) -> Option<Instruction> {
    Some(Instruction::Load(Load {
        width,
        extend,
        rd: popular(bits, 2),
        rs1: popular(bits, 7),
        // CAST: A positive number of at most 9 bits.
        offset: offset as i16,
    }))
}

/// C.SW, C.SD, and the stores of Zcb.
fn store(width: Width, offset: u32, bits: u32) -> Option<Instruction> {
    Some(Instruction::Store(Store {
        width,
        rs2: popular(bits, 2),
        rs1: popular(bits, 7),
        // CAST: As in `extending_load()`.
        offset: offset as i16,
    }))
}

/// C.LWSP, C.LDSP; with x0 as rd they are reserved.
fn stack_load(width: Width, offset: u32, bits: u32) -> Option<Instruction> {
    match Register::new(field(bits, 7, 5)) {
        Register::ZERO => None,
        rd => Some(Instruction::Load(Load {
            width,
            extend: Extend::Sign,
            rd,
            rs1: Register::SP,
            // CAST: As in `extending_load()`.
            offset: offset as i16,
        })),
    }
}

/// C.SWSP, C.SDSP.
fn stack_store(width: Width, offset: u32, bits: u32) -> Option<Instruction> {
    Some(Instruction::Store(Store {
        width,
        rs2: Register::new(field(bits, 2, 5)),
        rs1: Register::SP,
        // CAST: As in `extending_load()`.
        offset: offset as i16,
    }))
}

/// C.LBU, C.LHU, C.LH, C.SB, C.SH.
fn zcb(bits: u32) -> Option<Instruction> {
    let byte_offset = (field(bits, 5, 1) << 1) | field(bits, 6, 1);
    // Halves have another opcode bit where bytes have bit 0 of the offset.
    let half_offset = field(bits, 5, 1) << 1;
    match (field(bits, 10, 3), field(bits, 6, 1)) {
        (0b000, _) => extending_load(Width::Byte, Extend::Zero, byte_offset, bits),
        (0b001, 0) => extending_load(Width::Half, Extend::Zero, half_offset, bits),
        (0b001, _) => extending_load(Width::Half, Extend::Sign, half_offset, bits),
        (0b010, _) => store(Width::Byte, byte_offset, bits),
        (0b011, 0) => store(Width::Half, half_offset, bits),
        _ => None,
    }
}

/// The offset of C.LW and C.SW.
const fn word_offset(bits: u32) -> u32 {
    (field(bits, 10, 3) << 3) | (field(bits, 6, 1) << 2) | (field(bits, 5, 1) << 6)
}

/// The offset of C.LD and C.SD.
const fn double_offset(bits: u32) -> u32 {
    (field(bits, 10, 3) << 3) | (field(bits, 5, 2) << 6)
}

/// The offset of C.LWSP.
const fn word_stack_load_offset(bits: u32) -> u32 {
    (field(bits, 12, 1) << 5) | (field(bits, 4, 3) << 2) | (field(bits, 2, 2) << 6)
}

/// The offset of C.LDSP.
const fn double_stack_load_offset(bits: u32) -> u32 {
    (field(bits, 12, 1) << 5) | (field(bits, 5, 2) << 3) | (field(bits, 2, 3) << 6)
}

/// The offset of C.SWSP.
const fn word_stack_store_offset(bits: u32) -> u32 {
    (field(bits, 9, 4) << 2) | (field(bits, 7, 2) << 6)
}

/// The offset of C.SDSP.
const fn double_stack_store_offset(bits: u32) -> u32 {
    (field(bits, 10, 3) << 3) | (field(bits, 7, 3) << 6)
}
