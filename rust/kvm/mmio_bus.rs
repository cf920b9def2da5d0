// SPDX-License-Identifier: GPL-2.0

//! Devices that the kernel emulates: interrupt controllers, ioeventfds, coalesced MMIO.

use core::ffi::c_int;

use kernel::bindings;

use super::LoadedVcpu;
use crate::isa::Width;

impl LoadedVcpu {
    /// Reads from the device at `address`, if the kernel has one there, as `kvm_io_bus_read()`.
    /// Only the bytes of `width` mean something.
    ///
    /// Context: sleeps.
    pub(crate) fn read_bus(&self, address: usize, width: Width) -> Option<u64> {
        let mut data = 0u64;
        // SAFETY: `LoadedVcpu`; `data` is as long as the widest access.
        // CAST: At most 8.
        let ret = unsafe {
            bindings::kvm_io_bus_read(
                self.as_ptr(),
                bindings::kvm_bus_KVM_MMIO_BUS,
                address as u64,
                width.bytes() as c_int,
                (&raw mut data).cast(),
            )
        };
        (ret == 0).then_some(data)
    }

    /// Writes to the device at `address`, if the kernel has one there, as `kvm_io_bus_write()`.
    /// False if not.
    ///
    /// The device sees a copy of the data that the VMM cannot change meanwhile.
    ///
    /// Context: sleeps.
    pub(crate) fn write_bus(&self, address: usize, width: Width, data: u64) -> bool {
        // SAFETY: `LoadedVcpu`; `data` is as long as the widest access.
        // CAST: At most 8.
        let ret = unsafe {
            bindings::kvm_io_bus_write(
                self.as_ptr(),
                bindings::kvm_bus_KVM_MMIO_BUS,
                address as u64,
                width.bytes() as c_int,
                (&raw const data).cast(),
            )
        };
        ret == 0
    }
}
