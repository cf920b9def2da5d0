// SPDX-License-Identifier: GPL-2.0

//! Reading the instruction that trapped from the guest's memory.

use super::redirect;
use super::Exception;
use super::Trap;
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

/// The instruction at the guest's pc: two bytes, or four.
///
/// `None`: the guest is to go on, in its handler of the fault or at the same instruction again.
#[inline(never)]
pub(super) fn read_instruction(vcpu: &LoadedVcpu) -> Option<u32> {
    // What this CPU has cached of the page tables may not be this guest's, or not valid any more.
    // On its way back into the guest that is put right.
    let guest_memory = vcpu.guest_memory()?;
    let pc = vcpu.pc();
    let fault = match guest_memory.read_instruction(pc) {
        Ok(bits) => return Some(bits),
        Err(fault) => fault,
    };
    drop(guest_memory);

    // A page that is not mapped in the G-stage (any more): when the guest fetches from it again,
    // that fault maps it.
    if fault.exception() != Some(Exception::LoadGuestPageFault) {
        let fault = as_fetch_fault(fault);
        redirect(vcpu, &Trap { sepc: pc, ..fault });
    }
    None
}

/// Reads an instruction or a word of the guest's memory at `address`, as
/// `kvm_riscv_vcpu_unpriv_read()`: for a caller that cannot let the guest try again.
pub(crate) fn unprivileged_read(
    vcpu: &LoadedVcpu,
    instruction: bool,
    address: usize,
) -> Result<usize, Trap> {
    let memory = vcpu.guest_memory_as_it_is();
    if instruction {
        // CAST: No bits are lost.
        let bits = memory.read_instruction(address).map(|bits| bits as usize);
        bits.map_err(as_fetch_fault)
    } else {
        memory.read_word(address)
    }
}
