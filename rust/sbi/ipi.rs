// SPDX-License-Identifier: GPL-2.0

//! The IPI extension (SBI v3.0, "IPI Extension").

use super::hart_mask;
use super::Call;
use super::Extension;
use super::FirmwareEvent;
use super::HartMask;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::VsInterrupt;

/// Inter-processor interrupts, as `kvm_sbi_ext_ipi_handler()`.
pub(crate) struct Ipi;

impl Ipi {
    /// FID 0.
    pub(crate) const SEND_IPI: usize = 0;
}

impl Extension for Ipi {
    const FIRST_ID: usize = 0x73_5049;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        match call.function {
            Self::SEND_IPI => {
                let harts = HartMask {
                    mask: call.a0,
                    base: call.a1,
                };
                send_ipi(vcpu, harts)
            }
            _ => Ok(Outcome::NOT_SUPPORTED),
        }
    }
}

/// Makes a software interrupt pending on each hart.
fn send_ipi(vcpu: &LoadedVcpu, harts: HartMask) -> Result<Outcome, Errno> {
    vcpu.count_firmware_event(FirmwareEvent::IpiSent);
    let exist = harts.visit(vcpu.vm(), |target| {
        target.set_interrupt(VsInterrupt::Software)?;
        target.count_firmware_event(FirmwareEvent::IpiReceived);
        Ok(())
    })?;
    Ok(hart_mask::valid(exist).into())
}
