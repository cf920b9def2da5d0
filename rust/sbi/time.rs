// SPDX-License-Identifier: GPL-2.0

//! The Timer extension (SBI v3.0, "Timer Extension").

use super::Call;
use super::Extension;
use super::FirmwareEvent;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// The clock's next event, as `kvm_sbi_ext_time_handler()`.
pub(crate) struct Time;

impl Time {
    /// FID 0.
    pub(crate) const SET_TIMER: usize = 0;
}

impl Extension for Time {
    const FIRST_ID: usize = 0x5449_4D45;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        match call.function {
            Self::SET_TIMER => {
                vcpu.count_firmware_event(FirmwareEvent::SetTimer);
                vcpu.set_timer(call.a0 as u64);
                Ok(Outcome::SUCCESS)
            }
            _ => Ok(Outcome::NOT_SUPPORTED),
        }
    }
}
