// SPDX-License-Identifier: GPL-2.0

//! The registers of one SBI call (SBI v3.0, "Binary Encoding").

/// What a guest passes with an `ecall`, the extension id (a7) apart: that chose the handler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// First argument.
    pub(crate) a0: usize,
    /// Second argument.
    pub(crate) a1: usize,
    /// Third argument.
    pub(crate) a2: usize,
    /// Fourth argument.
    pub(crate) a3: usize,
    /// Fifth argument.
    pub(crate) a4: usize,
    /// The function id, a6. All of the register counts, as in C: an id with upper bits set is an
    /// unknown function.
    pub(crate) function: usize,
}

impl Call {
    /// The first argument of a function that declares it as `uint32_t`: the upper bits are ignored.
    pub(crate) fn a0_32(&self) -> u32 {
        low_half(self.a0)
    }

    /// The second argument of a function that declares it as `uint32_t`: the upper bits are
    /// ignored.
    pub(crate) fn a1_32(&self) -> u32 {
        low_half(self.a1)
    }
}

/// "In case the data is defined as 32bit wide, higher privilege software must ensure that it only
/// uses 32 bit data only."
fn low_half(register: usize) -> u32 {
    // CAST: Cutting is the point.
    register as u32
}
