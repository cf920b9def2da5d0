// SPDX-License-Identifier: GPL-2.0

//! Starting and stopping sets of counters.

use super::counter;
use super::counter_set::CounterSet;
use super::flags::StartValue;
use super::flags::StopFlags;
use super::snapshot;
use super::snapshot::SnapshotUpdate;
use crate::kvm::LoadedVcpu;
use crate::kvm::PmuContext;
use crate::sbi::Call;
use crate::sbi::SbiError;

/// FID 3, as `kvm_riscv_vcpu_pmu_ctr_start()`.
///
/// A counter that cannot be started does not keep the others from it; of several errors the last is
/// returned.
///
/// Context: sleeps.
#[inline(never)]
pub(super) fn start(
    vcpu: &LoadedVcpu,
    pmu: &PmuContext<'_>,
    call: &Call,
) -> Result<usize, SbiError> {
    let flags = StartValue::new(call.a2)?;
    let set = CounterSet::new(pmu, call.a0, call.a1)?;
    let mut result = Ok(0);
    if flags == StartValue::Snapshot {
        let address = snapshot::address(pmu)?;
        let mut values = [0; snapshot::VALUES];
        snapshot::read_values(vcpu, address, &mut values)?;
        for (bit, counter) in set.configured(pmu) {
            let initial = values.get(bit).copied();
            result = counter::start(pmu, &counter, initial)
                .map(|()| 0)
                .and(result);
        }
    } else {
        // CAST: No bits are lost.
        let initial = (flags == StartValue::Initial).then_some(call.a3 as u64);
        for (_, counter) in set.configured(pmu) {
            result = counter::start(pmu, &counter, initial)
                .map(|()| 0)
                .and(result);
        }
    }
    result
}

/// FID 4, as `kvm_riscv_vcpu_pmu_ctr_stop()`.
///
/// A counter that is stopped already is reset all the same, but has nothing new to be saved.
///
/// Context: sleeps.
#[inline(never)]
pub(super) fn stop(
    vcpu: &LoadedVcpu,
    pmu: &PmuContext<'_>,
    call: &Call,
) -> Result<usize, SbiError> {
    let flags = StopFlags::new(call.a2)?;
    let set = CounterSet::new(pmu, call.a0, call.a1)?;
    let mut update = if flags.take_snapshot {
        Some(SnapshotUpdate::new(pmu)?)
    } else {
        None
    };
    let mut result = Ok(0);
    for (bit, counter) in set.configured(pmu) {
        match counter::stop(pmu, &counter) {
            Ok(value) => {
                if let Some(update) = &mut update {
                    update.save(bit, value, counter.has_overflown());
                }
            }
            Err(error) => result = Err(error),
        }
        if flags.reset {
            counter::reset(&counter);
            if let Some(update) = &mut update {
                update.clear_overflow(bit);
            }
        }
    }
    if let Some(update) = &mut update {
        update.write(vcpu)?;
    }
    result
}
