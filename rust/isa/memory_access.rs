// SPDX-License-Identifier: GPL-2.0

//! Which instructions access memory, apart from being fetched.

use super::base::major_opcode;
use super::field::field;
use super::instruction::is_compressed;

/// The major opcodes whose instructions access no memory (volume I, "RISC-V base opcode map").
///
/// Of SYSTEM, the hypervisor loads and stores do, and the shadow stack's instructions; to a guest of KVM each
/// of them is another exception.
const WITHOUT_ACCESS: [u32; 16] = [
    0x13, // OP-IMM
    0x17, // AUIPC
    0x1B, // OP-IMM-32
    0x33, // OP
    0x37, // LUI
    0x3B, // OP-32
    0x43, // MADD
    0x47, // MSUB
    0x4B, // NMSUB
    0x4F, // NMADD
    0x53, // OP-FP
    0x57, // OP-V
    0x63, // BRANCH
    0x67, // JALR
    0x6F, // JAL
    0x73, // SYSTEM
];

/// Whether an instruction of a guest may access memory. What is not known here may.
///
/// Of a compressed instruction the upper half of `bits` is ignored.
pub(crate) fn may_access_memory(bits: u32) -> bool {
    if !is_compressed(bits) {
        return !WITHOUT_ACCESS.contains(&major_opcode(bits));
    }
    match (field(bits, 0, 2), field(bits, 13, 3)) {
        // C.ADDI4SPN
        (0b00, 0b000) => false,
        // Constants, arithmetic, jumps, branches.
        (0b01, _) => false,
        // C.SLLI; C.JR, C.MV, C.EBREAK, C.JALR, C.ADD
        (0b10, 0b000 | 0b100) => false,
        _ => true,
    }
}
