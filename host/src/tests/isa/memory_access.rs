// SPDX-License-Identifier: GPL-2.0

//! Which instructions access memory.

use super::compressed_encodings;
use super::llvm;
use crate::isa::may_access_memory;

/// The major opcodes of the manual's table with bits 1:0 set: by row (bits 6:5) and column (bits 4:2),
/// whether an instruction of it, or one that somebody may define, accesses memory.
const MAJOR_OPCODES: [[bool; 8]; 4] = [
    // LOAD, LOAD-FP, custom-0, MISC-MEM, OP-IMM, AUIPC, OP-IMM-32, 48b
    [true, true, true, true, false, false, false, true],
    // STORE, STORE-FP, custom-1, AMO, OP, LUI, OP-32, 64b
    [true, true, true, true, false, false, false, true],
    // MADD, MSUB, NMSUB, NMADD, OP-FP, OP-V, custom-2, 48b
    [false, false, false, false, false, false, true, true],
    // BRANCH, JALR, reserved, JAL, SYSTEM, OP-VE, custom-3, >= 80b
    [false, false, true, false, false, true, true, true],
];

#[test]
fn full_instructions_are_told_by_their_major_opcodes() {
    for (row, columns) in MAJOR_OPCODES.iter().enumerate() {
        for (column, &expected) in columns.iter().enumerate() {
            let opcode = ((row << 5) | (column << 2) | 3) as u32;
            for rest in [0, 0x0123_4567, 0x01FF_FFFF] {
                let bits = (rest << 7) | opcode;
                assert_eq!(may_access_memory(bits), expected, "{bits:#010x}");
            }
        }
    }
}

#[test]
fn compressed_instructions_are_those_that_llvm_shows_an_address_of() {
    let encodings: Vec<u16> = compressed_encodings().collect();
    let texts = llvm::disassemble(&encodings);
    let mut with_access = 0;
    for (bits, text) in texts {
        let expected = text.contains('(');
        with_access += usize::from(expected);
        for above in [0, 0xFFFF_0000] {
            let bits = above | u32::from(bits);
            assert_eq!(may_access_memory(bits), expected, "{bits:#010x}: {text}");
        }
    }
    assert!(with_access > 16_000, "{with_access}");
}
