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
        None => fault.scause == Exception::StoreGuestPageFault.code(),
    }
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
            vcpu.map(&slot, trap.guest_physical_address(), write)?;
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
