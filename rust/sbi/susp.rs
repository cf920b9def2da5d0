// SPDX-License-Identifier: GPL-2.0

//! The System Suspend extension (SBI v3.0, "System Suspend Extension").

use super::dispatch::forward;
use super::Call;
use super::Extension;
use super::ExtensionState;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Suspend to RAM, which user space carries out, as `kvm_sbi_ext_susp_handler()`.
pub(crate) struct Susp;

impl Susp {
    /// FID 0.
    pub(crate) const SYSTEM_SUSPEND: usize = 0;

    /// `sleep_type`: suspend to RAM.
    pub(crate) const SUSPEND_TO_RAM: u32 = 0;
}

impl Extension for Susp {
    const FIRST_ID: usize = 0x5355_5350;
    const DEFAULT_STATE: ExtensionState = ExtensionState::Disabled;

    #[inline(never)]
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            Self::SYSTEM_SUSPEND => match check(vcpu, call) {
                Ok(()) => forward(vcpu, run),
                Err(error) => Outcome::Return(Err(error)),
            },
            _ => Outcome::NOT_SUPPORTED,
        })
    }
}

/// Whether the system may be suspended now, to be resumed at `resume_addr`.
///
/// A hart that is started meanwhile is not noticed, as in C: user space can look again.
fn check(vcpu: &LoadedVcpu, call: &Call) -> Result<(), SbiError> {
    if call.a0_32() != Susp::SUSPEND_TO_RAM {
        return Err(SbiError::InvalidParam);
    }
    if !vcpu.is_in_supervisor_mode() {
        return Err(SbiError::Failed);
    }
    if !vcpu.vm().has_memory_at(call.a1) {
        return Err(SbiError::InvalidAddress);
    }
    let others_are_stopped = vcpu
        .vm()
        .vcpus()
        .all(|other| other.id() == vcpu.id() || other.is_stopped());
    if others_are_stopped {
        Ok(())
    } else {
        Err(SbiError::Denied)
    }
}

/// If user space has suspended and resumed the system for this call, makes the hart begin at
/// `resume_addr` with `opaque` in a1. Nothing for another call.
///
/// C asks for the reset before user space has its say; then the guest never learns of an error (P1
/// of docs/differences.md).
pub(super) fn resume(vcpu: &HeldVcpu) {
    let call = vcpu.sbi_call();
    let is_suspend =
        vcpu.sbi_extension_id() == Susp::FIRST_ID && call.function == Susp::SYSTEM_SUSPEND;
    if is_suspend {
        vcpu.request_resume(call.a1, call.a2);
    }
}
