// SPDX-License-Identifier: GPL-2.0

//! Steal time, and the memory that a guest reads it in.

use std::cell::Cell;
use std::cell::RefCell;

use super::Errno;
use super::HeldVcpu;
use super::LoadedVcpu;
use crate::sbi::StealTimeArea;

pub(crate) const HAS_RUN_DELAY: bool = true;

/// What was done to the guest's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedAccess {
    ReadSequence,
    WriteSequence(u32),
    ReadSteal,
    WriteSteal(u64),
    Order,
    MarkDirty,
}

/// A vCPU's steal time. There is one area's worth of memory, wherever the area is.
#[derive(Default)]
pub(crate) struct StealTimeState {
    area: Cell<Option<StealTimeArea>>,
    pub(crate) last_run_delay: Cell<u64>,
    /// What the scheduler has counted.
    pub(crate) run_delay: Cell<u64>,
    pub(crate) sequence: Cell<u32>,
    pub(crate) steal: Cell<u64>,
    /// Whether the memory slot has gone since the guest named it.
    pub(crate) slot_is_gone: Cell<bool>,
    /// How many accesses succeed until one fails.
    pub(crate) fails_after: Cell<Option<usize>>,
    /// Whether that one is the only one.
    pub(crate) fails_once: Cell<bool>,
    pub(crate) accesses: RefCell<Vec<SharedAccess>>,
    /// The areas that were filled with zeros.
    pub(crate) cleared: RefCell<Vec<usize>>,
}

impl HeldVcpu {
    pub(crate) fn steal_time_area(&self) -> Option<StealTimeArea> {
        self.sta.area.get()
    }

    pub(crate) fn set_steal_time_area(&self, area: Option<StealTimeArea>) {
        self.sta.area.set(area);
    }

    pub(crate) fn last_run_delay(&self) -> u64 {
        self.sta.last_run_delay.get()
    }

    pub(crate) fn set_last_run_delay(&self, delay: u64) {
        self.sta.last_run_delay.set(delay);
    }
}

impl LoadedVcpu {
    pub(crate) fn run_delay(&self) -> u64 {
        self.sta.run_delay.get()
    }

    pub(crate) fn clear_steal_time(&self, area: StealTimeArea) -> Result<(), Errno> {
        self.might_sleep();
        if !self.vm().has_memory_at(area.address()) {
            return Err(Errno::EFAULT);
        }
        self.sta.cleared.borrow_mut().push(area.address());
        self.sta.sequence.set(0);
        self.sta.steal.set(0);
        Ok(())
    }

    pub(crate) fn steal_time(&self, area: StealTimeArea) -> Option<StealTime<'_>> {
        let there = self.vm().has_memory_at(area.address()) && !self.sta.slot_is_gone.get();
        there.then_some(StealTime(self))
    }
}

/// The area in the VMM's memory.
pub(crate) struct StealTime<'a>(&'a LoadedVcpu);

impl StealTime<'_> {
    fn access(&self, access: SharedAccess) -> Result<(), Errno> {
        self.0.might_sleep();
        match self.0.sta.fails_after.get() {
            Some(0) => {
                if self.0.sta.fails_once.get() {
                    self.0.sta.fails_after.set(None);
                }
                return Err(Errno::EFAULT);
            }
            Some(more) => self.0.sta.fails_after.set(Some(more - 1)),
            None => {}
        }
        self.0.sta.accesses.borrow_mut().push(access);
        Ok(())
    }

    pub(crate) fn sequence(&self) -> Result<u32, Errno> {
        self.access(SharedAccess::ReadSequence)?;
        Ok(self.0.sta.sequence.get())
    }

    pub(crate) fn set_sequence(&self, value: u32) -> Result<(), Errno> {
        self.access(SharedAccess::WriteSequence(value))?;
        self.0.sta.sequence.set(value);
        Ok(())
    }

    pub(crate) fn steal(&self) -> Result<u64, Errno> {
        self.access(SharedAccess::ReadSteal)?;
        Ok(self.0.sta.steal.get())
    }

    pub(crate) fn set_steal(&self, value: u64) -> Result<(), Errno> {
        self.access(SharedAccess::WriteSteal(value))?;
        self.0.sta.steal.set(value);
        Ok(())
    }

    pub(crate) fn order_writes(&self) {
        self.0.sta.accesses.borrow_mut().push(SharedAccess::Order);
    }

    pub(crate) fn mark_dirty(&self) {
        self.0
            .sta
            .accesses
            .borrow_mut()
            .push(SharedAccess::MarkDirty);
    }
}
