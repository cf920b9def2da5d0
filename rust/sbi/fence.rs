// SPDX-License-Identifier: GPL-2.0

//! What an SFENCE.VMA covers.

use super::Asid;
use super::FenceRange;

/// A fence of a guest's own translations, as SFENCE.VMA makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The addresses.
    pub(crate) range: FenceRange,
    /// The address space, or every one.
    pub(crate) asid: Option<Asid>,
}
