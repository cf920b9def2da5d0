// SPDX-License-Identifier: GPL-2.0

//! Loads and stores of integer registers.

use super::Register;

/// How many bytes an access moves: the power of 2 with this exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// 8 bits.
    Byte = 0,
    /// 16 bits.
    Half = 1,
    /// 32 bits.
    Word = 2,
    /// 64 bits.
    Double = 3,
}

impl Width {
    /// The width of `2 ** log2` bytes; only the two lowest bits of `log2` count. So do encodings say
    /// it, too.
    #[inline]
    pub(crate) const fn from_log2(log2: u32) -> Self {
        match log2 & 3 {
            0 => Self::Byte,
            1 => Self::Half,
            2 => Self::Word,
            _ => Self::Double,
        }
    }

    /// The logarithm of the number of bytes, from 0 to 3.
    #[inline]
    pub(crate) const fn log2(self) -> u32 {
        self as u32
    }

    /// The number of bytes.
    #[inline]
    pub(crate) const fn bytes(self) -> usize {
        1 << self.log2()
    }
}

/// What fills the upper bits of the register that a load writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extend {
    /// Copies of the uppermost bit that was loaded.
    Sign,
    /// Zeros.
    Zero,
}

/// A load from the address `rs1 + offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    /// How much is loaded.
    pub(crate) width: Width,
    /// What becomes of the rest of the register; [`Extend::Sign`] where there is none.
    pub(crate) extend: Extend,
    /// The register that is written.
    pub(crate) rd: Register,
    /// The register that holds the base address.
    pub(crate) rs1: Register,
    /// What is added to it.
    pub(crate) offset: i16,
}

/// A store to the address `rs1 + offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    /// How much is stored.
    pub(crate) width: Width,
    /// The register that is stored.
    pub(crate) rs2: Register,
    /// The register that holds the base address.
    pub(crate) rs1: Register,
    /// What is added to it.
    pub(crate) offset: i16,
}
