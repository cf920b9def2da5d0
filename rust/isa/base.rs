// SPDX-License-Identifier: GPL-2.0

//! Encodings of 32 bits.

use super::field::field;
use super::CsrAccess;
use super::CsrNumber;
use super::CsrOperation;
use super::CsrSource;
use super::Extend;
use super::Instruction;
use super::Load;
use super::Register;
use super::Store;
use super::Width;

/// The mask of the major opcode.
const OPCODE: u32 = 0x7F;

/// The major opcode of loads.
pub(super) const LOAD: u32 = 0x03;

/// The major opcode of stores.
pub(super) const STORE: u32 = 0x23;

/// The major opcode of CSR instructions and what is privileged.
const SYSTEM: u32 = 0x73;

/// WFI, which has no fields.
const WFI: u32 = 0x1050_0073;

/// WRS.NTO, which has no fields.
const WRS_NTO: u32 = 0x00D0_0073;

/// Decodes an instruction whose lowest two bits are set.
#[inline(always)]
pub(super) fn decode(bits: u32) -> Option<Instruction> {
    match major_opcode(bits) {
        LOAD => load(bits).map(Instruction::Load),
        STORE => store(bits).map(Instruction::Store),
        SYSTEM => system(bits),
        _ => None,
    }
}

/// The major opcode: bits 6:0.
#[inline]
pub(super) const fn major_opcode(bits: u32) -> u32 {
    bits & OPCODE
}

/// What tells the instructions of a major opcode apart.
#[inline]
const fn funct3(bits: u32) -> u32 {
    field(bits, 12, 3)
}

/// The register that is written.
#[inline]
const fn rd(bits: u32) -> Register {
    Register::new(field(bits, 7, 5))
}

/// The first source register.
#[inline]
const fn rs1(bits: u32) -> Register {
    Register::new(field(bits, 15, 5))
}

/// funct3 of a load: bit 2 is set for those that extend zeros, the others are the width.
const UNSIGNED: u32 = 0b100;

/// LB, LBU, LH, LHU, LW, LWU, LD.
#[inline(always)]
pub(super) fn load(bits: u32) -> Option<Load> {
    let funct3 = funct3(bits);
    // It would be an LDU.
    if funct3 == 0b111 {
        return None;
    }
    Some(Load {
        width: Width::from_log2(funct3),
        extend: if funct3 & UNSIGNED == 0 {
            Extend::Sign
        } else {
            Extend::Zero
        },
        rd: rd(bits),
        rs1: rs1(bits),
        // CAST: To signed first, so that the shift extends the sign: a 12-bit immediate at the top.
        offset: (bits as i32 >> 20) as i16,
    })
}

/// SB, SH, SW, SD.
#[inline(always)]
pub(super) fn store(bits: u32) -> Option<Store> {
    let funct3 = funct3(bits);
    if funct3 > 0b011 {
        return None;
    }
    // CAST: As for loads; the upper 7 bits of the immediate are at the top, the others where
    // loads have rd.
    let offset = ((bits as i32 >> 25) << 5) | field(bits, 7, 5) as i32;
    Some(Store {
        width: Width::from_log2(funct3),
        rs2: Register::new(field(bits, 20, 5)),
        rs1: rs1(bits),
        // CAST: 12 bits, sign and all.
        offset: offset as i16,
    })
}

/// CSR instructions, WFI, WRS.NTO.
#[inline(always)]
fn system(bits: u32) -> Option<Instruction> {
    let operation = match funct3(bits) {
        0b001 | 0b101 => CsrOperation::Write,
        0b010 | 0b110 => CsrOperation::Set,
        0b011 | 0b111 => CsrOperation::Clear,
        _ => return without_fields(bits),
    };
    let source = if field(bits, 14, 1) == 0 {
        CsrSource::Register(rs1(bits))
    } else {
        // CAST: 5 bits.
        CsrSource::Immediate(field(bits, 15, 5) as u8)
    };
    Some(Instruction::Csr(CsrAccess {
        operation,
        csr: CsrNumber::new(field(bits, 20, 12)),
        source,
        rd: rd(bits),
    }))
}

/// Instructions that are one word each.
fn without_fields(bits: u32) -> Option<Instruction> {
    match bits {
        WFI => Some(Instruction::Wfi),
        WRS_NTO => Some(Instruction::WrsNto),
        _ => None,
    }
}
