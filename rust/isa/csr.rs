// SPDX-License-Identifier: GPL-2.0

//! Accesses to control and status registers (Zicsr).

use super::Register;

/// The number of a CSR: 12 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsrNumber(u16);

impl CsrNumber {
    /// The CSR with the number in the low 12 bits of `number`.
    #[inline]
    pub(crate) const fn new(number: u32) -> Self {
        // CAST: 12 bits.
        Self((number & 0xFFF) as u16)
    }

    /// The number.
    #[inline]
    pub(crate) const fn number(self) -> usize {
        self.0 as usize
    }

    /// The lowest privilege level that may access the CSR: bits 9:8 (volume II, "CSR Address Mapping
    /// Conventions").
    ///
    /// 0 is U-mode, 1 S-mode, 2 HS-mode with the H extension, 3 M-mode.
    #[inline]
    pub(crate) const fn lowest_privilege(self) -> usize {
        (self.number() >> 8) & 3
    }
}

/// What is done with the operand of a CSR instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrOperation {
    /// It becomes the CSR's value: CSRRW and CSRRWI.
    Write,
    /// Its bits are set in the CSR: CSRRS and CSRRSI.
    Set,
    /// Its bits are cleared in the CSR: CSRRC and CSRRCI.
    Clear,
}

/// Where the operand of a CSR instruction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrSource {
    /// In this register, rs1.
    Register(Register),
    /// In the instruction: 5 bits, zero-extended.
    Immediate(u8),
}

/// A CSR instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsrAccess {
    /// What is done.
    pub(crate) operation: CsrOperation,
    /// To which CSR.
    pub(crate) csr: CsrNumber,
    /// With what.
    pub(crate) source: CsrSource,
    /// The register that gets the CSR's old value.
    pub(crate) rd: Register,
}
