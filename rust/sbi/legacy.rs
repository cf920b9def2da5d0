// SPDX-License-Identifier: GPL-2.0

//! The legacy extensions, version 0.1 (SBI v3.0, "Legacy Extensions").

use super::dispatch::forward;
use super::legacy_hart_mask;
use super::legacy_hart_mask::Reading;
use super::rfence;
use super::srst;
use super::Asid;
use super::Call;
use super::Extension;
use super::Fence;
use super::FenceRange;
use super::HartMask;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::SystemEvent;
use crate::kvm::VsInterrupt;
use crate::kvm::HAS_LEGACY;

/// Everything of the first version, as `kvm_sbi_ext_v01_handler()`.
///
/// What a call returns is in a0, and a1 stays.
pub(crate) struct Legacy;

impl Legacy {
    /// EID 0.
    pub(crate) const SET_TIMER: usize = 0;
    /// EID 1.
    pub(crate) const CONSOLE_PUTCHAR: usize = 1;
    /// EID 2.
    pub(crate) const CONSOLE_GETCHAR: usize = 2;
    /// EID 3.
    pub(crate) const CLEAR_IPI: usize = 3;
    /// EID 4.
    pub(crate) const SEND_IPI: usize = 4;
    /// EID 5.
    pub(crate) const REMOTE_FENCE_I: usize = 5;
    /// EID 7.
    pub(crate) const REMOTE_SFENCE_VMA_ASID: usize = 7;
    /// EID 8.
    pub(crate) const SHUTDOWN: usize = 8;

    /// Whether calls of this extension leave a1 alone.
    pub(super) fn has_id(id: usize) -> bool {
        Self::IS_BUILT && (Self::FIRST_ID..=Self::LAST_ID).contains(&id)
    }
}

impl Extension for Legacy {
    const FIRST_ID: usize = Self::SET_TIMER;
    const LAST_ID: usize = Self::SHUTDOWN;
    const IS_BUILT: bool = HAS_LEGACY;

    #[inline(never)]
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        let extension = vcpu.sbi_extension_id();
        match extension {
            Self::SET_TIMER => {
                vcpu.set_timer(call.a0 as u64);
                Ok(Outcome::LegacyReturn(0))
            }
            Self::CONSOLE_PUTCHAR | Self::CONSOLE_GETCHAR => Ok(forward(vcpu, run)),
            Self::CLEAR_IPI => {
                let was_pending = vcpu.is_pending(VsInterrupt::Software);
                vcpu.clear_interrupt(VsInterrupt::Software)?;
                Ok(Outcome::LegacyReturn(was_pending.into()))
            }
            Self::SHUTDOWN => {
                srst::stop_all(vcpu.vm());
                run.report_system_event(SystemEvent::Shutdown, 0);
                Ok(Outcome::Exit)
            }
            _ => for_harts(extension, call, vcpu),
        }
    }
}

/// Does to the harts of the mask at a0 what `extension` says. NULL stands for all harts.
///
/// Harts that do not exist are left out: the first version has no errors.
fn for_harts(extension: usize, call: &Call, vcpu: &LoadedVcpu) -> Result<Outcome, Errno> {
    if call.a0 == 0 {
        act(extension, call, vcpu, HartMask::ALL)?;
        return Ok(Outcome::LegacyReturn(0));
    }
    let act_on = |harts| act(extension, call, vcpu, harts);
    Ok(match legacy_hart_mask::for_each(vcpu, call.a0, act_on)? {
        Reading::Done(()) => Outcome::LegacyReturn(0),
        Reading::Retry => Outcome::Retry,
        Reading::Fault(trap) => Outcome::Redirect(trap),
    })
}

fn act(extension: usize, call: &Call, vcpu: &LoadedVcpu, harts: HartMask) -> Result<(), Errno> {
    let asid = match extension {
        Legacy::SEND_IPI => {
            harts.visit(vcpu.vm(), |target| {
                target.set_interrupt(VsInterrupt::Software)
            })?;
            return Ok(());
        }
        Legacy::REMOTE_FENCE_I => {
            let _ = rfence::request_fence_i(vcpu.vm(), harts);
            return Ok(());
        }
        Legacy::REMOTE_SFENCE_VMA_ASID => Some(Asid::from_register(call.a3)),
        // EID 6, remote_sfence_vma, is the only one left.
        _ => None,
    };
    let fence = Fence {
        range: FenceRange::new(call.a1, call.a2),
        asid,
    };
    let _ = rfence::request(vcpu.vm(), harts, fence);
    Ok(())
}
