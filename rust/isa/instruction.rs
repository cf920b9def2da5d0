// SPDX-License-Identifier: GPL-2.0

//! What can be decoded.

use super::base;
use super::compressed;
use super::CsrAccess;
use super::Load;
use super::Store;

/// An instruction that can be emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// A load into an integer register.
    Load(Load),
    /// A store of an integer register.
    Store(Store),
    /// CSRRW, CSRRS, CSRRC and their immediate forms.
    Csr(CsrAccess),
    /// Wait for interrupt.
    Wfi,
    /// Wait on reservation set, without a time-out (Zawrs).
    WrsNto,
}

impl Instruction {
    /// Decodes an instruction of RV64, including C and Zcb.
    ///
    /// Of a compressed instruction the upper half of `bits` is ignored. `None` for whatever is not
    /// an [`Instruction`], be it valid or not.
    #[inline(always)]
    pub(crate) fn decode(bits: u32) -> Option<Self> {
        if is_compressed(bits) {
            compressed::decode(bits)
        } else {
            base::decode(bits)
        }
    }
}

/// The number of bytes, 2 or 4, of the instruction that starts with `bits`.
///
/// Longer instructions count as 4: nothing of that length can be decoded.
#[inline]
pub(crate) const fn instruction_length(bits: u32) -> usize {
    if is_compressed(bits) {
        2
    } else {
        4
    }
}

/// Whether an instruction has 16 bits (volume I, "Base Instruction-Length Encoding").
pub(super) const fn is_compressed(bits: u32) -> bool {
    bits & 3 != 3
}
