// SPDX-License-Identifier: GPL-2.0

//! Every compressed encoding.

use super::compressed_encodings;
use super::llvm;
use super::riscv_isa_crate;
use crate::isa::Instruction;

/// Whether an encoding is one that `riscv-isa` 0.3 does not know: it has no Zcb, and does not know
/// that a load from the stack to x0 is reserved.
fn is_unknown_to_riscv_isa(bits: u16) -> bool {
    let is_zcb = bits & 0xE003 == 0x8000;
    let is_stack_load = matches!(bits & 0xE003, 0x4002 | 0x6002);
    is_zcb || (is_stack_load && (bits >> 7) & 0x1F == 0)
}

#[test]
fn compressed_instructions_are_those_of_riscv_isa() {
    for bits in compressed_encodings().filter(|&bits| !is_unknown_to_riscv_isa(bits)) {
        assert_eq!(
            Instruction::decode(bits.into()),
            riscv_isa_crate::decode_compressed(bits),
            "{bits:#06x}"
        );
    }
}

#[test]
fn compressed_instructions_are_those_of_llvm() {
    let encodings: Vec<u16> = compressed_encodings().collect();
    let texts = llvm::disassemble(&encodings);
    let mut decoded = 0;
    for bits in encodings {
        let theirs = texts.get(&bits).and_then(|text| llvm::parse(text));
        decoded += usize::from(theirs.is_some());
        assert_eq!(Instruction::decode(bits.into()), theirs, "{bits:#06x}");
    }
    // Of 11 free bits each: C.LW, C.LD, C.SW, C.SD, C.SWSP, C.SDSP; C.LWSP and C.LDSP without x0.
    // Of Zcb, C.LBU and C.SB have 8 free bits, the others 7.
    assert_eq!(decoded, 6 * 2048 + 2 * 31 * 64 + 2 * 256 + 3 * 128);
}

#[test]
fn what_follows_a_compressed_instruction_does_not_matter() {
    for bits in compressed_encodings() {
        let alone = Instruction::decode(bits.into());
        for next in [0x0001, 0x8000, 0xFFFF] {
            assert_eq!(Instruction::decode((next << 16) | u32::from(bits)), alone);
        }
    }
}
