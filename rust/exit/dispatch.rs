// SPDX-License-Identifier: GPL-2.0

//! Trap dispatch: which trap is handled where.

use super::g_stage_fault;
use super::redirect;
use super::virtual_instruction;
use super::Exception;
use super::Next;
use super::Trap;
use super::Verdict;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Statistic;
use crate::sbi::handle_call;
use crate::sbi::FirmwareEvent;

/// Handles the trap that a guest left with, as `kvm_riscv_vcpu_exit()`.
///
/// Each kind of exit is a call of its own that hands its result through as it is, so that this
/// function keeps nothing over it, and the frequent exits need not save what the rare ones do.
///
/// Context: as [`LoadedVcpu`]; may sleep.
#[inline]
pub(crate) fn handle_exit(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Verdict {
    // It has been handled when interrupts were enabled again.
    if trap.is_interrupt() {
        return match trap.scause {
            Trap::NOT_ENTERED => not_entered(vcpu, run, trap),
            _ => Verdict::ENTER_GUEST,
        };
    }
    run.forget_exit_reason();

    // Without hstatus.SPV it is not the guest that trapped.
    let guest = vcpu.trapped_in_guest();
    // By far the most frequent.
    if trap.scause == Exception::EnvironmentCallFromVs.code() && guest {
        return sbi_call(vcpu, run, trap);
    }
    match trap.exception() {
        Some(
            Exception::LoadGuestPageFault
            | Exception::StoreGuestPageFault
            | Exception::InstructionGuestPageFault,
        ) if guest => guest_page_fault(vcpu, run, trap),
        Some(Exception::VirtualInstruction) if guest => virtual_instruction(vcpu, run, trap),
        Some(Exception::Breakpoint) if guest => {
            run.report_debug();
            Verdict::EXIT_TO_USER_SPACE
        }
        _ => other(vcpu, trap, guest),
    }
}

/// Tells user space that the hypervisor beneath refuses to enter the guest, which is where it was.
#[cold]
#[inline(never)]
fn not_entered(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Verdict {
    run.report_fail_entry(trap.stval, vcpu.last_exit_cpu());
    Verdict::EXIT_TO_USER_SPACE
}

/// What the run loop is told, with what ends `KVM_RUN` said in the log; a signal is not.
#[inline(always)]
fn verdict(vcpu: &LoadedVcpu, trap: &Trap, result: Result<Next, Errno>) -> Verdict {
    if let Err(errno) = result {
        if errno != Errno::EINTR {
            vcpu.report_exit_error(errno, trap);
        }
    }
    result.into()
}

#[inline(never)]
fn sbi_call(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Verdict {
    verdict(vcpu, trap, handle_call(vcpu, run))
}

#[inline(never)]
fn guest_page_fault(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Verdict {
    verdict(vcpu, trap, g_stage_fault::handle(vcpu, run, trap))
}

#[inline(never)]
fn virtual_instruction(vcpu: &LoadedVcpu, run: &Run, trap: &Trap) -> Verdict {
    verdict(vcpu, trap, virtual_instruction::handle(vcpu, run, trap))
}

/// Any other exception: `guest` says whether it was the guest that trapped.
#[inline(never)]
fn other(vcpu: &LoadedVcpu, trap: &Trap, guest: bool) -> Verdict {
    verdict(vcpu, trap, give_back(vcpu, trap, guest))
}

/// Counts an exception and gives it back to the guest, if it is one of its.
fn give_back(vcpu: &LoadedVcpu, trap: &Trap, guest: bool) -> Result<Next, Errno> {
    let Some(exception) = trap.exception() else {
        return Err(Errno::EFAULT);
    };
    count(vcpu, exception);
    if !guest || !is_for_guest(exception) {
        return Err(Errno::EFAULT);
    }
    redirect(vcpu, trap);
    Ok(Next::EnterGuest)
}

/// Exceptions that go to the guest's own handler when they are not delegated to it.
fn is_for_guest(exception: Exception) -> bool {
    matches!(
        exception,
        Exception::InstructionAccessFault
            | Exception::IllegalInstruction
            | Exception::LoadAddressMisaligned
            | Exception::LoadAccessFault
            | Exception::StoreAddressMisaligned
            | Exception::StoreAccessFault
    )
}

/// Counts an exception in the statistics and as a firmware event, where it counts.
fn count(vcpu: &LoadedVcpu, exception: Exception) {
    let (event, statistic) = match exception {
        Exception::IllegalInstruction => (
            FirmwareEvent::IllegalInstruction,
            Statistic::IllegalInstructionExits,
        ),
        Exception::LoadAddressMisaligned => (
            FirmwareEvent::MisalignedLoad,
            Statistic::LoadMisalignedExits,
        ),
        Exception::LoadAccessFault => (FirmwareEvent::AccessLoad, Statistic::LoadAccessExits),
        Exception::StoreAddressMisaligned => (
            FirmwareEvent::MisalignedStore,
            Statistic::StoreMisalignedExits,
        ),
        Exception::StoreAccessFault => (FirmwareEvent::AccessStore, Statistic::StoreAccessExits),
        _ => return,
    };
    vcpu.count_firmware_event(event);
    vcpu.count(statistic);
}
