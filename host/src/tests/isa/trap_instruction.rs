// SPDX-License-Identifier: GPL-2.0

//! The values of htinst, against a model of the transformation that is written from the manual.

use proptest::prelude::*;

use super::compressed_encodings;
use super::riscv_isa_crate;
use super::words_of;
use crate::isa::Extend;
use crate::isa::Instruction;
use crate::isa::Load;
use crate::isa::Register;
use crate::isa::Store;
use crate::isa::TrapInstruction;

/// "Transformed noncompressed load instruction": rd, funct3 and opcode are the same.
fn transformed_load(bits: u32, address_offset: u32) -> u32 {
    (address_offset << 15) | (bits & 0x7FFF)
}

/// "Transformed noncompressed store instruction": rs2, funct3 and opcode are the same.
fn transformed_store(bits: u32, address_offset: u32) -> u32 {
    let rs2 = (bits >> 20) & 0b11111;
    let funct3 = (bits >> 12) & 0b111;
    (rs2 << 20) | (address_offset << 15) | (funct3 << 12) | 0b0100011
}

/// "Expand the compressed instruction to its 32-bit equivalent", but for rs1 and the offset, which
/// the transformation replaces.
fn expanded(instruction: Instruction) -> u32 {
    let funct3 = |bytes: usize, zero_extended: bool| -> u32 {
        bytes.trailing_zeros() + if zero_extended { 4 } else { 0 }
    };
    let number = |register: Register| u32::try_from(register.number()).unwrap();
    match instruction {
        Instruction::Load(load) => {
            let unsigned = load.extend == Extend::Zero;
            (funct3(load.width.bytes(), unsigned) << 12) | (number(load.rd) << 7) | 0b0000011
        }
        Instruction::Store(store) => {
            (number(store.rs2) << 20) | (funct3(store.width.bytes(), false) << 12) | 0b0100011
        }
        _ => panic!("{instruction:?}"),
    }
}

/// What is left of an instruction.
fn without_address(instruction: Instruction) -> Instruction {
    match instruction {
        Instruction::Load(load) => Instruction::Load(Load {
            rs1: Register::ZERO,
            offset: 0,
            ..load
        }),
        Instruction::Store(store) => Instruction::Store(Store {
            rs1: Register::ZERO,
            offset: 0,
            ..store
        }),
        _ => panic!("{instruction:?}"),
    }
}

fn assert_is_transformed(htinst: u32, instruction: Instruction, length: usize, offset: u32) {
    assert_eq!(
        TrapInstruction::decode(htinst as usize),
        TrapInstruction::Transformed {
            instruction: Some(without_address(instruction)),
            length,
            address_offset: offset as usize,
        },
        "{htinst:#010x}"
    );
}

/// Every load, with all address offsets over them; and the same where one day something else may
/// stand in the place of the offset, which is to be ignored.
#[test]
fn transformed_loads_are_the_loads() {
    for bits in words_of(0x03) {
        if let Some(load) = riscv_isa_crate::decode_full(bits) {
            let offset = (bits >> 20) % 32;
            let htinst = transformed_load(bits, offset);
            assert_is_transformed(htinst, load, 4, offset);
            let later = htinst | (bits & 0xFFF0_0000);
            assert_is_transformed(later, load, 4, offset);
        }
    }
}

/// As the loads.
#[test]
fn transformed_stores_are_the_stores() {
    for bits in words_of(0x23) {
        if let Some(store) = riscv_isa_crate::decode_full(bits) {
            let offset = (bits >> 7) % 32;
            let htinst = transformed_store(bits, offset);
            assert_is_transformed(htinst, store, 4, offset);
            let later = htinst | (bits & 0xFE00_0F80);
            assert_is_transformed(later, store, 4, offset);
        }
    }
}

/// Every compressed load and store, which other tests compare with oracles.
#[test]
fn transformed_compressed_instructions_are_themselves() {
    for bits in compressed_encodings() {
        if let Some(instruction) = Instruction::decode(bits.into()) {
            for offset in 0..32 {
                let expanded = expanded(instruction);
                let transformed = match instruction {
                    Instruction::Load(_) => transformed_load(expanded, offset),
                    _ => transformed_store(expanded, offset),
                };
                assert_is_transformed(transformed & !0b10, instruction, 2, offset);
            }
        }
    }
}

/// Accesses of other kinds: FLW, FSD, C.FLD, LR.W, AMOADD.D, a vector load.
#[test]
fn other_accesses_are_known_to_be_accesses() {
    for (htinst, length) in [
        (0x0000_2007, 4),
        (0x0000_3027, 4),
        (0x0000_3005, 2),
        (0x1000_202F, 4),
        (0x0000_302F, 4),
        (0x0205_0007, 4),
    ] {
        let address_offset = if htinst == 0x0205_0007 { 10 } else { 0 };
        assert_eq!(
            TrapInstruction::decode(htinst),
            TrapInstruction::Transformed {
                instruction: None,
                length,
                address_offset
            },
            "{htinst:#x}"
        );
    }
}

/// The manual's "Special pseudoinstruction values for guest-page faults" are all that there is with
/// bit 0 clear.
#[test]
fn pseudoinstructions_are_those_of_the_manual() {
    for htinst in (0..1 << 24).step_by(2) {
        let expected = match htinst {
            0x2000 | 0x3000 => TrapInstruction::PageTableRead,
            0x2020 | 0x3020 => TrapInstruction::PageTableWrite,
            _ => TrapInstruction::Zero,
        };
        assert_eq!(TrapInstruction::decode(htinst), expected, "{htinst:#x}");
    }
}

/// Custom instructions, and standard ones that have no transformation or do not trap so.
#[test]
fn instructions_without_a_transformation_are_zero() {
    let accesses = [0x03, 0x07, 0x23, 0x27, 0x2F];
    for major_opcode in (0..0x80).filter(|opcode| opcode & 3 == 3 && !accesses.contains(opcode)) {
        for rest in 0..0x1000 {
            for low in [major_opcode, major_opcode & !0b10] {
                let htinst = (rest << 12) | low;
                assert_eq!(TrapInstruction::decode(htinst), TrapInstruction::Zero);
            }
        }
    }
}

proptest! {
    /// "Software must also confirm that bits 63:32 are all zeros."
    #[test]
    fn a_value_with_upper_bits_is_zero(low in any::<u32>(), high in 1..=u32::MAX, is_known in any::<bool>()) {
        let low = if is_known { 0x3000 | (low & 0x23) } else { low };
        let htinst = ((high as usize) << 32) | low as usize;
        prop_assert_eq!(TrapInstruction::decode(htinst), TrapInstruction::Zero);
    }

    /// Whatever the hart writes.
    #[test]
    fn every_value_can_be_decoded(htinst in any::<u32>()) {
        if let TrapInstruction::Transformed { instruction, length, address_offset } =
            TrapInstruction::decode(htinst as usize)
        {
            prop_assert_eq!(htinst & 1, 1);
            prop_assert_eq!(length, if htinst & 2 == 0 { 2 } else { 4 });
            prop_assert!(address_offset < 32);
            let known = matches!(instruction, Some(Instruction::Load(_) | Instruction::Store(_)) | None);
            prop_assert!(known);
        }
    }
}
