// SPDX-License-Identifier: GPL-2.0

//! vCPUs, as other vCPUs see them.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Errno;
use super::QueuedFence;
use crate::sbi::Fence;
use crate::sbi::FirmwareEvent;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VsInterrupt {
    Software,
}

#[derive(Debug, Default)]
pub(crate) struct Vcpu {
    pub(super) id: usize,
    pub(crate) stopped: Cell<bool>,
    pub(crate) blocking: Cell<bool>,
    pub(super) locked: Cell<bool>,
    /// Where a reset that was asked for begins, with a1.
    pub(crate) reset: Cell<Option<(usize, usize)>>,
    pub(crate) kicked: Cell<bool>,
    pub(crate) fences: RefCell<Vec<Fence>>,
    pub(crate) queue_is_full: Cell<bool>,
    pub(crate) fences_are_requested: Cell<bool>,
    pub(crate) woken: Cell<bool>,
    pub(crate) interrupts: Cell<usize>,
    pub(crate) firmware_events: RefCell<BTreeMap<usize, usize>>,
    /// What `set_interrupt()` returns, where not success.
    pub(crate) refuses_interrupts: Cell<Option<Errno>>,
}

impl Vcpu {
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    pub(crate) fn set_interrupt(&self, VsInterrupt::Software: VsInterrupt) -> Result<(), Errno> {
        if let Some(errno) = self.refuses_interrupts.get() {
            return Err(errno);
        }
        self.interrupts.set(self.interrupts.get() + 1);
        Ok(())
    }

    pub(crate) fn is_pending(&self, VsInterrupt::Software: VsInterrupt) -> bool {
        self.interrupts.get() != 0
    }

    pub(crate) fn clear_interrupt(&self, VsInterrupt::Software: VsInterrupt) -> Result<(), Errno> {
        if let Some(errno) = self.refuses_interrupts.get() {
            return Err(errno);
        }
        self.interrupts.set(0);
        Ok(())
    }

    pub(crate) fn lock_mp_state(&self) -> MpState<'_> {
        assert!(!self.locked.replace(true), "locked twice");
        MpState(self)
    }

    pub(crate) fn is_to_make_queued_fences(&self) -> bool {
        self.fences_are_requested.get()
    }

    pub(crate) fn queue_fence(&self, fence: &QueuedFence) -> bool {
        let room = !self.queue_is_full.get();
        if room {
            self.fences.borrow_mut().push(fence.0);
        }
        room
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.blocking.get()
    }

    pub(crate) fn count_firmware_event(&self, event: FirmwareEvent) {
        *self
            .firmware_events
            .borrow_mut()
            .entry(event as usize)
            .or_default() += 1;
    }
}

/// The power state of a vCPU, locked.
pub(crate) struct MpState<'a>(&'a Vcpu);

impl MpState<'_> {
    pub(crate) fn mark_stopped(&self) -> bool {
        !self.0.stopped.replace(true)
    }

    pub(crate) fn power_off(&self) {
        self.0.stopped.set(true);
        self.0.kicked.set(true);
    }

    pub(crate) fn power_on(&self) {
        self.0.stopped.set(false);
        self.0.woken.set(true);
    }

    pub(crate) fn request_reset(&self, pc: usize, a1: usize) {
        self.0.reset.set(Some((pc, a1)));
    }
}

impl Drop for MpState<'_> {
    fn drop(&mut self) {
        assert!(self.0.locked.replace(false), "unlocked twice");
    }
}
