// SPDX-License-Identifier: GPL-2.0

//! CSR accesses that KVM or user space emulates.

use super::csr_number::CYCLE;
use super::csr_number::HPMCOUNTER31;
use super::csr_number::SEED;
use super::csr_number::SIREG;
use super::csr_number::STOPEI;
use super::redirect::raise;
use super::Exception;
use super::Next;
use crate::isa::CsrAccess;
use crate::isa::CsrNumber;
use crate::isa::CsrOperation;
use crate::isa::CsrSource;
use crate::isa::Register;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Statistic;
use crate::sbi::read_counter_csr;

/// All CSR instructions are four bytes long.
const LENGTH: usize = 4;

/// What the emulation of a CSR comes to, as `enum kvm_insn_return`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrEmulation {
    /// Done; the old value.
    Done(usize),
    /// The instruction is to be executed again.
    Retry,
    /// User space knows.
    ExitToUserSpace,
    /// There is no such CSR, or it may not be accessed so.
    IllegalInstruction,
    /// The guest's own hypervisor would know.
    VirtualInstruction,
}

/// A CSR access that user space is performing. Like
/// [`PendingMmio`](super::PendingMmio), the kernel's own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PendingCsrAccess {
    /// Where the guest was.
    pub(crate) pc: usize,
    /// Where the old value goes.
    pub(crate) rd: Register,
}

/// The new value of a CSR where the mask has ones.
struct Write {
    value: usize,
    mask: usize,
}

impl Write {
    #[inline]
    fn new(vcpu: &LoadedVcpu, access: CsrAccess) -> Self {
        let source = match access.source {
            CsrSource::Register(register) => vcpu.register(register),
            CsrSource::Immediate(immediate) => immediate.into(),
        };
        match access.operation {
            CsrOperation::Write => Self {
                value: source,
                mask: usize::MAX,
            },
            CsrOperation::Set => Self {
                value: usize::MAX,
                mask: source,
            },
            CsrOperation::Clear => Self {
                value: 0,
                mask: source,
            },
        }
    }
}

/// Emulates a CSR access, as `csr_insn()`. `bits` is the instruction.
#[inline(never)]
pub(super) fn handle(
    vcpu: &LoadedVcpu,
    run: &Run,
    bits: usize,
    access: CsrAccess,
) -> Result<Next, Errno> {
    let csr = access.csr.number();
    let write = Write::new(vcpu, access);

    let emulation = if may_access(vcpu, access.csr) {
        emulate(vcpu, csr, &write)
    } else {
        Ok(CsrEmulation::IllegalInstruction)
    };
    match emulation {
        Ok(CsrEmulation::Done(value)) => {
            vcpu.count(Statistic::CsrExitKernel);
            vcpu.set_register(access.rd, value);
            vcpu.advance_pc(LENGTH);
            Ok(Next::EnterGuest)
        }
        Ok(CsrEmulation::Retry) => Ok(Next::EnterGuest),
        Ok(CsrEmulation::IllegalInstruction) => {
            raise(vcpu, Exception::IllegalInstruction, bits);
            Ok(Next::EnterGuest)
        }
        Ok(CsrEmulation::VirtualInstruction) => {
            raise(vcpu, Exception::VirtualInstruction, bits);
            Ok(Next::EnterGuest)
        }
        Ok(CsrEmulation::ExitToUserSpace) => {
            vcpu.set_pending_csr_access(PendingCsrAccess {
                pc: vcpu.pc(),
                rd: access.rd,
            });
            run.report_csr_access(csr, write.value, write.mask);
            vcpu.count(Statistic::CsrExitUser);
            Ok(Next::ExitToUserSpace)
        }
        Err(errno) => Err(errno),
    }
}

/// Whether the guest's privilege mode allows the access.
///
/// An access of VU-mode that VS-mode might have made is a virtual-instruction trap like one of
/// VS-mode: the hart leaves the difference to the hypervisor.
fn may_access(vcpu: &LoadedVcpu, csr: CsrNumber) -> bool {
    if vcpu.is_in_supervisor_mode() {
        return true;
    }
    match csr.number() {
        counter @ CYCLE..=HPMCOUNTER31 => (vcpu.scounteren() >> (counter - CYCLE)) & 1 != 0,
        _ => csr.lowest_privilege() == 0,
    }
}

/// Emulates an access in the kernel, if it can.
fn emulate(vcpu: &LoadedVcpu, csr: usize, write: &Write) -> Result<CsrEmulation, Errno> {
    match csr {
        SIREG => vcpu.access_sireg(write.value, write.mask),
        STOPEI => vcpu.access_stopei(write.value, write.mask),
        CYCLE..=HPMCOUNTER31 => Ok(read_counter_csr(vcpu, csr, write.mask)),
        SEED if vcpu.has_zkr() => Ok(CsrEmulation::ExitToUserSpace),
        _ => Ok(CsrEmulation::IllegalInstruction),
    }
}

/// Ends the access that user space has performed, as `kvm_riscv_vcpu_csr_return()`.
///
/// Nothing happens if there is none, or the guest is no longer there.
///
/// Context: as [`HeldVcpu`]: the vCPU is not loaded.
pub(crate) fn complete_csr_access(vcpu: &HeldVcpu, run: &Run) {
    let Some(pending) = vcpu.take_pending_csr_access() else {
        return;
    };
    if pending.pc == vcpu.pc() {
        vcpu.set_register(pending.rd, run.csr_value());
        vcpu.advance_pc(LENGTH);
    }
}
