// SPDX-License-Identifier: GPL-2.0

//! Every word of 32 bits.

use super::riscv_isa_crate;
use super::words_of;
use crate::isa::instruction_length;
use crate::isa::Instruction;

/// The major opcodes with something to decode, each compared with `riscv-isa` in a test of its own.
const DECODED: [u32; 3] = [0x03, 0x23, 0x73];

/// Compares all words of a major opcode, and says how many of them can be decoded.
fn compare(major_opcode: u32) -> usize {
    words_of(major_opcode)
        .filter(|&bits| {
            let ours = Instruction::decode(bits);
            assert_eq!(ours, riscv_isa_crate::decode_full(bits), "{bits:#010x}");
            ours.is_some()
        })
        .count()
}

#[test]
fn loads_are_those_of_riscv_isa() {
    // 7 of the 8 values of funct3.
    assert_eq!(compare(0x03), 7 << 22);
}

#[test]
fn stores_are_those_of_riscv_isa() {
    assert_eq!(compare(0x23), 4 << 22);
}

#[test]
fn system_instructions_are_those_of_riscv_isa() {
    // The CSR instructions, WFI and WRS.NTO.
    assert_eq!(compare(0x73), (6 << 22) + 2);
}

#[test]
fn words_with_other_major_opcodes_are_nothing() {
    for major_opcode in (0..0x80).filter(|opcode| opcode & 3 == 3 && !DECODED.contains(opcode)) {
        for bits in words_of(major_opcode) {
            assert_eq!(Instruction::decode(bits), None, "{bits:#010x}");
        }
    }
}

#[test]
fn length_is_told_by_the_lowest_two_bits() {
    for bits in [0, 1, 2, 0x4082, 0xFFFF_FFFC, 0xFFFF_FFFD, 0xFFFF_FFFE] {
        assert_eq!(instruction_length(bits), 2, "{bits:#010x}");
    }
    for bits in [3, 0x73, 0xFFFF_FFFF] {
        assert_eq!(instruction_length(bits), 4, "{bits:#010x}");
    }
}
