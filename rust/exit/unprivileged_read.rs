// SPDX-License-Identifier: GPL-2.0

//! Reading the instruction that trapped from the guest's memory.

use super::redirect;
use super::Exception;
use super::Trap;
use crate::kvm::GuestMemory;
use crate::kvm::LoadedVcpu;

/// The fault of a hypervisor load of an instruction, as the fault of a fetch.
///
/// HLVX reports load faults. For the guest it was the fetch that went wrong.
fn as_fetch_fault(trap: Trap) -> Trap {
    let exception = match trap.exception() {
        Some(Exception::LoadAccessFault) => Exception::InstructionAccessFault,
        Some(Exception::LoadPageFault) => Exception::InstructionPageFault,
        _ => return trap,
    };
    Trap {
        scause: exception.code(),
        ..trap
    }
}

/// The guest's memory, if what this hart knows of its page tables is the guest's, and is valid.
///
/// It is not where the vCPU has come to another CPU since it left the guest, where fences wait to be
/// made, where the VMID is no longer this VM's, or where the hypervisor beneath has other CSRs.
/// Entering the guest puts each of these right. So does C enter it; reading it does not look (N2 and
/// N13 of docs/differences.md).
pub(crate) fn current_guest_memory(vcpu: &LoadedVcpu) -> Option<GuestMemory<'_>> {
    let memory = vcpu.guest_memory();
    let current = memory.is_where_the_guest_was()
        && !memory.has_requests()
        && memory.has_current_vmid()
        && memory.sync();
    current.then_some(memory)
}

/// The instruction at the guest's pc, two bytes or four, as `kvm_riscv_vcpu_unpriv_read()` reads it.
///
/// `None`: the guest is to go on, in its handler of the fault or at the same instruction again.
#[inline(never)]
pub(super) fn read_instruction(vcpu: &LoadedVcpu) -> Option<u32> {
    let memory = current_guest_memory(vcpu)?;
    let pc = vcpu.pc();
    let fault = match memory.read_instruction(pc) {
        Ok(bits) => return Some(bits),
        Err(fault) => fault,
    };
    drop(memory);

    // A page that is not mapped in the G-stage (any more): when the guest fetches from it again,
    // that fault maps it.
    if fault.exception() != Some(Exception::LoadGuestPageFault) {
        let fault = as_fetch_fault(fault);
        redirect(vcpu, &Trap { sepc: pc, ..fault });
    }
    None
}
