// SPDX-License-Identifier: GPL-2.0

//! What the hart says of a trap.

use super::Exception;

/// The trap CSRs, as `struct kvm_cpu_trap` holds them.
///
/// Both the trap that a guest left with, and one that is raised in a guest, which has no use for
/// the last two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Trap {
    /// Where the trap happened.
    pub(crate) sepc: usize,
    /// Why: an exception code, or an interrupt with the top bit.
    pub(crate) scause: usize,
    /// The virtual address that faulted, or the instruction.
    pub(crate) stval: usize,
    /// The guest physical address that faulted, shifted right by 2.
    pub(crate) htval: usize,
    /// The instruction that faulted, transformed, or what else was accessed.
    pub(crate) htinst: usize,
}

impl Trap {
    /// Bit XLEN - 1 of scause: not an exception.
    pub(crate) const INTERRUPT: usize = 1 << (usize::BITS - 1);

    /// In scause, which no trap sets to it: the hypervisor beneath did not enter the guest. stval is the
    /// SBI's error.
    pub(crate) const NOT_ENTERED: usize = usize::MAX;

    /// An exception to be raised in a guest.
    #[inline]
    pub(crate) fn raise(exception: Exception, sepc: usize, stval: usize) -> Self {
        Self {
            sepc,
            scause: exception.code(),
            stval,
            ..Self::default()
        }
    }

    /// Whether an interrupt of the host took the hart away from the guest.
    #[inline]
    pub(crate) fn is_interrupt(&self) -> bool {
        self.scause & Self::INTERRUPT != 0
    }

    /// The exception, if it is one that KVM knows.
    #[inline]
    pub(crate) fn exception(&self) -> Option<Exception> {
        Exception::from_code(self.scause)
    }

    /// The guest physical address of a guest page fault.
    ///
    /// htval leaves its two lowest bits out; they are those of the virtual address. After a fault
    /// in a page table walk they mean nothing.
    #[inline]
    pub(crate) fn guest_physical_address(&self) -> usize {
        (self.htval << 2) | (self.stval & 3)
    }
}
