// SPDX-License-Identifier: GPL-2.0

//! G-stage page faults: memory that is not mapped yet, MMIO, and addresses where nothing is.

use super::mmio;
use super::redirect;
use super::Exception;
use super::Next;
use super::Trap;
use crate::isa::TrapInstruction;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::MemorySlot;
use crate::kvm::Run;

/// The exception of an access to where nothing is.
fn access_fault(fault: &Trap) -> Exception {
    match fault.exception() {
        Some(Exception::LoadGuestPageFault) => Exception::LoadAccessFault,
        Some(Exception::StoreGuestPageFault) => Exception::StoreAccessFault,
        _ => Exception::InstructionAccessFault,
    }
}

/// Whether the faulting access was a write.
#[inline]
fn is_write(fault: &Trap) -> bool {
    match TrapInstruction::pseudo(fault.htinst) {
        // The access was to a page table of the guest's, whatever the instruction wanted.
        Some(walk) => walk == TrapInstruction::PageTableWrite,
        None => is_store(fault),
    }
}

/// Whether the instruction was a store or an AMO.
#[inline]
fn is_store(fault: &Trap) -> bool {
    fault.scause == Exception::StoreGuestPageFault.code()
}

/// What is at a guest physical address.
pub(crate) enum Backing<'a> {
    /// No memory slot.
    Nothing,
    /// A memory slot that is being moved or deleted: in a moment it will be known.
    InTransition,
    /// A memory slot.
    Memory(MemorySlot<'a>),
}

/// Handles a guest page fault, as `gstage_page_fault()`.
#[inline]
pub(super) fn handle(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    // What is needed of the trap is read when it is needed: nothing is kept over the two calls.
    match vcpu.vm().backing(trap.guest_physical_address()) {
        Backing::Memory(slot) => {
            let write = is_write(trap);
            if write && !slot.is_writable() {
                return handle_device(vcpu, run, trap);
            }
            // A walk for a store may set the D bit next, and there are harts that then do not look
            // whether they may write (QEMU's): as in C, such a table counts as written at once.
            let dirty = write || (is_store(trap) && slot.is_writable());
            vcpu.map(&slot, trap.guest_physical_address(), dirty)?;
            Ok(Next::EnterGuest)
        }
        Backing::InTransition => Ok(Next::EnterGuest),
        Backing::Nothing => handle_device(vcpu, run, trap),
    }
}

/// Handles an access to where there is no memory, or none that may be written.
#[inline(always)]
fn handle_device(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    let is_walk = TrapInstruction::pseudo(trap.htinst).is_some();
    match trap.exception() {
        Some(Exception::LoadGuestPageFault) if !is_walk => mmio::load(vcpu, run, trap),
        Some(Exception::StoreGuestPageFault) if !is_walk => mmio::store(vcpu, run, trap),
        _ => {
            redirect(
                vcpu,
                &Trap::raise(access_fault(trap), trap.sepc, trap.stval),
            );
            Ok(Next::EnterGuest)
        }
    }
}

/// Maps the page that KVM could not read in the guest's name. `None`: the guest may try again.
///
/// If there is nothing to be read: the trap that the guest would have got.
///
/// Context: as [`LoadedVcpu`]; sleeps.
pub(crate) fn resolve_load_fault(vcpu: &LoadedVcpu, fault: &Trap) -> Result<Option<Trap>, Errno> {
    let address = fault.guest_physical_address();

    match vcpu.vm().backing(address) {
        Backing::Memory(slot) if slot.is_writable() || !is_write(fault) => {
            vcpu.map(&slot, address, is_write(fault))?;
            Ok(None)
        }
        Backing::InTransition => Ok(None),
        Backing::Nothing | Backing::Memory(_) => Ok(Some(Trap::raise(
            Exception::LoadAccessFault,
            vcpu.pc(),
            fault.stval,
        ))),
    }
}
