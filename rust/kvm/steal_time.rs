// SPDX-License-Identifier: GPL-2.0

//! A vCPU's steal time, `kvm_vcpu_arch.sta`, and the memory that the guest reads it in.

use core::ffi::c_void;

use kernel::bindings;

use super::memory_slot;
use super::Errno;
use super::HeldVcpu;
use super::LoadedVcpu;
use crate::riscv;
use crate::sbi::StealTimeArea;
use crate::sbi::PAGE_SHIFT;

/// Whether the scheduler counts how long a task waits for a CPU, as `sched_info_on()`.
pub(crate) const HAS_RUN_DELAY: bool = cfg!(CONFIG_SCHED_INFO);

/// The bits of an address within a page.
const IN_PAGE: usize = (1 << PAGE_SHIFT) - 1;

impl HeldVcpu {
    /// Where the guest wants its steal time, if it does.
    pub(crate) fn steal_time_area(&self) -> Option<StealTimeArea> {
        // SAFETY: `HeldVcpu`: the field is this thread's.
        let shmem = unsafe { (*self.as_ptr()).arch.sta.shmem };
        // INVALID_GPA is not aligned. CAST: No bits are lost.
        StealTimeArea::at(shmem as usize)
    }

    /// Sets where the guest wants its steal time.
    pub(crate) fn set_steal_time_area(&self, area: Option<StealTimeArea>) {
        // CAST: No bits are lost.
        let shmem = area.map_or(u64::MAX, |area| area.address() as u64);
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*self.as_ptr()).arch.sta.shmem = shmem };
    }

    /// What [`LoadedVcpu::run_delay()`] was when the guest was last told.
    pub(crate) fn last_run_delay(&self) -> u64 {
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*self.as_ptr()).arch.sta.last_steal }
    }

    /// Remembers what the guest has been told.
    pub(crate) fn set_last_run_delay(&self, delay: u64) {
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*self.as_ptr()).arch.sta.last_steal = delay };
    }
}

impl LoadedVcpu {
    /// For how many nanoseconds this thread was ready to run and did not.
    pub(crate) fn run_delay(&self) -> u64 {
        // SAFETY: Any context.
        unsafe { bindings::kvm_riscv_rs_run_delay() }
    }

    /// Fills the area with zeros, as `kvm_vcpu_write_guest()`. An error if there is no memory, or it
    /// cannot be written.
    ///
    /// Context: sleeps.
    pub(crate) fn clear_steal_time(&self, area: StealTimeArea) -> Result<(), Errno> {
        let zeros = [0u8; StealTimeArea::SIZE];
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held; `zeros` has so many bytes.
        // CAST: No bits are lost.
        let ret = unsafe {
            bindings::kvm_vcpu_write_guest(
                self.as_ptr(),
                area.address() as u64,
                zeros.as_ptr().cast::<c_void>(),
                StealTimeArea::SIZE,
            )
        };
        Errno::check(ret)
    }

    /// The area in the VMM's memory. `None` if nothing is there that can be written.
    pub(crate) fn steal_time(&self, area: StealTimeArea) -> Option<StealTime<'_>> {
        // CAST: No bits are lost.
        let gfn = (area.address() >> PAGE_SHIFT) as u64;
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held; the function takes any frame number.
        let page = unsafe { bindings::kvm_vcpu_gfn_to_hva(self.as_ptr(), gfn) };
        (page & memory_slot::ERROR == 0).then_some(StealTime {
            vcpu: self,
            gfn,
            address: page | (area.address() & IN_PAGE),
        })
    }
}

/// The memory in which a guest reads its steal time, at an address of user space.
///
/// The guest reads while this is written: each field is accessed as a whole, with `get_user()` and
/// `put_user()`. The copies of `kernel::uaccess` go byte by byte on RISC-V.
pub(crate) struct StealTime<'a> {
    vcpu: &'a LoadedVcpu,
    gfn: u64,
    address: usize,
}

impl StealTime<'_> {
    /// The field at `offset`, aligned because the area is.
    fn field<T>(&self, offset: usize) -> *mut T {
        core::ptr::without_provenance_mut(self.address + offset)
    }

    /// The sequence number.
    ///
    /// Context: sleeps, as all accesses.
    pub(crate) fn sequence(&self) -> Result<u32, Errno> {
        let mut value = 0;
        let field = self.field(StealTimeArea::SEQUENCE);
        // SAFETY: The function takes any address of user space; `value` is ours.
        Errno::check(unsafe { bindings::kvm_riscv_rs_get_user_u32(&raw mut value, field) })?;
        Ok(value)
    }

    /// Sets the sequence number.
    pub(crate) fn set_sequence(&self, value: u32) -> Result<(), Errno> {
        let field = self.field(StealTimeArea::SEQUENCE);
        // SAFETY: The function takes any address of user space.
        Errno::check(unsafe { bindings::kvm_riscv_rs_put_user_u32(value, field) })
    }

    /// The steal time.
    pub(crate) fn steal(&self) -> Result<u64, Errno> {
        let mut value = 0;
        let field = self.field(StealTimeArea::STEAL);
        // SAFETY: The function takes any address of user space; `value` is ours.
        Errno::check(unsafe { bindings::kvm_riscv_rs_get_user_u64(&raw mut value, field) })?;
        Ok(value)
    }

    /// Sets the steal time.
    pub(crate) fn set_steal(&self, value: u64) -> Result<(), Errno> {
        let field = self.field(StealTimeArea::STEAL);
        // SAFETY: The function takes any address of user space.
        Errno::check(unsafe { bindings::kvm_riscv_rs_put_user_u64(value, field) })
    }

    /// Who sees what is written after this sees what was written before it.
    pub(crate) fn order_writes(&self) {
        riscv::smp_wmb();
    }

    /// Notes that the guest's memory has changed, as `kvm_vcpu_mark_page_dirty()`.
    pub(crate) fn mark_dirty(&self) {
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held.
        unsafe { bindings::kvm_vcpu_mark_page_dirty(self.vcpu.as_ptr(), self.gfn) };
    }
}
