// SPDX-License-Identifier: GPL-2.0

//! The guest's memory, as the guest sees it through its page tables.

use core::ffi::c_int;

use kernel::bindings;

use super::once::read_once;
use super::once::write_once;
use super::LoadedVcpu;
use crate::exit::Trap;
use crate::riscv;
use crate::riscv::HypervisorCsrs;

/// Reads of a guest's memory by its virtual addresses, with what this hart knows of its page tables:
/// whoever reads has to ask first whether that is the guest's, and valid.
///
/// While the value lives interrupts are off, and who removes a page from the guest waits.
pub(crate) struct GuestMemory<'a> {
    vcpu: &'a LoadedVcpu,
    csrs: HypervisorCsrs,
}

impl LoadedVcpu {
    /// The guest's memory, on the hart that the task is on, and stays on.
    pub(crate) fn guest_memory(&self) -> GuestMemory<'_> {
        let csrs = HypervisorCsrs::of_this_hart();
        // From here on, who makes a request and waits (KVM_REQUEST_WAIT) waits for this vCPU too, as
        // if it were in the guest.
        self.set_mode(bindings::READING_SHADOW_PAGE_TABLES);
        // Pairs with the barrier between kvm_make_request() and the look at the mode.
        riscv::smp_mb();
        GuestMemory { vcpu: self, csrs }
    }

    fn set_mode(&self, mode: u32) {
        let vcpu = self.as_ptr();
        // SAFETY: `LoadedVcpu`: only this thread writes the mode outside the guest.
        // CAST: A small enumeration.
        unsafe { write_once(&raw mut (*vcpu).mode, mode as c_int) };
    }
}

impl GuestMemory<'_> {
    /// Whether this is the CPU on which the vCPU left its guest. On another, translations of other
    /// vCPUs of the VM may be cached under the same VMID.
    pub(crate) fn is_where_the_guest_was(&self) -> bool {
        let vcpu = self.vcpu.as_ptr();
        // SAFETY: `LoadedVcpu`: with interrupts off both fields stay.
        unsafe { (*vcpu).cpu == (*vcpu).arch.last_exit_cpu }
    }

    /// Whether somebody has asked the vCPU for something: to fence, perhaps. A vCPU that was put and
    /// loaded since it left its guest always has a request, to account for the time (steal time).
    pub(crate) fn has_requests(&self) -> bool {
        let vcpu = self.vcpu.as_ptr();
        // SAFETY: Live; others set bits of the word atomically.
        unsafe { read_once(&raw const (*vcpu).requests) != 0 }
    }

    /// Whether the VMID of this hart is the VM's, and no other VM's.
    pub(crate) fn has_current_vmid(&self) -> bool {
        let vm = self.vcpu.vm();
        let number = vm.vmid();
        // SAFETY: Live; only the address is taken.
        let vmid = unsafe { &raw mut (*vm.as_ptr()).arch.vmid };
        // A VM that has just been given a new one asks its vCPUs to load it a moment later.
        // SAFETY: Live; the function reads each word in one access.
        number == self.csrs.hgatp_vmid()
            && unsafe { !bindings::kvm_riscv_gstage_vmid_ver_changed(vmid) }
    }

    /// Makes what the hypervisor beneath, if there is one, has for this hart what KVM has asked for.
    /// False if it refuses.
    pub(crate) fn sync(&self) -> bool {
        self.csrs.sync()
    }

    /// The guest's hstatus, which says in whose name its memory is read.
    fn hstatus(&self) -> usize {
        self.vcpu.hstatus()
    }

    /// Reads the instruction at `address`, two bytes or four. The trap is that of a load.
    pub(crate) fn read_instruction(&self, address: usize) -> Result<u32, Trap> {
        riscv::hlvx_hu(&self.csrs, self.hstatus(), address)
    }

    /// Reads the word at `address`.
    pub(crate) fn read_word(&self, address: usize) -> Result<usize, Trap> {
        riscv::hlv_d(&self.csrs, self.hstatus(), address)
    }
}

impl Drop for GuestMemory<'_> {
    fn drop(&mut self) {
        // The reads are over before the mode says so.
        riscv::smp_mb();
        self.vcpu.set_mode(bindings::OUTSIDE_GUEST_MODE);
    }
}
