// SPDX-License-Identifier: GPL-2.0

//! The crate `riscv-isa` as an oracle.

use riscv_isa::Instruction as Theirs;
use riscv_isa::Target;
use riscv_isa::Xlen;

use super::load;
use super::register;
use super::store;
use crate::isa::CsrAccess;
use crate::isa::CsrNumber;
use crate::isa::CsrOperation;
use crate::isa::CsrSource;
use crate::isa::Extend;
use crate::isa::Instruction;
use crate::isa::Width;

/// RV64GC with what else we decode, as far as the crate knows it.
fn target() -> Target {
    Target {
        xlen: Xlen::Rv64,
        privileged: true,
        supervisor_mode: true,
        m: true,
        a: true,
        f: true,
        d: true,
        c: true,
        zicsr: true,
        zifencei: true,
        zawrs: true,
        ..Target::default()
    }
}

/// What a word of 32 bits is.
pub(super) fn decode_full(bits: u32) -> Option<Instruction> {
    translate(riscv_isa::decode_full(bits, &target()))
}

/// What a compressed instruction is.
pub(super) fn decode_compressed(bits: u16) -> Option<Instruction> {
    translate(riscv_isa::decode_compressed(bits, &target()).into())
}

/// Our name for their instruction; `None` for what we do not decode.
fn translate(theirs: Theirs) -> Option<Instruction> {
    let csr = |operation, csr, source, rd| {
        Instruction::Csr(CsrAccess {
            operation,
            csr: CsrNumber::new(csr),
            source,
            rd: register(rd),
        })
    };
    let from = |rs1| CsrSource::Register(register(rs1));
    let immediate = |uimm: u32| CsrSource::Immediate(uimm.try_into().unwrap());
    Some(match theirs {
        Theirs::LB { rd, rs1, offset } => load(Width::Byte, Extend::Sign, rd, rs1, offset),
        Theirs::LH { rd, rs1, offset } => load(Width::Half, Extend::Sign, rd, rs1, offset),
        Theirs::LW { rd, rs1, offset } => load(Width::Word, Extend::Sign, rd, rs1, offset),
        Theirs::LD { rd, rs1, offset } => load(Width::Double, Extend::Sign, rd, rs1, offset),
        Theirs::LBU { rd, rs1, offset } => load(Width::Byte, Extend::Zero, rd, rs1, offset),
        Theirs::LHU { rd, rs1, offset } => load(Width::Half, Extend::Zero, rd, rs1, offset),
        Theirs::LWU { rd, rs1, offset } => load(Width::Word, Extend::Zero, rd, rs1, offset),
        Theirs::SB { rs1, rs2, offset } => store(Width::Byte, rs2, rs1, offset),
        Theirs::SH { rs1, rs2, offset } => store(Width::Half, rs2, rs1, offset),
        Theirs::SW { rs1, rs2, offset } => store(Width::Word, rs2, rs1, offset),
        Theirs::SD { rs1, rs2, offset } => store(Width::Double, rs2, rs1, offset),
        Theirs::CSRRW { rd, csr: n, rs1 } => csr(CsrOperation::Write, n, from(rs1), rd),
        Theirs::CSRRS { rd, csr: n, rs1 } => csr(CsrOperation::Set, n, from(rs1), rd),
        Theirs::CSRRC { rd, csr: n, rs1 } => csr(CsrOperation::Clear, n, from(rs1), rd),
        Theirs::CSRRWI { rd, csr: n, uimm } => csr(CsrOperation::Write, n, immediate(uimm), rd),
        Theirs::CSRRSI { rd, csr: n, uimm } => csr(CsrOperation::Set, n, immediate(uimm), rd),
        Theirs::CSRRCI { rd, csr: n, uimm } => csr(CsrOperation::Clear, n, immediate(uimm), rd),
        Theirs::WFI => Instruction::Wfi,
        Theirs::WRS_NTO => Instruction::WrsNto,
        _ => return None,
    })
}
