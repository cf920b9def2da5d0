// SPDX-License-Identifier: GPL-2.0

//! The integer registers.

/// One of x0 to x31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Register(u8);

impl Register {
    /// x0, which is always 0.
    pub(crate) const ZERO: Self = Self(0);

    /// x2, the stack pointer of the compressed instructions.
    pub(crate) const SP: Self = Self(2);

    /// The register with the number in the low 5 bits of `number`.
    #[inline]
    pub(crate) const fn new(number: u32) -> Self {
        // CAST: 5 bits.
        Self((number & 0x1F) as u8)
    }

    /// The register's number, from 0 to 31.
    #[inline]
    pub(crate) const fn number(self) -> usize {
        self.0 as usize
    }

    /// Where its value stands among those of x0 to x31. `None` for x0: there is no value to be read
    /// from memory or written there, whatever is in its place (X5 of docs/differences.md).
    #[inline]
    pub(crate) const fn slot(self) -> Option<usize> {
        match self.number() {
            0 => None,
            number => Some(number),
        }
    }
}
