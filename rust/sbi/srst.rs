// SPDX-License-Identifier: GPL-2.0

//! The System Reset extension (SBI v3.0, "System Reset Extension").

use super::Call;
use super::Extension;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::SystemEvent;
use crate::kvm::Vm;

/// Shutdown and reboot, as `kvm_sbi_ext_srst_handler()`.
pub(crate) struct Srst;

impl Srst {
    /// FID 0.
    pub(crate) const SYSTEM_RESET: usize = 0;

    /// `reset_type`: power off.
    pub(crate) const SHUTDOWN: u32 = 0;
    /// `reset_type`: start again, all of it.
    pub(crate) const COLD_REBOOT: u32 = 1;
    /// `reset_type`: start again, the harts and perhaps more.
    pub(crate) const WARM_REBOOT: u32 = 2;

    /// `reset_reason`: none is given.
    pub(crate) const NO_REASON: u32 = 0;
    /// `reset_reason`: the guest has failed.
    pub(crate) const SYSTEM_FAILURE: u32 = 1;
    /// The first `reset_reason` that SBI implementations and, from 0xF0000000, platforms define.
    const FIRST_SPECIFIC_REASON: u32 = 0xE000_0000;
}

impl Extension for Srst {
    const FIRST_ID: usize = 0x5352_5354;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            Self::SYSTEM_RESET => match Reset::decode(call) {
                Ok(reset) => carry_out(vcpu, run, reset),
                Err(error) => Outcome::Return(Err(error)),
            },
            _ => Outcome::NOT_SUPPORTED,
        })
    }
}

/// A reset that user space is asked to carry out.
struct Reset {
    event: SystemEvent,
    reason: u32,
}

impl Reset {
    /// Reads `reset_type` and `reset_reason`.
    ///
    /// Reserved ones and platform-specific types are [`SbiError::InvalidParam`]: KVM implements
    /// none. Platform-specific reasons are the VMM's to know.
    fn decode(call: &Call) -> Result<Self, SbiError> {
        let event = match call.a0_32() {
            Srst::SHUTDOWN => SystemEvent::Shutdown,
            Srst::COLD_REBOOT | Srst::WARM_REBOOT => SystemEvent::Reset,
            _ => return Err(SbiError::InvalidParam),
        };
        let reason = match call.a1_32() {
            reason @ (Srst::NO_REASON
            | Srst::SYSTEM_FAILURE
            | Srst::FIRST_SPECIFIC_REASON..=u32::MAX) => reason,
            _ => return Err(SbiError::InvalidParam),
        };
        Ok(Self { event, reason })
    }
}

/// Stops the VM and tells user space why.
#[cold]
#[inline(never)]
fn carry_out(vcpu: &LoadedVcpu, run: &Run, reset: Reset) -> Outcome {
    stop_all(vcpu.vm());
    run.report_system_event(reset.event, reset.reason.into());
    Outcome::Exit
}

/// Stops every vCPU, as the beginning of `kvm_riscv_vcpu_sbi_system_reset()`.
///
/// The sweep is made twice, because an HSM hart_start in another vCPU's handler may start a hart that
/// the first one has passed. If it had its target's lock before the second sweep, that undoes it; if
/// it comes later, it finds its own vCPU stopped and refuses (Q3 of docs/differences.md).
pub(super) fn stop_all(vm: &Vm) {
    sweep(vm);
    vm.request_sleep();
    if sweep(vm) {
        vm.request_sleep();
    }
}

/// Marks every vCPU stopped and says whether one was not.
fn sweep(vm: &Vm) -> bool {
    vm.vcpus()
        .fold(false, |any, vcpu| vcpu.lock_mp_state().mark_stopped() | any)
}
