// SPDX-License-Identifier: GPL-2.0

//! Address-space identifiers.

use super::SbiError;

/// An ASID that an RV64 hart can have: at most 16 bits (privileged specification, "Supervisor
/// Address Translation and Protection (satp) Register", ASIDMAX).
///
/// A hart may implement fewer; it then ignores the upper ones of the 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asid(u16);

impl Asid {
    /// The ASID that a guest names in a register, or [`SbiError::InvalidParam`] if it has more than
    /// 16 bits.
    pub(crate) fn from_register(register: usize) -> Result<Self, SbiError> {
        match u16::try_from(register) {
            Ok(asid) => Ok(Self(asid)),
            Err(_) => Err(SbiError::InvalidParam),
        }
    }

    /// The ASID as the operand of a fence.
    pub(crate) fn to_register(self) -> usize {
        self.0.into()
    }
}
