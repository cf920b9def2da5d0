// SPDX-License-Identifier: GPL-2.0

//! The Steal-time Accounting extension (SBI v3.0, "Steal-time Accounting Extension").

use super::Call;
use super::Extension;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::StealTime;
use crate::kvm::HAS_RUN_DELAY;

/// The time that a hart would have run, had the host let it, as `vcpu_sbi_sta.c`.
pub(crate) struct Sta;

impl Sta {
    /// FID 0.
    pub(crate) const SET_SHMEM: usize = 0;

    /// Both halves of the address: no shared memory.
    const NO_SHMEM: usize = usize::MAX;

    /// The state register with the lower half of the address.
    pub(crate) const SHMEM_LO: usize = 0;
    /// The state register with the upper half, which is 0 on RV64.
    pub(crate) const SHMEM_HI: usize = 1;
    /// How many state registers there are.
    pub(crate) const REGISTERS: usize = 2;
}

/// Where in guest physical memory a guest wants its steal time.
///
/// It is aligned to its size, so it lies within one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StealTimeArea(usize);

impl StealTimeArea {
    /// Its size in bytes, and its alignment.
    pub(crate) const SIZE: usize = 64;
    /// Where in it the sequence number is, 32 bits.
    pub(crate) const SEQUENCE: usize = 0;
    /// Where in it the steal time is, 64 bits.
    pub(crate) const STEAL: usize = 8;

    /// The area at this address, if it is aligned.
    pub(crate) fn at(address: usize) -> Option<Self> {
        (address & (Self::SIZE - 1) == 0).then_some(Self(address))
    }

    /// The address.
    pub(crate) fn address(self) -> usize {
        self.0
    }
}

impl Extension for Sta {
    const FIRST_ID: usize = 0x53_5441;
    const STATE_SUBTYPE: Option<usize> = Some(0);

    fn is_available(_vcpu: &HeldVcpu) -> bool {
        HAS_RUN_DELAY
    }

    fn reset(vcpu: &HeldVcpu) {
        vcpu.set_steal_time_area(None);
        vcpu.set_last_run_delay(0);
    }

    fn state_register_count(_vcpu: &HeldVcpu) -> usize {
        Self::REGISTERS
    }

    fn get_state(vcpu: &HeldVcpu, number: usize) -> Result<usize, Errno> {
        match number {
            Self::SHMEM_LO => Ok(vcpu
                .steal_time_area()
                .map_or(Self::NO_SHMEM, StealTimeArea::address)),
            Self::SHMEM_HI => Ok(0),
            _ => Err(Errno::ENOENT),
        }
    }

    fn set_state(vcpu: &HeldVcpu, number: usize, value: usize) -> Result<(), Errno> {
        match (number, value) {
            (Self::SHMEM_LO, Self::NO_SHMEM) => vcpu.set_steal_time_area(None),
            (Self::SHMEM_LO, address) => {
                let area = StealTimeArea::at(address).ok_or(Errno::EINVAL)?;
                vcpu.set_steal_time_area(Some(area));
            }
            // C forgets the address here, which has just been restored (A3).
            (Self::SHMEM_HI, 0) => {}
            (Self::SHMEM_HI, _) => return Err(Errno::EINVAL),
            _ => return Err(Errno::ENOENT),
        }
        Ok(())
    }

    #[inline(never)]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            Self::SET_SHMEM => set_shmem(vcpu, call.a0, call.a1, call.a2).into(),
            _ => Outcome::NOT_SUPPORTED,
        })
    }
}

/// Begins to tell the guest its steal time at this address, or ends to.
fn set_shmem(vcpu: &LoadedVcpu, lo: usize, hi: usize, flags: usize) -> Result<(), SbiError> {
    // All of the register: C looks at its lower half (A1).
    if flags != 0 {
        return Err(SbiError::InvalidParam);
    }
    if (lo, hi) == (Sta::NO_SHMEM, Sta::NO_SHMEM) {
        vcpu.set_steal_time_area(None);
        return Ok(());
    }
    let area = StealTimeArea::at(lo).ok_or(SbiError::InvalidParam)?;
    if hi != 0 || vcpu.clear_steal_time(area).is_err() {
        return Err(SbiError::InvalidAddress);
    }
    vcpu.set_steal_time_area(Some(area));
    vcpu.set_last_run_delay(vcpu.run_delay());
    Ok(())
}

/// Tells the guest how much time it lost, as `kvm_riscv_vcpu_record_steal_time()`.
///
/// Where there is no memory any more, that ends.
///
/// Context: as [`LoadedVcpu`]; sleeps.
pub(crate) fn record_steal_time(vcpu: &LoadedVcpu) {
    let Some(area) = vcpu.steal_time_area() else {
        return;
    };
    // A signal brings the thread of a stopped hart here too. "The SBI implementation MUST stop
    // writing to the shared memory when the supervisor-mode software is not runnable" (A2).
    if vcpu.is_stopped() {
        return;
    }
    match vcpu.steal_time(area) {
        Some(shared) => {
            // A VMM that has unmapped the memory is not worth a word in the host's log (A4).
            let _ = update(vcpu, &shared);
        }
        None => vcpu.set_steal_time_area(None),
    }
}

/// Adds what was lost since the last time.
///
/// The sequence number is odd meanwhile, and is again even if the steal time cannot be written.
fn update(vcpu: &LoadedVcpu, shared: &StealTime<'_>) -> Result<(), Errno> {
    let sequence = shared.sequence()?.wrapping_add(1);
    shared.set_sequence(sequence)?;
    shared.order_writes();
    let added = add(vcpu, shared);
    shared.order_writes();
    let closed = shared.set_sequence(sequence.wrapping_add(1));
    shared.mark_dirty();
    added.and(closed)
}

/// Adds to the steal time.
fn add(vcpu: &LoadedVcpu, shared: &StealTime<'_>) -> Result<(), Errno> {
    let steal = shared.steal()?;
    let delay = vcpu.run_delay();
    let lost = delay.wrapping_sub(vcpu.last_run_delay());
    vcpu.set_last_run_delay(delay);
    shared.set_steal(steal.wrapping_add(lost))
}
