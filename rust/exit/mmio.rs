// SPDX-License-Identifier: GPL-2.0

//! Loads and stores where there is no memory: MMIO.

use super::redirect::raise;
use super::trapped_instruction::TrappedInstruction;
use super::Exception;
use super::Next;
use super::Trap;
use crate::isa::Extend;
use crate::isa::Instruction;
use crate::isa::Load;
use crate::isa::Register;
use crate::isa::Store;
use crate::isa::Width;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Statistic;

/// Where a load puts what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// rd.
    pub(crate) register: Register,
    /// How much is read.
    pub(crate) width: Width,
    /// What the rest of rd becomes.
    pub(crate) extend: Extend,
}

impl Destination {
    /// `data`, of which only the lowest bytes count, as the instruction leaves it in rd.
    #[inline]
    fn value(&self, data: u64) -> usize {
        // The bits that the load leaves to be filled; below 64.
        let rest = (64 - 8 * self.width.bytes()) & 63;
        let top = data << rest;
        // CAST: For a shift that copies the sign, and back. A register is 64 bits wide.
        match self.extend {
            Extend::Sign => ((top as i64) >> rest) as usize,
            Extend::Zero => (top >> rest) as usize,
        }
    }
}

/// An access that user space is performing.
///
/// It is the kernel's own record: nothing of it is read back from the run structure, which the VMM
/// can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PendingMmio {
    /// Where the guest was. If it is elsewhere when user space is done, somebody has moved it.
    pub(crate) pc: usize,
    /// The length of the instruction in bytes.
    pub(crate) length: usize,
    /// `None` for a store.
    pub(crate) destination: Option<Destination>,
}

/// Emulates a load that faulted, as `kvm_riscv_vcpu_mmio_load()`.
#[inline(never)]
pub(super) fn load(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    match TrappedInstruction::transformed(trap) {
        Some(trapped) => match trapped.load(trap) {
            Some(load) => perform_load(vcpu, run, trap, &load, trapped.length),
            None => fault(vcpu, trap, Exception::LoadAccessFault),
        },
        None => read_and_load(vcpu, run, trap),
    }
}

#[cold]
#[inline(never)]
fn read_and_load(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    match TrappedInstruction::read(vcpu, trap) {
        Some(trapped) => match trapped.load(trap) {
            Some(load) => perform_load(vcpu, run, trap, &load, trapped.length),
            None => fault(vcpu, trap, Exception::LoadAccessFault),
        },
        None => Ok(Next::EnterGuest),
    }
}

/// Performs a load by an instruction of `length` bytes, or has user space perform it.
#[inline(always)]
fn perform_load(
    vcpu: &LoadedVcpu,
    run: &Run,
    trap: &Trap,
    load: &Load,
    length: usize,
) -> Result<Next, Errno> {
    let address = trap.guest_physical_address();
    let destination = Destination {
        register: load.rd,
        width: load.width,
        extend: load.extend,
    };

    if let Some(data) = vcpu.read_bus(address, load.width) {
        vcpu.count(Statistic::MmioExitKernel);
        vcpu.set_register(destination.register, destination.value(data));
        vcpu.advance_pc(length);
        return Ok(Next::EnterGuest);
    }

    vcpu.set_pending_mmio(PendingMmio {
        pc: vcpu.pc(),
        length,
        destination: Some(destination),
    });
    run.report_mmio_load(address, load.width);
    vcpu.count(Statistic::MmioExitUser);
    Ok(Next::ExitToUserSpace)
}

/// Emulates a store that faulted, as `kvm_riscv_vcpu_mmio_store()`.
#[inline(never)]
pub(super) fn store(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    match TrappedInstruction::transformed(trap) {
        Some(trapped) => match trapped.store(trap) {
            Some(store) => perform_store(vcpu, run, trap, &store, trapped.length),
            None => fault(vcpu, trap, Exception::StoreAccessFault),
        },
        None => read_and_store(vcpu, run, trap),
    }
}

#[cold]
#[inline(never)]
fn read_and_store(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Result<Next, Errno> {
    match TrappedInstruction::read(vcpu, trap) {
        Some(trapped) => match trapped.store(trap) {
            Some(store) => perform_store(vcpu, run, trap, &store, trapped.length),
            None => fault(vcpu, trap, Exception::StoreAccessFault),
        },
        None => Ok(Next::EnterGuest),
    }
}

/// Performs a store by an instruction of `length` bytes, or has user space perform it.
#[inline(always)]
fn perform_store(
    vcpu: &LoadedVcpu,
    run: &Run,
    trap: &Trap,
    store: &Store,
    length: usize,
) -> Result<Next, Errno> {
    let address = trap.guest_physical_address();
    // CAST: A register is 64 bits wide.
    let data = vcpu.register(store.rs2) as u64;

    if vcpu.write_bus(address, store.width, data) {
        vcpu.count(Statistic::MmioExitKernel);
        vcpu.advance_pc(length);
        return Ok(Next::EnterGuest);
    }

    vcpu.set_pending_mmio(PendingMmio {
        pc: vcpu.pc(),
        length,
        destination: None,
    });
    run.report_mmio_store(address, store.width, data);
    vcpu.count(Statistic::MmioExitUser);
    Ok(Next::ExitToUserSpace)
}

#[cold]
#[inline(never)]
fn fault(vcpu: &LoadedVcpu, trap: &Trap, exception: Exception) -> Result<Next, Errno> {
    raise(vcpu, exception, trap.stval);
    Ok(Next::EnterGuest)
}

impl TrappedInstruction {
    /// The load, if it is one that a device could see.
    #[inline(always)]
    fn load(&self, trap: &Trap) -> Option<Load> {
        match self.instruction {
            Some(Instruction::Load(load)) if self.is_whole(trap, load.width) => Some(load),
            _ => None,
        }
    }

    /// The store, if it is one that a device could see.
    #[inline(always)]
    fn store(&self, trap: &Trap) -> Option<Store> {
        match self.instruction {
            Some(Instruction::Store(store)) if self.is_whole(trap, store.width) => Some(store),
            _ => None,
        }
    }

    /// Whether the access is aligned, and all of it on one page.
    #[inline(always)]
    fn is_whole(&self, trap: &Trap, width: Width) -> bool {
        trap.guest_physical_address() & (width.bytes() - 1) == 0 && !self.is_part_way
    }
}

/// Ends the access that user space has performed, as `kvm_riscv_vcpu_mmio_return()`.
///
/// Nothing happens if there is none, or the guest is no longer there: a reset, or a VMM that has set
/// the pc, decides where the guest goes on.
///
/// Context: as [`HeldVcpu`]: the vCPU is not loaded.
pub(crate) fn complete_mmio(vcpu: &HeldVcpu, run: &Run) {
    let Some(pending) = vcpu.take_pending_mmio() else {
        return;
    };
    if pending.pc != vcpu.pc() {
        return;
    }
    if let Some(destination) = pending.destination {
        vcpu.set_register(destination.register, destination.value(run.mmio_data()));
    }
    vcpu.advance_pc(pending.length);
}
