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

/// Reads of a guest's memory by its virtual addresses.
///
/// While the value lives interrupts are off, and who removes a page from the guest waits.
pub(crate) struct GuestMemory<'a> {
    vcpu: &'a LoadedVcpu,
    csrs: HypervisorCsrs,
}

impl LoadedVcpu {
    /// The guest's memory, if what this hart knows of its page tables is the guest's, and is valid.
    ///
    /// It is not where the vCPU has come to another CPU since it left the guest, where fences wait
    /// to be made, where the VMID is no longer this VM's, or where the hypervisor beneath has other
    /// CSRs. Entering the guest puts each of these right.
    pub(crate) fn guest_memory(&self) -> Option<GuestMemory<'_>> {
        let memory = self.guest_memory_as_it_is();
        memory.is_up_to_date().then_some(memory)
    }

    /// The same without the checks, which is what C does: for `kvm_riscv_vcpu_unpriv_read()`, whose
    /// callers in C cannot try again.
    pub(crate) fn guest_memory_as_it_is(&self) -> GuestMemory<'_> {
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
    fn is_up_to_date(&self) -> bool {
        let vcpu = self.vcpu.as_ptr();
        // SAFETY: `LoadedVcpu`: with interrupts off both fields stay.
        let same_cpu = unsafe { (*vcpu).cpu == (*vcpu).arch.last_exit_cpu };
        // SAFETY: Live; others set bits of the word atomically.
        let requests = unsafe { read_once(&raw const (*vcpu).requests) };
        same_cpu && requests == 0 && self.has_current_vmid() && self.csrs.sync()
    }

    fn has_current_vmid(&self) -> bool {
        let vm = self.vcpu.vm().as_ptr();
        // SAFETY: Live; the function reads each word in one access.
        unsafe { !bindings::kvm_riscv_gstage_vmid_ver_changed(&raw mut (*vm).arch.vmid) }
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
