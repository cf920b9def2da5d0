// SPDX-License-Identifier: GPL-2.0

//! The Hart State Management extension (SBI v3.0, "Hart State Management Extension").

use super::Call;
use super::Extension;
use super::Outcome;
use super::SbiError;
use crate::exit::wait_for_interrupt;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Harts that start, stop and wait, as `kvm_sbi_ext_hsm_handler()`.
pub(crate) struct Hsm;

impl Hsm {
    /// FID 0.
    pub(crate) const HART_START: usize = 0;
    /// FID 1.
    pub(crate) const HART_STOP: usize = 1;
    /// FID 2.
    pub(crate) const HART_GET_STATUS: usize = 2;
    /// FID 3.
    pub(crate) const HART_SUSPEND: usize = 3;

    /// `suspend_type`: wait for an interrupt and go on behind the call.
    pub(crate) const RETENTIVE: u32 = 0;
    /// `suspend_type`: wait for an interrupt and begin anew at `resume_addr`.
    pub(crate) const NON_RETENTIVE: u32 = 0x8000_0000;
}

/// The state of a hart, as hart_get_status tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum HartState {
    /// It executes, or would if there were a CPU for it.
    Started = 0,
    /// It does not, until somebody starts it.
    Stopped = 1,
    /// It waits for an interrupt.
    Suspended = 4,
}

impl Extension for Hsm {
    const FIRST_ID: usize = 0x48_534D;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            Self::HART_START => start(vcpu, call.a0, call.a1, call.a2).into(),
            Self::HART_STOP => stop(vcpu).into(),
            Self::HART_GET_STATUS => Outcome::Return(state(vcpu, call.a0).map(|is| is as usize)),
            Self::HART_SUSPEND => suspend(vcpu, call.a0_32()).into(),
            _ => Outcome::NOT_SUPPORTED,
        })
    }
}

/// Starts the stopped hart `id` at the physical address `start_addr` with `opaque` in a1.
fn start(vcpu: &LoadedVcpu, id: usize, start_addr: usize, opaque: usize) -> Result<(), SbiError> {
    let target = vcpu.vm().vcpu_by_id(id).ok_or(SbiError::InvalidParam)?;
    // Also without the lock that is what it was at some moment of the call.
    if !target.is_stopped() {
        return Err(SbiError::AlreadyAvailable);
    }
    let mp_state = target.lock_mp_state();

    if !target.is_stopped() {
        return Err(SbiError::AlreadyAvailable);
    }
    if !vcpu.vm().has_memory_at(start_addr) {
        return Err(SbiError::InvalidAddress);
    }
    // A system reset has stopped the caller while it was on its way here. The reset sweeps over all
    // harts a second time: either that sweep waits for this lock and stops the target again, or this
    // sees what the first has done (Q3 of docs/differences.md).
    if vcpu.is_stopped() {
        return Err(SbiError::Failed);
    }
    mp_state.request_reset(start_addr, opaque);
    mp_state.power_on();
    Ok(())
}

/// Stops the caller, which does not come back from the call.
fn stop(vcpu: &LoadedVcpu) -> Result<(), SbiError> {
    let mp_state = vcpu.lock_mp_state();
    if vcpu.is_stopped() {
        return Err(SbiError::Failed);
    }
    mp_state.power_off();
    Ok(())
}

/// The state of the hart `id`. One that waits in WFI counts as suspended, as in C.
fn state(vcpu: &LoadedVcpu, id: usize) -> Result<HartState, SbiError> {
    let target = vcpu.vm().vcpu_by_id(id).ok_or(SbiError::InvalidParam)?;
    Ok(if target.is_stopped() {
        HartState::Stopped
    } else if target.is_blocking() {
        HartState::Suspended
    } else {
        HartState::Started
    })
}

/// Waits for an interrupt, or says why not.
fn suspend(vcpu: &LoadedVcpu, suspend_type: u32) -> Result<(), SbiError> {
    match suspend_type {
        Hsm::RETENTIVE => {
            wait_for_interrupt(vcpu);
            Ok(())
        }
        Hsm::NON_RETENTIVE => Err(SbiError::NotSupported),
        _ => Err(SbiError::InvalidParam),
    }
}
