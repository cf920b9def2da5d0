// SPDX-License-Identifier: GPL-2.0

//! Virtual-instruction traps: instructions that the hart leaves to the hypervisor.

use super::csr;
use super::redirect::raise;
use super::unprivileged_read::read_instruction;
use super::Exception;
use super::Next;
use super::Trap;
use crate::isa::instruction_length;
use crate::isa::Instruction;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Statistic;

/// The length of WFI and WRS.NTO in bytes.
const LENGTH: usize = 4;

/// Handles a virtual-instruction trap, as `kvm_riscv_vcpu_virtual_insn()`.
#[inline]
pub(super) fn handle(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    match trap.stval {
        // The hart does not say which instruction it was.
        0 => read_and_emulate(vcpu, run),
        bits => emulate(vcpu, run, bits),
    }
}

#[cold]
#[inline(never)]
fn read_and_emulate(vcpu: &LoadedVcpu, run: &Run) -> Result<Next, Errno> {
    match read_instruction(vcpu) {
        // CAST: No bits are lost.
        Some(bits) => emulate(vcpu, run, bits as usize),
        None => Ok(Next::EnterGuest),
    }
}

/// Emulates the instruction `bits`, or raises that it is illegal.
#[inline]
fn emulate(vcpu: &LoadedVcpu, run: &Run, bits: usize) -> Result<Next, Errno> {
    // CAST: No instruction is longer than 32 bits.
    match decode(bits as u32) {
        Some(Instruction::Csr(access)) => csr::handle(vcpu, run, bits, access),
        // Not for VU-mode, where an interrupt might never come.
        Some(Instruction::Wfi) if vcpu.is_in_supervisor_mode() => wfi(vcpu),
        Some(Instruction::WrsNto) => wrs_nto(vcpu),
        _ => illegal(vcpu, bits),
    }
}

#[inline(never)]
fn wfi(vcpu: &LoadedVcpu) -> Result<Next, Errno> {
    vcpu.count(Statistic::WfiExits);
    wait_for_interrupt(vcpu);
    vcpu.advance_pc(LENGTH);
    Ok(Next::EnterGuest)
}

#[inline(never)]
fn wrs_nto(vcpu: &LoadedVcpu) -> Result<Next, Errno> {
    vcpu.count(Statistic::WrsExits);
    vcpu.yield_to_others();
    vcpu.advance_pc(LENGTH);
    Ok(Next::EnterGuest)
}

#[inline(never)]
fn illegal(vcpu: &LoadedVcpu, bits: usize) -> Result<Next, Errno> {
    raise(vcpu, Exception::IllegalInstruction, bits);
    Ok(Next::EnterGuest)
}

/// Decodes an instruction that can be in a virtual-instruction trap: none is compressed.
#[inline(always)]
fn decode(bits: u32) -> Option<Instruction> {
    if instruction_length(bits) == LENGTH {
        Instruction::decode(bits)
    } else {
        None
    }
}

/// Waits until the guest has an interrupt to take, as `kvm_riscv_vcpu_wfi()`.
///
/// Context: sleeps, with the VM's SRCU read lock dropped meanwhile; no spinlock may be held. A
/// signal or a kick ends it too.
pub(crate) fn wait_for_interrupt(vcpu: &LoadedVcpu) {
    if !vcpu.is_runnable() {
        vcpu.halt();
    }
}
