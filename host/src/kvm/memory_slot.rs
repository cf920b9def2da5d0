// SPDX-License-Identifier: GPL-2.0

//! Guest physical memory.

use std::marker::PhantomData;

use super::Errno;
use super::LoadedVcpu;
use super::Vm;
use crate::exit::Backing;

/// What is at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Nothing,
    InTransition,
    ReadOnly,
    Writable,
}

pub(crate) struct MemorySlot<'a> {
    page: usize,
    writable: bool,
    vm: PhantomData<&'a Vm>,
}

impl MemorySlot<'_> {
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }
}

impl Vm {
    pub(crate) fn backing(&self, address: usize) -> Backing<'_> {
        let page = address >> 12;
        let what = match self.pages.borrow().get(&page) {
            Some(what) => *what,
            None if self.has_memory_at(address) => Page::Writable,
            None => Page::Nothing,
        };
        let slot = |writable| MemorySlot {
            page,
            writable,
            vm: PhantomData,
        };
        match what {
            Page::Nothing => Backing::Nothing,
            Page::InTransition => Backing::InTransition,
            Page::ReadOnly => Backing::Memory(slot(false)),
            Page::Writable => Backing::Memory(slot(true)),
        }
    }
}

impl LoadedVcpu {
    pub(crate) fn map(
        &self,
        slot: &MemorySlot<'_>,
        address: usize,
        write: bool,
    ) -> Result<(), Errno> {
        self.might_sleep();
        assert_eq!(slot.page, address >> 12, "the slot of another address");
        self.mapped.borrow_mut().push((address, write));
        self.map_result.get()
    }
}
