// SPDX-License-Identifier: GPL-2.0

//! Memory instructions of a guest: what they do, and an encoding of it, made from the tables of the
//! manual. Nothing is decoded here.

use proptest::prelude::*;

/// What an instruction does to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Load {
        bytes: usize,
        is_signed: bool,
        rd: u32,
    },
    Store {
        bytes: usize,
        rs2: u32,
    },
    /// Some access that KVM does not emulate.
    Other,
    /// No access: no instruction that makes a guest page fault.
    Nothing,
}

/// An instruction, which accesses `rs1 + offset` if it is a load or store.
#[derive(Clone, Copy, Debug)]
pub(super) struct GuestInstruction {
    pub(super) effect: Effect,
    pub(super) rs1: u32,
    pub(super) offset: i32,
    pub(super) bits: u32,
}

impl GuestInstruction {
    pub(super) fn length(self) -> usize {
        if self.bits & 3 == 3 {
            4
        } else {
            2
        }
    }

    /// What a hart may say of it in htinst: the transformed instruction, and 0 where there is none.
    pub(super) fn transformed(self, address_offset: u32) -> u32 {
        let address_offset = address_offset << 15;
        let is_compressed = if self.length() == 2 { 0b10 } else { 0 };
        let fields = match self.effect {
            Effect::Load {
                bytes,
                is_signed,
                rd,
            } => (load_funct3(bytes, is_signed) << 12) | (rd << 7) | 0b0000011,
            Effect::Store { bytes, rs2 } => (rs2 << 20) | (store_funct3(bytes) << 12) | 0b0100011,
            Effect::Other => match self.bits & 0x7F {
                // FLW, FLD: rd. FSW, FSD: rs2. Atomics: all but rs1.
                0b0000111 => self.bits & 0x7FFF,
                0b0100111 => self.bits & 0x01F0_707F,
                0b0101111 => self.bits & 0xFFF0_7FFF,
                _ => return 0,
            },
            Effect::Nothing => return 0,
        };
        (fields | address_offset) & !is_compressed
    }
}

/// LB 0, LH 1, LW 2, LD 3, LBU 4, LHU 5, LWU 6.
fn load_funct3(bytes: usize, is_signed: bool) -> u32 {
    bytes.trailing_zeros() | if is_signed || bytes == 8 { 0 } else { 4 }
}

/// SB 0, SH 1, SW 2, SD 3.
fn store_funct3(bytes: usize) -> u32 {
    bytes.trailing_zeros()
}

/// The `count` bits of an offset from bit `low` on.
fn cut(bits: i32, low: u32, count: u32) -> u32 {
    (bits as u32 >> low) & ((1 << count) - 1)
}

fn full_load(bytes: usize, is_signed: bool, rd: u32, rs1: u32, offset: i32) -> GuestInstruction {
    GuestInstruction {
        effect: Effect::Load {
            bytes,
            is_signed: is_signed || bytes == 8,
            rd,
        },
        rs1,
        offset,
        bits: (cut(offset, 0, 12) << 20)
            | (rs1 << 15)
            | (load_funct3(bytes, is_signed) << 12)
            | (rd << 7)
            | 0b0000011,
    }
}

fn full_store(bytes: usize, rs2: u32, rs1: u32, offset: i32) -> GuestInstruction {
    GuestInstruction {
        effect: Effect::Store { bytes, rs2 },
        rs1,
        offset,
        bits: (cut(offset, 5, 7) << 25)
            | (rs2 << 20)
            | (rs1 << 15)
            | (store_funct3(bytes) << 12)
            | (cut(offset, 0, 5) << 7)
            | 0b0100011,
    }
}

/// The immediate of C.LW and C.SW in bits 12:10 and 6:5, `uimm[5:3]` and `uimm[2|6]`, and so on
/// for the others.
fn compressed_immediate(bytes: usize, offset: i32) -> u32 {
    match bytes {
        4 => (cut(offset, 3, 3) << 10) | (cut(offset, 2, 1) << 6) | (cut(offset, 6, 1) << 5),
        8 => (cut(offset, 3, 3) << 10) | (cut(offset, 6, 2) << 5),
        // Zcb: bit 6 is uimm[0] of bytes only.
        2 => cut(offset, 1, 1) << 5,
        _ => (cut(offset, 1, 1) << 5) | (cut(offset, 0, 1) << 6),
    }
}

/// An immediate of as many bytes that fits into a compressed instruction.
fn compressed_offset(bytes: usize, random: u32) -> i32 {
    let limit = match bytes {
        1 | 2 => 4,
        bytes => 32 * bytes as u32,
    };
    (random % limit / bytes as u32 * bytes as u32) as i32
}

/// C.LBU, C.LHU, C.LH, C.LW, C.LD with the registers x8 to x15.
fn compressed_load(form: u32, rd: u32, rs1: u32, random: u32) -> GuestInstruction {
    let (bytes, is_signed, opcode) = match form % 5 {
        0 => (1, false, 0x8000),
        1 => (2, false, 0x8400),
        2 => (2, true, 0x8440),
        3 => (4, true, 0x4000),
        _ => (8, true, 0x6000),
    };
    let (rd, rs1) = (rd % 8, rs1 % 8);
    let offset = compressed_offset(bytes, random);
    GuestInstruction {
        effect: Effect::Load {
            bytes,
            is_signed,
            rd: rd + 8,
        },
        rs1: rs1 + 8,
        offset,
        bits: opcode | (rs1 << 7) | (rd << 2) | compressed_immediate(bytes, offset),
    }
}

/// C.SB, C.SH, C.SW, C.SD with the registers x8 to x15.
fn compressed_store(form: u32, rs2: u32, rs1: u32, random: u32) -> GuestInstruction {
    let (bytes, opcode) = match form % 4 {
        0 => (1, 0x8800),
        1 => (2, 0x8C00),
        2 => (4, 0xC000),
        _ => (8, 0xE000),
    };
    let (rs2, rs1) = (rs2 % 8, rs1 % 8);
    let offset = compressed_offset(bytes, random);
    GuestInstruction {
        effect: Effect::Store {
            bytes,
            rs2: rs2 + 8,
        },
        rs1: rs1 + 8,
        offset,
        bits: opcode | (rs1 << 7) | (rs2 << 2) | compressed_immediate(bytes, offset),
    }
}

/// C.LWSP, C.LDSP, which cannot load x0.
fn stack_load(form: u32, rd: u32, random: u32) -> GuestInstruction {
    let rd = rd % 31 + 1;
    let bytes = if form % 2 == 0 { 4 } else { 8 };
    let offset = (random % 64 * bytes as u32) as i32;
    let bits = match bytes {
        // uimm[5], rd, uimm[4:2|7:6]
        4 => 0x4000 | (cut(offset, 2, 3) << 4) | (cut(offset, 6, 2) << 2),
        // uimm[5], rd, uimm[4:3|8:6]
        _ => 0x6000 | (cut(offset, 3, 2) << 5) | (cut(offset, 6, 3) << 2),
    };
    GuestInstruction {
        effect: Effect::Load {
            bytes,
            is_signed: true,
            rd,
        },
        rs1: 2,
        offset,
        bits: bits | (cut(offset, 5, 1) << 12) | (rd << 7) | 0b10,
    }
}

/// C.SWSP, C.SDSP, with every offset (X9).
fn stack_store(form: u32, rs2: u32, random: u32) -> GuestInstruction {
    let bytes = if form % 2 == 0 { 4 } else { 8 };
    let offset = (random % 64 * bytes as u32) as i32;
    let bits = match bytes {
        // uimm[5:2|7:6]
        4 => 0xC000 | (cut(offset, 2, 4) << 9) | (cut(offset, 6, 2) << 7),
        // uimm[5:3|8:6]
        _ => 0xE000 | (cut(offset, 3, 3) << 10) | (cut(offset, 6, 3) << 7),
    };
    GuestInstruction {
        effect: Effect::Store { bytes, rs2 },
        rs1: 2,
        offset,
        bits: bits | (rs2 << 2) | 0b10,
    }
}

/// X10: instructions that access memory otherwise, and what may.
const OTHERS: [u32; 18] = [
    // lr.w, sc.d, amoswap.w, amoadd.d, amocas.w
    0x1005_A52F,
    0x18C5_B52F,
    0x08C5_A52F,
    0x00C5_B52F,
    0x28C5_A52F,
    // flh, flw, fld, flq, fsh, fsw, fsd
    0x0005_9507,
    0x0005_A507,
    0x0005_B507,
    0x0005_C507,
    0x00A5_9027,
    0x00A5_A027,
    0x00A5_B027,
    // vle8.v, vse64.v, cbo.zero
    0x0205_8507,
    0x0205_F527,
    0x0045_A00F,
    // c.fld, c.fsdsp, custom-0
    0x2188,
    0xA02A,
    0x0000_000B,
];

/// Instructions that access no memory.
const NOTHING: [u32; 11] = [
    // prefetch.r, addi, lui, add, beq, jalr
    0x0015_E013,
    0x0015_0513,
    0x0000_1537,
    0x00B5_0533,
    0x00B5_0463,
    0x0005_0067,
    // csrr time, wfi, c.ebreak, c.nop, c.addi4spn
    0xC010_2573,
    0x1050_0073,
    0x9002,
    0x0001,
    0x0808,
];

prop_compose! {
    /// Loads and stores of every form, and a few that are neither.
    pub(super) fn guest_instructions()(
        kind in 0u32..14,
        form in any::<u32>(),
        data in prop_oneof![4 => 0u32..32, 1 => Just(0)],
        rs1 in 0u32..32,
        is_same in any::<bool>(),
        offset in -2048i32..2048,
        random in prop_oneof![3 => any::<u32>(), 1 => Just(0)],
    ) -> GuestInstruction {
        let rs1 = if is_same { data } else { rs1 };
        let bytes = 1 << (form % 4);
        match kind {
            0..=2 => full_load(bytes, form & 4 == 0, data, rs1, offset),
            3..=5 => full_store(bytes, data, rs1, offset),
            6 | 7 => compressed_load(form, data, rs1, random),
            8 | 9 => compressed_store(form, data, rs1, random),
            10 => stack_load(form, data, random),
            11 => stack_store(form, data, random),
            12 => GuestInstruction {
                effect: Effect::Other,
                rs1,
                offset: 0,
                bits: OTHERS[form as usize % OTHERS.len()],
            },
            _ => GuestInstruction {
                effect: Effect::Nothing,
                rs1,
                offset: 0,
                bits: NOTHING[form as usize % NOTHING.len()],
            },
        }
    }
}
