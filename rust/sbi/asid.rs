// SPDX-License-Identifier: GPL-2.0

//! Address-space identifiers.

/// An ASID as an RV64 hart can have it: at most 16 bits (privileged specification, "Supervisor
/// Address Translation and Protection (satp) Register", ASIDMAX).
///
/// A hart may implement fewer; it then ignores the upper ones of the 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asid(u16);

impl Asid {
    /// The ASID that a guest names in a register.
    ///
    /// Bits above the 16 are cut off, not refused: Linux from 5.14 to 6.2 passes the generation of
    /// its ASID allocator there, harts ignore it, and those guests rely on the fence.
    pub(crate) fn from_register(register: usize) -> Self {
        // CAST: Cutting is the point.
        Self(register as u16)
    }

    /// The ASID as the operand of a fence, its reserved bits zero.
    pub(crate) fn to_register(self) -> usize {
        self.0.into()
    }
}
