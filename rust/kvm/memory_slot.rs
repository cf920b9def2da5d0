// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_memory_slot`: guest physical memory that the VMM provides.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use kernel::bindings;

use super::Errno;
use super::LoadedVcpu;
use super::Vm;
use crate::exit::Backing;
use crate::sbi::PAGE_SHIFT;

/// An address with the top bit is no address of user space but an error, as `kvm_is_error_hva()`.
pub(super) const ERROR: usize = 1 << (usize::BITS - 1);

/// The memory slot of a guest physical address, and where it is in the VMM's memory.
pub(crate) struct MemorySlot<'a> {
    slot: *mut bindings::kvm_memory_slot,
    hva: usize,
    writable: bool,
    /// It lives as long as the SRCU read lock is held.
    vm: PhantomData<&'a Vm>,
}

impl MemorySlot<'_> {
    /// Whether a guest may write there.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }
}

impl Vm {
    /// What is at a guest physical address.
    ///
    /// Context: the SRCU read lock is held, as with every loaded vCPU.
    #[inline]
    pub(crate) fn backing(&self, address: usize) -> Backing<'_> {
        // CAST: No bits are lost.
        let gfn = (address >> PAGE_SHIFT) as u64;
        // SAFETY: Live; the function takes any frame number.
        let slot = unsafe { bindings::gfn_to_memslot(self.as_ptr(), gfn) };
        if slot.is_null() {
            return Backing::Nothing;
        }
        // SAFETY: A slot does not change while the SRCU read lock is held: it is replaced.
        let flags = unsafe { (*slot).flags };
        if flags & bindings::KVM_MEMSLOT_INVALID != 0 {
            return Backing::InTransition;
        }
        let mut writable = false;
        // SAFETY: The slot has this frame; `writable` is ours.
        let hva = unsafe { bindings::gfn_to_hva_memslot_prot(slot, gfn, &raw mut writable) };
        if hva & ERROR != 0 {
            return Backing::Nothing;
        }
        Backing::Memory(MemorySlot {
            slot,
            hva,
            writable,
            vm: PhantomData,
        })
    }
}

impl LoadedVcpu {
    /// Maps the page at `address` in the G-stage, writable if `write` and the slot allow it, as
    /// `kvm_riscv_mmu_map()`.
    ///
    /// Context: sleeps.
    #[inline]
    pub(crate) fn map(
        &self,
        slot: &MemorySlot<'_>,
        address: usize,
        write: bool,
    ) -> Result<(), Errno> {
        // The function fills it; nobody here wants to know.
        let mut mapping = MaybeUninit::<bindings::kvm_gstage_mapping>::uninit();
        // SAFETY: `LoadedVcpu`; the slot is this VM's, and `mapping` is ours.
        let ret = unsafe {
            bindings::kvm_riscv_mmu_map(
                self.as_ptr(),
                slot.slot,
                address as u64,
                slot.hva,
                write,
                mapping.as_mut_ptr(),
            )
        };
        Errno::check(ret)
    }
}
