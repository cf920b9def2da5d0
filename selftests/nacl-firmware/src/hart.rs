// SPDX-License-Identifier: GPL-2.0

//! What each hart has of its own: the trap frame, the stack, and where its guest stands.

use crate::csr;
use crate::nacl::Nacl;
use crate::sbi::fwft;
use crate::sbi::pmu;
use core::cell::UnsafeCell;

/// QEMU may have more; they are parked, and the device tree that the kernel sees has them disabled.
pub(crate) const MAX_HARTS: usize = 8;
/// Bytes of the stack of a hart.
pub(crate) const STACK_SIZE: usize = 32 << 10;

/// The stacks, one after the other.
#[repr(C, align(16))]
pub(crate) struct Stacks(UnsafeCell<[u8; STACK_SIZE * MAX_HARTS]>);

// SAFETY: each hart uses its own part, as its stack only.
unsafe impl Sync for Stacks {}

/// Used by `entry`.
pub(crate) static STACKS: Stacks = Stacks(UnsafeCell::new([0; STACK_SIZE * MAX_HARTS]));

/// A hart, as itself sees it. `entry` knows that `x` is the first.
#[repr(C)]
pub(crate) struct Hart {
    /// The top of the stack, then x1 to x31 of who was interrupted.
    pub(crate) x: [u64; 32],
    /// The hart's number.
    pub(crate) id: usize,
    /// Firmware features that the supervisor has locked.
    pub(crate) locked: fwft::Locked,
    /// What the performance counters count.
    pub(crate) pmu: pmu::Pmu,
    /// Nested acceleration.
    pub(crate) nacl: Nacl,
}

/// The harts; `mscratch` of each points to its own.
struct Harts(UnsafeCell<[Hart; MAX_HARTS]>);

// SAFETY: each hart reaches its own element only, see `of`.
unsafe impl Sync for Harts {}

static HARTS: Harts = Harts(UnsafeCell::new(
    [const {
        Hart {
            x: [0; 32],
            id: 0,
            locked: 0,
            pmu: pmu::Pmu::new(),
            nacl: Nacl::new(),
        }
    }; MAX_HARTS],
));

/// Set up the element of this hart.
///
/// # Safety
///
/// `id` is the number of the calling hart, below [`MAX_HARTS`], and this is called once, at its
/// start.
pub(crate) unsafe fn adopt(id: usize) -> &'static mut Hart {
    // SAFETY: the caller is the only one to have this element.
    let hart = unsafe { &mut (*HARTS.0.get())[id] };
    hart.id = id;
    hart.x[0] = STACKS.0.get() as u64 + (STACK_SIZE * (id + 1)) as u64;
    csr::write::<{ csr::MSCRATCH }>(hart as *mut Hart as u64);
    hart
}
