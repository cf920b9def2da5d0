// SPDX-License-Identifier: GPL-2.0

//! The decoder: every encoding, compared with decoders that others wrote.
//!
//! | oracle                | what it is asked                     | what it does not know              |
//! |-----------------------|--------------------------------------|------------------------------------|
//! | the crate `riscv-isa` | all words of LOAD, STORE and SYSTEM, | Zcb; that C.LWSP and C.LDSP to x0  |
//! |                       | all compressed instructions          | are reserved                       |
//! | LLVM's disassembler   | all compressed instructions          | nothing of these (as text, the     |
//! |                       |                                      | 32-bit words would take minutes)   |
//!
//! Words with other major opcodes need no oracle: there is nothing to be decoded in them.

mod all_words;
mod compressed;
mod csr_number;
mod llvm;
mod memory_access;
mod riscv_isa_crate;
mod trap_instruction;

use crate::isa::Extend;
use crate::isa::Instruction;
use crate::isa::Load;
use crate::isa::Register;
use crate::isa::Store;
use crate::isa::Width;

/// The words of one major opcode: 2^25.
fn words_of(major_opcode: u32) -> impl Iterator<Item = u32> {
    (0..1 << 25).map(move |rest| (rest << 7) | major_opcode)
}

/// All compressed encodings.
fn compressed_encodings() -> impl Iterator<Item = u16> {
    (0..=u16::MAX).filter(|bits| bits & 3 != 3)
}

fn load(width: Width, extend: Extend, rd: u32, rs1: u32, offset: i32) -> Instruction {
    Instruction::Load(Load {
        width,
        extend,
        rd: register(rd),
        rs1: register(rs1),
        offset: offset.try_into().unwrap(),
    })
}

fn store(width: Width, rs2: u32, rs1: u32, offset: i32) -> Instruction {
    Instruction::Store(Store {
        width,
        rs2: register(rs2),
        rs1: register(rs1),
        offset: offset.try_into().unwrap(),
    })
}

/// A register of which an oracle tells the number.
fn register(number: u32) -> Register {
    assert!(number < 32);
    Register::new(number)
}
