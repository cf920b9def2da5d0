// SPDX-License-Identifier: GPL-2.0

//! From an `ecall` to its answer.

use super::registry::Kind;
use super::Legacy;
use super::Outcome;
use crate::exit::redirect;
use crate::exit::Next;
use crate::exit::Trap;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// The length of an `ecall` in bytes.
const LENGTH: usize = 4;

/// Answers the SBI call that the guest has made, as `kvm_riscv_vcpu_sbi_ecall()`.
///
/// Context: as [`LoadedVcpu`]; may sleep.
#[inline]
pub(crate) fn handle_call(vcpu: &LoadedVcpu, run: &Run) -> Result<Next, Errno> {
    let outcome = match Kind::of_id(vcpu.sbi_extension_id()) {
        Some(kind) if kind.is_enabled(vcpu) => kind.handle(&vcpu.sbi_call(), vcpu, run)?,
        _ => Outcome::NOT_SUPPORTED,
    };

    match outcome {
        Outcome::Return(Ok(value)) => vcpu.set_sbi_return(0, value),
        Outcome::Return(Err(error)) => vcpu.set_sbi_return(error.to_register(), 0),
        Outcome::LegacyReturn(value) => vcpu.set_legacy_sbi_return(value),
        Outcome::Redirect(trap) => {
            redirect(
                vcpu,
                &Trap {
                    sepc: vcpu.pc(),
                    ..trap
                },
            );
            return Ok(Next::EnterGuest);
        }
        Outcome::Retry => return Ok(Next::EnterGuest),
        Outcome::Exit => return Ok(Next::ExitToUserSpace),
    }
    vcpu.advance_pc(LENGTH);
    Ok(Next::EnterGuest)
}

/// Hands the guest's call to user space, which is to answer it; what it leaves alone is
/// SBI_ERR_NOT_SUPPORTED. As `kvm_riscv_vcpu_sbi_forward_handler()`.
///
/// Context: as [`LoadedVcpu`].
pub(super) fn forward(vcpu: &LoadedVcpu, run: &Run) -> Outcome {
    vcpu.set_pending_sbi_call();
    vcpu.report_sbi_call(run);
    Outcome::Exit
}

/// Ends the call that user space has answered, as `kvm_riscv_vcpu_sbi_return()`.
///
/// Nothing happens if there is none, or the guest is no longer there: a reset, or a VMM that has set
/// the pc, decides where the guest goes on.
///
/// Context: as [`HeldVcpu`]: the vCPU is not loaded.
pub(crate) fn complete_call(vcpu: &HeldVcpu, run: &Run) {
    if !vcpu.take_pending_sbi_call() {
        return;
    }
    let (error, value) = run.sbi_answer();
    if error == 0 {
        // Until the reset, which is not saved with a vCPU, the call has returned all the same.
        super::susp::resume(vcpu);
    }
    if Legacy::has_id(vcpu.sbi_extension_id()) {
        vcpu.set_legacy_sbi_return(error);
    } else {
        vcpu.set_sbi_return(error, value);
    }
    vcpu.advance_pc(LENGTH);
}
