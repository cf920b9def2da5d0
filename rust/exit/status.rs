// SPDX-License-Identifier: GPL-2.0

//! Bits of sstatus, and of vsstatus, which is the guest's.

/// Interrupts are enabled.
pub(crate) const SIE: usize = 1 << 1;

/// What SIE was before the trap.
pub(crate) const SPIE: usize = 1 << 5;

/// The trap came from supervisor mode.
pub(crate) const SPP: usize = 1 << 8;
