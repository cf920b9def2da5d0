// SPDX-License-Identifier: GPL-2.0

//! Devices that the kernel emulates.

use super::LoadedVcpu;
use crate::isa::Width;

/// An access that was offered to the kernel's devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BusAccess {
    pub(crate) address: usize,
    pub(crate) bytes: usize,
    /// What is written, only the bytes that count.
    pub(crate) data: Option<u64>,
}

impl BusAccess {
    pub(crate) fn new(address: usize, bytes: usize, data: Option<u64>) -> Self {
        let mask = u64::MAX >> (64 - 8 * bytes);
        Self {
            address,
            bytes,
            data: data.map(|data| data & mask),
        }
    }
}

impl LoadedVcpu {
    fn offer(&self, access: BusAccess) {
        self.might_sleep();
        self.bus_accesses.borrow_mut().push(access);
    }

    /// The bytes beyond `width` are whatever the test put there.
    pub(crate) fn read_bus(&self, address: usize, width: Width) -> Option<u64> {
        self.offer(BusAccess::new(address, width.bytes(), None));
        self.device.get()
    }

    pub(crate) fn write_bus(&self, address: usize, width: Width, data: u64) -> bool {
        self.offer(BusAccess::new(address, width.bytes(), Some(data)));
        self.device.get().is_some()
    }
}
