// SPDX-License-Identifier: GPL-2.0

//! Exception codes (privileged specification, table of scause values after a trap).

/// An exception that KVM handles or raises in a guest, with its code in scause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Exception {
    /// A fetch from where there is no memory.
    InstructionAccessFault = 1,
    /// An instruction that does not exist, or not for this privilege mode.
    IllegalInstruction = 2,
    /// An `ebreak`, or a trigger.
    Breakpoint = 3,
    /// A load from an address that is not a multiple of its width.
    LoadAddressMisaligned = 4,
    /// A load from where there is no memory.
    LoadAccessFault = 5,
    /// A store or AMO to an address that is not a multiple of its width.
    StoreAddressMisaligned = 6,
    /// A store or AMO to where there is no memory.
    StoreAccessFault = 7,
    /// An `ecall` from VS-mode: an SBI call.
    EnvironmentCallFromVs = 10,
    /// A fetch that the page tables do not allow.
    InstructionPageFault = 12,
    /// A load that the page tables do not allow.
    LoadPageFault = 13,
    /// A fetch that the G-stage page tables do not allow.
    InstructionGuestPageFault = 20,
    /// A load that the G-stage page tables do not allow.
    LoadGuestPageFault = 21,
    /// An instruction that the hypervisor is to emulate.
    VirtualInstruction = 22,
    /// A store or AMO that the G-stage page tables do not allow.
    StoreGuestPageFault = 23,
}

impl Exception {
    /// The exception with this code, if KVM knows it.
    #[inline]
    pub(crate) fn from_code(code: usize) -> Option<Self> {
        Some(match code {
            1 => Self::InstructionAccessFault,
            2 => Self::IllegalInstruction,
            3 => Self::Breakpoint,
            4 => Self::LoadAddressMisaligned,
            5 => Self::LoadAccessFault,
            6 => Self::StoreAddressMisaligned,
            7 => Self::StoreAccessFault,
            10 => Self::EnvironmentCallFromVs,
            12 => Self::InstructionPageFault,
            13 => Self::LoadPageFault,
            20 => Self::InstructionGuestPageFault,
            21 => Self::LoadGuestPageFault,
            22 => Self::VirtualInstruction,
            23 => Self::StoreGuestPageFault,
            _ => return None,
        })
    }

    /// The code in scause.
    #[inline]
    pub(crate) const fn code(self) -> usize {
        self as usize
    }
}
