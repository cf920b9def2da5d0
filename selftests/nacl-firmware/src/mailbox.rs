// SPDX-License-Identifier: GPL-2.0

//! What one hart asks of another: an interrupt for its S-mode, a fence, to look at its state.
//!
//! The asker sets a flag and raises the other's M-level software interrupt.

use crate::csr;
use crate::csr::ip;
use crate::hart::MAX_HARTS;
use crate::platform;
use crate::sbi::rfence::Fence;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::AcqRel;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Release;

struct Mailbox {
    interrupt: AtomicBool,
    fence: AtomicBool,
}

static MAILBOXES: [Mailbox; MAX_HARTS] = [const {
    Mailbox {
        interrupt: AtomicBool::new(false),
        fence: AtomicBool::new(false),
    }
}; MAX_HARTS];

/// Only one fence is on its way; its asker holds this.
static FENCING: AtomicBool = AtomicBool::new(false);
static FENCE: crate::sbi::rfence::Request = crate::sbi::rfence::Request::new();

/// Give a hart an S-level software interrupt.
pub(crate) fn interrupt(hart: usize) {
    MAILBOXES[hart].interrupt.store(true, Release);
    platform::software_interrupt(hart, true);
}

/// Wake a hart: its state has changed.
pub(crate) fn wake(hart: usize) {
    platform::software_interrupt(hart, true);
}

/// Read what has come; called with the M-level software interrupt, and while this hart waits for
/// others.
pub(crate) fn read(id: usize) {
    platform::software_interrupt(id, false);
    let mailbox = &MAILBOXES[id];
    if mailbox.interrupt.swap(false, AcqRel) {
        csr::set::<{ csr::MIP }>(ip::SSIP);
    }
    if mailbox.fence.load(Acquire) {
        FENCE.perform();
        mailbox.fence.store(false, Release);
    }
}

/// Have a fence made on harts, and wait until it is.
pub(crate) fn fence(id: usize, harts: impl Iterator<Item = usize> + Clone, fence: Fence) {
    while FENCING.swap(true, Acquire) {
        read(id);
    }
    FENCE.set(fence);
    for hart in harts.clone() {
        if hart == id {
            FENCE.perform();
        } else {
            MAILBOXES[hart].fence.store(true, Release);
            platform::software_interrupt(hart, true);
        }
    }
    for hart in harts {
        while MAILBOXES[hart].fence.load(Acquire) {
            core::hint::spin_loop();
        }
    }
    FENCING.store(false, Release);
}
