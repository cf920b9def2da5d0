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

/// FID 0.
const SYSTEM_RESET: usize = 0;

/// Shutdown and reboot, as `kvm_sbi_ext_srst_handler()`.
pub(crate) struct Srst;

impl Extension for Srst {
    const FIRST_ID: usize = 0x5352_5354;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            SYSTEM_RESET => match Reset::decode(call) {
                Ok(reset) => {
                    stop_all(vcpu.vm());
                    run.report_system_event(reset.event, reset.reason.into());
                    Outcome::Exit
                }
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
            // Shutdown.
            0 => SystemEvent::Shutdown,
            // Cold and warm reboot.
            1 | 2 => SystemEvent::Reset,
            _ => return Err(SbiError::InvalidParam),
        };
        let reason = match call.a1_32() {
            // No reason, system failure, those of SBI implementations and of platforms.
            reason @ (0 | 1 | 0xE000_0000..=0xFFFF_FFFF) => reason,
            _ => return Err(SbiError::InvalidParam),
        };
        Ok(Self { event, reason })
    }
}

/// Stops every vCPU, as the beginning of `kvm_riscv_vcpu_sbi_system_reset()`.
///
/// An HSM hart_start in the handler of another vCPU may start a hart that the sweep has passed, so
/// the sweep is made again; it costs nothing more where nobody was started (Q3 of
/// docs/differences.md says what is left open).
fn stop_all(vm: &Vm) {
    sweep(vm);
    vm.request_sleep();
    if sweep(vm) {
        vm.request_sleep();
    }
}

/// Marks every vCPU stopped and says whether one was not.
fn sweep(vm: &Vm) -> bool {
    vm.vcpus()
        .fold(false, |any, vcpu| vcpu.mark_stopped() | any)
}
