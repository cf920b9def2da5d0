// SPDX-License-Identifier: GPL-2.0

//! Finding a counter for an event.

use super::counter;
use super::counter_info::CounterType;
use super::counter_set::CounterSet;
use super::event::Event;
use super::flags::ConfigFlags;
use crate::kvm::Counter;
use crate::kvm::PmuContext;
use crate::sbi::Call;
use crate::sbi::SbiError;

/// The index of the counter that counts cycles and nothing else.
const CYCLE: usize = 0;
/// The index of the counter that counts instructions and nothing else.
const INSTRET: usize = 2;

/// FID 2, as `kvm_riscv_vcpu_pmu_ctr_cfg_match()`. Returns the index of the counter.
///
/// Context: sleeps.
#[inline(never)]
pub(super) fn configure(pmu: &PmuContext<'_>, call: &Call) -> Result<usize, SbiError> {
    let flags = ConfigFlags::new(call.a2)?;
    let set = CounterSet::new(pmu, call.a0, call.a1)?;
    // CAST: No bits are lost.
    let event = Event::new(call.a3, call.a4 as u64).ok_or(SbiError::NotSupported)?;
    let counter = if flags.skip_match {
        counter::find(pmu, set.first()).filter(|counter| can_count(counter, event))
    } else {
        find_match(pmu, set, event)
    };
    let counter = counter.ok_or(SbiError::NotSupported)?;
    counter::configure(pmu, &counter, call.a3, event, flags)?;
    Ok(counter.index())
}

/// Whether the counter could count the event.
///
/// A counter of the hardware never has a firmware event, nor the other way round: what a counter has
/// to be released with follows from its type.
fn can_count(counter: &Counter<'_>, event: Event) -> bool {
    match (counter::type_of(counter), event) {
        (CounterType::Firmware, Event::Firmware(_)) => true,
        (CounterType::Hardware, Event::Hardware(_)) => match counter.index() {
            CYCLE => event.is_cycles(),
            INSTRET => event.is_instructions(),
            _ => true,
        },
        _ => false,
    }
}

/// A counter of the set for the event.
///
/// As in C a fixed counter is taken where there is one, even if it has been configured before; any
/// other must not have been.
fn find_match<'a>(pmu: &PmuContext<'a>, set: CounterSet, event: Event) -> Option<Counter<'a>> {
    let fixed = [CYCLE, INSTRET]
        .into_iter()
        .filter(|&index| set.contains(index))
        .filter_map(|index| counter::find(pmu, index))
        .find(|counter| can_count(counter, event) && !counter.is_started());
    fixed.or_else(|| {
        set.counters(pmu)
            .map(|(_, counter)| counter)
            .find(|counter| counter.event().is_none() && can_count(counter, event))
    })
}
